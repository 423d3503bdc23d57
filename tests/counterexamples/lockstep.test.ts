/** Random schedules of compiled protocols, taken by the machine and the interpreter in lockstep: they agree on every step. */
import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { Lockstep } from "../../dist/counterexamples/lockstep.js";
import { loadPaths } from "../../dist/kernel/common/executor.js";
import { compile } from "../../dist/model/compiler/index.js";
import { instantiate, type Protocol } from "../../dist/model/language/protocol.js";
import { loadSpec } from "../../dist/model/loader/load.js";
import type { System } from "../../dist/model/system/system.js";

function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 0x1_0000_0000) * below);
  };
}

/** Takes random moves until the run ends; returns how many were taken. Throws at the first difference. */
async function walk(protocol: Protocol, system: System, seed: number, length: number): Promise<number> {
  const instance = instantiate(protocol);
  const lockstep = new Lockstep(instance, system, await loadPaths(instance));
  const pick = random(seed);
  expect(lockstep.start()).toEqual({ kind: "agreed" });
  for (let step = 1; step <= length; step++) {
    const moves = lockstep.moves();
    const move = moves[pick(moves.length)];
    if (move === undefined) return step - 1;
    const agreement = lockstep.take(move);
    if (agreement.kind === "differs") throw new Error(`seed ${seed}, step ${step} (${system.transitions[move.transition]?.rule}): ${agreement.difference}`);
    if (agreement.kind !== "agreed") return step;
  }
  return length;
}

const files = ["specs/l4", "specs/shm", "tests/machine/protocols"].flatMap((folder) =>
  readdirSync(folder)
    // The bells have an executable path that their own test brings along (tests/machine/interrupts.test.ts).
    .filter((name) => name.endsWith(".ts") && name !== "bells.ts")
    .map((name) => `${folder}/${name}`),
);

describe("machine and compiled system agree on random schedules of", () => {
  test.each(files)(
    "%s",
    async (file) => {
      const { protocols } = await loadSpec(file);
      let steps = 0;
      // The machine has store buffers, and nothing that corresponds to release/acquire memory; any client has no program to run.
      const isRun = ({ memoryModel, threads }: Protocol): boolean =>
        memoryModel.model !== "ra" && Object.values(threads).every(({ untrusted }) => untrusted !== "arbitrary");
      for (const { protocol } of protocols.filter((each) => isRun(each.protocol))) {
        const system = compile(instantiate(protocol));
        for (let seed = 1; seed <= 6; seed++) steps += await walk(protocol, system, seed, 60);
      }
      expect(steps).toBeGreaterThan(20);
    },
    60_000,
  );
});
