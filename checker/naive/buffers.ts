/**
 * Store buffers: x86-TSO (Owens, Sarkar and Sewell 2009) and SPARC's PSO. A CPU's buffer is a list of groups of stores,
 * with a store-store barrier between one group and the next; all threads of the CPU share it.
 *
 * TSO has one group, whose first store is the next to reach memory. Under PSO any store of the first group is, unless
 * an earlier one of the group is to the same cell.
 */
import type { DomainShape } from "../../model/language/domain.ts";
import type { CellHandle } from "../../model/language/memory.ts";
import type { StepBody } from "../../model/language/operation.ts";
import type { Instance } from "../../model/language/protocol.ts";
import { type Access, isBuffered, type Meeting, type Memory, type MemoryModel, repeats, type Standing, type Way, written } from "./memory.ts";
import type { ControlFlow } from "./reach.ts";
import { fit, textOf } from "./value.ts";

interface Store {
  readonly cell: CellHandle;
  readonly value: unknown;
}
type Buffer = readonly (readonly Store[])[];
const empty: Buffer = [[]];
const isEmpty = (buffer: Buffer): boolean => buffer.length === 1 && buffer[0]?.length === 0;

export class Buffers implements MemoryModel {
  readonly #instance: Instance;
  readonly #model: "sc" | "tso" | "pso";
  /** Entries that fit into each CPU's buffer, barriers counted. */
  readonly #room: readonly number[];
  readonly start: readonly Buffer[];

  constructor(instance: Instance, flows: readonly ControlFlow[], model: "sc" | "tso" | "pso") {
    this.#instance = instance;
    this.#model = model;
    this.start = Array.from({ length: instance.cpus }, () => empty);
    const fills = (step: StepBody): boolean => (step.kind === "memory" && isBuffered(step)) || (step.kind === "fence" && this.#isBarrier(step.order));
    this.#room = this.start.map((_, cpu) => {
      if (model === "sc") return 0;
      const looping = instance.threads.some((thread, index) => thread.cpu === cpu && flows[index] !== undefined && repeats(flows[index], fills));
      return looping ? instance.memoryModel.buffer : Number.POSITIVE_INFINITY;
    });
  }

  #isBarrier(order: string): boolean {
    return this.#model === "pso" && (order === "release" || order === "acq_rel");
  }
  #cpu(thread: number): number {
    return this.#instance.threads[thread]?.cpu ?? 0;
  }
  #of(hidden: unknown, thread: number): Buffer {
    return (hidden as readonly Buffer[])[this.#cpu(thread)] ?? empty;
  }

  key(hidden: unknown): string {
    const group = (stores: readonly Store[]): string => {
      const list = stores.map(({ cell, value }) => ({ address: cell.address, text: `${cell.address}=${textOf(value)}` }));
      // The order of stores to different cells within a group means nothing under PSO.
      if (this.#model === "pso") list.sort((a, b) => a.address - b.address);
      return list.map(({ text }) => text).join();
    };
    return (hidden as readonly Buffer[]).map((buffer) => buffer.map(group).join(";")).join("|");
  }

  ways(at: Memory, thread: number, access: Access, allows: (value: unknown) => boolean): readonly Way[] {
    const buffer = this.#of(at.hidden, thread);
    const way = (take: Way["take"]): readonly Way[] => [{ pick: 0, take }];
    if (access.kind === "fence") {
      if (access.order === "seq_cst") return isEmpty(buffer) ? way(() => undefined) : [];
      if (!this.#isBarrier(access.order)) return way(() => undefined);
      return this.#fits(thread, this.#barred(buffer)) ? way((memory) => this.#put(memory, thread, this.#barred(buffer))) : [];
    }
    const { cell } = access;
    const seen = this.#seen(at, buffer, cell);
    if (access.kind === "waitUntil") return allows(seen) ? way(() => seen) : [];
    if (access.action === "read" || access.action === "load") return way(() => seen);
    const fitted = (value: unknown): unknown => fit(cell.domain as DomainShape, value, cell.variable, { threads: this.#instance.threads.length });
    if (this.#room[this.#cpu(thread)] !== 0 && isBuffered(access)) {
      const before = this.#isBarrier(access.order) ? this.#barred(buffer) : buffer;
      const after = (value: unknown): Buffer => before.with(-1, [...(before.at(-1) ?? []), { cell, value }]);
      return this.#fits(thread, after(null)) ? way((memory) => this.#put(memory, thread, after(fitted(access.args[0])))) : [];
    }
    if (!isEmpty(buffer)) return [];
    return way((memory) => {
      const old = memory.memory[cell.address];
      const change = written(access, old);
      if (change !== undefined) memory.memory[cell.address] = fitted(change.value);
      return access.action === "write" || access.action === "store" ? undefined : old;
    });
  }

  /** The newest store to the cell in the buffer, else memory. */
  #seen(at: Memory, buffer: Buffer, cell: CellHandle): unknown {
    const newest = buffer.flat().findLast((store) => store.cell === cell);
    return newest === undefined ? at.memory[cell.address] : newest.value;
  }
  #barred(buffer: Buffer): Buffer {
    return buffer.at(-1)?.length === 0 ? buffer : [...buffer, []];
  }
  #fits(thread: number, buffer: Buffer): boolean {
    return buffer.flat().length + buffer.length - 1 <= (this.#room[this.#cpu(thread)] ?? 0);
  }
  #put(memory: Memory, thread: number, buffer: Buffer): undefined {
    memory.hidden = (memory.hidden as readonly Buffer[]).with(this.#cpu(thread), buffer);
  }

  direct(hidden: unknown, thread: number): boolean {
    return isEmpty(this.#of(hidden, thread));
  }

  step(_: Memory, __: number, act: () => unknown): unknown {
    return act();
  }
  kernel(_: Memory, __: number, ___: readonly CellHandle[], ____: boolean, act: () => Meeting): void {
    act();
  }
  races(): null {
    return null;
  }

  background(at: Memory): readonly (Way & { readonly cpu: number })[] {
    return (at.hidden as readonly Buffer[]).flatMap(([first = [], ...later], cpu) =>
      first.flatMap((store, pick) => {
        const isNext = this.#model === "pso" ? first.findIndex(({ cell }) => cell === store.cell) === pick : pick === 0;
        if (!isNext) return [];
        const rest = first.toSpliced(pick, 1);
        const take = (memory: Memory): void => {
          memory.memory[store.cell.address] = store.value;
          memory.hidden = (memory.hidden as readonly Buffer[]).with(cpu, rest.length === 0 && later.length > 0 ? later : [rest, ...later]);
        };
        return [{ cpu, pick, take }];
      }),
    );
  }

  settled(hidden: unknown): boolean {
    return (hidden as readonly Buffer[]).every(isEmpty);
  }

  transient(hidden: unknown, thread: number, { pending }: Standing): boolean {
    if (pending === null) return false;
    const own = !isEmpty(this.#of(hidden, thread));
    switch (pending.kind) {
      case "waitUntil":
        return (hidden as readonly Buffer[]).some((buffer) => buffer.flat().some(({ cell }) => cell === pending.cell));
      case "step":
        return !this.settled(hidden);
      case "kernel": {
        const { args, rules } = pending.operation;
        if (Object.values(args).some(({ kind }) => kind === "cell")) return !this.settled(hidden);
        return own && Object.values(rules).some(({ drains }) => drains ?? true);
      }
      case "memory":
      case "fence":
        return own;
      case "choose":
        return false;
    }
  }

  full(hidden: unknown, thread: number, { pending }: Standing): boolean {
    const buffer = this.#of(hidden, thread);
    if (this.#room[this.#cpu(thread)] === 0 || pending === null) return false;
    if (pending.kind === "fence") return this.#isBarrier(pending.order) && !this.#fits(thread, this.#barred(buffer));
    if (pending.kind !== "memory" || !isBuffered(pending)) return false;
    const before = this.#isBarrier(pending.order) ? this.#barred(buffer) : buffer;
    return before.flat().length + before.length > (this.#room[this.#cpu(thread)] ?? 0);
  }
}
