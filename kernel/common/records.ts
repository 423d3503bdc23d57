/**
 * Records in kernel memory. A layout says which fields a record has and how each lies in words; a record then reads and
 * writes like an object (`me.state = "waiting"`), and each access is a load or store of simulated memory.
 *
 * A layout is also the unit of locking: its fields are those that one lock protects. What is protected by different
 * locks belongs into different layouts.
 */
import type { Domain, DomainShape, ThreadHandle } from "../../model/language/domain.ts";
import type { Addressed, KernelMemory } from "./kernel-memory.ts";
import { List, type ListNode } from "./lists.ts";
import type { Lock } from "./locks.ts";
import { initialValue, type Scalar, type WordFormat, wordFormat } from "./words.ts";

/** What every record has. */
export interface KernelRecord extends Addressed {
  /** As reports print it: the name of the thread, object or CPU that it belongs to. */
  readonly name: string;
  /** Protects its fields; null: nothing does, they never change or belong to one CPU. */
  readonly lock: Lock | null;
}

/** How a value of type `V` lies in a record. */
export interface Field<V> {
  readonly kind: "link" | "list" | "links" | "number" | "area";
  /** Of an area: how many words. */
  readonly words?: number;
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

/** Declares a layout. Records start with all words zero, and fields of domains with their initial values. Caller holds: nothing. */
export function layout<T extends object>(name: string, fields: Fields<T>): Layout<T> {
  return { name, fields };
}

/** The address of another record; null is address 0. Caller holds: nothing. */
export function link<T extends Addressed>(): Field<T | null> {
  return { kind: "link" };
}
/** The head and tail of a queue of records, linked through their field `by`. Caller holds: nothing. */
export function list<T extends Addressed>(by: string, what: string): Field<List<T>> {
  return { kind: "list", by, what };
}
/** The place of a record in at most one list. Caller holds: nothing. */
export function links(): Field<ListNode> {
  return { kind: "links" };
}
/** Any word of 32 bits. Caller holds: nothing. */
export function word(): Field<number> {
  return { kind: "number" };
}

/** So many words, as an area of memory: the value is its address. Caller holds: nothing. */
export function area(words: number): Field<number> {
  return { kind: "area", words };
}

/** Words of a field. */
function sizeOf(field: FieldOf<unknown>, threads: readonly ThreadHandle[]): number {
  switch (field.kind) {
    case "link":
    case "number":
      return 1;
    case "area":
      return field.words ?? 0;
    case "list":
      return 2;
    case "links":
      return 3;
    default:
      return wordFormat(field as DomainShape, threads).size;
  }
}

/** The get and set of a property of a record. */
type Access = { get(this: Base): unknown; set(this: Base, value: unknown): void };

/** A word of a record that the CPU at hand may reach. */
function load(record: Base, offset: number): number {
  record.lock?.assertHeld(record);
  return record.memory.load(record.address + offset);
}
function store(record: Base, offset: number, word: number): void {
  record.lock?.assertHeld(record);
  record.memory.store(record.address + offset, word);
}

/** Loads and stores of one field. Each kind of field has accessors of its own, so that each of them does one thing only. */
function access(field: FieldOf<unknown>, name: string, offset: number, threads: readonly ThreadHandle[]): Access {
  switch (field.kind) {
    case "link":
      return {
        get(): unknown {
          return this.memory.resident(load(this, offset));
        },
        set(value): void {
          store(this, offset, value === null ? 0 : (value as Addressed).address);
        },
      };
    case "number":
      return {
        get(): unknown {
          return load(this, offset);
        },
        set(value): void {
          store(this, offset, value as number);
        },
      };
    case "area":
      return {
        get(): unknown {
          this.lock?.assertHeld(this);
          return this.address + offset;
        },
        set(): never {
          throw new TypeError(`the field ${name} is an area`);
        },
      };
    case "list":
    case "links":
      throw new TypeError(`the field ${name} has no value of its own`);
    default: {
      const format = wordFormat(field as DomainShape, threads);
      return format.scalar === null ? accessToWords(format, name, offset) : accessToWord(format.scalar, name, offset);
    }
  }
}

function accessToWord(scalar: Scalar, name: string, offset: number): Access {
  return {
    get(): unknown {
      return scalar.decode(load(this, offset));
    },
    set(value): void {
      store(this, offset, scalar.encode(value, name));
    },
  };
}

/** A value of several words is moved, not looked at. */
function accessToWords(format: WordFormat, name: string, offset: number): Access {
  return {
    get(): unknown {
      return this.memory.copying(() => format.decode((word) => load(this, offset + 4 * word)));
    },
    set(value): void {
      this.memory.copying(() => format.encode(value, name).forEach((each, word) => store(this, offset + 4 * word, each)));
    },
  };
}

/** What all records have in common; their fields are properties of the prototypes that layouts make. */
class Base implements KernelRecord {
  readonly memory: KernelMemory;
  readonly address: number;
  readonly name: string;
  readonly lock: Lock | null;

  constructor(memory: KernelMemory, address: number, name: string, lock: Lock | null) {
    this.memory = memory;
    this.address = address;
    this.name = name;
    this.lock = lock;
  }
}

class Node implements ListNode {
  readonly #memory: KernelMemory;
  readonly address: number;

  constructor(memory: KernelMemory, address: number) {
    this.#memory = memory;
    this.address = address;
  }

  isQueued(): boolean {
    return this.#memory.load(this.address) !== 0;
  }
}

/** A layout worked out for a protocol's threads: makes its records, in the memory of any machine. */
export class RecordType<T extends object> {
  readonly layout: Layout<T>;
  readonly size: number;
  readonly fields: readonly string[];
  readonly #Record: typeof Base;
  /** Lists and places in lists, which are objects of their own. */
  readonly #parts: readonly { readonly name: string; readonly offset: number; readonly field: Field<unknown> }[];
  /** Words that do not start as zero. */
  readonly #initial: readonly { readonly offset: number; readonly word: number }[];

  constructor(declared: Layout<T>, threads: readonly ThreadHandle[]) {
    this.layout = declared;
    this.fields = Object.keys(declared.fields);
    const parts: { readonly name: string; readonly offset: number; readonly field: Field<unknown> }[] = [];
    const initial: { readonly offset: number; readonly word: number }[] = [];
    const Record = class extends Base {};
    let size = 0;
    for (const [name, field] of Object.entries<FieldOf<unknown>>(declared.fields)) {
      const offset = 4 * size;
      size += sizeOf(field, threads);
      if (field.kind === "list" || field.kind === "links") {
        parts.push({ name, offset, field });
        continue;
      }
      const full = `${declared.name}.${name}`;
      Object.defineProperty(Record.prototype, name, { enumerable: true, ...access(field, full, offset, threads) });
      if (field.kind === "link" || field.kind === "number" || field.kind === "area") continue;
      const words = wordFormat(field as DomainShape, threads).encode(initialValue(field as DomainShape), full);
      words.forEach((word, index) => {
        if (word !== 0) initial.push({ offset: offset + 4 * index, word });
      });
    }
    this.size = size;
    this.#Record = Record;
    this.#parts = parts;
    this.#initial = initial;
  }

  /** Lays a record out in the kernel's heap. Caller holds: no section. */
  create(memory: KernelMemory, name: string, lock: Lock | null): T & KernelRecord {
    const address = memory.reserve(this.size);
    const record = new this.#Record(memory, address, name, lock) as unknown as T & KernelRecord;
    for (const { name: part, offset, field } of this.#parts) {
      const at = address + offset;
      const { by = "links", what = "queue" } = field;
      (record as Record<string, unknown>)[part] = field.kind === "list" ? new List(memory, at, by, `${what} of ${name}`, lock) : new Node(memory, at);
    }
    memory.settle(record);
    for (const { offset, word } of this.#initial) memory.store(address + offset, word);
    return record;
  }
}
