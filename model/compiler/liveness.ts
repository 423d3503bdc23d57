/**
 * Which registers are needed at each operation: live-variable analysis (Kildall 1973), backwards over the graph of a
 * thread. A register that is not needed holds its minimum, so that it does not split states.
 */
import type { Expr } from "../system/system.ts";
import { operandsOf, registersOf } from "./expr.ts";
import { type Graph, type Node, reachable } from "./graph.ts";
import type { Pending } from "./pending.ts";
import type { Value } from "./values.ts";

type Live = ReadonlySet<number>;

/** The registers that the pending operation itself reads. */
export function registersOfPending(pending: Pending): readonly number[] {
  const shown = pending.shown.flatMap(({ value }) => registersOf(value));
  if (pending.kind === "kernel") return [...shown, ...[...pending.args.values()].flatMap(registersOfValue)];
  const own = pending.args.flatMap(({ value }) => registersOf(value));
  const index = pending.access?.index ?? null;
  const graphs = pending.rules.flatMap(({ guard, body, pick }) =>
    [...(guard === null ? [] : freeRegisters(guard)), ...freeRegisters(body)].filter((each) => each !== pick),
  );
  return [...shown, ...own, ...(index === null ? [] : registersOf(index)), ...graphs];
}

/** Registers that a graph reads and does not set. */
function freeRegisters(graph: Graph): readonly number[] {
  const read = new Set<number>();
  const set = new Set<number>();
  for (const node of reachable(graph.entry)) {
    for (const statement of node.statements) {
      for (const expr of operandsOf(statement)) for (const each of registersOf(expr)) read.add(each);
      if (statement.op === "let") set.add(statement.temp);
    }
    if (node.end?.op === "branch") for (const each of registersOf(node.end.condition)) read.add(each);
  }
  return [...read].filter((each) => !set.has(each));
}

export function expressionsOfValue(value: Value): readonly Expr[] {
  switch (value.kind) {
    case "scalar":
      return [value.expr];
    case "record":
      return [...value.fields.values()].flatMap(expressionsOfValue);
    case "cell":
      return [value.index];
    case "list":
      return value.items.flatMap(expressionsOfValue);
    default:
      return [];
  }
}
const registersOfValue = (value: Value): readonly number[] => expressionsOfValue(value).flatMap(registersOf);

/** For each node that ends in an operation: what must be kept while it is pending. */
export function liveAt(nodes: readonly Node[], next: (node: Node) => readonly Node[], keepScopes: boolean): ReadonlyMap<Node, Live> {
  const liveIn = new Map<Node, Live>();
  const atEnd = new Map<Node, Live>();
  const none: Live = new Set();
  let changed = true;
  while (changed) {
    changed = false;
    for (const node of [...nodes].reverse()) {
      const live = new Set<number>();
      for (const each of next(node)) for (const register of liveIn.get(each) ?? none) live.add(register);
      if (node.end?.op === "perform") {
        for (const result of node.end.results) live.delete(result);
        for (const each of registersOfPending(node.end.pending)) live.add(each);
        if (keepScopes) for (const each of node.end.visible) live.add(each);
      }
      if (node.end?.op === "branch") for (const each of registersOf(node.end.condition)) live.add(each);
      atEnd.set(node, new Set(live));
      for (const statement of [...node.statements].reverse()) {
        // What nobody reads is not computed.
        if (statement.op === "let" && !live.has(statement.temp)) continue;
        if (statement.op === "let") live.delete(statement.temp);
        for (const expr of operandsOf(statement)) for (const each of registersOf(expr)) live.add(each);
      }
      const known = liveIn.get(node);
      if (known === undefined || known.size !== live.size) {
        liveIn.set(node, live);
        changed = true;
      }
    }
  }
  return atEnd;
}
