/**
 * Conformance of a kernel's executable path with its rules, on random protocols: along random schedules every commit on
 * the machine is a step of the model, all schedules of small protocols reach exactly the model's states, nothing is left
 * over, and faults put into the path are noticed. A kernel is tested by being in the list of tests/random/kernels.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadPaths } from "../../dist/kernel/common/executor.js";
import type { PathFactory } from "../../dist/kernel/common/path.js";
import { compile } from "../../dist/model/compiler/index.js";
import { instantiate } from "../../dist/model/language/protocol.js";
import { SpecError } from "../../dist/model/loader/diagnostic.js";
import { loadSpec } from "../../dist/model/loader/load.js";
import { moduleText, protocolText } from "../random/generate.ts";
import type { RandomKernel } from "../random/kernels/kernel.ts";
import { byLocks, bySteps, type Exhaustion, exhaustMachine, modelStates } from "./exhausted.ts";
import { mutations } from "./mutations.ts";
import { randomFrom, runFree, type Subject, walk, walkInterleaved } from "./walk.ts";
import { everything, inTurn } from "../support/share.ts";

/** Random protocols of each kernel. */
const runs = Number(process.env["IPC_CHECK_RUNS"] ?? (everything ? 24 : 12));
const seed = Number(process.env["IPC_CHECK_SEED"] ?? 1) + 2_000;
/** Schedules of each protocol, and steps of each. */
const schedules = 4;
/** The same where the kernel's own scheduler decides, or kernel code is interleaved. */
const ownSchedules = runs > 24 ? 4 : 2;
const length = 40;
/** Deeper runs exhaust random protocols at locks too, as far as they go; exchanges.test.ts has some for each kernel that are never cut off. */
const atLocks = runs > 24;
/** Protocols whose schedules are exhausted, and states that one of them may have. */
const small = Math.ceil(runs / 12);
const mostStates = Math.max(120, 5 * runs);
/** States of machine and model together: at whole steps, which are all compared, and interleaved at locks, as far as it goes. */
const mostSteps = 10_000;
const mostInterleaved = 10 * runs;

type Tape = readonly number[];
interface Case extends Subject {
  readonly tape: Tape;
  readonly name: string;
}

/** Loads protocols of a kernel; those that the compiler rejects are left out (tests/random asks why). */
async function load(tapes: readonly Tape[], kernel: RandomKernel): Promise<readonly Case[]> {
  const folder = mkdtempSync(join(tmpdir(), "ipc-check-conformance-"));
  try {
    const file = join(folder, "protocols.ts");
    writeFileSync(file, moduleText(tapes, [kernel]));
    const { protocols } = await loadSpec(file);
    const cases: Case[] = [];
    for (const [index, tape] of tapes.entries()) {
      const protocol = protocols.find(({ exportName }) => exportName === `p${index}`)?.protocol;
      if (protocol === undefined) throw new Error(`protocol ${index} was not loaded`);
      const instance = instantiate(protocol);
      try {
        cases.push({ instance, system: compile(instance), paths: await loadPaths(instance), tape, name: `protocol ${index} of seed ${seed}` });
      } catch (error) {
        if (!(error instanceof SpecError)) throw error;
      }
    }
    return cases;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What is wrong with one protocol along its random schedules; the rules met are added to `met`. */
function walkAll(subject: Subject, index: number, met: Set<string>): string | null {
  for (let schedule = 0; schedule < schedules; schedule++) {
    const { wrong, rules } = walk(subject, randomFrom(seed * 65_537 + index * 64 + schedule), length);
    for (const rule of rules) met.add(rule);
    if (wrong !== null) return wrong;
  }
  return null;
}

/** A shorter tape that still fails, for a smaller protocol to look at. */
async function reduced(tape: Tape, kernel: RandomKernel): Promise<Tape> {
  const fails = async (candidate: Tape): Promise<boolean> => {
    const [subject] = await load([candidate], kernel);
    return subject !== undefined && Array.from({ length: 10 }, (_, index) => walkAll(subject, index, new Set())).some((wrong) => wrong !== null);
  };
  let best = tape;
  for (let cut = tape.length >> 1; cut > 0; cut >>= 1) {
    const shorter = best.slice(0, Math.max(0, best.length - cut));
    if (await fails(shorter)) best = shorter;
  }
  for (let block = 16; block > 1; block >>= 1) {
    for (let at = 0; at < best.length; at += block) {
      const zeroed = best.map((value, index) => (index >= at && index < at + block ? 0 : value));
      if (zeroed.some((value, index) => value !== best[index]) && (await fails(zeroed))) best = zeroed;
    }
  }
  return best;
}

/** What was exhausted, printed whether or not something is wrong. */
class Tally {
  readonly #title: string;
  compared = 0;
  states = 0;
  readonly branches: Record<string, number> = {};
  #steps = 0;
  #repeated = 0;
  #cut = 0;

  constructor(title: string) {
    this.#title = title;
  }

  add({ states, steps, repeated, complete, branches }: Exhaustion): void {
    this.compared++;
    this.states += states;
    this.#steps += steps;
    this.#repeated += repeated;
    if (!complete) this.#cut++;
    for (const [kind, times] of Object.entries(branches)) this.branches[kind] = (this.branches[kind] ?? 0) + times;
  }

  print(): void {
    const branches = Object.entries(this.branches).map(([kind, times]) => `${times} ${kind}`);
    process.stdout.write(
      `${this.#title}: ${this.compared} protocols (${this.#cut} of them cut off), ${this.states} states, ${this.#steps} steps (${branches.join(", ") || "none"}), ${this.#repeated} repeated\n`,
    );
  }
}

/** Whether programs may go on some time after their operations have ended, and any thread may be next. */
function isInterleavable({ instance, system }: Subject): boolean {
  return instance.cpus > 1 && system.scheduling === "free" && instance.memory.cells.every(({ isGhost }) => !isGhost);
}

/** Whether the kernel's scheduler and its timer lead to every order of threads: none has priority over another. */
function reachesAll({ instance }: Subject): boolean {
  return new Set(instance.threads.map(({ priority }) => priority)).size === 1;
}

/**
 * Declares the tests of a kernel. What takes other schedules than those that the faults are looked for in is asked in turn, by the
 * kernel's number (../support/share.ts).
 */
export function conformance(kernel: RandomKernel, number: number): void {
  describe(`${kernel.name}: ${runs} random protocols of seed ${seed}`, () => {
    let cases: readonly Case[] = [];
    beforeAll(async () => {
      const tape = fc.array(fc.noBias(fc.nat(0xff_ffff)), { minLength: 300, maxLength: 300 });
      cases = await load(fc.sample(tape, { seed, numRuns: runs }), kernel);
    }, 120_000);
    afterAll(() => {
      cases = [];
    });

    test("every commit of a random schedule is a step of the model, and nothing is left over", async () => {
      expect(cases.length).toBeGreaterThan(0.8 * runs);
      const met = new Set<string>();
      for (const [index, subject] of cases.entries()) {
        const wrong = walkAll(subject, index, met);
        if (wrong !== null) {
          const smaller = await reduced(subject.tape, kernel);
          throw new Error(`${subject.name}: ${wrong}\n${protocolText(smaller, "it", [kernel])}`);
        }
      }
      const declared = cases.flatMap(({ instance }) => [...instance.protocol.kernel.operations, ...instance.objects.flatMap(({ type }) => type.operations)]);
      const rules = [...new Set(declared.flatMap(({ declaration }) => Object.keys(declaration.rules)))];
      const unmet = rules.filter((rule) => !met.has(rule));
      expect(unmet.length, `rules that no schedule met: ${unmet.join(", ")}`).toBeLessThanOrEqual(rules.length * (everything ? 0.5 : 0.75));
    }, 600_000);

    test.runIf(inTurn(number, 0, 3))(
      "every commit of a run under the kernel's own scheduler is a step of the model",
      () => {
        for (const [index, subject] of cases.entries()) {
          for (let run = 0; run < ownSchedules; run++) {
            let wrong: string | null;
            try {
              wrong = runFree(subject, seed * 31 + index * 64 + run, length);
            } catch (error) {
              wrong = error instanceof Error ? (error.stack ?? error.message) : String(error);
            }
            if (wrong !== null) throw new Error(`${subject.name}: ${wrong}\n${protocolText(subject.tape, "it", [kernel])}`);
          }
        }
      },
      600_000,
    );

    test.runIf(inTurn(number, 1, 3))(
      "all schedules of a small protocol together reach the states of the model, neither more nor fewer",
      () => {
        const tally = new Tally(`${kernel.name}, whole steps, at most ${mostSteps} states`);
        for (const subject of cases) {
          if (tally.compared === small) break;
          const expected = modelStates(subject.system, mostStates);
          if (expected === null || expected.size < 8) continue;
          const result = exhaustMachine(() => bySteps(subject), expected, mostSteps, true);
          if (result.wrong !== null) throw new Error(`${subject.name}: ${result.wrong}\n${protocolText(subject.tape, "it", [kernel])}`);
          expect(result.complete, `${subject.name} has more than ${mostSteps} states on the machine`).toBe(true);
          tally.add(result);
        }
        tally.print();
        expect(tally.compared, "protocols that are small enough").toBeGreaterThan(0);
        expect(tally.states).toBeGreaterThan(10);
      },
      600_000,
    );

    test.runIf(inTurn(number, 2, 3))(
      "every commit is a step of the model where kernel code of several CPUs is interleaved at locks",
      () => {
        for (const [index, subject] of cases.entries()) {
          if (!isInterleavable(subject)) continue;
          for (let schedule = 0; schedule < ownSchedules; schedule++) {
            const locking = schedule % 2 === 0 ? "per-object" : "big";
            const { wrong } = walkInterleaved(subject, randomFrom(seed * 127 + index * 64 + schedule), 4 * length, { locking });
            if (wrong !== null) throw new Error(`${subject.name}: ${wrong}\n${protocolText(subject.tape, "it", [kernel])}`);
          }
        }
      },
      600_000,
    );

    test.runIf(atLocks)(
      "all schedules of a small protocol with kernel code interleaved at locks stay within the states of the model",
      () => {
        const tally = new Tally(`${kernel.name}, interleaved at locks, at most ${mostInterleaved} states`);
        // The smallest first, so that some are not cut off.
        const sized = cases.flatMap((subject) => {
          const expected = isInterleavable(subject) ? modelStates(subject.system, 60) : null;
          return expected === null || expected.size < 5 ? [] : [{ subject, expected }];
        });
        sized.sort((a, b) => a.expected.size - b.expected.size);
        for (const { subject, expected } of sized.slice(0, Math.ceil(runs / 24))) {
          const result = exhaustMachine(() => byLocks(subject, { locking: "per-object" }), expected, mostInterleaved, reachesAll(subject));
          if (result.wrong !== null) throw new Error(`${subject.name}: ${result.wrong}\n${protocolText(subject.tape, "it", [kernel])}`);
          tally.add(result);
        }
        tally.print();
        if (tally.compared > 0) expect(tally.branches["locks"]).toBeGreaterThan(0);
      },
      600_000,
    );

    test.each(mutations)("is noticed to be broken where $name", ({ apply }) => {
      const struck = { times: 0 };
      const broken = (factory: PathFactory): PathFactory => apply(factory, struck);
      // A fault that does not come to bear on these schedules may on others of the same protocols.
      const noticed = Array.from({ length: 8 }, (_, round) => round * runs).some((first) =>
        cases.some((subject, index) => walkAll({ ...subject, paths: subject.paths.map(broken) }, first + index, new Set()) !== null),
      );
      expect(struck.times, "the fault has come to bear").toBeGreaterThan(0);
      expect(noticed).toBe(true);
    });
  });
}
