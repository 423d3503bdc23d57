/** States and operations of a transition system as people read them: named values, operations with their arguments. */
import { cellName } from "../kernel/common/user-memory.ts";
import type { OperationDeclaration } from "../model/language/kernel.ts";
import type { Site } from "../model/language/operation.ts";
import type { Instance } from "../model/language/protocol.ts";
import { evaluate } from "../model/system/interpret.ts";
import type { ArgumentType, Location, OperationInfo, Process, State, StoreBuffer, System, ValueType, Variable } from "../model/system/system.ts";
import type { Change, ShownValue, TraceSite } from "./trace.ts";

export function shownSite(site: Site | null | undefined): TraceSite | null {
  return site == null ? null : { file: site.file, line: site.line, column: site.column };
}

/** A scalar by its type: threads by name, enums by value. */
export function shownScalar(system: System, type: ValueType, value: number): ShownValue {
  switch (type.kind) {
    case "int":
    case "location":
      return value;
    case "boolean":
      return value !== 0;
    case "enum":
      return type.values[value] ?? `(${value})`;
    case "thread":
      return system.processes[value]?.name ?? null;
  }
}

/** A value inside an operation's text. */
function sourceText(system: System, type: ArgumentType, value: number): string {
  if (type.kind === "object") return type.name;
  const shown = shownScalar(system, type, value);
  return type.kind === "enum" ? JSON.stringify(shown) : shown === null ? "nobody" : String(shown);
}

/** The operation at which a thread stands, with its arguments evaluated; a memory access with the cell that it goes to. */
export function operationText(instance: Instance, system: System, state: State, location: Location): string {
  const declared = declarationOf(instance, system.operations[location.operation]?.name);
  // Cells that a kernel operation names are arguments of its declaration, not values of the source.
  const cells = location.args.filter(({ name }) => declared?.args[name]?.kind === "cell").map(({ value }) => instance.memory.cells[evaluate(state, value)]);
  const named = cells.map((cell) => (cell === undefined ? "nothing" : cellName(cell, instance.memory)));
  const args = [...named, ...location.shown.map(({ value, type }) => sourceText(system, type, evaluate(state, value)))];
  const { access, label } = location;
  const variable = access === null ? undefined : system.variables[access.variable];
  if (access === null || variable === undefined) return `${label}(${args.join(", ")})`;
  const cell = cellText(variable, access.index === null ? 0 : evaluate(state, access.index));
  const method = label.split(".").at(-1) ?? "";
  return method === label ? `${label}(${[cell, ...args].join(", ")})` : `${cell}.${method}(${args.join(", ")})`;
}

/** The kernel's or an object's declaration of an operation; undefined for the language's own. */
function declarationOf(instance: Instance, name: string | undefined): Pick<OperationDeclaration, "args" | "guarded"> | undefined {
  const declared = [instance.protocol.kernel, ...instance.objects.map(({ type }) => type)].flatMap(({ operations }) =>
    operations.map(({ declaration }) => declaration),
  );
  return declared.find((each) => each.name === name);
}

function cellText({ name, length }: Variable, index: number): string {
  const cell = name.replace(/^memory\./u, "");
  return length === 1 ? cell : `${cell}[${index}]`;
}

/** A result as one line: what an error leaves without meaning is not shown. */
export function resultText(instance: Instance, system: System, operation: OperationInfo, results: readonly number[]): string {
  const declared = declarationOf(instance, operation.name);
  const fields = operation.results.map(({ name, type }, index) => ({
    name,
    text: sourceText(system, type, results[index] ?? 0),
    shown: shownScalar(system, type, results[index] ?? 0),
  }));
  const guarded = declared?.guarded ?? null;
  const isOk = guarded === null || fields.find(({ name }) => name === guarded.by)?.shown === guarded.ok;
  const kept = fields.filter(({ name, shown }) => {
    if (guarded === null) return true;
    // Of a good result, neither the error nor the phase that failed; of a bad one, nothing that may not be read.
    const isMeaningful = guarded.fields.some((field) => name === field || name.startsWith(`${field}.`));
    return isOk ? isMeaningful : !isMeaningful && shown !== "none";
  });
  // A result without a sender is that of a call that received nothing.
  if (guarded !== null && isOk && kept.some(({ shown }) => shown === null)) return "";
  if (kept.length === 1 && fields.length === 1) return kept[0]?.text ?? "";
  return kept.map(({ name, text }) => `${name} ${text.replaceAll('"', "")}`).join(", ");
}

interface Named {
  readonly name: string;
  readonly value: ShownValue | readonly ShownValue[];
}

/** The elements of a variable under the names that people give them; the fills of queues are part of the queues. */
export function namedValues(instance: Instance, system: System, variable: Variable, state: State): readonly Named[] {
  const row = state[variable.id] ?? [];
  const base = variable.role === "memory" || variable.role === "ghost" ? variable.name.replace(/^memory\./u, "") : variable.name;
  const scalar = (value: number): ShownValue => shownScalar(system, variable.type, value);
  const { queue } = variable;
  const perEntry = queue === null ? 1 : queue.capacity;
  const entries = variable.length / perEntry;
  const owners = ownerNames(instance, system, variable);
  const perOwner = owners === null ? entries : entries / owners.length;
  return Array.from({ length: entries }, (_, entry) => {
    const owner = owners === null ? "" : `[${owners[Math.floor(entry / perOwner)]}]`;
    const index = (owners === null ? entries : perOwner) === 1 ? "" : `[${entry % perOwner}]`;
    const from = entry * perEntry;
    const value = queue === null ? scalar(row[from] ?? 0) : row.slice(from, from + (state[queue.fill]?.[entry] ?? 0)).map(scalar);
    return { name: `${base}${owner}${index}`, value };
  });
}

function ownerNames(instance: Instance, system: System, variable: Variable): readonly string[] | null {
  switch (variable.scope) {
    case "thread":
      return system.processes.map(({ name }) => name);
    case "cpu":
      return Array.from({ length: system.cpus }, (_, cpu) => `CPU ${cpu}`);
    case "object":
      return instance.objects.map(({ ref }) => ref.name);
    case null:
      return null;
  }
}

/** The value of an entry of a store buffer, with the cell that it is for. */
function entryText(system: System, state: State, buffer: StoreBuffer, entry: number): string {
  const address = state[buffer.address]?.[entry] ?? -1;
  const home = system.memory?.cells.findLast(({ base }) => base <= address);
  const variable = home === undefined || address < 0 ? undefined : system.variables[home.variable];
  if (home === undefined || variable === undefined) return "barrier";
  return `${cellText(variable, address - home.base)} = ${sourceText(system, variable.type, state[buffer.value]?.[entry] ?? 0)}`;
}

/** What a CPU's store buffer gives to memory when entry `pick` leaves it. */
export function drainedText(system: System, state: State, cpu: number, pick: number): string {
  const buffer = system.memory?.buffers.find((each) => each.cpu === cpu);
  return buffer === undefined ? "" : entryText(system, state, buffer, pick);
}

/** What weak memory holds besides the newest values: store buffers in program order, messages in modification order. */
export function memoryValues(system: System, state: State): readonly Named[] {
  const { memory } = system;
  if (memory == null) return [];
  const buffers = memory.buffers.map((buffer) => ({
    name: `buffer of CPU ${buffer.cpu}`,
    value: Array.from({ length: state[buffer.fill]?.[0] ?? 0 }, (_, entry) => entryText(system, state, buffer, entry)),
  }));
  const messages = memory.messages.flatMap(({ variable, capacity, count, value }) => {
    const cell = system.variables[variable];
    if (cell === undefined || capacity === 1) return [];
    return Array.from({ length: cell.length }, (_, index) => ({
      name: `messages of ${cellText(cell, index)}`,
      value: (state[value] ?? []).slice(index * capacity, index * capacity + (state[count]?.[index] ?? 0)).map((each) => shownScalar(system, cell.type, each)),
    }));
  });
  return [...buffers, ...messages];
}

/** Variables that are shown: all but locations, the fills of queues and those of weak memory. */
export function shownVariables(system: System): readonly Variable[] {
  const fills = new Set(system.memory?.variables);
  for (const { queue } of system.variables) if (queue !== null) fills.add(queue.fill);
  return system.variables.filter(({ id, role }) => role !== "pc" && id !== system.current && !fills.has(id));
}

/** What differs between two states. */
export function changes(instance: Instance, system: System, before: State, after: State): readonly Change[] {
  const differing = (role: Change["role"], old: readonly Named[], now: readonly Named[]): readonly Change[] =>
    now.flatMap(({ name, value }, index): readonly Change[] => {
      const previous = old[index]?.value ?? null;
      return JSON.stringify(previous) === JSON.stringify(value) ? [] : [{ name, role, before: previous, after: value }];
    });
  const variables = shownVariables(system).flatMap((variable): readonly Change[] => {
    if (variable.role === "pc") return [];
    const role = variable.scope === "object" ? "object" : variable.role;
    return differing(role, namedValues(instance, system, variable, before), namedValues(instance, system, variable, after));
  });
  return [...variables, ...differing("memory", memoryValues(system, before), memoryValues(system, after))];
}

/** The location at which a thread stands, or null if it has finished. */
export function standsAt(process: Process, state: State): Location | null {
  return process.locations[state[process.pc]?.[0] ?? 0] ?? null;
}
