/** What a search gives back, whichever checker ran it: the naive one and the engine agree on all of it. */
import type { ViolationKind } from "../model/language/protocol.ts";
import type { Site } from "../model/language/operation.ts";
import type { Keep } from "../model/system/keep.ts";

/** How visited states are kept: as they are, compressed (both exact), as 64-bit hashes, or as bits of an array. */
export type StoreKind = "exact" | "compressed" | "compact" | "bitstate";

export interface SearchOptions {
  readonly store?: StoreKind;
  readonly maxStates?: number;
  readonly maxDepth?: number;
  /** Bytes. */
  readonly maxMemory?: number;
  /** A folder: when memory is full the states go there, and the search goes on. With the exact store. */
  readonly disk?: string;
  /** Seconds. */
  readonly timeout?: number;
  /** At most so many threads; default: one for each core. Counts, verdict and paths do not depend on it. */
  readonly workers?: number;
  /** All of them from the first state on, however few states there are; on disk, if there is one, just so: for tests. */
  readonly eager?: boolean;
  /** Memory with addresses of 64 bits, however little there is to be of it; an error where there is none. For tests. */
  readonly wide?: boolean;
  /** Keeps one state for all that differ in the order of symmetric replicas only. */
  readonly symmetry?: boolean;
  /**
   * Leave out states that differ only in the order of independent steps, where that is sound for all that is checked; `large`:
   * only if there are many. Default: never.
   */
  readonly partialOrder?: "always" | "large";
  /** Searches without reductions as well, and compares: throws {@link ShadowDifference}. Not with samples. */
  readonly shadow?: boolean;
  /** Look at runs once, when all states are there: then all that is wrong with them is found. */
  readonly patient?: boolean;
  /** Not all states, but a sample of them. */
  readonly sample?: Walks | Swarm;
  /** Where the search is written to now and then, so that it can be taken up again; with the exact store. */
  readonly checkpoint?: CheckpointOptions;
  /** Look once more at all states, and say what they come to; with the profile if asked for. Takes a store whose states have numbers. */
  readonly census?: "counts" | "profile";
  /** A census of counts is left out beyond so many states. */
  readonly censusLimit?: number;
  /** For what is derived from the system alone; default: it is derived anew. Only for one system. */
  readonly keep?: Keep;
  /** Called about four times a second. */
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
}

/** Random walks. */
export interface Walks {
  readonly kind: "walks";
  readonly walks: number;
  /** Steps of a walk at most. */
  readonly depth: number;
  readonly seed: number;
}
/** Many searches with bit arrays, each with a hash function of its own and of wide levels a random part. */
export interface Swarm {
  readonly kind: "swarm";
  readonly searches: number;
  /** States of a level that are gone on from, about. */
  readonly width: number;
  readonly seed: number;
}

/** What a search that takes a sample has covered. */
export interface Sample {
  readonly kind: "walks" | "swarm";
  readonly seed: number;
  /** Walks or searches. */
  readonly done: number;
  /** Transitions of the system, and those that were fired; of walks. */
  readonly rules: number | null;
  readonly fired: number | null;
  /** How many states can be reached: a lower bound, and the interval that holds it with 95 %. */
  readonly estimate: Estimate | null;
}

/** A number of states that nobody has counted, and between what bounds it is thought to be. */
export interface Estimate {
  readonly states: number;
  readonly low: number;
  readonly high: number;
}

export interface CheckpointOptions {
  readonly file: string;
  /** Seconds between two checkpoints. */
  readonly interval: number;
  /** Go on from what the file holds, instead of beginning anew. */
  readonly resume: boolean;
}

export interface Progress {
  readonly states: number;
  readonly transitions: number;
  readonly depth: number;
  readonly frontier: number;
  readonly seconds: number;
  readonly memory: number;
  readonly onDisk: number;
  /** Of all states, by the widths of the levels so far; null: it cannot be said. */
  readonly estimate: Estimate | null;
}

export interface PathStep {
  /** Transition id, and which of its picks. */
  readonly transition: number;
  readonly pick: number;
}

/** One violated property with its shortest path; among those the one with the fewest context switches. */
export interface Finding {
  readonly kind: ViolationKind;
  /** The invariant's name, the check's text, or the kind again. */
  readonly property: string;
  readonly message: string;
  readonly site: Site | null;
  /** The threads that the violation is about: the waiting set, the racing pair, the thread whose check failed. */
  readonly threads: readonly number[];
  /** From the initial state. If `failing`, the last step is the violating transition; else the violation is the last state. */
  readonly path: readonly PathStep[];
  readonly failing: boolean;
  /** Of a violation by a run: where in the path the part begins that repeats for ever; at its end: there the run stays. */
  readonly loop?: number;
}

/**
 * `buffer`, `messages`: all states were visited, but a store buffer (a cell's list of messages) of the memory model was full;
 * `runs`: the same, but this store keeps no graph of states in which runs could be judged.
 */
export type Bound = (typeof bounds)[number];
export const bounds = ["states", "depth", "memory", "disk", "time", "interrupted", "sampled", "buffer", "messages", "runs"] as const;

export interface SearchResult {
  /** "holds" only if every reachable state was visited. */
  readonly verdict: "holds" | "violated" | "inconclusive";
  /** The bound that ended an inconclusive search. */
  readonly bound: Bound | null;
  readonly findings: readonly Finding[];
  readonly stats: SearchStats;
  /** Only if it was asked for and could be taken. */
  readonly census?: Census;
}

export interface SearchStats {
  /** Distinct reachable states visited (stored). */
  readonly states: number;
  /** Transitions fired, violating ones included. */
  readonly transitions: number;
  /** Greatest distance of a stored state from the initial one. */
  readonly depth: number;
  /** All of them. */
  readonly seconds: number;
  /** Those before the first state was expanded: the layout of states, generating and compiling code. */
  readonly generating: number;
  /** Those after that until every state was visited. What is left of all: lost wakeups, properties of runs at the end, paths, a census. */
  readonly exploring: number;
  /** Bytes of memory for each stored state, all tables counted. */
  readonly bytesPerState: number;
  /** Bytes of states on disk; 0: memory was enough. */
  readonly onDisk: number;
  /** Bits of one packed state; 0 for the naive checker. */
  readonly stateBits: number;
  /** States that wait to be expanded when an inconclusive search ends. */
  readonly frontier: number;
  /** Of a search that a bound has ended: how many states there may be in all, by the widths of its levels; null: cannot be said. */
  readonly estimate: Estimate | null;
  /** Threads that have worked at it. */
  readonly workers: number;
  readonly store: StoreKind;
  /** Probability that some state was taken for another one and left out; 0 for exact stores. */
  readonly omission: number;
  /** Kinds of violations that this store cannot look for. */
  readonly unchecked: readonly ViolationKind[];
  readonly sample: Sample | null;
  /** Null: not looked for. */
  readonly symmetry: SymmetryStats | null;
  readonly partialOrder: PartialOrderUse;
  /** The unreduced search beside this one; `compared`: both came to an end. */
  readonly shadow?: { readonly states: number; readonly transitions: number; readonly seconds: number; readonly compared: boolean };
}

/** Which replicas could be put in any order. */
export interface SymmetryStats {
  readonly groups: readonly { readonly name: string; readonly replicas: number }[];
  /** Threads with replicas some of which could not, and why. */
  readonly apart: readonly { readonly name: string; readonly reason: string; readonly site: Site | null }[];
  /** Whether every orbit was stored once. */
  readonly exact: boolean;
}

/** Whether states were left out that differ only in the order of independent steps. */
export interface PartialOrderUse {
  readonly used: boolean;
  /** Why not. */
  readonly reason: string | null;
  /**
   * Of a violation: an unreduced search to its depth has shown that there is no shorter one; the figures are those of that
   * search. False: that search came to a bound, and the figures and the counterexample are those of the reduced one.
   */
  readonly confirmed: boolean;
}

/** What the states that were visited come to. After a violation these are not all that can be reached. */
export interface Census {
  readonly states: number;
  /** How often each transition fired, violations included, and in how many states it could. */
  readonly fired: readonly number[];
  readonly enabled: readonly number[];
  /** For each process, how many states have it at each location; last, how many have it finished. */
  readonly at: readonly (readonly number[])[];
  /** Invariants that some part of makes no difference to, in any state. */
  readonly trivial: readonly Triviality[];
  /** For each predicate that formulas about runs name, its value in all states; null where it has both. */
  readonly decided: readonly (boolean | null)[];
  readonly profile: Profile | null;
}

/** Why an invariant says less than it seems to. */
export interface Triviality {
  readonly invariant: number;
  /** `constant`: none of the variables that it reads ever changes; `premise`: the left side of a disjunction always decides. */
  readonly why: "constant" | "premise";
}

/** Where the states come from. */
export interface Profile {
  /** The states that it is about: the first ones found. */
  readonly states: number;
  readonly variables: readonly {
    readonly variable: number;
    readonly bits: number;
    /** Different values that it was seen with; of arrays, as a whole. */
    readonly values: number;
    /** How many different states would be left without it. */
    readonly without: number;
  }[];
  /** Threads, in pairs: how many different local states each has, and both together. Only pairs of threads that take steps. */
  readonly pairs: readonly { readonly threads: readonly [number, number]; readonly states: readonly [number, number]; readonly together: number }[];
}

/** A state of so many bits is more than the engine takes. */
export class StateTooLarge extends Error {
  readonly bits: number;
  readonly limit: number;
  constructor(bits: number, limit: number) {
    super(`a state needs ${bits} bits; the limit is ${limit}`);
    this.bits = bits;
    this.limit = limit;
  }
}

/** A reduction has changed what a search comes to: a fault of the checker. */
export class ShadowDifference extends Error {}

/** States cannot be kept on disk, and why. */
export class DiskError extends Error {}

/** A checkpoint that cannot be used, and why. */
export class CheckpointError extends Error {}
