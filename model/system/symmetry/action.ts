/**
 * What an order of replicas does to a state: the variables of a thread, and of a CPU of its own, go with it; elements of
 * arrays that are indexed by threads change places; numbers that stand for a thread are renamed.
 */
import type { Process, State, System } from "../system.ts";
import type { Typing } from "./typing.ts";

/** Of one variable. */
export interface VariableAction {
  /** Values that are a member's number plus this stand for it; null: values stay. */
  readonly values: number | null;
  /** Elements `(member + distance) * stride ...` belong to a member; null: elements stay. */
  readonly elements: { readonly distance: number; readonly stride: number } | null;
}
export interface Action {
  readonly members: readonly number[];
  /** By variable. */
  readonly variables: readonly VariableAction[];
  /** Variables that each member has for itself, in the same order for all. */
  readonly own: readonly (readonly number[])[];
}

export function actionOf(system: System, typing: Typing, members: readonly Process[]): Action {
  const variables = system.variables.map(({ id }): VariableAction => {
    const shape = typing.indexes[id] ?? null;
    const value = typing.values[id];
    const distance = shape === null ? null : typing.sorts.distance(shape.owner);
    return {
      values: value === undefined ? null : typing.sorts.distance(value),
      elements: shape === null || distance === null ? null : { distance, stride: shape.stride },
    };
  });
  const distinct = new Set(members.map(({ cpu }) => cpu)).size === members.length;
  const own = members.map(({ pc, locals, cpu }) => [
    pc,
    ...locals,
    ...(distinct ? (system.memory?.buffers ?? []).filter((buffer) => buffer.cpu === cpu).flatMap(({ address, value, fill }) => [address, value, fill]) : []),
  ]);
  return { members: members.map(({ index }) => index), variables, own };
}

/** The state in which the member at place `to` is what the member at `order[to]` was. */
export function act(system: System, action: Action, order: readonly number[], state: State): State {
  const { members, own } = action;
  /** Which place each thread goes to. */
  const image = new Map(members.map((_, to) => [members[order[to] ?? to] ?? -1, members[to] ?? -1]));
  const thread = (number: number): number => image.get(number) ?? number;
  const target = new Map<number, number>();
  for (const [to, mine] of own.entries()) own[order[to] ?? to]?.forEach((variable, i) => target.set(variable, mine[i] ?? variable));
  const result = state.map((row) => [...row]);
  for (const { id } of system.variables) {
    const { values, elements } = action.variables[id] ?? { values: null, elements: null };
    const row = result[target.get(id) ?? id];
    for (const [index, value] of (state[id] ?? []).entries()) {
      const owner = elements === null ? 0 : Math.floor(index / elements.stride);
      const place = elements === null ? index : (thread(owner - elements.distance) + elements.distance) * elements.stride + (index - owner * elements.stride);
      if (row !== undefined) row[place] = values === null ? value : thread(value - values) + values;
    }
  }
  return result;
}
