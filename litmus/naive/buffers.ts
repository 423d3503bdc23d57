/**
 * SC, TSO and PSO by store buffers, as the SPARC manual and Owens, Sarkar and Sewell ("A better x86 memory model:
 * x86-TSO", 2009) describe them. Each buffered store carries the number of store-store barriers before it: an entry may
 * leave when no entry of an earlier number, and no earlier entry of its own queue, is left.
 */
import { releases } from "../../model/memory/order.ts";
import { arithmetic, type Program } from "../program.ts";
import type { NaiveModel } from "./search.ts";

interface Entry {
  readonly location: string;
  readonly value: number;
  readonly barrier: number;
}
interface Memory {
  readonly cells: Readonly<Record<string, number>>;
  readonly buffers: readonly (readonly Entry[])[];
  /** Barriers that each thread has passed since its buffer was empty. */
  readonly barriers: readonly number[];
}

/** The naive model for one of the buffered memories; every thread has a CPU of its own. */
export function bufferModel(model: "sc" | "tso" | "pso"): NaiveModel<Memory> {
  const push = (memory: Memory, t: number, location: string, value: number, barrier: boolean): Memory => {
    const buffer = memory.buffers[t] ?? [];
    const number = buffer.length === 0 ? 0 : (memory.barriers[t] ?? 0) + Number(barrier);
    return {
      cells: memory.cells,
      buffers: memory.buffers.with(t, [...buffer, { location, value, barrier: number }]),
      barriers: memory.barriers.with(t, number),
    };
  };
  const write = (memory: Memory, location: string, value: number): Memory => ({ ...memory, cells: { ...memory.cells, [location]: value } });
  const read = (memory: Memory, t: number, location: string): number =>
    (memory.buffers[t] ?? []).findLast((entry) => entry.location === location)?.value ?? memory.cells[location] ?? 0;

  return {
    start: (program: Program): Memory => ({
      cells: Object.fromEntries(program.locations),
      buffers: program.threads.map(() => []),
      barriers: program.threads.map(() => 0),
    }),
    effects(memory, t, step, value) {
      const drained = (memory.buffers[t] ?? []).length === 0;
      switch (step.op) {
        case "load":
          return [{ memory, value: read(memory, t, step.location) }];
        case "await": {
          const now = read(memory, t, step.location);
          return arithmetic(step.operator, now, value(step.value)) !== 0 ? [{ memory, value: null }] : [];
        }
        case "store":
          if (model === "sc") return [{ memory: write(memory, step.location, value(step.value)), value: null }];
          if (step.order === "seq_cst") return drained ? [{ memory: write(memory, step.location, value(step.value)), value: null }] : [];
          return [{ memory: push(memory, t, step.location, value(step.value), model === "pso" && releases(step.order)), value: null }];
        case "exchange":
          return drained ? [{ memory: write(memory, step.location, value(step.value)), value: memory.cells[step.location] ?? 0 }] : [];
        case "modify": {
          const old = memory.cells[step.location] ?? 0;
          return drained ? [{ memory: write(memory, step.location, arithmetic(step.operator, old, value(step.operand))), value: old }] : [];
        }
        case "compareExchange": {
          const old = memory.cells[step.location] ?? 0;
          if (!drained) return [];
          return [{ memory: old === value(step.expected) ? write(memory, step.location, value(step.desired)) : memory, value: old }];
        }
        case "fence":
          if (step.order === "seq_cst") return drained ? [{ memory, value: null }] : [];
          if (drained || model !== "pso" || !releases(step.order)) return [{ memory, value: null }];
          return [{ memory: { ...memory, barriers: memory.barriers.with(t, (memory.barriers[t] ?? 0) + 1) }, value: null }];
      }
    },
    background(memory) {
      const after: Memory[] = [];
      memory.buffers.forEach((buffer, t) => {
        buffer.forEach((entry, i) => {
          const earlier = buffer.slice(0, i);
          const held = model === "pso" ? earlier.some((other) => other.location === entry.location || other.barrier < entry.barrier) : i > 0;
          if (held) return;
          const rest = buffer.toSpliced(i, 1);
          after.push({
            ...write(memory, entry.location, entry.value),
            buffers: memory.buffers.with(t, rest),
            barriers: rest.length === 0 ? memory.barriers.with(t, 0) : memory.barriers,
          });
        });
      });
      return after;
    },
    final: (memory, location) => memory.cells[location] ?? 0,
    key: (memory) => JSON.stringify(memory),
  };
}
