/**
 * All schedules of a small protocol on the machine, against all states of its model. The machine's choices are tried in
 * each of its states; two of its states count as one if the model's states and what the machine itself remembers are
 * equal. A running generator cannot be copied, so a state is restored by taking the steps that led to it once more.
 */
import { exhaust, type Explorable } from "../../dist/hardware/exhaust.js";
import { Lockstep } from "../../dist/counterexamples/lockstep.js";
import { enabledMoves, fire, initialState } from "../../dist/model/system/interpret.js";
import type { State, System } from "../../dist/model/system/system.js";
import { type Choice, choices, describeChoice, perform, type Subject } from "./walk.ts";

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

/** A state of both, by the way that leads there. */
interface Reached {
  readonly schedule: readonly Choice[];
  readonly states: readonly State[];
}

class Schedules implements Explorable<Reached, Choice> {
  readonly #subject: Subject;
  readonly #found = new Set<string>();
  #lockstep: Lockstep;
  #schedule: readonly Choice[] = [];
  #states: readonly State[] = [];
  wrong: string | null = null;
  /** Steps taken again in order to restore a state. */
  repeated = 0;

  constructor(subject: Subject) {
    this.#subject = subject;
    this.#lockstep = this.#begin();
    this.#note();
  }

  /** Model states seen. */
  get found(): ReadonlySet<string> {
    return this.#found;
  }

  choices(): readonly Choice[] {
    return this.wrong === null ? choices(this.#lockstep) : [];
  }

  perform(choice: Choice): void {
    const agreement = perform(this.#lockstep, choice);
    if (agreement.kind === "differs")
      this.wrong ??= `${agreement.difference}\nafter ${[...this.#schedule, choice].map((each) => describeChoice(this.#subject, each)).join("; ")}`;
    this.#schedule = [...this.#schedule, choice];
    if (this.#lockstep.state !== null) this.#states = [...this.#states, this.#lockstep.state];
    this.#note();
  }

  save(): Reached {
    return { schedule: this.#schedule, states: this.#states };
  }

  restore({ schedule, states }: Reached): void {
    if (schedule === this.#schedule) return;
    this.#lockstep = this.#begin();
    schedule.forEach((choice, index) => {
      const after = states[index];
      if (after !== undefined) this.#lockstep.repeat(choice, after);
    });
    this.repeated += schedule.length;
    this.#schedule = schedule;
    this.#states = states;
  }

  key(): string {
    return `${JSON.stringify(this.#lockstep.state)} ${JSON.stringify(this.#subject.instance.threads.map(({ handle }) => this.#lockstep.executor.status(handle.id).kind))}`;
  }

  #begin(): Lockstep {
    const { instance, system, paths } = this.#subject;
    const lockstep = new Lockstep(instance, system, paths);
    const agreement = lockstep.start();
    if (agreement.kind === "differs") this.wrong ??= `${agreement.difference}\nat the start`;
    return lockstep;
  }

  #note(): void {
    const { state } = this.#lockstep;
    if (state !== null) this.#found.add(JSON.stringify(state));
  }
}

export interface Exhaustion {
  /** What differs; null if the machine reaches exactly the model's states. */
  readonly wrong: string | null;
  /** States of machine and model together, and whether these are all. */
  readonly states: number;
  readonly complete: boolean;
  /** Steps compared, and steps taken again to come back. */
  readonly steps: number;
  readonly repeated: number;
}

/** Exhausts the machine's schedules and compares the model states that they reach with `expected`. */
export function exhaustMachine(subject: Subject, expected: ReadonlySet<string>, maxStates: number): Exhaustion {
  const schedules = new Schedules(subject);
  const { states, steps, complete } = exhaust(schedules, { maxStates });
  const { found, repeated } = schedules;
  const missing = [...expected].filter((state) => !found.has(state));
  const extra = [...found].filter((state) => !expected.has(state));
  const differs =
    extra.length > 0
      ? `the machine reaches ${extra.length} states that the model does not, one of them ${extra[0]}`
      : complete && missing.length > 0
        ? `no schedule of the machine reaches ${missing.length} of the model's ${expected.size} states, one of them ${missing[0]}`
        : null;
  return { wrong: schedules.wrong ?? differs, states, complete, steps, repeated };
}
