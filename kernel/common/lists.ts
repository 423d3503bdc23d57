/**
 * First-in-first-out queues of records, doubly linked through the records themselves, as kernels that must not allocate
 * keep them. Head, tail and links are words of kernel memory. A record is in at most one list by each of its `links`.
 */
import type { Addressed, KernelMemory } from "./kernel-memory.ts";
import type { Lock } from "./locks.ts";

/** Words of a node: the list that it is in, previous record, next record. */
const listWord = 0;
const previousWord = 4;
const nextWord = 8;

/** A record's place in a list. */
export interface ListNode {
  readonly address: number;
  /** Whether it is in a list. Caller holds: the lock of the list. */
  isQueued(): boolean;
}

/** A queue. Its own lock protects its head, its tail and the links of its members. */
export class List<T extends Addressed> implements Iterable<T> {
  readonly address: number;
  /** As reports print it. */
  readonly name: string;
  readonly lock: Lock | null;
  readonly #memory: KernelMemory;
  readonly #by: string;
  /** Where in its members' records the links are: known when the first of them comes. */
  #offset = -1;

  /** Two words at `address`; members are linked by their field `by`. */
  constructor(memory: KernelMemory, address: number, by: string, name: string, lock: Lock | null) {
    this.#memory = memory;
    this.address = address;
    this.#by = by;
    this.name = name;
    this.lock = lock;
  }

  /** Caller holds: the lock of the list. */
  get head(): T | null {
    this.lock?.assertHeld(this);
    return this.#at(this.#memory.load(this.address));
  }

  /** Caller holds: the lock of the list. */
  get tail(): T | null {
    this.lock?.assertHeld(this);
    return this.#at(this.#memory.load(this.address + 4));
  }

  /** Caller holds: the lock of the list. */
  get isEmpty(): boolean {
    this.lock?.assertHeld(this);
    return this.#memory.load(this.address) === 0;
  }

  /** Caller holds: the lock of the list. */
  *[Symbol.iterator](): Iterator<T> {
    for (let record = this.head; record !== null; record = this.#at(this.#memory.load(this.#node(record) + nextWord))) yield record;
  }

  /** Caller holds: the lock of the list. */
  has(record: T): boolean {
    this.lock?.assertHeld(this);
    return this.#memory.load(this.#node(record) + listWord) === this.address;
  }

  /** Appends at the tail. The record must be in no list by these links. Caller holds: the lock of the list. */
  enqueue(record: T): void {
    this.insert(record, null);
  }

  /** Puts a record before a member; null: at the tail. Caller holds: the lock of the list. */
  insert(record: T, before: T | null): void {
    this.lock?.assertHeld(this);
    const memory = this.#memory;
    const node = this.#find(record);
    if (memory.load(node + listWord) !== 0) throw new Error(`cannot put a record into the ${this.name}: it is already in a list`);
    const previous = before === null ? memory.load(this.address + 4) : memory.load(this.#node(before) + previousWord);
    memory.store(node + listWord, this.address);
    memory.store(node + previousWord, previous);
    memory.store(node + nextWord, before === null ? 0 : before.address);
    memory.store(previous === 0 ? this.address : previous + this.#offset + nextWord, record.address);
    memory.store(before === null ? this.address + 4 : this.#node(before) + previousWord, record.address);
  }

  /** Takes a member out. Caller holds: the lock of the list. */
  remove(record: T): void {
    const memory = this.#memory;
    const node = this.#node(record);
    if (!this.has(record)) throw new Error(`cannot take a record out of the ${this.name}: it is not there`);
    const previous = memory.load(node + previousWord);
    const next = memory.load(node + nextWord);
    memory.store(previous === 0 ? this.address : previous + this.#offset + nextWord, next);
    memory.store(next === 0 ? this.address + 4 : next + this.#offset + previousWord, previous);
    memory.store(node + listWord, 0);
    memory.store(node + previousWord, 0);
    memory.store(node + nextWord, 0);
  }

  /** Takes the head out; null if the list is empty. Caller holds: the lock of the list. */
  dequeue(): T | null {
    const { head } = this;
    if (head !== null) this.remove(head);
    return head;
  }

  /** Whether the links agree in both directions; walks at most `limit` records. Caller holds: the lock of the list. */
  consistent(limit: number): boolean {
    let previous = 0;
    let walked = 0;
    for (const record of this) {
      const node = this.#node(record);
      if (++walked > limit || !this.has(record) || this.#memory.load(node + previousWord) !== previous) return false;
      previous = record.address;
    }
    return previous === this.#memory.load(this.address + 4);
  }

  #at(address: number): T | null {
    return this.#memory.resident(address) as T | null;
  }

  /** The links of a record. */
  #node(record: T): number {
    return this.#offset < 0 ? this.#find(record) : record.address + this.#offset;
  }

  /** The same, looked up; all members have their links in one place. */
  #find(record: T): number {
    const { address } = (record as unknown as Readonly<Record<string, ListNode>>)[this.#by] as ListNode;
    const offset = address - record.address;
    if (this.#offset < 0) this.#offset = offset;
    else if (this.#offset !== offset) throw new Error(`the ${this.name} has members of two layouts`);
    return address;
  }
}
