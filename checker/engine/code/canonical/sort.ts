/** Compares and sorts: members by their keys, states by their words. */
import { type FunctionBuilder, type ModuleBuilder, op } from "../../wasm/encoder.ts";
import { byte, type CanonicalContext, each } from "./context.ts";

/** (address, address) → 0 if the first words are equal, 1 if the first is less, 2 if it is greater. */
export function compareFunction(module: ModuleBuilder, words: number): FunctionBuilder {
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

/**
 * (first, end) → sorts the order of these places by the keys of who stands there, least first, equal ones as they were:
 * 1 if some have moved, and 2 more if some are equal. Insertion: a step moves one or two members only.
 */
export function sortFunction(cx: CanonicalContext, module: ModuleBuilder, compare: FunctionBuilder, keys: number, stride: number): FunctionBuilder {
  const { order } = cx.scratch;
  return module.function(["i32", "i32"], ["i32"], (f) => {
    const [first, end] = [0, 1];
    const [own, here, at, other, how, result] = [f.local("i32"), f.local("i32"), f.local("i32"), f.local("i32"), f.local("i32"), f.local("i32")];
    cx.own(f, 0).set(own);
    const key = (member: number): void => void f.get(member).i32(stride).op(op.i32_mul).get(own).op(op.i32_add).i32(keys).op(op.i32_add);
    each(
      f,
      () => f.get(first).i32(1).op(op.i32_add),
      () => f.get(end),
      (i) => {
        byte(f, own, order, i).set(here);
        f.get(i).set(at);
        f.block((placed) => {
          f.loop((again) => {
            f.get(at).get(first).op(op.i32_eq).branchIf(placed);
            byte(f, own, order - 1, at).set(other);
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
