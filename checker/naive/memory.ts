/**
 * Memory as the naive checker knows it: which ways an access can take effect, and what memory does by itself.
 * Sequential consistency is the case of store buffers without room. What the models mean is in docs/architecture.md.
 */
import type { Order } from "../../model/language/memory.ts";
import type { StepBody } from "../../model/language/operation.ts";
import type { Instance } from "../../model/language/protocol.ts";
import { Buffers } from "./buffers.ts";
import type { Pending } from "./expressions.ts";
import type { ControlFlow } from "./reach.ts";

/** Memory while a step works on it: the newest values by address, and what else the model keeps. */
export interface Memory {
  readonly memory: unknown[];
  hidden: unknown;
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
  /** What memory does by itself, and on which CPU. */
  background(at: Memory): readonly (Way & { readonly cpu: number })[];
  settled(hidden: unknown): boolean;
  /** The operation may go on when memory has acted by itself. */
  transient(hidden: unknown, thread: number, pending: Pending): boolean;
  /** A bound keeps the operation from an effect that it could have. */
  full(hidden: unknown, thread: number, pending: Pending): boolean;
}

/** The memory model that an instance runs on. */
export function memoryOf(instance: Instance, flows: readonly ControlFlow[]): MemoryModel {
  const { model } = instance.memoryModel;
  if (model === "ra") throw new RangeError("release/acquire memory is not one of store buffers");
  return new Buffers(instance, flows, model);
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
