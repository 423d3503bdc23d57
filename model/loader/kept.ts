/**
 * What an earlier run has derived from a specification, by the hash of all that it depends on: the compiled system, generated
 * code. A file holds the results of one check under their names, with a checksum. What cannot be read is made anew; what
 * cannot be written is not kept; neither is an error. Files that have not been used for longest go first when they are many.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { deserialize, serialize } from "node:v8";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { writeWhole } from "./cache.ts";
import { sha256 } from "./hash.ts";

/** Bytes that one check may take on disk, and all checks of a folder together. */
const mostOfOne = 8 * 2 ** 20;
const mostOfAll = 64 * 2 ** 20;
const checksumBytes = 32;

export class KeptFile {
  readonly #file: string;
  readonly #folder: string;
  readonly #most: number;
  readonly #parts: Map<string, Uint8Array>;
  #changed = false;

  /** The file of `folder` for what depends on nothing but `keys`; `most`: bytes that all files there may have. */
  constructor(folder: string, keys: readonly string[], most: number = mostOfAll) {
    this.#most = most;
    this.#folder = join(folder, "kept");
    this.#file = join(this.#folder, sha256(...keys).slice(0, 32));
    this.#parts = read(this.#file);
  }

  /** Takes what is kept under this name, or makes it and keeps it. Plain data only: prototypes are lost. */
  readonly keep = async <T>(name: string, make: () => T | Promise<T>): Promise<T> => {
    const known = this.#parts.get(name);
    if (known !== undefined) {
      try {
        return deserialize(known) as T;
      } catch {
        // Written by another V8: made anew.
      }
    }
    const made = await make();
    this.#parts.set(name, serialize(made));
    this.#changed = true;
    return made;
  };

  /** Writes what is new. Whole or not at all: two runs may be at it together. */
  save(): void {
    if (!this.#changed) return;
    const content = deflateRawSync(serialize(this.#parts), { level: 1 });
    if (content.length > mostOfOne) return;
    try {
      mkdirSync(this.#folder, { recursive: true });
      writeWhole(this.#file, Buffer.concat([checksum(content), content]));
      this.#changed = false;
      forgetOldest(this.#folder, this.#most);
    } catch {
      // A full disk, a folder that is read-only: then nothing is kept.
    }
  }
}

function checksum(content: Uint8Array): Buffer {
  return createHash("sha256").update(content).digest();
}

function read(file: string): Map<string, Uint8Array> {
  try {
    const bytes = readFileSync(file);
    const content = bytes.subarray(checksumBytes);
    if (!checksum(content).equals(bytes.subarray(0, checksumBytes))) return new Map();
    const parts: unknown = deserialize(inflateRawSync(content));
    const now = new Date();
    utimesSync(file, now, now);
    return parts instanceof Map ? parts : new Map();
  } catch {
    return new Map();
  }
}

/** Removes the files that were used longest ago until the others have at most so many bytes. */
function forgetOldest(folder: string, most: number): void {
  const files = readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    const status = statSync(path, { throwIfNoEntry: false });
    return status === undefined ? [] : [{ path, size: status.size, used: status.mtimeMs }];
  });
  let bytes = files.reduce((sum, { size }) => sum + size, 0);
  for (const { path, size } of files.sort((a, b) => a.used - b.used)) {
    if (bytes <= most) return;
    rmSync(path, { force: true });
    bytes -= size;
  }
}
