/** Operations as the source performs them: what stands at a `yield*`. */
import type { OperationDeclaration } from "../language/kernel.ts";
import type { Order } from "../language/memory.ts";
import type { Site } from "../language/operation.ts";
import type { ArgumentType, Expr, ValueType } from "../system/system.ts";
import type { Graph } from "./graph.ts";
import type { Value } from "./values.ts";

/** A result register's type and the range of what it may be given. */
export interface Result {
  readonly name: string;
  readonly type: ValueType;
  /** Known range; null: it follows from the values that the body completes the operation with. */
  readonly range: readonly [number, number] | null;
}

/** A transition before it is laid out: graphs over registers. */
export interface RuleGraph {
  readonly name: string;
  readonly picks: number;
  /** The register that holds the pick. */
  readonly pick: number | null;
  /** Ends in allow, deny or fail; null: always enabled. */
  readonly guard: Graph | null;
  readonly body: Graph;
}

export interface Shown {
  readonly value: Expr;
  readonly type: ArgumentType;
}

interface PendingBase {
  /** Name in the table of operations. */
  readonly name: string;
  /** As the source names it. */
  label: string;
  site: Site;
  readonly callers: readonly Site[];
  readonly shown: readonly Shown[];
  readonly results: readonly Result[];
  /** Builds the value of the result from its registers. */
  readonly value: (registers: readonly number[]) => Value;
}

/**
 * What an operation asks of memory, for the models in which that is more than its rule on memory itself. Expressions are
 * over registers.
 */
export type MemoryRequest =
  | {
      readonly kind: "access";
      readonly variable: number;
      readonly index: Expr | null;
      readonly order: Order | "plain";
      /** As for `MemoryAccess` in model/memory. */
      readonly effect:
        | { readonly kind: "read"; readonly accepts: ((value: Expr, replace: (id: number) => Expr | null) => Expr) | null }
        | { readonly kind: "write"; readonly value: Expr; readonly outOfRange: number | null }
        | {
            readonly kind: "modify";
            /** The new value is this, or this and the old one added up (modulo `wraps`, unless that is null). */
            readonly operand: Expr;
            readonly adds: boolean;
            readonly wraps: number | null;
            /** Writes only over this value. */
            readonly expected: Expr | null;
            readonly outOfRange: number | null;
          };
    }
  | { readonly kind: "fence"; readonly order: Order }
  /** A guarded step acts on memory itself. */
  | { readonly kind: "step" };

/** An operation of the language itself: its rule is known when it is met. */
export interface LanguageOperation extends PendingBase {
  readonly kind: "language";
  readonly args: readonly { readonly name: string; readonly value: Expr; readonly type: ValueType }[];
  readonly rules: readonly RuleGraph[];
  readonly access: { readonly variable: number; readonly index: Expr | null; readonly write: boolean; readonly plain: boolean } | null;
  /** Null: it does not touch memory. */
  readonly memory: MemoryRequest | null;
  /** Waits for a condition over memory: the state that its guard reads. */
  readonly waits: boolean;
  readonly spins: boolean;
}

/** An operation of a kernel: its rules are compiled for each place and thread. */
export interface KernelOperation extends PendingBase {
  readonly kind: "kernel";
  readonly declaration: OperationDeclaration;
  readonly args: ReadonlyMap<string, Value>;
}

export type Pending = LanguageOperation | KernelOperation;
