/**
 * Faults of a run without a trace (kernel/common/schedule-faults.ts): what happens, and before which step. All but the death
 * of a thread must go unnoticed by the protocol, which the comparison with the model makes sure of.
 */
import type { ScheduleFaults } from "../kernel/common/schedule-faults.ts";
import type { Instance } from "../model/language/protocol.ts";
import { afterDeletion, projectionDifference } from "./deletion.ts";
import type { Comparison } from "./comparison.ts";

/** A fault; `at`: the step before which it happens, from 1. */
export type Fault = { readonly at: number } & (
  | { readonly kind: "page-fault" }
  | { readonly kind: "kill"; readonly thread: number }
  | { readonly kind: "irq-storm"; readonly cpu: number }
  | { readonly kind: "slow-ipi"; readonly cpu: number }
);

/** What of the machine's driver faults go through. */
export interface FaultyMachine {
  readonly faults: ScheduleFaults;
  /** Whether a fault can happen now: no CPU is amid kernel code. */
  readonly isQuiet: boolean;
  /** Interprocessor interrupts to a CPU are held back, or come again. */
  slow(cpu: number, isSlow: boolean): void;
}

/** Interrupts of a storm. */
const stormLength = 20;
/** Steps for which interprocessor interrupts are held back. */
export const slowSteps = 25;

/** What a fault did: for the report, and whether the model can still be followed. */
export interface FaultEffect {
  readonly note: string;
  /** What the run has become to the model; null: nothing has changed. */
  readonly left: string | null;
  /** How the machine differs from the kernel's own rule for what happened. */
  readonly differs?: string | null;
}

/** Lets a fault happen. `below`: random numbers. */
export function inject(fault: Fault, machine: FaultyMachine, comparison: Comparison, below: (limit: number) => number): FaultEffect {
  const { instance } = comparison;
  switch (fault.kind) {
    case "page-fault":
      return { note: pageFault(instance, machine.faults, below), left: null };
    case "irq-storm":
      machine.faults.storm(fault.cpu, stormLength);
      return { note: `fault: ${stormLength} interrupts of a device on CPU ${fault.cpu}`, left: null };
    case "slow-ipi":
      machine.slow(fault.cpu, true);
      return { note: `fault: interprocessor interrupts to CPU ${fault.cpu} are held back`, left: null };
    case "kill":
      return kill(fault.thread, machine.faults, comparison);
  }
}

/** A page is taken out of the space of a thread that holds a cell in it: its next access there faults. */
function pageFault(instance: Instance, faults: ScheduleFaults, below: (limit: number) => number): string {
  const cells = instance.memory.cells.filter(({ isGhost }) => !isGhost);
  const cell = cells[below(Math.max(1, cells.length))];
  if (cell === undefined) return "fault: the protocol has no memory that could be taken away";
  const thread = instance.threads[below(instance.threads.length)];
  const was = thread !== undefined && faults.unmap(thread.handle.id, cell, below(instance.cpus));
  return was
    ? `fault: the page of ${cell.variable} is taken away from ${thread.name}`
    : `fault: the page of ${cell.variable} was not mapped by ${thread?.name}`;
}

function kill(id: number, faults: ScheduleFaults, comparison: Comparison): FaultEffect {
  const name = comparison.instance.threads[id]?.name ?? `thread ${id}`;
  const { kind } = comparison.machine.status(id);
  if (kind === "finished") return { note: `fault: ${name} has finished before it could be killed`, left: null };
  const before = comparison.machine.project();
  switch (faults.kill(id)) {
    case "stop":
      comparison.lose(id);
      return { note: `fault: ${name} is killed; to the model it has stopped`, left: null };
    case "deletion": {
      const rule = afterDeletion(comparison.instance, before, id);
      const difference = rule === null ? null : projectionDifference(comparison.machine.project(), rule);
      const compared = rule !== null && difference === null ? ", which leaves what the kernel's rule leaves" : "";
      return {
        note: `fault: ${name} is killed, as the kernel's own deletion would do it${compared}`,
        left: `${name} was deleted${compared}; no thread of the protocol does that here`,
        differs: difference === null ? null : `${name} was deleted, and ${difference}`,
      };
    }
    case "nothing":
      return {
        note: `fault: ${name} is killed inside a system call`,
        left: `${name} was killed inside a system call, and its kernel has no rule for that`,
      };
  }
}
