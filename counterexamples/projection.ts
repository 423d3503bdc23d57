/** A machine's state as the transition system's variables: the common ground on which the two levels are compared. */
import type { Observed } from "../kernel/common/observation.ts";
import { ThreadHandle } from "../model/language/domain.ts";
import { CellHandle } from "../model/language/memory.ts";
import type { System, ValueType, Variable } from "../model/system/system.ts";

/** The machine's values of one variable, element by element; null where the machine has none. */
export type Projected = readonly (number | null)[];

/** Projects the machine's state; null for a variable that the machine does not know. */
export function projectMachine(executor: Observed, system: System): readonly (Projected | null)[] {
  const values = nativeValues(executor);
  const fills = new Map(system.variables.flatMap((variable) => (variable.queue === null ? [] : [[variable.queue.fill, variable] as const])));
  return system.variables.map((variable) => {
    if (!variable.projected || variable.role === "pc" || variable.role === "local") return null;
    const queue = fills.get(variable.id);
    if (queue !== undefined) {
      const found = lookUp(values, variable.name.replace(/\.length$/u, ""));
      return found === null ? null : found.values.map((value) => (Array.isArray(value) ? value.length : null));
    }
    const found = lookUp(values, variable.name);
    return found === null ? null : found.values.flatMap((value) => scalars(variable, value, found.path, variable.length / found.values.length));
  });
}

/** Everything that the machine projects, by the names of the abstract variables: one value for each owner or element. */
function nativeValues(executor: Observed): ReadonlyMap<string, readonly unknown[]> {
  const values = new Map<string, unknown[]>();
  for (const cell of executor.instance.memory.cells) {
    const name = `memory.${cell.variable}`;
    values.set(name, [...(values.get(name) ?? []), executor.memory.inspect(cell)]);
  }
  for (const [name, each] of Object.entries(executor.project())) values.set(name, [...each]);
  return values;
}

/** The entry whose name is `name` or a part of it up to a dot, and the path of record fields that is left. */
function lookUp(
  values: ReadonlyMap<string, readonly unknown[]>,
  name: string,
): { readonly values: readonly unknown[]; readonly path: readonly string[] } | null {
  const parts = name.split(".");
  for (let length = parts.length; length > 0; length--) {
    const found = values.get(parts.slice(0, length).join("."));
    if (found !== undefined) return { values: found, path: parts.slice(length) };
  }
  return null;
}

/** One owner's value as the elements of `variable`, free slots of queues included; `size`: how many an owner without any has. */
function scalars(variable: Variable, value: unknown, path: readonly string[], size: number = 1): readonly (number | null)[] {
  if (Array.isArray(value)) {
    const elements = value.flatMap((element: unknown) => scalars({ ...variable, queue: null }, element, path));
    if (variable.queue === null) return elements;
    return [...elements, ...new Array<number>(Math.max(0, variable.queue.capacity - elements.length)).fill(variable.min)];
  }
  // An object without this state leaves its slots alone.
  if (value === null) return new Array<null>(size).fill(null);
  const [field, ...rest] = path;
  if (field !== undefined) return scalars(variable, (value as Record<string, unknown>)[field], rest);
  return [scalarOf(variable.type, value)];
}

/** A native scalar in the encoding of the transition system; null if it has no place there. */
export function scalarOf(type: ValueType, value: unknown): number | null {
  if (value instanceof CellHandle) return value.address;
  switch (type.kind) {
    case "int":
    case "location":
      if (typeof value === "object" && value !== null && "index" in value) return Number(value.index);
      return typeof value === "number" ? value : null;
    case "boolean":
      return typeof value === "boolean" ? Number(value) : null;
    case "enum": {
      const position = type.values.indexOf(String(value));
      return position < 0 ? null : position;
    }
    case "thread":
      return value instanceof ThreadHandle ? value.id : typeof value === "object" && value !== null && "id" in value ? Number(value.id) : null;
  }
}
