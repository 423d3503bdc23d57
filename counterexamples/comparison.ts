/**
 * The machine and the transition system side by side: after every step they must agree on memory, projected kernel state,
 * each thread's place in the source, its pending operation with its arguments, and whether it can go on. The two levels are
 * written independently, so each checks the other.
 */
import type { StepReport } from "../kernel/common/executor.ts";
import type { Observed } from "../kernel/common/observation.ts";
import type { NativeViolation } from "../kernel/common/programs.ts";
import type { Instance } from "../model/language/protocol.ts";
import type { Step } from "../model/language/operation.ts";
import { evaluate, fire, initialState, locationOf, type Move, type Outcome, possibleMoves } from "../model/system/interpret.ts";
import type { Location, Process, State, System, Transition } from "../model/system/system.ts";
import type { Drained, MachineBuffers } from "./machine-buffers.ts";
import { projectMachine, scalarOf } from "./projection.ts";
import { namedValues, operationText, standsAt } from "./show.ts";

/** What a step did on both sides, or how they differ. */
export type Agreement =
  | { readonly kind: "agreed" }
  /** Both ended with a violation, or an assumption that is false. */
  | { readonly kind: "violation"; readonly native: NativeViolation }
  | { readonly kind: "pruned" }
  /** The model's violation is that a declared local leaves its range, which the running program cannot know. */
  | { readonly kind: "unseen"; readonly message: string }
  /** The machine has emptied a store buffer by itself, which the model lets wait. */
  | { readonly kind: "early"; readonly message: string }
  /** The model has ended with a violation that the program has still to run into: its thread goes on later. */
  | { readonly kind: "ahead" }
  | { readonly kind: "differs"; readonly difference: string };

/** What the machine says of a step; `completed` null: that will be seen later. */
export type Reported = Omit<StepReport, "cpu" | "completed"> & { readonly completed: readonly number[] | null };

export const differs = (difference: string): Agreement => ({ kind: "differs", difference });

export class Comparison {
  readonly instance: Instance;
  readonly system: System;
  readonly machine: Observed;
  /** Store buffers of both sides; null where the model has none. */
  protected readonly buffers: MachineBuffers | null;
  #state: State | null = null;
  #before: State | null = null;
  #lastMove: Move | null = null;
  /** Moves of the model in the last step, and stores that leave their buffers at its end. */
  #lastMoves: Move[] = [];
  #late: readonly Drained[] = [];
  /** Threads that have been killed in a way that to the model is a stop for ever, which it may not have. */
  readonly #gone = new Set<number>();

  constructor(system: System, machine: Observed, buffers: MachineBuffers | null = null) {
    this.instance = machine.instance;
    this.system = system;
    this.machine = machine;
    this.buffers = buffers;
  }

  /** The model's state; null once the run has ended with a violation. */
  get state(): State | null {
    return this.#state;
  }

  /** The model's side of the last step; null before the first, and where the model took none. */
  get lastMove(): Move | null {
    return this.#lastMove;
  }

  /** The state in which that was taken. */
  get before(): State | null {
    return this.#before;
  }

  /** The model's side of the last step with the stores that left their buffers: one move, several, or none. */
  get lastMoves(): readonly Move[] {
    return this.#lastMoves;
  }

  /** Compares the two initial states. */
  start(): Agreement {
    return this.#settle(initialState(this.system), this.machine.violation, this.machine.pruned);
  }

  /** Moves that the model allows now. */
  moves(): readonly Move[] {
    return this.#state === null ? [] : possibleMoves(this.system, this.#state);
  }

  /** The machine has done something by itself, in which `step` is what the thread did, if any: the model goes along. */
  heed(step: { readonly thread: number; readonly pick: number; readonly report: Reported } | null): Agreement {
    this.#lastMove = null;
    this.#lastMoves = [];
    if (this.#state === null) return differs("the model has ended before this step");
    const drains = this.buffers?.drained() ?? [];
    const early = this.buffers?.follow(this.#state, drains);
    this.#state = early?.state ?? this.#state;
    this.#late = early?.left ?? [];
    const agreement = step === null ? this.unchanged() : this.explain(step.thread, step.pick, step.report);
    this.#lastMoves = [...(early?.moves ?? []), ...this.#lastMoves];
    this.#late = [];
    return agreement;
  }

  /** Background rules that the model allows now, and on which CPU a device interrupts for them. */
  devices(): readonly { readonly rule: string; readonly cpu: number }[] {
    return this.moves().flatMap(({ transition }) => {
      const { kind, drains, rule = "", cpu = 0 } = this.system.transitions[transition] ?? {};
      return kind === "background" && drains === undefined ? [{ rule, cpu }] : [];
    });
  }

  /** The machine has followed a background rule: the model does, too. */
  background(rule: string, cpu: number): Agreement {
    const before = this.#state;
    this.#lastMove = null;
    this.#lastMoves = [];
    if (before === null) return differs("the model has ended before this step");
    const move = possibleMoves(this.system, before).find(({ transition }) => {
      const known = this.system.transitions[transition];
      return known?.kind === "background" && known.rule === rule && (known.cpu ?? cpu) === cpu;
    });
    if (move === undefined) return differs(`the machine commits "${rule}" on CPU ${cpu}, the model allows no such step`);
    const { violation, pruned } = this.machine;
    return this.accept(move, before, { rule, completed: null, violation, pruned }, fire(this.system, before, move));
  }

  /** The machine has done something of which the model has no step. */
  unchanged(): Agreement {
    const { violation, pruned } = this.machine;
    return this.#state === null
      ? differs("the model has ended before this step")
      : this.#settle({ kind: "state", state: this.#state, completed: [], results: [] }, violation, pruned);
  }

  /** The machine has run a thread for one step: the model takes the step that explains it. */
  explain(thread: number, pick: number, report: Reported): Agreement {
    const { system } = this;
    const before = this.#state;
    const process = system.processes[thread];
    if (before === null || process === undefined) return differs("the model has ended before this step");
    const location = standsAt(process, before);
    const own = possibleMoves(system, before).filter((move) => {
      const transition = system.transitions[move.transition];
      return transition?.kind === "step" && transition.thread === thread && move.pick === pick;
    });
    this.#lastMove = null;
    const ended = report.violation !== null || report.pruned;
    // A loop around one load goes round once more; in the model nothing happens.
    const waits = location !== null && system.operations[location.operation]?.name === "waitUntil";
    if (own.length === 0 && waits && !ended && (report.rule === "load" || report.rule === "read"))
      return this.#settle({ kind: "state", state: before, completed: [], results: [] }, null, false);
    // Of a step that ends in a violation the machine does not know the rule: it may be any that fails likewise.
    const isNamed = ({ transition }: Move): boolean => isSameRule(system.transitions[transition]?.rule ?? "", report.rule, location);
    const named = own.some(isNamed) ? own.filter(isNamed) : ended ? own : [];
    let first: Agreement | null = null;
    for (const move of named) {
      const agreement = this.accept(move, before, report, fire(system, before, move));
      if (agreement.kind !== "differs") return agreement;
      first ??= agreement;
    }
    const allowed = own.map(({ transition }) => `"${system.transitions[transition]?.rule}"`).join(" or ");
    return first ?? differs(`the machine commits "${report.rule}", the model allows ${allowed || "no step of this thread"}`);
  }

  /** The model takes a move for which the machine has run; `report` is null where that has nothing to tell. */
  accept(move: Move, before: State, report: Reported | null, fired: Outcome): Agreement {
    this.#lastMove = move;
    this.#before = before;
    const late = fired.kind === "state" && this.#late.length > 0 ? this.buffers?.follow(fired.state, this.#late) : undefined;
    const outcome = late !== undefined && fired.kind === "state" ? { ...fired, state: late.state } : fired;
    this.#lastMoves = [move, ...(late?.moves ?? [])];
    const transition = this.system.transitions[move.transition] as Transition;
    const difference = report === null ? null : this.#compareReport(transition, before, report, outcome);
    return difference === null ? this.#settle(outcome, this.machine.violation, this.machine.pruned) : differs(difference);
  }

  /** From now on the machine empties its store buffers when it likes, and the model follows. */
  watchBuffers(): void {
    this.buffers?.watch();
  }

  /** Whether the model has store buffers. */
  get isBuffered(): boolean {
    return this.buffers !== null;
  }

  /** A thread takes no further step on the machine, and is not compared any more. */
  lose(thread: number): void {
    this.#gone.add(thread);
  }

  /** Whether a thread has been lost. */
  hasLost(thread: number): boolean {
    return this.#gone.has(thread);
  }

  /** The machine is where it was when the model was in this state; nothing is compared. */
  adopt(state: State): void {
    this.#state = state;
  }

  /** The rule and the threads that it served; null if they agree. */
  #compareReport(transition: Transition, before: State, report: Reported, outcome: Outcome): string | null {
    if (report.violation !== null || report.pruned) return null;
    const process = transition.thread === null ? undefined : this.system.processes[transition.thread];
    const location = process === undefined ? null : standsAt(process, before);
    if (!isSameRule(transition.rule, report.rule, location)) return `the machine commits "${report.rule}", the model fires "${transition.rule}"`;
    if (outcome.kind !== "state") return null;
    const names = (threads: readonly number[]): string =>
      [...threads]
        .sort((a, b) => a - b)
        .map((thread) => this.system.processes[thread]?.name ?? `${thread}`)
        .join(", ") || "no thread";
    if (report.completed === null) return null;
    const native = names(report.completed);
    // A thread whose wake-up is held back goes on when that comes.
    const model = names(outcome.completed.filter((thread) => this.machine.status(thread).kind !== "arriving"));
    return native === model ? null : `operations that end: of ${native} on the machine, of ${model} in the model`;
  }

  /** Compares how the two sides stand after a step. */
  #settle(outcome: Outcome, native: NativeViolation | null, pruned: boolean): Agreement {
    const { system } = this;
    this.#state = outcome.kind === "state" ? outcome.state : null;
    switch (outcome.kind) {
      case "pruned":
        return pruned || this.machine.lags ? { kind: "pruned" } : differs("an assumption is false in the model, but not on the machine");
      case "failure": {
        const failure = system.failures[outcome.failure];
        if (failure === undefined) throw new Error(`there is no failure ${outcome.failure}`);
        if (native?.kind === failure.kind) return { kind: "violation", native };
        if (native?.kind === "error" && failure.kind === "out-of-range") return { kind: "violation", native: { ...native, kind: "out-of-range" } };
        if (native === null && !pruned && this.machine.lags) return { kind: "ahead" };
        if (native === null && !pruned && failure.kind === "out-of-range" && !this.#isOfMemory(failure.message))
          return { kind: "unseen", message: failure.message };
        return differs(
          `${failure.kind} in the model (${failure.message}), ${native === null ? "no violation" : `${native.kind} (${native.message})`} on the machine`,
        );
      }
      case "state": {
        if (pruned) return differs("an assumption is false on the machine, but not in the model");
        if (native !== null) return differs(`${native.kind} (${native.message}) on the machine, no violation in the model`);
        const early = this.buffers?.drainedEarly(outcome.state) ?? null;
        if (early !== null) return { kind: "early", message: early };
        const difference = this.#compareStates(outcome.state);
        return difference === null ? { kind: "agreed" } : differs(difference);
      }
    }
  }

  /** Whether a failure names a cell of shared memory, so that the machine must have met it. */
  #isOfMemory(message: string): boolean {
    return this.instance.memory.cells.some(
      ({ variable }) =>
        message.startsWith(`${variable} `) || message.startsWith(`memory.${variable} `) || message.includes(`index leaves ${variable.split(".")[0]}`),
    );
  }

  #compareStates(state: State): string | null {
    const { system, machine: side } = this;
    const faults = side.audit();
    if (faults.length > 0) return `the kernel's data on the machine is inconsistent: ${faults.join("; ")}`;
    const stores = this.buffers?.difference(state) ?? null;
    if (stores !== null) return stores;
    const machine = projectMachine(side, system);
    for (const variable of system.variables) {
      if (!variable.projected || variable.role === "pc" || variable.role === "local" || variable.id === system.current) continue;
      const native = machine[variable.id];
      if (native == null) return `the machine does not project ${variable.name}`;
      const model = state[variable.id] ?? [];
      const index = model.findIndex((value, each) => native[each] !== null && native[each] !== value);
      if (native.length !== model.length) return `${variable.name} has ${native.length} elements on the machine and ${model.length} in the model`;
      if (index >= 0) {
        const shown = (row: readonly number[]): string => {
          const mixed = state.map((own, id) => (id === variable.id ? row : own));
          const named = namedValues(this.instance, system, { ...variable, queue: null }, mixed)[index];
          return `${named?.name ?? variable.name} is ${String(named?.value ?? null)}`;
        };
        return `${shown(native.map((value, each) => value ?? model[each] ?? 0))} on the machine, ${shown(model)} in the model`;
      }
    }
    const moves = possibleMoves(system, state).flatMap(({ transition }) => system.transitions[transition] ?? []);
    for (const process of system.processes) {
      if (this.#gone.has(process.index) || !side.isSettled(process.index)) continue;
      const difference = this.#compareThread(
        process,
        state,
        moves.filter(({ kind, thread }) => kind === "step" && thread === process.index),
      );
      if (difference !== null) return `${process.name}: ${difference}`;
    }
    return null;
  }

  #compareThread(process: Process, state: State, steps: readonly Transition[]): string | null {
    const { machine, instance, system } = this;
    const status = machine.status(process.index).kind;
    const location = standsAt(process, state);
    if (locationOf(state, process) === process.stopped) return status === "stopped" ? null : `has stopped in the model, but is ${status} on the machine`;
    if (location === null) return status === "finished" ? null : `has finished in the model, but is ${status} on the machine`;
    const pending = machine.pending(process.index);
    if (status === "finished" || pending === null)
      return `has finished on the machine, but stands at ${operationText(instance, system, state, location)} in the model`;
    if (pending.site !== undefined && (pending.site.file !== location.site.file || pending.site.start !== location.site.start)) {
      return `stands at ${pending.site.file}:${pending.site.line}:${pending.site.column} on the machine and at ${location.site.file}:${location.site.line}:${location.site.column} in the model`;
    }
    const difference = compareOperation(instance, system, state, location, pending);
    if (difference !== null) return difference;
    const canGoOn = status === "ready" || status === "timed";
    // A loop around one load is a `waitUntil` in the model; on the machine the load can always be performed.
    // Where the model waits for a store buffer, the processor stalls by itself.
    const stalls = system.memory != null && location.transient != null && evaluate(state, location.transient) !== 0;
    const isAble = steps.length > 0;
    if (isAble && canGoOn && (status === "timed") !== steps.every(({ timer }) => timer === true))
      return status === "timed"
        ? "sleeps with a timer on the machine, but is awake in the model"
        : "is awake on the machine, but sleeps with a timer in the model";
    if (canGoOn !== isAble && !(canGoOn && (stalls || isSpinningLoad(system, location, pending))))
      return canGoOn ? "can go on on the machine, but is blocked in the model" : `is blocked on the machine (${status}), but can go on in the model`;
    return null;
  }
}

/** Whether the machine's name of a step is the model's; a loop around one load is one `waitUntil` in the model. */
function isSameRule(model: string, native: string, location: Location | null): boolean {
  return model === native || (model === "waitUntil" && location !== null && (native === "load" || native === "read"));
}

function isSpinningLoad(system: System, location: Location, pending: Step): boolean {
  const name = system.operations[location.operation]?.name;
  return name === "waitUntil" && pending.kind === "memory" && (pending.action === "load" || pending.action === "read");
}

/** The kind of the pending operation, its cell and its arguments; null if the two sides agree. */
function compareOperation(instance: Instance, system: System, state: State, location: Location, pending: Step): string | null {
  const model = operationText(instance, system, state, location);
  const name = system.operations[location.operation]?.name ?? "";
  const differently = (what: string): string => `${what} is pending on the machine, ${model} in the model`;
  switch (pending.kind) {
    case "kernel": {
      if (pending.operation.name !== name) return differently(pending.operation.name);
      const field = (part: unknown, key: string): unknown => (typeof part === "object" && part !== null ? (part as Record<string, unknown>)[key] : undefined);
      const args: readonly unknown[] = location.args.map((argument) => argument.name.split(".").reduce(field, pending.args));
      return compareArguments(state, location, args);
    }
    case "memory":
      if (!isSpinningLoad(system, location, pending) && name !== `memory.${pending.action}`) return differently(`${pending.cell.variable}.${pending.action}`);
      return compareArguments(state, location, [pending.cell, ...pending.args]);
    case "waitUntil":
      return name === "waitUntil" ? compareArguments(state, location, [pending.cell]) : differently("waitUntil");
    case "fence":
    case "choose":
    case "step":
      return name === pending.kind ? null : differently(pending.kind);
  }
}

/** The arguments of the operation at a location, in the encoding of the transition system; null if the two sides agree. */
function compareArguments(state: State, location: Location, native: readonly unknown[]): string | null {
  for (const [index, { name, value, type }] of location.args.entries()) {
    const given = scalarOf(type, native[index]);
    const expected = evaluate(state, value);
    if (given !== expected) return `the argument ${name} of ${location.label} is ${String(given)} on the machine and ${expected} in the model`;
  }
  return null;
}
