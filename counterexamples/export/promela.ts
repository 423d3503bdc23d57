/**
 * Exports a transition system to Promela, style `flat`: one proctype, one `do` loop, one `d_step` for each transition and
 * pick. Under `spin -o2 -a` and `-DNOREDUCE` SPIN stores exactly the states that the engine stores; its transitions are
 * the engine's plus one (the step into the initial state).
 *
 * Temporaries are `hidden` variables, which are no part of SPIN's state vector. Control flow inside a step becomes labels
 * and gotos that stay inside the `d_step`.
 */
import type { Decision } from "../trace.ts";
import { atomsOf, formulaText } from "../../model/ltl/formula.ts";
import { evaluate } from "../../model/system/interpret.ts";
import type { Code, Expr, LivenessFormula, Location, State, System, Terminator, Transition, Variable } from "../../model/system/system.ts";

/** What a system uses that the export cannot express. */
export class NotExportable extends Error {}

/**
 * Returns the Promela text. `initial` is the system's initial state, entry code included. Each of `claims` becomes an `ltl`
 * block over bits that every step sets anew; SPIN makes the never claim of it. Fairness is not exported.
 */
export function exportPromela(system: System, initial: State, claims: readonly LivenessFormula[] = []): string {
  if (system.scheduling !== "free")
    throw new NotExportable(`scheduling "${system.scheduling}" has no counterpart in Promela; export the protocol with scheduling "free"`);
  return new FlatExport(system, initial, claims).text();
}

/**
 * A counterexample as the trail file of the exported model: one line a step with its number, the process, and SPIN's number
 * of the statement. SPIN numbers the elements of a process in the order of its text, a `d_step` after what is in it.
 */
export function exportTrail(system: System, initial: State, decisions: readonly Pick<Decision, "transition" | "pick">[]): string {
  const flat = new FlatExport(system, initial, []);
  flat.text();
  const lines = decisions.map(({ transition, pick }, index) => {
    const id = flat.statements.get(`${transition} ${pick}`);
    if (id === undefined) throw new NotExportable(`step ${index + 1} is no step of the exported model`);
    return `${index + 1}:0:${id}`;
  });
  return ["-4:-4:-4", ...lines, ""].join("\n");
}

/** Elements that SPIN makes of some lines: each statement and each guard is one, an `if` is two more. */
function elementsOf(lines: readonly string[]): number {
  const text = lines.join("\n").replace(/\/\*.*?\*\//gu, "");
  const count = (pattern: RegExp): number => text.match(pattern)?.length ?? 0;
  const statements = count(/\bgoto\b/gu) + count(/\bskip\b/gu) + count(/\bassert\b/gu) + count(/(?<![=!<>])=(?!=)/gu) + count(/\+\+/gu);
  // The option's own guard is among those that `::` begins; one more for the d_step.
  return statements + count(/::/gu) + 2 * count(/\bif\b/gu) + 1;
}

class FlatExport {
  /** SPIN's number of the `d_step` of each transition and pick. */
  readonly statements = new Map<string, number>();
  #elements = -1;
  readonly #system: System;
  readonly #initial: State;
  readonly #claims: readonly LivenessFormula[];
  /** Predicates of the claims, by number. */
  readonly #atoms: readonly number[];
  /** When steps that have to be taken are enabled. */
  readonly #urgent: string[] = [];
  readonly #lines: string[] = [];
  /** Temporaries in use at most, results of completions, and so on: hidden variables. */
  #temps = 0;
  #labels = 0;

  constructor(system: System, initial: State, claims: readonly LivenessFormula[]) {
    this.#system = system;
    this.#initial = initial;
    this.#claims = claims;
    this.#atoms = [...new Set(claims.flatMap(({ formula }) => atomsOf(formula)))];
  }

  text(): string {
    const { variables, transitions, processes, operations } = this.#system;
    for (const transition of transitions) for (let pick = 0; pick < transition.picks; pick++) this.#transition(transition, pick);
    this.#stays();
    const results = Math.max(1, ...operations.map((operation) => operation.results.length));
    const declarations = variables.map((variable, id) => declare(variable, this.#initial[id] ?? variable.initial));
    return [
      `/* ${comment(this.#system.name)}: ${variables.length} variables, ${transitions.length} transitions. Check with: spin -o2 -a FILE && cc -O2 -DSAFETY -DNOREDUCE -o pan pan.c && ./pan -E */`,
      ...declarations,
      ...this.#atoms.map(
        (atom) => `bit p${atom} = ${evaluate(this.#initial, this.#atom(atom)) === 0 ? 0 : 1}; /* ${comment(this.#system.liveness?.atoms[atom]?.name ?? "")} */`,
      ),
      ...Array.from({ length: this.#temps }, (_, i) => `hidden int t${i};`),
      `hidden int result[${processes.length * results}]; hidden int served[${processes.length}]; hidden int count; hidden int next; hidden int own;`,
      "active proctype system() {",
      "  do",
      ...this.#lines.map((line) => `  ${line}`),
      "  od",
      "}",
      ...this.#claims.map((claim) => `ltl ${claimName(claim)} { ${formulaText(claim.formula, (atom) => `p${atom}`)} }`),
      "",
    ].join("\n");
  }

  #atom(atom: number): Expr {
    return this.#system.liveness?.atoms[atom]?.holds ?? constant(0);
  }
  /** Sets the predicates of the claims to what they are after a step. */
  #predicates(): readonly string[] {
    return this.#atoms.map((atom) => `   p${atom} = (${this.#expression(this.#atom(atom), [])} -> 1 : 0);`);
  }
  /** Where nothing is left that has to happen a run may stay, though an untrusted thread could go on. */
  #stays(): void {
    if (this.#claims.length === 0 || this.#system.liveness?.urgent.every(Boolean) !== false) return;
    this.#lines.push(`:: d_step { !(${this.#urgent.length === 0 ? "0" : this.#urgent.join(" || ")}) -> skip }`);
  }

  #transition(transition: Transition, pick: number): void {
    const process = transition.thread === null ? null : this.#system.processes[transition.thread];
    const location = process?.locations[transition.location ?? -1];
    const guard = this.#guard(transition.guard, 0, new Map([[0, constant(pick)]]), 0);
    if (guard.op === "const" && guard.value === 0) return;
    const at = process === null || process === undefined ? [] : [`${name(this.#system.variables[process.pc])} == ${transition.location ?? 0}`];
    const condition = [...at, this.#expression(guard, [])].join(" && ");
    if (this.#system.liveness?.urgent[transition.id] === true) this.#urgent.push(`(${condition})`);
    const from = this.#lines.length;
    this.#lines.push(`:: d_step { /* ${comment(process?.name ?? "background")}: ${comment(transition.rule)} */ ${condition} ->`);
    this.#use(1);
    this.#lines.push(`   t0 = ${pick}; count = 0; next = 0; own = 0;`);
    const done = this.#label();
    const end = this.#label();
    const dynamic = completions(transition.body);
    this.#code(transition.body, 0, (terminator) => (terminator.op === "end" ? [`goto ${end};`] : this.#leave(terminator, done)), transition.thread);
    this.#lines.push(`   ${end}: skip;`);
    const self = transition.thread;
    if (self !== null && location !== undefined && dynamic.has(location.operation)) {
      const others = this.#label();
      this.#lines.push(`   if :: own == 0 -> goto ${others} :: else fi;`);
      this.#continue(self, location, others, done);
      this.#lines.push(`   ${others}: skip;`);
    }
    this.#others(dynamic, self, done);
    this.#lines.push(`   ${done}: skip;`);
    for (const invariant of this.#system.invariants) this.#lines.push(`   assert(${this.#expression(invariant.holds, [])});`);
    this.#lines.push(...this.#predicates(), "   t0 = 0", "   }");
    this.#elements += elementsOf(this.#lines.slice(from));
    this.statements.set(`${transition.id} ${pick}`, this.#elements);
  }

  /** Runs the continuations of the served threads, in the order in which they were served. */
  #others(dynamic: ReadonlySet<number>, self: number | null, done: string): void {
    const candidates = this.#system.processes.flatMap((process) =>
      process.locations.filter((location) => dynamic.has(location.operation) && process.index !== self).map((location) => ({ process, location })),
    );
    if (candidates.length === 0) return;
    const loop = this.#label();
    this.#lines.push(`   ${loop}: if :: next >= count -> goto ${done} :: else -> next++ fi;`, "   if");
    const labels = candidates.map(({ process, location }) => {
      const label = this.#label();
      this.#lines.push(`   :: served[next - 1] == ${process.index} && ${name(this.#system.variables[process.pc])} == ${location.index} -> goto ${label}`);
      return label;
    });
    this.#lines.push("   :: else -> assert(false)", "   fi;");
    candidates.forEach(({ process, location }, i) => {
      this.#lines.push(`   ${labels[i]}: skip;`);
      this.#continue(process.index, location, loop, done);
    });
  }

  /** The continuation of a thread at a location, then on to `after`. */
  #continue(thread: number, location: Location, after: string, done: string): void {
    const base = 1;
    this.#use(base + Math.max(location.continuation.temps, location.results));
    const width = Math.max(1, ...this.#system.operations.map((operation) => operation.results.length));
    for (let i = 0; i < location.results; i++) this.#lines.push(`   t${base + i} = result[${thread * width + i}];`);
    const process = this.#system.processes[thread];
    const pc = name(this.#system.variables[process?.pc ?? 0]);
    this.#code(
      location.continuation,
      base,
      (terminator) => {
        if (terminator.op === "yield") return [`${pc} = ${terminator.location};`, `goto ${after};`];
        if (terminator.op === "finish") return [`${pc} = ${process?.locations.length ?? 0};`, `goto ${after};`];
        return this.#leave(terminator, done);
      },
      null,
    );
  }

  #leave(terminator: Terminator, done: string): readonly string[] {
    if (terminator.op === "fail") return [`assert(false); /* ${comment(this.#system.failures[terminator.failure]?.message ?? "")} */`, `goto ${done};`];
    if (terminator.op === "prune")
      throw new NotExportable("assume() inside a step has no counterpart in Promela: the step is known to be impossible only after it has begun");
    throw new Error(`unexpected ${terminator.op}`);
  }

  /** Emits a graph; its temporaries are `t<base>…`. */
  #code(code: Code, base: number, leave: (terminator: Terminator) => readonly string[], self: number | null): void {
    this.#use(base + code.temps);
    const reached = reachable(code);
    const labels = code.blocks.map(() => this.#label());
    const temps = Array.from({ length: code.temps }, (_, i) => `t${base + i}`);
    const value = (e: Expr): string => this.#expression(e, temps);
    code.blocks.forEach((block, i) => {
      if (!reached.has(i)) return;
      this.#lines.push(`   ${labels[i]}: skip;`);
      for (const statement of block.statements) {
        switch (statement.op) {
          case "let":
            this.#lines.push(`   t${base + statement.temp} = ${value(statement.value)};`);
            break;
          case "assign": {
            const variable = this.#system.variables[statement.variable];
            const offset = variable === undefined || variable.min === 0 ? "" : ` - (${variable.min})`;
            this.#lines.push(`   ${place(variable, statement.index === null ? null : value(statement.index))} = ${value(statement.value)}${offset};`);
            break;
          }
          case "complete": {
            const thread = value(statement.thread);
            const width = Math.max(1, ...this.#system.operations.map((operation) => operation.results.length));
            statement.results.forEach((result, k) => this.#lines.push(`   result[(${thread}) * ${width} + ${k}] = ${value(result)};`));
            if (statement.thread.op === "const") this.#lines.push(statement.thread.value === self ? "   own = 1;" : `   served[count] = ${thread}; count++;`);
            else this.#lines.push(`   if :: (${thread}) == ${self ?? -1} -> own = 1 :: else -> served[count] = ${thread}; count++ fi;`);
            break;
          }
          case "terminate":
            this.#lines.push("   if");
            for (const process of this.#system.processes) {
              const resets = process.locals.map((local) => `${name(this.#system.variables[local])} = 0;`);
              this.#lines.push(
                `   :: (${value(statement.thread)}) == ${process.index} -> ${name(this.#system.variables[process.pc])} = ${process.locations.length}; ${resets.join(" ")}`,
              );
            }
            this.#lines.push("   fi;");
            break;
        }
      }
      const end = block.end;
      if (end.op === "goto") this.#lines.push(`   goto ${labels[end.block]};`);
      else if (end.op === "branch") this.#lines.push(`   if :: ${value(end.condition)} -> goto ${labels[end.then]} :: else -> goto ${labels[end.else]} fi;`);
      else for (const line of leave(end)) this.#lines.push(`   ${line}`);
    });
  }

  /** A guard without loops, as one expression: temporaries are replaced by what they stand for. */
  #guard(code: Code, block: number, values: ReadonlyMap<number, Expr>, depth: number): Expr {
    const at = code.blocks[block];
    if (at === undefined || depth > 200) throw new NotExportable("a rule's guard contains a loop");
    const known = new Map(values);
    for (const statement of at.statements) if (statement.op === "let") known.set(statement.temp, substitute(statement.value, known));
    switch (at.end.op) {
      case "allow":
        return constant(1);
      case "deny":
      case "prune":
        return constant(0);
      case "goto":
        return this.#guard(code, at.end.block, known, depth + 1);
      case "branch": {
        const condition = substitute(at.end.condition, known);
        const yes = this.#guard(code, at.end.then, known, depth + 1);
        const no = this.#guard(code, at.end.else, known, depth + 1);
        if (yes.op === "const" && no.op === "const")
          return yes.value === no.value ? yes : yes.value !== 0 ? condition : { op: "unary", operator: "!", operand: condition };
        if (no.op === "const" && no.value === 0) return { op: "and", left: condition, right: yes };
        return { op: "select", condition, then: yes, else: no };
      }
      default:
        throw new NotExportable(`a guard ends in ${at.end.op}`);
    }
  }

  #expression(e: Expr, temps: readonly string[]): string {
    const value = (inner: Expr): string => this.#expression(inner, temps);
    switch (e.op) {
      case "const":
        return e.value < 0 ? `(${e.value})` : String(e.value);
      case "temp":
        return temps[e.temp] ?? `t${e.temp}`;
      case "load": {
        const variable = this.#system.variables[e.variable];
        const stored = place(variable, e.index === null ? null : value(e.index));
        return variable === undefined || variable.min === 0 ? stored : `(${stored} + (${variable.min}))`;
      }
      case "unary":
        return `(${e.operator}${value(e.operand)})`;
      case "and":
      case "or":
        return `(${value(e.left)} ${e.op === "and" ? "&&" : "||"} ${value(e.right)})`;
      case "select":
        return `(${value(e.condition)} -> ${value(e.then)} : ${value(e.else)})`;
      case "binary":
        if (e.operator === ">>>") throw new NotExportable("the operator >>> has no counterpart in Promela");
        return `(${value(e.left)} ${e.operator} ${value(e.right)})`;
    }
  }

  #use(temps: number): void {
    this.#temps = Math.max(this.#temps, temps);
  }
  #label(): string {
    return `L${this.#labels++}`;
  }
}

/** SPIN's names have letters, digits and underscores. */
export function claimName({ name: given }: LivenessFormula): string {
  return `claim_${given.replace(/\W/g, "_")}`;
}
const constant = (value: number): Expr => ({ op: "const", value });
const comment = (text: string): string => text.replaceAll("*/", "* /").replaceAll("\n", " ");
const name = (variable: Variable | undefined): string => `v${variable?.id ?? 0}`;
const place = (variable: Variable | undefined, index: string | null): string =>
  (variable?.length ?? 1) === 1 ? name(variable) : `${name(variable)}[${index ?? "0"}]`;

/** Values are stored as their distance from the minimum: array initialisers take no negative numbers. */
function declare(variable: Variable, initial: readonly number[]): string {
  const span = variable.max - variable.min;
  const type = span <= 255 ? "byte" : span < 0x8000 ? "short" : "int";
  const stored = initial.map((value) => value - variable.min);
  return `${type} ${name(variable)}${variable.length === 1 ? ` = ${stored[0] ?? 0}` : `[${variable.length}] = { ${stored.join(", ")} }`}; /* ${comment(variable.name)} ${variable.min}..${variable.max} */`;
}

/** The operations that a body completes. */
function completions(code: Code): ReadonlySet<number> {
  return new Set(code.blocks.flatMap((block) => block.statements.flatMap((statement) => (statement.op === "complete" ? [statement.operation] : []))));
}

function reachable(code: Code): ReadonlySet<number> {
  const seen = new Set<number>();
  const visit = [0];
  for (let at = visit.pop(); at !== undefined; at = visit.pop()) {
    const end = code.blocks[at]?.end;
    if (seen.has(at) || end === undefined) continue;
    seen.add(at);
    if (end.op === "goto") visit.push(end.block);
    if (end.op === "branch") visit.push(end.then, end.else);
  }
  return seen;
}

function substitute(e: Expr, values: ReadonlyMap<number, Expr>): Expr {
  const inside = (inner: Expr): Expr => substitute(inner, values);
  switch (e.op) {
    case "const":
      return e;
    case "temp":
      return values.get(e.temp) ?? e;
    case "load":
      return e.index === null ? e : { ...e, index: inside(e.index) };
    case "unary":
      return { ...e, operand: inside(e.operand) };
    case "select":
      return { ...e, condition: inside(e.condition), then: inside(e.then), else: inside(e.else) };
    case "and":
    case "or":
    case "binary":
      return { ...e, left: inside(e.left), right: inside(e.right) };
  }
}
