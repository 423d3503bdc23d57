/** The state that an order of its members makes of it: what they hold changes places, and their names go along. */
import type { Bits, Naming } from "../../symmetry.ts";
import { type FunctionBuilder, type ModuleBuilder, op } from "../../wasm/encoder.ts";
import { bitsOf, type CanonicalContext, mask } from "./context.ts";
import { nobody } from "./layout.ts";

/** (state, where to) → writes the state that the order makes of it. */
export function applyFunction(cx: CanonicalContext, module: ModuleBuilder): FunctionBuilder {
  const { records, order, moved } = cx.scratch;
  const { words: recordWords, values } = cx.record;
  return module.function(["i32", "i32"], [], (f) => {
    const words = cx.loadWords(f, 0);
    const [own, number, at] = [f.local("i32"), f.local("i32"), f.local("i32")];
    cx.own(f, 0).set(own);
    const naming = cx.mostNames > 0 || cx.plan.mentions.length > 0;
    if (naming) {
      // What is to be added to a number that stands for a member: where it goes less where it was.
      for (const { first, members } of cx.plan.groups) {
        for (const [k, thread] of members.entries()) {
          f.get(own)
            .load8(order + first + k)
            .tee(number)
            .i32(2)
            .op(op.i32_shl)
            .get(own)
            .op(op.i32_add);
          f.i32(thread);
          cx.thread(f, number);
          f.op(op.i32_sub).store("i32", moved);
        }
      }
      f.get(own)
        .i32(0)
        .store("i32", moved + 4 * nobody);
    }
    const renamed = (names: Naming): void => {
      f.get(number);
      cx.member(f, number, names);
      f.i32(2).op(op.i32_shl).get(own).op(op.i32_add).load("i32", moved).op(op.i32_add, op.i64_extend_u);
    };
    // Everything that may change is put in anew.
    const kept = Array.from({ length: cx.words }, () => (1n << 64n) - 1n);
    const clear = ({ word, shift }: Bits, bits: number): void => {
      kept[word] = (kept[word] ?? 0n) & ~(mask(bits) << BigInt(shift));
    };
    for (const { fields } of cx.plan.groups) for (const { bits, places } of fields) for (const place of places) clear(place, bits);
    for (const { bits, place } of cx.plan.mentions) clear(place, bits);
    const result = words.map((word, i) => {
      const local = f.local("i64");
      f.get(word)
        .i64(kept[i] ?? 0n)
        .op(op.i64_and)
        .set(local);
      return local;
    });
    const put = ({ word, shift }: Bits, push: () => void): void => {
      push();
      if (shift > 0) f.i64(BigInt(shift)).op(op.i64_shl);
      f.get(result[word] ?? 0)
        .op(op.i64_or)
        .set(result[word] ?? 0);
    };
    for (const { bits, place, names } of cx.plan.mentions) {
      bitsOf(f, words, place, bits).op(op.i32_wrap).set(number);
      put(place, () => renamed(names));
    }
    const into = Array.from({ length: recordWords }, () => f.local("i64"));
    for (const [g, { first, members, fields }] of cx.plan.groups.entries()) {
      const used = new Set((values[g] ?? []).map(({ word }) => word));
      for (const [k] of members.entries()) {
        f.get(own)
          .load8(order + first + k)
          .i32(8 * recordWords)
          .op(op.i32_mul)
          .get(own)
          .op(op.i32_add)
          .set(at);
        for (const word of used)
          f.get(at)
            .load("i64", records + 8 * word)
            .set(into[word] ?? 0);
        for (const [i, { bits, places, names }] of fields.entries()) {
          const place = places[k] ?? { word: 0, shift: 0 };
          const value = values[g]?.[i] ?? { word: 0, shift: 0 };
          if (names === null) put(place, () => bitsOf(f, into, value, bits));
          else {
            bitsOf(f, into, value, bits).op(op.i32_wrap).set(number);
            put(place, () => renamed(names));
          }
        }
      }
    }
    for (const [i, word] of result.entries())
      f.get(1)
        .get(word)
        .store("i64", 8 * i);
  });
}
