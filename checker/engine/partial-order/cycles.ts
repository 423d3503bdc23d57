/**
 * Every cycle of the reduced graph must hold a state that is expanded in full, or a step that is put off could be put off
 * for ever. This is made sure beforehand, not on the way (Kurshan, Levin, Minea, Peled, Yenigün: "Static partial order
 * reduction", 1998): round a cycle of states each thread that moves comes round a cycle of its control graph with all its
 * locals as they were, so it is enough that each such cycle holds a location whose steps are never taken alone.
 *
 * A loop that counts does not come round: an edge on which a local grows, in a component where no edge lets it shrink, is
 * on no cycle of states (lexicographic ranking, as Bradley, Manna, Sipma use it to prove termination).
 */
import type { Code, Expr, Location, Process, System } from "../../../model/system/system.ts";

/** How a local changes along an edge; null: somehow. */
type Change = { readonly least: number; readonly most: number } | null;
interface Edge {
  readonly from: number;
  readonly to: number;
  /** By position among the thread's locals. */
  readonly changes: ReadonlyMap<number, Change>;
}

/** What a local or temporary holds: what the local `base` held before, or zero, plus `offset`; null: not known. */
type Symbolic = { readonly base: number | null; readonly offset: number } | null;

/** Ways through one continuation that are told apart. */
const mostWays = 256;

/** Takes away further locations until every cycle is broken. `weight` says how little is lost with a location. */
export interface CycleBreaker {
  readonly system: System;
  /** Whether the location's steps may be taken alone; what is taken away is set to false. */
  readonly reducible: readonly boolean[][];
  /** Locations of other threads whose steps may move this thread on from its location. */
  servers(thread: number, location: number): readonly { readonly thread: number; readonly location: number }[];
  weight(thread: number, location: number): number;
}

/**
 * Replicas are treated alike, and a way round may lead along the edges of several of them: where symmetry is reduced as well, a
 * cycle of states comes back with the replicas in another order.
 */
export function breakCycles(breaker: CycleBreaker): void {
  const { system, reducible } = breaker;
  const replicasOf = (thread: number): readonly number[] =>
    system.processes.filter(({ group }) => group === system.processes[thread]?.group).map(({ index }) => index);
  for (const process of system.processes) {
    const replicas = replicasOf(process.index);
    if (replicas[0] !== process.index) continue;
    const edges = replicas.flatMap((thread) => {
      const replica = system.processes[thread];
      return replica === undefined ? [] : replica.locations.flatMap(({ index }) => edgesFrom(replica, index));
    });
    const serving = (location: number): ReturnType<CycleBreaker["servers"]> =>
      replicas.flatMap((thread) => breaker.servers(thread, location)).filter((server) => reducible[server.thread]?.[server.location] === true);
    for (;;) {
      // Who stands where nothing moves it but steps in fully expanded states is on no cycle that matters.
      const open = (location: number): boolean => replicas.some((thread) => reducible[thread]?.[location] === true) || serving(location).length > 0;
      const cycle = someCycle(
        Math.max(...replicas.map((thread) => system.processes[thread]?.locations.length ?? 0)),
        edges.filter(({ from, to }) => open(from) && open(to)),
        process.locals.map((_, position) => position),
      );
      if (cycle === null) break;
      const [first = 0, ...others] = cycle;
      const lost = (location: number): number => serving(location).length;
      const best = others.reduce((a, b) => ((lost(b) - lost(a) || breaker.weight(process.index, a) - breaker.weight(process.index, b)) < 0 ? b : a), first);
      for (const each of [{ thread: process.index, location: best }, ...serving(best)]) {
        for (const thread of replicasOf(each.thread)) {
          const row = reducible[thread];
          if (row !== undefined) row[each.location] = false;
        }
      }
    }
  }
}

/** The locations of a component through which a state may come round; null if there is none. */
function someCycle(count: number, edges: readonly Edge[], locals: readonly number[]): readonly number[] | null {
  for (const component of components(count, edges)) {
    const inside = edges.filter(({ from, to }) => component.has(from) && component.has(to));
    if (inside.length === 0) continue;
    const rank = locals.flatMap((local) => {
      const changes = inside.map((edge) => edge.changes.get(local) ?? null);
      if (changes.every((change) => change !== null && change.least >= 0) && changes.some((change) => change !== null && change.least > 0))
        return [(edge: Edge): boolean => (edge.changes.get(local)?.least ?? 0) > 0];
      if (changes.every((change) => change !== null && change.most <= 0) && changes.some((change) => change !== null && change.most < 0))
        return [(edge: Edge): boolean => (edge.changes.get(local)?.most ?? 0) < 0];
      return [];
    })[0];
    if (rank === undefined) return [...component];
    const rest = someCycle(
      count,
      inside.filter((edge) => !rank(edge)),
      locals,
    );
    if (rest !== null) return rest;
  }
  return null;
}

/** Strongly connected components, by what each location can reach: control graphs are small. */
function components(count: number, edges: readonly Edge[]): readonly ReadonlySet<number>[] {
  const after = Array.from({ length: count }, (): number[] => []);
  for (const { from, to } of edges) after[from]?.push(to);
  const reached = after.map((first) => {
    const seen = new Set(first);
    for (const location of seen) for (const next of after[location] ?? []) seen.add(next);
    return seen;
  });
  const done = new Set<number>();
  const found: Set<number>[] = [];
  for (let location = 0; location < count; location++) {
    if (done.has(location) || reached[location]?.has(location) !== true) continue;
    const component = new Set([...(reached[location] ?? [])].filter((other) => reached[other]?.has(location) === true));
    for (const member of component) done.add(member);
    found.push(component);
  }
  return found;
}

/** The ways on from a location, each with what it does to the thread's locals. */
export function edgesFrom(process: Process, location: number): readonly Edge[] {
  const here = process.locations[location];
  if (here === undefined) return [];
  let edges = known.get(here);
  if (edges === undefined) {
    edges = followed(process, location, here.continuation);
    known.set(here, edges);
  }
  return edges;
}
const known: WeakMap<Location, readonly Edge[]> = new WeakMap();

function followed(process: Process, location: number, code: Code): readonly Edge[] {
  const targets = new Map<number, Map<number, Change>>();
  const unknown = (): readonly Edge[] =>
    [...new Set(code.blocks.flatMap(({ end }) => (end.op === "yield" ? [end.location] : [])))].map((to) => ({ from: location, to, changes: new Map() }));
  let ways = 0;
  const walk = (number: number, path: ReadonlySet<number>, values: ReadonlyMap<string, Symbolic>): boolean => {
    if (path.has(number) || ++ways > mostWays) return false;
    const block = code.blocks[number];
    if (block === undefined) return false;
    const known = run(code, number, values);
    const further = new Set(path).add(number);
    switch (block.end.op) {
      case "goto":
        return walk(block.end.block, further, known);
      case "branch":
        return walk(block.end.then, further, known) && walk(block.end.else, further, known);
      case "yield": {
        const { location: to } = block.end;
        const changes = targets.get(to);
        const here = new Map(process.locals.map((local, position): [number, Change] => [position, changeOf(local, known.get(`local ${local}`))]));
        targets.set(
          to,
          changes === undefined ? here : new Map([...here].map(([local, change]): [number, Change] => [local, join(change, changes.get(local) ?? null)])),
        );
        return true;
      }
      default:
        return true;
    }
  };
  if (!walk(0, new Set(), new Map())) return unknown();
  return [...targets].map(([to, changes]) => ({ from: location, to, changes }));
}

function changeOf(local: number, value: Symbolic | undefined): Change {
  if (value === undefined) return { least: 0, most: 0 };
  return value !== null && value.base === local ? { least: value.offset, most: value.offset } : null;
}
function join(a: Change, b: Change): Change {
  return a === null || b === null ? null : { least: Math.min(a.least, b.least), most: Math.max(a.most, b.most) };
}

/** The values after a block; a local that is not in the map has not been written. */
function run(code: Code, number: number, before: ReadonlyMap<string, Symbolic>): ReadonlyMap<string, Symbolic> {
  const values = new Map(before);
  const value = (e: Expr): Symbolic => {
    switch (e.op) {
      case "const":
        return { base: null, offset: e.value };
      case "temp":
        return values.get(`temp ${e.temp}`) ?? null;
      case "load": {
        if (e.index !== null && !(e.index.op === "const" && e.index.value === 0)) return null;
        const written = values.get(`local ${e.variable}`);
        return written === undefined ? { base: e.variable, offset: 0 } : written;
      }
      case "binary": {
        if (e.operator !== "+" && e.operator !== "-") return null;
        const [left, right] = [value(e.left), value(e.right)];
        if (left === null || right === null) return null;
        if (e.operator === "-") return right.base === null ? { base: left.base, offset: left.offset - right.offset } : null;
        if (left.base !== null && right.base !== null) return null;
        return { base: left.base ?? right.base, offset: left.offset + right.offset };
      }
      default:
        return null;
    }
  };
  for (const statement of code.blocks[number]?.statements ?? []) {
    if (statement.op === "let") values.set(`temp ${statement.temp}`, value(statement.value));
    else if (statement.op === "assign")
      values.set(
        `local ${statement.variable}`,
        statement.index === null || (statement.index.op === "const" && statement.index.value === 0) ? value(statement.value) : null,
      );
  }
  return values;
}
