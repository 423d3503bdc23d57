/**
 * Exports a transition system to TLA+ (Lamport, 1994), for TLC and, with type annotations, for Apalache. An action is a
 * transition with one of its picks: `Step(Body(Now))`, where `Now` is the state as a record, each block of code an operator
 * from record to record, and `Step` what makes the record the next state. TLC finds as many distinct states as the engine,
 * and generates one state more than there are transitions.
 *
 * A violating step sets `failed`, which nothing leaves. Code with loops needs RECURSIVE operators, which Apalache does not take.
 */
import type { Code, Expr, Location, Process, State, Statement, System, Terminator, Transition, Variable } from "../../model/system/system.ts";
import { completions, constant, demands, existence, joints, NotExportable, reachable, specialise } from "./models/code.ts";
import { bitwiseOperators, division } from "./models/tla-arithmetic.ts";
import { type Notation, Typed } from "./models/typed.ts";

/** A module and its configuration for TLC. */
export interface TlaModule {
  readonly module: string;
  readonly configuration: string;
}

/** Returns both. `initial` is the system's initial state, entry code included; `name` that of the module. */
export function exportTla(system: System, initial: State, name: string): TlaModule {
  if (system.scheduling !== "free")
    throw new NotExportable(`scheduling "${system.scheduling}" is not part of the exported actions; export the protocol with scheduling "free"`);
  return new TlaExport(system, initial, name).both();
}

/** Where code goes on: `state` names the record as it is there. */
type Leave = (end: Terminator, state: string) => string;

class TlaExport {
  readonly #system: System;
  readonly #initial: State;
  readonly #name: string;
  readonly #definitions: string[] = [];
  #names = 0;
  #recursive = false;

  constructor(system: System, initial: State, name: string) {
    this.#system = system;
    this.#initial = initial;
    this.#name = name;
  }

  both(): TlaModule {
    const { variables, processes, transitions, name } = this.#system;
    const resumed = new Set(transitions.flatMap(({ body }) => completions(body).map(({ operation }) => operation)));
    for (const process of processes) for (const location of process.locations) if (resumed.has(location.operation)) this.#continuation(process, location);
    this.#resume(resumed);
    const actions = transitions.flatMap((transition) =>
      Array.from({ length: transition.picks }, (_, pick) => this.#action(transition, pick)).filter((action) => action !== null),
    );
    const wanted = demands(this.#system).map(({ holds, name: called }, i) => ({
      name: `Invariant${i}_${called.replace(/\W+/gu, "_")}`,
      text: this.#over("", []).truth(holds),
    }));
    const fields = variables.map(nameOf);
    const typed = variables.map((variable) => `${nameOf(variable)}: ${variable.length === 1 ? "Int" : "Int -> Int"}`);
    const module = [
      `---- MODULE ${this.#name} ----`,
      `\\* ${line(name)}: ${variables.length} variables, ${transitions.length} transitions${this.#recursive ? "; loops are RECURSIVE operators, which Apalache does not take" : ""}`,
      "EXTENDS Integers, Sequences",
      "",
      `\\* @typeAlias: record = { ${[...typed, "fate: Str", "own: Int", "mine: Seq(Int)", "due: Seq({ thread: Int, results: Seq(Int) })"].join(", ")} };`,
      "TypeAliases == TRUE",
      "",
      "VARIABLES",
      ...variables.flatMap((variable) => [
        `  \\* @type: ${variable.length === 1 ? "Int" : "Int -> Int"};`,
        `  ${nameOf(variable)}, \\* ${line(variable.name)}, ${variable.min}..${variable.max}`,
      ]),
      "  \\* @type: Str;",
      "  failed",
      "",
      `vars == <<${[...fields, "failed"].join(", ")}>>`,
      "\\* @type: $record;",
      `Now == [${[...fields.map((field) => `${field} |-> ${field}`), 'fate |-> ""', "own |-> 0", "mine |-> <<>>", "due |-> <<>>"].join(", ")}]`,
      "\\* @type: $record => Bool;",
      "Step(s) ==",
      '  /\\ s.fate /= "pruned"',
      "  /\\ failed' = s.fate",
      ...fields.map((field) => `  /\\ ${field}' = s.${field}`),
      "",
      "Init ==",
      ...variables.map((variable) => `  /\\ ${nameOf(variable)} = ${written(this.#initial[variable.id] ?? variable.initial)}`),
      '  /\\ failed = ""',
      "",
      ...division,
      ...bitwiseOperators(this.#definitions.join("\n") + wanted.map(({ text }) => text).join("\n")),
      ...this.#definitions,
      "",
      "Next ==",
      ...(actions.length === 0 ? ["  FALSE"] : actions.map((action) => `  \\/ ${action}`)),
      "Spec == Init /\\ [][Next]_vars",
      "",
      'NoFailure == failed = ""',
      ...wanted.map(({ name: called, text }) => `${called} == ${text}`),
      "====",
      "",
    ].join("\n");
    const configuration = [
      "INIT Init",
      "NEXT Next",
      "INVARIANTS",
      "  NoFailure",
      ...wanted.map(({ name: called }) => `  ${called}`),
      "CHECK_DEADLOCK FALSE",
      "",
    ].join("\n");
    return { module, configuration };
  }

  /** One action of the relation; null: it is never enabled. */
  #action(transition: Transition, pick: number): string | null {
    const process = transition.thread === null ? null : this.#system.processes[transition.thread];
    const location = process?.locations[transition.location ?? -1];
    const exists = this.#guard(transition, pick);
    if (exists === "FALSE") return null;
    const name = `Step_${transition.id}_${pick}`;
    const body = specialise(transition.body, [pick]);
    const self = transition.thread;
    const ended = completions(body);
    const others = ended.some(({ thread }) => thread === null || thread !== self);
    const entry = this.#code(body, name, [], self, (end, state) => {
      if (end.op !== "end") return this.#fate(end, state);
      const own =
        self !== null && location !== undefined && ended.some(({ thread }) => thread === null || thread === self)
          ? `IF ${state}.own = 1 THEN ${afterName(self, location)}(${[state, ...Array.from({ length: location.results }, (_, k) => `${state}.mine[${k + 1}]`)].join(", ")}) ELSE ${state}`
          : state;
      return others ? `Served(${own})` : `(${own})`;
    });
    const at: Expr[] =
      process == null
        ? []
        : [{ op: "binary", operator: "==", left: { op: "load", variable: process.pc, index: null }, right: constant(transition.location ?? 0) }];
    this.#definitions.push(
      `\\* ${line(process?.name ?? "background")}: ${line(transition.rule)}`,
      `Action_${transition.id}_${pick} ==`,
      '  /\\ failed = ""',
      ...[...at.map((e) => this.#over("", []).truth(e)), exists].map((text) => `  /\\ ${text}`),
      `  /\\ Step(${entry}(Now))`,
    );
    return `Action_${transition.id}_${pick}`;
  }

  /** When a transition is possible. A guard that is no single expression is an operator that marks the record where it is not. */
  #guard(transition: Transition, pick: number): string {
    try {
      return this.#over("", []).truth(existence(transition, pick));
    } catch (error) {
      if (!(error instanceof NotExportable)) throw error;
    }
    const entry = this.#code(specialise(transition.guard, [pick]), `Allowed_${transition.id}_${pick}`, [], null, (end, state) =>
      end.op === "allow" ? state : `[${state} EXCEPT !.fate = "pruned"]`,
    );
    return `(${entry}(Now).fate = "")`;
  }

  /** Local code up to the next operation. */
  #continuation(process: Process, location: Location): void {
    const pc = nameOf(this.#system.variables[process.pc]);
    const results = Array.from({ length: location.results }, (_, k) => k);
    this.#code(location.continuation, afterName(process.index, location), results, null, (end, state) => {
      if (end.op === "yield") return `[${state} EXCEPT !.${pc} = ${end.location}]`;
      if (end.op === "finish") return `[${state} EXCEPT !.${pc} = ${process.locations.length}]`;
      return this.#fate(end, state);
    });
  }

  /** The local code of the threads whose operations have ended, in their order, wherever they stand. */
  #resume(resumed: ReadonlySet<number>): void {
    const { processes } = this.#system;
    const cases = processes.flatMap((process) =>
      process.locations
        .filter(({ operation }) => resumed.has(operation))
        .map((location) => {
          const given = Array.from({ length: location.results }, (_, k) => `, d.results[${k + 1}]`).join("");
          return `d.thread = ${process.index} /\\ s.${nameOf(this.#system.variables[process.pc])} = ${location.index} THEN ${afterName(process.index, location)}(s${given})`;
        }),
    );
    // After a violation nothing more happens in a step; one that the step itself has ended stays where it is.
    const chain = cases.reduceRight((rest, text) => `IF ${text}\n  ELSE ${rest}`, "s");
    this.#definitions.push("\\* @type: ($record, { thread: Int, results: Seq(Int) }) => $record;", `Resume(s, d) == IF s.fate /= "" THEN s ELSE\n  ${chain}`);
    const steps = processes.map(
      (_, i) => `LET s${i + 1} == IF Len(s.due) >= ${i + 1} THEN Resume(s${i === 0 ? "" : i}, s.due[${i + 1}]) ELSE s${i === 0 ? "" : i} IN`,
    );
    this.#definitions.push("\\* @type: $record => $record;", `Served(s) ==`, ...steps.map((step) => `  ${step}`), `  s${processes.length}`);
  }

  #fate(end: Terminator, state: string): string {
    if (end.op === "prune") return `[${state} EXCEPT !.fate = "pruned"]`;
    if (end.op !== "fail") throw new Error(`unexpected ${end.op}`);
    return `[${state} EXCEPT !.fate = "${line(this.#system.failures[end.failure]?.message ?? "violation")
      .replaceAll("\\", "/")
      .replaceAll('"', "'")}"]`;
  }

  /** Defines the operators of a graph and returns the name of the first; `given` are the temporaries that it takes. */
  #code(code: Code, name: string, given: readonly number[], self: number | null, leave: Leave): string {
    const shared = joints(code).filter((block) => reachable(code).has(block));
    const temps = Array.from({ length: code.temps }, (_, i) => i);
    const jump = (to: number, state: string, values: readonly string[]): string =>
      shared.includes(to) ? `${name}_${to}(${[state, ...values].join(", ")})` : block(to, state, values);
    const block = (index: number, state: string, values: readonly string[]): string => {
      const at = code.blocks[index];
      if (at === undefined) return state;
      const known = [...values];
      let now = state;
      const lets: string[] = [];
      const define = (stem: string, text: string): string => {
        const fresh = `${stem}_${this.#names++}`;
        lets.push(`LET ${fresh} == ${text} IN`);
        return fresh;
      };
      for (const statement of at.statements) {
        if (statement.op === "let") known[statement.temp] = define("t", this.#over(now, known).number(statement.value));
        else now = define("s", this.#effect(statement, now, known, self));
      }
      const end = at.end;
      const rest =
        end.op === "goto"
          ? jump(end.block, now, known)
          : end.op === "branch"
            ? `IF ${this.#over(now, known).truth(end.condition)} THEN ${jump(end.then, now, known)} ELSE ${jump(end.else, now, known)}`
            : leave(end, now);
      return `(${[...lets, rest].join(" ")})`;
    };
    // Operators come before those that use them, except round a loop, where they are announced.
    const names = temps.map((temp) => `t${temp}`);
    const texts = shared.map((joint) => ({ joint, text: block(joint, "s", names) }));
    const position = new Map(shared.map((joint, i) => [joint, i]));
    const looping = texts.some(({ joint, text }) =>
      shared.some((other) => (position.get(other) ?? 0) <= (position.get(joint) ?? 0) && text.includes(`${name}_${other}(`)),
    );
    const type = `\\* @type: (${["$record", ...names.map(() => "Int")].join(", ")}) => $record;`;
    if (looping) {
      this.#recursive = true;
      this.#definitions.push(`RECURSIVE ${shared.map((joint) => `${name}_${joint}(${["_", ...names.map(() => "_")].join(", ")})`).join(", ")}`);
    }
    for (const { joint, text } of [...texts].reverse()) this.#definitions.push(type, `${name}_${joint}(${["s", ...names].join(", ")}) ==`, `  ${text}`);
    const first = temps.map((temp) => (given.includes(temp) ? `r${temp}` : "0"));
    const taken = given.map((temp) => `r${temp}`);
    this.#definitions.push(
      taken.length === 0 ? "\\* @type: $record => $record;" : `\\* @type: (${["$record", ...taken.map(() => "Int")].join(", ")}) => $record;`,
      `${name}(${["s", ...taken].join(", ")}) ==`,
      `  ${jump(0, "s", first)}`,
    );
    return name;
  }

  #effect(statement: Exclude<Statement, { op: "let" }>, state: string, temps: readonly string[], self: number | null): string {
    const over = this.#over(state, temps);
    switch (statement.op) {
      case "assign": {
        const variable = this.#system.variables[statement.variable];
        const field = nameOf(variable);
        if ((variable?.length ?? 1) === 1) return `[${state} EXCEPT !.${field} = ${over.number(statement.value)}]`;
        const index = statement.index === null ? "0" : over.number(statement.index);
        return `[${state} EXCEPT !.${field} = [${state}.${field} EXCEPT ![${index}] = ${over.number(statement.value)}]]`;
      }
      case "complete": {
        const results = `<<${statement.results.map((result) => over.number(result)).join(", ")}>>`;
        const thread = over.number(statement.thread);
        const mine = `[${state} EXCEPT !.own = 1, !.mine = ${results}]`;
        const theirs = `[${state} EXCEPT !.due = Append(${state}.due, [thread |-> ${thread}, results |-> ${results}])]`;
        if (self === null) return theirs;
        if (statement.thread.op === "const") return statement.thread.value === self ? mine : theirs;
        return `IF ${thread} = ${self} THEN ${mine} ELSE ${theirs}`;
      }
      case "terminate":
        return this.#system.processes.reduceRight((rest, process) => {
          const resets = process.locals.map((local) => {
            const variable = this.#system.variables[local];
            return `, !.${nameOf(variable)} = ${written(Array.from({ length: variable?.length ?? 1 }, () => variable?.min ?? 0))}`;
          });
          return `IF ${over.number(statement.thread)} = ${process.index} THEN [${state} EXCEPT !.${nameOf(this.#system.variables[process.pc])} = ${process.locations.length}${resets.join("")}] ELSE ${rest}`;
        }, state);
    }
  }

  /** Expressions over a record, or over the variables themselves. */
  #over(state: string, temps: readonly string[]): Typed {
    return new Typed(this.#system, notation(state === "" ? "" : `${state}.`, temps));
  }
}

const notation = (prefix: string, temps: readonly string[]): Notation => ({
  truths: ["FALSE", "TRUE"],
  temp: (number) => temps[number] ?? "0",
  place: (variable, index) => `${prefix}${nameOf(variable)}${index === null ? "" : `[${index}]`}`,
  not: (operand) => `(~${operand})`,
  and: (left, right) => `(${left} /\\ ${right})`,
  or: (left, right) => `(${left} \\/ ${right})`,
  select: (condition, yes, no) => `(IF ${condition} THEN ${yes} ELSE ${no})`,
  unary: (operator, operand) => (operator === "-" ? `(-${operand})` : `(-${operand} - 1)`),
  binary: (operator, left, right) => {
    switch (operator) {
      case "==":
        return `(${left} = ${right})`;
      case "!=":
        return `(${left} /= ${right})`;
      case "/":
        return `Quotient(${left}, ${right})`;
      case "%":
        return `Remainder(${left}, ${right})`;
      case "&":
        return `BitAnd(${left}, ${right})`;
      case "|":
        return `BitOr(${left}, ${right})`;
      case "^":
        return `BitXor(${left}, ${right})`;
      case "<<":
        return `(${left} * 2^${right})`;
      case ">>":
        return `(${left} \\div 2^${right})`;
      case ">>>":
        throw new NotExportable("the operator >>> has no counterpart in TLA+");
      default:
        return `(${left} ${operator} ${right})`;
    }
  },
});

const nameOf = (variable: Variable | undefined): string => `v${variable?.id ?? 0}_${(variable?.name ?? "").replace(/\W+/gu, "_")}`;
const afterName = (thread: number, location: Location): string => `After_${thread}_${location.index}`;
const written = (values: readonly number[]): string =>
  values.length === 1 ? String(values[0]) : `[i \\in 0..${values.length - 1} |-> <<${values.join(", ")}>>[i + 1]]`;
const line = (text: string): string => text.replaceAll("\n", " ");
