/**
 * The representative of a state under all orders of its symmetric replicas, as generated code.
 *
 * Each member of a group gets a key that does not depend on how the members are numbered: what it has of its own, whom it
 * names outside of the groups, whether it names itself or some other member, and where outside of the members it is
 * named. Sorting by keys decides nearly always. Where equal members name each other, keys are refined by the keys of whom
 * they name (partition refinement, as in McKay: "Practical Graph Isomorphism", 1981); what that leaves open is settled by
 * trying every order of the members that are still equal, and taking the least state. So the representative is the same
 * for all states of an orbit, unless there are more such orders than settle.ts tries.
 */
import { type FunctionBuilder, type ModuleBuilder, op } from "../../wasm/encoder.ts";
import { applyFunction } from "./apply.ts";
import type { CanonicalContext } from "./context.ts";
import { readFunction } from "./read.ts";
import { settleFunction } from "./settle.ts";
import { compareFunction, sortFunction } from "./sort.ts";

export { CanonicalContext } from "./context.ts";
export { type CanonicalMemory, memoryOf, orderAt } from "./layout.ts";

/** (address of a state's words) → its words are those of the representative; the order that gives them is in memory. */
export function representFunction(cx: CanonicalContext, module: ModuleBuilder): FunctionBuilder {
  const { records } = cx.scratch;
  const stride = 8 * cx.record.words;
  const plain = cx.record.keyWords + cx.record.mentionWords;
  const compare = compareFunction(module, plain);
  const sort = sortFunction(cx, module, compare, records, stride);
  const read = readFunction(cx, module);
  const apply = applyFunction(cx, module);
  const anyNames = cx.mostNames > 0;
  const settle = anyNames ? settleFunction(cx, module, compare, apply) : null;
  return module.function(["i32"], [], (f) => {
    const [linked, sorted] = [f.local("i32"), f.local("i32")];
    f.get(0).call(read).set(linked);
    // 0: as they were; 1: some have moved; and 2 more if some are equal.
    for (const { first, members } of cx.plan.groups) {
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
  });
}
