/**
 * What "seen before" means, as generated code: four stores behind one interface.
 *
 * - exact: the packed states themselves ({@link Table}).
 * - compressed: a state is a binary tree over its words; equal subtrees are stored once, each as a pair of 32-bit numbers,
 *   and a state is the pair at its root (Blom, Lisser, van de Pol, Weber: "A Database Approach to Distributed State-Space
 *   Generation", 2007). Exact.
 * - compact: of each state a 64-bit hash (Wolper, Leroy: "Reliable Hashing without Collision Detection", 1993).
 * - bitstate: three bits of an array (Holzmann: "An Analysis of Bitstate Hashing", 1998).
 *
 * The last two keep the states of two levels only, each with the step that it was found by.
 */
import { type FunctionBuilder, op } from "../wasm/encoder.ts";
import type { StoreKind } from "../../result.ts";
import { cells, own } from "./cells.ts";
import type { Context } from "./context.ts";
import { diskFunctions } from "./disk.ts";
import { near } from "./far.ts";
import { emitCopy, emitEnd, emitFetch, emitHash, emitHome, emitNext, Table, takeNumber } from "./table.ts";

export interface StateStore {
  /** Pushes an address, in what has a fixed size or in the only memory, of the words of the state with the number in a local, until the next state is asked for. */
  locate(f: FunctionBuilder, number: number): void;
  /** Makes the entry in a local ready: its hash, and what `insert` looks at into the cache. Pushes 0 if there is no room. */
  prepare(f: FunctionBuilder, entry: number): void;
  /** Stores what a prepared entry leads to. Pushes a negative number if there is no room. */
  insert(f: FunctionBuilder, entry: number): void;
  /** Pushes the number of the state that a prepared entry leads to, or -1. Null: states have no lasting numbers. */
  readonly find: ((f: FunctionBuilder, entry: number) => void) | null;
}

/** Whether a store keeps every state under its number. */
export function numbered(kind: StoreKind): boolean {
  return kind === "exact" || kind === "compressed";
}

export function stateStore(context: Context): StateStore {
  switch (context.store) {
    case "exact":
      return exact(context);
    case "compressed":
      // There is nothing to share in one word.
      return context.layout.words === 1 ? exact(context) : compressed(context);
    case "compact":
    case "bitstate":
      return hashed(context, context.store);
  }
}

function exact(context: Context): StateStore {
  const { layout, module, stateBytes } = context;
  const table = new Table(context, layout.words, cells.states, own.states);
  const touched = module.global("touched", "i32");
  module.export("clear", table.clear);
  module.export("rebuild", table.rebuild);
  module.export("move", table.move);
  diskFunctions(context, table);
  return {
    locate: (f, number) => table.fetch(f, number),
    prepare(f, entry) {
      const hash = f.local("i64");
      emitHash(f, layout.words, near(entry), hash);
      f.get(entry)
        .get(hash)
        .store("i64", stateBytes + 8);
      touch(context, f, touched, () => table.home(f, hash));
      f.i32(1);
    },
    insert: (f, entry) =>
      f
        .get(entry)
        .get(entry)
        .load("i64", stateBytes + 8)
        .call(table.insert),
    find: (f, entry) =>
      f
        .get(entry)
        .get(entry)
        .load("i64", stateBytes + 8)
        .call(table.find),
  };
}

/** Loads from the address that `address` pushes, so that it is in the cache. */
function touch({ far }: Context, f: FunctionBuilder, touched: number, address: () => void): void {
  address();
  // Added up in a global: the load must not be thought useless.
  f.load("i32", 0, far.memory).getGlobal(touched).op(op.i32_add).setGlobal(touched);
}

function compressed(context: Context): StateStore {
  const { layout, module, stateBytes, regions, far } = context;
  const states = new Table(context, 1, cells.states, own.states);
  const nodes = new Table(context, 1, cells.nodes, own.nodes);
  const touched = module.global("touched", "i32");
  module.export("clear", states.clear);
  module.export("rebuild", states.rebuild);
  module.export("move", states.move);
  module.export("rebuildNodes", nodes.rebuild);
  const root = stateBytes + 16;

  // (address of a node's words, whether to store it) → its number, or -1.
  const nodeOf = module.function(["i32", "i32"], ["i32"], (f) => {
    const hash = f.local("i64");
    emitHash(f, 1, near(0), hash);
    f.get(1).if(() => f.get(0).get(hash).call(nodes.insert).op(op.return));
    f.get(0).get(hash).call(nodes.find);
  });
  // (address of a state's words, whether to store nodes) → 0 if a node is missing; the root goes to the scratch word.
  const fold = module.function(["i32", "i32"], ["i32"], (f) => {
    const scratch = f.local("i32");
    context.own(f, regions.scratch).set(scratch);
    /** Leaves the value of words first..end-1 in the local. */
    const value = (first: number, end: number): number => {
      const into = f.local("i64");
      if (end - first === 1) {
        f.get(0)
          .load("i64", 8 * first)
          .set(into);
        return into;
      }
      const middle = (first + end) >> 1;
      for (const [i, part] of [value(first, middle), value(middle, end)].entries()) {
        const number = f.local("i32");
        f.get(scratch).get(part).store("i64").get(scratch).get(1).call(nodeOf).tee(number).i32(0).op(op.i32_lt_s);
        f.if(() => f.i32(0).op(op.return));
        f.get(number).op(op.i64_extend_u);
        if (i === 1) f.i64(32n).op(op.i64_shl).get(into).op(op.i64_or);
        f.set(into);
      }
      return into;
    };
    const top = value(0, layout.words);
    f.get(scratch).get(top).store("i64").i32(1);
  });
  // (number of a state) → address of its words, in the worker's own part.
  const unfold = module.function(["i32"], ["i32"], (f) => {
    const [target, at] = [f.local("i32"), f.local("i32")];
    context.own(f, regions.unfolded).set(target);
    const spread = (node: number, first: number, end: number): void => {
      if (end - first === 1) {
        f.get(target)
          .get(node)
          .store("i64", 8 * first);
        return;
      }
      const middle = (first + end) >> 1;
      const child = f.local("i64");
      for (const [shift, from, to] of [
        [0n, first, middle],
        [32n, middle, end],
      ] as const) {
        f.get(node).i64(shift).op(op.i64_shr_u, op.i32_wrap).set(at);
        nodes.address(f, at);
        f.load("i64", 0, far.memory).set(child);
        spread(child, from, to);
      }
    };
    const node = f.local("i64");
    states.address(f, 0);
    f.load("i64", 0, far.memory).set(node);
    spread(node, 0, layout.words);
    f.get(target);
  });

  const prepare = (f: FunctionBuilder, entry: number, storing: boolean): void => {
    const [hash, scratch] = [f.local("i64"), f.local("i32")];
    f.get(entry).i32(Number(storing)).call(fold);
    f.if(
      () => {
        context.own(f, regions.scratch).set(scratch);
        f.get(entry).get(scratch).load("i64").store("i64", root);
        emitHash(f, 1, near(scratch), hash);
        f.get(entry)
          .get(hash)
          .store("i64", stateBytes + 8);
        touch(context, f, touched, () => states.home(f, hash));
        f.i32(1);
      },
      () => f.i32(0),
      "i32",
    );
  };
  const withRoot = (f: FunctionBuilder, entry: number): FunctionBuilder =>
    f
      .get(entry)
      .i32(root)
      .op(op.i32_add)
      .get(entry)
      .load("i64", stateBytes + 8);
  return {
    locate: (f, number) => f.get(number).call(unfold),
    prepare: (f, entry) => prepare(f, entry, true),
    insert: (f, entry) => withRoot(f, entry).call(states.insert),
    find: (f, entry) => withRoot(f, entry).call(states.find),
  };
}

/** Fields of a record behind the words, as in an entry of the buffer: transition, pick, and the number that it comes from. */
export const recordTail = 16;
/** Bits that a state sets in a bit array. */
export const bitsSet = 3;

function hashed(context: Context, kind: "compact" | "bitstate"): StateStore {
  const { layout, module, globals, stateBytes, far } = context;
  const touched = module.global("touched", "i32");
  const shared = context.workers > 1;
  const record = stateBytes + recordTail;
  const locate = (f: FunctionBuilder, number: number): void => void far.item(f, cells.states.base, number, record);
  /** Pushes the address of the first slot, or of the word with a state's first bit. */
  const home = (f: FunctionBuilder, hash: number): void => emitHome(far, f, cells.states, hash, 8);
  const next = (f: FunctionBuilder, slot: number, end: number): void => emitNext(far, f, cells.states, slot, end, 8);
  /** Writes the entry's state to the next number's place; leaves -1 if there is none. */
  const place = (f: FunctionBuilder, entry: number, number: number): void => {
    takeNumber(context, f, cells.states, own.states, number);
    const to = f.local(far.kind);
    locate(f, number);
    f.set(to);
    emitCopy(f, layout.words + 1, near(entry), far.at(to));
    f.get(to)
      .get(entry)
      .load("i64", stateBytes + 16)
      .store("i64", stateBytes + 8, far.memory);
  };
  const placed = (f: FunctionBuilder, number: number): void => void f.getGlobal(globals.own).get(number).i32(1).op(op.i32_add).store("i32", own.states.next);

  // (entry) → -1 if there is no room. A slot holds a hash; none is 0.
  const fingerprint = (f: FunctionBuilder): void => {
    const [number, slot, end] = [f.local("i32"), f.local(far.kind), f.local(far.kind)];
    const [hash, there] = [f.local("i64"), f.local("i64")];
    f.get(0)
      .load("i64", stateBytes + 8)
      .set(hash);
    home(f, hash);
    f.set(slot);
    emitEnd(far, f, cells.states, 8);
    f.set(end);
    f.loop((again) => {
      (shared ? f.get(slot).atomicLoad("i64", 0, far.memory) : f.get(slot).load("i64", 0, far.memory)).tee(there).op(op.i64_eqz);
      f.if(() => {
        place(f, 0, number);
        if (shared) f.get(slot).i64(0n).get(hash).compareExchange("i64", 0, far.memory).tee(there).op(op.i64_eqz);
        else f.get(slot).get(hash).store("i64", 0, far.memory).i32(1);
        f.if(() => {
          placed(f, number);
          f.i32(1).op(op.return);
        });
      });
      f.get(there)
        .get(hash)
        .op(op.i64_ne, op.i32_eqz)
        .if(() => f.i32(0).op(op.return));
      next(f, slot, end);
      f.branch(again);
    });
    f.op(op.unreachable);
  };
  // (entry) → -1 if there is no room. `slots` is a power of two, of 64-bit words. One worker.
  const bits = (f: FunctionBuilder): void => {
    const number = f.local("i32");
    const [hash, stride, bit] = [f.local("i64"), f.local("i64"), f.local("i64")];
    const [words, masks] = [Array.from({ length: bitsSet }, () => f.local(far.kind)), Array.from({ length: bitsSet }, () => f.local("i64"))];
    f.get(0)
      .load("i64", stateBytes + 8)
      .tee(hash)
      .tee(bit)
      .i64(29n)
      .op(op.i64_rotl)
      .i64(1n)
      .op(op.i64_or)
      .set(stride);
    for (const [i, word] of words.entries()) {
      const mask = masks[i] ?? 0;
      home(f, bit);
      f.set(word).i64(1n).get(bit).i64(63n).op(op.i64_and, op.i64_shl).set(mask);
      f.get(bit).get(stride).op(op.i64_add).set(bit);
    }
    f.block((unseen) => {
      for (const [i, word] of words.entries())
        f.get(word)
          .load("i64", 0, far.memory)
          .get(masks[i] ?? 0)
          .op(op.i64_and, op.i64_eqz)
          .branchIf(unseen);
      f.i32(0).op(op.return);
    });
    place(f, 0, number);
    for (const [i, word] of words.entries())
      f.get(word)
        .get(word)
        .load("i64", 0, far.memory)
        .get(masks[i] ?? 0)
        .op(op.i64_or)
        .store("i64", 0, far.memory);
    placed(f, number);
    f.i32(1);
  };
  const insert = module.function(["i32"], ["i32"], kind === "compact" ? fingerprint : bits);

  if (kind === "compact") {
    // (first, end) → enters the hashes that stand in these 64-bit words of memory into a table that lacks them.
    module.export(
      "reenter",
      module.function(["i32", "i32"], [], (f) => {
        const [word, last] = [0, 1];
        const [at, slot, end, hash] = [f.local(far.kind), f.local(far.kind), f.local(far.kind), f.local("i64")];
        far.with(far.widen(f.get(word)), "shl", 3).set(at);
        emitEnd(far, f, cells.states, 8);
        f.set(end);
        f.block((done) => {
          f.loop((again) => {
            f.get(word).get(last).op(op.i32_eq).branchIf(done);
            f.get(at).load("i64", 0, far.memory).tee(hash).op(op.i64_eqz, op.i32_eqz);
            f.if(() => {
              home(f, hash);
              f.set(slot);
              f.block((free) => {
                f.loop((taken) => {
                  f.get(slot).load("i64", 0, far.memory).op(op.i64_eqz).branchIf(free);
                  next(f, slot, end);
                  f.branch(taken);
                });
              });
              f.get(slot).get(hash).store("i64", 0, far.memory);
            });
            far.with(f.get(at), "add", 8).set(at);
            f.get(word).i32(1).op(op.i32_add).set(word).branch(again);
          });
        });
      }),
    );
  }
  return {
    locate(f, number) {
      locate(f, number);
      emitFetch(context, f, layout.words);
    },
    prepare(f, entry) {
      const hash = f.local("i64");
      emitHash(f, layout.words, near(entry), hash);
      if (context.seed !== 0) {
        // Another hash function: a permutation of the first one's values.
        f.get(hash).i64(BigInt(context.seed)).op(op.i64_xor).i64(0x9fb21c651e98df25n).op(op.i64_mul).tee(hash).get(hash).i64(32n).op(op.i64_shr_u, op.i64_xor);
        f.i64(0xd6e8feb86659fd93n).op(op.i64_mul).set(hash);
      }
      // 0 means that a slot is free.
      f.get(hash).op(op.i64_eqz);
      f.if(() => f.i64(1n).set(hash));
      f.get(entry)
        .get(hash)
        .store("i64", stateBytes + 8);
      touch(context, f, touched, () => home(f, hash));
      f.i32(1);
    },
    insert: (f, entry) => f.get(entry).call(insert),
    find: null,
  };
}
