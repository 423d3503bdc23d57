/**
 * System calls as they cross the boundary: the number of the operation and its arguments as words in registers, those for
 * which there is no register in the thread's UTCB; results likewise. Cells travel as virtual addresses, objects as slots of the
 * thread's capability table, everything else as words.ts has it.
 */
import type { DomainShape, ThreadHandle } from "../../model/language/domain.ts";
import type { ObjectRef, OperationDeclaration } from "../../model/language/kernel.ts";
import type { CellHandle } from "../../model/language/memory.ts";
import type { Results } from "./path.ts";
import { type WordFormat, wordFormat } from "./words.ts";

/** Where words beyond the registers are: word `index` of a message is register `index`, or word `index - callRegisters` of the UTCB. */
export interface MessagePort {
  get(index: number): number;
  put(index: number, word: number): void;
}

/** How the kernel finds what user programs name. */
export interface Names {
  addressOf(cell: CellHandle): number;
  cellAt(address: number): CellHandle;
  slotOf(object: ObjectRef): number;
  objectIn(slot: number): ObjectRef;
}

/** In place of a slot where an operation names no object. */
const noSlot = -1;

interface Part {
  readonly name: string;
  readonly kind: "value" | "cell" | "object";
  readonly format: WordFormat | null;
  readonly at: number;
}

function partsOf(domains: Readonly<Record<string, DomainShape>>, first: number, threads: readonly ThreadHandle[]): readonly Part[] {
  let at = first;
  return Object.entries(domains).map(([name, domain]) => {
    const kind = domain.kind === "cell" || domain.kind === "object" ? domain.kind : "value";
    const format = kind === "value" ? wordFormat(domain, threads) : null;
    const part: Part = { name, kind, format, at };
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

  constructor(operation: OperationDeclaration, number: number, threads: readonly ThreadHandle[]) {
    this.operation = operation;
    this.#number = number;
    this.#arguments = partsOf(operation.args, 1, threads);
    this.#results = partsOf(operation.result, 0, threads);
  }

  /** What the stub of the user program does before the trap. */
  putArguments(args: Readonly<Record<string, unknown>>, port: MessagePort, names: Names): void {
    port.put(0, this.#number);
    for (const { name, kind, format, at } of this.#arguments) {
      const value = args[name];
      if (kind === "cell") port.put(at, names.addressOf(value as CellHandle));
      else if (kind === "object") port.put(at, value === null ? noSlot : names.slotOf(value as ObjectRef));
      else if (format !== null) put(format, value, `${this.operation.name}: ${name}`, port, at);
    }
  }

  /** What the kernel does after it. */
  getArguments(port: MessagePort, names: Names): Readonly<Record<string, unknown>> {
    const args: Record<string, unknown> = {};
    for (const { name, kind, format, at } of this.#arguments) {
      if (kind === "cell") args[name] = names.cellAt(port.get(at));
      else if (kind === "object") args[name] = (port.get(at) | 0) === noSlot ? null : names.objectIn(port.get(at));
      else if (format !== null) args[name] = format.decode((offset) => port.get(at + offset));
    }
    return args;
  }

  putResults(results: Results, port: MessagePort): void {
    for (const { name, format, at } of this.#results) if (format !== null) put(format, results[name], `${this.operation.name}: ${name}`, port, at);
  }

  getResults(port: MessagePort): Results {
    const results: Record<string, unknown> = {};
    for (const { name, format, at } of this.#results) if (format !== null) results[name] = format.decode((offset) => port.get(at + offset));
    return results;
  }
}

function put(format: WordFormat, value: unknown, name: string, port: MessagePort, at: number): void {
  const words = format.encode(value, name);
  for (let offset = 0; offset < words.length; offset++) port.put(at + offset, words[offset] as number);
}
