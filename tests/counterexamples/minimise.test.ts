/** Counterexamples of random walks are made shorter, and stay counterexamples. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { search } from "../../dist/checker/engine/index.js";
import { minimise } from "../../dist/counterexamples/minimise.js";
import { makeTrace } from "../../dist/counterexamples/make.js";
import { replayTrace } from "../../dist/counterexamples/replay.js";
import { compile } from "../../dist/model/compiler/index.js";
import { instantiate } from "../../dist/model/language/protocol.js";
import { loadSpec } from "../../dist/model/loader/load.js";
import { enabledMoves, fire, initialState } from "../../dist/model/system/interpret.js";

describe.each([
  ["specs/l4/call-hierarchy.ts", "broken"],
  ["specs/l4/hostage-reply.ts", "broken"],
  ["specs/shm/doorbell.ts", "broken"],
  ["specs/lwkt/one-place.ts", "passedOnAfterReply"],
  ["specs/mach/no-senders.ts", "broken"],
  ["specs/genode/mutual-rpc.ts", "broken"],
] as const)("of %s (%s)", async (file, exportName) => {
  const spec = await loadSpec(file);
  const declared = spec.protocols.find((each) => each.exportName === exportName);
  if (declared === undefined) throw new Error("no such export");
  const instance = instantiate(declared.protocol);
  const system = compile(instance);
  const shortest = (await search(system)).findings[0];
  const walked = await Promise.all(
    [1, 2, 3, 4, 5].map(async (seed) => (await search(system, { sample: { kind: "walks", walks: 200, depth: 300, seed } })).findings[0]),
  );
  const pairs = walked.flatMap((finding) => (finding === undefined ? [] : [{ finding, smaller: minimise(system, finding) }]));

  test("walks that found a violation end in the same one by a path that is no longer, and that no single step can be left out of", async () => {
    expect(pairs.length).toBeGreaterThan(0);
    for (const { finding, smaller } of pairs) {
      expect([smaller.kind, smaller.property]).toEqual([finding.kind, finding.property]);
      expect(smaller.path.length).toBeLessThanOrEqual(finding.path.length);
      expect(minimise(system, smaller).path.length).toBe(smaller.path.length);
      const start = initialState(system);
      let state = start.kind === "state" ? start.state : null;
      for (const move of smaller.path) {
        if (state === null) throw new Error("the path goes on after its end");
        expect(enabledMoves(system, state)).toContainEqual(move);
        const outcome = fire(system, state, move);
        state = outcome.kind === "state" ? outcome.state : null;
      }
      if (shortest !== undefined && shortest.kind === finding.kind) expect(smaller.path.length).toBeGreaterThanOrEqual(shortest.path.length);
      const meta = { tool: { name: "ipc-check", version: "0.0.0" }, spec: { path: file, hash: spec.hash, export: exportName } };
      expect(await replayTrace(makeTrace(instance, system, smaller, meta), instance, system)).toMatchObject({ verdict: "reproduced" });
    }
  });
});

test("walks among threads that have no part in it become much shorter", async () => {
  mkdirSync("node_modules/.cache", { recursive: true });
  const folder = mkdtempSync(join("node_modules", ".cache", "minimise-"));
  try {
    const file = join(folder, "crowd.ts");
    writeFileSync(
      file,
      `import { check, int, protocol } from "ipc-check";
import * as shm from "ipc-check/kernels/shm";
export default protocol("crowd", {
  kernel: shm.kernel(),
  memory: { x: int(0, 3), y: int(0, 3) },
  threads: {
    a: { *run({ x }) { yield* x.store(1); yield* x.store(2); check((yield* x.load()) === 2, "mine"); } },
    b: { *run({ x }) { yield* x.store(3); } },
    others: { count: 5, *run({ y }) { while (true) yield* y.store(((yield* y.load()) + 1) % 4); } },
  },
});
`,
    );
    const [declared] = (await loadSpec(file)).protocols;
    if (declared === undefined) throw new Error("no protocol");
    const system = compile(instantiate(declared.protocol));
    let [before, after] = [0, 0];
    for (let seed = 1; seed <= 6; seed++) {
      const [finding] = (await search(system, { sample: { kind: "walks", walks: 100, depth: 300, seed } })).findings;
      if (finding === undefined) continue;
      const { path } = minimise(system, finding);
      const threads = path.map(({ transition }) => system.processes[system.transitions[transition]?.thread ?? -1]?.name);
      expect(threads).toEqual(["a", "a", "b", "a"]);
      before += finding.path.length;
      after += path.length;
    }
    expect(before).toBeGreaterThan(1.5 * after);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
