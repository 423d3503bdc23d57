/**
 * What an analysis knows of registers at one place: an interval for each register that it has met. Values are never changed
 * in place. They are arrays of blocks, of which a new value shares all but one with the old one, so that two that come from
 * the same place are joined by looking at the blocks in which they differ (as ASTRÉE does with balanced trees, Blanchet and
 * others 2003).
 */
export type Interval = readonly [number, number];
type Block = readonly (Interval | undefined)[];

const bits = 4;
const size = 1 << bits;
const vacant: Block = new Array<Interval | undefined>(size).fill(undefined);

/** The least interval that holds both; `a` itself where `b` adds nothing. */
export const join = (a: Interval, b: Interval): Interval => (a[0] <= b[0] && a[1] >= b[1] ? a : [Math.min(a[0], b[0]), Math.max(a[1], b[1])]);

export class Environment {
  /** Nothing is known of any register. */
  static readonly empty: Environment = new Environment([]);
  readonly #blocks: readonly Block[];

  private constructor(blocks: readonly Block[]) {
    this.#blocks = blocks;
  }

  get(register: number): Interval | undefined {
    return this.#blocks[register >> bits]?.[register & (size - 1)];
  }

  /** The same but for one register. */
  with(register: number, range: Interval): Environment {
    const at = register >> bits;
    const blocks = this.#blocks.slice();
    while (blocks.length < at) blocks.push(vacant);
    const block = (blocks[at] ?? vacant).slice();
    block[register & (size - 1)] = range;
    blocks[at] = block;
    return new Environment(blocks);
  }

  /** A register that one side does not know has no value there. This one itself where the other adds nothing. */
  join(other: Environment): Environment {
    let blocks: Block[] | null = null;
    const [all, others] = [this.#blocks, other.#blocks];
    for (let at = 0; at < others.length; at++) {
      const theirs = others[at];
      const ours = all[at] ?? vacant;
      if (theirs === undefined || ours === theirs) continue;
      const joined = joinBlocks(ours, theirs);
      if (joined === ours) continue;
      blocks ??= this.#blocks.slice();
      while (blocks.length < at) blocks.push(vacant);
      blocks[at] = joined;
    }
    return blocks === null ? this : new Environment(blocks);
  }

  /** Passes each register of which another one knows something else, or nothing. */
  compare(other: Environment, visit: (register: number, ours: Interval, theirs: Interval | undefined) => void): void {
    for (let at = 0; at < this.#blocks.length; at++) {
      const [ours, theirs] = [this.#blocks[at] ?? vacant, other.#blocks[at] ?? vacant];
      if (ours === theirs) continue;
      for (let i = 0; i < size; i++) {
        const range = ours[i];
        if (range !== undefined && range !== theirs[i]) visit((at << bits) | i, range, theirs[i]);
      }
    }
  }
}

function joinBlocks(ours: Block, theirs: Block): Block {
  let joined: (Interval | undefined)[] | null = null;
  for (let i = 0; i < size; i++) {
    const range = theirs[i];
    const known = ours[i];
    if (range === undefined || range === known) continue;
    const both = known === undefined ? range : join(known, range);
    if (both === known) continue;
    joined ??= ours.slice();
    joined[i] = both;
  }
  return joined ?? ours;
}
