/**
 * Exports a transition system to Murphi (Dill and others, 1992), for Rumur and CMurphi with bitwise operators. A rule is a
 * transition with one of its picks, so a verifier stores exactly the states that the engine stores and fires as many rules
 * as there are transitions. The local code after an operation is a procedure; blocks of code that more than one other
 * leads to are chosen by a number, inside a loop if they lead back.
 *
 * Symmetry is written out: each rule ends with the least of the states that the orders of the replicas make of its result
 * (docs/decisions/0033 says why not by scalarsets).
 */
import type { Code, Expr, Location, Process, Statement, State, System, Terminator, Transition, Variable } from "../../model/system/system.ts";
import type { Symmetry } from "../../model/system/symmetry/groups.ts";
import { completions, constant, demands, existence, joints, next, NotExportable, parts, specialise } from "./models/code.ts";
import { type Notation, Typed } from "./models/typed.ts";
import { canonicalProcedure } from "./models/murphi-symmetry.ts";

/** How Rumur is to be called: bounds of 32 bits, and states judged by invariants only. */
export const rumurOptions: readonly string[] = ["--value-type", "int32_t", "--deadlock-detection", "off", "--symmetry-reduction", "off"];

/** Returns the Murphi text. `initial` is the system's initial state, entry code included; `symmetry`: one state for each orbit. */
export function exportMurphi(system: System, initial: State, symmetry: Symmetry | null = null): string {
  if (system.scheduling !== "free")
    throw new NotExportable(`scheduling "${system.scheduling}" is not part of the exported rules; export the protocol with scheduling "free"`);
  return new MurphiExport(system, initial, symmetry).text();
}

/** Of what is no part of the state. Written out: Rumur's bitwise operators do not take the name of a range. */
export const number = "-1073741824..1073741823";

/** How a graph ends and what its completions do. */
interface Course {
  leave(terminator: Terminator): readonly string[];
  complete(statement: Extract<Statement, { op: "complete" }>): readonly string[];
}

class MurphiExport {
  readonly #system: System;
  readonly #initial: State;
  readonly #symmetry: Symmetry | null;
  readonly #typed: Typed;
  /** Results of an operation at most. */
  readonly #width: number;

  constructor(system: System, initial: State, symmetry: Symmetry | null) {
    this.#system = system;
    this.#initial = initial;
    this.#typed = new Typed(system, notation);
    this.#symmetry = symmetry === null || symmetry.groups.length === 0 ? null : symmetry;
    this.#width = Math.max(1, ...system.operations.map((operation) => operation.results.length));
  }

  text(): string {
    const { name, variables, processes, transitions } = this.#system;
    const resumed = new Set(transitions.flatMap(({ body }) => completions(body).map(({ operation }) => operation)));
    const canonical = this.#symmetry === null ? [] : canonicalProcedure(this.#system, this.#symmetry);
    return [
      `-- ${line(name)}: ${variables.length} variables, ${transitions.length} transitions`,
      `-- Check with: rumur ${rumurOptions.join(" ")} -o model.c FILE && cc -O2 -mcx16 -o model model.c -lpthread && ./model`,
      "type",
      `  results: array [0..${this.#width - 1}] of ${number};`,
      "var",
      ...variables.map((variable) => `  ${nameOf(variable)}: ${typeOf(variable)}; -- ${line(variable.name)}`),
      ...processes.flatMap((process) =>
        process.locations.filter(({ operation }) => resumed.has(operation)).flatMap((location) => this.#continuation(process, location)),
      ),
      ...this.#resume(resumed),
      ...canonical,
      'startstate "initial" begin',
      ...variables.flatMap((variable) =>
        (this.#initial[variable.id] ?? variable.initial).map(
          (value, i) => `  ${variable.length === 1 ? nameOf(variable) : `${nameOf(variable)}[${i}]`} := ${value};`,
        ),
      ),
      ...this.#canonical(),
      "end;",
      ...transitions.flatMap((transition) => Array.from({ length: transition.picks }, (_, pick) => this.#rule(transition, pick)).flat()),
      ...demands(this.#system).map(({ name: called, holds }) => `invariant "${quoted(called)}" ${this.#typed.truth(holds)};`),
      "",
    ].join("\n");
  }

  #canonical(): readonly string[] {
    return this.#symmetry === null ? [] : ["  canonical();"];
  }

  #rule(transition: Transition, pick: number): readonly string[] {
    const process = transition.thread === null ? null : this.#system.processes[transition.thread];
    const location = process?.locations[transition.location ?? -1];
    const exists = this.#guard(transition, pick);
    if (exists.condition === "false") return [];
    const at: Expr[] =
      process == null
        ? []
        : [{ op: "binary", operator: "==", left: { op: "load", variable: process.pc, index: null }, right: constant(transition.location ?? 0) }];
    const body = specialise(transition.body, [pick]);
    const ended = completions(body);
    const self = transition.thread;
    const own =
      self !== null &&
      location !== undefined &&
      ended.some(({ thread, operation }) => operation === location.operation && (thread === null || thread === self));
    const others = ended.some(({ thread }) => thread === null || thread !== self);
    const lines = this.#graph(body, {
      leave: (end) => {
        if (end.op === "end") return [];
        if (end.op === "prune") return [exists.whole ? 'assert "the guard excludes it" false;' : "assume false;"];
        return this.#fail(end);
      },
      complete: ({ thread, results }) => {
        const mine = [...results.map((result, k) => `mine[${k}] := ${this.#typed.number(result)};`), "own := 1;"];
        const theirs = [
          ...results.map((result, k) => `got[count][${k}] := ${this.#typed.number(result)};`),
          ...Array.from({ length: this.#width - results.length }, (_, k) => `got[count][${results.length + k}] := 0;`),
          `who[count] := ${this.#typed.number(thread)};`,
          "count := count + 1;",
        ];
        if (!own) return theirs;
        if (thread.op === "const") return thread.value === self ? mine : theirs;
        return [`if ${this.#typed.number(thread)} = ${self} then`, ...mine, "else", ...theirs, "end;"];
      },
    });
    const last = this.#system.processes.length - 1;
    return [
      ...exists.lines,
      `rule "${quoted(process?.name ?? "background")}: ${quoted(transition.rule)} (${transition.id}.${pick})"`,
      `  ${[...at.map((e) => this.#typed.truth(e)), exists.condition].join(" & ")}`,
      "==>",
      "var",
      `  b: ${number};`,
      ...temporaries(body),
      ...(own ? [`  own: ${number};`, "  mine: results;"] : []),
      ...(others ? [`  count: ${number};`, `  who: array [0..${last}] of ${number};`, `  got: array [0..${last}] of results;`] : []),
      "begin",
      ...(own ? ["  own := 0;"] : []),
      ...(others ? ["  count := 0;"] : []),
      ...lines,
      ...(own && location !== undefined
        ? [`  if own = 1 then ${continuationName(self ?? 0, location)}(${Array.from({ length: location.results }, (_, k) => `mine[${k}]`).join(", ")}); end;`]
        : []),
      ...(others
        ? [`  for i: 0..${last} do if i < count then resume(who[i]${Array.from({ length: this.#width }, (_, k) => `, got[i][${k}]`).join("")}); end; end;`]
        : []),
      ...this.#canonical(),
      "end;",
    ];
  }

  /** When a transition is possible; `whole`: no assumption in its body can fail then. Guards that are no single expression are functions. */
  #guard(transition: Transition, pick: number): { readonly condition: string; readonly lines: readonly string[]; readonly whole: boolean } {
    try {
      return { condition: this.#typed.truth(existence(transition, pick)), lines: [], whole: true };
    } catch (error) {
      if (!(error instanceof NotExportable)) throw error;
    }
    const name = `allowed_${transition.id}_${pick}`;
    const code = specialise(transition.guard, [pick]);
    const lines = [
      `function ${name}(): boolean;`,
      "var",
      `  b: ${number};`,
      ...temporaries(code),
      "begin",
      ...this.#graph(code, {
        leave: (end) => [end.op === "allow" ? "return true;" : "return false;"],
        complete: () => {
          throw new Error("a guard ends no operations");
        },
      }),
      "  return false;",
      "end;",
    ];
    return { condition: `${name}()`, lines, whole: false };
  }

  /** Local code up to the next operation, as a procedure of the operation's results. */
  #continuation(process: Process, location: Location): readonly string[] {
    const code = location.continuation;
    const pc = nameOf(this.#system.variables[process.pc]);
    return [
      `procedure ${continuationName(process.index, location)}(${Array.from({ length: location.results }, (_, k) => `r${k}: ${number}`).join("; ")});`,
      "var",
      `  b: ${number};`,
      ...temporaries({ ...code, temps: Math.max(code.temps, location.results) }),
      "begin",
      ...Array.from({ length: location.results }, (_, k) => `  t${k} := r${k};`),
      ...this.#graph(code, {
        leave: (end) => {
          if (end.op === "yield") return [`${pc} := ${end.location};`];
          if (end.op === "finish") return [`${pc} := ${process.locations.length};`];
          if (end.op === "prune") return ["assume false;"];
          return this.#fail(end);
        },
        complete: () => {
          throw new Error("local code ends no operations");
        },
      }),
      "end;",
    ];
  }

  /** Runs the local code of a thread whose operation has ended, wherever it stands. */
  #resume(resumed: ReadonlySet<number>): readonly string[] {
    const given = Array.from({ length: this.#width }, (_, k) => `; g${k}: ${number}`).join("");
    const cases = this.#system.processes.flatMap((process) => {
      const pc = nameOf(this.#system.variables[process.pc]);
      const here = process.locations
        .filter(({ operation }) => resumed.has(operation))
        .map(
          (location) =>
            `${pc} = ${location.index} then ${continuationName(process.index, location)}(${Array.from({ length: location.results }, (_, k) => `g${k}`).join(", ")});`,
        );
      if (here.length === 0) return [];
      // One that this very rule has ended stays where it is.
      return [
        `  if thread = ${process.index} then`,
        `    if ${here.join("\n    elsif ")}`,
        `    else assert "performs what ends" ${pc} = ${process.locations.length}; end;`,
        "  end;",
      ];
    });
    return [`procedure resume(thread: ${number}${given});`, "begin", ...cases, "end;"];
  }

  #fail(end: Terminator): readonly string[] {
    if (end.op !== "fail") throw new Error(`unexpected ${end.op}`);
    return [`assert "${quoted(this.#system.failures[end.failure]?.message ?? "")}" false;`];
  }

  #graph(code: Code, course: Course): readonly string[] {
    const shared = joints(code);
    const jump = (to: number): readonly string[] => (shared.includes(to) ? [`b := ${to};`] : block(to));
    let back = false;
    let current = -1;
    const block = (index: number): readonly string[] => {
      const at = code.blocks[index];
      if (at === undefined) return [];
      for (const to of next(at.end)) if (shared.includes(to) && shared.indexOf(to) <= current) back = true;
      const lines = at.statements.flatMap((statement) => this.#statement(statement, course));
      if (at.end.op === "goto") return [...lines, ...jump(at.end.block)];
      if (at.end.op !== "branch") return [...lines, ...course.leave(at.end)];
      return [...lines, `if ${this.#typed.truth(at.end.condition)} then`, ...jump(at.end.then), "else", ...jump(at.end.else), "end;"];
    };
    const start = ["b := -1;", ...jump(0)];
    const rest = shared.flatMap((joint, i) => {
      current = i;
      return [`if b = ${joint} then`, "b := -1;", ...block(joint), "end;"];
    });
    return indent([...start, ...(back ? ["while b >= 0 do", ...rest, "end;"] : rest)]);
  }

  #statement(statement: Statement, course: Course): readonly string[] {
    switch (statement.op) {
      case "let":
        return [`t${statement.temp} := ${this.#typed.number(statement.value)};`];
      case "assign": {
        const variable = this.#system.variables[statement.variable];
        return [`${place(variable, statement.index === null ? null : this.#typed.number(statement.index))} := ${this.#typed.number(statement.value)};`];
      }
      case "complete":
        return course.complete(statement);
      case "terminate":
        return this.#system.processes.flatMap((process) => {
          const resets = process.locals.flatMap((local) => {
            const variable = this.#system.variables[local];
            if (variable === undefined) return [];
            return Array.from({ length: variable.length }, (_, i) => `${place(variable, String(i))} := ${variable.min};`);
          });
          return [
            `if ${this.#typed.number(statement.thread)} = ${process.index} then`,
            `${nameOf(this.#system.variables[process.pc])} := ${process.locations.length};`,
            ...resets,
            "end;",
          ];
        });
    }
  }
}

const notation: Notation = {
  truths: ["false", "true"],
  temp: (number) => `t${number}`,
  place: (variable, index) => place(variable, index),
  not: (operand) => `!${operand}`,
  and: (left, right) => `(${left} & ${right})`,
  or: (left, right) => `(${left} | ${right})`,
  select: (condition, yes, no) => `(${condition} ? ${yes} : ${no})`,
  unary: (operator, operand) => `(${operator}${operand})`,
  binary: (operator, left, right) => {
    if (operator === ">>>") throw new NotExportable("the operator >>> has no counterpart in Murphi");
    return `(${left} ${operator === "==" ? "=" : operator} ${right})`;
  },
};

/** Names that can be told from keywords, with what the protocol calls them. */
export function nameOf(variable: Variable | undefined): string {
  return `v${variable?.id ?? 0}_${(variable?.name ?? "").replace(/\W+/gu, "_")}`;
}
const place = (variable: Variable | undefined, index: string | null): string =>
  (variable?.length ?? 1) === 1 ? nameOf(variable) : `${nameOf(variable)}[${index ?? "0"}]`;
const typeOf = ({ length, min, max }: Variable): string => (length === 1 ? `${min}..${max}` : `array [0..${length - 1}] of ${min}..${max}`);
const continuationName = (thread: number, location: Location): string => `after_${thread}_${location.index}`;
const temporaries = (code: Code): readonly string[] => {
  const used = new Set(parts(code).statements.flatMap((each) => (each.op === "let" ? [each.temp] : [])));
  return Array.from({ length: Math.max(code.temps, ...[...used].map((temp) => temp + 1), 0) }, (_, i) => `  t${i}: ${number};`);
};
const line = (text: string): string => text.replaceAll("\n", " ");
const quoted = (text: string): string => line(text).replaceAll("\\", "/").replaceAll('"', "'");
const indent = (lines: readonly string[]): readonly string[] => {
  let depth = 1;
  return lines.map((text) => {
    if (/^(end;|else$)/u.test(text)) depth--;
    const shown = `${"  ".repeat(depth)}${text}`;
    if (/(then|else|do)$/u.test(text)) depth++;
    return shown;
  });
};
