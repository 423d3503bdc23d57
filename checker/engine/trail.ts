/**
 * How each state was found, for stores that do not keep states: twelve bytes a state (transition, pick, number in the
 * level before) in a temporary file, level after level. From any state its path is read backwards, as TLC does (Yu,
 * Manolios, Lamport: "Model Checking TLA+ Specifications", 1999).
 */
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PathStep } from "../result.ts";

export const stepBytes = 12;

export class Trail {
  #folder: string | null = null;
  #file = -1;

  /** Takes the last words of the records, which stand in the order of their numbers; false if they cannot be kept. */
  append(records: Uint8Array, recordBytes: number): boolean {
    try {
      if (this.#folder === null) {
        this.#folder = mkdtempSync(join(tmpdir(), "ipc-check-trail-"));
        this.#file = openSync(join(this.#folder, "steps"), "w+");
      }
      const count = records.length / recordBytes;
      const words = new Uint32Array(records.buffer, records.byteOffset, records.length / 4);
      const taken = new Uint32Array(3 * count);
      for (let i = 0, at = recordBytes / 4 - 4; i < count; i++, at += recordBytes / 4) {
        for (let word = 0; word < 3; word++) taken[3 * i + word] = words[at + word] ?? 0;
      }
      const steps = new Uint8Array(taken.buffer);
      for (let at = 0; at < steps.length; ) at += writeSync(this.#file, steps, at);
      return true;
    } catch {
      return false;
    }
  }

  /** The path to a state of a level that has been left, or whose own step is given. `levels[k]`: first number of level k. */
  path(state: number, levels: readonly number[], own: Uint8Array | null): readonly PathStep[] {
    const path: PathStep[] = [];
    let number = state;
    let given = own;
    for (let level = levels.findLastIndex((first) => first <= state); level > 0; level--) {
      const [transition = 0, pick = 0, from = 0] = new Uint32Array((given ?? this.#read(number)).slice().buffer);
      path.unshift({ transition, pick });
      number = (levels[level - 1] ?? 0) + from;
      given = null;
    }
    return path;
  }

  #read(number: number): Uint8Array {
    const step = new Uint8Array(stepBytes);
    if (readSync(this.#file, step, 0, stepBytes, number * stepBytes) !== stepBytes) throw new Error(`the trail ends before state ${number}`);
    return step;
  }

  close(): void {
    if (this.#folder === null) return;
    closeSync(this.#file);
    rmSync(this.#folder, { recursive: true, force: true });
    this.#folder = null;
  }
}
