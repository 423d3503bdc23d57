/**
 * The transition system: what the compiler produces and the engine, the interpreter, the exporters and the trace
 * printer consume. Processes are control-flow graphs of atomic steps; every value is a 32-bit integer.
 *
 * Encoding of values: booleans 0/1; enums by position; threads by number, -1 for nobody; a result field that the
 * operation did not set holds its domain's initial value.
 */
import type { MemoryModelName } from "../language/memory-model.ts";
import type { Scheduling, ViolationKind } from "../language/protocol.ts";
import type { Site } from "../language/operation.ts";
import type { Formula } from "../ltl/formula.ts";

/** How a value is shown. */
export type ValueType =
  | { readonly kind: "int" }
  | { readonly kind: "boolean" }
  | { readonly kind: "enum"; readonly values: readonly string[] }
  | { readonly kind: "thread" }
  | { readonly kind: "location" };

/** How an argument of an operation is shown: a value, or an object of the protocol by its name. */
export type ArgumentType = ValueType | { readonly kind: "object"; readonly name: string };

/**
 * A state variable: an array of `length` values in `min..max` (a scalar has length 1). Replicated state is one variable:
 * the field `state` of every thread is a variable whose index is the thread's number.
 */
export interface Variable {
  readonly id: number;
  /** `memory.ring`, `ipc.state`, `server.request.from`; unique. */
  readonly name: string;
  readonly role: "pc" | "local" | "memory" | "ghost" | "kernel";
  /** The process that owns a pc or a local; null otherwise. */
  readonly thread: number | null;
  /** What the index means: which thread, CPU or object; `null` for plain arrays and scalars. With several, the first. */
  readonly scope: "thread" | "cpu" | "object" | null;
  readonly length: number;
  readonly type: ValueType;
  readonly min: number;
  readonly max: number;
  /** Values at the start, before the processes' entry code has run. */
  readonly initial: readonly number[];
  /** Slots of a queue: `length / capacity` queues, each with its fill in variable `fill`. Free slots hold `min`. */
  readonly queue: { readonly capacity: number; readonly fill: number } | null;
  /** Compared with the machine's projection. */
  readonly projected: boolean;
}

export type BinaryOperator = "+" | "-" | "*" | "/" | "%" | "&" | "|" | "^" | "<<" | ">>" | ">>>" | "<" | "<=" | ">" | ">=" | "==" | "!=";

/** Pure expressions. Comparisons and `!` yield 0 or 1; `and`, `or` and `select` evaluate only what they need. Arithmetic never overflows 32 bits: the compiler has checked the intervals. `%` is JavaScript's, `/` leaves out the fraction. */
export type Expr =
  | { readonly op: "const"; readonly value: number }
  | { readonly op: "temp"; readonly temp: number }
  | { readonly op: "load"; readonly variable: number; readonly index: Expr | null }
  | { readonly op: "unary"; readonly operator: "-" | "~" | "!"; readonly operand: Expr }
  | { readonly op: "binary"; readonly operator: BinaryOperator; readonly left: Expr; readonly right: Expr }
  | { readonly op: "and" | "or"; readonly left: Expr; readonly right: Expr }
  | { readonly op: "select"; readonly condition: Expr; readonly then: Expr; readonly else: Expr };

export type Statement =
  | { readonly op: "let"; readonly temp: number; readonly value: Expr }
  /** The value is known to be in range, the index inside the variable: the compiler emits the checks before. */
  | { readonly op: "assign"; readonly variable: number; readonly index: Expr | null; readonly value: Expr }
  /** The pending operation `operation` of `thread` ends with these results. Takes effect when the transition's own body has ended: first for the acting thread, then for the others in the order of these statements. */
  | { readonly op: "complete"; readonly thread: Expr; readonly operation: number; readonly results: readonly Expr[] }
  /** `thread` ends: its location becomes the last one and its locals their minimum. Takes effect at once. */
  | { readonly op: "terminate"; readonly thread: Expr };

export type Terminator =
  | { readonly op: "goto"; readonly block: number }
  | { readonly op: "branch"; readonly condition: Expr; readonly then: number; readonly else: number }
  /** Ends a guard. */
  | { readonly op: "allow" }
  | { readonly op: "deny" }
  /** Ends the body of a transition. */
  | { readonly op: "end" }
  /** Ends a continuation: the thread stands at `location`, or has finished. */
  | { readonly op: "yield"; readonly location: number }
  | { readonly op: "finish" }
  /** The transition is a violation: it counts as a transition and leads to no state. */
  | { readonly op: "fail"; readonly failure: number }
  /** An assumption is false: the transition does not exist and is not counted; its thread does not count as blocked. */
  | { readonly op: "prune" };

export interface Block {
  readonly statements: readonly Statement[];
  readonly end: Terminator;
}

/** A control-flow graph with temporaries `0..temps-1`; entry is block 0. Loops end: the compiler has bounded them or the runtime's fuel does. */
export interface Code {
  readonly temps: number;
  readonly blocks: readonly Block[];
}

/** A violation that a `fail` names. */
export interface Failure {
  readonly kind: ViolationKind;
  /** Names the property in results: the text of a check, the range that was left. */
  readonly message: string;
  readonly site: Site | null;
}

/** One kind of operation: `complete` statements and locations refer to it by position. */
export interface OperationInfo {
  /** `ipc`, `futex.wait`, `memory.load`, `choose`, `step`. */
  readonly name: string;
  readonly results: readonly { readonly name: string; readonly type: ValueType }[];
}

export interface Transition {
  readonly id: number;
  /** The CPU whose store buffer it drains; absent in all others. */
  readonly drains?: number;
  /** The CPU whose instance of a background rule it is; absent where the rule has one instance. */
  readonly cpu?: number;
  /** Name of the rule, e.g. "transfer"; `read`, `write`, `choose` and so on for the language's own operations. */
  readonly rule: string;
  /** `step` of a thread's pending operation; `stop`: an untrusted thread stops for ever; `background`: no thread acts. */
  readonly kind: "step" | "stop" | "background";
  /** The step is that a timer of the thread fires: it does not make the thread ready, and happens whomever the scheduler lets run. */
  readonly timer?: true;
  readonly thread: number | null;
  readonly location: number | null;
  /** Number of instances: the guard and the body find which one (0..picks-1) in temporary 0. 1: no choice. */
  readonly picks: number;
  /** Without effects; ends in allow or deny. */
  readonly guard: Code;
  /** Ends in `end`, `fail` or `prune`. */
  readonly body: Code;
}

export interface WakerInfo {
  /** `able[thread][location]`: from there the thread can still perform an operation that could end the wait. */
  readonly able: readonly (readonly boolean[])[];
  /** Temporary 0 holds the other thread's number. */
  readonly when: Expr;
}

export interface WaitInfo {
  readonly name: string;
  readonly says: string;
  readonly kind: string;
  readonly when: Expr;
  readonly idle: Expr;
  /** The condition slept for, if there is one. */
  readonly until: Expr | null;
  readonly wakers: readonly WakerInfo[];
}

/** An access of another thread; where `when` holds, the latest of its kind does not happen before the next operation. */
export interface UnorderedAccess {
  readonly thread: number;
  readonly write: boolean;
  readonly plain: boolean;
  readonly when: Expr;
}

/** A point where a thread has an operation pending. */
export interface Location {
  readonly index: number;
  readonly site: Site;
  /** Call sites of the helper generators around it, outermost first. */
  readonly callers: readonly Site[];
  readonly operation: number;
  /** As the source names it: `ipc.call`, `head.fetchAdd`. */
  readonly label: string;
  /** Arguments as the source gives them, for display, and as the kernel's operation declares them, for comparison with the machine. */
  readonly shown: readonly { readonly value: Expr; readonly type: ArgumentType }[];
  readonly args: readonly { readonly name: string; readonly value: Expr; readonly type: ValueType }[];
  /** Ids of the transitions that may fire here. */
  readonly transitions: readonly number[];
  /** The first `results` temporaries are the results; ends in yield, finish, fail or prune. */
  readonly continuation: Code;
  readonly results: number;
  /** Ways of being blocked here, the first whose `when` holds counts. Evaluated only when no transition is enabled. */
  readonly waits: readonly WaitInfo[];
  /** The memory access that is next, for data races. */
  readonly access: { readonly variable: number; readonly index: Expr | null; readonly write: boolean; readonly plain: boolean } | null;
  /** Under release/acquire: conflicting accesses that may have been before and are not ordered with this one. */
  readonly races?: readonly UnorderedAccess[];
  /** A blocked thread here still occupies its CPU under `priority` and `round-robin`. */
  readonly spins: boolean;
  /** Where this holds, the operation waits for a background step of memory or of the kernel that is enabled (a store buffer drains, an interrupt is under way): the thread does not count as blocked. */
  readonly transient?: Expr | null;
  /** Where this holds, a bound of the memory model (a full buffer) cuts behaviour off: a search that meets it can at best be inconclusive. */
  readonly bound?: Expr | null;
}

export interface Process {
  readonly index: number;
  readonly name: string;
  readonly group: string;
  readonly cpu: number;
  readonly priority: number;
  /** Where its value is not negative, that is the priority which the thread runs at; none: always its own. */
  readonly inherited?: Expr | null;
  /** May stop for ever at any step. */
  readonly stoppable: boolean;
  /** The variable that holds its location. */
  readonly pc: number;
  /** Locals, for display and reset. */
  readonly locals: readonly number[];
  /** In order; a pc equal to `locations.length` means: finished. */
  readonly locations: readonly Location[];
  /** The location of a thread that has stopped for ever; null where stopping needs no state (`scheduling: "free"`). */
  readonly stopped: number | null;
  /** Local code before the first operation; belongs to the initial state. */
  readonly entry: Code;
}

/** A store buffer: variables that hold its entries in program order, and how many there are. */
export interface StoreBuffer {
  readonly cpu: number;
  /** The number of the cell that an entry is for: `base` of its variable plus its index; negative for no cell. */
  readonly address: number;
  readonly value: number;
  readonly fill: number;
}

/** Memory that is not sequentially consistent. */
export interface WeakMemory {
  readonly model: Exclude<MemoryModelName, "sc">;
  /** Where threads loop: entries of a store buffer, messages of a cell. */
  readonly bounds: { readonly buffer: number; readonly messages: number };
  readonly buffers: readonly StoreBuffer[];
  /** The first number of each variable's cells in store buffers. */
  readonly cells: readonly { readonly variable: number; readonly base: number }[];
  /** The messages of each variable's cells under release/acquire: slot `index * capacity + position`. */
  readonly messages: readonly { readonly variable: number; readonly capacity: number; readonly count: number; readonly value: number }[];
  /** Its variables; traces show buffers and messages in their place. */
  readonly variables: readonly number[];
  /** True when memory has nothing left to do by itself; null: always. */
  readonly settled: Expr | null;
}

export interface Invariant {
  readonly name: string;
  readonly holds: Expr;
  readonly site: Site | null;
}

/** A predicate over states that formulas name by its number. */
export interface Atom {
  readonly name: string;
  /** What the source says of it. */
  readonly text: string;
  readonly holds: Expr;
  readonly site: Site | null;
}
/** A formula over atoms; its own names stand for the numbers in `atoms`. */
export interface LivenessFormula {
  readonly name: string;
  readonly text: string;
  readonly formula: Formula;
  readonly site: Site | null;
}
/**
 * `weak`: a run in which from some time on one of the transitions `enabling` is always enabled takes one of `taking` again
 * and again; `strong`: one in which they are enabled again and again.
 */
export interface FairnessConstraint {
  readonly name: string;
  readonly strength: "weak" | "strong";
  readonly enabling: readonly number[];
  readonly taking: readonly number[];
}
/** What is asked of runs. */
export interface Liveness {
  readonly atoms: readonly Atom[];
  readonly formulas: readonly LivenessFormula[];
  readonly fairness: readonly FairnessConstraint[];
  /** By transition: in a state where it is enabled a run cannot end. */
  readonly urgent: readonly boolean[];
  /** Whether pending operations of trusted threads have to end; the goals that have to be reached again and again. */
  readonly progress: { readonly goals: readonly LivenessFormula[] } | null;
}

/** An operation of a program that its own locals rule out: a condition on the way to it is never true, whatever others do. */
export interface ExcludedOperation {
  /** The group of its thread. */
  readonly thread: string;
  readonly label: string;
  /** Where it stands, or the outermost call of a helper that is never made. */
  readonly site: Site;
}

export interface System {
  readonly name: string;
  readonly kernel: { readonly name: string; readonly options: Readonly<Record<string, string | number | boolean>> };
  readonly parameters: Readonly<Record<string, number>>;
  readonly scheduling: Scheduling;
  /** Per CPU, the variable element that holds the thread which ran last (round-robin); null otherwise. */
  readonly current: number | null;
  readonly cpus: number;
  /** Null: sequentially consistent. */
  readonly memory: WeakMemory | null;
  readonly variables: readonly Variable[];
  readonly operations: readonly OperationInfo[];
  readonly processes: readonly Process[];
  /** All transitions; those with `kind: "background"` belong to no location. */
  readonly transitions: readonly Transition[];
  readonly failures: readonly Failure[];
  readonly invariants: readonly Invariant[];
  /** Null or absent: only states are judged, not runs. */
  readonly liveness?: Liveness | null;
  /** Of operations that follow each other the first; they have no locations. Absent: none is known. */
  readonly excluded?: readonly ExcludedOperation[];
}

/** A state as plain numbers: `state[variable][index]`. */
export type State = readonly (readonly number[])[];
