/**
 * Gives every place of a system its sort, for one group of replicas: places that values pass between are of one sort, what
 * the system declares to be a thread is one, and where the code of two replicas differs in a constant, that constant tells
 * them apart. The rest is plain.
 */
import type { Code, Expr, Location, Process, Statement, System, Terminator, Transition } from "../system.ts";
import { Sorts, type Term, type Where } from "./sorts.ts";

/** How the index of an array is made up: `owner * stride + rest`; `owner` is of the given sort. */
export interface Index {
  readonly owner: Term;
  readonly stride: number;
}

/** A constant and the sort of the place where it stands. */
interface Slot {
  readonly value: number;
  readonly term: Term;
}
/** A piece of code or an expression: all of it in `shape`, but for its constants and variables, in their order. */
export interface Piece {
  readonly shape: string;
  readonly slots: readonly Slot[];
  readonly variables: readonly number[];
}
/** A constant that a number is compared with by size, or tested against as a truth. */
export interface Threshold {
  readonly term: Term;
  /** The least number on the upper side; `only`: that number by itself. */
  readonly from: number;
  readonly only: boolean;
  readonly where: Where;
}

/** What a piece of code is, and how its first temporaries are typed. */
export interface Scope {
  readonly temps: readonly Term[];
  readonly where: Where;
  /** Other names for temporaries than their numbers. */
  readonly names?: ReadonlyMap<number, string>;
}

/** What a constant is typed as: by the place that it stands in. */
type Typed = Term | { readonly constant: number; readonly slot: number };
const isTerm = (typed: Typed): typed is Term => "place" in typed;

export class Typing {
  readonly sorts: Sorts = new Sorts();
  readonly thresholds: Threshold[] = [];
  readonly #system: System;
  /** Values of each variable. */
  readonly values: readonly Term[];
  readonly indexes: readonly (Index | null)[];
  readonly thread: Term;
  readonly #results: readonly (readonly Term[])[];
  readonly #choices: WeakMap<Expr, Term> = new WeakMap();
  readonly #pieces: WeakMap<Code | Expr, Piece> = new WeakMap();
  /** Of the piece that is being looked at. */
  #slots: Slot[] = [];
  #named: number[] = [];
  #shape: string = "";

  /** `members` are the replicas' numbers; `cpus`: what a CPU's number is a thread's, at this distance; null: CPUs stay. */
  constructor(system: System, members: readonly Process[], cpus: number | null) {
    this.#system = system;
    const { sorts } = this;
    this.thread = sorts.place();
    sorts.makeThread(this.thread, 0, "");
    const cpu = sorts.place();
    if (cpus === null) sorts.makePlain(cpu, { site: null, what: "" }, "");
    else sorts.makeThread(cpu, cpus, "");
    const values = system.variables.map(({ type }) => (type.kind === "thread" ? this.thread : sorts.place()));
    // Replicas have the same locals, in the same order.
    for (const process of members) {
      process.locals.forEach((local, i) => {
        const first = values[members[0]?.locals[i] ?? local];
        if (first !== undefined) values[local] = first;
      });
    }
    if (cpus !== null) {
      const buffers = members.map(({ cpu: of }) => system.memory?.buffers.find((buffer) => buffer.cpu === of));
      for (const part of ["address", "value", "fill"] as const) {
        const first = values[buffers[0]?.[part] ?? -1];
        for (const buffer of buffers) if (buffer !== undefined && first !== undefined) values[buffer[part]] = first;
      }
    }
    for (const { pc } of system.processes) values[pc] = sorts.plain;
    this.values = values;
    this.indexes = system.variables.map(({ scope, length }): Index | null => {
      if (length === 1) return null;
      if (scope === "thread") return { owner: this.thread, stride: length / system.processes.length };
      if (scope === "cpu") return { owner: cpu, stride: length / system.cpus };
      return { owner: scope === "object" ? sorts.plain : sorts.place(), stride: 1 };
    });
    this.#results = system.operations.map(({ results }) => results.map(({ type }) => (type.kind === "thread" ? this.thread : sorts.place())));
    for (const process of system.processes) this.#process(process);
    for (const transition of system.transitions) if (transition.kind === "background") this.#transition(transition, null);
    for (const { holds, site, name } of system.invariants) this.#truth(holds, { temps: [], where: { site, what: `the invariant ${name}` } });
    for (const { holds, site, name } of system.liveness?.atoms ?? []) this.#truth(holds, { temps: [], where: { site, what: `the predicate ${name}` } });
    if (system.memory?.settled != null) this.#truth(system.memory.settled, this.scope([], null, "the memory"));
    this.#compare(members);
  }

  scope(temps: readonly Term[], location: Location | null, what: string): Scope {
    return { temps, where: { site: location?.site ?? null, what } };
  }
  /** Types of a code's temporaries; the same for every look at the same code. */
  temps(code: Code, given: readonly Term[]): readonly Term[] {
    let known = this.#temps.get(code);
    if (known === undefined) {
      known = Array.from({ length: code.temps }, (_, i) => given[i] ?? this.sorts.place());
      this.#temps.set(code, known);
    }
    return known;
  }
  readonly #temps: WeakMap<Code, readonly Term[]> = new WeakMap();
  resultsOf(operation: number): readonly Term[] {
    return this.#results[operation] ?? [];
  }

  /** What was noted when this was typed. */
  piece(of: Code | Expr): Piece | null {
    return this.#pieces.get(of) ?? null;
  }

  #process(process: Process): void {
    this.#code(process.entry, [], null, `the code at the start of ${process.name}`);
    for (const location of process.locations) {
      this.#code(location.continuation, this.resultsOf(location.operation), location, `what follows ${location.label}`);
      for (const id of location.transitions) {
        const transition = this.#system.transitions[id];
        if (transition !== undefined) this.#transition(transition, location);
      }
      const plain = this.scope([], location, location.label);
      for (const wait of location.waits) {
        this.#truth(wait.when, plain);
        this.#truth(wait.idle, plain);
        if (wait.until !== null) this.#truth(wait.until, plain);
        for (const { when } of wait.wakers) this.#truth(when, this.wakerScope(location));
      }
      for (const each of [location.transient, location.bound]) if (each != null) this.#truth(each, plain);
      const { access } = location;
      const index = access?.index;
      if (access != null && index != null) this.#note(index, () => this.#element(access.variable, index, plain));
    }
    const { inherited } = process;
    if (inherited != null) this.#note(inherited, () => this.#as(inherited, this.sorts.plain, this.scope([], null, process.name)));
  }
  wakerScope(location: Location): Scope {
    return this.scope([this.thread], location, location.label);
  }

  #transition(transition: Transition, location: Location | null): void {
    const pick = this.pickOf(transition);
    for (const code of [transition.guard, transition.body]) this.#code(code, [pick], location, `${location?.label ?? "the kernel"} (${transition.rule})`);
  }
  /** The sort of a transition's picks. */
  pickOf({ guard, body }: Transition): Term {
    const known = this.temps(guard, []);
    const pick = known[0] ?? this.sorts.place();
    this.temps(body, [pick]);
    return pick;
  }

  #code(code: Code, given: readonly Term[], location: Location | null, what: string): void {
    const scope = this.scope(this.temps(code, given), location, what);
    this.#note(code, () => {
      for (const block of code.blocks) {
        for (const statement of block.statements) this.#statement(statement, scope);
        this.#end(block.end, scope);
      }
    });
  }
  /** Types a piece, and notes what it consists of. */
  #note(of: Code | Expr, type: () => void): void {
    this.#slots = [];
    this.#named = [];
    this.#shape = "";
    type();
    this.#pieces.set(of, { shape: this.#shape, slots: this.#slots, variables: this.#named });
  }
  #constant(value: number, term: Term): number {
    return this.#slots.push({ value, term }) - 1;
  }
  /** An index that is a constant: of its owner, and the rest. */
  #owned(value: number, owner: Term, stride: number): void {
    this.#shape += `${stride} `;
    const at = Math.floor(value / stride);
    this.#constant(at, owner);
    this.#constant(value - at * stride, this.sorts.plain);
  }

  #end(end: Terminator, scope: Scope): void {
    this.#shape += `${end.op} `;
    switch (end.op) {
      case "goto":
        this.#shape += `${end.block} `;
        return;
      case "branch":
        this.#shape += `${end.then} ${end.else} `;
        return this.#part(end.condition, scope);
      case "yield":
        this.#shape += `${end.location} `;
        return;
      case "fail": {
        const failure = this.#system.failures[end.failure];
        this.#shape += `${failure?.kind} ${failure?.message} `;
        return;
      }
      default:
        return;
    }
  }

  #statement(statement: Statement, scope: Scope): void {
    this.#shape += `${statement.op} `;
    switch (statement.op) {
      case "let":
        this.#shape += `${statement.temp} `;
        return this.#as(statement.value, scope.temps[statement.temp] ?? this.sorts.plain, scope);
      case "assign":
        this.#element(statement.variable, statement.index, scope);
        return this.#as(statement.value, this.values[statement.variable] ?? this.sorts.plain, scope);
      case "complete":
        this.#shape += `${statement.operation} ${statement.results.length} `;
        this.#as(statement.thread, this.thread, scope);
        statement.results.forEach((result, i) => this.#as(result, this.resultsOf(statement.operation)[i] ?? this.sorts.plain, scope));
        return;
      case "terminate":
        return this.#as(statement.thread, this.thread, scope);
    }
  }
  #element(variable: number, index: Expr | null, scope: Scope): void {
    this.#named.push(variable);
    this.#shape += index === null ? "all " : "at ";
    if (index !== null) this.index(variable, index, scope, true);
  }

  /** The expression stands where values of the term's sort are expected. */
  #as(expression: Expr, term: Term, scope: Scope): void {
    this.#meet(this.#type(expression, scope), term, scope);
  }
  #meet(typed: Typed, term: Term, scope: Scope): void {
    if (isTerm(typed)) this.sorts.same(typed, term, scope.where);
    else this.#slots[typed.slot] = { value: typed.constant, term };
  }
  #truth(expression: Expr, scope: Scope): void {
    this.#note(expression, () => this.#part(expression, scope));
  }
  /** A truth that is a part of a piece. */
  #part(expression: Expr, scope: Scope): void {
    const typed = this.#type(expression, scope);
    if (isTerm(typed)) this.#threshold(typed, 0, true, scope);
  }
  #threshold(term: Term, from: number, only: boolean, { where }: Scope): void {
    this.thresholds.push({ term, from, only, where });
  }

  /** The sort of an index's owner, or null where the index is a constant. Types the parts if `enter`. */
  index(variable: number, index: Expr, scope: Scope, enter: boolean): { readonly owner: Expr; readonly rest: readonly Expr[] } | null {
    const { owner, stride } = this.indexes[variable] ?? { owner: this.sorts.plain, stride: 1 };
    if (stride === 1) {
      if (enter) this.#as(index, owner, scope);
      return { owner: index, rest: [] };
    }
    if (index.op === "const") {
      if (enter) this.#owned(index.value, owner, stride);
      return null;
    }
    const terms = addends(index);
    const scaled = terms.findIndex((each) => each.op === "binary" && each.operator === "*" && each.right.op === "const" && each.right.value === stride);
    const found = terms[scaled];
    const rest = terms.filter((_, i) => i !== scaled);
    if (enter) {
      this.#shape += `${stride}*${scaled} of ${terms.length} `;
      if (found?.op === "binary") this.#as(found.left, owner, scope);
      for (const each of rest) {
        // Without an owner of its own, the constant part names it.
        if (found === undefined && each.op === "const") this.#owned(each.value, owner, stride);
        else this.#plain(each, scope);
      }
    }
    return { owner: found?.op === "binary" ? found.left : { op: "const", value: 0 }, rest };
  }

  #plain(expression: Expr, scope: Scope): void {
    const typed = this.#type(expression, scope);
    if (isTerm(typed)) this.sorts.makePlain(typed, scope.where, "a number that tells replicas apart is computed with");
  }

  /** The sort of an expression's values, where it has been entered before. */
  sortOf(expression: Expr, scope: Scope): Term | null {
    switch (expression.op) {
      case "const":
        return null;
      case "temp":
        return scope.temps[expression.temp] ?? null;
      case "load":
        return this.values[expression.variable] ?? null;
      case "select":
        return this.#choices.get(expression) ?? null;
      case "binary": {
        const shift = shiftOf(expression);
        const inner = shift === null ? null : this.sortOf(shift.of, scope);
        return shift === null || inner === null ? this.sorts.plain : { place: inner.place, shift: inner.shift + shift.by };
      }
      default:
        return this.sorts.plain;
    }
  }

  #type(expression: Expr, scope: Scope): Typed {
    this.#shape += `${expression.op} `;
    switch (expression.op) {
      case "const":
        // Where it stands is not known yet.
        return { constant: expression.value, slot: this.#constant(expression.value, this.sorts.plain) };
      case "temp":
        this.#shape += `${expression.temp} `;
        return scope.temps[expression.temp] ?? this.sorts.plain;
      case "load":
        this.#element(expression.variable, expression.index, scope);
        return this.values[expression.variable] ?? this.sorts.plain;
      case "unary":
        this.#shape += `${expression.operator} `;
        if (expression.operator === "!") this.#part(expression.operand, scope);
        else this.#plain(expression.operand, scope);
        return this.sorts.plain;
      case "and":
      case "or":
        this.#part(expression.left, scope);
        this.#part(expression.right, scope);
        return this.sorts.plain;
      case "select": {
        this.#part(expression.condition, scope);
        const choice = this.#choices.get(expression) ?? this.sorts.place();
        this.#choices.set(expression, choice);
        this.#as(expression.then, choice, scope);
        this.#as(expression.else, choice, scope);
        return choice;
      }
      case "binary":
        return this.#binary(expression, scope);
    }
  }

  #binary(expression: Extract<Expr, { op: "binary" }>, scope: Scope): Typed {
    const { operator, left, right } = expression;
    this.#shape += `${operator} `;
    switch (operator) {
      case "==":
      case "!=": {
        const [a, b] = [this.#type(left, scope), this.#type(right, scope)];
        const [one, other] = isTerm(a) ? [a, b] : [b, a];
        this.#meet(other, isTerm(one) ? one : this.sorts.plain, scope);
        if (!isTerm(one)) this.#meet(one, this.sorts.plain, scope);
        return this.sorts.plain;
      }
      case "<":
      case "<=":
      case ">":
      case ">=": {
        const [a, b] = [this.#type(left, scope), this.#type(right, scope)];
        if (isTerm(a) && !isTerm(b)) this.#threshold(a, b.constant + Number(operator === "<=" || operator === ">"), false, scope);
        else if (isTerm(b) && !isTerm(a)) this.#threshold(b, a.constant + Number(operator === "<" || operator === ">="), false, scope);
        else for (const each of [a, b]) if (isTerm(each)) this.sorts.makePlain(each, scope.where, "numbers that tell replicas apart are compared by size");
        return this.sorts.plain;
      }
      default: {
        const shift = shiftOf(expression);
        const inner = shift === null ? null : this.#type(shift.of, scope);
        if (shift !== null && inner !== null && isTerm(inner)) {
          this.#shape += `${shift.by} `;
          return { place: inner.place, shift: inner.shift + shift.by };
        }
        this.#plain(left, scope);
        this.#plain(right, scope);
        return this.sorts.plain;
      }
    }
  }

  /** Constants in which neighbouring replicas differ tell them apart, where their code is the same otherwise. */
  #compare(members: readonly Process[]): void {
    const codes = members.map(({ locations }) =>
      locations.map(({ continuation, transitions }) => [
        continuation,
        ...transitions.flatMap((id) => {
          const transition = this.#system.transitions[id];
          return transition === undefined ? [] : [transition.guard, transition.body];
        }),
      ]),
    );
    for (const [i, a] of members.entries()) {
      const b = members[i + 1];
      if (b === undefined) break;
      const apart = Math.abs(a.index - b.index);
      for (const [at, pieces] of (codes[i] ?? []).entries()) {
        for (const [which, code] of pieces.entries()) {
          const there = codes[i + 1]?.[at]?.[which];
          const [mine, theirs] = [this.piece(code), there === undefined ? null : this.piece(there)];
          if (mine === null || theirs === null || mine.shape !== theirs.shape) continue;
          for (const [slot, { value, term }] of mine.slots.entries()) {
            const other = theirs.slots[slot]?.value ?? value;
            if (Math.abs(value - other) !== apart) continue;
            this.sorts.makeThread(
              term,
              Math.min(value, other) - Math.min(a.index, b.index),
              "a number that tells replicas apart is used as an ordinary number",
            );
          }
        }
      }
    }
  }
}

/** The terms of a sum. */
function addends(expression: Expr): readonly Expr[] {
  if (expression.op === "binary" && expression.operator === "+") return [...addends(expression.left), ...addends(expression.right)];
  return [expression];
}

/** An expression plus a constant. */
function shiftOf({ operator, left, right }: Extract<Expr, { op: "binary" }>): { readonly of: Expr; readonly by: number } | null {
  if (operator !== "+" && operator !== "-") return null;
  if (right.op === "const") return { of: left, by: operator === "+" ? right.value : -right.value };
  return operator === "+" && left.op === "const" ? { of: right, by: left.value } : null;
}
