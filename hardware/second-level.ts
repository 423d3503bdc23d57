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
    const lines = this.#lines;
    const first = (line & (this.#sets - 1)) * this.#ways;
    const place = this.#find(line, first);
    for (let at = place < 0 ? first + this.#ways - 1 : place; at > first; at--) lines[at] = lines[at - 1] as number;
    lines[first] = line + 1;
    return place >= 0;
  }

  /** Another CPU has taken the line. */
  drop(line: number): void {
    if (this.#ways === 0) return;
    const lines = this.#lines;
    const first = (line & (this.#sets - 1)) * this.#ways;
    const place = this.#find(line, first);
    if (place < 0) return;
    const last = first + this.#ways - 1;
    for (let at = place; at < last; at++) lines[at] = lines[at + 1] as number;
    lines[last] = 0;
  }

  /** Where in the set that begins at `first` the line is, or -1. */
  #find(line: number, first: number): number {
    const lines = this.#lines;
    const end = first + this.#ways;
    for (let at = first; at < end; at++) if (lines[at] === line + 1) return at;
    return -1;
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
