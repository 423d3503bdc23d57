/**
 * The packed state: every element of every variable at its exact bit width, in 64-bit words. An array that fits stays
 * inside one word, so that a dynamic index is a computed shift; a longer one is cut into chunks with a fixed number of
 * elements each. Chunks are placed first-fit by decreasing width; or, where states are stored as trees over their words, in
 * the order of the threads that they belong to: what changes together then stands together.
 */
import type { State, System, Variable } from "../../model/system/system.ts";

/** A run of elements inside one word. */
export interface Chunk {
  readonly word: number;
  readonly shift: number;
}
/** Where a variable lives: element i is in chunk i / perChunk. */
export interface Place {
  readonly bits: number;
  readonly min: number;
  readonly length: number;
  readonly perChunk: number;
  readonly chunks: readonly Chunk[];
}
export interface Layout {
  /** 64-bit words in a state, at least one. */
  readonly words: number;
  /** Bits in use. */
  readonly bits: number;
  /** By variable. */
  readonly places: readonly Place[];
}

/** Bits that the values of a variable need; 0 if there is only one. */
export function widthOf({ min, max }: Pick<Variable, "min" | "max">): number {
  return max === min ? 0 : Math.floor(Math.log2(max - min)) + 1;
}

export function layout(system: System, byThread: boolean = false): Layout {
  const widths = system.variables.map(widthOf);
  const perChunk = system.variables.map(({ length }, id) => (widths[id] === 0 ? length : Math.min(length, Math.floor(64 / (widths[id] ?? 1)))));
  const pieces = system.variables.flatMap(({ id, length }) => {
    const width = widths[id] ?? 0;
    const each = perChunk[id] ?? 1;
    return Array.from({ length: Math.ceil(length / each) }, (_, chunk) => ({ id, chunk, size: Math.min(each, length - chunk * each) * width }));
  });
  const free: number[] = [];
  const chunks: Chunk[][] = system.variables.map(() => []);
  const owner = (id: number): number => (byThread ? (system.variables[id]?.thread ?? system.processes.length) : 0);
  for (const { id, chunk, size } of pieces.sort((a, b) => owner(a.id) - owner(b.id) || b.size - a.size || a.id - b.id || a.chunk - b.chunk)) {
    let word = free.findIndex((room, index) => room >= size && (!byThread || index === free.length - 1));
    if (word < 0) word = free.push(64) - 1;
    const row = chunks[id];
    if (row !== undefined) row[chunk] = { word, shift: size === 0 ? 0 : 64 - (free[word] ?? 0) };
    free[word] = (free[word] ?? 0) - size;
  }
  return {
    words: Math.max(1, free.length),
    bits: pieces.reduce((sum, { size }) => sum + size, 0),
    places: system.variables.map(({ id, min, length }) => ({ bits: widths[id] ?? 0, min, length, perChunk: perChunk[id] ?? 1, chunks: chunks[id] ?? [] })),
  };
}

/** The place of one element. */
export function elementPlace(place: Place, index: number): Chunk {
  const chunk = place.chunks[Math.floor(index / place.perChunk)];
  if (chunk === undefined) throw new RangeError(`there is no element ${index}`);
  return { word: chunk.word, shift: chunk.shift + (index % place.perChunk) * place.bits };
}

/** For each word the bits of the variables that `which` selects. */
export function wordMasks({ words, places }: Layout, which: (variable: number) => boolean): bigint[] {
  const masks = Array.from({ length: words }, () => 0n);
  for (const [id, place] of places.entries()) {
    if (!which(id)) continue;
    for (let i = 0; i < place.length; i++) {
      const { word, shift } = elementPlace(place, i);
      masks[word] = (masks[word] ?? 0n) | (((1n << BigInt(place.bits)) - 1n) << BigInt(shift));
    }
  }
  return masks;
}

export function pack({ words, places }: Layout, state: State): bigint[] {
  const packed = Array.from({ length: words }, () => 0n);
  for (const [id, place] of places.entries()) {
    for (let i = 0; i < place.length; i++) {
      const { word, shift } = elementPlace(place, i);
      const stored = (state[id]?.[i] ?? 0) - place.min;
      if (stored < 0 || stored >= 2 ** place.bits) throw new RangeError(`variable ${id} cannot hold ${state[id]?.[i]}`);
      packed[word] = (packed[word] ?? 0n) | (BigInt(stored) << BigInt(shift));
    }
  }
  return packed;
}

export function unpack({ places }: Layout, packed: readonly bigint[]): State {
  return places.map((place) =>
    Array.from({ length: place.length }, (_, i) => {
      const { word, shift } = elementPlace(place, i);
      return Number(((packed[word] ?? 0n) >> BigInt(shift)) & ((1n << BigInt(place.bits)) - 1n)) + place.min;
    }),
  );
}
