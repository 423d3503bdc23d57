/** What cycles are spent on, in the words of a report: the counters' causes in groups. */
import { Cost, type CostName, costNames } from "../hardware/profile.ts";

/** In the order of a table's columns. */
export const causes = ["entry and exit", "instructions", "scheduler", "copy", "cache misses", "TLB misses", "address space", "IPI", "order"] as const;
export type Cause = (typeof causes)[number];

const causeOf: Readonly<Record<CostName, Cause>> = {
  kernelEntry: "entry and exit",
  kernelExit: "entry and exit",
  fault: "entry and exit",
  instruction: "instructions",
  cacheHit: "instructions",
  schedule: "scheduler",
  copy: "copy",
  cacheMiss: "cache misses",
  cacheTransfer: "cache misses",
  invalidation: "cache misses",
  writeBack: "cache misses",
  tlbMiss: "TLB misses",
  tlbFlush: "TLB misses",
  addressSpaceSwitch: "address space",
  ipiSend: "IPI",
  interrupt: "IPI",
  drain: "order",
  fence: "order",
  locked: "order",
};

/** What each group holds, in a sentence. */
export const meaning: Readonly<Record<Cause, string>> = {
  "entry and exit": "system calls, faults and the way back to user mode",
  instructions: "instructions of programs and kernel, first-level cache hits included",
  scheduler: "instructions of choosing a thread and switching to it",
  copy: "words of messages moved in bulk",
  "cache misses": "lines from memory and from other caches, invalidations, write-backs",
  "TLB misses": "page-table walks beyond their cache accesses, dropped translations",
  "address space": "loading the page-table root",
  IPI: "sending and taking interrupts",
  order: "fences, locked operations, store buffers that have to empty",
};

/** Cycles by cause. */
export type Cycles = Readonly<Record<Cause, number>>;

/** Where cycles are read. */
export interface CycleSource {
  cycles(cause: (typeof Cost)[CostName], cpu?: number): number;
}

/** All cycles so far, by cause, of one CPU or of all. */
export function cyclesOf(counters: CycleSource, cpu?: number): Cycles {
  const sums = Object.fromEntries(causes.map((cause) => [cause, 0])) as Record<Cause, number>;
  for (const name of costNames) sums[causeOf[name]] += counters.cycles(Cost[name], cpu);
  return sums;
}

/** Cause by cause: `a + factor × b`. */
export function combine(a: Cycles, b: Cycles, factor: number): Cycles {
  return Object.fromEntries(causes.map((cause) => [cause, a[cause] + factor * b[cause]])) as Record<Cause, number>;
}

export const noCycles: Cycles = Object.fromEntries(causes.map((cause) => [cause, 0])) as Record<Cause, number>;

export function total(cycles: Cycles): number {
  return causes.reduce((sum, cause) => sum + cycles[cause], 0);
}
