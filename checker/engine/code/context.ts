/**
 * What all generated functions share: the module, the map of the fixed part of memory, the globals, and the function
 * that notes findings.
 */
import type { Process, System, Transition } from "../../../model/system/system.ts";
import type { Layout } from "../layout.ts";
import type { SymmetryPlan } from "../symmetry.ts";
import type { StoreKind } from "../../result.ts";
import type { Reduction } from "../partial-order/reduction.ts";
import { type FunctionBuilder, type FunctionType, ModuleBuilder, op } from "../wasm/encoder.ts";
import { memoryOf, orderAt } from "./canonical/index.ts";
import { cells, own } from "./cells.ts";
import { Far } from "./far.ts";
import { Frame } from "./frame.ts";

/** What a finding in the findings buffer is about; `detail` is a failure, a kind of blocked set, an invariant, a variable. */
export const findingKind = { failure: 0, blocked: 1, invariant: 2, race: 3, spinning: 4, endless: 5 } as const;
/** `detail` of blocked sets. */
export const blockedKinds = ["deadlock", "unreplied-call", "lost-wakeup"] as const;
/** Bytes of a finding: kind, detail, transition, pick, state. */
export const findingBytes = 20;
/** New states wait in a buffer until so many have come together; then they are looked up with overlapping cache misses. */
const batch = 512;
/** Pages that addresses of 32 bits reach. */
const mostPages = 65_536;
/** Bytes of the log of edges that a worker takes at once, at least. */
const logBlock = 1 << 17;
/** Findings that fit besides those of one state. */
const findingsRoom = 4096;

/** What a step function says about a thread. */
export const flag = { enabled: 1, running: 2, effect: 4, ready: 8 } as const;
/** What resuming completed threads comes to. */
export const resumed = { well: 0, pruned: 1, failed: 2 } as const;

export const stepType: FunctionType = { params: ["i32"], results: ["i32"] };
export const continuationType: FunctionType = { params: ["i32", "i32", "i32", "i32"], results: ["i32"] };

/** Addresses in the fixed part of memory; most are relative to a worker's own part. */
export interface Regions {
  /** Own part of the first worker, and the bytes of each. */
  readonly own: number;
  readonly ownBytes: number;
  /** A 64-bit set of wakers for each thread. */
  readonly wakers: number;
  /** A 64-bit set of threads for each thread: those that an ample set with it must hold. */
  readonly others: number;
  /** Bytes of each thread's steps in the buffer. */
  readonly steps: number;
  /** Completions that wait for the end of a transition: thread, operation, results. */
  readonly pending: number;
  readonly pendingStride: number;
  readonly pendingEnd: number;
  /** Two states to run a thread alone on. */
  readonly alone: number;
  /** A word of the compressed store; a state that does not stand in one piece, or not here. */
  readonly scratch: number;
  readonly unfolded: number;
  /** A state whose representative is asked for; what finding it needs; and the order that gives it, within that. */
  readonly representative: number;
  readonly canonical: number;
  readonly order: number;
  /** Shared: which members numbers stand for. */
  readonly members: number;
  /** Shared: one byte for each wait: seen asleep while its condition was true. */
  readonly seen: number;
  /** Shared: one byte for each transition: 1 unless an untrusted thread acts. */
  readonly trusted: number;
  /** Shared, for the log of edges: one byte for each transition (the last one stands for waiting): its class, and whether runs cannot end where it is enabled. */
  readonly classes: number;
  readonly urgent: number;
  readonly findings: number;
  /** Above it, the findings of one more state may not fit. */
  readonly findingsFull: number;
  readonly successors: number;
  /** Above it, the buffer is emptied. */
  readonly successorsFull: number;
  /** Bytes of the log that a worker takes at once: what the fullest buffer needs, or more. */
  readonly logBlock: number;
  /** Where the tables begin. */
  readonly tables: number;
}

/**
 * The names of the waits that trusted threads sleep in with a condition; equal names are one wait. A wait of symmetric
 * replicas has eight keys to itself, one for each of them in their order.
 */
export interface WaitKey {
  /** -1: nobody's. */
  readonly thread: number;
  readonly name: string;
  /** The symmetric group, if there is one: which, by number. */
  readonly group: number | null;
}

export class Context {
  readonly system: System;
  readonly layout: Layout;
  readonly module: ModuleBuilder;
  readonly workers: number;
  readonly store: StoreKind;
  /** Chooses the hash function of the stores that keep hashes. */
  readonly seed: number;
  readonly regions: Regions;
  readonly far: Far;
  readonly waitKeys: readonly WaitKey[];
  /** Whether the search writes down the edges of all states, and whether with the operations that each step ends. */
  readonly runs: boolean;
  readonly progress: boolean;
  /** Bytes of one entry of the successor buffer: the words, transition, pick, hash, where that is asked the threads whose operations end; last the order of symmetric replicas. */
  readonly entryBytes: number;
  /** Where in an entry the threads stand whose operations end, if progress is asked for. */
  readonly servedAt: number;
  readonly symmetry: SymmetryPlan | null;
  readonly stateBytes: number;
  /** Bits outside locations, locals and who ran last. */
  readonly sharedMasks: readonly bigint[];
  /** Null: every enabled step is taken. */
  readonly reduction: Reduction | null;
  readonly globals: {
    readonly tail: number;
    readonly pending: number;
    readonly current: number;
    readonly muted: number;
    /** Address of the worker's own part. */
    readonly own: number;
  };
  readonly record: FunctionBuilder;

  constructor(
    system: System,
    layout: Layout,
    sharedMasks: readonly bigint[],
    pages: number,
    wide: boolean,
    workers: number,
    store: StoreKind,
    seed: number,
    symmetry: SymmetryPlan | null,
    reduction: Reduction | null,
  ) {
    this.system = system;
    this.workers = workers;
    this.store = store;
    this.seed = seed;
    this.reduction = reduction;
    this.layout = layout;
    this.sharedMasks = sharedMasks;
    this.stateBytes = 8 * layout.words;
    this.runs = system.liveness != null && (store === "exact" || store === "compressed");
    this.progress = this.runs && system.liveness?.progress != null;
    // Behind the hash: where it comes from, or its compressed form.
    this.symmetry = symmetry;
    this.servedAt = this.stateBytes + (store === "exact" ? 16 : 24);
    this.entryBytes = this.servedAt + (this.progress ? 8 : 0) + orderBytes(symmetry);
    this.waitKeys = waitKeysOf(system, symmetry);
    this.regions = regionsOf(system, this.stateBytes, this.entryBytes, this.waitKeys.length, workers, symmetry);
    this.far = new Far(wide);
    this.module = wide
      ? new ModuleBuilder({ initial: 1, maximum: mostPages }, { initial: 0, maximum: pages })
      : new ModuleBuilder({ initial: 1, maximum: pages });
    const { module } = this;
    this.globals = {
      tail: module.global("tail", "i32"),
      pending: module.global("pending", "i32"),
      current: module.global("current", "i32"),
      muted: module.global("muted", "i32"),
      own: module.global("own", "i32"),
    };
    const { muted, current } = this.globals;
    this.record = module.function(["i32", "i32", "i32", "i32"], [], (f) => {
      const at = f.local("i32");
      f.getGlobal(muted).if(() => f.op(op.return));
      f.getGlobal(this.globals.own).load("i32", own.findings).set(at);
      for (let i = 0; i < 4; i++)
        f.get(at)
          .get(i)
          .store("i32", 4 * i);
      f.get(at).getGlobal(current).store("i32", 16);
      f.getGlobal(this.globals.own).get(at).i32(findingBytes).op(op.i32_add).store("i32", own.findings);
    });
  }

  /** Pushes an address in the worker's own part. */
  own(f: FunctionBuilder, offset: number): FunctionBuilder {
    f.getGlobal(this.globals.own);
    return offset === 0 ? f : f.i32(offset).op(op.i32_add);
  }

  frame(f: FunctionBuilder): Frame {
    return new Frame(f, this.system, this.layout);
  }

  /** Notes a finding of a state. */
  note(f: FunctionBuilder, kind: number, detail: number): void {
    f.i32(kind).i32(detail).i32(-1).i32(0).call(this.record);
  }

  /**
   * Pushes whether the thread's location is one of those. `locations` covers real locations only: a thread that has
   * ended is in no set.
   */
  standsIn(frame: Frame, process: Process, locations: readonly boolean[]): void {
    const { f } = frame;
    const count = locations.length;
    if (!locations.some(Boolean)) {
      f.i32(0);
      return;
    }
    frame.location(process);
    if (locations.every(Boolean) && count === process.locations.length) {
      f.i32(count).op(op.i32_lt_u);
      return;
    }
    // A tree of 64-bit masks.
    const location = frame.scratch();
    f.set(location);
    f.i32(0);
    for (let base = 0; base < count; base += 64) {
      let mask = 0n;
      for (let i = 0; i < 64 && base + i < count; i++) if (locations[base + i]) mask |= 1n << BigInt(i);
      if (mask === 0n) continue;
      f.i64(mask).get(location).op(op.i64_extend_u, op.i64_shr_u, op.i32_wrap).i32(1).op(op.i32_and);
      f.get(location).i32(base).op(op.i32_sub).i32(64).op(op.i32_lt_u, op.i32_and, op.i32_or);
    }
    frame.release(frame.taken() - 1);
  }

  /** The transitions of a location, by kind. */
  transitionsAt(process: Process, location: number, kind: Transition["kind"]): readonly Transition[] {
    return this.system.transitions.filter((transition) => transition.kind === kind && transition.thread === process.index && transition.location === location);
  }
}

/** Waits that share a sweep; no more replicas are exchanged with each other where waits have conditions. */
export const keysOfOrbit = 8;

/** Bytes of an order of symmetric replicas. */
export function orderBytes(symmetry: SymmetryPlan | null): number {
  return symmetry === null ? 0 : 8 * Math.ceil(symmetry.members.length / 8);
}

/** Values that a thread's pc can take, ended threads included. */
export function locationCount(process: Process): number {
  return Math.max(process.locations.length, process.stopped ?? 0) + 1;
}

function waitKeysOf(system: System, symmetry: SymmetryPlan | null): readonly WaitKey[] {
  const keys = new Map<string, WaitKey>();
  for (const process of system.processes) {
    if (process.stoppable) continue;
    for (const location of process.locations) {
      for (const wait of location.waits) {
        if (wait.until === null) continue;
        const name = `${system.operations[location.operation]?.name}: ${wait.says}`;
        const group = symmetry?.groups.findIndex(({ members }) => members.includes(process.index)) ?? -1;
        keys.set(`${process.index} ${name}`, { thread: process.index, name, group: group < 0 ? null : group });
      }
    }
  }
  const orbits = (symmetry?.groups ?? []).flatMap(({ members }, group) => {
    const names = new Set([...keys.values()].filter((key) => key.group === group).map(({ name }) => name));
    return [...names].flatMap((name) => Array.from({ length: keysOfOrbit }, (_, i): WaitKey => ({ thread: members[i] ?? -1, name, group })));
  });
  return [...orbits, ...[...keys.values()].filter(({ group }) => group === null)];
}

function regionsOf(system: System, stateBytes: number, entryBytes: number, waits: number, workers: number, symmetry: SymmetryPlan | null): Regions {
  const at = new Map<string, number>();
  for (const { thread, location, picks } of system.transitions) at.set(`${thread} ${location}`, (at.get(`${thread} ${location}`) ?? 0) + picks);
  const most = (thread: number | null): number => Math.max(0, ...[...at].filter(([key]) => key.startsWith(`${thread} `)).map(([, picks]) => picks));
  const successorsOfOne = most(null) + system.processes.reduce((sum, { index }) => sum + most(index), 0);
  const threads = system.processes.length;
  const findingsOfOne = successorsOfOne + system.transitions.length + 2 + system.invariants.length + threads * threads * 2;
  const pendingStride = 8 + 4 * Math.max(0, ...system.operations.map(({ results }) => results.length));
  let next: number = cells.bytes;
  const take = (bytes: number): number => {
    const address = next;
    next = Math.ceil((next + bytes) / 64) * 64;
    return address;
  };
  const seen = take(waits + 1);
  const trusted = take(system.transitions.length);
  const classes = take(system.transitions.length + 1);
  const urgent = take(system.transitions.length + 1);
  const canonicalMemory = symmetry === null ? null : memoryOf(symmetry, stateBytes / 8);
  const members = take(canonicalMemory?.tables.length ?? 0);
  const first = next;
  next = own.bytes;
  const wakers = take(8 * threads);
  const others = take(8 * threads);
  const steps = take(4 * threads);
  const pendingBytes = (2 * threads + 2) * pendingStride;
  const pending = take(pendingBytes);
  const alone = take(2 * stateBytes);
  const scratch = take(8);
  const unfolded = take(stateBytes);
  const representative = take(canonicalMemory === null ? 0 : stateBytes);
  const canonical = take(canonicalMemory?.ownBytes ?? 0);
  const findings = take((findingsRoom + findingsOfOne) * findingBytes);
  // One thread may be run on the side while the successors of a state are in the buffer; where none has to be taken, waiting is another.
  const entries = batch + 2 * successorsOfOne + 2;
  const successors = take(entries * entryBytes);
  const ownBytes = next;
  return {
    own: first,
    ownBytes,
    wakers,
    others,
    steps,
    pending,
    pendingStride,
    pendingEnd: pending + pendingBytes - pendingStride,
    alone,
    scratch,
    unfolded,
    representative,
    canonical,
    order: canonical + (symmetry === null ? 0 : orderAt(symmetry, stateBytes / 8)),
    members,
    seen,
    trusted,
    classes,
    urgent,
    findings,
    findingsFull: findings + findingsRoom * findingBytes,
    successors,
    successorsFull: successors + batch * entryBytes,
    logBlock: Math.max(logBlock, 16 * entries + 16),
    tables: first + workers * ownBytes,
  };
}
