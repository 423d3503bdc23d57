/**
 * All schedules of a small protocol on the machine, against all states of its model. The machine's choices are tried in
 * each of its states; two of its states count as one if the model's states and what the machine itself remembers are
 * equal (machine-key.ts). A running generator cannot be copied, so a state is restored by taking the steps that led to it
 * once more.
 *
 * There are two grains. `steps`: whole steps of the directed driver, any thread that the protocol's scheduling permits.
 * `locks`: the kernel's own scheduler, with branches at commits, stores that leave store buffers, interrupts (timers and
 * interprocessor interrupts that come early or late) and locks.
 */
import { exhaust, type Explorable } from "../../dist/hardware/exhaust.js";
import { type Happening, Interleaved } from "../../dist/counterexamples/interleaved.js";
import { type Agreement, Lockstep } from "../../dist/counterexamples/lockstep.js";
import { machineKey } from "../../dist/kernel/common/machine-key.js";
import type { MachineOptions } from "../../dist/kernel/common/microkernel.js";
import { enabledMoves, fire, initialState } from "../../dist/model/system/interpret.js";
import type { State, System } from "../../dist/model/system/system.js";
import { type Choice, choices, describeChoice, describeHappening, kindOf, perform, type Subject } from "./walk.ts";

/** Every state that the model reaches, violations passed over; null if there are more than `most`. */
export function modelStates(system: System, most: number): ReadonlySet<string> | null {
  const start = initialState(system);
  if (start.kind !== "state") return new Set();
  const found = new Map([[JSON.stringify(start.state), start.state]]);
  for (const state of found.values()) {
    for (const move of enabledMoves(system, state)) {
      const outcome = fire(system, state, move);
      if (outcome.kind === "state") found.set(JSON.stringify(outcome.state), outcome.state);
    }
    if (found.size > most) return null;
  }
  return new Set(found.keys());
}

/** Machine and model side by side, at one of the two grains. */
export interface Pair<C> {
  readonly state: State | null;
  start(): Agreement;
  choices(): readonly C[];
  take(choice: C): Agreement;
  /** The same from a state that was reached before: nothing is compared. */
  repeat(choice: C, after: State): void;
  /** Of the machine alone. */
  key(): string;
  describe(choice: C): string;
  /** For the count of what was branched on. */
  kindOf(choice: C): string;
}

/** Whole steps. */
export function bySteps(subject: Subject): Pair<Choice> {
  const lockstep = new Lockstep(subject.instance, subject.system, subject.paths);
  return {
    get state() {
      return lockstep.state;
    },
    start: () => lockstep.start(),
    choices: () => choices(lockstep),
    take: (choice) => perform(lockstep, choice),
    repeat: (choice, after) => lockstep.repeat(choice, after),
    key: () => machineKey(lockstep.executor.kernel, null),
    describe: (choice) => describeChoice(subject, choice),
    kindOf: (choice) => ("thread" in choice ? "steps" : "stops and background rules"),
  };
}

/** Everything that can come in between. */
export function byLocks(subject: Subject, options: MachineOptions): Pair<Happening> {
  const pair = new Interleaved(subject.instance, subject.system, subject.paths, options);
  return {
    get state() {
      return pair.state;
    },
    start: () => pair.start(),
    choices: () => pair.happenings(),
    take: (happening) => pair.take(happening),
    repeat: (happening, after) => pair.repeat(happening, after),
    key: () => machineKey(pair.driver.kernel, pair.driver),
    describe: (happening) => describeHappening(pair, happening),
    kindOf,
  };
}

/** A state of both, by the way that leads there. */
interface Reached<C> {
  readonly schedule: readonly C[];
  readonly states: readonly State[];
}

class Schedules<C> implements Explorable<Reached<C>, C> {
  readonly #begin: () => Pair<C>;
  readonly #found = new Set<string>();
  #pair: Pair<C>;
  #schedule: readonly C[] = [];
  #states: readonly State[] = [];
  #key: string;
  wrong: string | null = null;
  /** Steps taken again in order to restore a state. */
  repeated = 0;
  /** Choices taken, by their kind. */
  readonly branches: Record<string, number> = {};

  constructor(begin: () => Pair<C>) {
    this.#begin = begin;
    this.#pair = this.#boot();
    this.#note();
    this.#key = this.#keyNow();
  }

  /** Model states seen. */
  get found(): ReadonlySet<string> {
    return this.#found;
  }

  choices(): readonly C[] {
    return this.wrong === null ? this.#pair.choices() : [];
  }

  perform(choice: C): void {
    const what = this.#pair.describe(choice);
    const kind = this.#pair.kindOf(choice);
    this.branches[kind] = (this.branches[kind] ?? 0) + 1;
    const agreement = this.#pair.take(choice);
    if (agreement.kind === "differs") this.wrong ??= `${agreement.difference}\nafter ${[...this.#described(), what].join("; ")}`;
    const key = this.#keyNow();
    // Where nothing has changed, there is nothing to take again.
    if (key === this.#key) return;
    this.#key = key;
    this.#schedule = [...this.#schedule, choice];
    if (this.#pair.state !== null) this.#states = [...this.#states, this.#pair.state];
    this.#note();
  }

  save(): Reached<C> {
    return { schedule: this.#schedule, states: this.#states };
  }

  restore({ schedule, states }: Reached<C>): void {
    if (schedule === this.#schedule) return;
    this.#pair = this.#boot();
    schedule.forEach((choice, index) => {
      const after = states[index];
      if (after !== undefined) this.#pair.repeat(choice, after);
    });
    this.repeated += schedule.length;
    this.#schedule = schedule;
    this.#states = states;
    this.#key = this.#keyNow();
  }

  key(): string {
    return this.#key;
  }

  #keyNow(): string {
    return this.#pair.state === null ? `ended after ${this.#schedule.length}, ${this.#key}` : `${JSON.stringify(this.#pair.state)} ${this.#pair.key()}`;
  }

  /** The schedule in words, which only the machine in each of its states can say. */
  #described(): readonly string[] {
    const pair = this.#boot();
    return this.#schedule.map((choice, index) => {
      const text = pair.describe(choice);
      const after = this.#states[index];
      if (after !== undefined) pair.repeat(choice, after);
      return text;
    });
  }

  #boot(): Pair<C> {
    const pair = this.#begin();
    const agreement = pair.start();
    if (agreement.kind === "differs") this.wrong ??= `${agreement.difference}\nat the start`;
    return pair;
  }

  #note(): void {
    const { state } = this.#pair;
    if (state !== null) this.#found.add(JSON.stringify(state));
  }
}

export interface Exhaustion {
  /** What differs; null if nothing does. */
  readonly wrong: string | null;
  /** States of machine and model together, and whether these are all. */
  readonly states: number;
  readonly complete: boolean;
  /** Steps compared, and steps taken again to come back. */
  readonly steps: number;
  readonly repeated: number;
  /** Steps by what they are: what was branched on. */
  readonly branches: Readonly<Record<string, number>>;
  /** Model states that no schedule of the machine reaches; not known unless complete. */
  readonly missing: number;
}

/** Exhausts the machine's schedules and compares the model states that they reach with `expected`; `exactly`: all of them must be reached. */
export function exhaustMachine<C>(begin: () => Pair<C>, expected: ReadonlySet<string>, maxStates: number, exactly: boolean): Exhaustion {
  const schedules = new Schedules(begin);
  const { states, steps, complete } = exhaust(schedules, { maxStates });
  const { found, repeated, branches } = schedules;
  const missing = [...expected].filter((state) => !found.has(state));
  const extra = [...found].filter((state) => !expected.has(state));
  const differs =
    extra.length > 0
      ? `the machine reaches ${extra.length} states that the model does not, one of them ${extra[0]}`
      : exactly && complete && missing.length > 0
        ? `no schedule of the machine reaches ${missing.length} of the model's ${expected.size} states, one of them ${missing[0]}`
        : null;
  return { wrong: schedules.wrong ?? differs, states, complete, steps, repeated, branches, missing: complete ? missing.length : 0 };
}
