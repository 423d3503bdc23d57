/**
 * Runs the protocol's own generator functions beside the compiled system: random schedules of the system, whose results
 * are fed to the generators. What each generator performs next must be what the system says stands at its location.
 */
import { type DomainShape, nobody } from "../../dist/model/language/domain.js";
import { type CellHandle, type MemoryFrame, withMemory } from "../../dist/model/language/memory.js";
import { AssumptionFailed, type Step } from "../../dist/model/language/operation.js";
import type { Instance } from "../../dist/model/language/protocol.js";
import { enabledMoves, evaluate, fire, initialState, locationOf } from "../../dist/model/system/interpret.js";
import type { Location, State, System, ValueType } from "../../dist/model/system/system.js";
import { guardResult } from "../../dist/checker/naive/value.js";

/** A random number below the limit. */
export type Random = (limit: number) => number;

/** Values between the system's numbers and the protocol's own. */
class Codec {
  readonly #instance: Instance;
  constructor(instance: Instance) {
    this.#instance = instance;
  }
  decode(domain: DomainShape, word: (path: string) => number, path = ""): unknown {
    switch (domain.kind) {
      case "int":
      case "address":
        return word(path);
      case "boolean":
        return word(path) !== 0;
      case "enum":
        return domain.values[word(path)];
      case "thread":
        return word(path) < 0 ? nobody : this.#instance.threads[word(path)]?.handle;
      case "ghost":
        return this.decode(domain.of, word, path);
      case "record":
        return Object.fromEntries(Object.entries(domain.fields).map(([name, of]) => [name, this.decode(of, word, path === "" ? name : `${path}.${name}`)]));
      default:
        throw new TypeError(`a ${domain.kind} is no result`);
    }
  }
  /** The number of a value where the system gives it this type; enums by name. */
  shown(type: ValueType, value: number): unknown {
    switch (type.kind) {
      case "enum":
        return type.values[value];
      case "boolean":
        return value !== 0;
      case "thread":
        return value < 0 ? nobody : this.#instance.threads[value]?.handle;
      default:
        return value;
    }
  }
}

/** All memory of a state, by cell address. */
function memoryOf(system: System, state: State, instance: Instance, codec: Codec): unknown[] {
  return instance.memory.cells.map((cell) => {
    const at = (name: string, index: number): number => {
      const variable = system.variables.find((each) => each.name === name);
      const value = variable === undefined ? undefined : state[variable.id]?.[index];
      if (value === undefined) throw new Error(`the system has no ${name}[${index}]`);
      return value;
    };
    const name = `memory.${cell.variable}`;
    const shape = cell.domain.kind === "ghost" ? cell.domain.of : cell.domain;
    if (shape.kind !== "queue") return codec.decode(shape, () => at(name, cell.index));
    const capacity = shape.capacity === "threads" ? instance.threads.length : shape.capacity;
    return Array.from({ length: at(`${name}.length`, cell.index) }, (_, place) =>
      codec.decode(shape.of, (path) => at(path === "" ? name : `${name}.${path}`, cell.index * capacity + place)),
    );
  });
}

/** Leaves of an argument by name, as locations list them. */
function leaves(domain: DomainShape, value: unknown, name: string): [string, unknown][] {
  if (domain.kind === "record")
    return Object.entries(domain.fields).flatMap(([field, of]) => leaves(of, (value as Record<string, unknown>)[field], `${name}.${field}`));
  return domain.kind === "cell" || domain.kind === "object" ? [] : [[name, value]];
}

/** What a location must agree on with the operation that its thread performs natively; null if it does. */
function difference(location: Location, system: System, state: State, step: Step, codec: Codec): string | null {
  const { site } = step;
  if (site === undefined || site.start !== location.site.start || site.end !== location.site.end || site.file !== location.site.file)
    return `stands at ${location.site.line}:${location.site.column}, natively at ${site?.line}:${site?.column}`;
  const operation = system.operations[location.operation]?.name;
  const natively = step.kind === "kernel" ? step.operation.name : step.kind === "memory" ? `memory.${step.action}` : step.kind;
  // A loop around one load is a waitUntil in the system.
  const waits = operation === "waitUntil" && step.kind === "memory" && (step.action === "load" || step.action === "read");
  if (operation !== natively && operation !== (step as { readonly action?: string }).action && !waits) return `performs ${operation}, natively ${natively}`;
  if (step.kind !== "kernel") return null;
  const expected = new Map(Object.entries(step.operation.args).flatMap(([name, domain]) => leaves(domain, step.args[name], name)));
  for (const { name, value, type } of location.args) {
    if (!expected.has(name)) continue;
    const compiled = codec.shown(type, evaluate(state, value));
    const native = expected.get(name);
    if (compiled !== native) return `gives ${operation} the argument ${name} = ${String(compiled)}, natively ${String(native)}`;
  }
  return null;
}

/** Walks once at random; returns the first difference, or null. */
export function walkNatively(
  instance: Instance,
  system: System,
  random: Random,
  steps: number,
): { readonly difference: string | null; readonly steps: number } {
  const codec = new Codec(instance);
  const initial = initialState(system);
  if (initial.kind !== "state") return { difference: null, steps: 0 };
  let state = initial.state;
  let memory = instance.memory.cells.map((cell): unknown => (cell.domain.kind === "queue" ? [] : initialOfCell(cell)));
  const frame: MemoryFrame = {
    read: (cell) => memory[cell.address],
    write: (cell, value) => {
      memory[cell.address] =
        cell.domain.kind === "int" && cell.domain.wraps ? (((value as number) % (cell.domain.max + 1)) + cell.domain.max + 1) % (cell.domain.max + 1) : value;
    },
  };
  const generators = instance.threads.map((thread) => thread.run?.(thread.context as never) ?? null);
  const pending: (Step | null)[] = [];
  const resume = (thread: number, result: unknown): void => {
    const end = withMemory(frame, () => generators[thread]?.next(result as never));
    pending[thread] = end === undefined || end.done ? null : end.value;
  };
  const compare = (): string | null => {
    for (const process of system.processes) {
      const at = locationOf(state, process);
      if (at === process.stopped) continue;
      const location = process.locations[at];
      const step = pending[process.index] ?? null;
      if (at === process.locations.length) {
        // A deleted thread has ended wherever its generator stands.
        continue;
      }
      if (location === undefined || step === null) return `${process.name} stands at location ${at}, natively it has ended`;
      const found = difference(location, system, state, step, codec);
      if (found !== null) return `${process.name} ${found}`;
    }
    const decoded = memoryOf(system, state, instance, codec);
    for (const cell of instance.memory.cells) {
      if (cell.isGhost && decoded[cell.address] !== memory[cell.address])
        return `ghost ${cell.variable} is ${String(decoded[cell.address])}, natively ${String(memory[cell.address])}`;
    }
    return null;
  };

  for (const thread of generators.keys()) resume(thread, undefined);
  for (let step = 0; ; step++) {
    const found = compare();
    if (found !== null || step === steps) return { difference: found === null ? null : `after ${step} steps, ${found}`, steps: step };
    const moves = enabledMoves(system, state);
    const move = moves[random(Math.max(1, moves.length))];
    if (move === undefined) return { difference: null, steps: step };
    const outcome = fire(system, state, move);
    // A violation or an assumption ends the walk: natively it would be thrown.
    if (outcome.kind !== "state") return { difference: null, steps: step };
    const before = memoryOf(system, state, instance, codec);
    memory = instance.memory.cells.map((cell) => (cell.isGhost ? memory[cell.address] : before[cell.address]));
    state = outcome.state;
    try {
      for (const [index, thread] of outcome.completed.entries()) {
        // The kernel may end the operation of a thread that has stopped for ever.
        const process = system.processes[thread];
        if (process !== undefined && locationOf(state, process) === process.stopped) continue;
        const words = outcome.results[index] ?? [];
        resume(thread, resultOf(pending[thread] as Step, words, system, thread, move.pick, codec, frame));
        if (index === 0) {
          const after = memoryOf(system, state, instance, codec);
          memory = instance.memory.cells.map((cell) => (cell.isGhost ? memory[cell.address] : after[cell.address]));
        }
      }
    } catch (error) {
      if (error instanceof AssumptionFailed) return { difference: `after ${step} steps the assumption fails natively only`, steps: step };
      return { difference: `after ${step} steps natively: ${String(error)}`, steps: step };
    }
  }

  function resultOf(step: Step, words: readonly number[], compiled: System, thread: number, pick: number, values: Codec, live: MemoryFrame): unknown {
    switch (step.kind) {
      case "choose":
        return step.values[pick];
      case "fence":
        return undefined;
      case "step":
        if (!withMemory(live, step.when)) throw new Error("the guard of a step is false natively");
        return withMemory(live, step.do);
      case "memory":
      case "waitUntil":
        if (step.kind === "memory" && (step.action === "write" || step.action === "store")) return undefined;
        // A loop around a load that has become a waitUntil yields nothing in the system; its load gives the cell's value.
        return words.length === 0 ? live.read(step.cell) : values.decode(step.cell.domain, () => words[0] as number);
      case "kernel": {
        const operation = compiled.operations.find(({ name, results }) => name === step.operation.name && results.length === words.length);
        const names = new Map(operation?.results.map(({ name }, index) => [name, words[index] as number]));
        const result = Object.fromEntries(
          Object.entries(step.operation.result).map(([name, domain]) => [
            name,
            values.decode(domain, (path) => {
              const word = names.get(path === "" ? name : `${name}.${path}`);
              if (word === undefined) throw new Error(`thread ${thread}: ${step.operation.name} has no result ${name}.${path}`);
              return word;
            }),
          ]),
        );
        return guardResult(result, step.operation.guarded);
      }
    }
  }
}

function initialOfCell(cell: CellHandle): unknown {
  const shape = cell.domain.kind === "ghost" ? cell.domain.of : cell.domain;
  if (shape.kind === "thread") return nobody;
  return "init" in shape ? shape.init : null;
}
