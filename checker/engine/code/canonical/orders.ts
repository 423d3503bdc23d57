/** All orders of members that are equal, one after the other: rows of permutations in lexicographic order. */
import { type FunctionBuilder, type ModuleBuilder, op } from "../../wasm/encoder.ts";
import { byte, type CanonicalContext } from "./context.ts";

/** () → the next order of equal members, in the order of their numbers; 0 after the last one. */
export function nextFunction(cx: CanonicalContext, module: ModuleBuilder): FunctionBuilder {
  const { order, rank } = cx.scratch;
  return module.function([], ["i32"], (f) => {
    const [own, start, end, i, j, a, b] = [f.local("i32"), f.local("i32"), f.local("i32"), f.local("i32"), f.local("i32"), f.local("i32"), f.local("i32")];
    cx.own(f, 0).set(own);
    const at = (place: number): FunctionBuilder => byte(f, own, order, place);
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
        f.get(end).set(start).get(start).i32(cx.count).op(op.i32_ge_s).branchIf(over);
        f.block((found) => {
          f.loop((again) => {
            f.get(end).i32(1).op(op.i32_add).tee(end).i32(cx.count).op(op.i32_ge_s).branchIf(found);
            at(end).set(a);
            at(start).set(b);
            byte(f, own, rank, a);
            byte(f, own, rank, b).op(op.i32_eq).branchIf(again);
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
}
