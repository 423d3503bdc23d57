/**
 * What must happen in the long run: temporal formulas over named predicates, the fairness under which they are meant, and
 * progress. `liveness` of a protocol is a function of these builders, so that predicates know the protocol's memory.
 */

/** A predicate over one state: memory, ghost memory, parameters, and where threads stand. */
export type Predicate<S> = (state: S) => boolean;

/**
 * How the choices of a run are restricted. `weak`: who can step without interruption from some time on steps again and
 * again. `strong`: who can step again and again does so.
 */
export type Fairness = "none" | "weak" | "strong";
export const fairnessNames: readonly ["none", "weak", "strong"] = ["none", "weak", "strong"];

/** Fairness of one kind of step: every step of the thread at operations of that label, by that rule. */
export interface StepFairness {
  readonly thread: string;
  /** As the source names the operation: `ipc.call`, `choose`. Default: all. */
  readonly operation?: string;
  /** The kernel's name of the rule. Default: all. */
  readonly rule?: string;
  /** Which of the rule's instances: the position in a `choose`. Default: all together. */
  readonly fairness: "weak" | "strong";
}
export interface FairnessOptions {
  /** Of the trusted threads that `threads` does not name; default `weak`. */
  readonly default?: Fairness;
  readonly threads?: Readonly<Record<string, Fairness>>;
  readonly steps?: readonly StepFairness[];
}
export type FairnessDeclaration = Fairness | FairnessOptions;

/** A property of runs: a formula in linear temporal logic and what its names mean. */
export interface LivenessProperty {
  readonly kind: "liveness";
  readonly formula: string;
  readonly predicates: Readonly<Record<string, Predicate<never>>>;
}

/** How a thread stands, for predicates. */
export interface ThreadView {
  /** The operation that it stands at, as the source names it (`ipc.call`); "finished"; "stopped". */
  readonly at: string;
  readonly finished: boolean;
}
/** All threads of one name: itself the view when there is one, else a list. */
export type ThreadViews = ThreadView & { readonly [index: number]: ThreadView; readonly length: number };

export interface LivenessBuilders<S> {
  /** On every run it is true at some time. */
  eventually(this: void, predicate: Predicate<S>): LivenessProperty;
  /** Whenever the first is true, the second is true then or later. */
  leadsTo(this: void, from: Predicate<S>, to: Predicate<S>): LivenessProperty;
  /** It is true again and again, for ever. */
  alwaysEventually(this: void, predicate: Predicate<S>): LivenessProperty;
  /** A formula: `!`, `&&`, `||`, `->`, `<->`, `[]`, `<>`, `X`, `U`, `W`, `R`, over the names of the predicates. */
  ltl(this: void, formula: string, predicates: Readonly<Record<string, Predicate<S>>>): LivenessProperty;
}

const property = (formula: string, predicates: LivenessProperty["predicates"]): LivenessProperty => ({ kind: "liveness", formula, predicates });

/** The builders that a declaration's `liveness` is called with. */
export const livenessBuilders: LivenessBuilders<never> = {
  eventually: (predicate) => property("<>p", { p: predicate }),
  leadsTo: (from, to) => property("[](p -> <>q)", { p: from, q: to }),
  alwaysEventually: (predicate) => property("[]<>p", { p: predicate }),
  ltl: property,
};

/** What counts as progress besides the end of a pending operation: predicates that are true again and again. */
export interface ProgressOptions<S> {
  readonly goals?: Readonly<Record<string, Predicate<S>>>;
}
export type ProgressDeclaration<S> = boolean | ProgressOptions<S>;
