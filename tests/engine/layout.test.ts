import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { layout, pack, unpack, widthOf } from "../../dist/checker/engine/layout.js";
import { SystemBuilder } from "./build.ts";

describe("the layout", () => {
  it("gives every range its exact width", () => {
    expect(
      [
        [0, 0],
        [0, 1],
        [-1, 1],
        [0, 4],
        [5, 8],
        [-1, 254],
        [0, 256],
        [-0x8000_0000, 0x7fff_ffff],
      ].map(([min = 0, max = 0]) => widthOf({ min, max })),
    ).toEqual([0, 1, 2, 3, 2, 8, 9, 32]);
  });

  it("keeps an array that fits inside one word", () => {
    const b = new SystemBuilder();
    for (let i = 0; i < 10; i++) b.variable(`v${i}`, 0, 2 ** (3 + i) - 1, { length: 4 });
    const { places, words } = layout(b.build());
    for (const { chunks, length, bits } of places) {
      expect(length * bits).toBeLessThanOrEqual(64);
      expect(chunks).toHaveLength(1);
    }
    expect(words).toBeLessThanOrEqual(6);
  });

  it("gets back every state that it packs, whatever the ranges and lengths", () => {
    const variable = fc.tuple(
      fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }),
      fc.integer({ min: 0, max: 0x7fff_ffff }),
      fc.integer({ min: 1, max: 70 }),
      fc.constantFrom(0, 1, 2, 7, 200, 2 ** 31),
    );
    fc.assert(
      fc.property(fc.array(variable, { minLength: 1, maxLength: 6 }), fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })), (shapes, stream) => {
        const b = new SystemBuilder();
        for (const [i, [min, , length, span]] of shapes.entries()) b.variable(`v${i}`, min, Math.min(0x7fff_ffff, min + span), { length });
        const system = b.build();
        const state = system.variables.map(({ min, max, length }) =>
          Array.from({ length }, () => min + Math.floor((stream.next().value as number) * (max - min + 1))),
        );
        const plan = layout(system);
        const packed = pack(plan, state);
        expect(packed).toHaveLength(plan.words);
        expect(packed.every((word) => word >= 0n && word < 1n << 64n)).toBe(true);
        expect(unpack(plan, packed)).toEqual(state);
        // No two elements share a bit: the used bits add up.
        expect(plan.bits).toBe(system.variables.reduce((sum, { min, max, length }) => sum + length * widthOf({ min, max }), 0));
      }),
      { numRuns: 300, seed: 3 },
    );
  });
});
