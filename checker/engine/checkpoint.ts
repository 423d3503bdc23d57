/**
 * A search on disk, so that it can go on after the process has ended, however it ended. The array of states is in the
 * order of their numbers and only grows at its end, so the file is a log: a head that says what is searched, then
 * segments, each with the states since the one before and the figures of the search, and last a checksum. A segment that
 * was cut off is as if it had never been begun.
 */
import { createHash } from "node:crypto";
import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from "node:fs";
import type { System } from "../../model/system/system.ts";
import { CheckpointError } from "../result.ts";
import type { Layout } from "./layout.ts";
import type { Reduction } from "./partial-order/reduction.ts";
import type { SymmetryPlan } from "./symmetry.ts";
import type { Store } from "./store.ts";

/** What of a search is not in its states. */
export interface Figures {
  readonly count: number;
  readonly cursor: number;
  readonly transitions: number;
  /** Numbers of the first states of the levels. */
  readonly levels: readonly number[];
  readonly seen: readonly number[];
  readonly bounded: boolean;
  readonly seconds: number;
}

const magic = "ipc-check checkpoint 1\n";
const markBegin = 0x6b636863;
/** Bytes written or read at once. */
const piece = 1 << 20;
/** Begin mark, bytes of the figures, bytes of the states, two halves of a checksum of the figures and of the states. */
const headBytes = 24;

/** A checksum of 32 bits, of words (FNV-1a). */
function checksum(bytes: Uint8Array, before: number): number {
  let sum = before;
  for (const byte of bytes) sum = Math.imul(sum ^ byte, 0x01000193);
  return sum >>> 0;
}
const noBytes = 0x811c9dc5;
/** States are summed up in words: there are many. */
function checksumWords(bytes: Uint8Array, before: number): number {
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  let sum = before;
  for (const word of words) sum = Math.imul(sum ^ word, 0x01000193);
  return sum >>> 0;
}

/** What must be the same for a checkpoint to be of use. */
export function identity(system: System, layout: Layout, symmetry: SymmetryPlan | null, reduction: Reduction | null): string {
  return createHash("sha256")
    .update(JSON.stringify([system, layout, symmetry, reduction], (_, value: unknown) => (typeof value === "bigint" ? String(value) : value)))
    .digest("hex");
}

/** Where the states of a segment begin, how many bytes they are, and their checksum. */
interface Segment {
  readonly at: number;
  readonly bytes: number;
  readonly figures: Figures;
  readonly sum: number;
}

/** Reads the states of all segments, one after the other. */
function statesOf(path: string, file: number, segments: readonly Segment[]): (into: Uint8Array) => void {
  let segment = 0;
  let done = 0;
  let found = noBytes;
  return (into) => {
    for (let filled = 0; filled < into.length; ) {
      const { at, bytes, sum } = segments[segment] ?? { at: 0, bytes: 0, sum: 0 };
      const part = into.subarray(filled, filled + Math.min(piece, bytes - done));
      // What is in shared memory cannot be read into.
      const states = new Uint8Array(part.length);
      if (part.length > 0 && readSync(file, states, 0, states.length, at + done) < states.length)
        throw new CheckpointError(`${path} is damaged: it is too short`);
      found = checksumWords(states, found);
      part.set(states);
      done += states.length;
      filled += states.length;
      if (done < bytes) continue;
      if (found !== sum) throw new CheckpointError(`${path} is damaged: a checksum is wrong`);
      segment++;
      done = 0;
      found = noBytes;
    }
  };
}

export class Checkpoint {
  readonly #file: number;
  /** Bytes of the file that count, states in them. */
  #end: number;
  #count: number;

  private constructor(file: number, end: number, count: number) {
    this.#file = file;
    this.#end = end;
    this.#count = count;
  }

  /** A new file. */
  static create(path: string, identity: string): Checkpoint {
    const file = attempt(path, () => openSync(path, "w+"));
    const head = Buffer.from(`${magic}${identity}\n`);
    attempt(path, () => writeSync(file, head));
    return new Checkpoint(file, head.length, 0);
  }

  /** An existing one: the figures of its last whole segment, and its states put into the store. */
  static async resume(path: string, identity: string, store: Store): Promise<{ readonly checkpoint: Checkpoint; readonly figures: Figures }> {
    const file = attempt(path, () => openSync(path, "r+"));
    const head = Buffer.alloc(magic.length + identity.length + 1);
    readSync(file, head, 0, head.length, 0);
    const text = head.toString("latin1");
    if (!text.startsWith(magic)) throw new CheckpointError(`${path} is not a checkpoint of this version of ipc-check`);
    if (text !== `${magic}${identity}\n`)
      throw new CheckpointError(`${path} is a checkpoint of another protocol: the specification, its parameters, the kernel or the reductions have changed`);
    const segments: Segment[] = [];
    const size = fstatSync(file).size;
    let end = head.length;
    let count = 0;
    for (;;) {
      const words = new Uint32Array(headBytes / 4);
      const given = new Uint8Array(words.buffer);
      if (readSync(file, given, 0, headBytes, end) < headBytes || words[0] !== markBegin) break;
      const [, figureBytes = 0, low = 0, high = 0, figureSum = 0, sum = 0] = words;
      const bytes = high * 2 ** 32 + low;
      if (end + headBytes + figureBytes + bytes > size) break;
      const raw = Buffer.alloc(figureBytes);
      readSync(file, raw, 0, figureBytes, end + headBytes);
      if (checksum(raw, noBytes) !== figureSum) break;
      const figures = JSON.parse(raw.toString()) as Figures;
      if (figures.count * store.stateBytes - count * store.stateBytes !== bytes) break;
      segments.push({ at: end + headBytes + figureBytes, bytes, figures, sum });
      end += headBytes + figureBytes + bytes;
      count = figures.count;
    }
    const last = segments.at(-1);
    if (last === undefined) throw new CheckpointError(`${path} holds no whole checkpoint: the search ended before the first one was written`);
    const bound = await store.restore(last.figures, statesOf(path, file, segments));
    if (bound === "disk") throw new CheckpointError(`${path} needs more room than there is on the disk (--disk)`);
    if (bound !== null) throw new CheckpointError(`${path} needs more memory than there is (--max-memory, or --disk to go on there)`);
    ftruncateSync(file, end);
    return { checkpoint: new Checkpoint(file, end, count), figures: last.figures };
  }

  /** Appends what is new; false if the disk is full. Then, as if the process had ended there, what was written before counts. */
  save(store: Store, figures: Figures): boolean {
    try {
      this.#append(store, figures);
      return true;
    } catch {
      return false;
    }
  }

  /** The head of the segment is written last. */
  #append(store: Store, figures: Figures): void {
    const bytes = (figures.count - this.#count) * store.stateBytes;
    const text = Buffer.from(JSON.stringify(figures));
    // Whole words, so that the states of the file stay aligned.
    const padded = Buffer.concat([text, Buffer.alloc((8 - (text.length % 8)) % 8, " ")]);
    const start = this.#end + headBytes;
    this.#write(padded, start);
    let sum = noBytes;
    const several = Math.ceil(piece / store.stateBytes);
    for (let at = this.#count; at < figures.count; at += several) {
      const states = store.rawStates(at, Math.min(at + several, figures.count));
      sum = checksumWords(states, sum);
      this.#write(states, start + padded.length + (at - this.#count) * store.stateBytes);
    }
    const head = new Uint32Array([markBegin, padded.length, bytes % 2 ** 32, Math.floor(bytes / 2 ** 32), checksum(padded, noBytes), sum]);
    this.#write(new Uint8Array(head.buffer), this.#end);
    this.#end = start + padded.length + bytes;
    this.#count = figures.count;
  }

  /** A disk that is nearly full takes a part only. */
  #write(bytes: Uint8Array, position: number): void {
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at, bytes.length - at, position + at);
  }

  close(): void {
    closeSync(this.#file);
  }
}

function attempt<T>(path: string, what: () => T): T {
  try {
    return what();
  } catch (error) {
    throw new CheckpointError(`${path} cannot be used: ${error instanceof Error ? error.message : String(error)}`);
  }
}
