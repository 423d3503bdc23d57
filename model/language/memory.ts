/**
 * Shared memory as a thread sees it: cells with plain and atomic accesses, arrays of cells, queues and ghost state.
 *
 * Access functions do nothing by themselves: each returns an operation that the thread performs with `yield*`.
 * `.value` reads or writes at once and is legal only inside one atomic step (a `step({ when, do })`, an invariant,
 * ghost state), where a {@link withMemory} frame says which state is meant.
 */
import { type DomainShape, elementOf } from "./domain.ts";
import { type Op, perform } from "./operation.ts";

export type Order = "relaxed" | "acquire" | "release" | "acq_rel" | "seq_cst";

/** One shared-memory location. `read`/`write` are plain; the others are atomic, `seq_cst` unless an order is given. */
export interface Cell<T> {
  /** The value now; only inside one atomic step. */
  value: T;
  read(): Op<T>;
  write(value: T): Op<void>;
  load(order?: Order): Op<T>;
  store(value: T, order?: Order): Op<void>;
  /** Writes `desired` if the cell holds `expected`; returns the old value. */
  compareExchange(expected: T, desired: T, order?: Order): Op<T>;
  /** Writes; returns the old value. */
  exchange(value: T, order?: Order): Op<T>;
  /** Adds; returns the old value. */
  fetchAdd(amount: T extends number ? number : never, order?: Order): Op<T>;
}

export interface CellArray<A> {
  readonly length: number;
  at(index: number): A;
}

/** A queue, used inside one atomic step. `shift` of an empty queue and `push` to a full one are violations. */
export interface QueueAccess<T> {
  readonly length: number;
  push(value: T): void;
  shift(): T;
  at(index: number): T;
  includes(value: T): boolean;
}

export interface Ghost<T> {
  value: T;
}
/** What ghost memory offers in place of an access `A`. */
export type GhostOf<A> =
  A extends Cell<infer T>
    ? Ghost<T>
    : A extends CellArray<infer E>
      ? CellArray<GhostOf<E>>
      : A extends QueueAccess<infer T>
        ? QueueAccess<T>
        : { readonly [K in keyof A]: GhostOf<A[K]> };

export type MemoryAction = "read" | "write" | "load" | "store" | "compareExchange" | "exchange" | "fetchAdd";

/** Where a `.value` access goes while a step runs natively. Cells are numbered as {@link layoutMemory} does. */
export interface MemoryFrame {
  read(cell: CellHandle): unknown;
  write(cell: CellHandle, value: unknown): void;
}

let frame: MemoryFrame | null = null;
/** Runs `body` with `.value` bound to `memory`. */
export function withMemory<R>(memory: MemoryFrame, body: () => R): R {
  const outer = frame;
  frame = memory;
  try {
    return body();
  } finally {
    frame = outer;
  }
}

/** A scalar cell: `variable` is the declared name with fields joined by dots, `index` the flat position in its array. */
export class CellHandle implements Cell<unknown> {
  readonly variable: string;
  readonly index: number;
  /** Number of the cell among all cells of the protocol, ghost ones included; futex addresses. */
  readonly address: number;
  readonly domain: DomainShape;
  readonly isGhost: boolean;
  constructor(variable: string, index: number, address: number, domain: DomainShape, isGhost: boolean) {
    this.variable = variable;
    this.index = index;
    this.address = address;
    this.domain = domain;
    this.isGhost = isGhost;
  }
  get value(): unknown {
    if (frame === null) throw new Error(`${this.variable}.value is read outside an atomic step; use yield* ${this.variable}.read()`);
    return frame.read(this);
  }
  set value(value: unknown) {
    if (frame === null) throw new Error(`${this.variable}.value is written outside an atomic step; use yield* ${this.variable}.write(…)`);
    frame.write(this, value);
  }
  read(): Op<unknown> {
    return access(this, "read", [], "plain");
  }
  write(value: unknown): Op<void> {
    return access(this, "write", [value], "plain");
  }
  load(order: Order = "seq_cst"): Op<unknown> {
    return access(this, "load", [], order);
  }
  store(value: unknown, order: Order = "seq_cst"): Op<void> {
    return access(this, "store", [value], order);
  }
  compareExchange(expected: unknown, desired: unknown, order: Order = "seq_cst"): Op<unknown> {
    return access(this, "compareExchange", [expected, desired], order);
  }
  exchange(value: unknown, order: Order = "seq_cst"): Op<unknown> {
    return access(this, "exchange", [value], order);
  }
  fetchAdd(amount: number, order: Order = "seq_cst"): Op<unknown> {
    return access(this, "fetchAdd", [amount], order);
  }
}

function access<T>(cell: CellHandle, action: MemoryAction, args: readonly unknown[], order: Order | "plain"): Op<T> {
  return perform({ kind: "memory", action, cell, args, order });
}

/** An array of cells (or of records of cells). */
export class ArrayHandle implements CellArray<unknown> {
  readonly length: number;
  readonly elements: readonly unknown[];
  readonly name: string;
  constructor(name: string, elements: readonly unknown[]) {
    this.name = name;
    this.elements = elements;
    this.length = elements.length;
  }
  at(index: number): unknown {
    if (!Number.isInteger(index) || index < 0 || index >= this.length) throw new IndexOutOfRange(this.name, index, this.length);
    return this.elements[index];
  }
}

/** A queue in memory: its cells hold arrays, so `.value` of the backing cell is the list of elements. */
export class QueueHandle implements QueueAccess<unknown> {
  readonly cell: CellHandle;
  constructor(cell: CellHandle) {
    this.cell = cell;
  }
  #items(): readonly unknown[] {
    return this.cell.value as readonly unknown[];
  }
  get length(): number {
    return this.#items().length;
  }
  push(value: unknown): void {
    this.cell.value = [...this.#items(), value];
  }
  shift(): unknown {
    const [head, ...rest] = this.#items();
    if (head === undefined) throw new IndexOutOfRange(this.cell.variable, 0, 0);
    this.cell.value = rest;
    return head;
  }
  at(index: number): unknown {
    const items = this.#items();
    if (!Number.isInteger(index) || index < 0 || index >= items.length) throw new IndexOutOfRange(this.cell.variable, index, items.length);
    return items[index];
  }
  includes(value: unknown): boolean {
    return this.#items().includes(value);
  }
}

/** An index outside an array or queue: the violation `out-of-range`. */
export class IndexOutOfRange extends Error {
  constructor(name: string, index: number, length: number) {
    super(`index ${index} is outside ${name}, which has ${length} elements`);
  }
}

/** All cells of a protocol in declaration order, and the access object of each memory name. */
export interface MemoryLayout {
  readonly cells: readonly CellHandle[];
  readonly access: Readonly<Record<string, unknown>>;
}

/**
 * Numbers the cells of a memory declaration depth first, in declaration order. A queue is one cell.
 * Variables are named `name` or `name.field`; arrays (also of records, also nested) are flattened into `index`.
 */
export function layoutMemory(memory: Readonly<Record<string, DomainShape>>): MemoryLayout {
  const cells: CellHandle[] = [];
  const place = (name: string, index: number, domain: DomainShape, isGhost: boolean): unknown => {
    switch (domain.kind) {
      case "ghost":
        return place(name, index, domain.of, true);
      case "record":
        return Object.fromEntries(Object.entries(domain.fields).map(([field, of]) => [field, place(`${name}.${field}`, index, of, isGhost)]));
      case "array":
        return new ArrayHandle(
          name,
          Array.from({ length: domain.length }, (_, i) => place(name, index * domain.length + i, elementOf(domain, i), isGhost)),
        );
      case "cell":
      case "object":
        throw new TypeError(`memory.${name}: ${domain.kind} references are operation arguments, not memory`);
      default: {
        const cell = new CellHandle(name, index, cells.length, domain, isGhost);
        cells.push(cell);
        return domain.kind === "queue" ? new QueueHandle(cell) : cell;
      }
    }
  };
  const access = Object.fromEntries(Object.entries(memory).map(([name, domain]) => [name, place(name, 0, domain, false)]));
  return { cells, access };
}
