/**
 * Measures what the operations of a protocol cost on a machine: runs it several times in simulated time, and charges each
 * step to the operation that it belongs to.
 *
 * Cold is the first occurrence of each operation in the first run, whose caches and TLBs start empty; warm is every
 * occurrence in the later runs, which start with what the run before left in them.
 */
import { Executor } from "../kernel/common/executor.ts";
import type { PathFactory } from "../kernel/common/path.ts";
import type { Profile } from "../hardware/profile.ts";
import type { Site, Step } from "../model/language/operation.ts";
import type { Instance } from "../model/language/protocol.ts";
import { add, type Cycles, mean, type Tally, tally, total } from "./causes.ts";
import { random } from "./random.ts";
import { type RunEnd, runTimed } from "./schedule.ts";
import { warmUp } from "./warm.ts";

export interface MeasureOptions {
  readonly profile: Profile;
  /** Warm runs, beside the cold one. */
  readonly runs: number;
  /** Steps of a run at most. */
  readonly steps: number;
  readonly seed: number;
  /** The expression at a site, as the source has it; for the names of operations. */
  readonly expression: (site: Site) => string | null;
}

export type Temperature = "cold" | "warm";

/** Which operation: of the threads of this name, at this place. */
export interface OperationKey {
  readonly thread: string;
  readonly operation: string;
  readonly line: number | null;
}

export function sameOperation(a: OperationKey, b: OperationKey): boolean {
  return text(a) === text(b);
}

/** Means over the occurrences of an operation. */
export interface OperationCost extends OperationKey {
  readonly count: number;
  /** Spent in the steps of this operation, on whatever CPU. */
  readonly cycles: Cycles;
  /** Whether another thread ended it. */
  readonly waits: boolean;
  /** From entry to return, on the clock. */
  readonly elapsed: number;
  /** Spent by all CPUs from entry to return, whoever ran: the round trip by cause. */
  readonly meanwhile: Cycles;
}

/** How long a message takes: from the entry of one thread's operation to the return of another's, which it ended. */
export interface HandOver {
  readonly from: OperationKey;
  readonly to: OperationKey;
  readonly count: number;
  readonly elapsed: number;
  readonly cycles: Cycles;
}

export interface Costs {
  readonly operations: readonly OperationCost[];
  readonly handOvers: readonly HandOver[];
}

export interface Measurement {
  readonly profile: Profile;
  readonly cold: Costs;
  readonly warm: Costs;
  /** How the runs ended, the cold one first. */
  readonly ends: readonly RunEnd[];
}

/** Throws {@link NotExecutable} if the protocol cannot be run. */
export function measure(instance: Instance, factories: readonly PathFactory[], options: MeasureOptions): Measurement {
  const { profile, runs, steps, seed } = options;
  const cold = new Ledger(1);
  const warm = new Ledger(Number.POSITIVE_INFINITY);
  const ends: RunEnd[] = [];
  let before: Executor | null = null;
  for (let run = 0; run <= runs; run++) {
    const executor: Executor = new Executor(instance, factories, { profile });
    if (before !== null) warmUp(executor.machine, before.machine);
    const accounts = new Accounts(executor, run === 0 ? cold : warm, options);
    ends.push(runTimed(executor, { steps, random: random(seed + run) }, (step) => accounts.enter(step)));
    before = executor;
  }
  return { profile, cold: cold.means(), warm: warm.means(), ends };
}

interface Occurrence {
  readonly cycles: Tally;
  readonly waits: boolean;
  readonly elapsed: number;
  readonly meanwhile: Tally;
}
interface OperationSum {
  readonly key: OperationKey;
  readonly cycles: Tally;
  readonly meanwhile: Tally;
  count: number;
  waits: boolean;
  elapsed: number;
}
interface HandOverSum {
  readonly from: OperationKey;
  readonly to: OperationKey;
  readonly cycles: Tally;
  count: number;
  elapsed: number;
}

/** Sums over all occurrences of each operation. */
class Ledger {
  /** How many occurrences of an operation count. */
  readonly #limit: number;
  readonly #operations = new Map<string, OperationSum>();
  readonly #handOvers = new Map<string, HandOverSum>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  operation(key: OperationKey, { cycles, waits, elapsed, meanwhile }: Occurrence): void {
    const name = text(key);
    const sum = this.#operations.get(name) ?? { key, count: 0, cycles: tally(), waits: false, elapsed: 0, meanwhile: tally() };
    this.#operations.set(name, sum);
    if (sum.count >= this.#limit) return;
    sum.count++;
    add(sum.cycles, cycles);
    add(sum.meanwhile, meanwhile);
    sum.elapsed += elapsed;
    sum.waits ||= waits;
  }

  handOver(from: OperationKey, to: OperationKey, elapsed: number, cycles: Tally): void {
    const name = `${text(from)} ${text(to)}`;
    const sum = this.#handOvers.get(name) ?? { from, to, count: 0, elapsed: 0, cycles: tally() };
    this.#handOvers.set(name, sum);
    if (sum.count >= this.#limit) return;
    sum.count++;
    sum.elapsed += elapsed;
    add(sum.cycles, cycles);
  }

  means(): Costs {
    return {
      operations: [...this.#operations.values()].map(({ key, count, waits, cycles, meanwhile, elapsed }) => ({
        ...key,
        count,
        waits,
        cycles: mean(cycles, count),
        meanwhile: mean(meanwhile, count),
        elapsed: elapsed / count,
      })),
      handOvers: [...this.#handOvers.values()].map(({ from, to, count, elapsed, cycles }) => ({
        from,
        to,
        count,
        elapsed: elapsed / count,
        cycles: mean(cycles, count),
      })),
    };
  }
}

function text({ thread, operation, line }: OperationKey): string {
  return `${thread}\0${operation}\0${line ?? ""}`;
}

/** An operation under way. */
interface Open {
  readonly key: OperationKey;
  readonly begin: number;
  /** Spent by all CPUs before it began. */
  readonly before: Tally;
  readonly cycles: Tally;
}

/** Which operations are under way, and what each has cost so far. */
class Accounts {
  readonly #executor: Executor;
  readonly #ledger: Ledger;
  readonly #options: MeasureOptions;
  readonly #open: (Open | null)[];
  /** The operation at which each thread stood before the step that is entered now. */
  readonly #pending: (Step | null)[];
  readonly #spent: Tally = tally();

  constructor(executor: Executor, ledger: Ledger, options: MeasureOptions) {
    this.#executor = executor;
    this.#ledger = ledger;
    this.#options = options;
    this.#open = executor.instance.threads.map(() => null);
    this.#pending = executor.instance.threads.map((_, thread) => executor.pending(thread));
  }

  enter({ thread, begin, cycles, completed }: Parameters<Parameters<typeof runTimed>[2]>[0]): void {
    const mine = (this.#open[thread] ??= { key: this.#key(thread), begin, before: this.#spent.slice(), cycles: tally() });
    add(mine.cycles, cycles);
    add(this.#spent, cycles);
    const since = ({ before }: Open): Tally => add(this.#spent.slice(), before, -1);
    for (const { thread: each, at } of completed) {
      const open = this.#open[each] ?? null;
      this.#open[each] = null;
      if (open === null) continue;
      const waits = each !== thread;
      this.#ledger.operation(open.key, {
        cycles: open.cycles,
        meanwhile: since(open),
        elapsed: at - open.begin,
        waits,
      });
      if (waits) this.#ledger.handOver(mine.key, open.key, at - mine.begin, since(mine));
      this.#pending[each] = this.#executor.pending(each);
    }
  }

  #key(thread: number): OperationKey {
    const step = this.#pending[thread] ?? null;
    const group = this.#executor.instance.threads[thread]?.group ?? "";
    if (step === null) return { thread: group, operation: "", line: null };
    const { site } = step;
    const written = site === undefined ? null : this.#options.expression(site);
    return { thread: group, operation: called(written) ?? nameOf(step), line: site?.line ?? null };
  }
}

/** `ipc.call` of `yield* ipc.call(server, 1)`. */
function called(expression: string | null): string | null {
  return /yield\s*\*\s*([\w$.]+)\s*\(/u.exec(expression ?? "")?.[1] ?? null;
}

function nameOf(step: Step): string {
  switch (step.kind) {
    case "kernel":
      return step.operation.name;
    case "memory":
      return `${step.cell.variable}.${step.action}`;
    case "waitUntil":
      return `${step.cell.variable}.waitUntil`;
    case "choose":
    case "fence":
    case "step":
      return step.kind;
  }
}

/** Time in which no CPU did anything for a round trip. */
export function waiting({ elapsed, meanwhile }: Pick<OperationCost, "elapsed" | "meanwhile">): number {
  return Math.max(0, elapsed - total(meanwhile));
}
