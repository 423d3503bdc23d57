/**
 * What is asked of runs, while the search goes on and when it has visited every state: each formula is judged on the product
 * of the expanded states with the automaton of its negation; progress on these states without the steps that serve a thread.
 */
import { unpack, type Layout } from "../layout.ts";
import type { Automaton } from "../../../model/ltl/automaton.ts";
import { automatonOf } from "../../../model/ltl/automaton.ts";
import { atomsOf, type Formula, normalForm } from "../../../model/ltl/formula.ts";
import { symmetryOf } from "../../../model/system/symmetry/groups.ts";
import { fire } from "../../../model/system/interpret.ts";
import type { Liveness, LivenessFormula, State, System } from "../../../model/system/system.ts";
import { type Nobody, nobodyServes } from "../../properties/stuck.ts";
import type { Bound, Finding, PathStep } from "../../result.ts";
import { formulasOf } from "../code/runs.ts";
import type { Pause } from "../crew.ts";
import type { StateGraph } from "../edge-log.ts";
import { Orbits } from "../orbits.ts";
import type { Store } from "../store.ts";
import type { SymmetryPlan } from "../symmetry.ts";
import { Components } from "./components.ts";
import { Constraints } from "./constraints.ts";
import { Exchange } from "./exchange.ts";
import { lassoOf, type LassoStep } from "./lasso.ts";
import { Lifting } from "./lifted.ts";
import { Product } from "./product.ts";

/** Threads that an edge of the log has a bit for. */
const mostThreads = 24;

/** Accepts every run. */
const anything: Automaton = { edges: [[{ yes: 0, no: 0, to: 0, marks: 0 }]], sets: 0 };

/** A formula with what is looked for on runs: its negation. */
interface Asked {
  readonly formula: LivenessFormula;
  readonly isGoal: boolean;
  readonly automaton: Automaton;
  readonly atoms: number;
}

/** What renaming replicas takes. */
interface Orders {
  readonly exchange: Exchange;
  readonly lifting: Lifting;
}

/** A lasso as it is shown: the steps that it takes, and the states of its cycle with the step from there; none where it stays. */
interface Shown {
  readonly path: readonly PathStep[];
  readonly loop: number;
  readonly cycle: readonly { readonly state: State; readonly move: PathStep | null }[];
}

/** What is asked of the runs of a system: of those among the states that have been expanded, as often as one likes. */
export class Runs {
  readonly #system: System;
  readonly #layout: Layout;
  readonly #store: Store;
  readonly #limit: number;
  readonly #constraints: Constraints;
  readonly #asked: readonly Asked[];
  /** Threads that have to make progress. */
  readonly #threads: readonly number[];
  /** Where states are kept in one order of their replicas. */
  readonly #orders: Orders | null;

  /** Tells the store what to write down of edges. `original`: the system as it was compiled. `limit`: bytes of memory. */
  constructor(system: System, original: System, liveness: Liveness, layout: Layout, store: Store, limit: number, orders: SymmetryPlan | null = null) {
    this.#system = system;
    if (orders === null) this.#orders = null;
    else {
      const exchange = new Exchange(system, orders.members, store);
      this.#orders = { exchange, lifting: new Lifting(system, layout, store, new Orbits(system, layout, store, orders), exchange) };
    }
    this.#layout = layout;
    this.#store = store;
    this.#limit = limit;
    this.#constraints = new Constraints(liveness.fairness, system.transitions.length);
    store.describe(this.#constraints.classOf, Uint8Array.from([...liveness.urgent.map(Number), 0]));
    this.#asked = formulasOf(liveness).map((formula, index) => ({
      formula,
      isGoal: index >= liveness.formulas.length,
      automaton: automatonOf(normalForm(byPosition(formula.formula), true)),
      atoms: atomsOf(formula.formula).length,
    }));
    this.#threads = liveness.progress === null ? [] : withoutTwins(original);
  }

  /** What is wrong with the runs that stay among the expanded states, or what kept us from finding out. */
  judge(pause: Pause): Promise<readonly Finding[] | Bound> {
    const graph = this.#store.graph();
    return new Judge(this.#system, this.#layout, this.#store, graph, this.#constraints, this.#asked, this.#limit, this.#orders, pause).findings(this.#threads);
  }
}

class Judge {
  readonly #system: System;
  readonly #layout: Layout;
  readonly #store: Store;
  readonly #graph: StateGraph;
  readonly #constraints: Constraints;
  readonly #asked: readonly Asked[];
  readonly #limit: number;
  readonly #orders: Orders | null;
  readonly #pause: Pause;
  readonly #found: Finding[] = [];

  constructor(
    system: System,
    layout: Layout,
    store: Store,
    graph: StateGraph,
    constraints: Constraints,
    asked: readonly Asked[],
    limit: number,
    orders: Orders | null,
    pause: Pause,
  ) {
    this.#system = system;
    this.#layout = layout;
    this.#store = store;
    this.#graph = graph;
    this.#constraints = constraints;
    this.#asked = asked;
    this.#limit = limit;
    this.#orders = orders;
    this.#pause = pause;
  }

  async findings(threads: readonly number[]): Promise<readonly Finding[] | Bound> {
    for (const [index, asked] of this.#asked.entries()) {
      const bound = await this.#formula(asked, index);
      if (bound !== null) return bound;
    }
    for (const thread of threads) {
      const bound = await this.#progress(thread);
      if (bound !== null) return bound;
    }
    return this.#found;
  }

  /** Whether memory does for an analysis of so many bytes. */
  #fits(bytes: number): boolean {
    return this.#graph.bytes + bytes <= this.#limit;
  }

  async #formula({ formula, isGoal, automaton, atoms }: Asked, index: number): Promise<Bound | null> {
    if (automaton.edges.length === 0) return null;
    const early = await this.#store.letters(index, this.#pause);
    if (early !== null) return early;
    const product = new Product(this.#graph, this.#constraints, automaton, atoms);
    if (!this.#fits(this.#bytes(product))) return "memory";
    const components = new Components(product, 0, this.#orders?.exchange ?? null);
    const bound = await components.find(this.#pause);
    if (bound !== null || !components.some) return bound;
    if (!this.#fits(2 * this.#bytes(product))) return "memory";
    const { path, loop, cycle } = this.#lasso(product, components, 0);
    const { name, text, site } = formula;
    if (isGoal) {
      const waiting = loop === path.length ? nobodyServes(this.#system, cycle[0]?.state ?? [], null) : null;
      const kind = loop < path.length ? "livelock" : (waiting?.kind ?? "liveness");
      const message = `${name} is not reached again${waiting === null ? "" : `: ${waiting.message}`}`;
      this.#found.push({ kind, property: name, message, site, threads: waiting?.threads ?? [], path, failing: false, loop });
    } else {
      this.#found.push({
        kind: "liveness",
        property: name,
        message: `${name}: ${text} is false${this.#meaning(formula)}`,
        site,
        threads: [],
        path,
        failing: false,
        loop,
      });
    }
    return null;
  }

  /** What the names of a formula stand for. */
  #meaning({ formula }: LivenessFormula): string {
    const atoms = atomsOf(formula).flatMap((atom) => this.#system.liveness?.atoms[atom] ?? []);
    return atoms.length === 0 ? "" : `, where ${atoms.map(({ name, text }) => `${name} is ${text}`).join(", ")}`;
  }

  /** Whether a trusted thread can be left without service for ever. */
  async #progress(thread: number): Promise<Bound | null> {
    if (thread >= mostThreads) throw new RangeError(`progress can be asked of the first ${mostThreads} threads only`);
    const bit = 1 << thread;
    const product = new Product(this.#graph, this.#constraints, anything, 0, bit);
    if (!this.#fits(this.#bytes(product))) return "memory";
    const components = new Components(product, bit, this.#orders?.exchange ?? null);
    const bound = await components.find(this.#pause);
    if (bound !== null || !components.some) return bound;
    if (!this.#fits(2 * this.#bytes(product))) return "memory";
    const { path, loop, cycle } = this.#lasso(product, components, bit, new Product(this.#graph, this.#constraints, anything, 0));
    const process = this.#system.processes[thread];
    const waiting = nobodyServes(this.#system, cycle[0]?.state ?? [], thread);
    const finding = this.#unserved(thread, cycle, loop === path.length, waiting);
    const property = `progress of ${process?.group ?? ""}`;
    const same = this.#found.findIndex((each) => each.kind === finding.kind && each.property === property);
    // Of replicas one is enough: the nearest to the start.
    if (same >= 0 && (this.#found[same]?.path.length ?? 0) <= path.length) return null;
    if (same >= 0) this.#found.splice(same, 1);
    this.#found.push({ ...finding, property, site: waiting.site, path, failing: false, loop });
    return null;
  }

  #unserved(thread: number, cycle: Shown["cycle"], isAtRest: boolean, waiting: Nobody): Pick<Finding, "kind" | "message" | "threads"> {
    if (isAtRest) return waiting;
    const { processes } = this.#system;
    const name = processes[thread]?.name ?? "";
    const others = processes.filter(({ index }) => index < mostThreads && cycle.some((step) => this.#serves(step, index)));
    if (others.length === 0) return { kind: "livelock", message: `${name} waits for ever, while others take steps that get nobody on`, threads: [thread] };
    return {
      kind: "starvation",
      message: `${name} waits for ever, while ${others.map((other) => other.name).join(", ")} ${others.length === 1 ? "is" : "are"} served`,
      threads: [thread],
    };
  }

  /** Whether a step ends an operation of the thread that could have waited: a load that ends is no service. */
  #serves({ state, move }: Shown["cycle"][number], thread: number): boolean {
    if (move === null) return false;
    const outcome = fire(this.#system, state, move);
    if (outcome.kind !== "state" || !outcome.completed.includes(thread)) return false;
    const transition = this.#system.transitions[move.transition];
    if (transition?.thread !== thread) return true;
    return (this.#system.processes[thread]?.locations[transition.location ?? -1]?.waits.length ?? 0) > 0;
  }

  #bytes(product: Product): number {
    return Components.bytes(product, this.#orders?.exchange ?? null);
  }

  /** The run of a product in which some component is fair; staying where one is is no step. */
  #lasso(product: Product, components: Components, harmed: number, way: Product = product): Shown {
    if (this.#orders !== null) return this.#orders.lifting.lasso(product, components, harmed, way);
    const { prefix, cycle } = lassoOf(product, components, harmed, way);
    const moveOf = ({ state, position }: LassoStep): PathStep | null => {
      const edge = this.#store.edges(state)[position];
      return edge === undefined ? null : { transition: edge.transition, pick: edge.pick };
    };
    const before = prefix.flatMap((step) => moveOf(step) ?? []);
    return {
      path: [...before, ...cycle.flatMap((step) => moveOf(step) ?? [])],
      loop: before.length,
      cycle: cycle.map((step) => ({ state: unpack(this.#layout, this.#store.words(step.state)), move: moveOf(step) })),
    };
  }
}

/** The trusted threads, one of each group that exchanges leave the same: what befalls one of them befalls the others in the mirror. */
function withoutTwins(system: System): readonly number[] {
  const { groups } = symmetryOf({ ...system, liveness: null });
  return system.processes.flatMap(({ index, stoppable }) => (stoppable || groups.some(({ members }) => members.indexOf(index) > 0) ? [] : [index]));
}

/** Atoms by their position among the formula's own, as letters have them. */
function byPosition(formula: Formula): Formula {
  const atoms = atomsOf(formula);
  const walk = (part: Formula): Formula => {
    if (part.op === "atom") return { op: "atom", atom: atoms.indexOf(part.atom) };
    if ("of" in part) return { ...part, of: walk(part.of) };
    return "left" in part ? { ...part, left: walk(part.left), right: walk(part.right) } : part;
  };
  return walk(formula);
}
