/** Records of one kind that are taken and given back, kept in a free list in kernel memory: a slab of fixed size. */
import type { Addressed, KernelMemory } from "./kernel-memory.ts";
import type { Lock } from "./locks.ts";

export class Pool<T extends Addressed> {
  readonly name: string;
  readonly capacity: number;
  readonly #memory: KernelMemory;
  readonly #lock: Lock | null;
  readonly #records: readonly T[];
  /** One word: the first free record. */
  readonly #first: number;
  /** For each record one word: the next free one; the record's own address while it is in use. */
  readonly #links: ReadonlyMap<number, number>;

  constructor(memory: KernelMemory, name: string, records: readonly T[], lock: Lock | null) {
    this.name = name;
    this.capacity = records.length;
    this.#memory = memory;
    this.#lock = lock;
    this.#records = records;
    const links = memory.reserve(1 + records.length);
    this.#first = links;
    this.#links = new Map(records.map(({ address }, index) => [address, links + 4 * (index + 1)]));
    memory.store(this.#first, records[0]?.address ?? 0);
    records.forEach((_, index) => memory.store(links + 4 * (index + 1), records[index + 1]?.address ?? 0));
  }

  /** Takes a record, with whatever it held last; null if none is free. Caller holds: the lock of the pool. */
  allocate(): T | null {
    this.#lock?.assertHeld({ address: this.#first, name: this.name });
    const address = this.#memory.load(this.#first);
    if (address === 0) return null;
    const link = this.#links.get(address) as number;
    this.#memory.store(this.#first, this.#memory.load(link));
    this.#memory.store(link, address);
    return this.#memory.resident(address) as T | null;
  }

  /** Gives a record back. Caller holds: the lock of the pool. */
  free(record: T): void {
    this.#lock?.assertHeld({ address: this.#first, name: this.name });
    const link = this.#links.get(record.address);
    if (link === undefined || this.#memory.load(link) !== record.address) throw new Error(`a record that is not in use is given back to the ${this.name}`);
    this.#memory.store(link, this.#memory.load(this.#first));
    this.#memory.store(this.#first, record.address);
  }

  /** Whether it is one of this pool's records. Caller holds: nothing. */
  has(record: T): boolean {
    return this.#links.has(record.address);
  }

  /** Caller holds: the lock of the pool. */
  isInUse(record: T): boolean {
    const link = this.#links.get(record.address);
    return link !== undefined && this.#memory.load(link) === record.address;
  }

  /** The records that have been taken and not given back. Caller holds: the lock of the pool. */
  inUse(): readonly T[] {
    return this.#records.filter((record) => this.isInUse(record));
  }
}
