/**
 * Release/acquire memory by views, after Kang, Hur, Lahav, Vafeiadis and Dreyer ("A promising semantics for
 * relaxed-memory concurrency", 2017) without promises. Messages are named; the modification order of a location is a list
 * of names; a view gives for each location the latest message known. Nothing is dropped or renumbered here, so programs
 * must be free of endless loops.
 *
 * A seq_cst fence exchanges the thread's view with a global one. A seq_cst write comes after all that the global view
 * knows of its location and is entered there; a seq_cst read sees nothing older (RC11's psc for executions in an order
 * that extends program order, reads-from and psc).
 */
import { acquires, releases } from "../../model/memory/order.ts";
import { type AccessOrder, arithmetic } from "../program.ts";
import type { Effect, NaiveModel } from "./search.ts";

type View = Readonly<Record<string, string>>;
interface Message {
  readonly name: string;
  readonly value: number;
  /** What whoever acquires it learns. */
  readonly view: View;
  /** Written by a read-modify-write that read the message before it: nothing may come between. */
  readonly attached: boolean;
}
interface ThreadViews {
  readonly current: View;
  /** What an acquire fence would add to the current view. */
  readonly pending: View;
  /** What relaxed writes release: the view at the last release fence. */
  readonly released: View;
}
interface Memory {
  readonly messages: Readonly<Record<string, readonly Message[]>>;
  readonly threads: readonly ThreadViews[];
  readonly global: View;
}

/** The naive release/acquire model. */
export const viewModel: NaiveModel<Memory> = {
  start: (program) => {
    const view = Object.fromEntries([...program.locations.keys()].map((location) => [location, "initial"]));
    return {
      messages: Object.fromEntries([...program.locations].map(([location, value]) => [location, [{ name: "initial", value, view, attached: false }]])),
      threads: program.threads.map(() => ({ current: view, pending: view, released: view })),
      global: view,
    };
  },
  effects(memory, t, step, value) {
    if (step.op === "fence") return [{ memory: fence(memory, t, step.order), value: null }];
    if (step.op === "load") return reads(memory, t, step.location, step.order).map(({ memory: after, message }) => ({ memory: after, value: message.value }));
    if (step.op === "await")
      return reads(memory, t, step.location, step.order)
        .filter(({ message }) => arithmetic(step.operator, message.value, value(step.value)) !== 0)
        .map(({ memory: after }) => ({ memory: after, value: null }));
    if (step.op === "store") return writes(memory, t, step.location, value(step.value), step.order);
    const matches = (read: number): boolean => step.op !== "compareExchange" || read === value(step.expected);
    const failures = step.op !== "compareExchange" ? [] : reads(memory, t, step.location, step.failure).filter(({ message }) => !matches(message.value));
    const successes = reads(memory, t, step.location, step.order).flatMap(({ memory: after, message, index }): readonly Effect<Memory>[] => {
      if (!matches(message.value) || memory.messages[step.location]?.[index + 1]?.attached === true) return [];
      const written =
        step.op === "exchange" ? value(step.value) : step.op === "modify" ? arithmetic(step.operator, message.value, value(step.operand)) : value(step.desired);
      return [{ memory: insert(after, t, step.location, index + 1, written, step.order, message), value: message.value }];
    });
    return [...successes, ...failures.map(({ memory: after, message }) => ({ memory: after, value: message.value }))];
  },
  background: () => [],
  final: (memory, location) => memory.messages[location]?.at(-1)?.value ?? 0,
  // Names differ between runs that are alike: the key shows positions instead.
  key: (memory) => {
    const positions = (view: View): string =>
      Object.keys(memory.messages)
        .map((location) => known(memory, view, location))
        .join();
    const messages = Object.values(memory.messages).map((list) => list.map((m) => `${m.value}${m.attached ? "!" : ""}@${positions(m.view)}`).join(" "));
    return `${messages.join(" / ")} # ${memory.threads.map((views) => `${positions(views.current)};${positions(views.pending)};${positions(views.released)}`).join(" ")} # ${positions(memory.global)}`;
  },
};

/** The position in modification order of what `view` knows of a location. */
function known(memory: Memory, view: View, location: string): number {
  return (memory.messages[location] ?? []).findIndex((message) => message.name === view[location]);
}

function join(memory: Memory, a: View, b: View): View {
  return Object.fromEntries(Object.keys(a).map((location) => [location, (known(memory, a, location) >= known(memory, b, location) ? a : b)[location] ?? ""]));
}

function reads(memory: Memory, t: number, location: string, order: AccessOrder): readonly { memory: Memory; message: Message; index: number }[] {
  const views = memory.threads[t];
  const list = memory.messages[location] ?? [];
  if (views === undefined) return [];
  const floor = Math.max(known(memory, views.current, location), order === "seq_cst" ? known(memory, memory.global, location) : 0);
  return list.slice(floor).map((message, offset) => {
    const seen = { ...message.view, [location]: message.name };
    const current = acquires(order) ? join(memory, views.current, seen) : { ...views.current, [location]: message.name };
    const after = { ...views, current, pending: join(memory, views.pending, seen) };
    return { memory: { ...memory, threads: memory.threads.with(t, after) }, message, index: floor + offset };
  });
}

function writes(memory: Memory, t: number, location: string, value: number, order: AccessOrder): readonly Effect<Memory>[] {
  const views = memory.threads[t];
  const list = memory.messages[location] ?? [];
  if (views === undefined) return [];
  const after = Math.max(known(memory, views.current, location), order === "seq_cst" ? known(memory, memory.global, location) : 0);
  const effects: Effect<Memory>[] = [];
  for (let index = after + 1; index <= list.length; index++) {
    if (list[index]?.attached === true) continue;
    effects.push({ memory: insert(memory, t, location, index, value, order, null), value: null });
  }
  return effects;
}

/** Puts a message at a position; `source` is what a read-modify-write read. */
function insert(memory: Memory, t: number, location: string, index: number, value: number, order: AccessOrder, source: Message | null): Memory {
  const views = memory.threads[t];
  const list = memory.messages[location] ?? [];
  if (views === undefined) return memory;
  const name = `${t}.${list.length}.${Object.values(memory.messages).reduce((sum, l) => sum + l.length, 0)}`;
  const current = { ...views.current, [location]: name };
  const base = releases(order) ? views.current : views.released;
  const view = { ...(source === null ? base : join(memory, base, source.view)), [location]: name };
  return {
    messages: { ...memory.messages, [location]: list.toSpliced(index, 0, { name, value, view, attached: source !== null }) },
    threads: memory.threads.with(t, { ...views, current, pending: { ...views.pending, [location]: name } }),
    global: order === "seq_cst" ? { ...memory.global, [location]: name } : memory.global,
  };
}

function fence(memory: Memory, t: number, order: AccessOrder): Memory {
  const views = memory.threads[t];
  if (views === undefined) return memory;
  const current = acquires(order) ? views.pending : views.current;
  if (order !== "seq_cst")
    return { ...memory, threads: memory.threads.with(t, { current, pending: views.pending, released: releases(order) ? current : views.released }) };
  const all = join(memory, current, memory.global);
  return { ...memory, threads: memory.threads.with(t, { current: all, pending: all, released: all }), global: all };
}
