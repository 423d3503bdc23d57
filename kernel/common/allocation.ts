/** Where a path's records come from: binds layouts to the memory of one machine, and decides which lock protects what. */
import type { Instance } from "../../model/language/protocol.ts";
import { KernelFault, type KernelMemory } from "./kernel-memory.ts";
import { Lock, Locks } from "./locks.ts";
import type { KernelCode, KernelHost, Protection } from "./path.ts";
import { Pool } from "./pool.ts";
import { type KernelRecord, type Layout, RecordType } from "./records.ts";

/** One big lock around all of the kernel, or a lock for each record of the paths that can do with that. */
export type Locking = "big" | "per-object";

export type Allocation = Pick<KernelHost, "record" | "perThread" | "perCpu" | "perObject" | "pool" | "lock" | "unlock" | "locked">;

/** A record as tools look at it from outside. */
export interface Described {
  readonly layout: string;
  readonly record: KernelRecord;
  readonly fields: readonly string[];
  readonly words: number;
}

export class Allocator {
  /** All records, in the order in which they were laid out. */
  readonly records: Described[] = [];
  readonly kernelLock: Lock;
  readonly locking: Locking;
  readonly contention: Locks = new Locks();
  readonly #memory: KernelMemory;
  readonly #instance: Instance;
  readonly #types: WeakMap<object, unknown>;
  readonly #pools: Pool<KernelRecord>[] = [];
  readonly #locks: Lock[] = [];

  constructor(memory: KernelMemory, instance: Instance, locking: Locking) {
    this.#memory = memory;
    this.#instance = instance;
    this.#types = sharedTypes(instance);
    this.locking = locking;
    this.kernelLock = this.#newLock("the kernel lock");
  }

  /** All locks. Caller holds: nothing. */
  get locks(): readonly Lock[] {
    return this.#locks;
  }

  /** A lock of its own, where locks are that fine; else the kernel lock. Caller holds: no section. */
  ownLock(name: string): Lock {
    return this.locking === "per-object" ? this.#newLock(name) : this.kernelLock;
  }

  #newLock(name: string): Lock {
    const lock = new Lock(this.#memory, name, this.contention);
    this.#locks.push(lock);
    return lock;
  }

  /** Locks that a CPU holds. Caller holds: nothing. */
  held(cpu: number): readonly Lock[] {
    return this.contention.held[cpu] ?? [];
  }

  /** Records of pools that are in use, by pool. Caller holds: no section. */
  inUse(): readonly { readonly name: string; readonly records: readonly KernelRecord[] }[] {
    return this.#pools.map((pool) => ({ name: pool.name, records: pool.inUse() })).filter(({ records }) => records.length > 0);
  }

  /** Whether a record is one of a pool's that is free. Caller holds: no section. */
  isFree(record: KernelRecord): boolean {
    return this.#pools.some((pool) => pool.has(record) && !pool.isInUse(record));
  }

  /** Lays one record out. Caller holds: no section. */
  record<T extends object>(layout: Layout<T>, name: string, lock: Protection = "kernel"): T & KernelRecord {
    return this.recordUnder(layout, name, this.#lockFor(lock, `the lock of ${layout.name} ${name}`));
  }

  /** Lays one record out under a lock that is there already. Caller holds: no section. */
  recordUnder<T extends object>(layout: Layout<T>, name: string, lock: Lock | null): T & KernelRecord {
    const type = this.#type(layout);
    const record = type.create(this.#memory, name, lock);
    this.records.push({ layout: layout.name, record, fields: type.fields, words: type.size });
    return record;
  }

  #lockFor(protection: Protection, name: string): Lock | null {
    switch (protection) {
      case "none":
        return null;
      case "own":
        return this.ownLock(name);
      case "kernel":
        return this.kernelLock;
    }
  }

  /** What a path gets. Caller holds: nothing. */
  get services(): Allocation {
    const { threads, cpus, objects } = this.#instance;
    return {
      record: (layout, name, lock) => this.record(layout, name, lock),
      perThread: (layout, lock) => threads.map(({ name }) => this.record(layout, name, lock)),
      perCpu: (layout, lock) => Array.from({ length: cpus }, (_, cpu) => this.record(layout, `CPU ${cpu}`, lock)),
      perObject: (type, layout, lock) =>
        new Map(objects.filter((object) => object.type.name === type).map(({ ref }) => [ref.index, this.record(layout, ref.name, lock)])),
      pool: <T extends object>(layout: Layout<T>, count: number, name: string) => {
        const records = Array.from({ length: count }, (_, index) => this.record(layout, `${name} ${index}`));
        const pool = new Pool<T & KernelRecord>(this.#memory, name, records, this.kernelLock);
        this.#pools.push(pool as unknown as Pool<KernelRecord>);
        return pool;
      },
      lock: (...records) => this.#lock(records),
      unlock: (...records) => {
        if (this.locking === "big") return;
        for (const lock of this.#locksOf(records).reverse()) lock.release();
      },
      locked: (body, ...records) => (this.locking === "big" ? body() : this.holding(this.#locksOf(records), body)),
    };
  }

  /** Runs `body` with these locks, given in the order in which they are taken; those that are held already stay so. Caller holds: nothing. */
  holding<T>(locks: readonly Lock[], body: () => T): T {
    if (this.#memory.cpu === null) return body();
    const cpu = this.#memory.processor.id;
    const taken = locks.filter((lock) => !this.held(cpu).includes(lock));
    for (const lock of taken) if (!lock.tryAcquire()) throw new KernelFault(`CPU ${cpu} would wait for ${lock.name} with interrupts off`);
    try {
      return body();
    } finally {
      for (const lock of taken.reverse()) lock.release();
    }
  }

  *#lock(records: readonly KernelRecord[]): KernelCode<void> {
    if (this.locking === "big") return;
    for (const lock of this.#locksOf(records)) yield* lock.acquire();
  }

  /** The locks of these records without the kernel lock, each once, in the order in which they are taken. */
  #locksOf(records: readonly KernelRecord[]): Lock[] {
    const locks = new Set<Lock>();
    for (const { lock } of records) if (lock !== null && lock !== this.kernelLock) locks.add(lock);
    return [...locks].sort((a, b) => a.address - b.address);
  }

  #type<T extends object>(layout: Layout<T>): RecordType<T> {
    const known = this.#types.get(layout) as RecordType<T> | undefined;
    if (known !== undefined) return known;
    const type = new RecordType(
      layout,
      this.#instance.threads.map(({ handle }) => handle),
    );
    this.#types.set(layout, type);
    return type;
  }
}

/** Layouts worked out, for all machines of one protocol. */
const typesOf = new WeakMap<Instance, WeakMap<object, unknown>>();

function sharedTypes(instance: Instance): WeakMap<object, unknown> {
  const known = typesOf.get(instance);
  if (known !== undefined) return known;
  const types = new WeakMap<object, unknown>();
  typesOf.set(instance, types);
  return types;
}
