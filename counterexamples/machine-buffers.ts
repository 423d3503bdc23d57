/**
 * The store buffers of the machine beside those of the model: the same stores, in the same order as far as anybody can
 * tell. Interrupts and context switches empty the machine's buffer, as they do on processors that order them with memory;
 * the model does not promise that, so a trace that needs the buffer to last cannot be followed to its end.
 */
import type { Executor } from "../kernel/common/executor.ts";
import type { CellHandle } from "../model/language/memory.ts";
import type { Instance } from "../model/language/protocol.ts";
import type { State, StoreBuffer, System, ValueType } from "../model/system/system.ts";
import { scalarOf } from "./projection.ts";

interface Entry {
  /** Null: a barrier. */
  readonly cell: CellHandle | null;
  readonly value: number;
}

export class MachineBuffers {
  readonly #executor: Executor;
  readonly #buffers: readonly StoreBuffer[];
  /** By the numbers that the model's buffers hold. */
  readonly #cells: readonly { readonly cell: CellHandle; readonly type: ValueType }[];

  constructor(instance: Instance, system: System, executor: Executor) {
    this.#executor = executor;
    this.#buffers = system.memory?.buffers ?? [];
    const cells: { readonly cell: CellHandle; readonly type: ValueType }[] = [];
    for (const { variable, base } of system.memory?.cells ?? []) {
      const { name, type } = system.variables[variable] ?? { name: "", type: { kind: "int" } };
      for (const cell of instance.memory.cells) if (`memory.${cell.variable}` === name) cells[base + cell.index] = { cell, type };
    }
    this.#cells = cells;
  }

  #model(state: State, { address, value, fill }: StoreBuffer): readonly Entry[] {
    return Array.from({ length: state[fill]?.[0] ?? 0 }, (_, entry) => ({
      cell: this.#cells[state[address]?.[entry] ?? -1]?.cell ?? null,
      value: state[value]?.[entry] ?? 0,
    }));
  }

  /** What the machine's buffer holds of the protocol's memory. */
  #machine({ cpu }: StoreBuffer): readonly Entry[] {
    const { buffer } = this.#executor.machine.cpu(cpu);
    return Array.from({ length: buffer.length }, (_, entry): Entry => {
      const address = buffer.address(entry);
      const found = this.#cells.find(({ cell }) => this.#executor.memory.physicalOf(cell) === address);
      if (found === undefined) return { cell: null, value: 0 };
      return { cell: found.cell, value: scalarOf(found.type, this.#executor.memory.decode(found.cell, buffer.value(entry))) ?? buffer.value(entry) };
    });
  }

  /** Lets the entry that the model drains leave the machine's buffer. */
  drain(state: State, cpu: number, pick: number): void {
    const buffer = this.#buffers.find((each) => each.cpu === cpu);
    const cell = buffer === undefined ? undefined : this.#model(state, buffer)[pick]?.cell;
    const entry = buffer === undefined ? -1 : this.#machine(buffer).findIndex((each) => each.cell !== null && each.cell === cell);
    this.#executor.drain(cpu, Math.max(0, entry));
  }

  /** Why the machine's buffers hold less than the model's; null if they do not. */
  drainedEarly(state: State): string | null {
    for (const buffer of this.#buffers) {
      if (this.#machine(buffer).length === 0 && this.#model(state, buffer).length > 0)
        return `on the machine an interrupt or a switch of threads has emptied the store buffer of CPU ${buffer.cpu}; the trace needs stores to wait there`;
    }
    return null;
  }

  /** How the buffers differ. */
  difference(state: State): string | null {
    const text = (entries: readonly Entry[]): string =>
      entries.map(({ cell, value }) => (cell === null ? "barrier" : `${cell.variable}[${cell.index}] = ${value}`)).join(", ");
    for (const buffer of this.#buffers) {
      const [machine, model] = [text(this.#machine(buffer)), text(this.#model(state, buffer))];
      if (machine !== model) return `the store buffer of CPU ${buffer.cpu} holds [${machine}] on the machine and [${model}] in the model`;
    }
    return null;
  }
}
