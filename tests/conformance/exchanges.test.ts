/**
 * All schedules of one exchange on each kernel and variant (exchanges.ts), with kernel code interleaved at locks: the states
 * of the model that they reach are all that it has, neither more nor fewer. None is cut off.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { loadPaths } from "../../dist/kernel/common/executor.js";
import type { PathFactory } from "../../dist/kernel/common/path.js";
import { compile } from "../../dist/model/compiler/index.js";
import { instantiate } from "../../dist/model/language/protocol.js";
import { type LoadedProtocol, loadSpec } from "../../dist/model/loader/load.js";
import { kernels } from "../random/kernels/index.ts";
import { inTurn } from "../support/share.ts";
import { byLocks, type Exhaustion, exhaustMachine, modelStates } from "./exhausted.ts";
import { mutations } from "./mutations.ts";
import type { Subject } from "./walk.ts";

/** More than any of them has; one that reaches it fails. */
const most = 2000;
const { protocols } = await loadSpec("tests/conformance/exchanges.ts");

async function subjectOf(protocol: LoadedProtocol["protocol"]): Promise<Subject> {
  const instance = instantiate(protocol);
  return { instance, system: compile(instance), paths: await loadPaths(instance) };
}

function statesOf({ system }: Subject): ReadonlySet<string> {
  const states = modelStates(system, 200);
  if (states === null) throw new Error("the model has more than 200 states");
  return states;
}

const exhausted = (subject: Subject, expected: ReadonlySet<string>): Exhaustion =>
  exhaustMachine(() => byLocks(subject, { locking: "per-object" }), expected, most, true);

test("there is an exchange for every kernel", () => {
  const names = protocols.map(({ protocol }) => protocol.name);
  expect(kernels.map(({ name }) => name).filter((kernel) => !names.some((name) => name === kernel || name.startsWith(`${kernel}, `)))).toEqual([]);
});

test.each(protocols.filter((_, index) => inTurn(index, 0, 2)).map(({ protocol }) => [protocol.name, protocol] as const))(
  "all schedules of an exchange on %s reach the states of the model, neither more nor fewer",
  async (name, protocol) => {
    const subject = await subjectOf(protocol);
    const expected = statesOf(subject);
    const { wrong, complete, missing, states, steps, branches } = exhausted(subject, expected);
    const kinds = Object.entries(branches).map(([kind, times]) => `${times} ${kind}`);
    process.stdout.write(
      `${name}, interleaved at locks: ${complete ? "complete" : "cut"}, ${states} states, ${expected.size} of the model, ${steps} steps (${kinds.join(", ")})\n`,
    );
    expect({ wrong, complete, missing }).toEqual({ wrong: null, complete: true, missing: 0 });
    if (subject.instance.cpus > 1) expect(branches["locks"]).toBeGreaterThan(0);
    expect(expected.size).toBeGreaterThan(3);
  },
);

describe("exhausting the schedules of an exchange", () => {
  let subject: Subject;
  let expected: ReadonlySet<string>;
  beforeAll(async () => {
    const found = protocols.find(({ protocol }) => protocol.name === "minix");
    if (found === undefined) throw new Error("no exchange on minix");
    subject = await subjectOf(found.protocol);
    expected = statesOf(subject);
  });

  test("notices a state of the model that no schedule reaches", () => {
    expect(exhausted(subject, new Set([...expected, "another"])).wrong).toContain("no schedule of the machine reaches 1 ");
  });

  test("notices a state that the model does not reach", () => {
    const last = [...expected].at(-1);
    expect(exhausted(subject, new Set([...expected].filter((state) => state !== last))).wrong).toContain(
      "the machine reaches 1 states that the model does not",
    );
  });

  test.each(mutations)("notices a path that is broken where $name, if that comes to bear", ({ apply }) => {
    const struck = { times: 0 };
    const broken = (factory: PathFactory): PathFactory => apply(factory, struck);
    const { wrong } = exhausted({ ...subject, paths: subject.paths.map(broken) }, expected);
    expect(wrong !== null).toBe(struck.times > 0);
  });
});
