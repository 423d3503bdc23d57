/** Reads elements of variables out of a packed state that lies in 32-bit halves of words, without making numbers of 64 bits. */
import { elementPlace, type Layout } from "./layout.ts";

/** One element of one variable, ready to be read. */
export interface Field {
  /** Index of the half that it begins in. */
  readonly half: number;
  readonly shift: number;
  readonly bits: number;
  readonly min: number;
}

export function fieldOf({ places }: Layout, variable: number, index: number = 0): Field {
  const place = places[variable];
  if (place === undefined) throw new RangeError(`there is no variable ${variable}`);
  const { word, shift } = elementPlace(place, index);
  return { half: 2 * word + (shift >= 32 ? 1 : 0), shift: shift % 32, bits: place.bits, min: place.min };
}

/** All elements of a variable. */
export function fieldsOf(layout: Layout, variable: number): readonly Field[] {
  return Array.from({ length: layout.places[variable]?.length ?? 0 }, (_, index) => fieldOf(layout, variable, index));
}

export function readField(halves: Uint32Array, { half, shift, bits, min }: Field): number {
  if (bits === 0) return min;
  let value = (halves[half] ?? 0) >>> shift;
  if (shift + bits > 32) value |= (halves[half + 1] ?? 0) << (32 - shift);
  return (bits === 32 ? value >>> 0 : value & ((1 << bits) - 1)) + min;
}
