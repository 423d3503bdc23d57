/**
 * Memory models as lowerings: each turns memory operations into transitions of the system, with the variables and the
 * background transitions that it needs. The compiler and the litmus front end call it once for each operation.
 *
 * | | a store | a load | locked operations and seq_cst fences |
 * |---|---|---|---|
 * | `sc` | is in memory at once | reads memory | nothing special |
 * | `tso` | enters its CPU's buffer | newest buffered store to the cell, else memory | wait until the buffer is empty |
 * | `pso` | as TSO, but buffers keep order only for each cell | the same | the same; release stores and fences keep stores apart |
 * | `ra` | goes anywhere after the thread's view in modification order | any message not before the thread's view | read the message just before the one they write; fences join a global view |
 */
import type { Order } from "../language/memory.ts";
import type { MemoryModelName } from "../language/memory-model.ts";
import type { Code, Expr, Transition, UnorderedAccess, Variable, WeakMemory } from "../system/system.ts";

export type { MemoryModelName } from "../language/memory-model.ts";

/** What a model must know before the first operation is lowered. */
export interface MemorySetup {
  /** The shared-memory variables; ghost memory is not among them. */
  readonly cells: readonly Variable[];
  /** Id of the first variable that the model adds; the others follow. */
  readonly firstVariable: number;
  /** Per thread: its CPU, every fence order that it uses, and an expression that is true once it has finished. */
  readonly threads: readonly {
    readonly cpu: number;
    readonly fences: readonly Order[];
    readonly finished: Expr | null;
    /** What it does to which variable, at any place; null: anything, and races are not looked for. */
    readonly accesses: readonly AccessKind[] | null;
  }[];
  /** Kernel operations occur: threads and this many objects carry views of what went through the kernel. Null: none occur. */
  readonly kernel: { readonly objects: number } | null;
  /** Guarded steps occur. */
  readonly steps: boolean;
  readonly cpus: number;
  /** Some access or fence is seq_cst. */
  readonly sequential: boolean;
  /** Entries of a CPU's store buffer. Under PSO each barrier between stores takes one too. */
  readonly buffer: (cpu: number) => number;
  /** Messages that one cell of a memory variable can have at a time, the initial one included. */
  readonly messages: (variable: number) => number;
}

/** A condition checked before the operation takes effect; false is the violation `failure`. */
export interface Check {
  readonly holds: Expr;
  readonly failure: number;
}

/** Where an operation stands and what completes it. */
export interface Pending {
  readonly thread: number;
  readonly location: number;
  /** Name of the transition. */
  readonly rule: string;
  /** Position in the system's operations; loads and read-modify-writes complete with one result, the (old) value. */
  readonly operation: number;
}

/** One memory operation. Expressions read the thread's locals only. */
export interface MemoryAccess extends Pending {
  /** Id of a variable of `cells`; the index is known to be inside unless `checks` say so. */
  readonly variable: number;
  readonly index: Expr | null;
  readonly order: Order | "plain";
  readonly checks: readonly Check[];
  readonly effect: /** Gives the value; with `accepts` it waits for a value that satisfies it. */
    | { readonly kind: "read"; readonly accepts: ((value: Expr) => Expr) | null }
    | { readonly kind: "write"; readonly value: Expr; readonly outOfRange: number | null }
    /** Exchange, addition, compare-and-exchange: gives the old value and writes. `outOfRange` is the failure for a value outside the variable's range; null if it cannot be. */
    | {
        readonly kind: "modify";
        readonly value: (old: Expr) => Expr;
        /** Writes only if `holds` of the old value; else it is a read of order `failure`. Null: always writes. */
        readonly compares: { readonly holds: (old: Expr) => Expr; readonly failure: Order } | null;
        readonly outOfRange: number | null;
      };
}

/** A way of touching a variable. */
export interface AccessKind {
  readonly variable: number;
  readonly write: boolean;
  readonly plain: boolean;
}

/** A rule that acts on memory itself: a guarded step or one of the kernel. */
export interface DirectRule {
  /** Who acts; null in the background. */
  readonly thread: number | null;
  readonly kind: "step" | "kernel";
  readonly guard: Code;
  readonly body: Code;
  /** Waits until the CPU's stores are in memory. */
  readonly drains: boolean;
  /** What passes between the threads and objects that it deals with makes their memory pass too. */
  readonly synchronises: boolean;
  /** Cells that the operation names. */
  readonly cells: readonly { readonly variable: number; readonly index: Expr | null }[];
}

export interface MemoryFence extends Pending {
  readonly order: Order;
}

/** A transition before it has a number. */
export type LoweredTransition = Omit<Transition, "id">;

export interface Lowered {
  readonly transitions: readonly LoweredTransition[];
  /** Where this holds the operation waits for memory's own steps (a drain), which are enabled then: the thread is not blocked by others. Null: never. */
  readonly transient: Expr | null;
  /** Where this holds, a bound of the model (a full buffer, a full message list) cuts behaviour off: no verdict above inconclusive. Null: never. */
  readonly bound: Expr | null;
  /** Accesses of other threads that may have been before and are not ordered with this one where `when` holds. */
  readonly races?: readonly UnorderedAccess[];
}

/** A memory model, set up for one system. */
export interface MemoryModel {
  readonly name: MemoryModelName;
  /** The variables it adds, numbered from `firstVariable`. */
  readonly variables: readonly Variable[];
  access(access: MemoryAccess): Lowered;
  fence(fence: MemoryFence): Lowered;
  /** What memory does by itself. */
  readonly background: readonly LoweredTransition[];
  direct(rule: DirectRule): { readonly guard: Code; readonly body: Code; readonly bound: Expr | null };
  /** Flags that kernel rules set for each thread and object whose state they change, and that `direct` resets. */
  readonly touched: { readonly threads: number; readonly objects: number } | null;
  /** True when the CPU's stores are all in memory: kernel entries and migration wait for it. Null: always. */
  drained(cpu: number): Expr | null;
  /** True when memory has nothing left to do by itself. Null: always. */
  readonly settled: Expr | null;
  /** For display. */
  readonly buffers: WeakMemory["buffers"];
  readonly cells: WeakMemory["cells"];
  readonly messages: WeakMemory["messages"];
}
