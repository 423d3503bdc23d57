/**
 * A set of packed words: an append-only array in the order in which they were found, and a hash index of 32-bit entries
 * into it (open addressing, linear probing). An entry holds the number plus one in its low bits and bits of the hash in
 * the others, so that a probe rarely looks at an element in vain. Elements are compared in full: the set is exact. For
 * states the array is the breadth-first order: levels are ranges of numbers, and the frontier is read in sequence.
 * Growing rebuilds the index from the array, so old and new index never exist side by side.
 *
 * Workers share it without locks: an element is written to a place of the worker's own, then published by a
 * compare-and-swap of the index entry from 0; a worker that loses compares, and reuses its place. Places are taken in
 * batches; what a batch leaves unused the host fills with the last elements (`move`).
 */
import { type FunctionBuilder, op } from "../wasm/encoder.ts";
import type { TableCells } from "./cells.ts";
import type { Context } from "./context.ts";
import { type At, type Far, near } from "./far.ts";

/** Where a worker keeps the numbers that it has taken: the next one, and where they end. */
interface Taken {
  readonly next: number;
  readonly limit: number;
}

/** Index entries on a cache line, which are cleared together. */
export const entriesCleared = 16;

/** Puts the next number of the worker's own into a local; the function returns -1 if there is none. */
export function takeNumber(context: Context, f: FunctionBuilder, { capacity, batch, claimed }: TableCells, { next, limit }: Taken, number: number): void {
  const own = context.globals.own;
  const end = f.local("i32");
  f.getGlobal(own).load("i32", next).tee(number).getGlobal(own).load("i32", limit).op(op.i32_eq);
  f.if(() => {
    f.i32(0).i32(0).load("i32", batch).atomicAdd("i32", claimed).tee(number).i32(0).load("i32", capacity).op(op.i32_ge_u);
    f.if(() => f.i32(-1).op(op.return));
    f.get(number).i32(0).load("i32", batch).op(op.i32_add).tee(end).i32(0).load("i32", capacity);
    f.get(end).i32(0).load("i32", capacity).op(op.i32_lt_u, op.select).set(end);
    f.getGlobal(own).get(number).store("i32", next).getGlobal(own).get(end).store("i32", limit);
  });
}

export class Table {
  readonly words: number;
  readonly #context: Context;
  readonly #cells: TableCells;
  /** Whether several workers insert. */
  readonly #shared: boolean;
  /** (address of the words, hash) → number, or -1. */
  readonly find: FunctionBuilder;
  /** (address of the words, hash) → number, or -1 if there is no room. */
  readonly insert: FunctionBuilder;
  /** (first, end) → clears those lines of the index; the last one may end behind it. */
  readonly clear: FunctionBuilder;
  /** (first, end) → enters those into an index that lacks them. */
  readonly rebuild: FunctionBuilder;
  /** (from, to) → gives an element another number. */
  readonly move: FunctionBuilder;

  /** `own`: where each worker keeps the numbers that it has taken. */
  constructor(context: Context, words: number, at: TableCells, own: Taken) {
    this.words = words;
    this.#context = context;
    this.#cells = at;
    this.#shared = context.workers > 1;
    this.find = this.#findFunction();
    this.insert = this.#insertFunction(own);
    this.clear = this.#clearFunction();
    this.rebuild = this.#rebuildFunction();
    this.move = this.#moveFunction();
  }

  /** Pushes the address of the element with the number in the local. */
  address(f: FunctionBuilder, number: number): void {
    this.#context.far.item(f, this.#cells.base, number, 8 * this.words);
  }

  /** Pushes an address, in what has a fixed size, where the element's words stand until this is asked for again. */
  fetch(f: FunctionBuilder, number: number): void {
    this.address(f, number);
    emitFetch(this.#context, f, this.words);
  }

  /** Pushes the address of the first index entry to try. */
  home(f: FunctionBuilder, hash: number): void {
    emitHome(this.#context.far, f, this.#cells, hash, 4);
  }

  /** Pushes the address behind the last index entry. */
  #end(f: FunctionBuilder): void {
    emitEnd(this.#context.far, f, this.#cells, 4);
  }
  /** Keeps of the value on the stack what in an entry is of the hash. */
  #tag(f: FunctionBuilder): void {
    f.i32(0).load("i32", this.#cells.numberMask).i32(-1).op(op.i32_xor, op.i32_and);
  }
  #nextSlot(f: FunctionBuilder, slot: number, end: number): void {
    emitNext(this.#context.far, f, this.#cells, slot, end, 4);
  }

  /** Emits a probe: `free` where an entry is 0; it leaves, or puts into the local what another worker has entered. `found` leaves. */
  #probe(f: FunctionBuilder, words: number, hash: number, free: (slot: number, tag: number, entry: number) => void, found: (number: number) => void): void {
    const { far } = this.#context;
    const [i32, address] = [(): number => f.local("i32"), (): number => f.local(far.kind)];
    const [slot, entry, tag, element, end, mask, base] = [address(), i32(), i32(), address(), address(), i32(), address()];
    this.home(f, hash);
    f.set(slot);
    this.#end(f);
    f.set(end);
    far.cell(f, this.#cells.base).set(base);
    f.i32(0).load("i32", this.#cells.numberMask).i32(-1).op(op.i32_xor).tee(mask).get(hash).op(op.i32_wrap, op.i32_and).set(tag);
    f.loop((again) => {
      (this.#shared ? f.get(slot).atomicLoad("i32", 0, far.memory) : f.get(slot).load("i32", 0, far.memory)).tee(entry).op(op.i32_eqz);
      f.if(() => free(slot, tag, entry));
      f.block((differs) => {
        f.get(entry).get(tag).op(op.i32_xor).get(mask).op(op.i32_and).branchIf(differs);
        f.get(entry).get(mask).i32(-1).op(op.i32_xor, op.i32_and).i32(1).op(op.i32_sub).tee(entry);
        far.with(far.widen(f), "mul", 8 * this.words).get(base);
        far.op(f, "add").set(element);
        for (let i = 0; i < this.words; i++)
          f.get(element)
            .load("i64", 8 * i, far.memory)
            .get(words)
            .load("i64", 8 * i)
            .op(op.i64_ne)
            .branchIf(differs);
        found(entry);
      });
      this.#nextSlot(f, slot, end);
      f.branch(again);
    });
    f.op(op.unreachable);
  }

  #findFunction(): FunctionBuilder {
    return this.#context.module.function(["i32", "i64"], ["i32"], (f) =>
      this.#probe(
        f,
        0,
        1,
        () => f.i32(-1).op(op.return),
        (number) => f.get(number).op(op.return),
      ),
    );
  }

  #insertFunction(own: Taken): FunctionBuilder {
    const { module, globals, far } = this.#context;
    return module.function(["i32", "i64"], ["i32"], (f) => {
      const [words, hash] = [0, 1];
      const [number, element] = [f.local("i32"), f.local(far.kind)];
      const free = (slot: number, tag: number, entry: number): void => {
        takeNumber(this.#context, f, this.#cells, own, number);
        this.address(f, number);
        f.set(element);
        emitCopy(f, this.words, near(words), far.at(element));
        if (!this.#shared) {
          f.get(slot).get(number).i32(1).op(op.i32_add).get(tag).op(op.i32_or).store("i32", 0, far.memory);
          f.getGlobal(globals.own).get(number).i32(1).op(op.i32_add).store("i32", own.next).get(number).op(op.return);
          return;
        }
        f.get(slot).i32(0).get(number).i32(1).op(op.i32_add).get(tag).op(op.i32_or).compareExchange("i32", 0, far.memory).tee(entry).op(op.i32_eqz);
        f.if(() => f.getGlobal(globals.own).get(number).i32(1).op(op.i32_add).store("i32", own.next).get(number).op(op.return));
      };
      this.#probe(f, words, hash, free, (found) => f.get(found).op(op.return));
    });
  }

  #clearFunction(): FunctionBuilder {
    const { far, module } = this.#context;
    return module.function(["i32", "i32"], [], (f) => {
      const [line, last] = [0, 1];
      const at = f.local(far.kind);
      f.block((done) => {
        f.loop((next) => {
          f.get(line).get(last).op(op.i32_ge_u).branchIf(done);
          far.item(f, this.#cells.index, line, 4 * entriesCleared);
          f.set(at);
          for (let i = 0; i < entriesCleared / 2; i++)
            f.get(at)
              .i64(0n)
              .store("i64", 8 * i, far.memory);
          f.get(line).i32(1).op(op.i32_add).set(line).branch(next);
        });
      });
    });
  }

  #rebuildFunction(): FunctionBuilder {
    const { module, far } = this.#context;
    return module.function(["i32", "i32"], [], (f) => {
      const [number, last] = [0, 1];
      const [address, slot, end, hash] = [f.local(far.kind), f.local(far.kind), f.local(far.kind), f.local("i64")];
      this.#end(f);
      f.set(end);
      this.address(f, number);
      f.set(address);
      f.block((done) => {
        f.loop((next) => {
          f.get(number).get(last).op(op.i32_ge_u).branchIf(done);
          emitHash(f, this.words, far.at(address), hash);
          this.home(f, hash);
          f.set(slot);
          f.block((entered) => {
            f.loop((again) => {
              f.get(slot).load("i32", 0, far.memory).op(op.i32_eqz);
              f.if(() => {
                f.get(slot);
                if (this.#shared) f.i32(0);
                f.get(number).i32(1).op(op.i32_add).get(hash).op(op.i32_wrap);
                this.#tag(f);
                f.op(op.i32_or);
                if (this.#shared) f.compareExchange("i32", 0, far.memory).op(op.i32_eqz).branchIf(entered);
                else f.store("i32", 0, far.memory).branch(entered);
              });
              this.#nextSlot(f, slot, end);
              f.branch(again);
            });
          });
          f.get(number).i32(1).op(op.i32_add).set(number);
          far
            .with(f.get(address), "add", 8 * this.words)
            .set(address)
            .branch(next);
        });
      });
    });
  }

  #moveFunction(): FunctionBuilder {
    const { module, far } = this.#context;
    return module.function(["i32", "i32"], [], (f) => {
      const [from, to] = [0, 1];
      const address = (): number => f.local(far.kind);
      const [source, target, slot, end, entry, hash] = [address(), address(), address(), address(), f.local("i32"), f.local("i64")];
      this.address(f, from);
      f.set(source);
      this.address(f, to);
      f.set(target);
      emitCopy(f, this.words, far.at(source), far.at(target));
      emitHash(f, this.words, far.at(source), hash);
      this.home(f, hash);
      f.set(slot);
      this.#end(f);
      f.set(end).get(hash).op(op.i32_wrap);
      this.#tag(f);
      f.set(entry);
      f.loop((again) => {
        f.get(slot).load("i32", 0, far.memory).get(from).i32(1).op(op.i32_add).get(entry).op(op.i32_or, op.i32_eq);
        f.if(() => f.get(slot).get(to).i32(1).op(op.i32_add).get(entry).op(op.i32_or).store("i32", 0, far.memory).op(op.return));
        this.#nextSlot(f, slot, end);
        f.branch(again);
      });
      f.op(op.unreachable);
    });
  }
}

/** Pushes the address of the first entry of an index to try. */
export function emitHome(far: Far, f: FunctionBuilder, cells: TableCells, hash: number, entryBytes: 4 | 8): void {
  far.cell(f, cells.index).get(hash).i64(32n).op(op.i64_shr_u).i32(0).load("i32", cells.slots).op(op.i64_extend_u, op.i64_mul).i64(32n).op(op.i64_shr_u);
  far.op(far.with(far.fit(f), "shl", Math.log2(entryBytes)), "add");
}

/** Pushes the address behind its last entry. */
export function emitEnd(far: Far, f: FunctionBuilder, cells: TableCells, entryBytes: 4 | 8): void {
  far.with(far.widen(f.i32(0).load("i32", cells.slots)), "shl", Math.log2(entryBytes));
  far.op(far.cell(f, cells.index), "add");
}

/** The address of the entry after one: after the last one comes the first. */
export function emitNext(far: Far, f: FunctionBuilder, cells: TableCells, slot: number, end: number, entryBytes: 4 | 8): void {
  far.op(far.with(f.get(slot), "add", entryBytes).tee(slot).get(end), "eq");
  f.if(() => far.cell(f, cells.index).set(slot));
}

/** Replaces the address of words in what grows by one where everybody can read them: in a wide memory they are copied. */
export function emitFetch(context: Context, f: FunctionBuilder, words: number): void {
  const { far, regions } = context;
  if (!far.wide) return;
  const [from, to] = [f.local(far.kind), f.local("i32")];
  f.set(from);
  context.own(f, regions.unfolded).set(to);
  emitCopy(f, words, far.at(from), near(to));
  f.get(to);
}

/** Copies words. */
export function emitCopy(f: FunctionBuilder, words: number, from: At, to: At): void {
  for (let i = 0; i < words; i++)
    f.get(to.address)
      .get(from.address)
      .load("i64", 8 * i, from.memory)
      .store("i64", 8 * i, to.memory);
}

/** Mixes words into the 64-bit local `hash` (after Steele, Lea and Flood's SplitMix64). */
export function emitHash(f: FunctionBuilder, words: number, at: At, hash: number): void {
  for (let i = 0; i < words; i++) {
    f.get(at.address).load("i64", 8 * i, at.memory);
    if (i > 0) f.get(hash).op(op.i64_xor);
    f.i64(0x9e3779b97f4a7c15n).op(op.i64_mul).tee(hash).get(hash).i64(32n).op(op.i64_shr_u, op.i64_xor).set(hash);
  }
  f.get(hash)
    .i64(0xbf58476d1ce4e5b9n)
    .op(op.i64_mul)
    .tee(hash)
    .get(hash)
    .i64(29n)
    .op(op.i64_shr_u, op.i64_xor)
    .i64(0x94d049bb133111ebn)
    .op(op.i64_mul)
    .set(hash);
}
