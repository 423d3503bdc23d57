/**
 * Control-flow graphs while they are being built: blocks of statements over registers, with an end that may perform an
 * operation. Registers are numbered over the whole system and appear in expressions as `temp`; emission decides which of
 * them become state variables and which temporaries.
 */
import type { Expr, Statement, ValueType } from "../system/system.ts";
import type { Pending } from "./pending.ts";

/** A virtual register. */
export interface Register {
  readonly id: number;
  /** Name in the source, fields joined by dots; of a hidden one, what it is for. */
  name: string;
  readonly type: ValueType;
  /** Keeps a value inside one expression; not a variable of the source. */
  hidden: boolean;
  /** Assigned once in each life, so that it may be read later in place of a copy. */
  constant: boolean;
}

export type End =
  | { readonly op: "goto"; readonly to: Node }
  | { readonly op: "branch"; readonly condition: Expr; readonly then: Node; readonly else: Node }
  | { readonly op: "perform"; readonly pending: Pending; readonly results: readonly number[]; readonly next: Node; readonly visible: readonly number[] }
  | { readonly op: "allow" | "deny" | "end" | "finish" | "prune" }
  | { readonly op: "fail"; readonly failure: number };

export interface Node {
  readonly id: number;
  readonly statements: Statement[];
  end: End | null;
  /** Where control could go as the source reads, though it is known that it does not: rounds of an unrolled loop, cases of a switch. */
  readonly also: Node[];
}

/** The nodes that a node's end leads to. */
export function successors(node: Node): readonly Node[] {
  switch (node.end?.op) {
    case "goto":
      return [node.end.to];
    case "branch":
      return [node.end.then, node.end.else];
    case "perform":
      return [node.end.next];
    default:
      return [];
  }
}

/** A graph with the node that code is being added to. */
export class Graph {
  #count = 0;
  /** Nodes that a reachable node leads to. */
  readonly #entered: Set<Node> = new Set();
  readonly entry: Node;
  current: Node;

  constructor() {
    this.entry = this.node();
    this.current = this.entry;
  }

  node(): Node {
    return { id: this.#count++, statements: [], end: null, also: [] };
  }

  emit(statement: Statement): void {
    this.current.statements.push(statement);
  }

  set(register: number, value: Expr): void {
    this.emit({ op: "let", temp: register, value });
  }

  /** Ends the current node; what is added afterwards is unreachable until `current` is set. */
  end(end: End): void {
    this.current.end ??= end;
    if (this.isReachable(this.current)) for (const next of successors(this.current)) this.#entered.add(next);
    this.current = this.node();
  }

  /** Ends the current node and goes on in `node`. */
  continueAt(node: Node): void {
    this.end({ op: "goto", to: node });
    this.current = node;
  }

  branch(condition: Expr, then: Node, otherwise: Node): void {
    if (condition.op === "const") this.end({ op: "goto", to: condition.value !== 0 ? then : otherwise });
    else if (condition.op === "unary" && condition.operator === "!") this.end({ op: "branch", condition: condition.operand, then: otherwise, else: then });
    else this.end({ op: "branch", condition, then, else: otherwise });
  }

  /** Goes on only where `condition` holds; elsewhere the code ends with `end`. */
  require(condition: Expr, end: End): void {
    if (condition.op === "const" && condition.value !== 0) return;
    const good = this.node();
    const bad = this.node();
    this.branch(condition, good, bad);
    this.current = bad;
    this.end(end);
    this.current = good;
  }

  /** Whether anything that is itself reachable leads to `node` so far. */
  isReachable(node: Node): boolean {
    return this.#entered.has(node) || node === this.entry;
  }

  /** Runs `build` in a node of its own, which nothing leads to yet. */
  apart<T>(build: () => T): Fragment<T> {
    const before = this.current;
    const start = this.node();
    this.#entered.add(start);
    this.current = start;
    const value = build();
    const fragment: Fragment<T> = { value, start, end: this.current, pure: this.current === start && start.statements.length === 0 && start.end === null };
    this.current = before;
    return fragment;
  }
}

/** A piece of a graph and the value it computes; `pure` if it consists of nothing but that value. */
export interface Fragment<T> {
  readonly value: T;
  readonly start: Node;
  readonly end: Node;
  readonly pure: boolean;
}

/** Nodes reachable from `entry`, in depth-first order of first visit with `then` before `else`. */
export function reachable(entry: Node, through: (node: Node) => readonly Node[] = successors): readonly Node[] {
  const seen = new Set<Node>([entry]);
  const order: Node[] = [];
  const stack = [entry];
  while (stack.length > 0) {
    const node = stack.pop();
    if (node === undefined) break;
    order.push(node);
    for (const next of [...through(node)].reverse()) {
      if (seen.has(next)) continue;
      seen.add(next);
      stack.push(next);
    }
  }
  return order;
}
