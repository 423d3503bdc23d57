/**
 * The snooping bus: keeps the private caches coherent by the Illinois protocol (Papamarcos and Patel, "A low-overhead
 * coherence solution for multiprocessors with private cache memories", ISCA 1984), known as MESI after its four states.
 *
 * A read miss is answered by another cache that has the line, and by memory only if none has; the reader gets the line
 * shared in the first case and exclusive in the second. A write needs the line alone: all other copies are invalidated
 * first. A cache that supplies a modified line writes it to memory at the same time, so every line that is not modified
 * equals memory. Each bus transaction is atomic.
 */
import { type Cache, Mesi } from "./cache.ts";
import type { Counters } from "./counters.ts";
import type { Faults } from "./faults.ts";
import type { PhysicalMemory } from "./memory.ts";
import { Cost } from "./profile.ts";
import type { SecondLevel } from "./second-level.ts";

const { cacheHit } = Cost;
const { shared, exclusive, modified } = Mesi;

export class Bus {
  readonly memory: PhysicalMemory;
  readonly caches: readonly Cache[];
  readonly seconds: readonly SecondLevel[];
  readonly #counters: Counters;
  readonly #faults: Faults;
  readonly #lineShift: number;
  readonly #offsetMask: number;
  /** Per CPU, its counters by cause. */
  readonly #events: readonly Float64Array[];

  constructor(memory: PhysicalMemory, caches: readonly Cache[], seconds: readonly SecondLevel[], lineWords: number, counters: Counters, faults: Faults) {
    this.memory = memory;
    this.caches = caches;
    this.seconds = seconds;
    this.#counters = counters;
    this.#faults = faults;
    this.#lineShift = 2 + Math.log2(lineWords);
    this.#offsetMask = lineWords - 1;
    this.#events = caches.map((_, cpu) => counters.of(cpu));
  }

  /** A CPU reads a word through its cache. */
  read(cpu: number, address: number): number {
    const cache = this.caches[cpu] as Cache;
    const line = address >>> this.#lineShift;
    let slot = cache.find(line);
    if (slot < 0) slot = this.#fill(cpu, line, false);
    else this.#hit(cpu);
    cache.touch(slot);
    return cache.data[slot * cache.lineWords + ((address >>> 2) & this.#offsetMask)] as number;
  }

  /** A CPU writes a word through its cache: it gets the line alone, and modifies it. */
  write(cpu: number, address: number, value: number): void {
    const cache = this.caches[cpu] as Cache;
    const slot = this.#own(cpu, address >>> this.#lineShift);
    cache.states[slot] = modified;
    cache.data[slot * cache.lineWords + ((address >>> 2) & this.#offsetMask)] = value;
  }

  /** A locked operation: reads, and writes what `update` makes of it unless that is undefined, with the line held throughout. */
  update(cpu: number, address: number, update: (old: number) => number | undefined): number {
    const cache = this.caches[cpu] as Cache;
    const slot = this.#own(cpu, address >>> this.#lineShift);
    const place = slot * cache.lineWords + ((address >>> 2) & this.#offsetMask);
    const old = cache.data[place] as number;
    const value = update(old);
    if (value !== undefined) {
      cache.states[slot] = modified;
      cache.data[place] = value;
    }
    return old;
  }

  /** The same, for an operation that writes `desired` where it finds `expected`. */
  compareExchange(cpu: number, address: number, expected: number, desired: number): number {
    const cache = this.caches[cpu] as Cache;
    const slot = this.#own(cpu, address >>> this.#lineShift);
    const place = slot * cache.lineWords + ((address >>> 2) & this.#offsetMask);
    const old = cache.data[place] as number;
    if (old === expected) {
      cache.states[slot] = modified;
      cache.data[place] = desired;
    }
    return old;
  }

  /** The word that is current among caches and memory, without any bus traffic; for looking at a machine from outside. */
  peek(address: number): number {
    const line = address >>> this.#lineShift;
    for (const cache of this.caches) {
      const slot = cache.find(line);
      if (slot >= 0 && cache.states[slot] === modified) return cache.data[slot * cache.lineWords + ((address >>> 2) & this.#offsetMask)] as number;
    }
    return this.memory.read(address);
  }

  /** Deposits a word in memory and in every copy, without any bus traffic; for loading a machine from outside. */
  poke(address: number, value: number): void {
    const line = address >>> this.#lineShift;
    this.memory.write(address, value);
    for (const cache of this.caches) {
      const slot = cache.find(line);
      if (slot >= 0) cache.data[slot * cache.lineWords + ((address >>> 2) & this.#offsetMask)] = value;
    }
  }

  /** Replaces the words of modified lines in `words`, a copy of memory: then it is what the CPUs see. */
  overlay(words: Int32Array): void {
    for (const cache of this.caches) {
      for (let slot = 0; slot < cache.slots; slot++) {
        if (cache.states[slot] !== modified) continue;
        const start = (cache.lines[slot] as number) * cache.lineWords;
        const from = slot * cache.lineWords;
        for (let word = 0; word < cache.lineWords; word++) words[start + word] = cache.data[from + word] as number;
      }
    }
  }

  /** The slot where `cpu` holds the line and nobody else does. */
  #own(cpu: number, line: number): number {
    const cache = this.caches[cpu] as Cache;
    let slot = cache.find(line);
    if (slot < 0) {
      slot = this.#fill(cpu, line, true);
    } else {
      this.#hit(cpu);
      if (cache.states[slot] === shared) {
        this.#invalidateOthers(cpu, line);
        cache.states[slot] = exclusive;
      }
    }
    cache.touch(slot);
    return slot;
  }

  #hit(cpu: number): void {
    const events = this.#events[cpu] as Float64Array;
    events[cacheHit] = (events[cacheHit] as number) + 1;
  }

  /** Bus read, or bus read for ownership if `alone`. */
  #fill(cpu: number, line: number, alone: boolean): number {
    const cache = this.caches[cpu] as Cache;
    const slot = cache.victim(line);
    this.#evict(cpu, slot);
    const supplied = this.#snoop(cpu, line);
    const isNear = (this.seconds[cpu] as SecondLevel).fetch(line);
    this.#counters.charge(cpu, supplied ? Cost.cacheTransfer : isNear ? Cost.secondLevel : Cost.cacheMiss);
    if (alone && supplied) this.#invalidateOthers(cpu, line);
    cache.lines[slot] = line;
    cache.states[slot] = supplied && !alone ? shared : exclusive;
    const { data, lineWords } = cache;
    const { words } = this.memory;
    const start = line * lineWords;
    const to = slot * lineWords;
    for (let word = 0; word < lineWords; word++) data[to + word] = words[start + word] as number;
    return slot;
  }

  /** Whether another cache has the line. A modified copy goes to memory, and all copies are shared from now on. */
  #snoop(cpu: number, line: number): boolean {
    const { caches } = this;
    let found = false;
    for (let its = 0; its < caches.length; its++) {
      if (its === cpu) continue;
      const other = caches[its] as Cache;
      const slot = other.find(line);
      if (slot < 0) continue;
      found = true;
      if (other.states[slot] === modified) this.#writeBack(other, slot, cpu);
      other.states[slot] = shared;
    }
    return found;
  }

  #invalidateOthers(cpu: number, line: number): void {
    const { caches } = this;
    for (let its = 0; its < caches.length; its++) {
      if (its === cpu) continue;
      const other = caches[its] as Cache;
      const slot = other.find(line);
      if (slot < 0) continue;
      this.#counters.charge(cpu, Cost.invalidation);
      (this.seconds[its] as SecondLevel).drop(line);
      if (!this.#faults.skipCacheInvalidation) other.clear(slot);
    }
  }

  #evict(cpu: number, slot: number): void {
    const cache = this.caches[cpu] as Cache;
    if (cache.states[slot] === modified && !this.#faults.loseWriteBack) this.#writeBack(cache, slot, cpu);
    cache.clear(slot);
  }

  /** Paid by the CPU whose access needs it. */
  #writeBack(cache: Cache, slot: number, cpu: number): void {
    const { data, lineWords } = cache;
    const { words } = this.memory;
    const start = (cache.lines[slot] as number) * lineWords;
    const from = slot * lineWords;
    for (let word = 0; word < lineWords; word++) words[start + word] = data[from + word] as number;
    this.#counters.charge(cpu, Cost.writeBack);
  }
}
