/**
 * The shared memory of a search: cells, growth, copies. Addresses are bytes; views are renewed when memory grows.
 *
 * A *wide* memory is two: one for what has a fixed size, with addresses of 32 bits as ever, and one with addresses of 64 bits for
 * what grows, which can be larger than 4 GiB (docs/decisions/0040). Together they have one range of addresses: what is below the
 * boundary stands in the first, everything else in the second, whose beginning is not used.
 */
import { totalmem } from "node:os";
import type { AddressCell } from "./code/cells.ts";
import { type Memories, wasm, type WasmMemory } from "./wasm/api.ts";
import { ModuleBuilder } from "./wasm/encoder.ts";

export const pageBytes = 65_536;
/** Pages that there can be at most: the address space of 32 bits without its last page, and what V8 gives with 64 bits. */
const narrowPages = 65_535;
const widePages = 262_144;

/** Bytes that a search may use unless something else is asked for: three quarters of what the machine, or the process's container, has. */
export function ordinaryMemory(): number {
  // 0, or more than there is: the process is not limited.
  const limit = process.constrainedMemory();
  return 0.75 * (limit > 0 ? Math.min(limit, totalmem()) : totalmem());
}

/** Null: there is not the address space for it (`ulimit -v`). */
function made(make: () => WasmMemory): WasmMemory | null {
  try {
    return make();
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** The memory for what grows in a wide one; null where WebAssembly has no addresses of 64 bits, or the process no room for them. */
function allocateFar(maximum: number): WasmMemory | null {
  const module = new ModuleBuilder({ initial: 0, maximum: 1 }, { initial: 0, maximum: widePages });
  if (!wasm.validate(module.encode())) return null;
  return made(() => new wasm.Memory({ initial: 0n, maximum: BigInt(maximum), shared: true, address: "i64" }));
}

/** What a search may have, before it is known how large its fixed part is. */
export interface Space {
  /** Pages. */
  readonly maximum: number;
  /** Null: it is not wide. */
  readonly far: WasmMemory | null;
}

/** Space for so many bytes, wide if they are more than 32 bits can address, or if that is asked for (tests), and if it can be. */
export function space(bytes: number, wide: boolean = false): Space {
  const pages = Math.floor(bytes / pageBytes);
  if (wide || bytes > 2 ** 32) {
    const maximum = Math.min(pages, widePages);
    const far = allocateFar(maximum);
    if (far !== null) return { maximum, far };
    if (wide) throw new RangeError("there is no memory with addresses of 64 bits here");
  }
  return { maximum: Math.min(pages, narrowPages), far: null };
}

/** Memory whose fixed part has so many bytes. Null: there is not enough to begin with. */
export function allocate(fixed: number, { maximum, far }: Space): Memory | null {
  const initial = Math.ceil(fixed / pageBytes);
  if (initial > maximum) return null;
  const near = made(() => new wasm.Memory({ initial, maximum: far === null ? maximum : initial, shared: true }));
  return near === null ? null : new Memory(near, far, fixed, maximum * pageBytes);
}

export class Memory {
  readonly memories: Memories;
  /** Bytes that there may be at most. */
  readonly maximum: number;
  readonly #boundary: number;
  /** What grows. */
  readonly #far: WasmMemory;
  #near: Uint32Array;
  #words: Uint32Array;

  constructor(near: WasmMemory, far: WasmMemory | null, boundary: number, maximum: number) {
    this.memories = far === null ? { memory: near } : { memory: near, far };
    this.maximum = maximum;
    this.#boundary = far === null ? 0 : boundary;
    this.#far = far ?? near;
    this.#near = new Uint32Array(near.buffer);
    this.#words = new Uint32Array(this.#far.buffer);
  }

  /** Where an address leads. */
  #buffer(address: number): SharedArrayBuffer {
    return (address < this.#boundary ? this.memories.memory : this.#far).buffer;
  }
  get bytesNow(): number {
    return this.#far.buffer.byteLength;
  }
  get(address: number): number {
    return (address < this.#boundary ? this.#near : this.#words)[address / 4] ?? 0;
  }
  put(address: number, value: number): void {
    (address < this.#boundary ? this.#near : this.#words)[address / 4] = value;
  }
  /** An address that stands in a cell. */
  address({ cell }: AddressCell): number {
    return this.get(cell) + 2 ** 32 * this.get(cell + 4);
  }
  putAddress({ cell }: AddressCell, address: number): void {
    this.put(cell, address % 2 ** 32);
    this.put(cell + 4, Math.floor(address / 2 ** 32));
  }
  /** 64-bit words. */
  long(address: number, count: number): BigUint64Array {
    return new BigUint64Array(this.#buffer(address), address, count);
  }
  integers(address: number, count: number): Uint32Array {
    return new Uint32Array(this.#buffer(address), address, count);
  }
  bytes(address: number, count: number): Uint8Array {
    return new Uint8Array(this.#buffer(address), address, count);
  }
  zero(address: number, bytes: number): void {
    this.integers(address, bytes / 4).fill(0);
  }
  copy(from: number, to: number, bytes: number): void {
    this.bytes(to, bytes).set(this.bytes(from, bytes));
  }
  /** Makes memory at least so large; false if it cannot be. */
  reserve(bytes: number): boolean {
    if (bytes > this.maximum) return false;
    const missing = Math.ceil((bytes - this.bytesNow) / pageBytes);
    if (missing > 0) {
      try {
        this.#far.grow(this.memories.far === undefined ? missing : BigInt(missing));
      } catch {
        return false;
      }
    }
    this.#words = new Uint32Array(this.#far.buffer);
    return true;
  }
}
