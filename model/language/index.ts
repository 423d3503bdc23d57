/** The public surface: everything a specification or a kernel of one's own imports from "ipc-check". */
export {
  address,
  array,
  bool,
  cellRef,
  flag,
  ghost,
  initialOf,
  int,
  nobody,
  objectRef,
  objectRefOrNull,
  oneOf,
  queue,
  record,
  threadId,
  timeout,
  u16,
  u8,
  wrapping,
} from "./domain.ts";
export type { AccessOf, Domain, ThreadId, Timeout, ValueOf } from "./domain.ts";
export type { Fairness, FairnessDeclaration, LivenessBuilders, LivenessProperty, Predicate, StepFairness, ThreadView } from "./liveness.ts";
export type { MemoryModelDeclaration, MemoryModelName } from "./memory-model.ts";
export type { Cell, CellArray, Ghost, Order, QueueAccess } from "./memory.ts";
export { assume, check, choose, fence, local, step, waitUntil } from "./operation.ts";
export type { Op, Step } from "./operation.ts";
export { globalState, kernel, objectType, operation, perCpu, perObject, perThread } from "./kernel.ts";
export type {
  BackgroundRule,
  Halt,
  Held,
  Kernel,
  ObjectRef,
  ObjectType,
  Operation,
  Rule,
  RuleContext,
  StateArray,
  StateContext,
  StateGroup,
  StateQueue,
  Values,
  Wait,
  Waker,
} from "./kernel.ts";
export { protocol } from "./protocol.ts";
export { timedByMethod, timedByOptions, untimed } from "./timed.ts";
export type { Phase, PhaseTimeouts, TimedCall, TimedWay } from "./timed.ts";
export type { Expectation, Protocol, Scheduling, ThreadGroup, ViolationKind } from "./protocol.ts";
