/**
 * A run without a trace: the machine's threads run by themselves, and the model goes along. Each step must be one that
 * the model has, and each state is looked at for violations; one that is met becomes a counterexample like any other.
 */
import { problemsOf } from "../checker/properties/problems.ts";
import type { Finding } from "../checker/result.ts";
import { loadPaths, NotExecutable } from "../kernel/common/executor.ts";
import type { Instance } from "../model/language/protocol.ts";
import { enabledMoves, fire, initialState, type Move, possibleMoves } from "../model/system/interpret.ts";
import type { State, System } from "../model/system/system.ts";
import { type FreeOptions, type FreeRunner, freeRunner } from "./free.ts";
import type { Agreement, Comparison } from "./comparison.ts";
import { counters } from "./inspect.ts";

export interface RunOptions extends FreeOptions {
  /** Steps to take at most. */
  readonly steps: number;
  readonly signal?: AbortSignal;
}

/** How a run ended. */
export type RunEnd =
  /** Every thread has finished. */
  | { readonly kind: "finished" }
  /** Nobody can go on, and nobody is harmed: servers wait for requests. */
  | { readonly kind: "at rest" }
  /** The last of the findings' paths is the run itself. */
  | { readonly kind: "violated"; readonly finding: Finding }
  /** An assumption of the protocol is false: this schedule does not exist. */
  | { readonly kind: "ruled out" }
  | { readonly kind: "steps used up" }
  | { readonly kind: "interrupted" }
  /** Machine and model part: one of them is wrong, and it is not the protocol. */
  | { readonly kind: "diverged"; readonly difference: string }
  /** A fault did to the machine what the model has no step for, or its scheduler chose whom the protocol's does not. */
  | { readonly kind: "left"; readonly reason: string }
  /** There is no machine to run it on. */
  | { readonly kind: "not executable"; readonly reason: string };

export interface Run {
  readonly end: RunEnd;
  /** The model's side of the steps; a round of a waiting loop is none. */
  readonly path: readonly Move[];
  /** What the scheduler did before steps of the path, by their position. */
  readonly notes: ReadonlyMap<number, readonly string[]>;
  /** Steps on the machine. */
  readonly steps: number;
  /** By name, in the order in which they are printed. */
  readonly figures: Readonly<Record<string, number>>;
  /** The two sides as they stand at the end; null if there was no machine. */
  readonly comparison: Comparison | null;
}

/** Runs a protocol until it ends, is violated, or has taken so many steps. */
export async function runFreely(instance: Instance, system: System, options: RunOptions): Promise<Run> {
  const path: Move[] = [];
  const notes = new Map<number, readonly string[]>();
  const impossible = (reason: string): Run => ({ end: { kind: "not executable", reason }, path, notes, steps: 0, figures: {}, comparison: null });
  if (instance.memoryModel.model === "ra")
    return impossible(
      "the machine has store buffers, but no memory in which a store may become visible to one CPU before another (--memory-model sc, tso or pso)",
    );
  let runner: FreeRunner;
  try {
    runner = freeRunner(instance, system, await loadPaths(instance), options);
  } catch (error) {
    if (!(error instanceof NotExecutable)) throw error;
    return impossible(error.message);
  }
  const { comparison } = runner;
  const faults = [...(options.faults ?? [])].sort((a, b) => a.at - b.at);
  const note = (texts: readonly string[]): void => {
    if (texts.length > 0) notes.set(path.length, [...(notes.get(path.length) ?? []), ...texts]);
  };
  /** The faults that are due happen; how the run ends because of them. */
  const strike = (): RunEnd | null => {
    for (let [fault] = faults; fault !== undefined && fault.at <= steps + 1; [fault] = faults) {
      const effect = runner.inject(fault);
      if (effect === null) return null;
      faults.shift();
      note([effect.note]);
      if (effect.differs != null) return { kind: "diverged", difference: effect.differs };
      if (effect.left !== null) return { kind: "left", reason: effect.left };
    }
    return null;
  };
  let steps = 0;
  /** The first step that the protocol's scheduling does not allow. */
  let unscheduled: { readonly step: number; readonly move: Move } | null = null;
  const toTheEnd = async (): Promise<RunEnd> => {
    for (let end = judge(runner, comparison.start(), null, path); ; ) {
      if (end !== null) return end;
      if (steps === options.steps) return { kind: "steps used up" };
      if (options.signal?.aborted === true) return { kind: "interrupted" };
      end = strike();
      if (end !== null) return end;
      const last = comparison.lastMoves;
      const advance = runner.advance();
      if (advance === null) return rest(comparison);
      steps++;
      note(advance.notes);
      if (comparison.lastMoves !== last) {
        path.push(...comparison.lastMoves);
        const move = path.at(-1);
        if (unscheduled === null && move !== undefined && !isScheduled(system, comparison.before, move)) unscheduled = { step: path.length, move };
      }
      end = judge(runner, advance.agreement, comparison.before, path);
      if (steps % breath === 0) await new Promise((resume) => setImmediate(resume));
    }
  };
  let end = await toTheEnd();
  if (end.kind === "violated" && unscheduled !== null) end = { kind: "left", reason: notAllowed(system, unscheduled, end.finding) };
  return { end, path, notes, steps, figures: { steps, ...runner.figures, ...counters(comparison.machine) }, comparison };
}

/** Whether the protocol's scheduling lets this step come next. The machine's scheduler knows no inherited priorities, and interrupts between CPUs take time. */
function isScheduled(system: System, before: State | null, { transition, pick }: Move): boolean {
  if (system.scheduling === "free" || before === null) return true;
  return enabledMoves(system, before).some((each) => each.transition === transition && each.pick === pick);
}

function notAllowed(system: System, { step, move }: { readonly step: number; readonly move: Move }, { kind, message }: Finding): string {
  const { rule, thread } = system.transitions[move.transition] ?? {};
  const who = system.processes[thread ?? -1]?.name ?? "the kernel";
  return `step ${step} (${who}: ${rule ?? ""}) is none that scheduling "${system.scheduling}" allows, so what came of it (${kind}: ${message}) is no violation`;
}

/** Nothing is left to do on the machine. */
function rest(comparison: Comparison): RunEnd {
  const { state, system, machine, instance } = comparison;
  const able =
    state === null
      ? []
      : possibleMoves(system, state).filter(({ transition }) => {
          const { kind, thread } = system.transitions[transition] ?? {};
          return kind === "step" && !comparison.hasLost(thread ?? -1);
        });
  const names = [...new Set(able.map(({ transition }) => system.processes[system.transitions[transition]?.thread ?? -1]?.name))];
  if (names.length > 0) return { kind: "diverged", difference: `nothing is left to do on the machine, but ${names.join(", ")} can go on in the model` };
  const left = machine.leaks();
  if (left.length > 0) return { kind: "diverged", difference: `left over at the end: ${left.join("; ")}` };
  return { kind: instance.threads.every(({ handle }) => machine.status(handle.id).kind === "finished") ? "finished" : "at rest" };
}

/** Steps between two looks at the event loop, where Ctrl-C arrives. */
const breath = 500;

/** Whether the run ends here; `before` is the state in which its last step was taken. */
function judge(runner: FreeRunner, agreement: Agreement, before: State | null, path: readonly Move[]): RunEnd | null {
  const { state, system, machine } = runner.comparison;
  switch (agreement.kind) {
    case "agreed": {
      const [problem] = state === null ? [] : problemsOf(system, state);
      if (problem !== undefined) return { kind: "violated", finding: { ...problem, path: [...path], failing: false } };
      const left = machine.audit();
      return left.length === 0 ? null : { kind: "diverged", difference: `the kernel's data is inconsistent: ${left.join("; ")}` };
    }
    case "violation":
    case "unseen":
      return { kind: "violated", finding: failingStep(system, before, path) };
    case "ahead": {
      const finding = failingStep(system, before, path);
      // That a declared local leaves its range is something that no program knows.
      if (runner.catchUp() || finding.kind === "out-of-range") return { kind: "violated", finding };
      return { kind: "diverged", difference: `${finding.kind} in the model (${finding.message}), but the program does not run into it` };
    }
    case "early":
    case "pruned":
      return { kind: "ruled out" };
    case "differs":
      return { kind: "diverged", difference: agreement.difference };
  }
}

/** The violation that the last step of a path is, or the code before the first step. */
function failingStep(system: System, before: State | null, path: readonly Move[]): Finding {
  const last = path.at(-1);
  const outcome = before === null || last === undefined ? initialState(system) : fire(system, before, last);
  const failure = outcome.kind === "failure" ? system.failures[outcome.failure] : undefined;
  if (outcome.kind !== "failure" || failure === undefined) throw new Error("the last step is no violation");
  const { kind, message, site } = failure;
  return { kind, property: message, message, site, threads: outcome.thread === null ? [] : [outcome.thread], path: [...path], failing: true };
}
