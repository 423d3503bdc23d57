/** Reads a state into one record a member: its key, what it holds, and whom it names. */
import { type FunctionBuilder, type ModuleBuilder, op } from "../../wasm/encoder.ts";
import { bitsOf, type CanonicalContext } from "./context.ts";
import { nobody, type Packed } from "./layout.ts";

/** (address of a state's words) → 2 if some member names another one. Fills in records, names and the order as it is. */
export function readFunction(cx: CanonicalContext, module: ModuleBuilder): FunctionBuilder {
  const { records, order, named } = cx.scratch;
  const { words: recordWords, keyWords, mentionWords } = cx.record;
  return module.function(["i32"], ["i32"], (f) => {
    const words = cx.loadWords(f, 0);
    const own = f.local("i32");
    cx.own(f, 0).set(own);
    const linked = f.local("i32");
    const [number, member] = [f.local("i32"), f.local("i32")];
    const into = Array.from({ length: recordWords }, () => f.local("i64"));
    for (const [g, { first, members, fields }] of cx.plan.groups.entries()) {
      for (const [m] of members.entries()) {
        const filled = new Set<number>();
        const put = ({ word, shift }: Packed, push: () => void): void => {
          const local = into[word] ?? 0;
          push();
          if (shift > 0) f.i64(BigInt(shift)).op(op.i64_shl);
          if (filled.has(word)) f.get(local).op(op.i64_or);
          f.set(local);
          filled.add(word);
        };
        for (const [i, { bits, places, names }] of fields.entries()) {
          const place = places[m] ?? { word: 0, shift: 0 };
          const key = cx.record.keys[g]?.[i] ?? { word: 0, shift: 0 };
          if (names === null) {
            put(key, () => bitsOf(f, words, place, bits));
            continue;
          }
          bitsOf(f, words, place, bits).op(op.i32_wrap).set(number);
          cx.member(f, number, names);
          f.set(member);
          put(cx.record.values[g]?.[i] ?? key, () => f.get(number).op(op.i64_extend_u));
          // nobody: the number; itself: above all numbers; another one: above that, by group.
          const itself = 2 ** bits;
          put(key, () => {
            f.get(member).i32(nobody).op(op.i32_eq);
            f.if(
              () => f.get(number),
              () => {
                f.get(member)
                  .i32(first + m)
                  .op(op.i32_eq);
                f.if(
                  () => f.i32(itself),
                  () =>
                    f
                      .i32(2)
                      .set(linked)
                      .get(member)
                      .load8(cx.tables)
                      .i32(itself + 1)
                      .op(op.i32_add),
                  "i32",
                );
              },
              "i32",
            );
            f.op(op.i64_extend_u);
          });
          f.get(own)
            .get(member)
            .store8(named + (first + m) * cx.mostNames + (cx.naming[g]?.indexOf(i) ?? 0));
        }
        for (let word = 0; word < recordWords; word++) {
          if (word >= keyWords && word < keyWords + mentionWords) continue;
          if (!filled.has(word)) f.i64(0n).set(into[word] ?? 0);
          f.get(own)
            .get(into[word] ?? 0)
            .store("i64", records + 8 * ((first + m) * recordWords + word));
        }
        for (let word = keyWords; word < keyWords + mentionWords; word++)
          f.get(own)
            .i64(0n)
            .store("i64", records + 8 * ((first + m) * recordWords + word));
        f.get(own)
          .i32(first + m)
          .store8(order + first + m);
      }
    }
    const at = f.local("i32");
    for (const [i, { bits, place, names }] of cx.plan.mentions.entries()) {
      bitsOf(f, words, place, bits).op(op.i32_wrap).set(number);
      cx.member(f, number, names);
      f.tee(member).i32(nobody).op(op.i32_ne);
      f.if(() => {
        const offset = records + 8 * (keyWords + (i >> 6));
        f.get(member)
          .i32(8 * recordWords)
          .op(op.i32_mul)
          .get(own)
          .op(op.i32_add)
          .tee(at);
        f.get(at)
          .load("i64", offset)
          .i64(1n << BigInt(i & 63))
          .op(op.i64_or)
          .store("i64", offset);
      });
    }
    f.get(linked);
  });
}
