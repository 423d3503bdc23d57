/** The shared memory of a search: cells, growth, copies. Addresses are bytes; views are renewed when memory grows. */
import { wasm, type WasmMemory } from "./wasm/api.ts";

const pageBytes = 65_536;

/** Memory that may grow to a maximum, in pages. Null: there is not enough to begin with, or not the address space (`ulimit -v`). */
export function allocate(initial: number, maximum: number): Memory | null {
  if (initial > maximum) return null;
  try {
    return new Memory(new wasm.Memory({ initial, maximum, shared: true }), maximum * pageBytes);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

export class Memory {
  readonly wasm: WasmMemory;
  /** Bytes that there may be at most. */
  readonly maximum: number;
  #words: Uint32Array;

  constructor(memory: WasmMemory, maximum: number) {
    this.wasm = memory;
    this.maximum = maximum;
    this.#words = new Uint32Array(memory.buffer);
  }

  get bytesNow(): number {
    return this.wasm.buffer.byteLength;
  }
  get(address: number): number {
    return this.#words[address / 4] ?? 0;
  }
  put(address: number, value: number): void {
    this.#words[address / 4] = value;
  }
  /** 64-bit words. */
  long(address: number, count: number): BigUint64Array {
    return new BigUint64Array(this.wasm.buffer, address, count);
  }
  integers(address: number, count: number): Uint32Array {
    return new Uint32Array(this.wasm.buffer, address, count);
  }
  bytes(address: number, count: number): Uint8Array {
    return new Uint8Array(this.wasm.buffer, address, count);
  }
  zero(address: number, bytes: number): void {
    this.#words.fill(0, address / 4, (address + bytes) / 4);
  }
  copy(from: number, to: number, bytes: number): void {
    new Uint8Array(this.wasm.buffer).copyWithin(to, from, from + bytes);
  }
  /** Makes memory at least so large; false if it cannot be. */
  reserve(bytes: number): boolean {
    if (bytes > this.maximum) return false;
    const missing = Math.ceil((bytes - this.wasm.buffer.byteLength) / pageBytes);
    if (missing > 0) {
      try {
        this.wasm.grow(missing);
      } catch {
        return false;
      }
    }
    this.#words = new Uint32Array(this.wasm.buffer);
    return true;
  }
}
