/**
 * Which threads' steps may be taken alone in a state: ample sets (Peled, "All from one, one for all", CAV 1993) that are the
 * enabled steps of a set of threads, closed as stubborn sets are (Valmari 1990; Overman 1981): with a thread that can step
 * every thread that can still, from where it stands, do something that conflicts with one of its steps; with a thread that
 * is blocked every one that can still let it go on. All of it is decided beforehand, for each pair of a location and a
 * thread as a set of that thread's locations; only the closure is left to the search. docs/decisions/0031 has the argument.
 */
import type { Interval } from "../../../model/system/narrow.ts";
import type { System } from "../../../model/system/system.ts";
import { addAll, type Bits, dropBit, emptyBits, hasBit, meets } from "./bits.ts";
import { breakCycles, edgesFrom } from "./cycles.ts";
import { type Action, type Footprint, Footprints, type Served } from "./footprints.ts";
import { asksForSteps, enabledReads, isFairAsAWhole, unfitRuns } from "./runs.ts";

/** For each thread the locations from which it can still get in the way. */
export type Others = readonly (readonly boolean[])[];

export interface LocationReduction {
  /** Threads to be taken together with one that can step here; null: its steps are never taken alone. */
  readonly conflicts: Others | null;
  /** Threads to be taken together with one that is blocked here; null: background rules may let it go on. */
  readonly enablers: Others | null;
}
export interface Reduction {
  /** A set must come to one single step: where paths count, not only states. */
  readonly single: boolean;
  /** By thread and location. */
  readonly locations: readonly (readonly LocationReduction[])[];
}
export type PartialOrder = { readonly reduction: Reduction; readonly reason: null } | { readonly reduction: null; readonly reason: string };

/** Parts of the analysis that tests leave out, to see that they are missed. */
export type Part = "cycles" | "visible" | "scheduling" | "queues" | "conflicts" | "enablers" | "lost-wakeups" | "stopping" | "atoms" | "fairness";

/** Masks of threads have 64 bits, one of which says that nothing is to be taken alone. */
const mostThreads = 62;

const off = (reason: string): PartialOrder => ({ reduction: null, reason });

/** Why nothing can be taken alone in such a system at all; null: it has to be looked into. */
export function unfit({ processes, scheduling, memory, liveness }: System): string | null {
  if (processes.length < 2) return "there is one thread";
  if (processes.length > mostThreads) return `there are more than ${mostThreads} threads`;
  if (scheduling !== "free") return `under scheduling: "${scheduling}" steps of different threads depend on each other`;
  if (memory !== null) return `not for memory model ${memory.model}`;
  return liveness == null ? null : unfitRuns(liveness);
}

/** What may be taken alone in a system, or why nothing is. */
export function partialOrder(system: System, ranges: readonly (readonly Interval[])[], without: ReadonlySet<Part> = new Set()): PartialOrder {
  const reason = unfit(system);
  if (reason !== null && !without.has("scheduling")) return off(reason);
  return new Analysis(system, new Footprints(system, ranges), without).result();
}

class Analysis {
  readonly #system: System;
  readonly #footprints: Footprints;
  readonly #without: ReadonlySet<Part>;
  readonly #reducible: boolean[][];
  /** By thread and location: what all its transitions do, but for serving the thread of that number. */
  readonly #effects = new Map<string, Footprint>();
  readonly #single: boolean;

  constructor(system: System, footprints: Footprints, without: ReadonlySet<Part>) {
    this.#system = system;
    this.#footprints = footprints;
    this.#without = without;
    this.#single = system.processes.some((process) => !process.stoppable && process.locations.some(({ waits }) => waits.some(({ until }) => until !== null)));
    this.#reducible = footprints.actions.map((row) => row.map(() => false));
  }

  result(): PartialOrder {
    const { processes, liveness } = this.#system;
    const { actions, background } = this.#footprints;
    const waiting = processes.map((_, thread) => this.#waitReads(thread));
    const seen = this.#seenReads();
    const sleeping = this.#sleepReads();
    const enabling = liveness != null && asksForSteps(liveness) && !this.#without.has("fairness") ? enabledReads(this.#system, this.#footprints) : null;
    for (const process of processes) {
      const mayBeFair = enabling === null || isFairAsAWhole(this.#system, process);
      for (const { index } of process.locations) {
        const action = actions[process.index]?.[index];
        const row = this.#reducible[process.index];
        if (action === undefined || row === undefined) continue;
        row[index] =
          action.moves &&
          (!process.stoppable || this.#without.has("stopping")) &&
          !action.terminates &&
          !action.served.some(({ thread }) => processes[thread]?.stoppable === true) &&
          !this.#isVisible(process.index, index, waiting, seen) &&
          mayBeFair &&
          !(enabling !== null && this.#concernsSteps(process.index, index, action, enabling)) &&
          !(this.#single && !this.#without.has("lost-wakeups") && this.#concernsSleep(process.index, index, action, sleeping)) &&
          !(
            background !== null &&
            this.#conflict(
              this.#effect(process.index, index, null),
              this.#backgroundEffect(background, process.index),
              action,
              background,
              process.index,
              index,
            )
          );
      }
    }
    // Replicas are treated alike.
    for (const { index, group } of processes) {
      const replicas = processes.filter((other) => other.group === group).map((other) => this.#reducible[other.index] ?? []);
      const row = this.#reducible[index];
      if (replicas[0] === row)
        for (const at of row?.keys() ?? []) if (replicas.some((each) => each[at] !== true)) for (const each of replicas) each[at] = false;
    }
    const conflicts = processes.map((process) => process.locations.map(({ index }) => this.#others(process.index, index, false)));
    if (!this.#without.has("cycles")) {
      const servers = this.#servers();
      const weights = conflicts.map((row) => row.map((others) => others.flat().filter(Boolean).length));
      breakCycles({
        system: this.#system,
        reducible: this.#reducible,
        servers: (thread, location) => servers[thread]?.[location] ?? [],
        weight: (thread, location) => weights[thread]?.[location] ?? 0,
      });
    }
    if (!this.#reducible.flat().some(Boolean)) return off("no step is known to be independent of what other threads may do, and unseen by every property");
    const locations = processes.map((process) =>
      process.locations.map(({ index }): LocationReduction => {
        const action = actions[process.index]?.[index];
        const enabledByBackground =
          background !== null &&
          action !== undefined &&
          this.#enables(this.#backgroundEffect(background, process.index), background, action.guards, process.index, index);
        return {
          conflicts: this.#reducible[process.index]?.[index] === true ? (conflicts[process.index]?.[index] ?? null) : null,
          enablers: enabledByBackground ? null : this.#others(process.index, index, true),
        };
      }),
    );
    return { reduction: { single: this.#single, locations }, reason: null };
  }

  /** By thread and location: where others stand whose steps may move it on. */
  #servers(): readonly (readonly (readonly Served[])[])[] {
    const found = this.#system.processes.map(({ locations }) => locations.map((): Served[] => []));
    for (const [server, row] of this.#footprints.actions.entries())
      for (const [at, { served }] of row.entries())
        for (const { thread, location } of served) found[thread]?.[location]?.push({ thread: server, location: at });
    return found;
  }

  /** From which of its locations each other thread can still come to something that conflicts with, or enables, what stands here. */
  #others(thread: number, location: number, enabling: boolean): Others {
    const { actions } = this.#footprints;
    const here = actions[thread]?.[location];
    return this.#system.processes.map((other): readonly boolean[] => {
      if (other.index === thread || here === undefined || this.#without.has(enabling ? "enablers" : "conflicts")) return other.locations.map(() => false);
      const mine = this.#effect(thread, location, other.index);
      const found = other.locations.map(({ index }) => {
        const theirs = actions[other.index]?.[index];
        const effect = this.#effect(other.index, index, thread);
        if (theirs === undefined) return true;
        return enabling
          ? this.#enables(effect, theirs, here.guards, thread, location)
          : this.#conflict(mine, effect, here, theirs, thread, location, other.index, index);
      });
      // Backwards along the control graph.
      const edges = other.locations.map(({ index }) => edgesFrom(other, index).map(({ to }) => to));
      for (let changed = true; changed; ) {
        changed = false;
        for (const [from, after] of edges.entries()) if (found[from] !== true && after.some((to) => found[to])) changed = found[from] = true;
      }
      return found;
    });
  }

  /** Whether a step of one thread at its location, and one of others, may not commute. */
  #conflict(mine: Footprint, theirs: Footprint, here: Action, there: Action, thread: number, location: number, other = -1, at = -1): boolean {
    return (
      meets(mine.writes, theirs.reads) ||
      meets(mine.writes, theirs.writes) ||
      meets(mine.reads, theirs.writes) ||
      there.served.some((served) => served.thread === thread && served.location === location) ||
      here.served.some((served) => served.thread === other && served.location === at)
    );
  }

  #enables(theirs: Footprint, there: Action, guards: Bits, thread: number, location: number): boolean {
    if (meets(theirs.writes, guards)) return true;
    const process = this.#system.processes[thread];
    // Ending the thread moves it on as well.
    if (process !== undefined && hasBit(theirs.writes, this.#footprints.element(process.pc, 0))) return true;
    return there.served.some((served) => served.thread === thread && served.location === location);
  }
  /** Everything that a thread's steps at a location do, but for what `except` does when it is served: that counts only where it stands. */
  #effect(thread: number, location: number, except: number | null): Footprint {
    const action = this.#footprints.actions[thread]?.[location];
    if (action === undefined) return this.#footprints.empty();
    return this.#together(`${thread} ${location}`, action, except);
  }
  #backgroundEffect(background: Action, except: number | null): Footprint {
    return this.#together("background", background, except);
  }
  #together(name: string, action: Action, except: number | null): Footprint {
    const others = action.served.filter(({ thread }) => thread !== except);
    if (others.length === 0) return this.#hidden(action.own);
    const key = `${name} ${action.served.length === others.length ? null : except}`;
    let found = this.#effects.get(key);
    if (found === undefined) {
      found = this.#footprints.empty();
      for (const each of [action.own, ...others.map(({ thread, location }) => this.#footprints.continuations[thread]?.[location])]) {
        if (each === undefined) continue;
        addAll(found.reads, each.reads);
        addAll(found.writes, each.writes);
      }
      this.#effects.set(key, found);
    }
    return this.#hidden(found);
  }
  /** For tests: queues forgotten. */
  #hidden(footprint: Footprint): Footprint {
    if (!this.#without.has("queues")) return footprint;
    const writes = footprint.writes.slice();
    for (const { id, queue, length, role } of this.#system.variables) {
      if (queue === null && role !== "kernel") continue;
      for (let i = 0; i < length; i++) dropBit(writes, this.#footprints.element(id, i));
    }
    return { reads: footprint.reads, writes };
  }

  #seenReads(): Bits {
    const found = emptyBits(this.#footprints.size);
    const { invariants, liveness } = this.#system;
    for (const { holds } of invariants) this.#footprints.reads(holds, [], found);
    if (!this.#without.has("atoms")) for (const { holds } of liveness?.atoms ?? []) this.#footprints.reads(holds, [], found);
    // Which cell a race is about; usually a local says so, which nobody else changes.
    for (const { locals, locations } of this.#system.processes) {
      const index = emptyBits(this.#footprints.size);
      for (const { access } of locations) if (access !== null && access.index !== null) this.#footprints.reads(access.index, [], index);
      for (const local of locals) dropBit(index, this.#footprints.element(local, 0));
      addAll(found, index);
    }
    return found;
  }

  /** What says in which way a thread waits, and for whom. */
  #waitReads(thread: number): Bits {
    const { processes } = this.#system;
    const found = emptyBits(this.#footprints.size);
    for (const { waits, transient } of processes[thread]?.locations ?? []) {
      if (transient != null) this.#footprints.reads(transient, [], found);
      for (const { when, idle, wakers } of waits) {
        this.#footprints.reads(when, [], found);
        this.#footprints.reads(idle, [], found);
        for (const { able, when: who } of wakers)
          for (const other of processes) {
            if (other.index === thread || able[other.index]?.some(Boolean) !== true) continue;
            this.#footprints.reads(who, [[other.index, other.index]], found);
          }
      }
    }
    return found;
  }

  /** Whether a step may change whether another thread can step. */
  #concernsSteps(thread: number, location: number, { served }: Action, enabling: readonly Bits[]): boolean {
    if (served.length > 0) return true;
    const { writes } = this.#effect(thread, location, null);
    return enabling.some((reads, other) => other !== thread && meets(writes, reads));
  }

  /** Whether a step may change an invariant, a predicate of a formula, or what says how another thread waits. */
  #isVisible(thread: number, location: number, waiting: readonly Bits[], seen: Bits): boolean {
    if (this.#without.has("visible")) return false;
    if (meets(this.#effect(thread, location, null).writes, seen)) return true;
    return waiting.some((reads, other) => other !== thread && meets(this.#effect(thread, location, other).writes, reads));
  }

  /** What says that a thread sleeps in a wait with a condition, by thread. */
  #sleepReads(): readonly Bits[] {
    return this.#system.processes.map((process) => {
      const found = emptyBits(this.#footprints.size);
      if (process.stoppable) return found;
      for (const { index, waits } of process.locations) {
        if (waits.every(({ until }) => until === null)) continue;
        addAll(found, this.#footprints.actions[process.index]?.[index]?.guards ?? found);
        for (const { when, idle, until } of waits) for (const each of [when, idle, until]) if (each !== null) this.#footprints.reads(each, [], found);
      }
      return found;
    });
  }

  /** Whether a step may change who sleeps, or whether what is slept for has come true. */
  #concernsSleep(thread: number, location: number, action: Action, sleeping: readonly Bits[]): boolean {
    const process = this.#system.processes[thread];
    const sleeps = (at: number): boolean => process?.locations[at]?.waits.some(({ until }) => until !== null) === true;
    if (process === undefined || sleeps(location) || edgesFrom(process, location).some(({ to }) => sleeps(to))) return true;
    if (sleeping.some((reads, other) => other !== thread && meets(this.#effect(thread, location, null).writes, reads))) return true;
    return action.served.some(({ thread: other, location: at }) => {
      const served = this.#system.processes[other];
      const rests = (where: number): boolean => served?.locations[where]?.waits.some(({ until }) => until !== null) === true;
      return served !== undefined && (rests(at) || edgesFrom(served, at).some(({ to }) => rests(to)));
    });
  }
}
