/**
 * The second-level cache of one CPU, as far as time goes: which lines it has. It holds no data (memory in memory.ts is always
 * current but for modified lines of the first level), so it changes nothing that programs can see. It has every line that
 * the first level has, least recently used replaced.
 */
import type { Profile } from "./profile.ts";

export class SecondLevel {
  /** Per set the line numbers plus one, the most recently used first; 0: free. */
  readonly #lines: Float64Array;
  readonly #sets: number;
  readonly #ways: number;

  static size({ cache }: Profile): number {
    return cache.second === null ? 0 : cache.second.sets * cache.second.ways;
  }

  constructor(lines: Float64Array, { cache }: Profile) {
    this.#lines = lines;
    this.#sets = cache.second?.sets ?? 1;
    this.#ways = cache.second?.ways ?? 0;
  }

  /** Whether it had the line; it has it now. */
  fetch(line: number): boolean {
    if (this.#ways === 0) return false;
    const first = (line & (this.#sets - 1)) * this.#ways;
    const set = this.#lines.subarray(first, first + this.#ways);
    const place = set.indexOf(line + 1);
    set.copyWithin(1, 0, place < 0 ? this.#ways - 1 : place);
    set[0] = line + 1;
    return place >= 0;
  }

  /** Another CPU has taken the line. */
  drop(line: number): void {
    const first = (line & (this.#sets - 1)) * this.#ways;
    const set = this.#lines.subarray(first, first + this.#ways);
    const place = set.indexOf(line + 1);
    if (place < 0) return;
    set.copyWithin(place, place + 1);
    set[this.#ways - 1] = 0;
  }

  /** The lines that it has, those longest unused first. */
  contents(): readonly number[] {
    const lines: number[] = [];
    for (let way = this.#ways - 1; way >= 0; way--)
      for (let set = 0; set < this.#sets; set++) {
        const line = this.#lines[set * this.#ways + way] as number;
        if (line > 0) lines.push(line - 1);
      }
    return lines;
  }
}
