/**
 * Whether anybody notices a mutant: the library with its pinned verdicts and counts, or the machine on random protocols.
 * Most protocols cannot: they perform none of the operations whose rules are broken, no rule fires in them whose effect is,
 * or they compile to the same system as before. The others are asked in the order of what they have noticed of earlier mutants for the time that it took.
 */
import { readdirSync, readFileSync } from "node:fs";
import { serialize } from "node:v8";
import { search } from "../../dist/checker/engine/index.js";
import { compile } from "../../dist/model/compiler/index.js";
import { type Instance, instantiate } from "../../dist/model/language/protocol.js";
import { loadSpec } from "../../dist/model/loader/load.js";
import { enabledMoves, fire, initialState } from "../../dist/model/system/interpret.js";
import type { System } from "../../dist/model/system/system.js";
import { bySteps, exhaustMachine, modelStates } from "../conformance/exhausted.ts";
import { randomFrom, type Subject, walk } from "../conformance/walk.ts";
import { type Mutant, ruleKey } from "./mutants.ts";

/** Larger protocols would take too long for each mutant. */
const mostStates = 4_000;
/** Schedules of each random protocol, and steps of each. */
const schedules = 4;
const length = 40;
/** States of a random protocol whose schedules are exhausted, and of machine and model together. */
const mostExhausted = 400;
const mostOnMachine = 2_000;
/** States of a protocol whose rules are counted. */
const mostCounted = 400;
/** Milliseconds that a random protocol is thought to take until it has been asked. */
const usualWalk = 200;

interface Pinned {
  readonly verdict: string;
  readonly findings: readonly string[];
  readonly length: number | null;
  readonly live: { readonly states: number; readonly transitions: number; readonly depth: number };
}

/** One protocol of the library, with what is pinned of it. */
export interface Known {
  readonly key: string;
  readonly instance: Instance;
  readonly row: Pinned;
}

/** The protocols of one kernel, small ones first. */
export async function libraryOf(kernel: string): Promise<readonly Known[]> {
  const pinned = JSON.parse(readFileSync("tests/specs/counts.json", "utf8")) as Readonly<Record<string, Pinned>>;
  const files = readdirSync("specs", { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  const found: Known[] = [];
  for (const file of files.sort()) {
    if (!readFileSync(`specs/${file}`, "utf8").includes(`ipc-check/kernels/${kernel}"`)) continue;
    for (const { exportName, protocol } of (await loadSpec(`specs/${file}`)).protocols) {
      const key = `${file} ${exportName}`;
      const row = pinned[key];
      if (protocol.kernel.name === kernel && row !== undefined && row.live.states <= mostStates) found.push({ key, instance: instantiate(protocol), row });
    }
  }
  return found.sort((a, b) => a.row.live.states - b.row.live.states);
}

export type Verdict =
  | { readonly kind: "library" | "conformance"; readonly by: string }
  /** The compiler refuses it in some protocol: no such kernel can be written. */
  | { readonly kind: "rejected" }
  /** `reached`: how many protocols compile to another system than before. */
  | { readonly kind: "survived"; readonly reached: number };

/** What a witness says of a mutant that changes its system. */
type Testimony = { readonly kind: "library" | "conformance"; readonly by: string } | null;

/** A protocol that may notice mutants. */
interface Witness {
  readonly instance: Instance;
  /** The operations that it performs. */
  readonly operations: ReadonlySet<string>;
  /** Its system under the rules as they are. */
  readonly original: Buffer;
  /** The rules that fire in it; null: it is too large to say. Asked for once. */
  readonly fired: () => ReadonlySet<string> | null;
  /** Mutants that it noticed, and milliseconds that all it was asked about took. */
  noticed: number;
  time: number;
  judge(system: System): Promise<Testimony>;
}

/** Judges the mutants of one kernel, one after another. */
export class Court {
  readonly #witnesses: Witness[];
  /** The witness that noticed the last mutant of the same line's neighbourhood. */
  readonly #last = new Map<string, Witness>();

  constructor(library: readonly Known[], random: readonly Subject[]) {
    const witness = (instance: Instance, system: System, time: number, judge: Witness["judge"]): Witness => ({
      instance,
      operations: new Set(system.operations.map(({ name }) => name)),
      original: serialize(system),
      fired: once(() => firedIn(system, mostCounted)),
      noticed: 0,
      time,
      judge,
    });
    this.#witnesses = [
      ...library.map((known) => {
        const began = performance.now();
        const system = compile(known.instance);
        // A search takes longer than the compiler, by a time that grows with the states.
        const time = 2 * (performance.now() - began) + known.row.live.states / 20;
        return witness(known.instance, system, time, (changed) => fromLibrary(known, changed));
      }),
      ...random.map((subject, index) => witness(subject.instance, subject.system, usualWalk, (changed) => Promise.resolve(onMachine(subject, changed, index)))),
    ];
  }

  /** Judges the mutant, which is applied now. */
  async judge(mutant: Mutant): Promise<Verdict> {
    const near = mutant.place.replace(/\d:\d+$/u, "");
    let reached = 0;
    const last = this.#last.get(near);
    const able = this.#witnesses.filter(
      ({ operations }) => mutant.operations.has(null) || [...mutant.operations].some((name) => name !== null && operations.has(name)),
    );
    for (const witness of able.sort((a, b) => Number(b === last) - Number(a === last) || promise(b) - promise(a))) {
      const fired = mutant.rules === null ? null : witness.fired();
      if (fired !== null && mutant.rules !== null && ![...mutant.rules].some((rule) => fired.has(rule))) continue;
      const began = performance.now();
      const testimony = await this.#ask(witness);
      witness.time += performance.now() - began;
      if (testimony === "rejected") return { kind: "rejected" };
      if (testimony !== "same") {
        reached++;
        if (testimony === null) continue;
        witness.noticed++;
        this.#last.set(near, witness);
        return testimony;
      }
    }
    return { kind: "survived", reached };
  }

  async #ask({ instance, original, judge }: Witness): Promise<Testimony | "rejected" | "same"> {
    let system: System;
    try {
      system = compile(instance);
    } catch {
      // Without the condition the rule refers to what the protocol does not have, or the compiler says that it makes no sense.
      return "rejected";
    }
    return serialize(system).equals(original) ? "same" : judge(system);
  }
}

/** The rules that fire in the states that a system reaches, violations passed over; null if there are more than `most` states. */
function firedIn(system: System, most: number): ReadonlySet<string> | null {
  const start = initialState(system);
  const fired = new Set<string>();
  if (start.kind !== "state") return fired;
  const found = new Map([[JSON.stringify(start.state), start.state]]);
  for (const state of found.values()) {
    for (const move of enabledMoves(system, state)) {
      const transition = system.transitions[move.transition];
      const location =
        transition?.thread == null || transition.location === null ? undefined : system.processes[transition.thread]?.locations[transition.location];
      if (transition !== undefined) fired.add(ruleKey(location === undefined ? null : (system.operations[location.operation]?.name ?? null), transition.rule));
      const outcome = fire(system, state, move);
      if (outcome.kind === "state") found.set(JSON.stringify(outcome.state), outcome.state);
    }
    if (found.size > most) return null;
  }
  return fired;
}

function once<T>(compute: () => T): () => T {
  let known: { readonly value: T } | null = null;
  return () => (known ??= { value: compute() }).value;
}

/** What may be expected of a witness: mutants noticed, for the time that it takes. */
const promise = ({ noticed, time }: Witness): number => (noticed + 0.1) / time;

async function fromLibrary({ key, row }: Known, system: System): Promise<Testimony> {
  try {
    const { verdict, findings, stats } = await search(system, { maxStates: 2 * row.live.states + 100, timeout: 10, workers: 1 });
    const found = findings.map(({ kind, property }) => `${kind}: ${property}`);
    const { states, transitions, depth } = stats;
    const same = JSON.stringify([verdict, found, findings[0]?.path.length ?? null, { states, transitions, depth }]);
    return same === JSON.stringify([row.verdict, row.findings, row.length, row.live]) ? null : { kind: "library", by: key };
  } catch (error) {
    // Loops of a rule that end no more run out of fuel.
    return { kind: "library", by: `${key}: ${(error as Error).message}` };
  }
}

/** The machine follows the kernel as it is: random schedules of it, and all of them where the broken rules lead to other states. */
function onMachine(original: Subject, system: System, index: number): Testimony {
  const subject = { ...original, system };
  try {
    for (let schedule = 0; schedule < schedules; schedule++) {
      const { wrong } = walk(subject, randomFrom(index * 64 + schedule), length);
      if (wrong !== null) return said(wrong);
    }
    const before = modelStates(original.system, mostExhausted);
    const now = before === null ? null : modelStates(system, mostExhausted);
    if (before === null || now === null || (now.size === before.size && [...now].every((state) => before.has(state)))) return null;
    const { wrong } = exhaustMachine(() => bySteps(subject), now, mostOnMachine, true);
    return wrong === null ? null : said(wrong);
  } catch (error) {
    return said((error as Error).message);
  }
}

const said = (wrong: string): Testimony => ({ kind: "conformance", by: wrong.split("\n")[0] ?? "" });
