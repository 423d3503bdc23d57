/**
 * The native trace format: a decision list that replays against its spec, and beside it everything that is needed to
 * print the counterexample without the spec. `schemas/trace.schema.json` is the published schema of the same thing.
 */
import type { MemoryModelOptions } from "../model/language/memory-model.ts";
import type { Scheduling, ViolationKind } from "../model/language/protocol.ts";

export const traceFormat = "ipc-check trace";
export const traceVersion = 1;

/** A scalar as it is shown: threads by name, enums by value, `null` for no thread. */
export type ShownValue = number | boolean | string | null;

/** A place in the spec; line and column count from 1. */
export interface TraceSite {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface TraceThread {
  readonly name: string;
  readonly cpu: number;
  /** May stop for ever at any step. */
  readonly untrusted: boolean;
}

/** One decision of the schedule. With the spec, parameters and kernel options, these are the whole counterexample. */
export interface Decision {
  readonly kind: "step" | "stop" | "background";
  /** Number of the acting thread; null in a background rule. */
  readonly thread: number | null;
  readonly rule: string;
  /** Which of the rule's instances: the value of a `choose`, or the entry of a store buffer; else 0. The CPU of a background rule is that of the step. */
  readonly pick: number;
  /** Number of the transition in the compiled system; for the model, not for the machine. */
  readonly transition: number;
}

/** A named value before and after a step: `ring[2]`, `ipc.state[server]`, `server.request.message`. Queues are lists. */
export interface Change {
  readonly name: string;
  /** `object`: state of a kernel object that the protocol declares; `kernel`: the kernel's own. */
  readonly role: "memory" | "ghost" | "object" | "kernel" | "local";
  readonly before: ShownValue | readonly ShownValue[];
  readonly after: ShownValue | readonly ShownValue[];
}

export interface TraceStep {
  /** Of the acting thread, whose store buffer drains, or whose instance of a background rule it is; null where the rule has one instance. */
  readonly cpu: number | null;
  readonly thread: string | null;
  readonly site: TraceSite | null;
  /** With its arguments evaluated: `ipc.call(server, 2)`. */
  readonly operation: string;
  readonly rule: string;
  readonly changes: readonly Change[];
  /** Threads whose operations this step ended, and with what. */
  readonly completed: readonly { readonly thread: string; readonly result: string }[];
}

/** Where a thread stands when the trace ends. */
export interface TraceEnd {
  readonly thread: string;
  readonly state: "ready" | "blocked" | "finished" | "stopped" | "spinning";
  readonly site: TraceSite | null;
  readonly operation: string | null;
  /** The kernel's word for how it is blocked: `polling (send phase)`. */
  readonly says: string | null;
  /** Waiting here for ever is rest, not harm. */
  readonly idle: boolean;
}

/** `from` is blocked and only `to` (or the other targets of its edges) could end that. */
export interface WaitEdge {
  readonly from: string;
  readonly to: string;
  readonly kind: string;
  readonly says: string;
}

export interface Trace {
  readonly format: typeof traceFormat;
  readonly version: typeof traceVersion;
  readonly tool: { readonly name: string; readonly version: string };
  readonly spec: {
    /** As given on the command line. */
    readonly path: string;
    /** SHA-256 of the spec and all modules of the user that it imports. */
    readonly hash: string;
    /** Name of the export: `default`, `broken`. */
    readonly export: string;
  };
  readonly protocol: string;
  readonly parameters: Readonly<Record<string, number>>;
  readonly kernel: { readonly name: string; readonly options: Readonly<Record<string, string | number | boolean>> };
  readonly scheduling: Scheduling;
  readonly memoryModel: MemoryModelOptions;
  readonly threads: readonly TraceThread[];
  readonly violation: {
    readonly kind: ViolationKind;
    /** The invariant's name, the text of the check, or the kind again. */
    readonly property: string;
    readonly message: string;
    readonly location: TraceSite | null;
    /** The threads that it is about. */
    readonly threads: readonly string[];
    /** Whether the last step itself is the violation, rather than the state after it. */
    readonly failing: boolean;
  };
  readonly decisions: readonly Decision[];
  /** Shared memory, ghost memory and kernel state at the start, after every thread's first local computation. */
  readonly initial: Readonly<Record<string, ShownValue | readonly ShownValue[]>>;
  readonly steps: readonly TraceStep[];
  readonly end: { readonly threads: readonly TraceEnd[]; readonly edges: readonly WaitEdge[] };
  /** The point of no return: after this step no schedule keeps the property any more; null if it is not known. */
  readonly turning: Turning | null;
  /** Of a violation by a run: the steps from this position on repeat for ever; the number of steps: there the run stays. */
  readonly loop?: number;
  /** Exports of the same specification that are expected to hold: what the repaired protocol looks like. */
  readonly repaired?: readonly string[];
}

export interface Turning {
  /** From 1; 0: the property cannot be kept from the start. */
  readonly step: number;
  /** What could have been done in its place, so that nobody is harmed. */
  readonly instead: Told | null;
  /** The nearest schedule that passes: the steps before this one, then these, up to where it ends or repeats without harm. */
  readonly passing?: readonly Told[];
}
/** A step in words. */
export interface Told {
  readonly thread: string | null;
  readonly operation: string;
  readonly rule: string;
}

/** What the caller of `makeTrace` knows besides. */
export interface TraceMeta {
  readonly tool: Trace["tool"];
  readonly spec: Trace["spec"];
  readonly repaired?: readonly string[];
}

/** The verdict of a replay. */
export type ReplayVerdict = "reproduced" | "diverged" | "not-run";
export interface ReplayResult {
  readonly verdict: ReplayVerdict;
  /** reproduced: what was seen natively; diverged: what differed; not-run: why. */
  readonly message: string;
  /** diverged: the number of the first step that differs, from 1; 0: the start. Otherwise the number of steps run. */
  readonly step: number;
}
