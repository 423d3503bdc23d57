/** A random schedule of a protocol, taken by the machine and the interpreter in lockstep. */
import { expect } from "vitest";
import { Lockstep } from "../../dist/counterexamples/lockstep.js";
import { loadPaths } from "../../dist/kernel/common/executor.js";
import { instantiate, type Protocol } from "../../dist/model/language/protocol.js";
import type { System } from "../../dist/model/system/system.js";

function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 0x1_0000_0000) * below);
  };
}

/** Takes random moves until the run ends; returns how many were taken. Throws at the first difference. */
export async function walk(protocol: Protocol, system: System, seed: number, length: number): Promise<number> {
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

/** Whether the machine can take a protocol's schedules: it has store buffers, and nothing that corresponds to release/acquire memory; any client has no program to run. */
export const isRun = ({ memoryModel, threads }: Protocol): boolean =>
  memoryModel.model !== "ra" && Object.values(threads).every(({ untrusted }) => untrusted !== "arbitrary");
