/**
 * A scheduler for runs without a trace: each CPU runs a thread until that blocks or its quantum is used up, then the next
 * one of the highest priority. CPUs go at random speeds against each other, drawn from a seed.
 */
import type { Executor, StepReport } from "../kernel/common/executor.ts";

export interface FreeOptions {
  readonly seed: number;
  /** Steps that a thread takes before the timer interrupts it, on an average: the timer counts cycles, not steps. */
  readonly quantum: number;
}

/** One step that was taken. */
export interface Advance {
  readonly thread: number;
  readonly pick: number;
  readonly report: StepReport;
  /** What the scheduler did before it: switches and why. */
  readonly notes: readonly string[];
}

/** Runs the threads of a machine by themselves. */
export interface FreeRunner {
  /** Takes a step; null if no thread can go on. */
  advance(): Advance | null;
  /** Figures of the scheduler's own. */
  readonly figures: Readonly<Record<string, number>>;
}

/** Mulberry32: numbers from 0 to `limit` - 1. */
function random(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

export function freeRunner(executor: Executor, { seed, quantum }: FreeOptions): FreeRunner {
  const pick = random(seed);
  const { threads, cpus } = executor.instance;
  const figures = { "context switches": 0, "timer interrupts": 0 };
  const newQuantum = (): number => 1 + pick(2 * quantum - 1);
  const running: (number | null)[] = Array.from({ length: cpus }, () => null);
  const left = Array.from({ length: cpus }, newQuantum);

  /** The thread that a CPU runs next, if any can go on: the current one while it may, else the next of the highest priority. */
  const choose = (cpu: number): { readonly thread: number; readonly isTimer: boolean } | null => {
    const own = threads.filter((thread) => thread.cpu === cpu);
    const ready = own.filter(({ handle }) => executor.status(handle.id).kind === "ready");
    // A finite timeout ends sooner or later, the later the more there is to do.
    const timed = own.filter(({ handle }) => executor.status(handle.id).kind === "timed");
    const due = timed[pick(Math.max(1, timed.length))];
    if (due !== undefined && (ready.length === 0 || pick(8) === 0)) return { thread: due.handle.id, isTimer: true };
    const highest = Math.max(...ready.map(({ priority }) => priority));
    const preferred = ready.filter(({ priority }) => priority === highest).map(({ handle }) => handle.id);
    const current = running[cpu] ?? -1;
    if (preferred.includes(current) && (left[cpu] ?? 0) > 0) return { thread: current, isTimer: false };
    const next = current < 0 ? preferred[pick(Math.max(1, preferred.length))] : (preferred.find((id) => id > current) ?? preferred[0]);
    return next === undefined ? null : { thread: next, isTimer: false };
  };

  const advance = (): Advance | null => {
    const candidates = Array.from({ length: cpus }, (_, cpu) => cpu).flatMap((cpu) => {
      const chosen = choose(cpu);
      return chosen === null ? [] : [{ cpu, ...chosen }];
    });
    const next = candidates[pick(Math.max(1, candidates.length))];
    if (next === undefined) return null;
    const { cpu, thread, isTimer } = next;
    const notes: string[] = [];
    const before = running[cpu] ?? null;
    if (isTimer) notes.push(`CPU ${cpu}: the timeout of ${threads[thread]?.name} ends`);
    if ((left[cpu] ?? 0) <= 0) {
      figures["timer interrupts"]++;
      notes.push(`CPU ${cpu}: timer interrupt`);
      left[cpu] = newQuantum();
    }
    if (before !== thread) {
      if (before !== null) figures["context switches"]++;
      if (before !== null) notes.push(`CPU ${cpu}: switch from ${threads[before]?.name} to ${threads[thread]?.name}`);
      running[cpu] = thread;
      left[cpu] = newQuantum();
    }
    left[cpu] = (left[cpu] ?? 0) - 1;
    const pending = executor.pending(thread);
    const value = pending?.kind === "choose" ? pick(pending.values.length) : 0;
    return { thread, pick: value, report: executor.step(thread, value), notes };
  };
  return { advance, figures };
}
