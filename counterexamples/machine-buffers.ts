/**
 * The store buffers of the machine beside those of the model: the same stores, in the same order as far as anybody can
 * tell. Interrupts and context switches empty the machine's buffer, as they do on processors that order them with memory;
 * the model does not promise that, so a trace that needs the buffer to last cannot be followed to its end.
 */
import type { Observed } from "../kernel/common/observation.ts";
import type { CellHandle } from "../model/language/memory.ts";
import type { Instance } from "../model/language/protocol.ts";
import { fire, type Move, possibleMoves } from "../model/system/interpret.ts";
import type { State, StoreBuffer, System, ValueType } from "../model/system/system.ts";
import { scalarOf } from "./projection.ts";

interface Entry {
  /** Null: a barrier. */
  readonly cell: CellHandle | null;
  readonly value: number;
}

/** A store that has left the buffer of a CPU. */
export interface Drained {
  readonly cpu: number;
  readonly cell: CellHandle;
}

export class MachineBuffers {
  readonly #machine: Observed;
  readonly #system: System;
  readonly #buffers: readonly StoreBuffer[];
  /** By the numbers that the model's buffers hold. */
  readonly #cells: readonly { readonly cell: CellHandle; readonly type: ValueType }[];

  constructor(instance: Instance, system: System, machine: Observed) {
    this.#machine = machine;
    this.#system = system;
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
  #held({ cpu }: StoreBuffer): readonly Entry[] {
    const { buffer } = this.#machine.machine.cpu(cpu);
    return Array.from({ length: buffer.length }, (_, entry): Entry => {
      const found = this.#cellAt(buffer.address(entry));
      if (found === undefined) return { cell: null, value: 0 };
      return { cell: found.cell, value: scalarOf(found.type, this.#machine.memory.decode(found.cell, buffer.value(entry))) ?? buffer.value(entry) };
    });
  }

  #cellAt(address: number): { readonly cell: CellHandle; readonly type: ValueType } | undefined {
    return this.#cells.find(({ cell }) => this.#machine.memory.physicalOf(cell) === address);
  }

  /** The entry of the machine's buffer that the model drains. */
  entryOf(state: State, cpu: number, pick: number): number {
    const buffer = this.#buffers.find((each) => each.cpu === cpu);
    const cell = buffer === undefined ? undefined : this.#model(state, buffer)[pick]?.cell;
    const entry = buffer === undefined ? -1 : this.#held(buffer).findIndex((each) => each.cell !== null && each.cell === cell);
    return Math.max(0, entry);
  }

  /** From now on notes which stores leave the machine's buffers. */
  watch(): void {
    for (const cpu of this.#machine.machine.cpus) cpu.drained = [];
  }

  /** The stores to the protocol's memory that have left the machine's buffers since this was asked last. */
  drained(): readonly Drained[] {
    return this.#machine.machine.cpus.flatMap(({ id, drained }) =>
      (drained ?? []).splice(0).flatMap((address) => {
        const cell = this.#cellAt(address)?.cell;
        return cell === undefined ? [] : [{ cpu: id, cell }];
      }),
    );
  }

  /** The model's moves that let the same stores leave its buffers, as many of the first ones as it has. */
  follow(start: State, drains: readonly Drained[]): { readonly moves: readonly Move[]; readonly state: State; readonly left: readonly Drained[] } {
    const moves: Move[] = [];
    let state = start;
    for (const [index, { cpu, cell }] of drains.entries()) {
      const buffer = this.#buffers.find((each) => each.cpu === cpu);
      const entries = buffer === undefined ? [] : this.#model(state, buffer);
      const move = possibleMoves(this.#system, state).find(
        ({ transition, pick }) => this.#system.transitions[transition]?.drains === cpu && entries[pick]?.cell === cell,
      );
      const outcome = move === undefined ? null : fire(this.#system, state, move);
      if (move === undefined || outcome?.kind !== "state") return { moves, state, left: drains.slice(index) };
      moves.push(move);
      ({ state } = outcome);
    }
    return { moves, state, left: [] };
  }

  /** Why the machine's buffers hold less than the model's; null if they do not. */
  drainedEarly(state: State): string | null {
    for (const buffer of this.#buffers) {
      if (this.#held(buffer).length === 0 && this.#model(state, buffer).length > 0)
        return `on the machine an interrupt or a switch of threads has emptied the store buffer of CPU ${buffer.cpu}; the trace needs stores to wait there`;
    }
    return null;
  }

  /** How the buffers differ. */
  difference(state: State): string | null {
    const text = (entries: readonly Entry[]): string =>
      entries.map(({ cell, value }) => (cell === null ? "barrier" : `${cell.variable}[${cell.index}] = ${value}`)).join(", ");
    for (const buffer of this.#buffers) {
      const [machine, model] = [text(this.#held(buffer)), text(this.#model(state, buffer))];
      if (machine !== model) return `the store buffer of CPU ${buffer.cpu} holds [${machine}] on the machine and [${model}] in the model`;
    }
    return null;
  }
}
