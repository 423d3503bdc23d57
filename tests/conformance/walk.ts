/** Random schedules that the machine leads: every commit must be a step of the model, and nothing may be left over at the end. */
import { freeRunner } from "../../dist/counterexamples/free.js";
import { type Happening, Interleaved } from "../../dist/counterexamples/interleaved.js";
import { type Agreement, Lockstep } from "../../dist/counterexamples/lockstep.js";
import { lineName } from "../../dist/hardware/interrupts.js";
import type { MachineOptions } from "../../dist/kernel/common/microkernel.js";
import type { PathFactory } from "../../dist/kernel/common/path.js";
import type { Instance } from "../../dist/model/language/protocol.js";
import { type Move, permittedThreads, possibleMoves } from "../../dist/model/system/interpret.js";
import type { System } from "../../dist/model/system/system.js";

/** A protocol with all that a run of it needs. */
export interface Subject {
  readonly instance: Instance;
  readonly system: System;
  readonly paths: readonly PathFactory[];
}

/** Something that can happen next: a step that the machine can take, or what no program decides (a stop, an interrupt). */
export type Choice = { readonly thread: number; readonly pick: number } | Move;

/** A random number below the limit. */
export type Random = (limit: number) => number;

/** Mulberry32. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

/** Everything that can happen next: what the machine itself can do, as far as the protocol's scheduler permits; stops and interrupts where the model has them. */
export function choices({ executor, system, state, instance }: Lockstep): readonly Choice[] {
  if (state === null) return [];
  const moves = possibleMoves(system, state);
  const permitted = system.scheduling === "free" ? null : permittedThreads(system, state, moves);
  /** A timer fires whoever runs. */
  const mayGo = (thread: number, kind: string): boolean => kind === "timed" || (kind === "ready" && permitted?.has(thread) !== false);
  const steps = instance.threads.flatMap(({ handle }): readonly Choice[] => {
    const { kind } = executor.status(handle.id);
    if (!mayGo(handle.id, kind)) return [];
    const pending = executor.pending(handle.id);
    return Array.from({ length: pending?.kind === "choose" ? pending.values.length : 1 }, (_, pick) => ({ thread: handle.id, pick }));
  });
  return [...steps, ...moves.filter(({ transition }) => system.transitions[transition]?.kind !== "step")];
}

export function perform(lockstep: Lockstep, choice: Choice): Agreement {
  return "thread" in choice ? lockstep.follow(choice.thread, choice.pick) : lockstep.take(choice);
}

/** A choice in words. */
export function describeChoice({ instance, system }: Subject, choice: Choice): string {
  if (!("thread" in choice)) return `${system.transitions[choice.transition]?.rule}, ${choice.pick}`;
  return `${instance.threads[choice.thread]?.name}${choice.pick === 0 ? "" : `, choice ${choice.pick}`}`;
}

/** What a happening is, for counts of what was branched on. */
export function kindOf(happening: Happening): string {
  if ("transition" in happening) return "stops";
  switch (happening.kind) {
    case "run":
      return "steps";
    case "onward":
      return "locks";
    case "interrupt":
    case "timer":
      return "interrupts";
    case "drain":
      return "drains";
    case "device":
      return "background rules";
  }
}

/** A happening in words, before it happens. */
export function describeHappening({ system, driver, instance }: Interleaved, happening: Happening): string {
  if ("transition" in happening) return `${instance.threads[system.transitions[happening.transition]?.thread ?? -1]?.name} stops`;
  const { cpu } = happening;
  switch (happening.kind) {
    case "run": {
      const name = driver.kernel.currentOf(driver.machine.cpu(cpu))?.name ?? "nobody";
      return `${name}${happening.pick === 0 ? "" : `, choice ${happening.pick}`}`;
    }
    case "onward": {
      const at = driver.inside(cpu)?.at;
      return `CPU ${cpu} goes on ${at?.taken === true ? "with" : "at"} ${at?.lock.name}`;
    }
    case "interrupt":
      return `CPU ${cpu}: ${lineName(happening.line)}`;
    case "timer":
      return `CPU ${cpu}: timer${happening.thread === null ? "" : ` of ${instance.threads[happening.thread]?.name}`}`;
    case "drain":
      return `CPU ${cpu}: store ${happening.entry} leaves`;
    case "device":
      return `CPU ${cpu}: ${happening.rule}`;
  }
}

/** One random schedule with kernel code of several CPUs interleaved, of at most `length` actions. */
export function walkInterleaved(subject: Subject, random: Random, length: number, options: MachineOptions): Walk {
  const pair = new Interleaved(subject.instance, subject.system, subject.paths, options);
  const schedule: string[] = [];
  const rules: string[] = [];
  const fail = (what: string): Walk => ({ wrong: `${what}\nafter ${schedule.join("; ") || "nothing"}`, rules });
  let agreement = pair.start();
  const take = (happening: Happening): void => {
    schedule.push(describeHappening(pair, happening));
    agreement = pair.take(happening);
    const rule = pair.lastMove === null ? undefined : subject.system.transitions[pair.lastMove.transition]?.rule;
    if (agreement.kind === "agreed" && rule !== undefined) rules.push(rule);
  };
  while (agreement.kind === "agreed" && schedule.length < length) {
    const possible = pair.happenings();
    const happening = possible[random(Math.max(1, possible.length))];
    if (happening === undefined) break;
    take(happening);
  }
  // Who stands at a lock leaves the kernel before leaks are looked for.
  while (agreement.kind === "agreed" && pair.driver.isInside) {
    const onward = pair.happenings().find((happening) => "kind" in happening && happening.kind === "onward");
    if (onward === undefined) return fail("the CPUs in the kernel wait for each other");
    take(onward);
  }
  if (agreement.kind === "differs") return fail(agreement.difference);
  const left = agreement.kind === "agreed" ? pair.driver.leaks() : [];
  return left.length > 0 ? fail(`left over at the end: ${left.join("; ")}`) : { wrong: null, rules };
}

export interface Walk {
  /** The first difference, with the schedule that leads there; null if there is none. */
  readonly wrong: string | null;
  /** Rules committed, in order. */
  readonly rules: readonly string[];
}

/** One random schedule of at most `length` steps. */
export function walk(subject: Subject, random: Random, length: number): Walk {
  const lockstep = new Lockstep(subject.instance, subject.system, subject.paths);
  const schedule: string[] = [];
  const rules: string[] = [];
  const fail = (what: string): Walk => ({ wrong: `${what}\nafter ${schedule.join("; ") || "no step"}`, rules });
  let agreement = lockstep.start();
  while (agreement.kind === "agreed" && schedule.length < length) {
    const possible = choices(lockstep);
    const choice = possible[random(Math.max(1, possible.length))];
    if (choice === undefined) break;
    schedule.push(describeChoice(subject, choice));
    agreement = perform(lockstep, choice);
    const rule = lockstep.lastMove === null ? undefined : subject.system.transitions[lockstep.lastMove.transition]?.rule;
    if (agreement.kind === "agreed" && rule !== undefined) rules.push(rule);
  }
  if (agreement.kind === "differs") return fail(agreement.difference);
  const left = agreement.kind === "agreed" ? lockstep.executor.leaks() : [];
  return left.length > 0 ? fail(`left over at the end: ${left.join("; ")}`) : { wrong: null, rules };
}

/** One run under the kernel's own scheduler, of at most `length` steps: what differs, or null. */
export function runFree({ instance, system, paths }: Subject, seed: number, length: number): string | null {
  const runner = freeRunner(instance, system, paths, { seed, quantum: 60 + (seed % 7) * 60 });
  const { comparison } = runner;
  let agreement = comparison.start();
  for (let step = 0; agreement.kind === "agreed" && step < length; step++) {
    const advance = runner.advance();
    if (advance !== null) {
      ({ agreement } = advance);
      continue;
    }
    const able = comparison.moves().filter(({ transition }) => system.transitions[transition]?.kind === "step");
    if (able.length > 0) return `nothing is left to do on the machine, but the model can go on: ${system.transitions[able[0]?.transition ?? -1]?.rule}`;
    const left = comparison.machine.leaks();
    return left.length > 0 ? `left over at the end: ${left.join("; ")}` : null;
  }
  return agreement.kind === "differs" ? agreement.difference : null;
}
