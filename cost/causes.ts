/** What cycles are spent on, in the words of a report: the counters' causes in groups. */
import { Cost, type CostIndex, type CostName, costNames } from "../hardware/profile.ts";

/** In the order of a table's columns. */
export const causes = ["entry and exit", "instructions", "scheduler", "copy", "cache misses", "TLB misses", "address space", "interrupts", "order"] as const;
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
  secondLevel: "cache misses",
  invalidation: "cache misses",
  writeBack: "cache misses",
  tlbMiss: "TLB misses",
  tlbFlush: "TLB misses",
  addressSpaceSwitch: "address space",
  ipiSend: "interrupts",
  interrupt: "interrupts",
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
  interrupts: "sending and taking interrupts",
  order: "fences, locked operations, store buffers that have to empty",
};

/** Cycles by cause. */
export type Cycles = Readonly<Record<Cause, number>>;

export const noCycles: Cycles = Object.fromEntries(causes.map((cause) => [cause, 0])) as Record<Cause, number>;

export function total(cycles: Cycles): number {
  return causes.reduce((sum, cause) => sum + cycles[cause], 0);
}

/** Cycles by cause while they are summed up: in the order of {@link causes}. */
export type Tally = Float64Array;

export function tally(): Tally {
  return new Float64Array(causes.length);
}

const indices: readonly (readonly [CostIndex, number])[] = costNames.map((name) => [Cost[name], causes.indexOf(causeOf[name])]);

/** Where cycles are read. */
export interface CycleSource {
  cycles(cause: CostIndex, cpu?: number): number;
}

/** All cycles so far of one CPU. */
export function read(counters: CycleSource, cpu: number): Tally {
  const sums = tally();
  for (const [cost, index] of indices) sums[index] = (sums[index] as number) + counters.cycles(cost, cpu);
  return sums;
}

/** Adds `factor` times `b` to `a`, and returns `a`. */
export function add(a: Tally, b: Tally, factor = 1): Tally {
  for (let index = 0; index < a.length; index++) a[index] = (a[index] as number) + factor * (b[index] as number);
  return a;
}

export function sum(of: Tally): number {
  let all = 0;
  for (const each of of) all += each;
  return all;
}

/** Divided by `count`, with names. */
export function mean(of: Tally, count: number): Cycles {
  return Object.fromEntries(causes.map((cause, index) => [cause, (of[index] as number) / count])) as Record<Cause, number>;
}
