/**
 * Release/acquire memory (C11) with views: Kang, Hur, Lahav, Vafeiadis and Dreyer, "A promising semantics for
 * relaxed-memory concurrency" (2017), without promises, so without load buffering.
 *
 * Each cell has its messages in modification order; a position in that list is a timestamp. A view gives one position
 * for each cell. Threads have a current view; one that acquire fences would adopt; one that relaxed writes release. A
 * message carries the view that acquiring it adds. Writes go anywhere behind the thread's view but not between a
 * read-modify-write and its source. A message that every unfinished thread's view has passed is dropped and the others
 * renumbered, so a bounded list suffices where threads keep up with each other; a position below the list is 0.
 *
 * One global view serves seq_cst: a fence exchanges knowledge with it; a write comes behind what it knows of the cell and
 * enters itself; a read sees nothing older. Release sequences are those of C++20: read-modify-writes continue them, the
 * thread's own later relaxed writes do not. Plain accesses behave as relaxed ones; races are reported elsewhere.
 *
 * The memory variable itself holds the value of the newest message: what an invariant or a final condition reads.
 */
import type { Expr, Variable } from "../system/system.ts";
import { all, any, BodyBuilder, binary, check, constant, guard, inRange, load, max, not, pick } from "./code.ts";
import type { Lowered, LoweredTransition, MemoryAccess, MemoryFence, MemoryModel, MemorySetup } from "./model.ts";
import { acquires, releases } from "./order.ts";

/** The messages of one memory variable: slot `index * capacity + position`. */
interface Messages {
  readonly cell: Variable;
  /** Number of the variable's first cell. */
  readonly base: number;
  readonly capacity: number;
  readonly count: number;
  readonly value: number;
  /** 1 where a read-modify-write reads the message before. */
  readonly attached: number;
  /** Views, one row of all cells for each slot. */
  readonly view: number;
}
/** A row of positions, one for each cell: a variable and where the row begins. */
interface View {
  readonly variable: number;
  readonly row: Expr;
}
interface ThreadViews {
  readonly current: View;
  /** Null where no fence of the thread acquires (or releases). */
  readonly pending: View | null;
  readonly released: View | null;
}

/** Sets up release/acquire memory. */
export function viewMemory(setup: MemorySetup): MemoryModel {
  const variables: Variable[] = [];
  const cellCount = setup.cells.reduce((sum, cell) => sum + cell.length, 0);
  const top = Math.max(1, ...setup.cells.map((cell) => setup.messages(cell.id))) - 1;
  const declare = (name: string, scope: Variable["scope"], length: number, min: number, highest: number, initial: readonly number[] | number): number => {
    const id = setup.firstVariable + variables.length;
    variables.push({
      id,
      name,
      role: "kernel",
      thread: null,
      scope,
      length,
      type: { kind: "int" },
      min,
      max: highest,
      initial: typeof initial === "number" ? new Array<number>(length).fill(initial) : initial,
      queue: null,
      projected: false,
    });
    return id;
  };
  let base = 0;
  const lists = setup.cells.map((cell): Messages => {
    const capacity = setup.messages(cell.id);
    const slots = cell.length * capacity;
    const name = cell.name.replace(/^memory\./, "");
    const low = Math.min(cell.min, 0);
    const values = Array.from({ length: slots }, (_, slot) => (slot % capacity === 0 ? (cell.initial[slot / capacity] ?? 0) : low));
    const list = {
      cell,
      base,
      capacity,
      count: declare(`messages.${name}.count`, null, cell.length, 1, capacity, 1),
      value: declare(`messages.${name}.value`, null, slots, low, Math.max(cell.max, 0), values),
      attached: declare(`messages.${name}.attached`, null, slots, 0, 1, 0),
      view: declare(`messages.${name}.view`, null, slots * cellCount, 0, top, 0),
    };
    base += cell.length;
    return list;
  });
  const rows = (name: string, threads: readonly boolean[]): readonly (View | null)[] => {
    const used = threads.filter(Boolean).length;
    if (used === 0) return threads.map(() => null);
    const variable = declare(name, used === threads.length ? "thread" : null, used * cellCount, 0, top, 0);
    let next = 0;
    return threads.map((has) => (has ? { variable, row: constant(next++ * cellCount) } : null));
  };
  const current = rows(
    "view.current",
    setup.threads.map(() => true),
  );
  const pending = rows(
    "view.pending",
    setup.threads.map(({ fences }) => fences.some(acquires)),
  );
  const released = rows(
    "view.released",
    setup.threads.map(({ fences }) => fences.some(releases)),
  );
  const global: View | null = setup.sequential ? { variable: declare("view.global", null, cellCount, 0, top, 0), row: constant(0) } : null;
  const threads = setup.threads.map((_, t): ThreadViews => {
    const view = current[t];
    if (view === null || view === undefined) throw new Error("every thread has a view");
    return { current: view, pending: pending[t] ?? null, released: released[t] ?? null };
  });
  /** All views but those of messages. */
  const standing: readonly View[] = [...threads.flatMap((t) => [t.current, t.pending, t.released]), global].filter((view): view is View => view !== null);

  const listOf = (variable: number): Messages => {
    const list = lists.find(({ cell }) => cell.id === variable);
    if (list === undefined) throw new Error(`variable ${variable} is not shared memory`);
    return list;
  };
  const at = (view: View, cell: Expr): Expr => load(view.variable, binary(view.row, "+", cell));
  const put = (body: BodyBuilder, view: View, cell: Expr, position: Expr): void => body.assign(view.variable, binary(view.row, "+", cell), position);
  const rowOf = (list: Messages, slot: Expr): View => ({ variable: list.view, row: binary(slot, "*", cellCount) });
  /** Cells that have more than one message at some time; all views agree on the others. */
  const written = lists.filter(({ capacity }) => capacity > 1);
  const everyCell: readonly Expr[] = written.flatMap((list) => Array.from({ length: list.cell.length }, (_, index) => constant(list.base + index)));
  const join = (body: BodyBuilder, into: View, from: View): void => {
    for (const cell of everyCell) put(body, into, cell, max(at(into, cell), at(from, cell)));
  };
  const copy = (body: BodyBuilder, into: View, from: View): void => {
    for (const cell of everyCell) put(body, into, cell, at(from, cell));
  };
  /** The row of every message of every cell. */
  const messageRows: readonly View[] = written.flatMap((list) =>
    Array.from({ length: list.cell.length * list.capacity }, (_, slot): View => ({ variable: list.view, row: constant(slot * cellCount) })),
  );

  const copySlot = (body: BodyBuilder, list: Messages, to: Expr, from: Expr): void => {
    body.assign(list.value, to, load(list.value, from));
    body.assign(list.attached, to, load(list.attached, from));
    copy(body, rowOf(list, to), rowOf(list, from));
  };

  /** Drops the messages of one cell that no unfinished thread can read any more. */
  const retire = (body: BodyBuilder, list: Messages, index: Expr): void => {
    if (list.capacity === 1) return;
    const cell = binary(index, "+", list.base);
    const first = body.keep(binary(index, "*", list.capacity));
    const count = load(list.count, index);
    const passed = threads.map((thread, t) =>
      any(...(setup.threads[t]?.finished ? [setup.threads[t].finished] : []), binary(at(thread.current, cell), ">", 0)),
    );
    body.while(all(binary(count, ">", 1), ...passed), () => {
      for (let position = 1; position < list.capacity; position++) copySlot(body, list, binary(first, "+", position - 1), binary(first, "+", position));
      const last = binary(first, "+", list.capacity - 1);
      body.assign(list.value, last, Math.min(list.cell.min, 0));
      body.assign(list.attached, last, 0);
      for (const each of everyCell) put(body, rowOf(list, last), each, constant(0));
      body.assign(list.attached, first, 0);
      body.assign(list.count, index, binary(count, "-", 1));
      for (const view of [...standing, ...messageRows]) put(body, view, cell, max(binary(at(view, cell), "-", 1), constant(0)));
    });
  };
  const retireAll = (body: BodyBuilder): void => {
    for (const list of written) for (let index = 0; index < list.cell.length; index++) retire(body, list, constant(index));
  };

  /** Adds a message at `position`: those from there on move up. `source` is the message that a read-modify-write read. */
  const insert = (body: BodyBuilder, access: MemoryAccess, list: Messages, index: Expr, position: Expr, value: Expr, source: View | null): void => {
    const views = viewsOf(access.thread);
    const cell = binary(index, "+", list.base);
    const first = body.keep(binary(index, "*", list.capacity));
    const count = load(list.count, index);
    body.when(binary(position, "==", count), () => body.assign(access.variable, access.index, value));
    const to = body.variable(count);
    const target: Expr = { op: "temp", temp: to };
    body.while(binary(target, ">", position), () => {
      copySlot(body, list, binary(first, "+", target), binary(binary(first, "+", target), "-", 1));
      body.set(to, binary(target, "-", 1));
    });
    body.assign(list.count, index, binary(count, "+", 1));
    for (const view of [...standing, ...messageRows]) put(body, view, cell, binary(at(view, cell), "+", binary(at(view, cell), ">=", position)));
    const slot = body.keep(binary(first, "+", position));
    body.assign(list.value, slot, value);
    body.assign(list.attached, slot, source === null ? 0 : 1);
    const row = rowOf(list, slot);
    const learnt = releases(access.order) ? views.current : views.released;
    for (const each of everyCell) put(body, row, each, learnt === null ? constant(0) : at(learnt, each));
    if (source !== null) join(body, row, source);
    for (const view of [
      row,
      views.current,
      ...(views.pending === null ? [] : [views.pending]),
      ...(access.order === "seq_cst" && global !== null ? [global] : []),
    ])
      put(body, view, cell, position);
  };

  const viewsOf = (thread: number): ThreadViews => {
    const views = threads[thread];
    if (views === undefined) throw new Error(`there is no thread ${thread}`);
    return views;
  };

  /** The thread learns of the message in `slot` at `position`. */
  const observe = (body: BodyBuilder, thread: number, order: MemoryAccess["order"], cell: Expr, position: Expr, message: View): void => {
    const views = viewsOf(thread);
    if (acquires(order)) join(body, views.current, message);
    put(body, views.current, cell, max(at(views.current, cell), position));
    if (views.pending === null) return;
    join(body, views.pending, message);
    put(body, views.pending, cell, max(at(views.pending, cell), position));
  };

  const access = (operation: MemoryAccess): Lowered => {
    const { effect } = operation;
    if (effect.kind === "write") return write(operation, effect);
    if (effect.kind === "read") return { transitions: [read(operation, operation.order, effect.accepts)], transient: null, bound: null };
    const { compares } = effect;
    const modified = modify(operation, effect);
    if (compares === null) return modified;
    return { ...modified, transitions: [...modified.transitions, read(operation, compares.failure, (value) => not(compares.holds(value)))] };
  };

  /** Names for the parts of an access to one cell. */
  const placeOf = (operation: MemoryAccess) => {
    const list = listOf(operation.variable);
    const index = operation.index ?? constant(0);
    return {
      list,
      index,
      cell: binary(index, "+", list.base),
      first: binary(index, "*", list.capacity),
      full: binary(load(list.count, index), ">=", list.capacity),
    };
  };
  /** The thread may read the message at `position`, or write behind it. */
  const notBefore = (operation: MemoryAccess, order: MemoryAccess["order"], cell: Expr, position: Expr): Expr => {
    const known = binary(position, ">=", at(viewsOf(operation.thread).current, cell));
    return order === "seq_cst" && global !== null ? all(known, binary(position, ">=", at(global, cell))) : known;
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
    observe(body, operation.thread, order, cell, position, rowOf(list, slot));
    if (acquires(order)) retireAll(body);
    else retire(body, list, index);
    body.complete(operation.thread, operation.operation, [result]);
    const readable = all(binary(position, "<", load(list.count, index)), notBefore(operation, order, cell, position));
    return transition(operation, list.capacity, accepts === null ? readable : all(readable, accepts(load(list.value, slot))), body);
  };

  const write = (operation: MemoryAccess, effect: Extract<MemoryAccess["effect"], { kind: "write" }>): Lowered => {
    const { list, index, cell, first, full } = placeOf(operation);
    // The message goes behind the one that the pick names.
    const before = list.capacity > 2 ? pick : constant(0);
    const body = new BodyBuilder();
    check(body, operation.checks);
    const value = body.keep(effect.value);
    inRange(body, value, list.cell, effect.outOfRange);
    const position = body.keep(binary(before, "+", 1));
    insert(body, operation, list, index, position, value, null);
    retire(body, list, index);
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
    observe(body, operation.thread, operation.order, cell, position, rowOf(list, slot));
    insert(body, operation, list, index, body.keep(binary(position, "+", 1)), value, rowOf(list, slot));
    if (acquires(operation.order)) retireAll(body);
    else retire(body, list, index);
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

  const fence = (operation: MemoryFence): Lowered => {
    const views = viewsOf(operation.thread);
    const body = new BodyBuilder();
    if (acquires(operation.order) && views.pending !== null) join(body, views.current, views.pending);
    if (operation.order === "seq_cst" && global !== null) {
      join(body, views.current, global);
      copy(body, global, views.current);
      if (views.pending !== null) copy(body, views.pending, views.current);
    }
    if (releases(operation.order) && views.released !== null) copy(body, views.released, views.current);
    if (acquires(operation.order)) retireAll(body);
    body.complete(operation.thread, operation.operation, []);
    return { transitions: [transition(operation, 1, constant(1), body)], transient: null, bound: null };
  };

  const synchronise = (body: BodyBuilder, from: Expr, to: Expr): void => {
    const rowOfThread = (thread: Expr): View => ({ variable: threads[0]?.current.variable ?? 0, row: body.keep(binary(thread, "*", cellCount)) });
    join(body, rowOfThread(to), rowOfThread(from));
    retireAll(body);
  };

  return {
    name: "ra",
    variables,
    background: [],
    synchronise,
    drained: () => null,
    settled: null,
    buffers: [],
    cells: lists.map(({ cell, base: first }) => ({ variable: cell.id, base: first })),
    messages: lists.map(({ cell, capacity, count, value }) => ({ variable: cell.id, capacity, count, value })),
    access,
    fence,
  };
}
