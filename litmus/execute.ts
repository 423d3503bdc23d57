/**
 * Runs transition systems: every guard, body and continuation becomes a JavaScript function over one flat array of
 * numbers. Small systems are enumerated this way without starting the engine, and a state costs about a microsecond a step.
 */
import { EndlessLoop, fuel } from "../model/system/interpret.ts";
import type { Code, Expr, Statement, System, Terminator } from "../model/system/system.ts";

/** A state: all variables one after the other. */
export type FlatState = Int32Array;

/** What a transition leads to: a state, or the failure that ends it. */
export type Result = { readonly state: FlatState; readonly failure: null } | { readonly state: null; readonly failure: number };

export interface Runner {
  /** Where each variable begins in a state. */
  readonly offsets: readonly number[];
  /** The state after all entry code, or its failure; null if an assumption rules it out. */
  readonly initial: () => Result | null;
  /** Calls `visit` for each enabled transition and pick. */
  readonly successors: (state: FlatState, visit: (transition: number, pick: number, result: Result) => void) => void;
  /** An expression over states. */
  readonly compile: (expression: Expr) => (state: FlatState) => number;
}

/** Outcome of generated code: a location or one of these. */
const allow = -1;
const deny = -2;
const end = -3;
const finish = -4;
const prune = -5;
/** Failure `f` is `failed - f`. */
const failed = -6;

interface Completion {
  readonly thread: number;
  readonly operation: number;
  readonly results: readonly number[];
}
type Generated = (
  state: FlatState,
  pick: number,
  results: readonly number[],
  complete: (completion: Completion) => void,
  terminate: (thread: number) => void,
) => number;

function endless(): never {
  throw new EndlessLoop(null, "local code does not end");
}

/** Generates the functions of a system. */
export function runner(system: System): Runner {
  const offsets: number[] = [];
  let size = 0;
  for (const variable of system.variables) {
    offsets.push(size);
    size += variable.length;
  }
  const text = (expression: Expr): string => expressionText(expression, offsets);
  const generate = (code: Code): Generated =>
    new Function("endless", `return (S,pick,results,complete,terminate)=>{${codeText(code, text, offsets)}}`)(endless) as Generated;
  const transitions = system.transitions.map((transition) => ({ ...transition, enabled: generate(transition.guard), run: generate(transition.body) }));
  const background = transitions.filter(({ kind }) => kind === "background");
  const processes = system.processes.map((process) => ({
    pc: offsets[process.pc] ?? 0,
    locals: process.locals.map((local) => ({ at: offsets[local] ?? 0, variable: system.variables[local] })),
    entry: generate(process.entry),
    locations: process.locations.map((location) => ({
      transitions: location.transitions.map((id) => transitions[id]).filter((t) => t !== undefined),
      continuation: generate(location.continuation),
    })),
  }));
  const nothing = (): void => undefined;

  /** Moves a thread to where its code ended; the failure, or null. */
  const settle = (state: FlatState, thread: number, outcome: number): number | null => {
    const process = processes[thread];
    if (process === undefined) throw new Error(`there is no thread ${thread}`);
    if (outcome <= failed || outcome === prune) return outcome;
    state[process.pc] = outcome === finish ? process.locations.length : outcome;
    return null;
  };
  const result = (state: FlatState, outcome: number | null): Result | null => {
    if (outcome === prune) return null;
    return outcome === null ? { state, failure: null } : { state: null, failure: failed - outcome };
  };

  const fire = (from: FlatState, transition: (typeof transitions)[number], chosen: number): Result | null => {
    const state = from.slice();
    const completions: Completion[] = [];
    const terminate = (thread: number): void => {
      const process = processes[thread];
      if (process === undefined) return;
      state[process.pc] = process.locations.length;
      for (const { at, variable } of process.locals) state.fill(variable?.min ?? 0, at, at + (variable?.length ?? 0));
    };
    const outcome = transition.run(state, chosen, [], (completion) => completions.push(completion), terminate);
    if (outcome !== end) return result(state, outcome);
    // The acting thread's local computation comes first, then the others' in order.
    for (const mine of [true, false]) {
      for (const { thread, results } of completions) {
        if ((thread === transition.thread) !== mine) continue;
        const process = processes[thread];
        const location = process?.locations[state[process.pc] ?? -1];
        if (location === undefined) throw new Error(`thread ${thread} has no pending operation`);
        const after = settle(state, thread, location.continuation(state, 0, results, nothing, terminate));
        if (after !== null) return result(state, after);
      }
    }
    return result(state, null);
  };

  return {
    offsets,
    initial: () => {
      const state = new Int32Array(size);
      system.variables.forEach((variable, id) => variable.initial.forEach((value, i) => void (state[(offsets[id] ?? 0) + i] = value)));
      for (let thread = 0; thread < processes.length; thread++) {
        const outcome = settle(state, thread, processes[thread]?.entry(state, 0, [], nothing, nothing) ?? finish);
        if (outcome !== null) return result(state, outcome);
      }
      return result(state, null);
    },
    successors: (state, visit) => {
      const tryAll = (transition: (typeof transitions)[number]): void => {
        for (let chosen = 0; chosen < transition.picks; chosen++) {
          if (transition.enabled(state, chosen, [], nothing, nothing) !== allow) continue;
          const next = fire(state, transition, chosen);
          if (next !== null) visit(transition.id, chosen, next);
        }
      };
      for (const process of processes) for (const transition of process.locations[state[process.pc] ?? -1]?.transitions ?? []) tryAll(transition);
      for (const transition of background) tryAll(transition);
    },
    compile: (expression) => new Function("S", `return ${text(expression)};`) as (state: FlatState) => number,
  };
}

function expressionText(expression: Expr, offsets: readonly number[]): string {
  const text = (e: Expr): string => expressionText(e, offsets);
  switch (expression.op) {
    case "const":
      return expression.value < 0 ? `(${expression.value})` : String(expression.value);
    case "temp":
      return `t${expression.temp}`;
    case "load": {
      const offset = offsets[expression.variable] ?? 0;
      if (expression.index === null) return `S[${offset}]`;
      return expression.index.op === "const" ? `S[${offset + expression.index.value}]` : `S[${offset}+${text(expression.index)}]`;
    }
    case "unary":
      return expression.operator === "!" ? `(${text(expression.operand)}===0?1:0)` : `(${expression.operator}${text(expression.operand)}|0)`;
    case "and":
      return `(${text(expression.left)}!==0&&${text(expression.right)}!==0?1:0)`;
    case "or":
      return `(${text(expression.left)}!==0||${text(expression.right)}!==0?1:0)`;
    case "select":
      return `(${text(expression.condition)}!==0?${text(expression.then)}:${text(expression.else)})`;
    case "binary": {
      const [left, right] = [text(expression.left), text(expression.right)];
      switch (expression.operator) {
        case "==":
        case "!=":
          return `(${left}${expression.operator}=${right}?1:0)`;
        case "<":
        case "<=":
        case ">":
        case ">=":
          return `(${left}${expression.operator}${right}?1:0)`;
        case "*":
          return `Math.imul(${left},${right})`;
        default:
          return `((${left}${expression.operator}${right})|0)`;
      }
    }
  }
}

function statementText(statement: Statement, text: (expression: Expr) => string, offsets: readonly number[]): string {
  switch (statement.op) {
    case "let":
      return `t${statement.temp}=${text(statement.value)};`;
    case "assign": {
      const offset = offsets[statement.variable] ?? 0;
      return `S[${statement.index === null ? offset : `${offset}+${text(statement.index)}`}]=${text(statement.value)};`;
    }
    case "complete":
      return `complete({thread:${text(statement.thread)},operation:${statement.operation},results:[${statement.results.map(text).join()}]});`;
    case "terminate":
      return `terminate(${text(statement.thread)});`;
  }
}

function codeText(code: Code, text: (expression: Expr) => string, offsets: readonly number[]): string {
  const jump = (block: number): string => `b=${block};continue;`;
  const ends = (terminator: Terminator): string => {
    switch (terminator.op) {
      case "goto":
        return jump(terminator.block);
      case "branch":
        return `b=${text(terminator.condition)}!==0?${terminator.then}:${terminator.else};continue;`;
      case "allow":
        return `return ${allow};`;
      case "deny":
        return `return ${deny};`;
      case "end":
        return `return ${end};`;
      case "yield":
        return `return ${terminator.location};`;
      case "finish":
        return `return ${finish};`;
      case "fail":
        return `return ${failed - terminator.failure};`;
      case "prune":
        return `return ${prune};`;
    }
  };
  const temps = Array.from(
    { length: Math.max(1, code.temps) },
    (_, i) => `t${i}=${i === 0 ? "results.length>0?results[0]:pick" : `results.length>${i}?results[${i}]:0`}`,
  );
  const blocks = code.blocks.map(
    (block, i) => `case ${i}:${block.statements.map((statement) => statementText(statement, text, offsets)).join("")}${ends(block.end)}`,
  );
  return `let ${temps.join()};let b=0;for(let f=${fuel};f>0;f--)switch(b){${blocks.join("\n")}}endless();`;
}
