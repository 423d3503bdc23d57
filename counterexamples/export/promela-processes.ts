/**
 * Exports a transition system to Promela, style `processes`: one proctype a thread, whose locations are control points of
 * the proctype and whose locals are its own variables, so that SPIN's partial order sees what a step leaves alone
 * (Holzmann and Peled, 1994). The verdict is the engine's; the numbers of states are not, because an operation that
 * somebody else ends is a message in the channel `due`, and the local code after it a step of its own. No step that
 * touches what is shared happens while that channel holds something.
 *
 * Blocking is judged by SPIN: a state where nobody can move is an invalid end state unless the threads stand at waits that
 * may last (`idle`), have stopped, or have finished. An untrusted thread may `halt` anywhere; what is done to it wakes it.
 */
import { evaluate } from "../../model/system/interpret.ts";
import type { Expr, Location, Process, State, System, Terminator, Transition, WaitInfo } from "../../model/system/system.ts";
import { both, completions, constant, demands, existence, NotExportable, parts, readBy, specialise, substitute, touchedBy, unpruned } from "./models/code.ts";
import { comment, type Course, declare, nameOf, PromelaCode } from "./models/promela-code.ts";

/** Returns the Promela text. `initial` is the system's initial state, entry code included. */
export function exportProcesses(system: System, initial: State): string {
  if (system.scheduling !== "free")
    throw new NotExportable(`scheduling "${system.scheduling}" has no counterpart in Promela; export the protocol with scheduling "free"`);
  return new ProcessesExport(system, initial).text();
}

/** One alternative at a control point. */
interface Option {
  readonly lines: readonly string[];
  /** Where the thread may stand afterwards. */
  readonly targets: ReadonlySet<number>;
}

class ProcessesExport {
  readonly #system: System;
  readonly #initial: State;
  readonly #code: PromelaCode;
  /** Variables that only the code of one thread touches; all others are shared. */
  readonly #private: ReadonlySet<number>;
  /** Threads whose location others look at. */
  readonly #mirrored: ReadonlySet<number>;
  /** What must hold always, by what it reads. */
  readonly #demands: readonly { readonly holds: Expr; readonly reads: ReadonlySet<number> }[];
  /** Results of an operation at most. */
  readonly #width: number;
  /** Operations that some step of another thread, or of none, may end, by thread. */
  readonly #served: readonly ReadonlySet<number>[];
  /** Threads that may be ended by others, or by a rule of their own. */
  readonly #mortal: ReadonlySet<number>;

  constructor(system: System, initial: State) {
    this.#system = system;
    this.#initial = initial;
    this.#code = new PromelaCode(system);
    this.#demands = demands(system).map(({ holds }) => ({ holds, reads: readBy(holds) }));
    this.#width = Math.max(1, ...system.operations.map((operation) => operation.results.length));
    this.#served = system.processes.map(
      ({ index }) =>
        new Set(
          system.transitions
            .filter(({ thread }) => thread !== index)
            .flatMap(({ body }) => completions(body).flatMap((each) => (each.thread === null || each.thread === index ? [each.operation] : []))),
        ),
    );
    const ended = system.transitions.flatMap(({ body }) => parts(body).statements.flatMap((each) => (each.op === "terminate" ? [each.thread] : [])));
    this.#mortal = new Set(system.processes.flatMap(({ index }) => (ended.some((e) => e.op !== "const" || e.value === index) ? [index] : [])));
    const users = this.#users();
    this.#private = new Set(
      system.processes.flatMap(({ locals, index }) => locals.filter((local) => [...(users.get(local) ?? [])].every((user) => user === index))),
    );
    this.#mirrored = new Set(system.processes.flatMap(({ pc, index }) => (users.has(pc) ? [index] : [])));
  }

  /** Whose code touches each variable; what must hold always and steps of no thread are nobody's, -1. */
  #users(): ReadonlyMap<number, ReadonlySet<number>> {
    const users = new Map<number, Set<number>>();
    const use = (variable: number, by: number): unknown => users.set(variable, (users.get(variable) ?? new Set()).add(by));
    for (const { reads } of this.#demands) for (const variable of reads) use(variable, -1);
    const graphs = [
      ...this.#system.transitions.flatMap(({ thread, guard, body }) => [guard, body].map((code) => ({ by: thread ?? -1, code }))),
      ...this.#system.processes.flatMap(({ index, locations }) => locations.map(({ continuation }) => ({ by: index, code: continuation }))),
    ];
    for (const { by, code } of graphs) {
      const { reads, writes } = touchedBy(code);
      for (const variable of [...reads, ...writes]) use(variable, by);
    }
    for (const { index, locations } of this.#system.processes)
      for (const { waits } of locations)
        for (const wait of waits) if (idleness(waits) === null) for (const e of [wait.when, wait.idle]) for (const variable of readBy(e)) use(variable, index);
    return users;
  }

  text(): string {
    const { processes, variables, name } = this.#system;
    const threads = processes.map((process) => this.#thread(process));
    const background = this.#background();
    const pcs = new Set(processes.map(({ pc }) => pc));
    const shared = variables.filter(
      ({ id }) => !this.#private.has(id) && (!pcs.has(id) || processes.some(({ pc, index }) => pc === id && this.#mirrored.has(index))),
    );
    const first = this.#demands.some(({ holds }) => evaluate(this.#initial, holds) === 0) ? ["active proctype beginning() { assert(false) }"] : [];
    return [
      `/* ${comment(name)}: ${processes.length} threads. Check with: spin -a FILE && cc -O2 -DSAFETY -o pan pan.c && ./pan */`,
      ...shared.map((variable) => declare(variable, this.#initial[variable.id] ?? variable.initial)),
      `chan due = [${processes.length}] of { byte${", int".repeat(this.#width)} }; /* operations that others have ended */`,
      ...[...this.#mortal].map((index) => `bit dead${index};`),
      ...Array.from({ length: this.#code.temps }, (_, i) => `hidden int t${i};`),
      `hidden int result[${this.#width}]; hidden int own;`,
      ...first,
      ...threads,
      ...background,
      "",
    ].join("\n");
  }

  #thread(process: Process): string {
    const { index, locations, stoppable, pc } = process;
    const options = locations.map((location) => this.#options(process, location));
    const dispatched = options.flat().some(({ targets }) => targets.size > 1);
    const locals = process.locals.flatMap((id) => {
      const variable = this.#system.variables[id];
      return variable !== undefined && this.#private.has(id) ? [`  ${declare(variable, this.#initial[id] ?? variable.initial)}`] : [];
    });
    const finished = locations.length;
    const lines = [
      `active proctype ${identifier(process.name)}_${index}() { /* ${comment(process.name)} */`,
      ...locals,
      ...(dispatched ? ["  byte next;"] : []),
      ...(stoppable ? ["  bit halt;"] : []),
      `  goto ${this.#point(process, this.#initial[pc]?.[0] ?? 0)};`,
    ];
    for (const location of locations) {
      const here = this.#point(process, location.index);
      lines.push(`${here}: /* ${comment(location.label)} */`, "  if");
      for (const { lines: text, targets } of options[location.index] ?? []) {
        const [target = location.index] = targets;
        if (targets.size <= 1) lines.push(`  :: ${text.join("\n")} -> goto ${this.#point(process, target)}`);
        else {
          lines.push(`  :: atomic { ${text.join("\n")};`, "     if");
          for (const to of targets) lines.push(`     :: next == ${to} -> next = 0; goto ${this.#point(process, to)}`);
          lines.push("     fi }");
        }
      }
      if (this.#mortal.has(index)) lines.push(`  :: dead${index} -> goto ${this.#point(process, finished)}`);
      if (stoppable) lines.push(`  :: !halt -> halt = 1; goto ${here}`);
      const idle = idleness(location.waits);
      if (!stoppable && idle === null) lines.push(`  :: timeout && ${this.#code.expression(idleWait(location.waits), [])} -> goto end_idle${location.index}`);
      lines.push("  fi;");
      if (!stoppable && idle === null) lines.push(`end_idle${location.index}: false;`);
    }
    const drain = this.#mortal.has(index) ? `due?${index}${", _".repeat(this.#width)}; goto ${this.#point(process, finished)}` : "false";
    lines.push(`${this.#point(process, finished)}: ${drain}`, "}");
    return lines.join("\n");
  }

  /** The label of a control point; a state where all stand at points whose names begin with "end" is a valid end. */
  #point(process: Process, index: number): string {
    const location = process.locations[index];
    if (location === undefined) return "end_finished";
    return `${process.stoppable || idleness(location.waits) === true ? "end_" : ""}at${index}`;
  }

  #options(process: Process, location: Location): readonly Option[] {
    const mine = location.transitions.flatMap((id) => {
      const transition = this.#system.transitions[id];
      if (transition === undefined) return [];
      return Array.from({ length: transition.picks }, (_, pick) => this.#step(transition, pick, process, location)).filter((option) => option !== null);
    });
    return this.#served[process.index]?.has(location.operation) === true ? [...mine, this.#resume(process, location)] : mine;
  }

  #background(): readonly string[] {
    const steps = this.#system.transitions.filter(({ thread }) => thread === null);
    const options = steps.flatMap((transition) =>
      Array.from({ length: transition.picks }, (_, pick) => this.#step(transition, pick, null, null)).filter((option) => option !== null),
    );
    if (options.length === 0) return [];
    return ["active proctype background() {", "end_background:", "  do", ...options.map(({ lines }) => `  :: ${lines.join("\n")}`), "  od", "}"];
  }

  /** A transition with one of its picks; null: it is never enabled. */
  #step(transition: Transition, pick: number, process: Process | null, location: Location | null): Option | null {
    const body = specialise(transition.body, [pick]);
    const { statements, ends } = parts(body);
    const self = process?.index ?? null;
    const [only] = statements;
    // `choose` and the like: nothing happens but that the operation ends with what is known beforehand.
    const plain =
      statements.length === 1 && ends.every(({ op }) => op !== "fail") && only?.op === "complete" && only.thread.op === "const" && only.thread.value === self;
    const known = plain && only.results.every(({ op }) => op === "const") ? only.results.map((e) => (e.op === "const" ? e.value : null)) : null;
    const own = known !== null || completions(body).some(({ thread, operation }) => operation === location?.operation && (thread === null || thread === self));
    const continuation = own && location !== null ? specialise(location.continuation, known ?? []) : null;
    const exists = existence(transition, pick);
    const guard = known === null || continuation === null ? exists : both(exists, unpruned(continuation, new Map()));
    if (guard.op === "const" && guard.value === 0) return null;
    const touched = [transition.guard, body, ...(continuation === null ? [] : [continuation])].map(touchedBy);
    const uses = (variable: number): boolean => readBy(guard).has(variable) || touched.some(({ reads, writes }) => reads.has(variable) || writes.has(variable));
    const free = known !== null && this.#system.variables.every(({ id }) => !uses(id) || this.#private.has(id)) && !(self !== null && this.#mirrored.has(self));
    const condition = [
      ...(free ? [] : ["empty(due)"]),
      ...(self !== null && this.#mortal.has(self) ? [`!dead${self}`] : []),
      ...(process?.stoppable === true ? ["!halt"] : []),
      ...(guard.op === "const" ? [] : [this.#code.expression(guard, [])]),
    ].join(" && ");
    const lines = [`d_step { /* ${comment(transition.rule)} */ ${condition === "" ? "true" : condition} ->`];
    const targets = new Set<number>();
    const done = this.#code.label();
    if (known !== null && continuation !== null && process !== null) {
      lines.push(...this.#continue(process, continuation, 0, done, targets, true));
    } else {
      const end = this.#code.label();
      const leave = (terminator: Terminator): readonly string[] => (terminator.op === "end" ? [`goto ${end};`] : this.#fail(terminator, done, true));
      if (own) lines.push("   own = 0;");
      // Who stays where he is goes back to where he stood.
      if (location !== null) targets.add(location.index);
      lines.push(...this.#code.graph(body, 0, this.#course(leave, self)), `   ${end}: skip;`);
      if (continuation !== null && process !== null) {
        lines.push(`   if :: own == 0 -> goto ${done} :: else fi;`);
        this.#code.use(continuation.temps);
        const results = location?.results ?? 0;
        for (let i = 0; i < results; i++) lines.push(`   t${i} = result[${i}];`);
        lines.push(...this.#continue(process, continuation, 0, done, targets));
      }
    }
    lines.push(`   ${done}: skip`, ...this.#asserts(free), "   }");
    return { lines: this.#going(lines, targets, location?.index ?? null), targets };
  }

  /** The local code of a thread whose operation somebody else has ended. */
  #resume(process: Process, location: Location): Option {
    const { continuation, results } = location;
    this.#code.use(Math.max(continuation.temps, results));
    const taken = Array.from({ length: this.#width }, (_, i) => (i < results ? `, t${i}` : ", _")).join("");
    const done = this.#code.label();
    const targets = new Set<number>([location.index]);
    const lines = [
      `d_step { due?${process.index}${taken} ->`,
      ...(process.stoppable ? ["   halt = 0;"] : []),
      ...(this.#mortal.has(process.index) ? [`   if :: dead${process.index} -> goto ${done} :: else fi;`] : []),
      ...this.#continue(process, continuation, 0, done, targets),
      `   ${done}: skip`,
      ...this.#asserts(false),
      "   }",
    ];
    return { lines: this.#going(lines, targets, location.index), targets };
  }

  /** Where there are several places to go, `next` says which; it holds the present one before anything else is known. */
  #going(lines: readonly string[], targets: ReadonlySet<number>, here: number | null): readonly string[] {
    const [first = "", ...rest] = lines;
    if (targets.size > 1) return [`${first} next = ${here ?? 0};`, ...rest];
    return lines.filter((line) => !line.trimStart().startsWith("next = "));
  }

  #continue(
    process: Process,
    code: Parameters<PromelaCode["graph"]>[0],
    base: number,
    done: string,
    targets: Set<number>,
    excluded = false,
  ): readonly string[] {
    const go = (to: number): readonly string[] => {
      targets.add(to);
      const mirror = this.#mirrored.has(process.index) ? [`${nameOf(this.#system.variables[process.pc])} = ${to};`] : [];
      return [`next = ${to};`, ...mirror, `goto ${done};`];
    };
    return this.#code.graph(
      code,
      base,
      this.#course((terminator) => {
        if (terminator.op === "yield") return go(terminator.location);
        if (terminator.op === "finish") return go(process.locations.length);
        return this.#fail(terminator, done, excluded);
      }, null),
    );
  }

  #fail(terminator: Terminator, done: string, excluded: boolean): readonly string[] {
    if (terminator.op === "fail") return [`assert(false); /* ${comment(this.#system.failures[terminator.failure]?.message ?? "")} */`, `goto ${done};`];
    if (terminator.op === "prune") {
      if (!excluded)
        throw new NotExportable("assume() after an operation has no counterpart in Promela: the step is known to be impossible only after it has begun");
      return ["assert(false); /* the guard excludes it */", `goto ${done};`];
    }
    throw new Error(`unexpected ${terminator.op}`);
  }

  #course(leave: Course["leave"], self: number | null): Course {
    return {
      leave,
      complete: ({ thread, results }, value) => {
        const mine = [...results.map((result, k) => `result[${k}] = ${value(result)};`), "own = 1;"];
        const given = Array.from({ length: this.#width }, (_, k) => (results[k] === undefined ? "0" : value(results[k])));
        const theirs = `due!${value(thread)}, ${given.join(", ")};`;
        if (thread.op === "const") return thread.value === self ? mine : [theirs];
        return self === null ? [theirs] : [`if :: (${value(thread)}) == ${self} -> ${mine.join(" ")} :: else -> ${theirs} fi;`];
      },
      terminate: (thread) => {
        const ends = this.#system.processes.flatMap((process) => {
          if (!this.#mortal.has(process.index)) return [];
          const pc = this.#mirrored.has(process.index) ? [`${nameOf(this.#system.variables[process.pc])} = ${process.locations.length};`] : [];
          const resets = process.locals.filter((local) => !this.#private.has(local)).map((local) => `${nameOf(this.#system.variables[local])} = 0;`);
          return [`:: (${thread}) == ${process.index} -> dead${process.index} = 1; ${[...pc, ...resets].join(" ")}`];
        });
        return ["if", ...ends, ":: else", "fi;"];
      },
    };
  }

  /** What must hold always, once all local code that belongs to a step has run. */
  #asserts(free: boolean): readonly string[] {
    if (free) return [];
    return this.#demands.map(({ holds }) => `   ; assert(nempty(due) || ${this.#code.expression(holds, [])})`);
  }
}

/** Whether a thread that blocks at such waits waits for its next request; null: that depends on the state. */
function idleness(waits: readonly WaitInfo[]): boolean | null {
  if (waits.length === 0) return false;
  const known = waits.map(({ idle }) => (idle.op === "const" ? idle.value !== 0 : null));
  return known.every((each) => each === known[0]) ? (known[0] ?? null) : null;
}
/** That the first wait which applies is idle. */
const idleWait = (waits: readonly WaitInfo[]): Expr =>
  waits.reduceRight<Expr>((rest, { when, idle }) => substitute({ op: "select", condition: when, then: idle, else: rest }, new Map()), constant(0));

const identifier = (text: string): string => text.replace(/\W/gu, "_").replace(/^(?=\d)/u, "_");
