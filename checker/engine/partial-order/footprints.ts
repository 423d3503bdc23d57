/**
 * What each piece of a system can read and write, element by element: the ground of all independence (Godefroid,
 * "Partial-Order Methods for the Verification of Concurrent Systems", 1996, chapter 3). An over-approximation by intervals:
 * an index is looked at for each pick by itself, branches and picks that the reachable values rule out do not count.
 *
 * Completing another thread is kept apart from reads and writes: it matters only while that thread stands at such an
 * operation.
 */
import { type Interval, intervalOf, settle } from "../../../model/system/narrow.ts";
import type { Code, Expr, Location, Process, System, Terminator, Transition } from "../../../model/system/system.ts";
import { addAll, addBit, type Bits, emptyBits } from "./bits.ts";

export interface Footprint {
  readonly reads: Bits;
  readonly writes: Bits;
}

/** What a transition may do to a thread other than the acting one: end the operation that it performs at the location. */
export interface Served {
  readonly thread: number;
  readonly location: number;
}

/** All transitions of a location together, whoever is served by them. */
export interface Action {
  /** Guards, bodies, and the continuation of the acting thread. */
  readonly own: Footprint;
  /** What the guards read. */
  readonly guards: Bits;
  readonly served: readonly Served[];
  /** Every way through each body ends the acting thread's operation, or the thread. */
  readonly moves: boolean;
  /** Some transition may end another thread. */
  readonly terminates: boolean;
}

const any: Interval = [-0x8000_0000, 0x7fff_ffff];
const isFalse = (value: Interval): boolean => value !== null && value[0] === 0 && value[1] === 0;
const isTrue = (value: Interval): boolean => value !== null && (value[0] > 0 || value[1] < 0);

/** Numbers for the elements of all variables; and for each thread one that says whether it has ended. */
export class Footprints {
  readonly system: System;
  readonly size: number;
  readonly #ranges: readonly (readonly Interval[])[];
  readonly #first: readonly number[];
  readonly #ended: number;
  /** By thread and location. */
  readonly actions: readonly (readonly Action[])[];
  /** The continuation of each thread at each location, which is what serving it does. */
  readonly continuations: readonly (readonly Footprint[])[];
  /** All background rules together. */
  readonly background: Action | null;

  constructor(system: System, ranges: readonly (readonly Interval[])[]) {
    this.system = system;
    // Locations are written by steps, not by assignments, and have no ranges of their own.
    this.#ranges = system.variables.map(({ id, role, min, max }) => (role === "pc" ? [[min, max]] : (ranges[id] ?? [])));
    let next = 0;
    this.#first = system.variables.map(({ length }) => (next += length) - length);
    this.#ended = next;
    this.size = next + system.processes.length;
    this.continuations = system.processes.map((process) => process.locations.map((location) => this.#continuation(process, location)));
    this.actions = system.processes.map((process) =>
      process.locations.map((location) =>
        this.#action(
          process,
          location,
          location.transitions.map((id) => system.transitions[id] as Transition),
        ),
      ),
    );
    const background = system.transitions.filter(({ kind }) => kind === "background");
    this.background = background.length === 0 ? null : this.#action(null, null, background);
  }

  element(variable: number, index: number): number {
    return (this.#first[variable] ?? 0) + index;
  }
  /** Whether the thread has ended. */
  ended(thread: number): number {
    return this.#ended + thread;
  }
  /** The element has one value in all states that can be reached. Reading it tells nothing, writing it changes nothing. */
  isConstant(variable: number, index: number): boolean {
    const range = this.#ranges[variable]?.[index] ?? null;
    return range !== null && range[0] === range[1];
  }
  /** Whether the transition's guard may ever allow the pick. */
  isPossible({ guard }: Transition, pick: number): boolean {
    return allows(guard, this.#walk(guard, [[pick, pick]]).blocks);
  }
  empty(): Footprint {
    return { reads: emptyBits(this.size), writes: emptyBits(this.size) };
  }

  /** Adds what evaluating the expression reads. */
  reads(expression: Expr, temps: readonly Interval[], into: Bits): void {
    const ended = this.#asksForEnd(expression);
    if (ended !== null) return addBit(into, this.ended(ended));
    switch (expression.op) {
      case "const":
      case "temp":
        return;
      case "load":
        if (expression.index !== null) this.reads(expression.index, temps, into);
        return this.#elements(expression.variable, expression.index, temps, into);
      case "unary":
        return this.reads(expression.operand, temps, into);
      case "binary":
        this.reads(expression.left, temps, into);
        return this.reads(expression.right, temps, into);
      case "and":
      case "or": {
        this.reads(expression.left, temps, into);
        // What decides by itself hides the other side.
        const decided = expression.op === "and" ? isFalse : isTrue;
        if (!decided(this.#value(expression.left, temps))) this.reads(expression.right, temps, into);
        return;
      }
      case "select": {
        const condition = this.#value(expression.condition, temps);
        this.reads(expression.condition, temps, into);
        if (!isFalse(condition)) this.reads(expression.then, temps, into);
        if (!isTrue(condition)) this.reads(expression.else, temps, into);
        return;
      }
    }
  }

  /** `pc == last`: whether a thread has ended, which most of its steps do not change. */
  #asksForEnd(expression: Expr): number | null {
    if (expression.op !== "binary" || expression.operator !== "==" || expression.left.op !== "load" || expression.right.op !== "const") return null;
    const variable = this.system.variables[expression.left.variable];
    if (variable?.role !== "pc" || variable.thread === null) return null;
    return expression.right.value === this.system.processes[variable.thread]?.locations.length ? variable.thread : null;
  }

  #elements(variable: number, index: Expr | null, temps: readonly Interval[], into: Bits): void {
    const length = this.system.variables[variable]?.length ?? 0;
    const range = index === null ? ([0, 0] as const) : this.#value(index, temps);
    if (range === null) return;
    for (let i = Math.max(0, range[0]); i <= Math.min(length - 1, range[1]); i++) addBit(into, this.element(variable, i));
  }

  /** As `intervalOf`, with conditions decided where intervals decide them. */
  #value(expression: Expr, temps: readonly Interval[]): Interval {
    switch (expression.op) {
      case "and":
      case "or": {
        const [left, right] = [this.#value(expression.left, temps), this.#value(expression.right, temps)];
        if (left === null) return null;
        if (right === null) return [0, 1];
        if (expression.op === "and") return isFalse(left) || isFalse(right) ? [0, 0] : isTrue(left) && isTrue(right) ? [1, 1] : [0, 1];
        return isTrue(left) || isTrue(right) ? [1, 1] : isFalse(left) && isFalse(right) ? [0, 0] : [0, 1];
      }
      case "unary":
        if (expression.operator === "!") {
          const operand = this.#value(expression.operand, temps);
          if (operand !== null) return isTrue(operand) ? [0, 0] : isFalse(operand) ? [1, 1] : [0, 1];
        }
        break;
      case "select": {
        const condition = this.#value(expression.condition, temps);
        if (condition === null) return null;
        if (isTrue(condition)) return this.#value(expression.then, temps);
        if (isFalse(condition)) return this.#value(expression.else, temps);
        break;
      }
      case "binary": {
        const [left, right] = [this.#value(expression.left, temps), this.#value(expression.right, temps)];
        if (left !== null && right !== null) {
          const decided = compare(expression.operator, left, right);
          if (decided !== null) return [Number(decided), Number(decided)];
        }
        break;
      }
      case "const":
      case "temp":
      case "load":
        break;
    }
    return intervalOf(expression, temps, this.#ranges);
  }

  /** The blocks that can be reached, with the temporaries' intervals. */
  #walk(code: Code, first: readonly Interval[]): { readonly temps: readonly Interval[]; readonly blocks: readonly number[] } {
    const temps = settle(code, first, this.#ranges);
    const blocks = new Set([0]);
    for (const block of blocks) for (const next of this.#after(code.blocks[block]?.end, temps)) blocks.add(next);
    return { temps, blocks: [...blocks] };
  }
  #after(end: Terminator | undefined, temps: readonly Interval[]): readonly number[] {
    if (end?.op === "goto") return [end.block];
    if (end?.op !== "branch") return [];
    const condition = this.#value(end.condition, temps);
    return isTrue(condition) ? [end.then] : isFalse(condition) ? [end.else] : [end.then, end.else];
  }

  /** What a continuation does; results may be anything. */
  #continuation(process: Process, location: Location): Footprint {
    const found = this.empty();
    const { continuation } = location;
    const { temps, blocks } = this.#walk(
      continuation,
      Array.from({ length: Math.max(location.results, continuation.temps) }, (_, i) => (i < location.results ? any : null)),
    );
    this.#statements(continuation, blocks, temps, found);
    addBit(found.writes, this.element(process.pc, 0));
    if (blocks.some((block) => continuation.blocks[block]?.end.op === "finish")) this.#end(process, found);
    return found;
  }

  #end(process: Process, { writes }: Footprint): void {
    addBit(writes, this.element(process.pc, 0));
    addBit(writes, this.ended(process.index));
    for (const local of process.locals) for (let i = 0; i < (this.system.variables[local]?.length ?? 0); i++) addBit(writes, this.element(local, i));
  }

  /** Reads and writes of the blocks; completions and ends of threads are the caller's business. */
  #statements(code: Code, blocks: readonly number[], temps: readonly Interval[], { reads, writes }: Footprint): void {
    for (const number of blocks) {
      const block = code.blocks[number];
      for (const statement of block?.statements ?? []) {
        switch (statement.op) {
          case "let":
            this.reads(statement.value, temps, reads);
            break;
          case "assign":
            this.reads(statement.value, temps, reads);
            if (statement.index !== null) this.reads(statement.index, temps, reads);
            this.#elements(statement.variable, statement.index, temps, writes);
            break;
          case "complete":
            this.reads(statement.thread, temps, reads);
            for (const result of statement.results) this.reads(result, temps, reads);
            break;
          case "terminate":
            this.reads(statement.thread, temps, reads);
            break;
        }
      }
      if (block?.end.op === "branch") this.reads(block.end.condition, temps, reads);
    }
  }

  #threads(thread: Expr, temps: readonly Interval[]): readonly Process[] {
    const range = this.#value(thread, temps);
    return range === null ? [] : this.system.processes.slice(Math.max(0, range[0]), Math.max(0, range[1] + 1));
  }

  #action(process: Process | null, location: Location | null, transitions: readonly Transition[]): Action {
    const own = this.empty();
    const guards = emptyBits(this.size);
    const served = new Map<string, Served>();
    let moves = true;
    let terminates = false;
    if (process !== null && location !== null) {
      addBit(own.reads, this.element(process.pc, 0));
      const continuation = this.continuations[process.index]?.[location.index];
      if (continuation !== undefined) for (const kind of ["reads", "writes"] as const) addAll(own[kind], continuation[kind]);
      // A read whose value is not used is an access all the same.
      const { access } = location;
      if (access !== null) this.#elements(access.variable, access.index, [], access.write ? own.writes : own.reads);
    }
    for (const transition of transitions) {
      for (let pick = 0; pick < transition.picks; pick++) {
        const given: readonly Interval[] = [[pick, pick]];
        const asked = this.#walk(transition.guard, given);
        // A pick that is never possible depends on nothing.
        if (!allows(transition.guard, asked.blocks)) continue;
        this.#statements(transition.guard, asked.blocks, asked.temps, { reads: guards, writes: own.writes });
        const done = this.#walk(transition.body, given);
        this.#statements(transition.body, done.blocks, done.temps, own);
        for (const statement of done.blocks.flatMap((block) => transition.body.blocks[block]?.statements ?? [])) {
          if (statement.op === "complete") {
            for (const other of this.#threads(statement.thread, done.temps)) {
              if (other.index === process?.index) continue;
              for (const { index, operation } of other.locations)
                if (operation === statement.operation) served.set(`${other.index} ${index}`, { thread: other.index, location: index });
            }
          } else if (statement.op === "terminate") {
            for (const other of this.#threads(statement.thread, done.temps)) {
              this.#end(other, own);
              if (other.index !== process?.index) terminates = true;
            }
          }
        }
        moves &&= process !== null && this.#alwaysMoves(transition.body, done, process.index);
      }
    }
    addAll(own.reads, guards);
    return { own, guards, served: [...served.values()], moves, terminates };
  }

  /** Whether every way to the end of the body completes or ends the thread. */
  #alwaysMoves(code: Code, { temps, blocks }: { readonly temps: readonly Interval[]; readonly blocks: readonly number[] }, thread: number): boolean {
    const completes = (number: number): boolean =>
      (code.blocks[number]?.statements ?? []).some((statement) => {
        if (statement.op !== "complete" && statement.op !== "terminate") return false;
        const range = this.#value(statement.thread, temps);
        return range !== null && range[0] === thread && range[1] === thread;
      });
    const idle = new Set(blocks.includes(0) && !completes(0) ? [0] : []);
    for (const number of idle) {
      const end = code.blocks[number]?.end;
      if (end?.op === "end") return false;
      for (const next of this.#after(end, temps)) if (!completes(next)) idle.add(next);
    }
    return true;
  }
}

/** Whether one of these blocks lets a transition fire. */
function allows(guard: Code, blocks: readonly number[]): boolean {
  return blocks.some((block) => guard.blocks[block]?.end.op === "allow");
}

/** What a comparison of two intervals comes to, where they decide it. */
function compare(operator: Extract<Expr, { op: "binary" }>["operator"], [a, b]: readonly [number, number], [c, d]: readonly [number, number]): boolean | null {
  switch (operator) {
    case "==":
    case "!=":
      if (b < c || d < a) return operator === "!=";
      return a === b && c === d && a === c ? operator === "==" : null;
    case "<":
      return b < c ? true : a >= d ? false : null;
    case "<=":
      return b <= c ? true : a > d ? false : null;
    case ">":
      return a > d ? true : b <= c ? false : null;
    case ">=":
      return a >= d ? true : b < c ? false : null;
    default:
      return null;
  }
}
