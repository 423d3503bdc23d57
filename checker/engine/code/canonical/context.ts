/** What the functions of canonicalisation share: the plan, where things are in memory, and how to emit access to them. */
import type { Bits, Naming, SymmetryPlan } from "../../symmetry.ts";
import { type FunctionBuilder, type Label, op } from "../../wasm/encoder.ts";
import { groupTable, mostNames, type Record, recordOf, type Scratch, scratchOf } from "./layout.ts";

/** The lowest bits of a word. */
export const mask = (bits: number): bigint => (1n << BigInt(bits)) - 1n;

export class CanonicalContext {
  readonly plan: SymmetryPlan;
  /** Words of a state. */
  readonly words: number;
  readonly record: Record;
  readonly scratch: Scratch;
  /** Which fields of each group name members, in their order. */
  readonly naming: readonly (readonly number[])[];
  readonly mostNames: number;
  /** Pushes an address in the worker's part of this memory. */
  readonly own: (f: FunctionBuilder, offset: number) => FunctionBuilder;
  /** Where the shared tables are. */
  readonly tables: number;
  /** The address of a word that is set when there were too many orders to try. */
  readonly inexact: number;

  constructor(
    plan: SymmetryPlan,
    words: number,
    own: (f: FunctionBuilder, offset: number) => FunctionBuilder,
    at: { readonly tables: number; readonly inexact: number },
  ) {
    this.plan = plan;
    this.words = words;
    this.record = recordOf(plan);
    this.naming = plan.groups.map(({ fields }) => fields.flatMap(({ names }, i) => (names === null ? [] : [i])));
    this.mostNames = mostNames(plan);
    this.scratch = scratchOf(plan, this.record, words);
    this.own = own;
    this.tables = at.tables;
    this.inexact = at.inexact;
  }

  /** Members of all groups. */
  get count(): number {
    return this.plan.members.length;
  }

  /** Pushes the member that the number in a local stands for. */
  member(f: FunctionBuilder, number: number, { alphabet, offset }: Naming): void {
    const before = this.plan.alphabets.slice(0, alphabet).reduce((sum, each) => sum + each.length, groupTable(this.plan).length);
    f.get(number).load8(this.tables + before + offset);
  }
  /** Pushes the thread that the member in a local is. */
  thread(f: FunctionBuilder, member: number): void {
    f.get(member).load8(this.tables + 256);
  }
  loadWords(f: FunctionBuilder, address: number): readonly number[] {
    return Array.from({ length: this.words }, (_, i) => {
      const word = f.local("i64");
      f.get(address)
        .load("i64", 8 * i)
        .set(word);
      return word;
    });
  }
}

/** Pushes some bits of a state that is in locals. */
export function bitsOf(f: FunctionBuilder, words: readonly number[], { word, shift }: Bits, bits: number): FunctionBuilder {
  f.get(words[word] ?? 0);
  if (shift > 0) f.i64(BigInt(shift)).op(op.i64_shr_u);
  return shift + bits === 64 ? f : f.i64(mask(bits)).op(op.i64_and);
}

/** Emits a loop over from..to-1 in a new local. */
export function each(f: FunctionBuilder, from: () => void, to: () => void, body: (i: number, end: Label) => void): void {
  const i = f.local("i32");
  from();
  f.set(i);
  f.block((end) => {
    f.loop((again) => {
      f.get(i);
      to();
      f.op(op.i32_ge_s).branchIf(end);
      body(i, end);
      f.get(i).i32(1).op(op.i32_add).set(i).branch(again);
    });
  });
}

/** Pushes a byte of the scratch memory. */
export function byte(f: FunctionBuilder, own: number, at: number, index: number): FunctionBuilder {
  return f.get(own).get(index).op(op.i32_add).load8(at);
}
