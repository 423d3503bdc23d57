/**
 * What is asked of runs, on the graph that the naive checker has walked. No automaton: the nodes are pairs of a state and a
 * consistent choice of which temporal subformulas hold there (Lichtenstein and Pnueli, "Checking that finite state concurrent
 * programs satisfy their linear specification", 1985), and a component counts if every `until` that is claimed in it comes
 * true in it and all fairness constraints are met.
 */
import { withMemory } from "../../model/language/memory.ts";
import type { Fairness } from "../../model/language/liveness.ts";
import type { Instance, ViolationKind } from "../../model/language/protocol.ts";
import { always, eventually, type Formula, not } from "../../model/ltl/formula.ts";
import { parseFormula } from "../../model/ltl/parse.ts";
import type { Model, Move, State } from "./model.ts";

/** A step from a state to a state; `move` null: the run stays. */
export interface RunEdge {
  readonly to: RunNode;
  readonly move: Move | null;
  /** As the source names the operation of the step. */
  readonly label: string;
  /** Threads whose operations it ends. */
  readonly ended: readonly number[];
}
export interface RunNode {
  readonly state: State;
  readonly edges: RunEdge[];
  /** Trusted threads that wait, not at rest, or are not let run. */
  readonly harmed: number[];
}

/** What is asked in place of what the protocol says. */
export interface NaiveRunOptions {
  readonly progress?: boolean;
  readonly fairness?: Fairness;
}

/** A constraint: what enables it, and what satisfies it. */
interface Constraint {
  readonly strong: boolean;
  enables(edge: RunEdge): boolean;
  satisfies(edge: RunEdge): boolean;
}

/** Whether anything is asked of runs. */
export function asksRuns({ protocol }: Instance, options: NaiveRunOptions): boolean {
  return Object.keys(protocol.liveness).length > 0 || protocol.progress !== null || options.progress === true;
}

/** Where a run may stay: no step is left that has to be taken. */
export function stayWhereAllowed({ instance }: Model, node: RunNode): void {
  const urgent = ({ move }: RunEdge): boolean =>
    instance.protocol.scheduling !== "free" || move === null || move.thread < 0 || instance.threads[move.thread]?.untrusted === false;
  if (!node.edges.some(urgent)) node.edges.push({ to: node, move: null, label: "", ended: [] });
}

/** The properties that some fair run violates: formulas by name, progress of threads by group. */
export function violatedRuns(
  model: Model,
  nodes: readonly RunNode[],
  values: (state: State) => Record<string, unknown>,
  options: NaiveRunOptions,
): readonly { readonly kind: ViolationKind | "progress"; readonly property: string }[] {
  const { instance } = model;
  const { protocol } = instance;
  const fairness = constraintsOf(instance, options.fairness);
  const found: { kind: ViolationKind | "progress"; property: string }[] = [];
  const truth = (predicate: (state: never) => boolean, state: State): boolean => {
    const view = { ...values(state), ...instance.parameters, threads: views(instance, state) };
    return withMemory(model.frame(state.memory), () => predicate(view as never));
  };
  for (const [name, { formula, predicates }] of Object.entries(protocol.liveness)) {
    const names = Object.keys(predicates);
    const atoms = (state: State): readonly boolean[] => names.map((each) => truth(predicates[each] as (state: never) => boolean, state));
    if (hasFairRun(nodes, not(parseFormula(formula, names)), atoms, fairness)) found.push({ kind: "liveness", property: name });
  }
  if (protocol.progress === null && options.progress !== true) return found;
  const trusted = instance.threads.flatMap(({ untrusted }, thread) => (untrusted === false ? [thread] : []));
  for (const [name, goal] of Object.entries(protocol.progress?.goals ?? {})) {
    const isOver = (state: State): boolean => trusted.length > 0 && trusted.every((thread) => state.threads[thread]?.status === "finished");
    const atoms = (state: State): readonly boolean[] => [isOver(state) || truth(goal, state)];
    if (hasFairRun(nodes, not(always(eventually({ op: "atom", atom: 0 }))), atoms, fairness)) found.push({ kind: "progress", property: name });
  }
  const numbers = new Map(nodes.map((node, number) => [node, number]));
  for (const thread of trusted) {
    const property = `progress of ${instance.threads[thread]?.group}`;
    if (found.some((each) => each.property === property)) continue;
    const follows = ({ ended }: RunEdge): boolean => !ended.includes(thread);
    const graph = new Graph(nodes.map((node) => ({ node, next: node.edges.filter(follows).map((edge) => ({ to: numbers.get(edge.to) ?? -1, edge })) })));
    if (graph.hasFairComponent(fairness, (members) => members.some(({ node }) => node.harmed.includes(thread)))) found.push({ kind: "progress", property });
  }
  return found;
}

/** Threads as predicates see them. */
function views(instance: Instance, state: State): Record<string, unknown> {
  const view = (thread: number): object => {
    const { status = "finished", label = "" } = state.threads[thread] ?? {};
    return { at: status === "running" ? label : status, finished: status === "finished" };
  };
  return Object.fromEntries(
    Object.entries(instance.protocol.threads).map(([group, { count }]) => {
      const members = instance.threads.flatMap((each, thread) => (each.group === group ? [view(thread)] : []));
      return [group, count === undefined ? members[0] : members];
    }),
  );
}

function constraintsOf(instance: Instance, override: Fairness | undefined): readonly Constraint[] {
  const { fairness, scheduling } = instance.protocol;
  const otherwise = override ?? fairness.default ?? "weak";
  const constraints: Constraint[] = [];
  const add = (strength: Fairness, enables: (edge: RunEdge) => boolean, satisfies: (edge: RunEdge) => boolean = enables): void => {
    if (strength !== "none") constraints.push({ strong: strength === "strong", enables, satisfies });
  };
  const backgrounds = new Set<string>();
  for (const [thread, { group, untrusted }] of instance.threads.entries()) {
    const acts = ({ move }: RunEdge): boolean => move !== null && move.thread === thread;
    const steps = (edge: RunEdge): boolean => acts(edge) && edge.move?.kind === "step";
    const declared = fairness.threads?.[group];
    if (untrusted === false) add(override ?? declared ?? otherwise, steps);
    else if (scheduling !== "free" && otherwise !== "none") add("weak", steps, acts);
    else if (declared !== undefined) add(declared, steps);
    for (const step of fairness.steps ?? []) {
      if (step.thread !== group) continue;
      const named = (edge: RunEdge): boolean =>
        steps(edge) && (step.operation ?? edge.label) === edge.label && (step.rule ?? edge.move?.rule) === edge.move?.rule;
      add(step.fairness, named);
    }
  }
  if (otherwise === "none") return constraints;
  for (const name of Object.keys(instance.protocol.kernel.background)) for (let cpu = 0; cpu < instance.cpus; cpu++) backgrounds.add(`${name} ${cpu}`);
  for (let cpu = 0; cpu < instance.cpus; cpu++) backgrounds.add(`CPU ${cpu} drains`);
  for (const each of backgrounds)
    add("weak", ({ move }) => move?.kind === "background" && (each.endsWith("drains") ? move.rule === each : `${move.rule} ${move.pick}` === each));
  return constraints;
}

/** A node of some graph over runs: a state, and what leads on. */
interface GraphNode {
  readonly node: RunNode;
  readonly next: readonly { readonly to: number; readonly edge: RunEdge }[];
}

class Graph<N extends GraphNode> {
  readonly #nodes: readonly N[];
  constructor(nodes: readonly N[]) {
    this.#nodes = nodes;
  }

  /** Whether some set of nodes, all reached from each other, is fair and as `accepts` says. */
  hasFairComponent(fairness: readonly Constraint[], accepts: (members: readonly N[]) => boolean): boolean {
    const open: (readonly number[])[] = [this.#nodes.map((_, number) => number)];
    for (let part = open.pop(); part !== undefined; part = open.pop()) {
      for (const component of this.#components(new Set(part))) {
        const inside = new Set(component);
        const members = component.map((number) => this.#nodes[number] as N);
        const taken = members.flatMap(({ next }) => next.filter(({ to }) => inside.has(to)).map(({ edge }) => edge));
        if (taken.length === 0 || !accepts(members)) continue;
        const unmet = fairness.filter(({ satisfies }) => !taken.some(satisfies));
        // Always enabled and never taken: no smaller part is better.
        if (unmet.some(({ enables }) => members.every(({ node }) => node.edges.some(enables)))) continue;
        const starved = unmet.filter(({ strong, enables }) => strong && members.some(({ node }) => node.edges.some(enables)));
        if (starved.length === 0) return true;
        open.push(component.filter((number) => !this.#nodes[number]?.node.edges.some((edge) => starved.some(({ enables }) => enables(edge)))));
      }
    }
    return false;
  }

  /** Kosaraju's two passes. */
  #components(part: ReadonlySet<number>): readonly (readonly number[])[] {
    const before = new Map<number, number[]>([...part].map((number) => [number, []]));
    const after = (number: number): readonly number[] => (this.#nodes[number]?.next ?? []).map(({ to }) => to).filter((to) => part.has(to));
    const order: number[] = [];
    const seen = new Set<number>();
    for (const start of part) {
      if (seen.has(start)) continue;
      seen.add(start);
      const path: { readonly number: number; readonly rest: number[] }[] = [{ number: start, rest: [...after(start)] }];
      for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
        const to = top.rest.pop();
        if (to === undefined) {
          order.push(top.number);
          path.pop();
          continue;
        }
        before.get(to)?.push(top.number);
        if (seen.has(to)) continue;
        seen.add(to);
        path.push({ number: to, rest: [...after(to)] });
      }
    }
    const components: number[][] = [];
    const placed = new Set<number>();
    for (const start of order.reverse()) {
      if (placed.has(start)) continue;
      placed.add(start);
      const members = [start];
      for (const member of members) {
        for (const from of before.get(member) ?? []) {
          if (placed.has(from)) continue;
          placed.add(from);
          members.push(from);
        }
      }
      components.push(members);
    }
    return components;
  }
}

/** A state with a choice of what holds from the next one on. */
interface Choice extends GraphNode {
  readonly holds: (formula: Formula) => boolean;
  /** Which temporal parts hold from the next state on. */
  readonly later: ReadonlyMap<Formula, boolean>;
  readonly next: { to: number; edge: RunEdge }[];
}

/** Whether some fair run from the first state satisfies the formula. */
function hasFairRun(nodes: readonly RunNode[], formula: Formula, atoms: (state: State) => readonly boolean[], fairness: readonly Constraint[]): boolean {
  const temporal = [...new Set(temporalParts(formula))];
  const choices: Choice[] = [];
  const known = new Map<RunNode, readonly number[]>();
  /** The choices that a state offers. */
  const at = (node: RunNode): readonly number[] => {
    let numbers = known.get(node);
    if (numbers === undefined) {
      const letter = atoms(node.state);
      numbers = Array.from({ length: 2 ** temporal.length }, (_, bits) => {
        const later = new Map(temporal.map((part, bit) => [part, ((bits >> bit) & 1) === 1]));
        return choices.push({ node, next: [], later, holds: (part) => holds(part, letter, later) }) - 1;
      });
      known.set(node, numbers);
    }
    return numbers;
  };
  const [first] = nodes;
  if (first === undefined) return false;
  // What is claimed of the next state must be so there.
  const agrees = (here: Choice, there: Choice, part: Formula): boolean => here.later.get(part) === there.holds(part.op === "next" ? part.of : part);
  const open = at(first).filter((number) => choices[number]?.holds(formula));
  const reached = new Set(open);
  for (const number of reached) {
    const here = choices[number] as Choice;
    for (const edge of here.node.edges) {
      for (const to of at(edge.to)) {
        if (!temporal.every((part) => agrees(here, choices[to] as Choice, part))) continue;
        here.next.push({ to, edge });
        reached.add(to);
      }
    }
  }
  const untils = temporal.filter((part) => part.op === "until" || part.op === "release");
  return new Graph(choices).hasFairComponent(fairness, (members) =>
    untils.every((part) => {
      if (!("right" in part)) return true;
      // An until that is claimed comes true; a release that is denied is denied by its right side.
      return part.op === "until"
        ? members.some((member) => !member.holds(part) || member.holds(part.right))
        : members.some((member) => member.holds(part) || !member.holds(part.right));
    }),
  );
}

/** Subformulas whose truth depends on the next state, each as it stands. */
function temporalParts(formula: Formula): readonly Formula[] {
  const inside = "of" in formula ? temporalParts(formula.of) : "left" in formula ? [...temporalParts(formula.left), ...temporalParts(formula.right)] : [];
  return formula.op === "next" || formula.op === "until" || formula.op === "release" ? [...inside, formula] : inside;
}

/** The truth of a formula in a state, given which temporal parts hold from the next state on. */
function holds(formula: Formula, letter: readonly boolean[], next: ReadonlyMap<Formula, boolean>): boolean {
  const inside = (part: Formula): boolean => holds(part, letter, next);
  switch (formula.op) {
    case "true":
      return true;
    case "false":
      return false;
    case "atom":
      return letter[formula.atom] ?? false;
    case "not":
      return !inside(formula.of);
    case "and":
      return inside(formula.left) && inside(formula.right);
    case "or":
      return inside(formula.left) || inside(formula.right);
    case "next":
      return next.get(formula) ?? false;
    case "until":
      return inside(formula.right) || (inside(formula.left) && (next.get(formula) ?? false));
    case "release":
      return inside(formula.right) && (inside(formula.left) || (next.get(formula) ?? false));
  }
}
