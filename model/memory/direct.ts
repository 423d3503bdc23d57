/**
 * Release/acquire memory under rules that act on memory itself.
 *
 * A guarded step sees the newest value of every cell, leaves the newest values, and happens after every step before it:
 * as if all steps held one lock. A rule of the kernel sees and leaves newest values of the cells that it is given. What
 * the acting thread knows passes through the kernel as through locks: the rule takes up what was left with every thread
 * and object whose kernel state it changes, and leaves there what its thread knows; threads whose operations it completes
 * take that up.
 */
import type { Code, Expr, Statement } from "../system/system.ts";
import { all, any, BodyBuilder, binary, both, constant, guard, load, not } from "./code.ts";
import type { DirectRule } from "./model.ts";
import type { View } from "./rows.ts";
import type { Messages, ViewState } from "./views.ts";

/** The rule with all that it does to views and messages. */
export function directly(state: ViewState, rule: DirectRule): { readonly guard: Code; readonly body: Code; readonly bound: Expr | null } {
  const { rows } = state;
  const body = new BodyBuilder();
  const self = rule.thread === null ? null : state.views(rule.thread);
  const own = self === null ? [] : [self.current, ...(self.pending === null ? [] : [self.pending])];
  if (rule.kind === "step") enterStep(state, body, own);
  for (const { variable, index } of rule.cells) {
    const list = state.lists.find(({ cell }) => cell.id === variable);
    if (list === undefined) continue;
    const at = index ?? constant(0);
    for (const view of own) rows.raise(body, view, binary(at, "+", list.base), binary(load(list.count, at), "-", 1));
  }
  const writes = splice(state, body, rule);
  const meets = rule.kind === "kernel" && rule.synchronises;
  if (meets) takeUp(state, body, rule.thread, own);
  for (const { list, dirty } of writes) {
    for (const [index, temp] of dirty.entries())
      body.when(temp, () => {
        const at = constant(index);
        const known = self?.current ?? null;
        state.insert(body, list, at, body.keep(load(list.count, at)), load(list.cell.id, list.cell.length === 1 ? null : at), known, null, own);
      });
  }
  if (meets) leave(state, body, rule.thread, own[0] ?? null);
  if (rule.kind === "kernel") reset(state, body);
  if (rule.kind === "step") leaveStep(state, body, own[0] ?? null);
  state.retireAll(body);
  const full = any(
    ...writes.flatMap(({ list }) => Array.from({ length: list.cell.length }, (_, index) => binary(load(list.count, index), ">=", list.capacity))),
  );
  if (writes.length === 0) return { guard: rule.guard, body: body.end(), bound: null };
  return { guard: both(guard(not(full)), rule.guard), body: body.end(), bound: full };
}

/** Puts the rule's own body in, noting which cells it writes and which threads it completes. */
function splice(
  state: ViewState,
  body: BodyBuilder,
  { kind, body: code }: DirectRule,
): readonly { readonly list: Messages; readonly dirty: readonly Expr[] }[] {
  const assigned = new Set(code.blocks.flatMap(({ statements }) => statements.flatMap((each) => (each.op === "assign" ? [each.variable] : []))));
  const writes = state.lists
    .filter(({ cell }) => assigned.has(cell.id))
    .map((list) => ({ list, dirty: Array.from({ length: list.cell.length }, () => body.variable(constant(0))) }));
  body.splice(code, (statement) => {
    if (statement.op === "complete" && kind === "kernel" && state.touched !== null)
      return [{ op: "assign", variable: state.touched.completed, index: statement.thread, value: constant(1) }, statement];
    if (statement.op !== "assign") return [statement];
    const write = writes.find(({ list }) => list.cell.id === statement.variable);
    if (write === undefined) return [statement];
    const index = statement.index ?? constant(0);
    const marks = write.dirty.map((temp, i): Statement => ({ op: "let", temp, value: any({ op: "temp", temp }, binary(index, "==", i)) }));
    return [...marks, statement];
  });
  return writes.map(({ list, dirty }) => ({ list, dirty: dirty.map((temp): Expr => ({ op: "temp", temp })) }));
}

/** Every thread and object whose flag is up, with what the kernel holds of it. */
function meetings(state: ViewState): readonly { readonly flag: Expr; readonly view: View }[] {
  const { kernel, touched } = state;
  if (kernel === null || touched === null) return [];
  return [
    ...kernel.threads.map((view, thread) => ({ flag: any(load(touched.threads, thread), load(touched.completed, thread)), view })),
    ...kernel.objects.map((view, object) => ({ flag: load(touched.objects, object), view })),
  ];
}

function takeUp(state: ViewState, body: BodyBuilder, thread: number | null, own: readonly View[]): void {
  const met = meetings(state);
  const ownKernel = thread === null ? undefined : state.kernel?.threads[thread];
  for (const view of own) {
    if (ownKernel !== undefined) state.rows.join(body, view, ownKernel);
    for (const { flag, view: from } of met) if (from !== ownKernel) body.when(flag, () => state.rows.join(body, view, from));
  }
  // In the background nobody acts: what is met learns from each other.
  if (thread === null)
    for (const from of met) for (const to of met) if (from !== to) body.when(all(from.flag, to.flag), () => state.rows.join(body, to.view, from.view));
}

function leave(state: ViewState, body: BodyBuilder, thread: number | null, current: View | null): void {
  const { kernel, touched, rows } = state;
  if (kernel === null || touched === null) return;
  const ownKernel = thread === null ? undefined : kernel.threads[thread];
  if (current !== null) {
    if (ownKernel !== undefined) rows.join(body, ownKernel, current);
    for (const { flag, view } of meetings(state)) if (view !== ownKernel) body.when(flag, () => rows.join(body, view, current));
  }
  for (const [other, { current: to, pending }] of state.threads.entries()) {
    const from = kernel.threads[other];
    if (other === thread || from === undefined) continue;
    body.when(load(touched.completed, other), () => {
      rows.join(body, to, from);
      if (pending !== null) rows.join(body, pending, from);
    });
  }
}

function reset(state: ViewState, body: BodyBuilder): void {
  const { kernel, touched } = state;
  if (kernel === null || touched === null) return;
  for (const thread of kernel.threads.keys()) {
    body.assign(touched.threads, thread, 0);
    body.assign(touched.completed, thread, 0);
  }
  for (const object of kernel.objects.keys()) body.assign(touched.objects, object, 0);
}

/** The thread learns of everything newest and of the steps before. */
function enterStep(state: ViewState, body: BodyBuilder, own: readonly View[]): void {
  const { rows, lock } = state;
  for (const view of own) {
    if (lock !== null) rows.join(body, view, lock);
    for (const list of state.written)
      for (let index = 0; index < list.cell.length; index++) rows.put(body, view, constant(list.base + index), binary(load(list.count, index), "-", 1));
  }
}

function leaveStep(state: ViewState, body: BodyBuilder, current: View | null): void {
  const { rows, global, lock } = state;
  if (current === null) return;
  if (lock !== null) rows.copy(body, lock, current);
  if (global !== null) rows.copy(body, global, current);
}
