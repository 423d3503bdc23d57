/**
 * What a search on disk does with a stretch of the states that it has stored there, once they are in memory: it looks them up
 * among the new ones, and strikes out those that it finds; or, after the search, tells those that it finds their lasting
 * numbers. Each pass adds up the hashes of the states that it sees, so that a
 * file that has been damaged is noticed.
 */
import { type FunctionBuilder, op } from "../wasm/encoder.ts";
import { cells, own } from "./cells.ts";
import type { Context } from "./context.ts";
import type { Expansion } from "./expansion.ts";
import { near } from "./far.ts";
import { kept } from "./stored.ts";
import { emitCopy, emitHash, type Table } from "./table.ts";

/** Adds and exports the functions. Both sums are of the worker's own. */
export function diskFunctions({ module, globals, far }: Context, table: Table): void {
  /** For each element first..end-1: its address and its hash, which is added to the sum. */
  const each = (f: FunctionBuilder, body: (address: number, hash: number) => void): void => {
    const [number, end] = [0, 1];
    const [address, hash, sum] = [f.local("i32"), f.local("i64"), f.local("i64")];
    f.block((done) => {
      f.loop((next) => {
        f.get(number).get(end).op(op.i32_ge_u).branchIf(done);
        table.fetch(f, number);
        f.set(address);
        emitHash(f, table.words, near(address), hash);
        f.get(sum).get(hash).op(op.i64_add).set(sum);
        body(address, hash);
        f.get(number).i32(1).op(op.i32_add).set(number).branch(next);
      });
    });
    f.getGlobal(globals.own).getGlobal(globals.own).load("i64", own.sum).get(sum).op(op.i64_add).store("i64", own.sum);
  };

  // (first, end) → marks the elements of the index that are equal to one of these.
  module.export(
    "strike",
    module.function(["i32", "i32"], [], (f) => {
      const found = f.local("i32");
      each(f, (address, hash) => {
        f.get(address).get(hash).call(table.find).tee(found).i32(0).op(op.i32_ge_s);
        f.if(() => far.item(f, cells.marks, found, 1).i32(1).store8(0, far.memory));
      });
    }),
  );
  // (first, end, number of the first) → gives the elements of the index that are equal to one of these their numbers.
  module.export(
    "enumerate",
    module.function(["i32", "i32", "i32"], [], (f) => {
      const [number, base] = [0, 2];
      const found = f.local("i32");
      each(f, (address, hash) => {
        f.get(address).get(hash).call(table.find).tee(found).i32(0).op(op.i32_ge_s);
        f.if(() => {
          far.item(f, cells.links, found, 4);
          f.get(base).get(number).op(op.i32_add).store("i32", 0, far.memory);
        });
      });
    }),
  );
  // (first, end) → only the sum.
  module.export(
    "digest",
    module.function(["i32", "i32"], [], (f) => each(f, () => undefined)),
  );
  // (first, end) → moves the elements that are not marked together; where they end. The index is of no use afterwards.
  module.export(
    "squeeze",
    module.function(["i32", "i32"], ["i32"], (f) => {
      const [number, end] = [0, 1];
      const [kept, from, to] = [f.local("i32"), f.local(far.kind), f.local(far.kind)];
      f.get(number).set(kept);
      f.block((done) => {
        f.loop((next) => {
          f.get(number).get(end).op(op.i32_ge_u).branchIf(done);
          far.item(f, cells.marks, number, 1).load8(0, far.memory).op(op.i32_eqz);
          f.if(() => {
            table.address(f, number);
            f.set(from);
            table.address(f, kept);
            f.set(to);
            emitCopy(f, table.words, far.at(from), far.at(to));
            f.get(kept).i32(1).op(op.i32_add).set(kept);
          });
          f.get(number).i32(1).op(op.i32_add).set(number).branch(next);
        });
      });
      f.get(kept);
    }),
  );
}

/**
 * After the search: steps into the index. (first, end, waits) → expands the states in which some thread is in one of the waits
 * and stores what steps of trusted threads lead to; which state was the first for which there was no room, or the end.
 */
export function gatherFunction(context: Context, expansion: Expansion, insert: (f: FunctionBuilder, entry: number) => void, prepare: FunctionBuilder): void {
  const { module, globals, regions, stateBytes, entryBytes, far } = context;
  const { saved } = kept(context);
  module.export(
    "gather",
    module.function(["i32", "i32", "i32"], ["i32"], (f) => {
      const [state, end, waits] = [0, 1, 2];
      const entry = f.local("i32");
      const forget = (): void => void context.own(f, regions.successors).setGlobal(globals.tail);
      f.block((done) => {
        f.loop((next) => {
          f.get(state).get(end).op(op.i32_ge_u).branchIf(done);
          saved(f, state);
          f.load8(0, far.memory).i32(-1).op(op.i32_xor).get(waits).op(op.i32_and);
          f.if(() => {
            expansion.quietly(f, state);
            f.call(prepare).op(op.drop);
            context.own(f, regions.successors).set(entry);
            f.block((stored) => {
              f.loop((again) => {
                f.get(entry).getGlobal(globals.tail).op(op.i32_ge_u).branchIf(stored);
                f.get(entry).load("i32", stateBytes).load8(regions.trusted);
                f.if(() => {
                  insert(f, entry);
                  f.i32(0).op(op.i32_lt_s);
                  f.if(() => {
                    forget();
                    f.get(state).op(op.return);
                  });
                });
                f.get(entry).i32(entryBytes).op(op.i32_add).set(entry).branch(again);
              });
            });
            forget();
          });
          f.get(state).i32(1).op(op.i32_add).set(state).branch(next);
        });
      });
      f.get(end);
    }),
  );
}
