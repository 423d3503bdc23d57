/**
 * Exports a transition system to Promela, style `flat`: one proctype, one `do` loop, one `d_step` for each transition and
 * pick. Under `spin -o2 -a` and `-DNOREDUCE` SPIN stores exactly the states that the engine stores; its transitions are
 * the engine's plus one (the step into the initial state).
 */
import type { Decision } from "../trace.ts";
import { atomsOf, formulaText } from "../../model/ltl/formula.ts";
import { evaluate } from "../../model/system/interpret.ts";
import type { Expr, LivenessFormula, Location, State, System, Terminator, Transition } from "../../model/system/system.ts";
import { completions, constant, existence, NotExportable } from "./models/code.ts";
export { NotExportable } from "./models/code.ts";
import { comment, type Course, declare, nameOf, PromelaCode } from "./models/promela-code.ts";

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
  readonly #code: PromelaCode;

  constructor(system: System, initial: State, claims: readonly LivenessFormula[]) {
    this.#system = system;
    this.#initial = initial;
    this.#claims = claims;
    this.#code = new PromelaCode(system);
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
      ...Array.from({ length: this.#code.temps }, (_, i) => `hidden int t${i};`),
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
    return this.#atoms.map((atom) => `   p${atom} = (${this.#code.expression(this.#atom(atom), [])} -> 1 : 0);`);
  }
  /** Where nothing is left that has to happen a run may stay, though an untrusted thread could go on. */
  #stays(): void {
    if (this.#claims.length === 0 || this.#system.liveness?.urgent.every(Boolean) !== false) return;
    this.#lines.push(`:: d_step { !(${this.#urgent.length === 0 ? "0" : this.#urgent.join(" || ")}) -> skip }`);
  }

  #transition(transition: Transition, pick: number): void {
    const process = transition.thread === null ? null : this.#system.processes[transition.thread];
    const location = process?.locations[transition.location ?? -1];
    const guard = existence(transition, pick);
    if (guard.op === "const" && guard.value === 0) return;
    const at = process === null || process === undefined ? [] : [`${nameOf(this.#system.variables[process.pc])} == ${transition.location ?? 0}`];
    const condition = [...at, this.#code.expression(guard, [])].join(" && ");
    if (this.#system.liveness?.urgent[transition.id] === true) this.#urgent.push(`(${condition})`);
    const from = this.#lines.length;
    this.#lines.push(`:: d_step { /* ${comment(process?.name ?? "background")}: ${comment(transition.rule)} */ ${condition} ->`);
    this.#code.use(1);
    this.#lines.push(`   t0 = ${pick}; count = 0; next = 0; own = 0;`);
    const done = this.#code.label();
    const end = this.#code.label();
    const dynamic = new Set(completions(transition.body).map(({ operation }) => operation));
    const leave = (terminator: Terminator): readonly string[] => (terminator.op === "end" ? [`goto ${end};`] : this.#leave(terminator, done, true));
    this.#lines.push(...this.#code.graph(transition.body, 0, this.#course(leave, transition.thread)));
    this.#lines.push(`   ${end}: skip;`);
    const self = transition.thread;
    if (self !== null && location !== undefined && dynamic.has(location.operation)) {
      const others = this.#code.label();
      this.#lines.push(`   if :: own == 0 -> goto ${others} :: else fi;`);
      this.#continue(self, location, others, done);
      this.#lines.push(`   ${others}: skip;`);
    }
    this.#others(dynamic, self, done);
    this.#lines.push(`   ${done}: skip;`);
    for (const invariant of this.#system.invariants) this.#lines.push(`   assert(${this.#code.expression(invariant.holds, [])});`);
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
    const loop = this.#code.label();
    this.#lines.push(`   ${loop}: if :: next >= count -> goto ${done} :: else -> next++ fi;`, "   if");
    const labels = candidates.map(({ process, location }) => {
      const label = this.#code.label();
      this.#lines.push(`   :: served[next - 1] == ${process.index} && ${nameOf(this.#system.variables[process.pc])} == ${location.index} -> goto ${label}`);
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
    this.#code.use(base + Math.max(location.continuation.temps, location.results));
    const width = Math.max(1, ...this.#system.operations.map((operation) => operation.results.length));
    for (let i = 0; i < location.results; i++) this.#lines.push(`   t${base + i} = result[${thread * width + i}];`);
    const process = this.#system.processes[thread];
    const pc = nameOf(this.#system.variables[process?.pc ?? 0]);
    const leave = (terminator: Terminator): readonly string[] => {
      if (terminator.op === "yield") return [`${pc} = ${terminator.location};`, `goto ${after};`];
      if (terminator.op === "finish") return [`${pc} = ${process?.locations.length ?? 0};`, `goto ${after};`];
      return this.#leave(terminator, done);
    };
    this.#lines.push(...this.#code.graph(location.continuation, base, this.#course(leave, null)));
  }

  #leave(terminator: Terminator, done: string, excluded = false): readonly string[] {
    if (terminator.op === "fail") return [`assert(false); /* ${comment(this.#system.failures[terminator.failure]?.message ?? "")} */`, `goto ${done};`];
    if (terminator.op === "prune") {
      if (!excluded)
        throw new NotExportable("assume() after an operation has no counterpart in Promela: the step is known to be impossible only after it has begun");
      return ["assert(false); /* the guard excludes it */", `goto ${done};`];
    }
    throw new Error(`unexpected ${terminator.op}`);
  }

  /** What a step's body does to threads; `self` is its own thread. */
  #course(leave: Course["leave"], self: number | null): Course {
    const width = Math.max(1, ...this.#system.operations.map((operation) => operation.results.length));
    return {
      leave,
      complete: (statement, value) => {
        const thread = value(statement.thread);
        const results = statement.results.map((result, k) => `result[(${thread}) * ${width} + ${k}] = ${value(result)};`);
        if (statement.thread.op === "const") return [...results, statement.thread.value === self ? "own = 1;" : `served[count] = ${thread}; count++;`];
        return [...results, `if :: (${thread}) == ${self ?? -1} -> own = 1 :: else -> served[count] = ${thread}; count++ fi;`];
      },
      terminate: (thread) => [
        "if",
        ...this.#system.processes.map((process) => {
          const resets = process.locals.map((local) => `${nameOf(this.#system.variables[local])} = 0;`);
          return `:: (${thread}) == ${process.index} -> ${nameOf(this.#system.variables[process.pc])} = ${process.locations.length}; ${resets.join(" ")}`;
        }),
        "fi;",
      ],
    };
  }
}

/** SPIN's names have letters, digits and underscores. */
export function claimName({ name: given }: LivenessFormula): string {
  return `claim_${given.replace(/\W/g, "_")}`;
}
