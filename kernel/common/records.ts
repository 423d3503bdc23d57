/**
 * Records in kernel memory. A layout says which fields a record has and how each lies in words; a record then reads and
 * writes like an object (`me.state = "waiting"`), and each access is a load or store of simulated memory.
 *
 * A layout is also the unit of locking: its fields are those that one lock protects. What is protected by different
 * locks belongs into different layouts.
 */
import { type Domain, type DomainShape, nobody, type ThreadHandle } from "../../model/language/domain.ts";
import type { Addressed, KernelMemory } from "./kernel-memory.ts";
import { List, type ListNode } from "./lists.ts";
import type { Lock } from "./locks.ts";
import { initialValue, threadNumber, wordFormat } from "./words.ts";

/** What every record has. */
export interface KernelRecord extends Addressed {
  /** As reports print it: the name of the thread, object or CPU that it belongs to. */
  readonly name: string;
  /** Protects its fields; null: nothing does, they never change or belong to one CPU. */
  readonly lock: Lock | null;
}

/** How a value of type `V` lies in a record. */
export interface Field<V> {
  readonly kind: "link" | "list" | "links" | "number" | "lock";
  /** Never there; carries the type. */
  readonly value?: V;
  /** Of a list: the field by which its members are linked, and what the list is called. */
  readonly by?: string;
  readonly what?: string;
}

/** A field of a language domain, or one of {@link link}, {@link list}, {@link links}, {@link word}. */
export type FieldOf<V> = Field<V> | Domain<V>;
export type Fields<T> = { readonly [K in keyof T]: FieldOf<T[K]> };

export interface Layout<T> {
  readonly name: string;
  readonly fields: Fields<T>;
}

/** Declares a layout. Records start with all words zero, and fields of domains with their initial values. */
export function layout<T extends object>(name: string, fields: Fields<T>): Layout<T> {
  return { name, fields };
}

/** The address of another record; null is address 0. */
export function link<T extends Addressed>(): Field<T | null> {
  return { kind: "link" };
}
/** The head and tail of a queue of records, linked through their field `by`. */
export function list<T extends Addressed>(by: string, what: string): Field<List<T>> {
  return { kind: "list", by, what };
}
/** The place of a record in at most one list. */
export function links(): Field<ListNode> {
  return { kind: "links" };
}
/** Any word of 32 bits. */
export function word(): Field<number> {
  return { kind: "number" };
}

/** Words of a field. */
function sizeOf(field: FieldOf<unknown>, threads: readonly ThreadHandle[]): number {
  switch (field.kind) {
    case "link":
    case "number":
    case "lock":
      return 1;
    case "list":
      return 2;
    case "links":
      return 3;
    default:
      return wordFormat(field as DomainShape, threads).size;
  }
}

interface Accessor {
  read(at: number): unknown;
  write(at: number, value: unknown): void;
}

/** Loads and stores of one field. The frequent domains have accessors of their own, the others go through their word format. */
function accessor(memory: KernelMemory, field: FieldOf<unknown>, name: string, threads: readonly ThreadHandle[]): Accessor {
  switch (field.kind) {
    case "link":
      return {
        read: (at) => memory.resident(memory.load(at)),
        write: (at, value) => memory.store(at, value === null ? 0 : (value as Addressed).address),
      };
    case "number":
      return { read: (at) => memory.load(at), write: (at, value) => memory.store(at, value as number) };
    case "list":
    case "links":
    case "lock":
      throw new TypeError(`the field ${name} has no value of its own`);
    case "boolean":
      return { read: (at) => memory.load(at) !== 0, write: (at, value) => memory.store(at, value === true ? 1 : 0) };
    case "thread":
      return { read: (at) => threads[memory.load(at)] ?? nobody, write: (at, value) => memory.store(at, threadNumber(value, name)) };
    case "enum": {
      const { values } = field;
      return {
        read: (at) => values[memory.load(at)],
        write: (at, value) => {
          const position = values.indexOf(value as string);
          if (position < 0) throw new RangeError(`${name} cannot be "${String(value)}"; it is one of ${values.join(", ")}`);
          memory.store(at, position);
        },
      };
    }
    default: {
      const format = wordFormat(field as DomainShape, threads);
      // A value of several words is moved, not looked at.
      const moving = format.size === 1 ? <T>(body: () => T): T => body() : <T>(body: () => T): T => memory.copying(body);
      return {
        read: (at) => moving(() => format.decode((offset) => memory.load(at + 4 * offset))),
        write: (at, value) => moving(() => format.encode(value, name).forEach((each, offset) => memory.store(at + 4 * offset, each))),
      };
    }
  }
}

/** A layout bound to the memory of one machine: makes its records. */
export class RecordType<T extends object> {
  readonly layout: Layout<T>;
  readonly size: number;
  readonly #memory: KernelMemory;
  readonly #prototype: object;
  readonly #offsets: ReadonlyMap<string, number>;
  readonly #initial: readonly { readonly name: string; readonly value: unknown }[];

  constructor(declared: Layout<T>, memory: KernelMemory, threads: readonly ThreadHandle[]) {
    this.layout = declared;
    this.#memory = memory;
    const offsets = new Map<string, number>();
    const initial: { readonly name: string; readonly value: unknown }[] = [];
    const prototype = {};
    let size = 0;
    for (const [name, field] of Object.entries<FieldOf<unknown>>(declared.fields)) {
      const offset = size;
      offsets.set(name, 4 * offset);
      size += sizeOf(field, threads);
      if (field.kind === "list" || field.kind === "links") continue;
      defineField(prototype, name, 4 * offset, accessor(memory, field, `${declared.name}.${name}`, threads));
      if (!("kind" in field) || field.kind === "link" || field.kind === "number" || field.kind === "lock") continue;
      initial.push({ name, value: initialValue(field as DomainShape) });
    }
    this.size = size;
    this.#prototype = prototype;
    this.#offsets = offsets;
    this.#initial = initial;
  }

  /** Lays a record out in the kernel's heap. */
  create(name: string, lock: Lock | null): T & KernelRecord {
    const memory = this.#memory;
    const address = memory.reserve(this.size);
    const record = Object.create(this.#prototype, {
      address: { value: address, enumerable: true },
      name: { value: name, enumerable: true },
      lock: { value: lock, enumerable: true },
    }) as T & KernelRecord;
    for (const [field, declared] of Object.entries<FieldOf<unknown>>(this.layout.fields)) {
      const at = address + (this.#offsets.get(field) as number);
      if (declared.kind === "list") {
        const { by = "links", what = "queue" } = declared as Field<unknown>;
        Object.defineProperty(record, field, { value: new List(memory, at, by, `${what} of ${name}`, lock) });
      } else if (declared.kind === "links") {
        Object.defineProperty(record, field, { value: { address: at, isQueued: () => memory.load(at) !== 0 } satisfies ListNode });
      }
    }
    memory.settle(record);
    const initial = record as Record<string, unknown>;
    for (const { name: field, value } of this.#initial) initial[field] = value;
    return record;
  }
}

function defineField(prototype: object, name: string, offset: number, { read, write }: Accessor): void {
  Object.defineProperty(prototype, name, {
    enumerable: true,
    get(this: KernelRecord): unknown {
      this.lock?.assertHeld(this);
      return read(this.address + offset);
    },
    set(this: KernelRecord, value: unknown): void {
      this.lock?.assertHeld(this);
      write(this.address + offset, value);
    },
  });
}
