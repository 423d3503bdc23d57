/**
 * Release/acquire memory (C11) with views: Kang, Hur, Lahav, Vafeiadis and Dreyer, "A promising semantics for
 * relaxed-memory concurrency" (2017), without promises, so without load buffering.
 *
 * Each cell has its messages in modification order; a position in that list is a timestamp. A view gives one position
 * for each cell. Threads have a current view; one that acquire fences would adopt; one that relaxed writes release. A
 * message carries the view that acquiring it adds. Writes go anywhere behind the thread's view but not between a
 * read-modify-write and its source. A message that every view of a thread that may still read the cell has passed is
 * dropped and the others renumbered, so a bounded list suffices where threads keep up with each other; a position below
 * the list is 0.
 *
 * One global view serves seq_cst: a fence exchanges knowledge with it; a write comes behind what it knows of the cell and
 * enters itself; a read sees nothing older. Release sequences are those of C++20: read-modify-writes continue them, the
 * thread's own later relaxed writes do not. Plain accesses behave as relaxed ones; races are looked for besides.
 *
 * The memory variable itself holds the value of the newest message: what an invariant or a final condition reads.
 */
import type { Expr, Variable } from "../system/system.ts";
import { all, any, BodyBuilder, binary, check, constant, guard, inRange, load, not, pick } from "./code.ts";
import { directly } from "./direct.ts";
import type { AccessKind, Lowered, LoweredTransition, MemoryAccess, MemoryFence, MemoryModel, MemorySetup } from "./model.ts";
import { acquires, releases } from "./order.ts";
import { type Held, Rows, type View } from "./rows.ts";

/** The messages of one memory variable: slot `index * capacity + position`. */
export interface Messages {
  readonly cell: Variable;
  /** Number of the variable's first cell. */
  readonly base: number;
  readonly capacity: number;
  readonly count: number;
  readonly value: number;
  /** 1 where a read-modify-write reads the message before. */
  readonly attached: number;
  /** One view for each slot. */
  readonly view: { readonly positions: number; readonly missed: number | null };
}
export interface ThreadViews {
  readonly current: View;
  /** Null where no fence of the thread acquires (or releases). */
  readonly pending: View | null;
  readonly released: View | null;
}

/** The state of the memory and what its operations share. */
export class ViewState {
  readonly variables: Variable[] = [];
  readonly lists: readonly Messages[];
  readonly rows: Rows;
  readonly threads: readonly ThreadViews[];
  readonly global: View | null;
  /** What went through the kernel: of each thread's own kernel state, of each object. */
  readonly kernel: { readonly threads: readonly View[]; readonly objects: readonly View[] } | null;
  /** What steps pass to each other. */
  readonly lock: View | null;
  /** Flags for each thread and object, zero between transitions. */
  readonly touched: { readonly threads: number; readonly objects: number; readonly completed: number } | null;
  readonly #setup: MemorySetup;
  /** Lists that can have more than one message. */
  readonly written: readonly Messages[];

  constructor(setup: MemorySetup) {
    this.#setup = setup;
    const lengths = setup.cells.map((cell) => setup.messages(cell.id));
    const bases = setup.cells.map((_, i) => setup.cells.slice(0, i).reduce((sum, { length }) => sum + length, 0));
    const top = Math.max(1, ...lengths) - 1;
    const writable = setup.cells.flatMap((cell, i) =>
      (lengths[i] ?? 1) > 1 ? Array.from({ length: cell.length }, (_, index) => (bases[i] ?? 0) + index) : [],
    );
    this.rows = new Rows(setup, top, writable, (name, length, min, max, initial) => this.#declare(name, length, min, max, initial));
    this.lists = setup.cells.map((cell, i): Messages => {
      const capacity = lengths[i] ?? 1;
      const slots = cell.length * capacity;
      const name = cell.name.replace(/^memory\./, "");
      const low = Math.min(cell.min, 0);
      const values = Array.from({ length: slots }, (_, slot) => (slot % capacity === 0 ? (cell.initial[slot / capacity] ?? 0) : low));
      const list = {
        cell,
        base: bases[i] ?? 0,
        capacity,
        count: this.#declare(`messages.${name}.count`, cell.length, 1, capacity, 1),
        value: this.#declare(`messages.${name}.value`, slots, low, Math.max(cell.max, 0), values),
        attached: this.#declare(`messages.${name}.attached`, slots, 0, 1, 0),
      };
      const [first] = this.rows.views(name, slots);
      return { ...list, view: { positions: first?.positions.variable ?? 0, missed: first?.missed?.variable ?? null } };
    });
    this.written = this.lists.filter(({ capacity }) => capacity > 1);
    const some = (name: string, wanted: readonly boolean[]): readonly (View | null)[] => {
      const views = [...this.rows.views(name, wanted.filter(Boolean).length)];
      return wanted.map((has) => (has ? (views.shift() ?? null) : null));
    };
    const current = this.rows.views("current", setup.threads.length);
    const pending = some(
      "pending",
      setup.threads.map(({ fences }) => fences.some(acquires)),
    );
    const released = some(
      "released",
      setup.threads.map(({ fences }) => fences.some(releases)),
    );
    this.global = setup.sequential ? (this.rows.views("global", 1, false)[0] ?? null) : null;
    this.threads = current.map((view, t) => ({ current: view, pending: pending[t] ?? null, released: released[t] ?? null }));
    this.lock = setup.steps ? (this.rows.views("step", 1)[0] ?? null) : null;
    this.kernel =
      setup.kernel === null ? null : { threads: this.rows.views("kernel", setup.threads.length), objects: this.rows.views("object", setup.kernel.objects) };
    this.touched =
      setup.kernel === null
        ? null
        : {
            threads: this.#declare("touched.threads", setup.threads.length, 0, 1, 0),
            completed: this.#declare("touched.completed", setup.threads.length, 0, 1, 0),
            objects: this.#declare("touched.objects", Math.max(1, setup.kernel.objects), 0, 1, 0),
          };
  }

  #declare(name: string, length: number, min: number, max: number, initial: readonly number[] | number): number {
    const id = this.#setup.firstVariable + this.variables.length;
    this.variables.push({
      id,
      name,
      role: "kernel",
      thread: null,
      scope: null,
      length,
      type: { kind: "int" },
      min,
      max,
      initial: typeof initial === "number" ? new Array<number>(length).fill(initial) : initial,
      queue: null,
      projected: false,
    });
    return id;
  }

  /** All views but those of messages. */
  get standing(): readonly View[] {
    const ofThreads = this.threads.flatMap(({ current, pending, released }) => [current, pending, released]);
    return [...ofThreads, this.global, this.lock, ...(this.kernel?.threads ?? []), ...(this.kernel?.objects ?? [])].filter((view) => view !== null);
  }
  /** The view of every message that there may be. */
  get ofMessages(): readonly Held[] {
    return this.lists.flatMap((list) =>
      Array.from({ length: list.cell.length * list.capacity }, (_, slot) => ({
        view: this.viewOf(list, constant(slot)),
        used: binary(load(list.count, Math.floor(slot / list.capacity)), ">", slot % list.capacity),
      })),
    );
  }
  /** An access of the thread has happened. */
  happen(body: BodyBuilder, thread: number, kind: AccessKind, index: Expr): void {
    const { current, pending } = this.views(thread);
    const others = [...this.standing.map((view) => ({ view, used: constant(1) })), ...this.ofMessages];
    this.rows.happen(body, thread, kind, index, pending === null ? [current] : [current, pending], others);
  }
  get everyView(): readonly View[] {
    return [...this.standing, ...this.ofMessages.map(({ view }) => view)];
  }
  viewOf(list: Messages, slot: Expr): View {
    return this.rows.view(list.view, slot);
  }
  list(variable: number): Messages {
    const list = this.lists.find(({ cell }) => cell.id === variable);
    if (list === undefined) throw new Error(`variable ${variable} is not shared memory`);
    return list;
  }
  views(thread: number): ThreadViews {
    const views = this.threads[thread];
    if (views === undefined) throw new Error(`there is no thread ${thread}`);
    return views;
  }

  #copySlot(body: BodyBuilder, list: Messages, to: Expr, from: Expr): void {
    body.assign(list.value, to, load(list.value, from));
    body.assign(list.attached, to, load(list.attached, from));
    this.rows.copy(body, this.viewOf(list, to), this.viewOf(list, from));
  }

  /** Drops the messages of one cell that no unfinished thread can read any more. */
  retire(body: BodyBuilder, list: Messages, index: Expr): void {
    if (list.capacity === 1) return;
    const cell = binary(index, "+", list.base);
    const first = body.keep(binary(index, "*", list.capacity));
    const count = load(list.count, index);
    const passed = this.threads.flatMap(({ current }, t): readonly Expr[] => {
      const { accesses = null, finished = null } = this.#setup.threads[t] ?? {};
      if (accesses !== null && !accesses.some(({ variable }) => variable === list.cell.id)) return [];
      return [any(...(finished === null ? [] : [finished]), binary(this.rows.at(current, cell), ">", 0))];
    });
    body.while(all(binary(count, ">", 1), ...passed), () => {
      for (let position = 1; position < list.capacity; position++) this.#copySlot(body, list, binary(first, "+", position - 1), binary(first, "+", position));
      const last = binary(first, "+", list.capacity - 1);
      body.assign(list.value, last, Math.min(list.cell.min, 0));
      body.assign(list.attached, last, 0);
      this.rows.clear(body, this.viewOf(list, last));
      body.assign(list.attached, first, 0);
      body.assign(list.count, index, binary(count, "-", 1));
      for (const view of this.everyView) this.rows.shift(body, view, cell);
    });
  }
  retireAll(body: BodyBuilder): void {
    for (const list of this.written) for (let index = 0; index < list.cell.length; index++) this.retire(body, list, constant(index));
  }

  /** Adds a message at `position`: those from there on move up. `learnt` is what acquiring it adds; null: nothing but itself. */
  insert(
    body: BodyBuilder,
    list: Messages,
    index: Expr,
    position: Expr,
    value: Expr,
    learnt: View | null,
    source: View | null,
    knowing: readonly View[],
  ): void {
    const cell = binary(index, "+", list.base);
    const first = body.keep(binary(index, "*", list.capacity));
    const count = load(list.count, index);
    const to = body.variable(count);
    const target: Expr = { op: "temp", temp: to };
    body.while(binary(target, ">", position), () => {
      this.#copySlot(body, list, binary(first, "+", target), binary(binary(first, "+", target), "-", 1));
      body.set(to, binary(target, "-", 1));
    });
    body.assign(list.count, index, binary(count, "+", 1));
    for (const view of this.everyView) this.rows.put(body, view, cell, binary(this.rows.at(view, cell), "+", binary(this.rows.at(view, cell), ">=", position)));
    const slot = body.keep(binary(first, "+", position));
    body.assign(list.value, slot, value);
    body.assign(list.attached, slot, source === null ? 0 : 1);
    const row = this.viewOf(list, slot);
    if (learnt === null) this.rows.forget(body, row);
    else this.rows.copy(body, row, learnt);
    if (source !== null) this.rows.join(body, row, source);
    for (const view of [row, ...knowing]) this.rows.put(body, view, cell, position);
  }
}

/** Sets up release/acquire memory. */
export function viewMemory(setup: MemorySetup): MemoryModel {
  const state = new ViewState(setup);
  const { rows, global } = state;

  /** The thread learns of the message in `slot` at `position`. */
  const observe = (body: BodyBuilder, thread: number, order: MemoryAccess["order"], cell: Expr, position: Expr, message: View): void => {
    const { current, pending } = state.views(thread);
    if (acquires(order)) rows.join(body, current, message);
    rows.raise(body, current, cell, position);
    if (pending === null) return;
    rows.join(body, pending, message);
    rows.raise(body, pending, cell, position);
  };

  /** Names for the parts of an access to one cell. */
  const placeOf = (operation: MemoryAccess) => {
    const list = state.list(operation.variable);
    const index = operation.index ?? constant(0);
    return {
      list,
      index,
      cell: binary(index, "+", list.base),
      first: binary(index, "*", list.capacity),
      full: binary(load(list.count, index), ">=", list.capacity),
    };
  };
  const kindOf = ({ variable, effect, order }: MemoryAccess): AccessKind => ({ variable, write: effect.kind !== "read", plain: order === "plain" });
  /** The thread may read the message at `position`, or write behind it. */
  const notBefore = (operation: MemoryAccess, order: MemoryAccess["order"], cell: Expr, position: Expr): Expr => {
    const known = binary(position, ">=", rows.at(state.views(operation.thread).current, cell));
    return order === "seq_cst" && global !== null ? all(known, binary(position, ">=", rows.at(global, cell))) : known;
  };
  const transition = (operation: MemoryAccess | MemoryFence, picks: number, enabled: Expr, body: BodyBuilder): LoweredTransition => ({
    rule: operation.rule,
    kind: "step",
    thread: operation.thread,
    location: operation.location,
    picks,
    guard: guard(enabled),
    body: body.end(),
  });

  const read = (operation: MemoryAccess, order: MemoryAccess["order"], accepts: ((value: Expr) => Expr) | null): LoweredTransition => {
    const { list, index, cell, first } = placeOf(operation);
    const position = list.capacity > 1 ? pick : constant(0);
    const slot = binary(first, "+", position);
    const body = new BodyBuilder();
    check(body, operation.checks);
    const result = body.keep(load(list.value, slot));
    observe(body, operation.thread, order, cell, position, state.viewOf(list, slot));
    state.happen(body, operation.thread, kindOf(operation), index);
    if (acquires(order)) state.retireAll(body);
    else state.retire(body, list, index);
    body.complete(operation.thread, operation.operation, [result]);
    const readable = all(binary(position, "<", load(list.count, index)), notBefore(operation, order, cell, position));
    return transition(operation, list.capacity, accepts === null ? readable : all(readable, accepts(load(list.value, slot))), body);
  };

  /** Enters what the operation writes behind the message that it has read or chosen; `source` is what it has read. */
  const enter = (body: BodyBuilder, operation: MemoryAccess, position: Expr, value: Expr, source: View | null): void => {
    const { list, index } = placeOf(operation);
    const { current, pending, released } = state.views(operation.thread);
    const knowing = [current, pending, operation.order === "seq_cst" ? global : null].filter((view) => view !== null);
    state.happen(body, operation.thread, kindOf(operation), index);
    body.when(binary(position, "==", load(list.count, index)), () => body.assign(operation.variable, operation.index, value));
    state.insert(body, list, index, position, value, releases(operation.order) ? current : released, source, knowing);
  };

  const write = (operation: MemoryAccess, effect: Extract<MemoryAccess["effect"], { kind: "write" }>): Lowered => {
    const { list, index, cell, first, full } = placeOf(operation);
    // The message goes behind the one that the pick names.
    const before = list.capacity > 2 ? pick : constant(0);
    const body = new BodyBuilder();
    check(body, operation.checks);
    const value = body.keep(effect.value);
    inRange(body, value, list.cell, effect.outOfRange);
    enter(body, operation, body.keep(binary(before, "+", 1)), value, null);
    state.retire(body, list, index);
    body.complete(operation.thread, operation.operation, []);
    const free = all(
      not(full),
      binary(before, "<", load(list.count, index)),
      notBefore(operation, operation.order, cell, before),
      not(load(list.attached, binary(first, "+", binary(before, "+", 1)))),
    );
    return { transitions: [transition(operation, Math.max(1, list.capacity - 1), free, body)], transient: full, bound: full };
  };

  const modify = (operation: MemoryAccess, effect: Extract<MemoryAccess["effect"], { kind: "modify" }>): Lowered => {
    const { list, index, cell, first, full } = placeOf(operation);
    const position = list.capacity > 2 ? pick : constant(0);
    const slot = binary(first, "+", position);
    const body = new BodyBuilder();
    check(body, operation.checks);
    const old = body.keep(load(list.value, slot));
    const value = body.keep(effect.value(old));
    inRange(body, value, list.cell, effect.outOfRange);
    observe(body, operation.thread, operation.order, cell, position, state.viewOf(list, slot));
    enter(body, operation, body.keep(binary(position, "+", 1)), value, state.viewOf(list, slot));
    if (acquires(operation.order)) state.retireAll(body);
    else state.retire(body, list, index);
    body.complete(operation.thread, operation.operation, [old]);
    const matches = effect.compares === null ? [] : [effect.compares.holds(load(list.value, slot))];
    const free = all(
      not(full),
      binary(position, "<", load(list.count, index)),
      notBefore(operation, operation.order, cell, position),
      not(load(list.attached, binary(slot, "+", 1))),
      ...matches,
    );
    return { transitions: [transition(operation, Math.max(1, list.capacity - 1), free, body)], transient: full, bound: full };
  };

  const access = (operation: MemoryAccess): Lowered => {
    const { effect } = operation;
    const { current } = state.views(operation.thread);
    const races = rows.unordered(current, operation.thread, kindOf(operation), operation.index ?? constant(0));
    if (effect.kind === "write") return { ...write(operation, effect), races };
    if (effect.kind === "read") return { transitions: [read(operation, operation.order, effect.accepts)], transient: null, bound: null, races };
    const { compares } = effect;
    const modified = { ...modify(operation, effect), races };
    if (compares === null) return modified;
    return { ...modified, transitions: [...modified.transitions, read(operation, compares.failure, (value) => not(compares.holds(value)))] };
  };

  const fence = (operation: MemoryFence): Lowered => {
    const { current, pending, released } = state.views(operation.thread);
    const body = new BodyBuilder();
    if (acquires(operation.order) && pending !== null) rows.join(body, current, pending);
    if (operation.order === "seq_cst" && global !== null) {
      rows.join(body, current, global);
      rows.copy(body, global, current);
      if (pending !== null) rows.copy(body, pending, current);
    }
    if (releases(operation.order) && released !== null) rows.copy(body, released, current);
    if (acquires(operation.order)) state.retireAll(body);
    body.complete(operation.thread, operation.operation, []);
    return { transitions: [transition(operation, 1, constant(1), body)], transient: null, bound: null };
  };

  return {
    name: "ra",
    variables: state.variables,
    background: [],
    direct: (rule) => directly(state, rule),
    touched: state.touched,
    drained: () => null,
    settled: null,
    buffers: [],
    cells: state.lists.map(({ cell, base }) => ({ variable: cell.id, base })),
    messages: state.lists.map(({ cell, capacity, count, value }) => ({ variable: cell.id, capacity, count, value })),
    access,
    fence,
  };
}
