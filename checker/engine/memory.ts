/** The shared memory of a search: cells, growth, copies. Addresses are bytes; views are renewed when memory grows. */
import type { WasmMemory } from "./wasm/api.ts";

const pageBytes = 65_536;

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
