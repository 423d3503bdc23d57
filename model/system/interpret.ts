/**
 * The interpreter: the meaning of a transition system, one step at a time, on states that are plain arrays of numbers.
 *
 * It is slow and simple. Traces are built with it, the machine is compared with it in lockstep, and the generated engine
 * is tested against it.
 */
import { applyBinary } from "./arithmetic.ts";
import type { Code, Expr, Process, State, System, Terminator, Transition } from "./system.ts";
import type { Site } from "../language/operation.ts";

/** One way on from a state: a transition and which of its picks. */
export interface Move {
  readonly transition: number;
  readonly pick: number;
}

/** What firing a move leads to. */
export type Outcome =
  | {
      readonly kind: "state";
      readonly state: State /** Threads whose operation ended, the acting one first. */;
      readonly completed: readonly number[] /** What each of these operations yielded. */;
      readonly results: readonly (readonly number[])[];
    }
  | { readonly kind: "failure"; readonly failure: number /** The thread whose code failed; null for a rule's own. */; readonly thread: number | null }
  | { readonly kind: "pruned" };

/** Local code that does not end, after the operation at `site` (null: at the thread's start). */
export class EndlessLoop extends Error {
  readonly site: Site | null;
  constructor(site: Site | null, message: string = "local code does not end") {
    super(message);
    this.site = site;
  }
}

/** Blocks that one piece of local code may run through; a step that needs more counts as endless. */
export const fuel = 1_000_000;

type Mutable = number[][];

/** The initial state: every thread's entry code has run, in the order of the threads. */
export function initialState(system: System): Outcome {
  const state: Mutable = system.variables.map((variable) => [...variable.initial]);
  for (const process of system.processes) {
    const end = run(system, state, process.entry, [], null);
    const ended = settle(system, state, process, end);
    if (ended !== null) return ended;
  }
  return { kind: "state", state, completed: [], results: [] };
}

/** Moves whose guards allow them, whatever the scheduler says; `stop` moves included. In order of transition and pick. */
export function possibleMoves(system: System, state: State): readonly Move[] {
  const moves: Move[] = [];
  for (const transition of system.transitions) {
    if (!stands(system, state, transition)) continue;
    for (let pick = 0; pick < transition.picks; pick++) if (allows(system, state, transition, pick)) moves.push({ transition: transition.id, pick });
  }
  return moves;
}

/** The moves that can be taken: those of the possible ones that the scheduler permits. */
export function enabledMoves(system: System, state: State): readonly Move[] {
  return permittedMoves(system, state, possibleMoves(system, state));
}

/** Of the possible moves those of the threads that the scheduler lets run, and those that no scheduler keeps back: timers, stops, the background. */
function permittedMoves(system: System, state: State, possible: readonly Move[]): readonly Move[] {
  if (system.scheduling === "free") return possible;
  const permitted = permittedThreads(system, state, possible);
  return possible.filter((move) => {
    const transition = system.transitions[move.transition];
    return transition?.kind !== "step" || transition.timer === true || permitted.has(transition.thread ?? -1);
  });
}

/** Threads that the scheduler lets run: of the ready ones, those of the highest priority, or whose turn it is; under `free` all. */
export function permittedThreads(system: System, state: State, moves: readonly Move[]): ReadonlySet<number> {
  const ready = system.scheduling === "round-robin" ? movingThreads(system, moves) : readyThreads(system, state, moves);
  if (system.scheduling === "free") return ready;
  const permitted = new Set<number>();
  for (let cpu = 0; cpu < system.cpus; cpu++) {
    const here = system.processes.filter((process) => process.cpu === cpu && ready.has(process.index));
    if (system.scheduling === "priority") {
      const highest = Math.max(...here.map((process) => priorityOf(state, process)));
      for (const process of here) if (priorityOf(state, process) === highest) permitted.add(process.index);
      continue;
    }
    const current = system.current === null ? -1 : (state[system.current]?.[cpu] ?? -1);
    const running = here.find((process) => process.index === current);
    const next = here.find((process) => process.index > current) ?? here[0];
    if (running !== undefined) permitted.add(running.index);
    if (next !== undefined) permitted.add(next.index);
  }
  return permitted;
}

/** The priority that a thread runs at: what it has inherited, or its own. */
function priorityOf(state: State, { priority, inherited }: Process): number {
  const raised = inherited == null ? -1 : evaluate(state, inherited);
  return raised < 0 ? priority : raised;
}

/** Threads with a step to take; that a timer may fire is none of theirs. */
function movingThreads(system: System, moves: readonly Move[]): ReadonlySet<number> {
  const moving = new Set<number>();
  for (const move of moves) {
    const transition = system.transitions[move.transition];
    if (transition?.kind === "step" && transition.timer !== true && transition.thread !== null) moving.add(transition.thread);
  }
  return moving;
}

/** Threads with a step to take, or blocked where they spin. */
export function readyThreads(system: System, state: State, moves: readonly Move[]): ReadonlySet<number> {
  const ready = new Set(movingThreads(system, moves));
  for (const process of system.processes) if (process.locations[locationOf(state, process)]?.spins) ready.add(process.index);
  return ready;
}

/** The index of the location at which a thread stands; the number of locations if it has finished. */
export function locationOf(state: State, process: Process): number {
  return state[process.pc]?.[0] ?? 0;
}

/** Fires a move that is possible in the state. `watch` may put something between the new state and what reads and writes it. */
export function fire(system: System, before: State, move: Move, watch: (state: number[][]) => number[][] = (state) => state): Outcome {
  const transition = system.transitions[move.transition];
  if (transition === undefined) throw new RangeError(`there is no transition ${move.transition}`);
  const state: Mutable = watch(before.map((row) => [...row]));
  const completions: Completion[] = [];
  const end = run(system, state, transition.body, [move.pick], completions);
  if (end.op === "fail") return { kind: "failure", failure: end.failure, thread: transition.thread };
  if (end.op === "prune") return { kind: "pruned" };
  // The acting thread goes first, the others in the order in which they were served.
  const own = completions.filter((completion) => completion.thread === transition.thread);
  const ordered = [...own, ...completions.filter((completion) => completion.thread !== transition.thread)];
  for (const { thread, operation, results } of ordered) {
    const process = system.processes[thread];
    const location = process?.locations[process === undefined ? 0 : locationOf(state, process)];
    // A thread that has stopped, or that this very rule has ended, stays where it is, whatever the kernel does with its operation.
    if (process !== undefined && (locationOf(state, process) === process.stopped || locationOf(state, process) === process.locations.length)) continue;
    if (process === undefined || location === undefined || location.operation !== operation)
      throw new Error(`rule "${transition.rule}" completes ${system.operations[operation]?.name} for thread ${thread}, which is not performing it`);
    const ended = settle(system, state, process, run(system, state, location.continuation, results, null));
    if (ended !== null) return ended;
  }
  if (system.scheduling === "round-robin" && system.current !== null && transition.thread !== null && transition.kind === "step" && transition.timer !== true) {
    const row = state[system.current];
    if (row !== undefined) row[system.processes[transition.thread]?.cpu ?? 0] = transition.thread;
  }
  return { kind: "state", state, completed: ordered.map((completion) => completion.thread), results: ordered.map((completion) => completion.results) };
}

/** The value of an expression in a state. */
export function evaluate(state: State, expression: Expr, temps: readonly number[] = []): number {
  switch (expression.op) {
    case "const":
      return expression.value;
    case "temp":
      return temps[expression.temp] ?? 0;
    case "load": {
      const index = expression.index === null ? 0 : evaluate(state, expression.index, temps);
      const value = state[expression.variable]?.[index];
      if (value === undefined) throw new RangeError(`variable ${expression.variable} has no element ${index}`);
      return value;
    }
    case "unary": {
      const operand = evaluate(state, expression.operand, temps);
      return expression.operator === "!" ? Number(operand === 0) : expression.operator === "-" ? 0 - operand : ~operand;
    }
    case "and":
      return evaluate(state, expression.left, temps) === 0 ? 0 : Number(evaluate(state, expression.right, temps) !== 0);
    case "or":
      return evaluate(state, expression.left, temps) !== 0 ? 1 : Number(evaluate(state, expression.right, temps) !== 0);
    case "select":
      return evaluate(state, expression.condition, temps) !== 0 ? evaluate(state, expression.then, temps) : evaluate(state, expression.else, temps);
    case "binary":
      return applyBinary(expression.operator, evaluate(state, expression.left, temps), evaluate(state, expression.right, temps));
  }
}

interface Completion {
  readonly thread: number;
  readonly operation: number;
  readonly results: readonly number[];
}

function stands(system: System, state: State, transition: Transition): boolean {
  if (transition.thread === null) return true;
  const process = system.processes[transition.thread];
  return process !== undefined && locationOf(state, process) === transition.location;
}

/** Whether the guard allows the pick. */
export function allows(system: System, state: State, transition: Transition, pick: number): boolean {
  return run(system, state as Mutable, transition.guard, [pick], null).op === "allow";
}

/** Ends a continuation: moves the thread on, or says how the step ends instead. */
function settle(system: System, state: Mutable, process: Process, end: Terminator): Outcome | null {
  const pc = state[process.pc];
  if (pc === undefined) throw new Error(`${process.name} has no location`);
  switch (end.op) {
    case "yield":
      pc[0] = end.location;
      return null;
    case "finish":
      terminate(system, state, process);
      return null;
    case "fail":
      return { kind: "failure", failure: end.failure, thread: process.index };
    case "prune":
      return { kind: "pruned" };
    default:
      throw new Error(`a continuation of ${process.name} ends in ${end.op}`);
  }
}

function terminate(system: System, state: Mutable, process: Process): void {
  const pc = state[process.pc];
  if (pc !== undefined) pc[0] = process.locations.length;
  for (const local of process.locals) state[local]?.fill(system.variables[local]?.min ?? 0);
}

/** Runs a graph; assignments change `state`, completions are appended to `completions`. */
function run(system: System, state: Mutable, code: Code, first: readonly number[], completions: Completion[] | null): Terminator {
  const temps = Array.from({ length: code.temps }, (_, i) => first[i] ?? 0);
  first.forEach((value, i) => {
    temps[i] = value;
  });
  let block = code.blocks[0];
  for (let steps = 0; block !== undefined; steps++) {
    if (steps > fuel) throw new EndlessLoop(null);
    for (const statement of block.statements) {
      switch (statement.op) {
        case "let":
          temps[statement.temp] = evaluate(state, statement.value, temps);
          break;
        case "assign": {
          const index = statement.index === null ? 0 : evaluate(state, statement.index, temps);
          const row = state[statement.variable];
          if (row === undefined || index < 0 || index >= row.length)
            throw new RangeError(`variable ${system.variables[statement.variable]?.name} has no element ${index}`);
          row[index] = evaluate(state, statement.value, temps);
          break;
        }
        case "complete":
          completions?.push({
            thread: evaluate(state, statement.thread, temps),
            operation: statement.operation,
            results: statement.results.map((result) => evaluate(state, result, temps)),
          });
          break;
        case "terminate": {
          const process = system.processes[evaluate(state, statement.thread, temps)];
          if (process !== undefined) terminate(system, state, process);
          break;
        }
      }
    }
    const end: Terminator = block.end;
    if (end.op === "goto") block = code.blocks[end.block];
    else if (end.op === "branch") block = code.blocks[evaluate(state, end.condition, temps) !== 0 ? end.then : end.else];
    else return end;
  }
  throw new Error("a graph ends without saying how");
}
