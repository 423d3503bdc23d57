/**
 * What the explorer's page shows, as plain data: made by the server from a transition system, or by the HTML export from
 * a trace. Types only; the page and what feeds it share nothing else but pure functions on names and paths.
 */
import type { Change, Decision, ShownValue, Trace, TraceEnd, TraceStep, TraceThread, Turning, WaitEdge } from "../trace.ts";

export type Value = ShownValue | readonly ShownValue[];

/** A named value at the start; steps say how it changes. */
export interface NamedValue {
  readonly name: string;
  readonly role: Change["role"];
  readonly value: Value;
}

/** What does not change while one looks at a protocol. */
export interface Scene {
  readonly protocol: string;
  /** Where it comes from and how it was instantiated, a phrase each. */
  readonly about: readonly string[];
  /** The command that serves this protocol, to which a path can be added; null: there is none. */
  readonly command: string | null;
  readonly threads: readonly TraceThread[];
  readonly initial: readonly NamedValue[];
  /** Everything that is looked for, by kind; invariants by name. */
  readonly properties: readonly { readonly kind: string; readonly property: string }[];
}

/** One step of a path. */
export interface ViewedStep extends TraceStep {
  readonly kind: Decision["kind"];
  /** The violation that the step itself is; null: it leads to a state. */
  readonly fails: ShownProblem | null;
}

export interface ShownProblem {
  readonly kind: string;
  readonly property: string;
  readonly message: string;
}

/** One way on. */
export interface ShownMove {
  /** Its name in a path. */
  readonly move: string;
  readonly cpu: number | null;
  readonly thread: string | null;
  readonly kind: Decision["kind"];
  readonly operation: string;
  readonly rule: string;
  /** What it would change, in words. */
  readonly effects: readonly string[];
  readonly fails: ShownProblem | null;
}

/** A state as far as it is not values: how threads stand, what is wrong, what can come next. */
export interface Moment {
  readonly threads: readonly TraceEnd[];
  /** Null: not known here, since a trace says it of its end only. */
  readonly edges: readonly WaitEdge[] | null;
  /** The threads of a circle of waits, in its order; empty if there is none. */
  readonly circle: readonly string[];
  /** Null: not known here. */
  readonly problems: readonly ShownProblem[] | null;
  /** Null: not known here. */
  readonly moves: readonly ShownMove[] | null;
}

/** The steps of a path. */
export interface Walked {
  readonly path: string;
  readonly steps: readonly ViewedStep[];
}

/** A counterexample, as a report tells it. */
export interface Story {
  readonly title: string;
  readonly why: readonly string[];
  readonly turn: readonly string[];
  readonly turning: Turning | null;
}

/** A picture of the states: positions are in units of a column and of a row. */
export interface Overview {
  readonly states: number;
  /** The nodes are places where threads stand, of many states each. */
  readonly quotient: boolean;
  readonly columns: number;
  readonly rows: number;
  readonly nodes: readonly OverviewNode[];
  /** Positions in `nodes`. */
  readonly edges: readonly { readonly from: number; readonly to: number; readonly label: string }[];
}
export interface OverviewNode {
  readonly key: string;
  readonly label: string;
  readonly role: "initial" | "violation" | "state";
  readonly x: number;
  readonly y: number;
}

/** A path, and where it begins to repeat for ever; null: it just ends. */
export interface Counterexample {
  readonly path: string;
  readonly loop: number | null;
}

/** What a search for a state, or for violations, came to. */
export interface Found {
  readonly path: string | null;
  readonly states: number;
  readonly depth: number;
  /** Every state that can be reached was looked at. */
  readonly complete: boolean;
}
export interface Checked {
  readonly verdict: "holds" | "violated" | "inconclusive";
  readonly states: number;
  readonly findings: readonly (ShownProblem & Counterexample)[];
}

/** A trace without its specification: what it says of its steps and of its end. */
export interface Recording {
  readonly steps: readonly ViewedStep[];
  readonly end: Trace["end"];
  /** Of the waits at the end. */
  readonly circle: readonly string[];
  readonly problem: ShownProblem;
  /** Of a violation by a run: the steps from this position on repeat for ever. */
  readonly loop: number | null;
}

/** What the page begins with: a server to ask, or one trace with all that it knows. */
export type PageData =
  | { readonly kind: "live"; readonly scene: Scene }
  | { readonly kind: "trace"; readonly scene: Scene; readonly story: Story; readonly recording: Recording };
