/**
 * Event counters, per CPU and cause, and the cycles that follow from them: an event of one cause always costs the same. They
 * belong to a snapshot but not to the identity of a state.
 */
import { type CostIndex, costNames, type CostName, type Profile } from "./profile.ts";

const causes = costNames.length;

export class Counters {
  /** Per CPU, events by cause. */
  readonly #events: Float64Array;
  readonly #price: Float64Array;
  readonly #cpus: number;

  static size(cpus: number): number {
    return cpus * causes;
  }

  constructor(events: Float64Array, profile: Profile, cpus: number) {
    this.#events = events;
    this.#price = Float64Array.from(costNames, (name) => profile.cycles[name]);
    this.#cpus = cpus;
  }

  /** `times` events of this cause happened on `cpu`. */
  charge(cpu: number, cause: CostIndex, times = 1): void {
    const place = cpu * causes + cause;
    this.#events[place] = (this.#events[place] as number) + times;
  }

  /** The events of one CPU, by cause: for whoever counts one with each access. */
  of(cpu: number): Float64Array {
    return this.#events.subarray(cpu * causes, (cpu + 1) * causes);
  }

  /** Cycles of one CPU since it was switched on: its clock. */
  clock(cpu: number): number {
    let clock = 0;
    for (let cause = 0; cause < causes; cause++) clock += (this.#events[cpu * causes + cause] as number) * (this.#price[cause] as number);
    return clock;
  }

  /** Events of this cause on one CPU, or on all. */
  events(cause: CostIndex, cpu?: number): number {
    if (cpu !== undefined) return this.#events[cpu * causes + cause] as number;
    let sum = 0;
    for (let each = 0; each < this.#cpus; each++) sum += this.#events[each * causes + cause] as number;
    return sum;
  }

  /** Cycles spent on this cause on one CPU, or on all. */
  cycles(cause: CostIndex, cpu?: number): number {
    return this.events(cause, cpu) * (this.#price[cause] as number);
  }

  /** Cycles by cause, those that are not zero. */
  table(cpu?: number): Partial<Record<CostName, { readonly events: number; readonly cycles: number }>> {
    const table: Partial<Record<CostName, { events: number; cycles: number }>> = {};
    costNames.forEach((name, index) => {
      const cause = index as CostIndex;
      const events = this.events(cause, cpu);
      if (events !== 0) table[name] = { events, cycles: this.cycles(cause, cpu) };
    });
    return table;
  }
}
