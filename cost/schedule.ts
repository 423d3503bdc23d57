/**
 * Runs a protocol on the machine in simulated time: of the CPUs that have something to do, the one whose clock is furthest
 * behind goes on (a discrete-event simulation whose events are the machine's steps). On a CPU a thread runs until it blocks
 * or has used up its slice, then the next one in order of numbers. What a step makes possible on another CPU happens there
 * after the step, and after the way of an interrupt if it takes one.
 */
import type { Executor, NativeViolation, StepReport } from "../kernel/common/executor.ts";
import { add, read, sum, type Tally, tally } from "./causes.ts";

/** Steps that a thread may take while another one waits for its CPU. */
const slice = 200;

/** What one step did, and when. */
export interface TimedStep {
  readonly thread: number;
  /** When it began, on the clock of its CPU. */
  readonly begin: number;
  /** Spent by all CPUs in the step. */
  readonly cycles: Tally;
  /** Threads whose operation it ended, each with the time at which the thread can go on. */
  readonly completed: readonly { readonly thread: number; readonly at: number }[];
}

/**
 * How a run came to its end. `blocked`: nobody can go on, as at rest, when servers wait for requests that nobody will make;
 * `background`: likewise, but for what the kernel may do in the background, which is not run here.
 */
export type RunEnd =
  | { readonly kind: "finished" | "blocked" | "background" | "steps" | "pruned" }
  | { readonly kind: "violation"; readonly violation: NativeViolation; readonly thread: string | null };

export interface ScheduleOptions {
  readonly steps: number;
  readonly random: (below: number) => number;
}

interface Choice {
  readonly thread: number;
  readonly cpu: number;
  readonly begin: number;
}

/** Runs to the end, telling `observe` of every step. */
export function runTimed(executor: Executor, { steps, random }: ScheduleOptions, observe: (step: TimedStep) => void): RunEnd {
  const { instance, machine } = executor;
  const { threads } = instance;
  const home = threads.map(({ cpu }) => cpu);
  const clocks = machine.cpus.map(() => 0);
  /** For each thread, when it could go on; null while it cannot. */
  const since: (number | null)[] = threads.map(() => 0);
  const running: (number | null)[] = clocks.map(() => null);
  const used = clocks.map(() => 0);

  const hasBackground = executor.paths.some(({ interrupts }) => Object.keys(interrupts).length > 0);
  const isReady = (thread: number): boolean => executor.status(thread).kind === "ready";

  /** The thread that a CPU would run next: the one that runs, if it may, else the next in order. */
  const next = (cpu: number): Choice | null => {
    const mine = threads.flatMap((_, thread) => (home[thread] === cpu && since[thread] !== null ? [thread] : []));
    const current = executor.kernel.currentOf(machine.cpu(cpu))?.id ?? null;
    const after = [...mine.filter((thread) => current === null || thread > current), ...mine.filter((thread) => current !== null && thread <= current)];
    const stays = current !== null && mine.includes(current) && (used[cpu] as number) < slice;
    const arrival = (thread: number): number => Math.max(clocks[cpu] as number, since[thread] as number);
    const order = stays ? [current, ...after] : after;
    const chosen = order.reduce<number | null>((best, thread) => (best === null || arrival(thread) < arrival(best) ? thread : best), null);
    return chosen === null ? null : { thread: chosen, cpu, begin: arrival(chosen) };
  };

  /** When all wait, time passes until one of the armed timers fires; which one is left to chance. */
  const timeout = (): Choice | null => {
    const timed = threads.flatMap((_, thread) => (executor.status(thread).kind === "timed" ? [thread] : []));
    const thread = timed.length === 0 ? undefined : timed[random(timed.length)];
    if (thread === undefined) return null;
    const cpu = home[thread] as number;
    return { thread, cpu, begin: Math.max(...clocks) };
  };

  for (let count = 0; count < steps; count++) {
    threads.forEach((_, thread) => {
      if (isReady(thread)) since[thread] ??= Math.max(...clocks);
      else since[thread] = null;
    });
    const choices = clocks.flatMap((_, cpu) => next(cpu) ?? []);
    const earliest = Math.min(...choices.map(({ begin }) => begin));
    const tied = choices.filter(({ begin }) => begin === earliest);
    const choice = tied[tied.length > 1 ? random(tied.length) : 0] ?? timeout();
    if (choice === null)
      return { kind: threads.every((_, thread) => executor.status(thread).kind === "finished") ? "finished" : hasBackground ? "background" : "blocked" };

    const { thread, cpu, begin } = choice;
    used[cpu] = running[cpu] === thread ? (used[cpu] as number) + 1 : 0;
    running[cpu] = thread;
    const pending = executor.pending(thread);
    const before = machine.cpus.map(({ id }) => read(machine.counters, id));
    const report = executor.step(thread, pending?.kind === "choose" ? random(pending.values.length) : 0);
    const spent = machine.cpus.map(({ id }) => add(read(machine.counters, id), before[id] as Tally, -1));
    const completed = pass(report, choice, spent);
    observe({ thread, begin, cycles: spent.reduce((all, each) => add(all, each), tally()), completed });
    const { violation } = report;
    if (violation !== null) return { kind: "violation", violation, thread: violation.thread === null ? null : (threads[violation.thread]?.name ?? null) };
    if (report.pruned) return { kind: "pruned" };
  }
  return { kind: "steps" };

  /** Lets the time of a step pass: first on the CPU of its thread, then on those that it reached by interrupts. */
  function pass({ completed }: StepReport, { thread, cpu, begin }: Choice, spent: readonly Tally[]): TimedStep["completed"] {
    const { ipiDelivery } = machine.profile;
    const own = sum(spent[cpu] as Tally);
    if (own > 0) clocks[cpu] = begin + own;
    const arrival = begin + own + ipiDelivery;
    let end = begin + own;
    spent.forEach((cycles, other) => {
      if (other === cpu || sum(cycles) === 0) return;
      clocks[other] = Math.max(clocks[other] as number, arrival) + sum(cycles);
      end = Math.max(end, clocks[other] as number);
    });
    since[thread] = end;
    return completed.map((each) => {
      const where = home[each] as number;
      const worked = where === cpu ? own > 0 : sum(spent[where] as Tally) > 0;
      // The thread of the step itself needs no interrupt to go on; another one, on a CPU that did nothing yet, does.
      const at = worked ? (clocks[where] as number) : each === thread ? end : end + ipiDelivery;
      since[each] = at;
      return { thread: each, at };
    });
  }
}
