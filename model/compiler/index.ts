/** The compiler: from an instantiated protocol to its transition system. */
import { CellHandle } from "../language/memory.ts";
import { DeclarationError, type Instance, type Protocol } from "../language/protocol.ts";
import { declarationError } from "../loader/declaration.ts";
import type { Code, Expr, Location, Process, System, Transition, ValueType, Variable, WakerInfo } from "../system/system.ts";
import { addressOf } from "./storage.ts";
import { and, not, number, or, register, substitute } from "./expr.ts";
import { Environment } from "./environment.ts";
import type { Waker } from "../language/kernel.ts";
import type { Lowered, LoweredTransition, MemoryModel } from "../memory/model.ts";
import { both } from "../memory/code.ts";
import { excludedOperations } from "./excluded.ts";
import { accessAt, cellsOf, memoryOf } from "./memory.ts";
import { Graph } from "./graph.ts";
import type { KernelOperation, Pending, RuleGraph } from "./pending.ts";
import { Program } from "./program.ts";
import { argumentsOf, type Compiled, type GuardedRule, kernelRule, layRule, unlessHalted } from "./rules.ts";
import {
  compileGroup,
  constantRegister,
  continuation,
  everPerformed,
  declareReplica,
  type Group,
  type GroupLocation,
  pendingRegister,
  type Replica,
} from "./threads.ts";
import { livenessOf, type RunOptions } from "./runs.ts";
import { integer, type Value } from "./values.ts";
import { conditionWait, haltsOf, invariants, waitsAt } from "./waits.ts";
import type { Context } from "./context.ts";

export interface CompileOptions {
  /** Reset locals as soon as nobody reads them (default); `false` keeps them to the end of their scope. */
  readonly liveness?: boolean;
  /** What is asked of runs, in place of what the protocol says. */
  readonly runs?: RunOptions;
}

/** Compiles a protocol. Throws a `SpecError` for anything outside the language. */
export function compile(instance: Instance, options: CompileOptions = {}): System {
  const program = new Program(instance);
  const { protocol } = instance;
  const stops = protocol.scheduling !== "free";
  const groups = new Map<string, Group>();
  const replicas = instance.threads.map((thread): Replica => {
    let group = groups.get(thread.group);
    if (group === undefined) {
      group = compileGroup(
        program,
        instance.threads.filter((each) => each.group === thread.group),
        options.liveness ?? true,
      );
      groups.set(thread.group, group);
    }
    return declareReplica(program, thread, group, stops && thread.untrusted !== false);
  });

  const transitions: Transition[] = [];
  const add = (transition: Omit<Transition, "id">): number => transitions.push({ id: transitions.length, ...transition }) - 1;
  const memory = memoryOf(program, replicas);
  /** Guards as they are on memory itself: what a condition reads, whatever memory makes of it. */
  const plainGuards = new Map<Location, readonly Code[]>();
  const processes = replicas.map((replica): Process => process(program, memory, replica, stops, plainGuards, add));
  background(program, memory, add);
  for (const transition of memory?.background ?? []) add(transition);
  const complete = processes.map(
    (each, i): Process => ({
      ...each,
      locations: each.locations.map((location, at) => ({ ...location, ...waits(program, replicas, i, at, location, plainGuards.get(location) ?? []) })),
    }),
  );

  let current: number | null = null;
  if (protocol.scheduling === "round-robin") {
    current = program.variable({
      name: "current",
      role: "kernel",
      thread: null,
      scope: "cpu",
      length: instance.cpus,
      type: { kind: "thread" },
      min: -1,
      max: instance.threads.length - 1,
      initial: Array.from({ length: instance.cpus }, () => -1),
      queue: null,
      projected: false,
    }).id;
  }
  noMixture(protocol, program.variables);
  return {
    name: protocol.name,
    kernel: { name: protocol.kernel.name, options: protocol.kernel.options },
    parameters: instance.parameters,
    scheduling: protocol.scheduling,
    current,
    cpus: instance.cpus,
    memory: weakMemory(instance, memory),
    invariants: invariants(program),
    variables: program.variables,
    operations: program.operations,
    processes: complete,
    transitions,
    failures: program.failures,
    liveness: livenessOf(program, replicas, complete, transitions, options.runs ?? {}),
    excluded: excludedOperations(groups),
  };
}

type Add = (transition: Omit<Transition, "id">) => number;

function weakMemory({ memoryModel: { model, buffer, messages } }: Instance, memory: MemoryModel | null): System["memory"] {
  if (memory === null || model === "sc") return null;
  const { buffers, cells, settled } = memory;
  return { model, bounds: { buffer, messages }, buffers, cells, messages: memory.messages, variables: memory.variables.map(({ id }) => id), settled };
}

function process(
  program: Program,
  memory: MemoryModel | null,
  replica: Replica,
  stops: boolean,
  plainGuards: Map<Location, readonly Code[]>,
  add: Add,
): Process {
  const { instance, group } = replica;
  const index = instance.handle.id;
  const stoppable = instance.untrusted !== false;
  const stopped = stops && stoppable ? group.locations.length + 1 : null;
  const locations = group.locations.map((location): Location => {
    const plain = rulesAt(program, replica, location);
    const weak = memory === null ? null : underMemory(program, memory, replica, location, plain);
    const ids =
      weak?.transitions.map(add) ??
      plain.map(({ rule, timed, compiled }) =>
        add({ rule: rule.name, kind: "step", ...timed, thread: index, location: location.index, picks: rule.picks, ...compiled }),
      );
    if (stopped !== null) ids.push(add({ rule: "stop", kind: "stop", thread: index, location: location.index, picks: 1, ...stop(replica, stopped) }));
    const described: Location = {
      ...describe(program, replica, location, ids),
      ...(weak === null ? {} : { transient: weak.transient, bound: weak.bound, races: weak.races ?? [] }),
    };
    plainGuards.set(
      described,
      plain.map(({ compiled }) => compiled.guard),
    );
    return described;
  });
  return {
    index,
    name: instance.name,
    group: instance.group,
    cpu: instance.cpu,
    priority: instance.priority,
    inherited: inheritedPriority(program, index),
    stoppable,
    pc: replica.pc.id,
    locals: [...replica.variables.values()].map(({ id }) => id),
    locations,
    stopped,
    entry: continuation(replica, null),
  };
}

interface LaidRule {
  readonly rule: Pick<RuleGraph, "name" | "picks">;
  /** Whether it is that a timer fires. */
  readonly timed: Pick<Transition, "timer">;
  readonly compiled: Compiled;
  /** Waits until its CPU's stores are in memory, where that is not the same moment. */
  readonly drains: boolean;
  readonly synchronises: boolean;
}

function rulesAt(program: Program, replica: Replica, location: GroupLocation): readonly LaidRule[] {
  const { pending } = location;
  const local = pendingRegister(replica, location);
  const self = number(replica.instance.handle.id);
  if (pending.kind === "language") {
    // What is known of this replica: its number and index.
    const { self: id, index: place } = replica.group;
    const env = location.env.with(id, [replica.instance.handle.id, replica.instance.handle.id]).with(place, [replica.instance.index, replica.instance.index]);
    return pending.rules.flatMap((rule) => {
      const compiled = layRule(program, unlessHalted(program, { ...rule, body: () => rule.body }, self), env, local);
      return compiled === null ? [] : [{ rule, timed: {}, compiled, drains: pending.memory?.kind === "step", synchronises: false }];
    });
  }
  const args = argumentsOf(program, replica, location, pending);
  const frame = { self, args: args.struct, cpu: null, declaration: pending.declaration };
  return Object.entries(pending.declaration.rules).flatMap(([name, declared]) => {
    const rule = kernelRule(program, name, declared, frame);
    const compiled = layRule(program, unlessHalted(program, rule, self), args.env, args.replace);
    const timed = declared.timer === true ? ({ timer: true } as const) : {};
    return compiled === null ? [] : [{ rule, timed, compiled, drains: declared.drains ?? true, synchronises: declared.synchronises ?? true }];
  });
}

/** As `unlessHalted`, for transitions that a memory model has made. */
function unlessHaltedLowered(program: Program, replica: Replica, transitions: readonly LoweredTransition[]): readonly LoweredTransition[] {
  const body = new Graph();
  body.end({ op: "end" });
  const nothing: GuardedRule = { name: "", picks: 1, pick: null, guard: null, body: () => body };
  const { guard } = unlessHalted(program, nothing, number(replica.instance.handle.id));
  if (guard === null) return transitions;
  const runs = layRule(program, { ...nothing, guard }, Environment.empty, () => null)?.guard;
  return runs === undefined ? [] : transitions.map((transition) => ({ ...transition, guard: both(runs, transition.guard) }));
}

/** The same operation on weak memory; null if that makes no difference. */
function underMemory(program: Program, memory: MemoryModel, replica: Replica, location: GroupLocation, rules: readonly LaidRule[]): Lowered | null {
  const { pending } = location;
  const access = pending.kind === "language" ? accessAt(program, replica, location, pending) : null;
  if (access !== null) {
    const lowered = "effect" in access ? memory.access(access) : memory.fence(access);
    return { ...lowered, transitions: unlessHaltedLowered(program, replica, lowered.transitions) };
  }
  const { handle, cpu } = replica.instance;
  const drained = memory.drained(cpu);
  const direct = pending.kind === "kernel" ? "kernel" : pending.memory?.kind === "step" ? "step" : null;
  const cells = pending.kind === "kernel" ? cellsOf(program, replica, location, pending) : [];
  const transitions = rules.map(({ rule, timed, compiled, drains, synchronises }): LoweredTransition & { readonly bound: Expr | null } => {
    const place = { rule: rule.name, kind: "step", ...timed, thread: handle.id, location: location.index, picks: rule.picks } as const;
    if (direct === null) return { ...place, ...compiled, bound: null };
    return { ...place, ...memory.direct({ ...compiled, thread: handle.id, kind: direct, drains, synchronises, cells }) };
  });
  const bounds = transitions.flatMap(({ bound }) => bound ?? []);
  const bound = bounds.length === 0 ? null : bounds.reduce(or);
  // A condition over memory may come true when a store arrives there.
  const reads = pending.kind === "kernel" ? Object.values(pending.declaration.args).some(({ kind }) => kind === "cell") : pending.memory?.kind === "step";
  const arrived = reads ? memory.settled : rules.some(({ drains }) => drains) ? drained : null;
  const transient = [...(arrived === null ? [] : [not(arrived)]), ...bounds];
  return { transitions: transitions.map(({ bound: _, ...transition }) => transition), transient: transient.length === 0 ? null : transient.reduce(or), bound };
}

function stop(replica: Replica, stopped: number): { readonly guard: Code; readonly body: Code } {
  const resets = [...replica.variables.values()].map((variable) => ({
    op: "assign" as const,
    variable: variable.id,
    index: null,
    value: number(variable.min),
  }));
  return {
    guard: { temps: 1, blocks: [{ statements: [], end: { op: "allow" } }] },
    body: {
      temps: 1,
      blocks: [{ statements: [{ op: "assign", variable: replica.pc.id, index: null, value: number(stopped) }, ...resets], end: { op: "end" } }],
    },
  };
}

function describe(program: Program, replica: Replica, location: GroupLocation, transitions: readonly number[]): Location {
  const { pending } = location;
  const local = pendingRegister(replica, location);
  const resolve = (expr: Expr): Expr => substitute(expr, (id) => local(id) ?? register(id));
  const operation = pending.kind === "kernel" ? program.kernelOperation(pending.declaration) : program.languageOperation(pending.name, pending.results);
  return {
    index: location.index,
    site: pending.site,
    callers: pending.callers,
    operation,
    label: pending.label,
    shown: pending.shown.map(({ value, type }) => ({ value: resolve(value), type })),
    args: (pending.kind === "kernel" ? kernelArguments(program, pending) : pending.args).map(({ name, value, type }) => ({
      name,
      value: resolve(value),
      type,
    })),
    transitions,
    continuation: continuation(replica, location),
    results: location.results.length,
    waits: [],
    access:
      pending.kind === "kernel" || pending.access === null
        ? null
        : { ...pending.access, index: pending.access.index === null ? null : resolve(pending.access.index) },
    spins: pending.kind === "language" && pending.spins,
  };
}

/** The arguments of a kernel's operation, records flattened; cells by address, objects by number. */
function kernelArguments(program: Program, pending: KernelOperation): readonly { readonly name: string; readonly value: Expr; readonly type: ValueType }[] {
  const cx = { program } as Context;
  const flat = (name: string, value: Value): readonly { readonly name: string; readonly value: Expr; readonly type: ValueType }[] => {
    switch (value.kind) {
      case "scalar":
        return [{ name, value: value.expr, type: value.type }];
      case "record":
        return [...value.fields].flatMap(([field, part]) => flat(`${name}.${field}`, part));
      case "cell":
        return [{ name, value: addressOf(cx, value), type: integer }];
      case "native": {
        const object = value.value;
        if (object instanceof CellHandle) return [{ name, value: number(object.address), type: integer }];
        const found = program.instance.objects.find(({ ref }) => ref === object);
        return found === undefined ? [] : [{ name, value: number(found.ref.index), type: integer }];
      }
      default:
        return [];
    }
  };
  return [...pending.args].flatMap(([name, value]) => flat(name, value));
}

/** How a thread may be blocked at a location, and when that passes by itself. */
function waits(
  program: Program,
  replicas: readonly Replica[],
  thread: number,
  at: number,
  { transient = null }: Location,
  guards: readonly Code[],
): Pick<Location, "waits" | "transient"> {
  const replica = replicas[thread];
  const source = replica?.group.locations[at];
  if (replica === undefined || source === undefined) return { waits: [] };
  const { pending } = source;
  const ableBy = (by: Waker["by"], matches: (other: Replica, there: Pending) => boolean): WakerInfo["able"] =>
    replicas.map((other, i) => {
      const performs = (there: Pending): boolean => by === "anything" || (by.includes(there.name) && matches(other, there));
      return other.group.locations.map((each) => i !== thread && everPerformed(each).some(performs));
    });
  const halts = haltsOf(program, replica, (by) => ableBy(by, () => true));
  const own =
    pending.kind === "language"
      ? []
      : waitsAt(program, replica, source, pending, (by, anywhere) =>
          ableBy(by, (other, there) => anywhere || mayMatch(program, replica, source, pending, other, there)),
        );
  const declared = [...halts, ...own];
  // The first wait whose `when` holds counts.
  const passes = declared.reduceRight<Expr>((later, { when, passing }) => or(and(when, passing), and(not(when), later)), number(0));
  const all = [
    ...declared.map(({ passing: _, ...wait }) => wait),
    ...(pending.kind === "language" && pending.waits ? [conditionWait(program, guards, thread, replicas)] : []),
  ];
  if (passes.op === "const" && passes.value === 0) return { waits: all };
  return { waits: all, transient: transient === null ? passes : or(transient, passes) };
}

/** Two operations that name different objects or cells have nothing to do with each other. */
function mayMatch(program: Program, replica: Replica, at: GroupLocation, waiting: KernelOperation, other: Replica, there: Pending): boolean {
  if (there.kind !== "kernel") return true;
  const identity = (pending: KernelOperation, kind: "cell" | "object", resolve: (id: number) => Expr | null): number | null => {
    for (const [name, domain] of Object.entries(pending.declaration.args)) {
      if (domain.kind !== kind) continue;
      const value = pending.args.get(name);
      if (value?.kind === "native") return program.instance.objects.find(({ ref }) => ref === value.value)?.ref.index ?? null;
      if (value?.kind !== "cell") return null;
      const address = substitute(addressOf({ program } as Context, value), (id) => resolve(id) ?? register(id));
      return address.op === "const" ? address.value : null;
    }
    return null;
  };
  return (["cell", "object"] as const).every((kind) => {
    const mine = identity(waiting, kind, pendingRegister(replica, at));
    const theirs = identity(there, kind, (id) => constantRegister(other, id));
    return mine === null || theirs === null || mine === theirs;
  });
}

/** Steps that no thread takes. */
function background(program: Program, memory: MemoryModel | null, add: Add): void {
  for (const [name, rule] of Object.entries(program.instance.protocol.kernel.background)) {
    const cpus = rule.each === "cpu" ? Array.from({ length: program.instance.cpus }, (_, cpu) => cpu) : [null];
    for (const cpu of cpus) {
      const graph = kernelRule(program, name, rule, {
        self: number(-1),
        args: { kind: "record", fields: new Map(), guard: null },
        cpu: cpu === null ? null : number(cpu),
        declaration: null,
      });
      const compiled = layRule(program, graph, Environment.empty, () => null);
      if (compiled === null) continue;
      const direct = memory?.direct({ ...compiled, thread: null, kind: "kernel", drains: false, synchronises: true, cells: [] }) ?? compiled;
      add({ rule: name, ...(cpu === null ? {} : { cpu }), kind: "background", thread: null, location: null, picks: 1, guard: direct.guard, body: direct.body });
    }
  }
}

/** The field in which the kernel keeps the priority that a thread has inherited. */
function inheritedPriority(program: Program, thread: number): Expr | null {
  const { inherited } = program.instance.protocol.kernel;
  if (inherited === null || program.instance.protocol.scheduling !== "priority") return null;
  const name = `${inherited.state.name}.${inherited.field}`;
  const variable = program.variables.find((each) => each.role === "kernel" && each.name === name);
  if (variable === undefined) throw new Error(`the kernel keeps inherited priorities in ${name}, which it does not declare`);
  return { op: "load", variable: variable.id, index: number(thread) };
}

/** A kernel and the objects of another system have their state twice over, and neither knows of the other's. */
function noMixture(protocol: Protocol, variables: readonly Variable[]): void {
  const kept = variables.filter(({ role, projected }) => role === "kernel" && projected).map(({ name }) => name);
  const twice = kept.find((name, index) => kept.indexOf(name) !== index);
  if (twice !== undefined)
    throw declarationError(
      protocol,
      new DeclarationError("objects", `the kernel's state "${twice}" is there twice: take the kernel and all of its objects from one system`),
    );
}
