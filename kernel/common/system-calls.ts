/**
 * System calls as they cross the boundary: the number of the operation and its arguments as words in registers, those for
 * which there is no register in the thread's UTCB; results likewise. Cells travel as virtual addresses, objects as slots of the
 * thread's capability table, everything else as words.ts has it.
 */
import type { DomainShape, ThreadHandle } from "../../model/language/domain.ts";
import type { ObjectRef, OperationDeclaration } from "../../model/language/kernel.ts";
import { CellHandle } from "../../model/language/memory.ts";
import { OutOfRange } from "../../model/language/operation.ts";
import type { Instance } from "../../model/language/protocol.ts";
import type { Results } from "./path.ts";
import { type Scalar, type WordFormat, wordFormat } from "./words.ts";

/**
 * Where words beyond the registers are: word `index` of a message is register `index`, or word `index - callRegisters` of the UTCB.
 * Caller holds: what the kind of port asks for.
 */
export interface MessagePort {
  get(index: number): number;
  put(index: number, word: number): void;
}

/** How the kernel finds what user programs name. */
export interface Names {
  /** Caller holds: nothing. */
  addressOf(cell: CellHandle): number;
  /** Caller holds: nothing. */
  cellAt(address: number): CellHandle;
  /** Caller holds: nothing. */
  slotOf(object: ObjectRef): number;
  /** Caller holds: a section on the thread's CPU. */
  objectIn(slot: number): ObjectRef;
}

/** In place of a slot where an operation names no object. */
const noSlot = -1;

interface Part {
  readonly name: string;
  readonly kind: "value" | "cell" | "object";
  readonly format: WordFormat | null;
  /** The same, if it is one word. */
  readonly scalar: Scalar | null;
  /** An object may be left out. */
  readonly isOptional: boolean;
  /** For messages. */
  readonly title: string;
  readonly at: number;
}

function partsOf(operation: string, domains: Readonly<Record<string, DomainShape>>, first: number, threads: readonly ThreadHandle[]): readonly Part[] {
  let at = first;
  return Object.entries(domains).map(([name, domain]) => {
    const kind = domain.kind === "cell" || domain.kind === "object" ? domain.kind : "value";
    const format = kind === "value" ? wordFormat(domain, threads) : null;
    const isOptional = domain.kind === "object" && domain.optional === true;
    const part: Part = { name, kind, format, scalar: format?.scalar ?? null, isOptional, title: `${operation}: ${name}`, at };
    at += format?.size ?? 1;
    return part;
  });
}

/** The calling convention of one operation. */
export class CallFormat {
  readonly operation: OperationDeclaration;
  readonly #number: number;
  readonly #arguments: readonly Part[];
  readonly #results: readonly Part[];
  /** Results with all names and no values. Copies of it are filled in. */
  readonly #noResults: Results;
  readonly #noArguments: Results;

  constructor(operation: OperationDeclaration, number: number, threads: readonly ThreadHandle[]) {
    this.operation = operation;
    this.#number = number;
    this.#arguments = partsOf(operation.name, operation.args, 1, threads);
    this.#results = partsOf(operation.name, operation.result, 0, threads);
    this.#noArguments = blank(this.#arguments);
    this.#noResults = blank(this.#results);
  }

  /** The arguments, wrapped where their domains wrap. Throws {@link OutOfRange} for one outside its domain. Caller holds: nothing. */
  fit(args: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
    let fitted: Record<string, unknown> | null = null;
    for (const part of this.#arguments) {
      const value = args[part.name];
      const taken = fit(part, value);
      if (taken !== value) (fitted ??= { ...args })[part.name] = taken;
    }
    return fitted ?? args;
  }

  /** What the stub of the user program does before the trap. Caller holds: no section. */
  putArguments(args: Readonly<Record<string, unknown>>, port: MessagePort, names: Names): void {
    port.put(0, this.#number);
    for (const part of this.#arguments) {
      const value = args[part.name];
      if (part.kind === "cell") port.put(part.at, names.addressOf(value as CellHandle));
      else if (part.kind === "object") port.put(part.at, value === null ? noSlot : names.slotOf(value as ObjectRef));
      else put(part, value, port);
    }
  }

  /** What the kernel does after it. Caller holds: a section. */
  getArguments(port: MessagePort, names: Names): Readonly<Record<string, unknown>> {
    const args: Record<string, unknown> = { ...this.#noArguments };
    for (const part of this.#arguments) args[part.name] = part.kind === "value" ? get(part, port) : named(part, port.get(part.at), names);
    return args;
  }

  /** Caller holds: a section. */
  putResults(results: Results, port: MessagePort): void {
    for (const part of this.#results) put(part, results[part.name], port);
  }

  /** Caller holds: no section. */
  getResults(port: MessagePort): Results {
    const results: Record<string, unknown> = { ...this.#noResults };
    for (const part of this.#results) results[part.name] = get(part, port);
    return results;
  }
}

function blank(parts: readonly Part[]): Results {
  return Object.fromEntries(parts.map(({ name }) => [name, null]));
}

function named({ kind, isOptional }: Part, word: number, names: Names): unknown {
  if (kind === "cell") return names.cellAt(word);
  return isOptional && word === noSlot ? null : names.objectIn(word);
}

function fit({ kind, format, scalar, isOptional, title }: Part, value: unknown): unknown {
  switch (kind) {
    case "cell":
      if (!(value instanceof CellHandle)) throw new OutOfRange(`${title} is not a cell`);
      return value;
    case "object":
      if (value === null && isOptional) return value;
      if (typeof value !== "object" || value === null || !("index" in value)) throw new OutOfRange(`${title} is not an object`);
      return value;
    case "value": {
      if (scalar !== null) return scalar.decode(scalar.encode(value, title));
      const words = format?.encode(value, title) ?? [];
      return format === null || format.isExact ? value : format.decode((offset) => words[offset] ?? 0);
    }
  }
}

function put({ format, scalar, title, at }: Part, value: unknown, port: MessagePort): void {
  if (scalar !== null) {
    port.put(at, scalar.encode(value, title));
    return;
  }
  const words = format?.encode(value, title) ?? [];
  for (let offset = 0; offset < words.length; offset++) port.put(at + offset, words[offset] as number);
}

function get({ format, scalar, at }: Part, port: MessagePort): unknown {
  return scalar !== null ? scalar.decode(port.get(at)) : format?.decode((offset) => port.get(at + offset));
}

/** Calling conventions, for all machines of one protocol. */
const formatsOf = new WeakMap<Instance, Map<OperationDeclaration, CallFormat>>();

/** The calling convention of an operation in a protocol. Caller holds: nothing. */
export function callFormat(instance: Instance, operation: OperationDeclaration): CallFormat {
  let formats = formatsOf.get(instance);
  if (formats === undefined) formatsOf.set(instance, (formats = new Map()));
  let format = formats.get(operation);
  if (format === undefined) {
    const handles = instance.threads.map(({ handle }) => handle);
    formats.set(operation, (format = new CallFormat(operation, formats.size, handles)));
  }
  return format;
}
