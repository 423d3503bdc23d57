/**
 * The representative of a state under all orders of its symmetric replicas, as generated code.
 *
 * Each member of a group gets a key that does not depend on how the members are numbered: what it has of its own, whom it
 * names outside of the groups, whether it names itself or some other member, and where outside of the members it is
 * named. Sorting by keys decides nearly always. Where equal members name each other, keys are refined by the keys of whom
 * they name (partition refinement, as in McKay: "Practical Graph Isomorphism", 1981); what that leaves open is settled by
 * trying every order of the members that are still equal, and taking the least state. So the representative is the same
 * for all states of an orbit, unless there are more such orders than `mostOrders`.
 */
import type { Bits, Naming, SymmetryPlan } from "../symmetry.ts";
import { type FunctionBuilder, type Label, type ModuleBuilder, op } from "../wasm/encoder.ts";

/** Orders of equal members that are tried at most; with more a state may have several representatives, which costs states, not truth. */
const mostOrders = 40_320;
/** No member. */
const nobody = 255;
/** In a refined key: names nobody, names itself. */
const [namesNobody, namesItself] = [255, 254];

/** Bits of a key or record: which word, from which bit. */
interface Packed {
  readonly word: number;
  readonly shift: number;
}

/** Addresses relative to the canonicaliser's own memory. */
interface Scratch {
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

const mask = (bits: number): bigint => (1n << BigInt(bits)) - 1n;

/** How a member's record is laid out: first its key, then what it holds, where that is not in the key. */
interface Record {
  readonly keyWords: number;
  readonly mentionWords: number;
  readonly words: number;
  /** By group and field. */
  readonly keys: readonly (readonly Packed[])[];
  readonly values: readonly (readonly Packed[])[];
}

function recordOf(plan: SymmetryPlan): Record {
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

export class Canonical {
  readonly #plan: SymmetryPlan;
  readonly #words: number;
  readonly #record: Record;
  readonly #scratch: Scratch;
  /** Which fields of each group name members, in their order. */
  readonly #naming: readonly (readonly number[])[];
  readonly #mostNames: number;
  readonly #own: (f: FunctionBuilder, offset: number) => FunctionBuilder;
  readonly #tables: number;
  readonly #inexact: number;
  /** (address of a state's words) → its words are those of the representative; the order that gives them is in memory. */
  readonly function: FunctionBuilder;

  /**
   * `own` pushes an address in the worker's part of this memory, `tables` is where the shared tables are, `inexact` the
   * address of a word that is set when there were too many orders to try.
   */
  constructor(
    module: ModuleBuilder,
    plan: SymmetryPlan,
    words: number,
    own: (f: FunctionBuilder, offset: number) => FunctionBuilder,
    at: { readonly tables: number; readonly inexact: number },
  ) {
    this.#plan = plan;
    this.#words = words;
    this.#record = recordOf(plan);
    this.#naming = plan.groups.map(({ fields }) => fields.flatMap(({ names }, i) => (names === null ? [] : [i])));
    this.#mostNames = Math.max(...this.#naming.map(({ length }) => length));
    this.#scratch = scratchOf(plan, this.#record, words, this.#mostNames);
    this.#own = own;
    this.#tables = at.tables;
    this.#inexact = at.inexact;
    this.function = this.#canonicalFunction(module);
  }

  /** Memory that the functions for a plan need. */
  static memory(plan: SymmetryPlan, words: number): CanonicalMemory {
    const record = recordOf(plan);
    const names = Math.max(...plan.groups.map(({ fields }) => fields.filter((field) => field.names !== null).length));
    const tables: number[] = [];
    for (const alphabet of plan.alphabets) tables.push(...alphabet.map((member) => (member < 0 ? nobody : member)));
    return { ownBytes: scratchOf(plan, record, words, names).bytes, tables: Uint8Array.from([...groupTable(plan), ...tables]) };
  }
  /** Where in a worker's part the order is: for each place the member (among all) that comes there, a byte each. */
  static orderAt(plan: SymmetryPlan, words: number): number {
    const names = Math.max(...plan.groups.map(({ fields }) => fields.filter((field) => field.names !== null).length));
    return scratchOf(plan, recordOf(plan), words, names).order;
  }

  get #count(): number {
    return this.#plan.members.length;
  }

  /** Pushes the member that the number in a local stands for. */
  #member(f: FunctionBuilder, number: number, { alphabet, offset }: Naming): void {
    const before = this.#plan.alphabets.slice(0, alphabet).reduce((sum, each) => sum + each.length, groupTable(this.#plan).length);
    f.get(number).load8(this.#tables + before + offset);
  }
  #bits(f: FunctionBuilder, words: readonly number[], { word, shift }: Bits, bits: number): FunctionBuilder {
    f.get(words[word] ?? 0);
    if (shift > 0) f.i64(BigInt(shift)).op(op.i64_shr_u);
    return shift + bits === 64 ? f : f.i64(mask(bits)).op(op.i64_and);
  }
  #loadWords(f: FunctionBuilder, address: number): readonly number[] {
    return Array.from({ length: this.#words }, (_, i) => {
      const word = f.local("i64");
      f.get(address)
        .load("i64", 8 * i)
        .set(word);
      return word;
    });
  }

  #canonicalFunction(module: ModuleBuilder): FunctionBuilder {
    const { records, order } = this.#scratch;
    const stride = 8 * this.#record.words;
    const plain = this.#record.keyWords + this.#record.mentionWords;
    const compare = this.#compareFunction(module, plain);
    const sort = this.#sortFunction(module, compare, records, stride);
    const read = this.#readFunction(module);
    const apply = this.#applyFunction(module);
    const anyNames = this.#mostNames > 0;
    const settle = anyNames ? this.#settleFunction(module, compare, apply) : null;
    return module.function(["i32"], [], (f) => {
      const [linked, sorted, i] = [f.local("i32"), f.local("i32"), f.local("i32")];
      f.get(0).call(read).set(linked);
      // 0: as they were; 1: some have moved; and 2 more if some are equal.
      for (const { first, members } of this.#plan.groups) {
        f.i32(first)
          .i32(first + members.length)
          .call(sort)
          .get(sorted)
          .op(op.i32_or)
          .set(sorted);
      }
      if (settle !== null) {
        f.get(linked).get(sorted).i32(2).op(op.i32_and, op.i32_and).i32(0).op(op.i32_ne);
        f.if(() => f.get(0).call(settle).op(op.return));
      }
      f.get(sorted).i32(1).op(op.i32_and);
      f.if(() => f.get(0).get(0).call(apply));
      void [order, i];
    });
  }

  /** (address of a state's words) → 2 if some member names another one. Fills in records, names and the order as it is. */
  #readFunction(module: ModuleBuilder): FunctionBuilder {
    const { records, order, named } = this.#scratch;
    const { words: recordWords, keyWords, mentionWords } = this.#record;
    return module.function(["i32"], ["i32"], (f) => {
      const words = this.#loadWords(f, 0);
      const own = f.local("i32");
      this.#own(f, 0).set(own);
      const linked = f.local("i32");
      const [number, member] = [f.local("i32"), f.local("i32")];
      const into = Array.from({ length: recordWords }, () => f.local("i64"));
      for (const [g, { first, members, fields }] of this.#plan.groups.entries()) {
        for (const [m] of members.entries()) {
          const filled = new Set<number>();
          const put = ({ word, shift }: Packed, push: () => void): void => {
            const local = into[word] ?? 0;
            push();
            if (shift > 0) f.i64(BigInt(shift)).op(op.i64_shl);
            if (filled.has(word)) f.get(local).op(op.i64_or);
            f.set(local);
            filled.add(word);
          };
          for (const [i, { bits, places, names }] of fields.entries()) {
            const place = places[m] ?? { word: 0, shift: 0 };
            const key = this.#record.keys[g]?.[i] ?? { word: 0, shift: 0 };
            if (names === null) {
              put(key, () => this.#bits(f, words, place, bits));
              continue;
            }
            this.#bits(f, words, place, bits).op(op.i32_wrap).set(number);
            this.#member(f, number, names);
            f.set(member);
            put(this.#record.values[g]?.[i] ?? key, () => f.get(number).op(op.i64_extend_u));
            // nobody: the number; itself: above all numbers; another one: above that, by group.
            const itself = 2 ** bits;
            put(key, () => {
              f.get(member).i32(nobody).op(op.i32_eq);
              f.if(
                () => f.get(number),
                () => {
                  f.get(member)
                    .i32(first + m)
                    .op(op.i32_eq);
                  f.if(
                    () => f.i32(itself),
                    () =>
                      f
                        .i32(2)
                        .set(linked)
                        .get(member)
                        .load8(this.#tables)
                        .i32(itself + 1)
                        .op(op.i32_add),
                    "i32",
                  );
                },
                "i32",
              );
              f.op(op.i64_extend_u);
            });
            f.get(own)
              .get(member)
              .store8(named + (first + m) * this.#mostNames + (this.#naming[g]?.indexOf(i) ?? 0));
          }
          for (let word = 0; word < recordWords; word++) {
            if (word >= keyWords && word < keyWords + mentionWords) continue;
            if (!filled.has(word)) f.i64(0n).set(into[word] ?? 0);
            f.get(own)
              .get(into[word] ?? 0)
              .store("i64", records + 8 * ((first + m) * recordWords + word));
          }
          for (let word = keyWords; word < keyWords + mentionWords; word++)
            f.get(own)
              .i64(0n)
              .store("i64", records + 8 * ((first + m) * recordWords + word));
          f.get(own)
            .i32(first + m)
            .store8(order + first + m);
        }
      }
      const at = f.local("i32");
      for (const [i, { bits, place, names }] of this.#plan.mentions.entries()) {
        this.#bits(f, words, place, bits).op(op.i32_wrap).set(number);
        this.#member(f, number, names);
        f.tee(member).i32(nobody).op(op.i32_ne);
        f.if(() => {
          const offset = records + 8 * (keyWords + (i >> 6));
          f.get(member)
            .i32(8 * recordWords)
            .op(op.i32_mul)
            .get(own)
            .op(op.i32_add)
            .tee(at);
          f.get(at)
            .load("i64", offset)
            .i64(1n << BigInt(i & 63))
            .op(op.i64_or)
            .store("i64", offset);
        });
      }
      f.get(linked);
    });
  }

  /** (address, address) → 0 if the first words are equal, 1 if the first is less, 2 if it is greater. */
  #compareFunction(module: ModuleBuilder, words: number): FunctionBuilder {
    return module.function(["i32", "i32"], ["i32"], (f) => {
      const [a, b] = [f.local("i64"), f.local("i64")];
      for (let word = 0; word < words; word++) {
        f.get(0)
          .load("i64", 8 * word)
          .tee(a)
          .get(1)
          .load("i64", 8 * word)
          .tee(b)
          .op(op.i64_ne);
        f.if(() => f.i32(2).get(a).get(b).op(op.i64_lt_u, op.i32_sub, op.return));
      }
      f.i32(0);
    });
  }

  /** Emits a loop over from..to-1 in a new local. */
  #each(f: FunctionBuilder, from: () => void, to: () => void, body: (i: number, end: Label) => void): void {
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
  #byte(f: FunctionBuilder, own: number, at: number, index: number): FunctionBuilder {
    return f.get(own).get(index).op(op.i32_add).load8(at);
  }

  /**
   * (first, end) → sorts the order of these places by the keys of who stands there, least first, equal ones as they were:
   * 1 if some have moved, and 2 more if some are equal. Insertion: a step moves one or two members only.
   */
  #sortFunction(module: ModuleBuilder, compare: FunctionBuilder, keys: number, stride: number): FunctionBuilder {
    const { order } = this.#scratch;
    return module.function(["i32", "i32"], ["i32"], (f) => {
      const [first, end] = [0, 1];
      const [own, here, at, other, how, result] = [f.local("i32"), f.local("i32"), f.local("i32"), f.local("i32"), f.local("i32"), f.local("i32")];
      this.#own(f, 0).set(own);
      const key = (member: number): void => void f.get(member).i32(stride).op(op.i32_mul).get(own).op(op.i32_add).i32(keys).op(op.i32_add);
      this.#each(
        f,
        () => f.get(first).i32(1).op(op.i32_add),
        () => f.get(end),
        (i) => {
          this.#byte(f, own, order, i).set(here);
          f.get(i).set(at);
          f.block((placed) => {
            f.loop((again) => {
              f.get(at).get(first).op(op.i32_eq).branchIf(placed);
              this.#byte(f, own, order - 1, at).set(other);
              key(other);
              key(here);
              f.call(compare).tee(how).i32(2).op(op.i32_ne).branchIf(placed);
              f.get(own).get(at).op(op.i32_add).get(other).store8(order);
              f.i32(1).get(result).op(op.i32_or).set(result);
              f.get(at).i32(1).op(op.i32_sub).set(at).i32(1).set(how).branch(again);
            });
          });
          f.get(own).get(at).op(op.i32_add).get(here).store8(order);
          f.get(at).get(first).op(op.i32_ne).get(how).op(op.i32_eqz, op.i32_and).i32(1).op(op.i32_shl).get(result).op(op.i32_or).set(result);
        },
      );
      f.get(result);
    });
  }

  /** (state, where to) → writes the state that the order makes of it. */
  #applyFunction(module: ModuleBuilder): FunctionBuilder {
    const { records, order, moved } = this.#scratch;
    const { words: recordWords, values } = this.#record;
    return module.function(["i32", "i32"], [], (f) => {
      const words = this.#loadWords(f, 0);
      const [own, number, at] = [f.local("i32"), f.local("i32"), f.local("i32")];
      this.#own(f, 0).set(own);
      const naming = this.#mostNames > 0 || this.#plan.mentions.length > 0;
      if (naming) {
        // What is to be added to a number that stands for a member: where it goes less where it was.
        for (const { first, members } of this.#plan.groups) {
          for (const [k, thread] of members.entries()) {
            f.get(own)
              .load8(order + first + k)
              .tee(number)
              .i32(2)
              .op(op.i32_shl)
              .get(own)
              .op(op.i32_add);
            f.i32(thread);
            this.#thread(f, number);
            f.op(op.i32_sub).store("i32", moved);
          }
        }
        f.get(own)
          .i32(0)
          .store("i32", moved + 4 * nobody);
      }
      const renamed = (names: Naming): void => {
        f.get(number);
        this.#member(f, number, names);
        f.i32(2).op(op.i32_shl).get(own).op(op.i32_add).load("i32", moved).op(op.i32_add, op.i64_extend_u);
      };
      // Everything that may change is put in anew.
      const kept = Array.from({ length: this.#words }, () => (1n << 64n) - 1n);
      const clear = ({ word, shift }: Bits, bits: number): void => {
        kept[word] = (kept[word] ?? 0n) & ~(mask(bits) << BigInt(shift));
      };
      for (const { fields } of this.#plan.groups) for (const { bits, places } of fields) for (const place of places) clear(place, bits);
      for (const { bits, place } of this.#plan.mentions) clear(place, bits);
      const result = words.map((word, i) => {
        const local = f.local("i64");
        f.get(word)
          .i64(kept[i] ?? 0n)
          .op(op.i64_and)
          .set(local);
        return local;
      });
      const put = ({ word, shift }: Bits, push: () => void): void => {
        push();
        if (shift > 0) f.i64(BigInt(shift)).op(op.i64_shl);
        f.get(result[word] ?? 0)
          .op(op.i64_or)
          .set(result[word] ?? 0);
      };
      for (const { bits, place, names } of this.#plan.mentions) {
        this.#bits(f, words, place, bits).op(op.i32_wrap).set(number);
        put(place, () => renamed(names));
      }
      const into = Array.from({ length: recordWords }, () => f.local("i64"));
      for (const [g, { first, members, fields }] of this.#plan.groups.entries()) {
        const used = new Set((values[g] ?? []).map(({ word }) => word));
        for (const [k] of members.entries()) {
          f.get(own)
            .load8(order + first + k)
            .i32(8 * recordWords)
            .op(op.i32_mul)
            .get(own)
            .op(op.i32_add)
            .set(at);
          for (const word of used)
            f.get(at)
              .load("i64", records + 8 * word)
              .set(into[word] ?? 0);
          for (const [i, { bits, places, names }] of fields.entries()) {
            const place = places[k] ?? { word: 0, shift: 0 };
            const value = values[g]?.[i] ?? { word: 0, shift: 0 };
            if (names === null) put(place, () => this.#bits(f, into, value, bits));
            else {
              this.#bits(f, into, value, bits).op(op.i32_wrap).set(number);
              put(place, () => renamed(names));
            }
          }
        }
      }
      for (const [i, word] of result.entries())
        f.get(1)
          .get(word)
          .store("i64", 8 * i);
    });
  }
  /** Pushes the thread that the member in a local is. */
  #thread(f: FunctionBuilder, member: number): void {
    f.get(member).load8(this.#tables + 256);
  }

  /** (state) → what sorting has left open is settled, and the state is its representative. */
  #settleFunction(module: ModuleBuilder, compare: FunctionBuilder, apply: FunctionBuilder): FunctionBuilder {
    const { records, order, rank, fine, named, tied, candidate, best, bestOrder } = this.#scratch;
    const fineWords = 1 + Math.ceil(this.#mostNames / 8);
    const compareFine = this.#compareFunction(module, fineWords);
    const sortFine = this.#sortFunction(module, compareFine, fine, 8 * fineWords);
    const compareStates = this.#compareFunction(module, this.#words);
    const [recordBytes, fineBytes] = [8 * this.#record.words, 8 * fineWords];

    // (compare fine keys) → ranks by the order: equal members share the place of the first of them. How many ranks there are.
    const rankAll = module.function(["i32"], ["i32"], (f) => {
      const [own, here, before, place, count] = [f.local("i32"), f.local("i32"), f.local("i32"), f.local("i32"), f.local("i32")];
      this.#own(f, 0).set(own);
      const differs = (by: FunctionBuilder, keys: number, stride: number): void => {
        for (const member of [before, here]) f.get(member).i32(stride).op(op.i32_mul).get(own).op(op.i32_add).i32(keys).op(op.i32_add);
        f.call(by);
      };
      for (const { first, members } of this.#plan.groups) {
        this.#each(
          f,
          () => f.i32(first),
          () => f.i32(first + members.length),
          (i) => {
            this.#byte(f, own, order, i).set(here);
            f.get(i).i32(first).op(op.i32_eq);
            f.if(
              () => f.i32(1),
              () => {
                f.get(0);
                f.if(
                  () => differs(compareFine, fine, fineBytes),
                  () => differs(compare, records, recordBytes),
                  "i32",
                );
              },
              "i32",
            );
            f.if(() => f.get(i).set(place).get(count).i32(1).op(op.i32_add).set(count));
            f.get(own).get(here).op(op.i32_add).get(place).store8(rank);
            f.get(here).set(before);
          },
        );
      }
      f.get(count);
    });

    // Keys from the ranks of members and of whom they name.
    const refine = module.function([], [], (f) => {
      const [own, at, target] = [f.local("i32"), f.local("i32"), f.local("i32")];
      this.#own(f, 0).set(own);
      for (const [g, { first, members }] of this.#plan.groups.entries()) {
        const names = this.#naming[g]?.length ?? 0;
        this.#each(
          f,
          () => f.i32(first),
          () => f.i32(first + members.length),
          (m) => {
            f.get(m).i32(fineBytes).op(op.i32_mul).get(own).op(op.i32_add).set(at);
            f.get(at);
            this.#byte(f, own, rank, m).op(op.i64_extend_u).store("i64", fine);
            for (let word = 1; word < fineWords; word++)
              f.get(at)
                .i64(0n)
                .store("i64", fine + 8 * word);
            for (let name = 0; name < names; name++) {
              f.get(m)
                .i32(this.#mostNames)
                .op(op.i32_mul)
                .get(own)
                .op(op.i32_add)
                .load8(named + name)
                .set(target);
              f.get(at);
              f.get(target).i32(nobody).op(op.i32_eq);
              f.if(
                () => f.i32(namesNobody),
                () => {
                  f.get(target).get(m).op(op.i32_eq);
                  f.if(
                    () => f.i32(namesItself),
                    () => this.#byte(f, own, rank, target),
                    "i32",
                  );
                },
                "i32",
              );
              f.store8(fine + 8 + name);
            }
          },
        );
      }
    });

    // () → whether some member names one of several equal ones. Notes who is one of several.
    const open = module.function([], ["i32"], (f) => {
      const [own, target] = [f.local("i32"), f.local("i32")];
      this.#own(f, 0).set(own);
      const count = (): void => void f.i32(this.#count);
      this.#each(
        f,
        () => f.i32(0),
        count,
        (m) => {
          f.get(own).get(m).op(op.i32_add).i32(0).store8(tied);
        },
      );
      this.#each(
        f,
        () => f.i32(0),
        count,
        (m) => {
          this.#each(
            f,
            () => f.i32(0),
            count,
            (other) => {
              f.get(m).get(other).op(op.i32_ne);
              this.#byte(f, own, rank, m);
              this.#byte(f, own, rank, other).op(op.i32_eq, op.i32_and);
              f.if(() => f.get(own).get(m).op(op.i32_add).i32(1).store8(tied));
            },
          );
        },
      );
      for (const [g, { first, members }] of this.#plan.groups.entries()) {
        for (let name = 0; name < (this.#naming[g]?.length ?? 0); name++) {
          this.#each(
            f,
            () => f.i32(first),
            () => f.i32(first + members.length),
            (m) => {
              f.get(m)
                .i32(this.#mostNames)
                .op(op.i32_mul)
                .get(own)
                .op(op.i32_add)
                .load8(named + name)
                .tee(target);
              f.i32(nobody).op(op.i32_ne).get(target).get(m).op(op.i32_ne, op.i32_and);
              f.if(() => {
                this.#byte(f, own, tied, target);
                f.if(() => f.i32(1).op(op.return));
              });
            },
          );
        }
      }
      f.i32(0);
    });

    // () → the next order of equal members, in the order of their numbers; 0 after the last one.
    const next = module.function([], ["i32"], (f) => {
      const [own, start, end, i, j, a, b] = [f.local("i32"), f.local("i32"), f.local("i32"), f.local("i32"), f.local("i32"), f.local("i32"), f.local("i32")];
      this.#own(f, 0).set(own);
      const at = (place: number): FunctionBuilder => this.#byte(f, own, order, place);
      const put = (place: number, value: number): void => void f.get(own).get(place).op(op.i32_add).get(value).store8(order);
      const exchange = (x: number, y: number): void => {
        at(x).set(a);
        at(y).set(b);
        put(x, b);
        put(y, a);
      };
      f.block((over) => {
        f.loop((row) => {
          // One row of equal members: start..end-1.
          f.get(end).set(start).get(start).i32(this.#count).op(op.i32_ge_s).branchIf(over);
          f.block((found) => {
            f.loop((again) => {
              f.get(end).i32(1).op(op.i32_add).tee(end).i32(this.#count).op(op.i32_ge_s).branchIf(found);
              at(end).set(a);
              at(start).set(b);
              this.#byte(f, own, rank, a);
              this.#byte(f, own, rank, b).op(op.i32_eq).branchIf(again);
            });
          });
          // The last place that is less than the one after it.
          f.get(end).i32(1).op(op.i32_sub).set(i);
          f.block((last) => {
            f.block((rising) => {
              f.loop((again) => {
                f.get(i).get(start).op(op.i32_le_s).branchIf(last);
                f.get(i).i32(1).op(op.i32_sub).set(i);
                f.get(i).i32(1).op(op.i32_add).set(j);
                at(i).set(a);
                at(j).set(b);
                f.get(a).get(b).op(op.i32_lt_u).branchIf(rising);
                f.branch(again);
              });
            });
            // The last one above it changes places with it; what comes after goes back to ascending.
            f.get(end).set(j);
            f.loop((again) => {
              f.get(j).i32(1).op(op.i32_sub).set(j);
              at(j).set(a);
              at(i).set(b);
              f.get(a).get(b).op(op.i32_lt_u).branchIf(again);
            });
            exchange(i, j);
            f.get(i).i32(1).op(op.i32_add).set(i).get(end).i32(1).op(op.i32_sub).set(j);
            f.block((done) => {
              f.loop((again) => {
                f.get(i).get(j).op(op.i32_ge_s).branchIf(done);
                exchange(i, j);
                f.get(i).i32(1).op(op.i32_add).set(i).get(j).i32(1).op(op.i32_sub).set(j).branch(again);
              });
            });
            f.i32(1).op(op.return);
          });
          // It was the last order of this row: back to the first, and on with the next row.
          f.get(start).set(i).get(end).i32(1).op(op.i32_sub).set(j);
          f.block((done) => {
            f.loop((again) => {
              f.get(i).get(j).op(op.i32_ge_s).branchIf(done);
              exchange(i, j);
              f.get(i).i32(1).op(op.i32_add).set(i).get(j).i32(1).op(op.i32_sub).set(j).branch(again);
            });
          });
          f.branch(row);
        });
      });
      f.i32(0);
    });

    return module.function(["i32"], [], (f) => {
      const [own, ranks, before, tries] = [f.local("i32"), f.local("i32"), f.local("i32"), f.local("i32")];
      this.#own(f, 0).set(own);
      const copyWords = (from: () => void, to: () => void): void => {
        for (let word = 0; word < this.#words; word++) {
          to();
          from();
          f.load("i64", 8 * word).store("i64", 8 * word);
        }
      };
      const scratch = (offset: number) => (): void => void f.get(own).i32(offset).op(op.i32_add);
      const orderBytes = Math.ceil(this.#count / 8);
      const copyOrder = (from: number, to: number): void => {
        for (let word = 0; word < orderBytes; word++)
          f.get(own)
            .get(own)
            .load("i64", from + 8 * word)
            .store("i64", to + 8 * word);
      };
      f.i32(0).call(rankAll).set(ranks);
      f.block((stable) => {
        f.loop((again) => {
          f.get(ranks).i32(this.#count).op(op.i32_eq).branchIf(stable);
          f.get(ranks).set(before).call(refine);
          for (const { first, members } of this.#plan.groups)
            f.i32(first)
              .i32(first + members.length)
              .call(sortFine)
              .op(op.drop);
          f.i32(1).call(rankAll).tee(ranks).get(before).op(op.i32_ne).branchIf(again);
        });
      });
      f.call(open);
      f.if(
        () => {
          f.block((done) => {
            f.loop((again) => {
              f.get(0);
              scratch(candidate)();
              f.call(apply);
              f.get(tries).op(op.i32_eqz);
              f.if(
                () => f.i32(1),
                () => {
                  scratch(candidate)();
                  scratch(best)();
                  f.call(compareStates).i32(1).op(op.i32_eq);
                },
                "i32",
              );
              f.if(() => {
                copyWords(scratch(candidate), scratch(best));
                copyOrder(order, bestOrder);
              });
              f.get(tries).i32(1).op(op.i32_add).tee(tries).i32(mostOrders).op(op.i32_ge_s);
              f.if(() => f.i32(0).i32(1).store("i32", this.#inexact).branch(done));
              f.call(next).branchIf(again);
            });
          });
          copyOrder(bestOrder, order);
          copyWords(scratch(best), () => void f.get(0));
        },
        () => f.get(0).get(0).call(apply),
      );
    });
  }
}

/** For each member its group, and from 256 on its thread. */
function groupTable(plan: SymmetryPlan): readonly number[] {
  const groups = plan.groups.flatMap(({ members }, g) => members.map(() => g));
  const padded = (row: readonly number[]): readonly number[] => [...row, ...new Array<number>(256 - row.length).fill(0)];
  return [...padded(groups), ...padded(plan.members)];
}

function scratchOf(plan: SymmetryPlan, record: Record, words: number, names: number): Scratch {
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
