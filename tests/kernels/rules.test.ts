/**
 * The library exercises the kernels: every rule of a kernel fires in some protocol of its folder, and every counterexample
 * found there is reproduced on the machine.
 */
import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { replayTrace } from "../../dist/counterexamples/replay.js";
import { compile } from "../../dist/model/compiler/index.js";
import { type Instance, instantiate } from "../../dist/model/language/protocol.js";
import { loadSpec } from "../../dist/model/loader/load.js";
import { enabledMoves, fire, initialState } from "../../dist/model/system/interpret.js";
import type { State } from "../../dist/model/system/system.js";
import { find } from "../counterexamples/found.ts";

/** More states of one protocol than this are not looked at. */
const mostStates = 1500;

/** The rules that fire in a protocol. */
function fired(instance: Instance): ReadonlySet<string> {
  const system = compile(instance);
  const start = initialState(system);
  const rules = new Set<string>();
  if (start.kind !== "state") return rules;
  const seen = new Set<string>([JSON.stringify(start.state)]);
  const waiting: State[] = [start.state];
  for (let state = waiting.pop(); state !== undefined && seen.size < mostStates; state = waiting.pop()) {
    for (const move of enabledMoves(system, state)) {
      rules.add(system.transitions[move.transition]?.rule ?? "");
      const outcome = fire(system, state, move);
      if (outcome.kind !== "state") continue;
      const key = JSON.stringify(outcome.state);
      if (seen.has(key)) continue;
      seen.add(key);
      waiting.push(outcome.state);
    }
  }
  return rules;
}

const rulesOf = (instance: Instance): readonly string[] =>
  [...instance.protocol.kernel.operations, ...instance.objects.flatMap(({ type }) => type.operations)].flatMap(({ declaration }) =>
    Object.keys(declaration.rules),
  );

describe.each(["fiasco", "genode", "lwkt", "mach", "minix", "qnx", "sel4"])("the protocols of %s", async (kernel) => {
  const files = readdirSync(`specs/${kernel}`).map((file) => `specs/${kernel}/${file}`);
  const specs = await Promise.all(files.map(async (file) => ({ file, loaded: await loadSpec(file) })));
  const protocols = specs.flatMap(({ file, loaded }) => loaded.protocols.map(({ exportName, protocol }) => ({ file, exportName, protocol })));

  test("make every rule fire", () => {
    const instances = protocols.map(({ protocol }) => instantiate(protocol));
    const met = new Set(instances.flatMap((instance) => [...fired(instance)]));
    expect([...new Set(instances.flatMap(rulesOf))].filter((rule) => !met.has(rule))).toEqual([]);
  });

  const violated = protocols.filter(
    ({ protocol }) => protocol.expect !== "holds" && Object.values(protocol.threads).every(({ untrusted }) => untrusted !== "arbitrary"),
  );
  test.each(violated)("$file ($exportName) has a counterexample that the machine reproduces", async ({ file, exportName }) => {
    const { instance, system, traces } = await find(file, exportName);
    expect(traces.length).toBeGreaterThan(0);
    for (const trace of traces) expect(await replayTrace(trace, instance, system)).toMatchObject({ verdict: "reproduced", step: trace.decisions.length });
  });
});
