/**
 * The library's protocols on the machine without a trace, under its own scheduler and under random schedules: a protocol that
 * holds is never violated, a violation that is met is a counterexample, and machine and compiled system agree on every step.
 */
import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { search } from "../../dist/checker/engine/index.js";
import { makeTrace } from "../../dist/counterexamples/make.js";
import { replayTrace } from "../../dist/counterexamples/replay.js";
import { runFreely } from "../../dist/counterexamples/run.js";
import { compile } from "../../dist/model/compiler/index.js";
import { instantiate } from "../../dist/model/language/protocol.js";
import { loadSpec } from "../../dist/model/loader/load.js";
import { project } from "../loader/project.ts";
import { inTurn } from "../support/share.ts";
import { isRun, walk } from "./random-schedule.ts";

const folders = readdirSync("specs", { withFileTypes: true }).filter((entry) => entry.isDirectory());
const specs = folders
  .flatMap(({ name }) =>
    readdirSync(`specs/${name}`)
      .filter((file) => file.endsWith(".ts"))
      .map((file) => `specs/${name}/${file}`),
  )
  .filter((_, index) => inTurn(index, 0, 6));

/** By default the first and the last protocol of a file run, broken and repaired in most: the others differ little. */
const deeper = process.env["IPC_CHECK_RUNS"] !== undefined;
const schedules = deeper ? 8 : 2;

/** Ends of all runs of the library's protocols, for the last test. */
const ends = new Map<string, number>();

describe("runs of", () => {
  test.each(specs)("%s", async (path) => {
    const { protocols, hash } = await loadSpec(path);
    for (const { protocol, exportName } of deeper ? protocols : protocols.filter((_, i) => i === 0 || i === protocols.length - 1)) {
      if (!isRun(protocol)) continue;
      const instance = instantiate(protocol);
      const system = compile(instance);
      for (let seed = 1; seed <= schedules; seed++) expect(await walk(protocol, system, seed, 60), exportName).toBeGreaterThan(0);
      // Other memory than the sequentially consistent one is not compared.
      if (protocol.memoryModel.model !== "sc") continue;
      for (let seed = 1; seed <= schedules; seed++) {
        const { end, path: taken } = await runFreely(instance, system, { seed, steps: 80, quantum: 100 });
        ends.set(end.kind, (ends.get(end.kind) ?? 0) + 1);
        const about = `${exportName}, seed ${seed}: ${JSON.stringify(end)}`;
        expect(end.kind, about).not.toBe("diverged");
        if (end.kind !== "violated") continue;
        expect(protocol.expect, about).toHaveProperty("violated");
        expect(end.finding.path).toEqual(taken);
        const trace = makeTrace(instance, system, end.finding, { tool: { name: "ipc-check", version: "0.0.0" }, spec: { path, hash, export: exportName } });
        expect((await replayTrace(trace, instance, system)).verdict, about).toBe("reproduced");
      }
    }
  });

  test("the library end in every way that a run has", () => {
    expect([...ends.keys()].sort()).toEqual(["at rest", "finished", "steps used up", "violated"]);
  });
});

test("the same seed gives the same run, another seed or quantum another one", async () => {
  const { protocols } = await loadSpec("specs/shm/mutex2.ts");
  const protocol = protocols[0]?.protocol;
  if (protocol === undefined) throw new Error("no protocol");
  const instance = instantiate(protocol);
  const system = compile(instance);
  const run = async (seed: number, quantum: number): Promise<string> => {
    const { path, figures } = await runFreely(instance, system, { seed, quantum, steps: 60 });
    return JSON.stringify([path, figures]);
  };
  const first = await run(1, 100);
  expect(await run(1, 100)).toBe(first);
  expect(await run(2, 100)).not.toBe(first);
  expect(await run(1, 5000)).not.toBe(first);
});

test("what comes of a step that the protocol's scheduling does not allow is no violation", async () => {
  const folder = project();
  // The low server has the priority of the high client while it serves that; the machine runs the middle thread first.
  const file = folder.write(
    "inherited.ts",
    `import { check, flag, int, protocol } from "ipc-check";
import * as qnx from "ipc-check/kernels/qnx";
const message = int(0, 0);
const fixed = qnx.channel({ message, inheritance: "none" });
export default protocol("inherited", {
  kernel: qnx.kernel({ cpus: 1 }),
  scheduling: "priority",
  objects: { begin: fixed, busy: fixed, service: qnx.channel({ message }) },
  memory: { served: flag },
  threads: {
    high: { cpu: 0, priority: 3, *run({ begin, busy, service }) {
      yield* begin.receive();
      yield* busy.pulse(0);
      yield* service.send(0);
    } },
    middle: { cpu: 0, priority: 2, *run({ busy, served }) {
      yield* busy.receive();
      check(yield* served.load(), "the high thread is served first");
    } },
    low: { cpu: 0, priority: 1, *run({ service, served }) {
      const request = yield* service.receive();
      yield* served.store(true);
      yield* service.reply(request.rcvid, 0);
    } },
    starter: { cpu: 0, priority: 0, *run({ begin }) { yield* begin.pulse(0); } },
  },
});
`,
  );
  try {
    const { protocols } = await loadSpec(file);
    const instance = instantiate((protocols[0] as (typeof protocols)[number]).protocol);
    const system = compile(instance);
    expect((await search(system)).verdict).toBe("holds");
    const { end } = await runFreely(instance, system, { seed: 1, steps: 80, quantum: 100 });
    expect(end).toEqual({
      kind: "left",
      reason: expect.stringMatching(
        /^step \d+ \(middle: .*\) is none that scheduling "priority" allows, so what came of it \(assertion: the high thread is served first\) is no violation$/,
      ),
    });
  } finally {
    folder.remove();
  }
});
