/**
 * Threads: the body of a group of replicas as one graph, its operations as locations, and for each replica the code that
 * runs from one location to the next. All replicas have the same graph: `self` and `index` are registers in it, whose
 * values are filled in afterwards.
 */
import type { ParamPattern } from "@oxc-project/types";
import type { ThreadInstance } from "../language/protocol.ts";
import { sourceOf } from "../loader/registry.ts";
import type { Code, Expr, Statement, Variable } from "../system/system.ts";
import { arbitraryBody } from "./arbitrary.ts";
import { bindConstant } from "./assignments.ts";
import type { Context } from "./context.ts";
import { Environment } from "./environment.ts";
import { emit } from "./emit.ts";
import { load, number, operandsOf, register, registersOf } from "./expr.ts";
import { Graph, type Node, reachable, successors } from "./graph.ts";
import { type Analysis, analyse, afterStatements, type Env, type Interval, liveSuccessors, Ranges } from "./intervals.ts";
import { liveAt } from "./liveness.ts";
import { requireFits } from "./overflow.ts";
import { fieldNames } from "./members.ts";
import type { Pending } from "./pending.ts";
import { reject } from "./problem.ts";
import type { Program } from "./program.ts";
import { Scope } from "./scope.ts";
import { statements } from "./statements.ts";
import { integer, native, scalar, thread as threadType, type Value } from "./values.ts";

/** A point where an operation is pending. */
export interface GroupLocation {
  readonly index: number;
  readonly node: Node;
  readonly pending: Pending;
  readonly results: readonly number[];
  readonly next: Node;
  /** Ranges of the registers while it is pending. */
  readonly env: Env;
  /** Registers kept in state variables here. */
  readonly stored: ReadonlySet<number>;
  /** Registers that are needed here and have one value only. */
  readonly known: ReadonlyMap<number, number>;
}
export interface Group {
  readonly self: number;
  readonly index: number;
  readonly entry: Node;
  readonly analysis: Analysis;
  readonly next: (node: Node) => readonly Node[];
  readonly locations: readonly GroupLocation[];
  readonly locationOf: ReadonlyMap<Node, GroupLocation>;
  /** All registers that are stored anywhere, with their ranges. */
  readonly stored: ReadonlyMap<number, Interval>;
}

/** Compiles the program that the replicas of a group share. */
export function compileGroup(program: Program, members: readonly ThreadInstance[], liveness: boolean): Group {
  const [first] = members;
  if (first === undefined) throw new Error("an empty group");
  const ids = members.map(({ handle }) => handle.id);
  const indexes = members.map(({ index }) => index);
  const self = program.register("self", threadType, "constant").id;
  const index = program.register("index", integer, "constant").id;
  const initial: Env = Environment.empty.with(self, [Math.min(...ids), Math.max(...ids)]).with(index, [Math.min(...indexes), Math.max(...indexes)]);
  // A string local takes up names as they are met: once more if one was met after its uses were compiled.
  let graph = build(program, first, self, index);
  for (let round = 0, growth = -1; growth !== program.growth && round < 5; round++) {
    growth = program.growth;
    graph = build(program, first, self, index);
    if (program.names.size === 0) break;
  }

  const analysis = analyse(program, graph.entry, initial);
  requireFits(program, analysis);
  const next = liveSuccessors(program, analysis);
  const nodes = reachable(graph.entry, next);
  const live = liveAt(nodes, next, !liveness);
  const ranges = new Ranges(program);
  const locations: GroupLocation[] = [];
  const stored = new Map<number, Interval>();
  for (const node of nodes) {
    if (node.end?.op !== "perform") continue;
    const start = analysis.get(node);
    if (start === undefined) continue;
    const env = afterStatements(ranges, node, start);
    const known = new Map<number, number>();
    const kept = new Set<number>();
    for (const each of live.get(node) ?? []) {
      if (each === self || each === index) continue;
      const [low, high] = env.get(each) ?? [0, 0];
      if (low === high) {
        known.set(each, low);
        continue;
      }
      kept.add(each);
      const range = stored.get(each);
      stored.set(each, range === undefined ? [low, high] : [Math.min(range[0], low), Math.max(range[1], high)]);
    }
    locations.push({ index: locations.length, node, pending: node.end.pending, results: node.end.results, next: node.end.next, env, stored: kept, known });
  }
  return { self, index, entry: graph.entry, analysis, next, locations, locationOf: new Map(locations.map((each) => [each.node, each])), stored };
}

function build(program: Program, instance: ThreadInstance, self: number, index: number): Graph {
  const graph = new Graph();
  const cx: Context = {
    program,
    graph,
    may: { perform: true, memory: false, write: true, what: "a thread" },
    self: register(self),
    visible: [],
    callers: [],
    inlined: [],
    kernel: null,
    returns: null,
    jumps: [],
  };
  if (instance.run === null) {
    arbitraryBody(cx, instance);
    return graph;
  }
  const source = sourceOf(instance.run);
  if (source === null)
    return reject(
      "IPC162",
      `the source of the program of "${instance.group}" is not known`,
      null,
      null,
      "write run as a method of the protocol, in a module that is loaded as a specification",
    );
  const { node } = source;
  if (!node.generator || node.async || node.body === null || node.body.type !== "BlockStatement")
    return reject("IPC106", "the program of a thread is a generator function", source.module, node, "write *run({ … }) { … }");
  const scope = new Scope(null, source, {});
  const isReplicated = program.instance.protocol.threads[instance.group]?.count !== undefined;
  const context: Value = {
    kind: "record",
    guard: null,
    fields: new Map<string, Value>([
      ...Object.entries(instance.context).map(([name, value]): [string, Value] => [name, native(value)]),
      // A thread that has no replicas knows who it is.
      ...(isReplicated
        ? ([
            ["self", scalar(register(self), threadType)],
            ["index", scalar(register(index), integer)],
          ] as const)
        : []),
    ]),
  };
  const inner: Context = { ...cx, inlined: [instance.run] };
  const [parameter] = node.params;
  if (parameter !== undefined) {
    if (parameter.type === "RestElement" || parameter.type === "TSParameterProperty")
      return reject("IPC113", "rest parameters cannot be compiled", source.module, parameter, "name the context's fields");
    requireInContext(parameter, context, scope);
    bindConstant(inner, parameter, context, scope, parameter, true);
  }
  statements(inner, node.body.body as Parameters<typeof statements>[1], scope);
  graph.end({ op: "finish" });
  return graph;
}

/** Rejects names that a thread's context does not have: they would be undefined, and fail somewhere else. */
function requireInContext(parameter: ParamPattern, context: Value, scope: Scope): void {
  if (parameter.type !== "ObjectPattern") return;
  const there = fieldNames(context);
  for (const property of parameter.properties) {
    if (property.type === "RestElement" || property.computed || property.key.type !== "Identifier" || property.value.type === "AssignmentPattern") continue;
    const { name } = property.key;
    if (!there.includes(name)) reject("IPC125", `the context of this thread has no "${name}"`, scope.module, property, `it has ${there.join(", ")}`);
  }
}

/**
 * The nodes that control could come to from a location, as the source reads: conditions that are not constant lead both
 * ways. The node of the location itself is among them only if control could come back to it.
 */
export function everAfter(location: GroupLocation): ReadonlySet<Node> {
  let known = after.get(location);
  if (known === undefined) {
    known = new Set(reachable(location.next, (node) => [...successors(node), ...node.also]));
    after.set(location, known);
  }
  return known;
}
const after: WeakMap<GroupLocation, ReadonlySet<Node>> = new WeakMap();

/** The operations that control could come to from a location, as the source reads, with the one at which it stands. */
export function everPerformed(location: GroupLocation): readonly Pending[] {
  let known = performed.get(location);
  if (known === undefined) {
    known = [location.pending, ...[...everAfter(location)].flatMap(({ end }) => (end?.op === "perform" ? [end.pending] : []))];
    performed.set(location, known);
  }
  return known;
}
const performed: WeakMap<GroupLocation, readonly Pending[]> = new WeakMap();

/** What a replica's registers stand for outside its own code. */
export interface Replica {
  readonly instance: ThreadInstance;
  readonly group: Group;
  readonly pc: Variable;
  /** State variables by register. */
  readonly variables: ReadonlyMap<number, Variable>;
}

/** Declares the variables of one thread. */
export function declareReplica(program: Program, instance: ThreadInstance, group: Group, stops: boolean): Replica {
  const { id } = instance.handle;
  const finished = group.locations.length;
  const common = { thread: id, scope: null, length: 1, queue: null, projected: false } as const;
  const pc = program.variable({
    name: `${instance.name}.pc`,
    role: "pc",
    ...common,
    type: { kind: "location" },
    min: 0,
    max: stops ? finished + 1 : finished,
    initial: [0],
  });
  program.pcs[id] = { variable: pc.id, finished };
  const names = new Map<string, number>();
  const variables = new Map<number, Variable>();
  for (const [each, [min, max]] of group.stored) {
    const known = program.registers[each];
    if (known === undefined) continue;
    const base = `${instance.name}.${known.name}`;
    const count = (names.get(base) ?? 0) + 1;
    names.set(base, count);
    variables.set(
      each,
      program.variable({ name: count === 1 ? base : `${base}#${count}`, role: "local", ...common, type: known.type, min, max, initial: [min] }),
    );
  }
  return { instance, group, pc, variables };
}

/** A register of a thread while its operation at `location` is pending. */
export function pendingRegister(replica: Replica, location: GroupLocation): (id: number) => Expr | null {
  return (id) => {
    const constant = constantRegister(replica, id);
    if (constant !== null) return constant;
    const known = location.known.get(id);
    if (known !== undefined) return number(known);
    const variable = replica.variables.get(id);
    return variable !== undefined && location.stored.has(id) ? load(variable.id, null) : null;
  };
}
export function constantRegister({ group, instance }: Replica, id: number): Expr | null {
  if (id === group.self) return number(instance.handle.id);
  if (id === group.index) return number(instance.index);
  return null;
}

/** The code from a location (or from the entry) to the next ones. */
export function continuation(replica: Replica, from: GroupLocation | null): Code {
  const { group, variables } = replica;
  const entry = from === null ? group.entry : from.next;
  const stop = (node: Node): readonly Node[] => (node.end?.op === "perform" ? [] : group.next(node));
  const nodes = reachable(entry, stop);
  const assigned = assignedBefore(nodes, entry, stop, from?.results ?? []);
  const needed = neededAt(nodes, stop, group);

  const before = (temp: (id: number) => Expr): readonly Statement[] => {
    const found: Statement[] = [];
    for (const each of needed.get(entry) ?? []) {
      const target = temp(each);
      const variable = variables.get(each);
      if (target.op !== "temp" || (from?.results.includes(each) ?? false)) continue;
      const known = from?.known.get(each);
      if (known !== undefined) found.push({ op: "let", temp: target.temp, value: number(known) });
      else if (from?.stored.has(each) && variable !== undefined) found.push({ op: "let", temp: target.temp, value: load(variable.id, null) });
    }
    return found;
  };
  /** Moves the locals to their state variables; those not needed go back to their minimum. */
  const settle = (node: Node, to: GroupLocation | null, temp: (id: number) => Expr): readonly Statement[] => {
    const after = new Set([...(assigned.get(node) ?? []), ...node.statements.flatMap((each) => (each.op === "let" ? [each.temp] : []))]);
    return [...variables].flatMap(([id, variable]): Statement[] => {
      if (to?.stored.has(id) === true) {
        const isCurrent = from?.stored.has(id) && !after.has(id);
        return isCurrent ? [] : [{ op: "assign", variable: variable.id, index: null, value: temp(id) }];
      }
      return from?.stored.has(id) ? [{ op: "assign", variable: variable.id, index: null, value: number(variable.min) }] : [];
    });
  };
  return emit({
    entry,
    next: stop,
    replace: (id) => constantRegister(replica, id),
    given: from?.results ?? [],
    reserved: from?.results.length ?? 0,
    before,
    leave: (node, end, temp) => {
      switch (end.op) {
        case "perform": {
          const to = group.locationOf.get(node);
          if (to === undefined) throw new Error("an operation without a location");
          return { statements: settle(node, to, temp), end: { op: "yield", location: to.index } };
        }
        case "finish":
          return { statements: settle(node, null, temp), end: { op: "finish" } };
        case "fail":
        case "prune":
          return { statements: [], end };
        default:
          throw new Error(`a thread's code ends with ${end.op}`);
      }
    },
  });
}

/** Registers that may have been set on the way from the entry to each node. */
function assignedBefore(
  nodes: readonly Node[],
  entry: Node,
  next: (node: Node) => readonly Node[],
  given: readonly number[],
): ReadonlyMap<Node, ReadonlySet<number>> {
  const before = new Map<Node, Set<number>>([[entry, new Set(given)]]);
  for (let changed = true; changed; ) {
    changed = false;
    for (const node of nodes) {
      const after = new Set(before.get(node));
      for (const each of node.statements) if (each.op === "let") after.add(each.temp);
      for (const to of next(node)) {
        const known = before.get(to);
        if (known === undefined) before.set(to, new Set(after));
        const size = known?.size ?? -1;
        for (const each of after) before.get(to)?.add(each);
        if ((before.get(to)?.size ?? 0) !== size) changed = true;
      }
    }
  }
  return before;
}

/** Registers whose value at a node's entry is used on the way to the next locations, or stored there. */
function neededAt(nodes: readonly Node[], next: (node: Node) => readonly Node[], group: Group): ReadonlyMap<Node, ReadonlySet<number>> {
  const needed = new Map<Node, Set<number>>();
  for (let changed = true; changed; ) {
    changed = false;
    for (const node of [...nodes].reverse()) {
      const live = new Set<number>();
      for (const each of next(node)) for (const id of needed.get(each) ?? []) live.add(id);
      if (node.end?.op === "perform") for (const id of group.locationOf.get(node)?.stored ?? []) live.add(id);
      if (node.end?.op === "branch") for (const id of registersOf(node.end.condition)) live.add(id);
      for (const statement of [...node.statements].reverse()) {
        if (statement.op === "let") {
          if (!live.has(statement.temp)) continue;
          live.delete(statement.temp);
        }
        for (const expr of operandsOf(statement)) for (const id of registersOf(expr)) live.add(id);
      }
      if (needed.get(node)?.size !== live.size) {
        needed.set(node, live);
        changed = true;
      }
    }
  }
  return needed;
}
