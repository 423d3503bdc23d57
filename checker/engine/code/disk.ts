/**
 * What a search on disk does with a stretch of the states that it has stored there, once they are in memory: it looks them up
 * among the new ones, and strikes out those that it finds. Each pass adds up the hashes of the states that it sees, so that a
 * file that has been damaged is noticed.
 */
import { type FunctionBuilder, op } from "../wasm/encoder.ts";
import { cells, own } from "./cells.ts";
import type { Context } from "./context.ts";
import { emitCopy, emitHash, type Table } from "./table.ts";

/** Adds and exports the functions. Both sums are of the worker's own. */
export function diskFunctions({ module, globals }: Context, table: Table): void {
  /** For each element first..end-1: its address and its hash, which is added to the sum. */
  const each = (f: FunctionBuilder, body: (address: number, hash: number) => void): void => {
    const [number, end] = [0, 1];
    const [address, hash, sum] = [f.local("i32"), f.local("i64"), f.local("i64")];
    f.block((done) => {
      f.loop((next) => {
        f.get(number).get(end).op(op.i32_ge_u).branchIf(done);
        table.address(f, number);
        f.set(address);
        emitHash(f, table.words, address, hash);
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
        f.if(() => f.i32(0).load("i32", cells.marks).get(found).op(op.i32_add).i32(1).store8());
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
      const [kept, from, to] = [f.local("i32"), f.local("i32"), f.local("i32")];
      f.get(number).set(kept);
      f.block((done) => {
        f.loop((next) => {
          f.get(number).get(end).op(op.i32_ge_u).branchIf(done);
          f.i32(0).load("i32", cells.marks).get(number).op(op.i32_add).load8().op(op.i32_eqz);
          f.if(() => {
            table.address(f, number);
            f.set(from);
            table.address(f, kept);
            f.set(to);
            emitCopy(f, table.words, from, to);
            f.get(kept).i32(1).op(op.i32_add).set(kept);
          });
          f.get(number).i32(1).op(op.i32_add).set(number).branch(next);
        });
      });
      f.get(kept);
    }),
  );
}
