/**
 * Memory as the naive checker knows it: which ways an access can take effect, and what memory does by itself.
 * Sequential consistency is the case of store buffers without room. What the models mean is in docs/architecture.md.
 */
import type { CellHandle, Order } from "../../model/language/memory.ts";
import type { StepBody } from "../../model/language/operation.ts";
import type { Instance } from "../../model/language/protocol.ts";
import { Buffers } from "./buffers.ts";
import type { Pending } from "./expressions.ts";
import type { ControlFlow } from "./reach.ts";
import { Views } from "./views.ts";

/** Memory while a step works on it: the newest values by address, and what else the model keeps. */
export interface Memory {
  readonly memory: unknown[];
  hidden: unknown;
  /** Addresses that the rule has written to memory itself. */
  readonly written: Set<number>;
  isFinished(thread: number): boolean;
}
/** Where a thread stands: its operation, and where that is in its program. */
export interface Standing {
  readonly pending: Pending | null;
  readonly position: string;
}
/** Whom a kernel rule deals with: whose kernel state it uses, and whose operations it completes. */
export interface Meeting {
  readonly threads: Set<number>;
  readonly objects: Set<number>;
  readonly completed: Set<number>;
}
/** An operation that goes through the memory model. */
export type Access = Extract<Pending, { readonly kind: "memory" | "waitUntil" | "fence" }>;
/** One way for it to take effect; gives the operation's result. */
export interface Way {
  readonly pick: number;
  take(memory: Memory): unknown;
}

export interface MemoryModel {
  readonly start: unknown;
  /** Equal texts mean equal states. */
  key(hidden: unknown): string;
  /** `allows` is the condition of a wait. */
  ways(at: Memory, thread: number, access: Access, allows: (value: unknown) => boolean): readonly Way[];
  /** Whether a rule that acts on memory itself may do so now. */
  direct(hidden: unknown, thread: number): boolean;
  /** Lets a guarded step act on memory itself. */
  step(memory: Memory, thread: number, act: () => unknown): unknown;
  /** Lets a rule of the kernel act, for a thread or (-1) for nobody; `cells` are those that its operation names. */
  kernel(memory: Memory, thread: number, cells: readonly CellHandle[], synchronises: boolean, act: () => Meeting): void;
  /** Threads with an earlier access that the next one of `thread` is not ordered with; null: races are about next accesses only. */
  races(hidden: unknown, thread: number, pending: Pending): readonly number[] | null;
  /** What memory does by itself, and on which CPU. */
  background(at: Memory): readonly (Way & { readonly cpu: number })[];
  settled(hidden: unknown): boolean;
  /** The operation may go on when memory has acted by itself. */
  transient(hidden: unknown, thread: number, at: Standing): boolean;
  /** A bound keeps the operation from an effect that it could have. */
  full(hidden: unknown, thread: number, at: Standing): boolean;
}

/** The memory model that an instance runs on. */
export function memoryOf(instance: Instance, flows: readonly ControlFlow[]): MemoryModel {
  const { model } = instance.memoryModel;
  return model === "ra" ? new Views(instance, flows) : new Buffers(instance, flows, model);
}

/** Whether a thread may come back to an operation of this kind. */
export function repeats(flow: ControlFlow, test: (step: StepBody) => boolean): boolean {
  return flow.cyclic().some(({ steps }) => steps === null || steps.some(test));
}

/** What a write puts into a cell that holds `old`; `undefined` for none. */
export function written({ action, args }: Extract<Access, { readonly kind: "memory" }>, old: unknown): { readonly value: unknown } | undefined {
  switch (action) {
    case "read":
    case "load":
      return undefined;
    case "write":
    case "store":
    case "exchange":
      return { value: args[0] };
    case "compareExchange":
      return old === args[0] ? { value: args[1] } : undefined;
    case "fetchAdd":
      return { value: (old as number) + (args[0] as number) };
  }
}

/** Stores and exchanges that go to memory at once under store buffers, and what of them waits in a buffer. */
export function isBuffered(step: { readonly action: string; readonly order: Order | "plain" }): boolean {
  return (step.action === "write" || step.action === "store") && step.order !== "seq_cst";
}
