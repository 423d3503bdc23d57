import { describe, expect, it } from "vitest";
import { type FunctionBuilder, ModuleBuilder, op, signed, unsigned } from "../../dist/checker/engine/wasm/encoder.js";
import { wasm } from "../../dist/checker/engine/wasm/api.js";

/** Reads a signed LEB128 number of up to 64 bits, as the specification defines it. */
function decode(bytes: readonly number[]): bigint {
  let value = 0n;
  let shift = 0n;
  let last = 0;
  for (const byte of bytes) {
    value |= BigInt(byte & 0x7f) << shift;
    shift += 7n;
    last = byte;
  }
  return (last & 0x40) !== 0 ? value - (1n << shift) : value;
}

describe("the encoder", () => {
  it("writes LEB128 as the specification's examples", () => {
    expect(unsigned(0)).toEqual([0]);
    expect(unsigned(624_485)).toEqual([0xe5, 0x8e, 0x26]);
    expect(unsigned(2 ** 32 - 1)).toEqual([0xff, 0xff, 0xff, 0xff, 0x0f]);
    expect(signed(-123_456n)).toEqual([0xc0, 0xbb, 0x78]);
    for (const value of [0n, 1n, -1n, 63n, 64n, -64n, -65n, 2n ** 31n - 1n, -(2n ** 31n), 2n ** 63n - 1n, -(2n ** 63n)])
      expect(decode(signed(value))).toBe(value);
  });

  it("nests blocks and loops, and counts branch depths", async () => {
    const module = new ModuleBuilder({ initial: 1, maximum: 1 });
    // Sum of 1..n without the multiples of 3.
    const sum = module.function(["i32"], ["i32"], (f: FunctionBuilder) => {
      const [i, total] = [f.local("i32"), f.local("i32")];
      f.block((end) => {
        f.loop((again) => {
          f.get(i).get(0).op(op.i32_ge_u).branchIf(end);
          f.get(i).i32(1).op(op.i32_add).set(i);
          f.get(i).i32(3).op(op.i32_rem_s, op.i32_eqz).branchIf(again);
          f.get(total).get(i).op(op.i32_add).set(total).branch(again);
        });
      });
      f.get(total);
    });
    module.export("sum", sum);
    const memory = new wasm.Memory({ initial: 1, maximum: 1, shared: true });
    const { exports } = await wasm.instantiate(await wasm.compile(module.encode()), { env: { memory } });
    expect((exports as { sum(n: number): number }).sum(10)).toBe(1 + 2 + 4 + 5 + 7 + 8 + 10);
  });
});
