/**
 * A second look at the states of a search: which transitions fire and how often, where threads ever stand, and which
 * invariants say less than they seem to (vacuity: Beer, Ben-David, Eisner and Rodeh, "Efficient Detection of Vacuity in
 * Temporal Model Checking", 2001). The states are expanded again; nothing of this costs the search itself anything.
 */
import { evaluate } from "../../model/system/interpret.ts";
import type { ReplicaGroup } from "../../model/system/symmetry/groups.ts";
import type { Expr, State, System } from "../../model/system/system.ts";
import type { Bound, Census, Triviality } from "../result.ts";
import { type Field, fieldOf, fieldsOf, readField } from "./fields.ts";
import type { Layout } from "./layout.ts";
import { Profiler } from "./profile.ts";
import type { Store } from "./store.ts";

/** States between two looks at the event loop. */
const stretch = 10_000;

/**
 * Null if it was interrupted. `original`: the system before ranges decided parts of it. `groups`: replicas of which the
 * states have one order only; what one of them does, all do.
 */
export async function takeCensus(
  system: System,
  original: System,
  layout: Layout,
  store: Store,
  withProfile: boolean,
  pause: () => Promise<Bound | null>,
  groups: readonly ReplicaGroup[] = [],
): Promise<Census | null> {
  const { count } = store;
  const fired = new Float64Array(system.transitions.length);
  const enabled = new Float64Array(system.transitions.length);
  const lastSeen = new Int32Array(system.transitions.length).fill(-1);
  const at = system.processes.map(({ locations }) => Array.from({ length: locations.length + 1 }, () => 0));
  const positions = system.processes.map(({ pc }) => fieldOf(layout, pc));
  const premises = original.invariants.map(({ holds }) => new Premise(system, layout, holds));
  const atoms = (original.liveness?.atoms ?? []).map(({ holds }) => new Predicate(system, layout, holds));
  const profiler = withProfile ? new Profiler(original, layout) : null;

  for (let state = 0; state < count; state++) {
    if (state % stretch === 0 && (await pause()) !== null) return null;
    const halves = store.halves(state);
    for (const [process, field] of positions.entries()) {
      const row = at[process] as number[];
      const location = Math.min(readField(halves, field), row.length - 1);
      row[location] = (row[location] ?? 0) + 1;
    }
    for (const premise of premises) premise.meet(halves);
    for (const atom of atoms) atom.meet(halves);
    profiler?.meet(halves);
    store.survey(state, (transition) => {
      fired[transition] = (fired[transition] ?? 0) + 1;
      if (lastSeen[transition] === state) return;
      lastSeen[transition] = state;
      enabled[transition] = (enabled[transition] ?? 0) + 1;
    });
  }
  for (const { members } of groups) {
    shareAlike(members.map((thread) => at[thread] ?? []));
    const steps = (thread: number): readonly number[] => system.processes[thread]?.locations.flatMap(({ transitions }) => transitions) ?? [];
    for (const counts of [fired, enabled]) {
      const rows = members.map((thread) => steps(thread).map((transition) => counts[transition] ?? 0));
      shareAlike(rows);
      for (const [i, thread] of members.entries()) for (const [k, transition] of steps(thread).entries()) counts[transition] = rows[i]?.[k] ?? 0;
    }
  }
  return {
    states: count,
    fired: [...fired],
    enabled: [...enabled],
    at,
    trivial: premises.flatMap((premise, invariant): readonly Triviality[] => {
      const why = isRenamed(original, invariant, groups) ? null : premise.verdict();
      return why === null ? [] : [{ invariant, why }];
    }),
    decided: atoms.map((atom) => atom.decided),
    profile: profiler?.profile() ?? null,
  };
}

/** Gives every row the sums of all. */
function shareAlike(rows: readonly number[][]): void {
  const [first] = rows;
  for (const [i] of (first ?? []).entries()) {
    const sum = rows.reduce((total, row) => total + (row[i] ?? 0), 0);
    for (const row of rows) row[i] = sum;
  }
}

/** Whether an invariant reads what changes with the order of replicas: of that the states show one order only. */
function isRenamed(system: System, invariant: number, groups: readonly ReplicaGroup[]): boolean {
  const holds = system.invariants[invariant]?.holds;
  if (holds === undefined) return false;
  const read = variablesOf(holds);
  return groups.some(({ action }) => [...read].some((variable) => action.variables[variable]?.values != null || action.variables[variable]?.elements != null));
}

/** What the variables of an expression are seen to be. They are memory, which keeps its shape. */
class Sightings {
  readonly #fields: readonly { readonly variable: number; readonly fields: readonly Field[] }[];
  readonly #blank: State;
  readonly #seen = new Set<string>();

  constructor(system: System, layout: Layout, expr: Expr) {
    this.#fields = [...variablesOf(expr)].map((variable) => ({ variable, fields: fieldsOf(layout, variable) }));
    this.#blank = system.variables.map(({ initial }) => initial);
  }

  get count(): number {
    return this.#seen.size;
  }
  /** A state with these values, if they have not been seen together before. */
  meet(halves: Uint32Array): State | null {
    const values = this.#fields.map(({ fields }) => fields.map((field) => readField(halves, field)));
    const key = values.join(";");
    if (this.#seen.has(key)) return null;
    this.#seen.add(key);
    const state = [...this.#blank];
    for (const [i, { variable }] of this.#fields.entries()) state[variable] = values[i] ?? [];
    return state;
  }
}

/** What becomes of one invariant in the states that there are. */
class Premise {
  readonly #sightings: Sightings;
  /** Disjunctions whose left side has been false somewhere. */
  readonly #open: Set<Expr> = new Set();
  readonly #disjunctions: readonly Expr[];

  constructor(system: System, layout: Layout, invariant: Expr) {
    this.#sightings = new Sightings(system, layout, invariant);
    this.#disjunctions = disjunctionsOf(invariant);
  }

  meet(halves: Uint32Array): void {
    const state = this.#sightings.meet(halves);
    if (state === null || this.#open.size === this.#disjunctions.length) return;
    for (const each of this.#disjunctions) if (each.op === "or" && evaluate(state, each.left) === 0) this.#open.add(each);
  }

  verdict(): Triviality["why"] | null {
    if (this.#sightings.count <= 1) return "constant";
    return this.#disjunctions.some((each) => !this.#open.has(each)) ? "premise" : null;
  }
}

/** Whether a predicate has one value in all states. */
class Predicate {
  readonly #sightings: Sightings;
  readonly #holds: Expr;
  readonly #values = new Set<boolean>();

  constructor(system: System, layout: Layout, holds: Expr) {
    this.#sightings = new Sightings(system, layout, holds);
    this.#holds = holds;
  }

  meet(halves: Uint32Array): void {
    const state = this.#sightings.meet(halves);
    if (state !== null) this.#values.add(evaluate(state, this.#holds) !== 0);
  }

  get decided(): boolean | null {
    const [value] = this.#values;
    return this.#values.size === 1 ? (value ?? null) : null;
  }
}

/** Disjunctions that the invariant comes to: itself, or what a conjunction joins. Deeper ones are often there on purpose. */
function disjunctionsOf(expr: Expr): readonly Expr[] {
  if (expr.op === "or") return [expr];
  return expr.op === "and" ? [...disjunctionsOf(expr.left), ...disjunctionsOf(expr.right)] : [];
}

function variablesOf(expr: Expr, found: Set<number> = new Set()): ReadonlySet<number> {
  switch (expr.op) {
    case "const":
    case "temp":
      return found;
    case "load":
      found.add(expr.variable);
      if (expr.index !== null) variablesOf(expr.index, found);
      return found;
    case "unary":
      return variablesOf(expr.operand, found);
    case "select":
      variablesOf(expr.condition, found);
      variablesOf(expr.then, found);
      return variablesOf(expr.else, found);
    case "binary":
    case "and":
    case "or":
      variablesOf(expr.left, found);
      return variablesOf(expr.right, found);
  }
}
