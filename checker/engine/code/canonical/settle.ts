/** What sorting has left open: refinement first, and then every order of the members that are still equal, for the least state. */
import { type FunctionBuilder, type ModuleBuilder, op } from "../../wasm/encoder.ts";
import type { CanonicalContext } from "./context.ts";
import { nextFunction } from "./orders.ts";
import { fineWordsOf, openFunction, rankFunction, refineFunction } from "./refine.ts";
import { compareFunction, sortFunction } from "./sort.ts";

/** Orders of equal members that are tried at most; with more a state may have several representatives, which costs states, not truth. */
export const mostOrders = 40_320;

/** (state) → what sorting has left open is settled, and the state is its representative. */
export function settleFunction(cx: CanonicalContext, module: ModuleBuilder, compare: FunctionBuilder, apply: FunctionBuilder): FunctionBuilder {
  const { order, fine, candidate, best, bestOrder } = cx.scratch;
  const fineWords = fineWordsOf(cx);
  const compareFine = compareFunction(module, fineWords);
  const sortFine = sortFunction(cx, module, compareFine, fine, 8 * fineWords);
  const compareStates = compareFunction(module, cx.words);
  const rankAll = rankFunction(cx, module, compare, compareFine);
  const refine = refineFunction(cx, module);
  const open = openFunction(cx, module);
  const next = nextFunction(cx, module);

  return module.function(["i32"], [], (f) => {
    const [own, ranks, before, tries] = [f.local("i32"), f.local("i32"), f.local("i32"), f.local("i32")];
    cx.own(f, 0).set(own);
    const copyWords = (from: () => void, to: () => void): void => {
      for (let word = 0; word < cx.words; word++) {
        to();
        from();
        f.load("i64", 8 * word).store("i64", 8 * word);
      }
    };
    const scratch = (offset: number) => (): void => void f.get(own).i32(offset).op(op.i32_add);
    const orderBytes = Math.ceil(cx.count / 8);
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
        f.get(ranks).i32(cx.count).op(op.i32_eq).branchIf(stable);
        f.get(ranks).set(before).call(refine);
        for (const { first, members } of cx.plan.groups)
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
            f.if(() => f.i32(0).i32(1).store("i32", cx.inexact).branch(done));
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
