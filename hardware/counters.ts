/** Cycle counters, per CPU and cause. They belong to a snapshot but not to the identity of a state. */
import { type CostIndex, costNames, type CostName, type Profile } from "./profile.ts";

const causes = costNames.length;
const stride = 2 * causes + 1;

export class Counters {
  /** Per CPU: events by cause, cycles by cause, all cycles. */
  readonly #values: Float64Array;
  readonly #price: Float64Array;
  readonly #cpus: number;

  static size(cpus: number): number {
    return cpus * stride;
  }

  constructor(values: Float64Array, profile: Profile, cpus: number) {
    this.#values = values;
    this.#price = Float64Array.from(costNames, (name) => profile.cycles[name]);
    this.#cpus = cpus;
  }

  /** `times` events of this cause happened on `cpu`. */
  charge(cpu: number, cause: CostIndex, times = 1): void {
    const base = cpu * stride;
    const cycles = (this.#price[cause] as number) * times;
    const values = this.#values;
    values[base + cause] = (values[base + cause] as number) + times;
    values[base + causes + cause] = (values[base + causes + cause] as number) + cycles;
    values[base + 2 * causes] = (values[base + 2 * causes] as number) + cycles;
  }

  /** Cycles of one CPU since it was switched on: its clock. */
  clock(cpu: number): number {
    return this.#values[cpu * stride + 2 * causes] as number;
  }

  /** Events of this cause on one CPU, or on all. */
  events(cause: CostIndex, cpu?: number): number {
    return this.#sum(cause, cpu);
  }

  /** Cycles spent on this cause on one CPU, or on all. */
  cycles(cause: CostIndex, cpu?: number): number {
    return this.#sum(causes + cause, cpu);
  }

  /** Cycles by cause, those that are not zero. */
  table(cpu?: number): Partial<Record<CostName, { readonly events: number; readonly cycles: number }>> {
    const table: Partial<Record<CostName, { events: number; cycles: number }>> = {};
    costNames.forEach((name, cause) => {
      const events = this.#sum(cause, cpu);
      if (events !== 0) table[name] = { events, cycles: this.#sum(causes + cause, cpu) };
    });
    return table;
  }

  #sum(offset: number, cpu: number | undefined): number {
    if (cpu !== undefined) return this.#values[cpu * stride + offset] as number;
    let sum = 0;
    for (let each = 0; each < this.#cpus; each++) sum += this.#values[each * stride + offset] as number;
    return sum;
  }
}
