/**
 * Release/acquire memory: the view-based semantics of Kang et al. (POPL 2017) without promises, and data races by
 * happens-before. A cell has its messages in modification order; a view names for each cell the latest message known and
 * lists the accesses missed, that is, not known to have happened. Rules that act on memory itself pass views on as
 * docs/architecture.md says.
 */
import { CellHandle, type Order } from "../../model/language/memory.ts";
import type { StepBody } from "../../model/language/operation.ts";
import type { Instance } from "../../model/language/protocol.ts";
import type { Pending } from "./expressions.ts";
import { type Access, type Meeting, type Memory, type MemoryModel, repeats, type Standing, type Way, written } from "./memory.ts";
import { type ControlFlow, touchedBy } from "./reach.ts";
import { fit, initialValue, textOf } from "./value.ts";

interface View {
  /** By address, the number of a message; one that is no longer there stands for the oldest. */
  readonly latest: Map<number, number>;
  readonly missed: Set<string>;
}
interface Message {
  readonly id: number;
  readonly value: unknown;
  /** Written by a read-modify-write that read the message before. */
  readonly attached: boolean;
  readonly view: View;
}
interface Thread {
  readonly current: View;
  readonly pending: View | null;
  readonly released: View | null;
}
interface Hidden {
  readonly lists: Map<number, Message[]>;
  readonly threads: readonly Thread[];
  readonly global: View;
  readonly lock: View | null;
  readonly kernel: { readonly threads: readonly View[]; readonly objects: readonly View[] } | null;
  /** Number of the next message. */
  next: number;
}
/** An access as far as races go. */
interface Kind {
  readonly variable: string;
  readonly write: boolean;
  readonly plain: boolean;
}

const acquires = (order: Order | "plain"): boolean => order === "acquire" || order === "acq_rel" || order === "seq_cst";
const releases = (order: Order | "plain"): boolean => order === "release" || order === "acq_rel" || order === "seq_cst";
const failing = (order: Order | "plain"): Order | "plain" => (order === "acq_rel" ? "acquire" : order === "release" ? "relaxed" : order);
const conflict = (a: Kind, b: Kind): boolean => a.variable === b.variable && (a.write || b.write) && (a.plain || b.plain);

/** The race kind of an operation; null if it is no access. */
function kindOf(step: StepBody | Pending): Kind | null {
  if (step.kind === "waitUntil") return { variable: step.cell.variable, write: false, plain: step.order === "plain" };
  if (step.kind !== "memory") return null;
  return { variable: step.cell.variable, write: step.action !== "read" && step.action !== "load", plain: step.order === "plain" };
}
const eventOf = (address: number, thread: number, { write, plain }: Kind): string => `${address} ${thread} ${write ? "w" : "r"}${plain ? "p" : "a"}`;

export class Views implements MemoryModel {
  readonly #instance: Instance;
  readonly #flows: readonly ControlFlow[];
  /** What each thread's program may do to which variable. */
  readonly #kinds: readonly (readonly Kind[])[];
  readonly #cells: readonly CellHandle[];
  readonly #room: ReadonlyMap<string, number>;
  readonly #events: readonly string[];
  readonly start: Hidden;

  constructor(instance: Instance, flows: readonly ControlFlow[]) {
    this.#instance = instance;
    this.#flows = flows;
    // An access whose cell is not known beforehand may be to any.
    const anyCell = (step: StepBody): readonly StepBody[] =>
      (step.kind === "memory" || step.kind === "waitUntil") && !(step.cell instanceof CellHandle)
        ? instance.memory.cells.filter(({ isGhost }) => !isGhost).map((cell) => ({ ...(step as Extract<StepBody, { kind: "memory" }>), cell }))
        : [step];
    const steps = flows.map((flow) => flow.all().flatMap(({ steps: each }) => (each ?? []).flatMap(anyCell)));
    this.#kinds = steps.map((each) => each.map(kindOf).filter((kind) => kind !== null));
    const named = new Set(this.#kinds.flat().map(({ variable }) => variable));
    this.#cells = instance.memory.cells.filter(({ variable }) => named.has(variable));
    const looping = (variable: string): boolean => flows.some((flow) => repeats(flow, (step) => mayWrite(step).has(variable)));
    this.#room = new Map([...named].map((name) => [name, looping(name) ? instance.memoryModel.messages : Number.POSITIVE_INFINITY]));
    this.#events = this.#cells.flatMap(({ address, variable }) =>
      this.#kinds.flatMap((mine, thread) =>
        mine
          .filter((kind) => kind.variable === variable && this.#kinds.some((theirs, other) => other !== thread && theirs.some((each) => conflict(kind, each))))
          .map((kind) => eventOf(address, thread, kind)),
      ),
    );
    const view = (): View => ({ latest: new Map(), missed: new Set() });
    const fences = steps.map((each) => each.flatMap((step) => (step.kind === "fence" ? [step.order] : [])));
    const any = (kind: StepBody["kind"]): boolean => steps.flat().some((step) => step.kind === kind);
    this.start = {
      lists: new Map(this.#cells.map(({ address, domain }) => [address, [{ id: 0, value: initialValue(domain), attached: false, view: view() }]])),
      threads: fences.map((orders) => ({
        current: view(),
        pending: orders.some(acquires) ? view() : null,
        released: orders.some(releases) ? view() : null,
      })),
      global: view(),
      lock: any("step") ? view() : null,
      kernel: any("kernel") ? { threads: flows.map(view), objects: instance.objects.map(view) } : null,
      next: 1,
    };
  }

  key(hidden: unknown): string {
    const state = hidden as Hidden;
    const view = (each: View | null): string =>
      each === null
        ? ""
        : `${this.#cells.map(({ address }) => position(state, each, address)).join()}:${this.#events.map((event) => Number(each.missed.has(event))).join("")}`;
    const lists = [...state.lists.values()].map((list) => list.map((m, i) => `${textOf(m.value)}${m.attached && i > 0 ? "!" : ""}@${view(m.view)}`).join(" "));
    const threads = state.threads.map(({ current, pending, released }) => [current, pending, released].map(view).join(";"));
    const global = this.#cells.map(({ address }) => position(state, state.global, address)).join();
    return [
      lists.join("/"),
      threads.join("/"),
      global,
      view(state.lock),
      ...(state.kernel?.threads ?? []).map(view),
      ...(state.kernel?.objects ?? []).map(view),
    ].join("#");
  }

  ways(at: Memory, thread: number, access: Access, allows: (value: unknown) => boolean): readonly Way[] {
    const state = at.hidden as Hidden;
    if (access.kind === "fence") return [{ pick: 0, take: (memory) => this.#change(memory, (next) => this.#fence(memory, next, thread, access.order)) }];
    const { cell } = access;
    const list = state.lists.get(cell.address) ?? [];
    const mine = state.threads[thread]?.current ?? state.global;
    const floor = (order: Order | "plain"): number =>
      Math.max(position(state, mine, cell.address), order === "seq_cst" ? position(state, state.global, cell.address) : 0);
    const kind = kindOf(access) ?? { variable: cell.variable, write: false, plain: false };
    const reads = (order: Order | "plain", accepts: (value: unknown) => boolean): readonly Way[] =>
      list.flatMap((message, pick) => {
        if (pick < floor(order) || !accepts(message.value)) return [];
        const take = (memory: Memory): unknown =>
          this.#change(memory, (next) => {
            this.#observe(next, thread, order, cell.address, pick);
            this.#happen(next, thread, kind, cell.address);
            this.#retire(memory, next, acquires(order) ? null : cell.address);
            return message.value;
          });
        return [{ pick, take }];
      });
    if (access.kind === "waitUntil") return reads(access.order, allows);
    const { action, order } = access;
    if (action === "read" || action === "load") return reads(order, () => true);
    const isWrite = action === "write" || action === "store";
    const fails = action === "compareExchange" ? reads(failing(order), (value) => value !== access.args[0]) : [];
    if (list.length >= (this.#room.get(cell.variable) ?? 1)) return fails;
    const writes = list.flatMap((message, pick): readonly Way[] => {
      const change = written(access, message.value);
      if (pick < floor(order) || list[pick + 1]?.attached === true || change === undefined) return [];
      const take = (memory: Memory): unknown => {
        const value = fit(cell.domain, change.value, cell.variable, { threads: this.#instance.threads.length });
        return this.#change(memory, (next) => {
          if (!isWrite) this.#observe(next, thread, order, cell.address, pick);
          this.#happen(next, thread, kind, cell.address);
          if (pick === list.length - 1) memory.memory[cell.address] = value;
          const { current, pending, released } = next.threads[thread] as Thread;
          const source = isWrite ? null : (next.lists.get(cell.address)?.[pick] ?? null);
          this.#insert(next, cell.address, pick + 1, value, releases(order) ? current : released, source, [
            current,
            ...(pending === null ? [] : [pending]),
            ...(order === "seq_cst" ? [next.global] : []),
          ]);
          this.#retire(memory, next, !isWrite && acquires(order) ? null : cell.address);
          return isWrite ? undefined : message.value;
        });
      };
      return [{ pick, take }];
    });
    return [...writes, ...fails];
  }

  /** Works on a copy. */
  #change<T>(memory: Memory, act: (next: Hidden) => T): T {
    const next = copyOf(memory.hidden as Hidden);
    const result = act(next);
    memory.hidden = next;
    return result;
  }

  #observe(state: Hidden, thread: number, order: Order | "plain", address: number, pick: number): void {
    const { current, pending } = state.threads[thread] as Thread;
    const message = state.lists.get(address)?.[pick] as Message;
    if (acquires(order)) join(state, current, message.view);
    if (pending !== null) join(state, pending, message.view);
    for (const view of [current, pending]) if (view !== null && position(state, view, address) < pick) view.latest.set(address, message.id);
  }

  /** From now on everybody else has missed the thread's latest access of this kind. */
  #happen(state: Hidden, thread: number, kind: Kind, address: number): void {
    const event = eventOf(address, thread, kind);
    if (!this.#events.includes(event)) return;
    for (const view of viewsOf(state)) view.missed.add(event);
    const { current, pending } = state.threads[thread] as Thread;
    current.missed.delete(event);
    pending?.missed.delete(event);
  }

  #insert(state: Hidden, address: number, at: number, value: unknown, learnt: View | null, source: Message | null, knowing: readonly View[]): void {
    const id = state.next++;
    const view: View =
      learnt === null ? { latest: new Map(), missed: new Set(this.#events) } : { latest: new Map(learnt.latest), missed: new Set(learnt.missed) };
    if (source !== null) join(state, view, source.view);
    state.lists.get(address)?.splice(at, 0, { id, value, attached: source !== null, view });
    for (const each of [view, ...knowing]) each.latest.set(address, id);
  }

  /** Drops what nobody can read any more: in one cell, or in all. */
  #retire(memory: Memory, state: Hidden, only: number | null): void {
    for (const { address, variable } of this.#cells) {
      const list = state.lists.get(address) ?? [];
      if (only !== null && only !== address) continue;
      const readers = state.threads.filter((_, thread) => !memory.isFinished(thread) && this.#kinds[thread]?.some((kind) => kind.variable === variable));
      const passed = readers.reduce((least, { current }) => Math.min(least, position(state, current, address)), list.length - 1);
      list.splice(0, passed);
    }
  }

  #fence(memory: Memory, state: Hidden, thread: number, order: Order): void {
    const { current, pending, released } = state.threads[thread] as Thread;
    if (acquires(order) && pending !== null) join(state, current, pending);
    if (order === "seq_cst") {
      joinLatest(state, current, state.global);
      assign(state.global.latest, current.latest);
      if (pending !== null) overwrite(pending, current);
    }
    if (releases(order) && released !== null) overwrite(released, current);
    if (acquires(order)) this.#retire(memory, state, null);
  }

  direct(): boolean {
    return true;
  }
  background(): readonly never[] {
    return [];
  }
  settled(): boolean {
    return true;
  }

  step(memory: Memory, thread: number, act: () => unknown): unknown {
    return this.#change(memory, (state) => {
      const { current, pending } = state.threads[thread] as Thread;
      for (const view of [current, pending]) {
        if (view === null) continue;
        if (state.lock !== null) join(state, view, state.lock);
        for (const [address, list] of state.lists) view.latest.set(address, (list.at(-1) as Message).id);
      }
      const before = [...memory.written];
      const result = act();
      this.#append(memory, state, thread, before);
      if (state.lock !== null) overwrite(state.lock, current);
      assign(state.global.latest, current.latest);
      this.#retire(memory, state, null);
      return result;
    });
  }

  kernel(memory: Memory, thread: number, cells: readonly CellHandle[], synchronises: boolean, act: () => Meeting): void {
    this.#change(memory, (state) => {
      const mine = thread < 0 ? null : (state.threads[thread] as Thread);
      const own = mine === null ? [] : [mine.current, ...(mine.pending === null ? [] : [mine.pending])];
      for (const { address } of cells) {
        const newest = state.lists.get(address)?.at(-1);
        if (newest !== undefined) for (const view of own) view.latest.set(address, newest.id);
      }
      const met = act();
      const { kernel } = state;
      const others = new Set([...met.threads, ...met.completed].filter((other) => other !== thread));
      const places =
        kernel === null ? [] : [...kernel.threads.filter((_, other) => others.has(other)), ...kernel.objects.filter((_, object) => met.objects.has(object))];
      const home = thread < 0 ? null : (kernel?.threads[thread] ?? null);
      if (synchronises) {
        for (const view of own) for (const from of [home, ...places]) if (from !== null) join(state, view, from);
        if (mine === null) for (const from of places) for (const to of places) join(state, to, from);
      }
      this.#append(memory, state, thread, []);
      if (synchronises) {
        if (mine !== null) for (const to of [home, ...places]) if (to !== null) join(state, to, mine.current);
        for (const other of met.completed) {
          const from = kernel?.threads[other];
          const to = state.threads[other];
          if (other === thread || from === undefined || to === undefined) continue;
          join(state, to.current, from);
          if (to.pending !== null) join(state, to.pending, from);
        }
      }
      this.#retire(memory, state, null);
    });
  }

  /** What a rule has written becomes the newest message of its cell. */
  #append(memory: Memory, state: Hidden, thread: number, before: readonly number[]): void {
    const mine = thread < 0 ? null : (state.threads[thread] as Thread);
    const own = mine === null ? [] : [mine.current, ...(mine.pending === null ? [] : [mine.pending])];
    for (const address of memory.written) {
      const list = state.lists.get(address);
      if (list === undefined || before.includes(address)) continue;
      this.#insert(state, address, list.length, memory.memory[address], mine?.current ?? null, null, own);
    }
  }

  transient(hidden: unknown, thread: number, at: Standing): boolean {
    return this.full(hidden, thread, at);
  }

  /** A write needs room for a message; a step needs it in every cell that its code may write. */
  full(hidden: unknown, thread: number, { pending, position: place }: Standing): boolean {
    if (pending?.kind === "memory") return kindOf(pending)?.write === true && this.#isFull(hidden, pending.cell);
    if (pending?.kind !== "step") return false;
    const steps = this.#flows[thread]?.at(place)?.steps ?? [];
    const variables = new Set(steps.flatMap((step) => [...mayWrite(step)]));
    return this.#cells.some((cell) => variables.has(cell.variable) && this.#isFull(hidden, cell));
  }
  #isFull(hidden: unknown, { address, variable }: CellHandle): boolean {
    return ((hidden as Hidden).lists.get(address)?.length ?? 0) >= (this.#room.get(variable) ?? Number.POSITIVE_INFINITY);
  }

  /** Threads whose latest conflicting access to the cell is not ordered with this thread's next operation. */
  races(hidden: unknown, thread: number, pending: Pending): readonly number[] {
    const kind = kindOf(pending);
    if (kind === null || (pending.kind !== "memory" && pending.kind !== "waitUntil")) return [];
    const missed = (hidden as Hidden).threads[thread]?.current.missed ?? new Set();
    return this.#kinds.flatMap((theirs, other) =>
      other !== thread && theirs.some((each) => conflict(kind, each) && missed.has(eventOf(pending.cell.address, other, each))) ? [other] : [],
    );
  }
}

/** Variables that an operation may write. */
function mayWrite(step: StepBody): ReadonlySet<string> {
  if (step.kind === "memory" && !(step.cell instanceof CellHandle)) return new Set();
  if (step.kind === "memory") return new Set(kindOf(step)?.write === true ? [step.cell.variable] : []);
  if (step.kind === "step") return new Set([...touchedBy(step.do).writes].map(({ variable }) => variable));
  if (step.kind !== "kernel") return new Set();
  const named = Object.entries(step.operation.args).flatMap(([name, { kind }]) => (kind === "cell" ? [step.args[name]] : []));
  return new Set(named.flatMap((cell) => (cell instanceof CellHandle ? [cell.variable] : [])));
}

/** Index of the latest message known. */
function position(state: Hidden, { latest }: View, address: number): number {
  const id = latest.get(address) ?? 0;
  return Math.max(0, state.lists.get(address)?.findIndex((message) => message.id === id) ?? 0);
}
function joinLatest(state: Hidden, into: View, from: View): void {
  for (const address of state.lists.keys())
    if (position(state, from, address) > position(state, into, address)) into.latest.set(address, from.latest.get(address) ?? 0);
}
function join(state: Hidden, into: View, from: View): void {
  joinLatest(state, into, from);
  for (const event of into.missed) if (!from.missed.has(event)) into.missed.delete(event);
}
function assign(into: Map<number, number>, from: ReadonlyMap<number, number>): void {
  into.clear();
  for (const [address, id] of from) into.set(address, id);
}
function overwrite(into: View, from: View): void {
  assign(into.latest, from.latest);
  into.missed.clear();
  for (const event of from.missed) into.missed.add(event);
}
/** All views that say what happened before. */
function viewsOf({ lists, threads, lock, kernel }: Hidden): readonly View[] {
  const ofThreads = threads.flatMap(({ current, pending, released }) => [current, pending, released]);
  const ofMessages = [...lists.values()].flat().map(({ view }) => view);
  return [...ofThreads, lock, ...(kernel?.threads ?? []), ...(kernel?.objects ?? []), ...ofMessages].filter((view) => view !== null);
}
function copyOf({ lists, threads, global, lock, kernel, next }: Hidden): Hidden {
  const view = (each: View): View => ({ latest: new Map(each.latest), missed: new Set(each.missed) });
  const maybe = (each: View | null): View | null => (each === null ? null : view(each));
  return {
    lists: new Map([...lists].map(([address, list]) => [address, list.map((message) => ({ ...message, view: view(message.view) }))])),
    threads: threads.map(({ current, pending, released }) => ({ current: view(current), pending: maybe(pending), released: maybe(released) })),
    global: view(global),
    lock: maybe(lock),
    kernel: kernel === null ? null : { threads: kernel.threads.map(view), objects: kernel.objects.map(view) },
    next,
  };
}
