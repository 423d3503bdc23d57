/** Where canonicalisation keeps what it knows of each member: records, orders and tables in memory. */
import type { SymmetryPlan } from "../../symmetry.ts";

/** No member. */
export const nobody = 255;

/** Bits of a key or record: which word, from which bit. */
export interface Packed {
  readonly word: number;
  readonly shift: number;
}

/** Addresses relative to the canonicaliser's own memory. */
export interface Scratch {
  readonly records: number;
  readonly order: number;
  readonly moved: number;
  readonly named: number;
  readonly rank: number;
  readonly fine: number;
  readonly tied: number;
  readonly candidate: number;
  readonly best: number;
  readonly bestOrder: number;
  readonly bytes: number;
}

/** What each worker needs, and what all share: numbers to members. */
export interface CanonicalMemory {
  readonly ownBytes: number;
  readonly tables: Uint8Array;
}

/** How a member's record is laid out: first its key, then what it holds, where that is not in the key. */
export interface Record {
  readonly keyWords: number;
  readonly mentionWords: number;
  readonly words: number;
  /** By group and field. */
  readonly keys: readonly (readonly Packed[])[];
  readonly values: readonly (readonly Packed[])[];
}

export function recordOf(plan: SymmetryPlan): Record {
  const place = (widths: readonly number[]): { readonly at: readonly Packed[]; readonly words: number } => {
    let [word, shift] = [0, 0];
    const at = widths.map((width): Packed => {
      if (shift + width > 64) [word, shift] = [word + 1, 0];
      const packed = { word, shift };
      shift += width;
      return packed;
    });
    return { at, words: word + 1 };
  };
  const keys = plan.groups.map(({ fields }) => place(fields.map(({ bits, names }) => (names === null ? bits : keyWidth(bits, plan)))));
  const keyWords = Math.max(...keys.map(({ words }) => words));
  const mentionWords = Math.ceil(plan.mentions.length / 64);
  const held = plan.groups.map(({ fields }) => place(fields.map(({ bits, names }) => (names === null ? 0 : bits))));
  const before = keyWords + mentionWords;
  return {
    keyWords,
    mentionWords,
    words: before + Math.max(...held.map(({ words }) => words)),
    keys: keys.map(({ at }) => at),
    values: plan.groups.map(({ fields }, g) =>
      fields.map(({ names }, i): Packed => {
        if (names === null) return keys[g]?.at[i] ?? { word: 0, shift: 0 };
        const { word, shift } = held[g]?.at[i] ?? { word: 0, shift: 0 };
        return { word: before + word, shift };
      }),
    ),
  };
}
/** Names in a key: the number itself where it is no member's, else one of those above: itself, a member of group 0, 1, … */
function keyWidth(bits: number, plan: SymmetryPlan): number {
  return Math.floor(Math.log2(2 ** bits + plan.groups.length)) + 1;
}

/** The most names that a member of any group has. */
export const mostNames = (plan: SymmetryPlan): number => Math.max(...plan.groups.map(({ fields }) => fields.filter(({ names }) => names !== null).length));

/** Memory that the functions for a plan need. */
export function memoryOf(plan: SymmetryPlan, words: number): CanonicalMemory {
  const tables: number[] = [];
  for (const alphabet of plan.alphabets) tables.push(...alphabet.map((member) => (member < 0 ? nobody : member)));
  return { ownBytes: scratchOf(plan, recordOf(plan), words).bytes, tables: Uint8Array.from([...groupTable(plan), ...tables]) };
}

/** Where in a worker's part the order is: for each place the member (among all) that comes there, a byte each. */
export function orderAt(plan: SymmetryPlan, words: number): number {
  return scratchOf(plan, recordOf(plan), words).order;
}

/** For each member its group, and from 256 on its thread. */
export function groupTable(plan: SymmetryPlan): readonly number[] {
  const groups = plan.groups.flatMap(({ members }, g) => members.map(() => g));
  const padded = (row: readonly number[]): readonly number[] => [...row, ...new Array<number>(256 - row.length).fill(0)];
  return [...padded(groups), ...padded(plan.members)];
}

export function scratchOf(plan: SymmetryPlan, record: Record, words: number): Scratch {
  const names = mostNames(plan);
  let next = 0;
  const take = (bytes: number): number => {
    const at = next;
    next = Math.ceil((next + bytes) / 8) * 8;
    return at;
  };
  const count = plan.members.length;
  return {
    records: take(8 * record.words * count),
    order: take(count),
    moved: take(4 * 256),
    named: take(count * names),
    rank: take(256),
    fine: take(count * 8 * (1 + Math.ceil(names / 8))),
    tied: take(count),
    candidate: take(8 * words),
    best: take(8 * words),
    bestOrder: take(count),
    bytes: next,
  };
}
