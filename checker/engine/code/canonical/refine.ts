/**
 * Partition refinement: equal members get ranks, and keys from the ranks of whom they name, until nothing changes.
 * After McKay: "Practical Graph Isomorphism" (1981).
 */
import { type FunctionBuilder, type ModuleBuilder, op } from "../../wasm/encoder.ts";
import { byte, type CanonicalContext, each } from "./context.ts";
import { nobody } from "./layout.ts";

/** In a refined key: names nobody, names itself. */
const [namesNobody, namesItself] = [255, 254];

/** Words of a refined key: the rank, and a byte for each name. */
export const fineWordsOf = (cx: CanonicalContext): number => 1 + Math.ceil(cx.mostNames / 8);

/** (whether to compare refined keys) → ranks by the order: equal members share the place of the first of them. How many ranks there are. */
export function rankFunction(cx: CanonicalContext, module: ModuleBuilder, compare: FunctionBuilder, compareFine: FunctionBuilder): FunctionBuilder {
  const { records, order, rank, fine } = cx.scratch;
  const [recordBytes, fineBytes] = [8 * cx.record.words, 8 * fineWordsOf(cx)];
  return module.function(["i32"], ["i32"], (f) => {
    const [own, here, before, place, count] = [f.local("i32"), f.local("i32"), f.local("i32"), f.local("i32"), f.local("i32")];
    cx.own(f, 0).set(own);
    const differs = (by: FunctionBuilder, keys: number, stride: number): void => {
      for (const member of [before, here]) f.get(member).i32(stride).op(op.i32_mul).get(own).op(op.i32_add).i32(keys).op(op.i32_add);
      f.call(by);
    };
    for (const { first, members } of cx.plan.groups) {
      each(
        f,
        () => f.i32(first),
        () => f.i32(first + members.length),
        (i) => {
          byte(f, own, order, i).set(here);
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
}

/** Keys from the ranks of members and of whom they name. */
export function refineFunction(cx: CanonicalContext, module: ModuleBuilder): FunctionBuilder {
  const { rank, fine, named } = cx.scratch;
  const fineWords = fineWordsOf(cx);
  const fineBytes = 8 * fineWords;
  return module.function([], [], (f) => {
    const [own, at, target] = [f.local("i32"), f.local("i32"), f.local("i32")];
    cx.own(f, 0).set(own);
    for (const [g, { first, members }] of cx.plan.groups.entries()) {
      const names = cx.naming[g]?.length ?? 0;
      each(
        f,
        () => f.i32(first),
        () => f.i32(first + members.length),
        (m) => {
          f.get(m).i32(fineBytes).op(op.i32_mul).get(own).op(op.i32_add).set(at);
          f.get(at);
          byte(f, own, rank, m).op(op.i64_extend_u).store("i64", fine);
          for (let word = 1; word < fineWords; word++)
            f.get(at)
              .i64(0n)
              .store("i64", fine + 8 * word);
          for (let name = 0; name < names; name++) {
            f.get(m)
              .i32(cx.mostNames)
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
                  () => byte(f, own, rank, target),
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
}

/** () → whether some member names one of several equal ones. Notes who is one of several. */
export function openFunction(cx: CanonicalContext, module: ModuleBuilder): FunctionBuilder {
  const { rank, named, tied } = cx.scratch;
  return module.function([], ["i32"], (f) => {
    const [own, target] = [f.local("i32"), f.local("i32")];
    cx.own(f, 0).set(own);
    const count = (): void => void f.i32(cx.count);
    each(
      f,
      () => f.i32(0),
      count,
      (m) => {
        f.get(own).get(m).op(op.i32_add).i32(0).store8(tied);
      },
    );
    each(
      f,
      () => f.i32(0),
      count,
      (m) => {
        each(
          f,
          () => f.i32(0),
          count,
          (other) => {
            f.get(m).get(other).op(op.i32_ne);
            byte(f, own, rank, m);
            byte(f, own, rank, other).op(op.i32_eq, op.i32_and);
            f.if(() => f.get(own).get(m).op(op.i32_add).i32(1).store8(tied));
          },
        );
      },
    );
    for (const [g, { first, members }] of cx.plan.groups.entries()) {
      for (let name = 0; name < (cx.naming[g]?.length ?? 0); name++) {
        each(
          f,
          () => f.i32(first),
          () => f.i32(first + members.length),
          (m) => {
            f.get(m)
              .i32(cx.mostNames)
              .op(op.i32_mul)
              .get(own)
              .op(op.i32_add)
              .load8(named + name)
              .tee(target);
            f.i32(nobody).op(op.i32_ne).get(target).get(m).op(op.i32_ne, op.i32_and);
            f.if(() => {
              byte(f, own, tied, target);
              f.if(() => f.i32(1).op(op.return));
            });
          },
        );
      }
    }
    f.i32(0);
  });
}
