/** Fiasco.OC's transfers of items between CPUs: all schedules of the machine against all states of the rules, and random ones interleaved at locks. */
import { expect, test } from "vitest";
import { loadPaths } from "../../dist/kernel/common/executor.js";
import { compile } from "../../dist/model/compiler/index.js";
import { instantiate } from "../../dist/model/language/protocol.js";
import { loadSpec } from "../../dist/model/loader/load.js";
import { byLocks, bySteps, exhaustMachine, modelStates } from "./exhausted.ts";
import { randomFrom, type Subject, walkInterleaved } from "./walk.ts";
import { randomCases } from "../support/share.ts";

const runs = randomCases(24);
const seed = Number(process.env["IPC_CHECK_SEED"] ?? 1);
const deeper = process.env["IPC_CHECK_RUNS"] === undefined ? [] : ["tests/conformance/transfer-protocols.ts"];
const files = ["specs/fiasco/aborted-transfer.ts", "specs/fiasco/cancelled-session.ts", ...deeper];
const subjects: (Subject & { readonly name: string })[] = [];
for (const file of files) {
  for (const { exportName, protocol } of (await loadSpec(file)).protocols) {
    const instance = instantiate(protocol);
    subjects.push({ name: `${file} (${exportName})`, instance, system: compile(instance), paths: await loadPaths(instance) });
  }
}

test.each(subjects)(
  "$name: all schedules together reach the states of the rules, neither more nor fewer",
  (subject) => {
    const expected = modelStates(subject.system, 20_000);
    if (expected === null) throw new Error("too many states");
    const result = exhaustMachine(() => bySteps(subject), expected, 20_000, true);
    expect(result.wrong).toBeNull();
    expect(result.complete).toBe(true);
    expect(expected.size).toBeGreaterThan(20);
  },
  60_000,
);

test.each(subjects)(
  "$name: every commit is a step of the rules where kernel code of both CPUs is interleaved",
  (subject) => {
    for (let schedule = 0; schedule < runs; schedule++) {
      const locking = schedule % 2 === 0 ? "per-object" : "big";
      expect(walkInterleaved(subject, randomFrom(seed * 127 + schedule), 160, { locking }).wrong).toBeNull();
    }
    const expected = modelStates(subject.system, 20_000);
    if (expected === null) throw new Error("too many states");
    expect(exhaustMachine(() => byLocks(subject, { locking: "per-object" }), expected, 10 * runs, false).wrong).toBeNull();
  },
  60_000,
);
