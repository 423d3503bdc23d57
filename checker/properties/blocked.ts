/**
 * Threads that nobody will wake: the greatest set D of blocked threads of which each can only be woken by others of the
 * set or by threads that may stop, as docs/architecture.md defines it, with the edges of the wait-for graph.
 *
 * The engine finds the states with generated code; this version serves reports and is what that code is tested against.
 * A state that only loops of single loads keep alive is decided here alone ({@link pureSpinners}).
 */
import type { Process, State, System, WaitInfo } from "../../model/system/system.ts";
import { enabledMoves, evaluate, fire, locationOf, type Move, permittedThreads, possibleMoves, readyThreads } from "../../model/system/interpret.ts";

/** How a thread that cannot go on waits. */
export interface Waiting {
  readonly thread: number;
  /** `wait`: blocked in its operation; `spinning`; `held back` by spinning threads of higher priority. */
  readonly how: "wait" | "spinning" | "held back";
  /** Memory itself may end the wait: the thread is in no set D. */
  readonly transient: boolean;
  readonly info: WaitInfo | null;
  /** In the kernel's words. */
  readonly says: string;
  readonly idle: boolean;
  /** The condition slept for has come true. */
  readonly until: boolean;
  /** Who could end the wait. */
  readonly wakers: readonly number[];
}
export interface BlockedSet {
  readonly kind: "deadlock" | "unreplied-call" | "lost-wakeup";
  /** D, by number. */
  readonly threads: readonly number[];
  /** The trusted members whose wait is not idle. */
  readonly harmed: readonly number[];
}
export interface BlockedAnalysis {
  /** Every blocked thread, by number. */
  readonly waiting: readonly Waiting[];
  /** Null if D harms nobody. */
  readonly violation: BlockedSet | null;
}

/** At most so many steps of a thread are tried to find that it spins. */
const longestSpin = 1000;

const isFinished = (process: Process, state: State): boolean => locationOf(state, process) === process.locations.length;
/** Neither finished nor stopped for ever. */
const isRunning = (process: Process, state: State): boolean => locationOf(state, process) < process.locations.length;

/** The enabled steps of each thread, whatever the scheduler says; stopping is not one of them. */
function stepsByThread(system: System, state: State, moves: readonly Move[] = possibleMoves(system, state)): readonly (readonly Move[])[] {
  const steps: Move[][] = system.processes.map(() => []);
  for (const move of moves) {
    const transition = system.transitions[move.transition];
    if (transition?.kind === "step") steps[transition.thread ?? -1]?.push(move);
  }
  return steps;
}

/** Position of the wait that a blocked thread is in, -1 if none matches. */
export function waitIndex(system: System, state: State, thread: number): number {
  const process = system.processes[thread];
  const location = process?.locations[locationOf(state, process)];
  return location?.waits.findIndex((wait) => evaluate(state, wait.when) !== 0) ?? -1;
}

function wakersOf(system: System, state: State, thread: number, info: WaitInfo): readonly number[] {
  return system.processes
    .filter((other) => other.index !== thread && !isFinished(other, state))
    .map(({ index }) => index)
    .filter((other) => {
      const process = system.processes[other];
      return (
        process !== undefined &&
        info.wakers.some(({ able, when }) => able[other]?.[locationOf(state, process)] === true && evaluate(state, when, [other]) !== 0)
      );
    });
}

/** Threads that run alone come to a state where they have been before, where no step of a thread that may come next changes more than locals. */
export function pureSpinners(system: System, state: State): readonly number[] {
  const next = stepsByThread(system, state, enabledMoves(system, state));
  const shared = system.variables.filter(({ role, id }) => role !== "pc" && role !== "local" && id !== system.current).map(({ id }) => id);
  const same = (a: State, b: State, variables: readonly number[]): boolean => variables.every((id) => a[id]?.every((value, i) => value === b[id]?.[i]));
  const all = system.variables.filter(({ id }) => id !== system.current).map(({ id }) => id);
  const harmless = (move: Move): boolean => {
    const outcome = fire(system, state, move);
    return outcome.kind === "pruned" || (outcome.kind === "state" && same(outcome.state, state, shared));
  };
  if (!next.every((moves) => moves.every(harmless))) return [];
  const running = [...next.keys()].filter((thread) => next[thread]?.length);
  return running.filter((thread) => {
    let here = state;
    const visited: State[] = [here];
    for (let steps = 0; steps < longestSpin; steps++) {
      const [only, ...more] = stepsByThread(system, here)[thread] ?? [];
      if (only === undefined || more.length > 0) return false;
      const outcome = fire(system, here, only);
      if (outcome.kind !== "state" || !same(outcome.state, state, shared)) return false;
      here = outcome.state;
      if (visited.some((before) => same(here, before, all))) return true;
      visited.push(here);
    }
    return false;
  });
}

/** Who is blocked, and whether that is a violation. */
export function blockedAnalysis(system: System, state: State): BlockedAnalysis {
  const possible = stepsByThread(system, state);
  const permitted = permittedThreads(system, state, possible.flat());
  const waits = new Map<number, Waiting>();
  const unfinished = system.processes.filter((process) => !isFinished(process, state)).map(({ index }) => index);
  for (const process of system.processes) {
    const thread = process.index;
    if (!isRunning(process, state) || possible[thread]?.length !== 0) continue;
    const location = process.locations[locationOf(state, process)];
    const transient = location?.transient != null && evaluate(state, location.transient) !== 0;
    const info = location?.waits[waitIndex(system, state, thread)] ?? null;
    waits.set(thread, {
      thread,
      how: "wait",
      transient,
      info,
      says: info?.says ?? (transient ? "waiting for stores to reach memory" : `blocked in ${location?.label}`),
      idle: info !== null && evaluate(state, info.idle) !== 0,
      until: info !== null && info.until !== null && evaluate(state, info.until) !== 0,
      wakers: info === null ? [] : wakersOf(system, state, thread, info),
    });
  }
  const settled = system.memory?.settled == null || evaluate(state, system.memory.settled) !== 0;
  const spinners = settled ? pureSpinners(system, state) : [];
  const add = (thread: number, how: Waiting["how"], says: string, wakers: readonly number[]): void =>
    void waits.set(thread, { thread, how, transient: false, info: null, says, idle: false, until: false, wakers });
  for (const thread of spinners)
    add(
      thread,
      "spinning",
      "spinning",
      unfinished.filter((other) => other !== thread),
    );
  const ready = system.scheduling === "priority" ? readyThreads(system, state, possible.flat()) : new Set<number>();
  const held = [...ready].flatMap((thread) => {
    const preferred = system.processes.filter(({ index, cpu }) => permitted.has(index) && cpu === system.processes[thread]?.cpu).map(({ index }) => index);
    const hasTimer = possible[thread]?.some(({ transition }) => system.transitions[transition]?.timer === true) === true;
    if (permitted.has(thread) || hasTimer || waits.has(thread) || preferred.some((other) => possible[other]?.length && !spinners.includes(other))) return [];
    return [{ thread, preferred }];
  });
  // Whoever goes on may give a thread that is held back a priority, where these are inherited.
  const isBlocked = (thread: number): boolean => waits.get(thread)?.transient === false || held.some((each) => each.thread === thread);
  const givers = system.processes.some(({ inherited }) => inherited != null)
    ? system.processes.filter((process) => isRunning(process, state) && !isBlocked(process.index)).map(({ index }) => index)
    : [];
  for (const { thread, preferred } of held) add(thread, "held back", "held back by a spinning thread", [...new Set([...preferred, ...givers])]);
  return { waiting: [...waits.values()].sort((a, b) => a.thread - b.thread), violation: greatestSet(system, state, waits) };
}

function greatestSet(system: System, state: State, waits: ReadonlyMap<number, Waiting>): BlockedSet | null {
  const stoppable = (thread: number): boolean => {
    const process = system.processes[thread];
    return process !== undefined && (process.stoppable || !isRunning(process, state));
  };
  const wakers = (thread: number): readonly number[] => waits.get(thread)?.wakers ?? [];
  const set = new Set([...waits.values()].filter(({ transient }) => !transient).map(({ thread }) => thread));
  for (let changed = true; changed; ) {
    changed = false;
    for (const thread of set) if (wakers(thread).some((waker) => !set.has(waker) && !stoppable(waker))) changed = set.delete(thread);
  }
  const harmed = [...set].filter((thread) => system.processes[thread]?.stoppable === false && !waits.get(thread)?.idle).sort((a, b) => a - b);
  if (harmed.length === 0) return null;
  const involved = new Set(harmed);
  for (const thread of involved) if (set.has(thread)) for (const waker of wakers(thread)) involved.add(waker);
  const asked = [...involved].filter((thread) => set.has(thread)).flatMap(wakers);
  const kind = harmed.some((thread) => waits.get(thread)?.until)
    ? "lost-wakeup"
    : asked.some((waker) => system.processes[waker]?.stoppable)
      ? "unreplied-call"
      : "deadlock";
  return { kind, threads: [...set].sort((a, b) => a - b), harmed };
}
