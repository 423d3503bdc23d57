/**
 * The point of no return of a counterexample: the first step after which no schedule keeps the property any more. A state
 * can still be kept safe if some run from it ends without harm, or goes on for ever without harm and without holding any
 * trusted thread back (weak fairness): a state without moves, or a strongly connected component of harmless states in
 * which each trusted thread steps, or is somewhere not able to (Tarjan 1972; Lichtenstein and Pnueli 1985).
 */
import { enabledMoves, fire, initialState, type Move } from "../../model/system/interpret.ts";
import type { State, System } from "../../model/system/system.ts";
import { problemsOf } from "./problems.ts";

export interface TurningPoint {
  /** Number of the step, from 1, after which it cannot be kept; 0 if it could not from the start. */
  readonly step: number;
  /** What could have been done in place of that step; null at step 0. */
  readonly instead: Move | null;
  /** The state before that step. */
  readonly before: State;
  /** How a run goes on from there that keeps the property, `instead` first, up to where it ends or repeats; empty at step 0. */
  readonly passing: readonly Move[];
}

interface Edge {
  readonly to: number;
  readonly thread: number | null;
  readonly move: Move;
}
interface Node {
  readonly state: State;
  /** Null: not expanded yet. */
  edges: readonly Edge[] | null;
  /** Threads that can step here, harmfully or not. */
  able: ReadonlySet<number>;
}

/** At most so many states are looked at; a protocol whose harmless part is larger has no known turning point. */
const mostStates = 2000;

function isHarmful(system: System, state: State): boolean {
  return problemsOf(system, state).length > 0;
}

/**
 * Finds it for the path of a finding. Null if that takes more than {@link mostStates} states, and for a wake-up that only
 * a look at all paths shows to be lost: no single state of such a path is harmful.
 */
export function turningPoint(system: System, path: readonly Move[]): TurningPoint | null {
  const graph = new HarmlessGraph(system);
  const start = initialState(system);
  if (start.kind !== "state") return null;
  const states: State[] = [start.state];
  for (const move of path) {
    const outcome = fire(system, states.at(-1) as State, move);
    if (outcome.kind === "state") states.push(outcome.state);
  }
  const isFailing = states.length === path.length;
  if (!isFailing && !isHarmful(system, states.at(-1) as State)) return null;
  for (let position = Math.min(states.length, path.length) - 1; position >= 0; position--) {
    const before = states[position] as State;
    const passing = graph.keeping(before);
    if (passing === "unknown") return null;
    const [instead] = passing ?? [];
    if (passing === null || instead === undefined) continue;
    return { step: position + 1, instead, before, passing };
  }
  return { step: 0, instead: null, before: start.state, passing: [] };
}

/** The states that harm nobody, as far as they have been reached. */
class HarmlessGraph {
  readonly #system: System;
  readonly #nodes: Node[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #harmful = new Set<string>();

  constructor(system: System) {
    this.#system = system;
  }

  /** A shortest way from `state` to where a harmless run ends or begins to repeat; null if there is none. */
  keeping(state: State): readonly Move[] | "unknown" | null {
    const first = this.#number(state);
    if (first === null) return null;
    const reached = this.#explore(first);
    const { safe, ends } = this.#safe(reached.nodes);
    const cameFrom = new Map<number, { readonly node: number; readonly move: Move }>();
    const open = (this.#nodes[first]?.edges ?? []).flatMap(({ to, move }) => {
      if (!safe.has(to) || cameFrom.has(to)) return [];
      cameFrom.set(to, { node: -1, move });
      return [to];
    });
    for (let next = 0; next < open.length; next++) {
      const node = open[next] as number;
      if (ends.has(node)) return this.#way(cameFrom, node);
      for (const { to, move } of this.#nodes[node]?.edges ?? []) {
        if (!safe.has(to) || cameFrom.has(to)) continue;
        cameFrom.set(to, { node, move });
        open.push(to);
      }
    }
    return reached.complete ? null : "unknown";
  }

  #way(cameFrom: ReadonlyMap<number, { readonly node: number; readonly move: Move }>, end: number): readonly Move[] {
    const way: Move[] = [];
    for (let at = cameFrom.get(end); at !== undefined; at = cameFrom.get(at.node)) way.unshift(at.move);
    return way;
  }

  /** Null if the state is harmful. */
  #number(state: State): number | null {
    const key = JSON.stringify(state);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    if (this.#harmful.has(key)) return null;
    if (isHarmful(this.#system, state)) {
      this.#harmful.add(key);
      return null;
    }
    this.#numbers.set(key, this.#nodes.length);
    this.#nodes.push({ state, edges: null, able: new Set() });
    return this.#nodes.length - 1;
  }

  #explore(first: number): { readonly nodes: readonly number[]; readonly complete: boolean } {
    const seen = new Set([first]);
    const open = [first];
    let complete = true;
    for (let next = 0; next < open.length; next++) {
      const node = this.#nodes[open[next] as number] as Node;
      if (node.edges === null) {
        if (this.#nodes.length >= mostStates) {
          complete = false;
          continue;
        }
        this.#expand(node);
      }
      for (const { to } of node.edges ?? []) {
        if (seen.has(to)) continue;
        seen.add(to);
        open.push(to);
      }
    }
    return { nodes: open, complete };
  }

  #expand(node: Node): void {
    const able = new Set<number>();
    const edges: Edge[] = [];
    for (const move of enabledMoves(this.#system, node.state)) {
      const transition = this.#system.transitions[move.transition];
      const outcome = fire(this.#system, node.state, move);
      if (transition === undefined || outcome.kind === "pruned") continue;
      if (transition.thread !== null && transition.kind === "step") able.add(transition.thread);
      if (outcome.kind === "failure") continue;
      const to = this.#number(outcome.state);
      if (to !== null) edges.push({ to, thread: transition.thread, move });
    }
    node.able = able;
    node.edges = edges;
  }

  /** Of these nodes, those from which a harmless run leads on, and those where it may end or stay. */
  #safe(nodes: readonly number[]): { readonly safe: ReadonlySet<number>; readonly ends: ReadonlySet<number> } {
    const ends = new Set<number>();
    for (const component of this.#components(nodes)) if (this.#isHarmlessEnd(component)) for (const node of component) ends.add(node);
    const safe = new Set(ends);
    const before = new Map<number, number[]>();
    for (const node of nodes) {
      for (const { to } of this.#nodes[node]?.edges ?? []) {
        const known = before.get(to);
        if (known === undefined) before.set(to, [node]);
        else known.push(node);
      }
    }
    const open = [...safe];
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      for (const source of before.get(node) ?? []) {
        if (safe.has(source)) continue;
        safe.add(source);
        open.push(source);
      }
    }
    return { safe, ends };
  }

  /** A state without moves, or a component in which a fair run stays for ever. */
  #isHarmlessEnd(component: readonly number[]): boolean {
    const inside = new Set(component);
    const stepping = new Set<number | null>();
    let moves = 0;
    for (const number of component) {
      const node = this.#nodes[number] as Node;
      if (node.edges === null) return false;
      if (node.able.size === 0 && node.edges.length === 0) return true;
      for (const { to, thread } of node.edges) {
        if (!inside.has(to)) continue;
        moves++;
        stepping.add(thread);
      }
    }
    if (moves === 0) return false;
    return this.#system.processes.every(
      ({ index, stoppable }) => stoppable || stepping.has(index) || component.some((number) => !(this.#nodes[number] as Node).able.has(index)),
    );
  }

  /** Strongly connected components (Tarjan), without recursion. */
  #components(nodes: readonly number[]): readonly (readonly number[])[] {
    const order = new Map<number, number>();
    const low = new Map<number, number>();
    const onStack = new Set<number>();
    const stack: number[] = [];
    const components: number[][] = [];
    for (const root of nodes) {
      if (order.has(root)) continue;
      const work: { readonly node: number; edge: number }[] = [{ node: root, edge: 0 }];
      while (work.length > 0) {
        const frame = work.at(-1) as { readonly node: number; edge: number };
        const { node } = frame;
        if (frame.edge === 0 && !order.has(node)) {
          order.set(node, order.size);
          low.set(node, order.get(node) as number);
          stack.push(node);
          onStack.add(node);
        }
        const next = this.#nodes[node]?.edges?.[frame.edge++]?.to;
        if (next !== undefined) {
          if (!order.has(next)) work.push({ node: next, edge: 0 });
          else if (onStack.has(next)) low.set(node, Math.min(low.get(node) as number, order.get(next) as number));
          continue;
        }
        work.pop();
        const above = work.at(-1);
        if (above !== undefined) low.set(above.node, Math.min(low.get(above.node) as number, low.get(node) as number));
        if (low.get(node) !== order.get(node)) continue;
        const component: number[] = [];
        for (let member = stack.pop(); member !== undefined; member = stack.pop()) {
          onStack.delete(member);
          component.push(member);
          if (member === node) break;
        }
        components.push(component);
      }
    }
    return components;
  }
}
