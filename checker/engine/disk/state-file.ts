/**
 * The states of a search in a file, in the order of their numbers. It only grows at its end; of all that was written the
 * hashes are added up, so that what is read can be compared with it.
 */
import { accessSync, closeSync, constants, mkdtempSync, openSync, readSync, rmSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { DiskError } from "../../result.ts";

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Throws if states cannot be put there: better at once than after hours. */
export function checkFolder(directory: string): void {
  try {
    if (!statSync(directory).isDirectory()) throw new Error("it is no folder");
    accessSync(directory, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new DiskError(`states cannot be put in ${directory}: ${reason(error)}`);
  }
}

export class StateFile {
  readonly #folder: string;
  readonly #path: string;
  readonly #file: number;
  readonly #stateBytes: number;
  /** States in it. */
  count = 0;
  /** Their hashes, added up. */
  sum = 0n;

  constructor(directory: string, stateBytes: number) {
    checkFolder(directory);
    this.#stateBytes = stateBytes;
    this.#folder = mkdtempSync(join(directory, "ipc-check-states-"));
    this.#path = join(this.#folder, "states");
    this.#file = openSync(this.#path, "wx+");
    // However the process ends, but for SIGKILL, nothing stays behind.
    process.once("exit", this.#remove);
  }
  readonly #remove = (): void => rmSync(this.#folder, { recursive: true, force: true });

  get bytes(): number {
    return this.count * this.#stateBytes;
  }

  /** Adds states, whose hashes come to that sum; false if the disk does not take them. */
  append(states: Uint8Array, sum: bigint): boolean {
    try {
      const end = this.bytes;
      for (let at = 0; at < states.length; ) at += writeSync(this.#file, states, at, states.length - at, end + at);
    } catch {
      return false;
    }
    this.count += states.length / this.#stateBytes;
    this.sum = BigInt.asUintN(64, this.sum + sum);
    return true;
  }

  /** Reads states from a number on. */
  read(first: number, into: Uint8Array): void {
    const start = first * this.#stateBytes;
    for (let at = 0; at < into.length; ) {
      const read = this.#attempt(() => readSync(this.#file, into, at, into.length - at, start + at));
      if (read === 0) throw this.damaged("it is too short");
      at += read;
    }
  }

  /** What is said of a file that is not as it was written. */
  damaged(how: string): DiskError {
    return new DiskError(`${this.#path} was changed while the search went on: ${how}`);
  }

  #attempt<T>(what: () => T): T {
    try {
      return what();
    } catch (error) {
      throw this.damaged(reason(error));
    }
  }

  close(): void {
    closeSync(this.#file);
    process.removeListener("exit", this.#remove);
    this.#remove();
  }
}
