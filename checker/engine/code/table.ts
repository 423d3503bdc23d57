/**
 * The set of states: an append-only array of packed states in the order in which they were found, and a hash index of
 * 32-bit entries into it (open addressing, linear probing). An entry holds the state's number plus one in its low bits
 * and bits of its hash in the others, so that a probe rarely looks at a state in vain. States are compared in full:
 * the set is exact. The array is the breadth-first order: levels are ranges of numbers, and the frontier is read in
 * sequence. Growing rebuilds the index from the array, so old and new index never exist side by side.
 *
 * For several workers: a state is written to a place of the worker's own, then published by a compare-and-swap of the
 * index entry from 0; a worker that loses compares and reuses its place. Growing happens at a barrier.
 */
import { type FunctionBuilder, op } from "../wasm/encoder.ts";
import type { Context } from "./context.ts";

export interface TableGlobals {
  /** States stored. */
  readonly count: number;
  /** Room in the array; the index has a third more entries. */
  readonly capacity: number;
  /** Address and number of the index entries. */
  readonly index: number;
  readonly slots: number;
  /** Bits of an entry that hold the number. */
  readonly numberMask: number;
}

export function tableGlobals(context: Context): TableGlobals {
  const { module } = context;
  return {
    count: module.global("count", "i32"),
    capacity: module.global("capacity", "i32"),
    index: module.global("index", "i32"),
    slots: module.global("slots", "i32"),
    numberMask: module.global("numberMask", "i32"),
  };
}

/** Mixes the words at the address in `address` into the 64-bit local `hash` (after Steele, Lea and Flood's SplitMix64). */
export function emitHash(context: Context, f: FunctionBuilder, address: number, hash: number): void {
  for (let i = 0; i < context.layout.words; i++) {
    f.get(address).load("i64", 8 * i);
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

/** Pushes the address of the first index entry to try. */
export function emitHome(f: FunctionBuilder, globals: TableGlobals, hash: number): void {
  f.getGlobal(globals.index);
  f.get(hash).i64(32n).op(op.i64_shr_u).getGlobal(globals.slots).op(op.i64_extend_u, op.i64_mul).i64(32n).op(op.i64_shr_u, op.i32_wrap);
  f.i32(2).op(op.i32_shl, op.i32_add);
}

/** Pushes the address of the state with the number in the local. */
export function emitStateAddress(context: Context, f: FunctionBuilder, number: number): void {
  f.get(number).i32(context.stateBytes).op(op.i32_mul).i32(context.regions.states).op(op.i32_add);
}

/**
 * Looks for the state at an address: (address, hash) → its number, or -1 - the address of the free index entry, as a
 * 64-bit integer.
 */
export function findFunction(context: Context, globals: TableGlobals): FunctionBuilder {
  return context.module.function(["i32", "i64"], ["i64"], (f) => {
    const [address, hash] = [0, 1];
    const [slot, entry, tag, state, end] = [f.local("i32"), f.local("i32"), f.local("i32"), f.local("i32"), f.local("i32")];
    emitHome(f, globals, hash);
    f.set(slot);
    f.getGlobal(globals.slots).i32(2).op(op.i32_shl).getGlobal(globals.index).op(op.i32_add).set(end);
    f.get(hash).op(op.i32_wrap).getGlobal(globals.numberMask).i32(-1).op(op.i32_xor, op.i32_and).set(tag);
    f.loop((again) => {
      f.get(slot).load("i32").tee(entry).op(op.i32_eqz);
      f.if(() => f.i64(-1n).get(slot).op(op.i64_extend_u, op.i64_sub, op.return));
      f.block((differs) => {
        f.get(entry).get(tag).op(op.i32_xor).getGlobal(globals.numberMask).i32(-1).op(op.i32_xor, op.i32_and).branchIf(differs);
        f.get(entry).getGlobal(globals.numberMask).op(op.i32_and).i32(1).op(op.i32_sub).set(entry);
        emitStateAddress(context, f, entry);
        f.set(state);
        for (let i = 0; i < context.layout.words; i++)
          f.get(state)
            .load("i64", 8 * i)
            .get(address)
            .load("i64", 8 * i)
            .op(op.i64_ne)
            .branchIf(differs);
        f.get(entry).op(op.i64_extend_u, op.return);
      });
      f.get(slot)
        .i32(4)
        .op(op.i32_add)
        .tee(slot)
        .get(end)
        .op(op.i32_eq)
        .if(() => f.getGlobal(globals.index).set(slot));
      f.branch(again);
    });
    f.op(op.unreachable);
  });
}

/** Enters all states of the array into an index of zeros. */
export function rebuildFunction(context: Context, globals: TableGlobals): FunctionBuilder {
  return context.module.function([], [], (f) => {
    const [number, address, slot, end, hash] = [f.local("i32"), f.local("i32"), f.local("i32"), f.local("i32"), f.local("i64")];
    f.getGlobal(globals.slots).i32(2).op(op.i32_shl).getGlobal(globals.index).op(op.i32_add).set(end);
    f.i32(context.regions.states).set(address);
    f.block((done) => {
      f.loop((next) => {
        f.get(number).getGlobal(globals.count).op(op.i32_ge_u).branchIf(done);
        emitHash(context, f, address, hash);
        emitHome(f, globals, hash);
        f.set(slot);
        f.block((free) => {
          f.loop((again) => {
            f.get(slot).load("i32").op(op.i32_eqz).branchIf(free);
            f.get(slot)
              .i32(4)
              .op(op.i32_add)
              .tee(slot)
              .get(end)
              .op(op.i32_eq)
              .if(() => f.getGlobal(globals.index).set(slot));
            f.branch(again);
          });
        });
        f.get(slot);
        f.get(number).i32(1).op(op.i32_add).tee(number);
        f.get(hash).op(op.i32_wrap).getGlobal(globals.numberMask).i32(-1).op(op.i32_xor, op.i32_and, op.i32_or).store("i32");
        f.get(address).i32(context.stateBytes).op(op.i32_add).set(address).branch(next);
      });
    });
  });
}
