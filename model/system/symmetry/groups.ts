/**
 * Which replicas of a thread can be exchanged with each other without a trace: for every two of them, the system after
 * the exchange is the system before it. Exchanges that change nothing make up groups in which every order of the replicas
 * is as good as any other. A replica that the specification names, places or prioritises by itself stays out.
 */
import type { Site } from "../../language/operation.ts";
import { initialState } from "../interpret.ts";
import type { Code, Location, Process, State, System, Transition } from "../system.ts";
import { type Action, actionOf, act } from "./action.ts";
import { type Exchange, NormalForm } from "./normal-form.ts";
import type { Term, Where } from "./sorts.ts";
import { type Threshold, Typing } from "./typing.ts";

/** Replicas that can be put in any order. */
export interface ReplicaGroup {
  /** The name in the declaration. */
  readonly name: string;
  /** Numbers of the threads. */
  readonly members: readonly number[];
  readonly action: Action;
}
/** Why replicas that look alike are not exchanged. */
export interface Apart {
  readonly name: string;
  readonly reason: string;
  readonly site: Site | null;
}
export interface Symmetry {
  readonly groups: readonly ReplicaGroup[];
  readonly apart: readonly Apart[];
}

/** Finds the symmetric groups of a system. */
export function symmetryOf(system: System): Symmetry {
  const found = known.get(system) ?? findGroups(system);
  known.set(system, found);
  return found;
}
const known: WeakMap<System, Symmetry> = new WeakMap();

function findGroups(system: System): Symmetry {
  const names = [...new Set(system.processes.map(({ group }) => group))];
  const groups: ReplicaGroup[] = [];
  const apart: Apart[] = [];
  for (const name of names) {
    const replicas = system.processes.filter(({ group }) => group === name);
    if (replicas.length < 2) continue;
    const found = partition(system, name, replicas);
    groups.push(...found.groups);
    if (found.apart !== null) apart.push(found.apart);
  }
  return { groups, apart };
}

function partition(system: System, name: string, replicas: readonly Process[]): { readonly groups: readonly ReplicaGroup[]; readonly apart: Apart | null } {
  const off = (reason: string, site: Site | null = null): { readonly groups: readonly []; readonly apart: Apart } => ({
    groups: [],
    apart: { name, reason, site },
  });
  if (system.liveness != null) return off("fairness and what happens in the end are of single threads");
  if (system.memory?.model === "ra") return off("what threads know of memory under release/acquire is not renamed");
  const typing = new Typing(system, replicas, cpuDistance(system, replicas));
  const [conflict] = typing.sorts.conflicts;
  if (conflict !== undefined) return off(`${conflict.message} (${conflict.where.what})`, conflict.where.site);
  const split = typing.thresholds.find((threshold) => splits(threshold, typing, replicas));
  if (split !== undefined) return off(`a number that tells replicas apart is compared by size (${split.where.what})`, split.where.site);

  const partly = outside(system, typing, replicas);
  if (partly !== null) return off(partly);

  const start = initialState(system);
  const classes: Process[][] = [];
  let first: Where | null = null;
  for (const replica of replicas) {
    let home: Process[] | null = null;
    for (const members of classes) {
      const [other] = members;
      if (other === undefined) continue;
      const difference = differ(system, typing, other, replica, start.kind === "state" ? start.state : null);
      if (difference === null) {
        home = members;
        break;
      }
      first ??= difference;
    }
    if (home === null) classes.push([replica]);
    else home.push(replica);
  }
  const groups = classes
    .filter((members) => members.length > 1)
    .map((members) => ({ name, members: members.map(({ index }) => index), action: actionOf(system, typing, members) }));
  return { groups, apart: first === null ? null : { name, reason: `replicas differ in ${first.what}`, site: first.site } };
}

/** What a CPU's number is more than its thread's, where each replica has a CPU of its own; null: exchanges leave CPUs alone. */
function cpuDistance(system: System, replicas: readonly Process[]): number | null {
  const [first] = replicas;
  if (first === undefined) return null;
  const distance = first.cpu - first.index;
  const own = replicas.every((each) => each.cpu - each.index === distance && system.processes.filter(({ cpu }) => cpu === each.cpu).length === 1);
  return own ? distance : null;
}

/** Whether some replicas' numbers are on one side and some on the other. */
function splits({ term, from, only }: Threshold, typing: Typing, replicas: readonly Process[]): boolean {
  const distance = typing.sorts.distance(term);
  if (distance === null) return false;
  const sides = replicas.map(({ index }) => (only ? index + distance === from : index + distance >= from));
  return sides.some(Boolean) && !sides.every(Boolean);
}

/** Arrays with places, and transitions with picks, for some of the replicas only. */
function outside(system: System, typing: Typing, replicas: readonly Process[]): string | null {
  const some = (distance: number | null, length: number): boolean => {
    if (distance === null) return false;
    const inside = replicas.map(({ index }) => index + distance >= 0 && index + distance < length);
    return inside.some(Boolean) && !inside.every(Boolean);
  };
  const variable = system.variables.find(({ id, length }) => {
    const shape = typing.indexes[id];
    return shape != null && some(typing.sorts.distance(shape.owner), length / shape.stride);
  });
  if (variable !== undefined) return `${variable.name} has places for some of the replicas only`;
  const transition = system.transitions.find((each) => some(typing.sorts.distance(typing.pickOf(each)), each.picks));
  return transition === undefined ? null : `${transition.rule} chooses among some of the replicas only`;
}

/** A part of what a location does, as text; `loosely`: whatever the order of what does not depend on each other. */
interface Aspect {
  readonly name: string;
  readonly text: (loosely: boolean) => string;
}

/** Where the exchange of two replicas would show; null if it does not. */
function differ(system: System, typing: Typing, a: Process, b: Process, start: State | null): Where | null {
  const nowhere = (what: string): Where => ({ site: null, what });
  const swapped = (x: number, y: number, value: number): number => (value === x ? y : value === y ? x : value);
  const ownCpus =
    cpuDistance(system, [a, b]) !== null &&
    cpuDistance(
      system,
      system.processes.filter(({ group }) => group === a.group),
    ) !== null;
  if (a.cpu !== b.cpu && !ownCpus) return nowhere("the CPUs that they run on, which they share with others");
  if (a.cpu === b.cpu && system.scheduling === "round-robin") return nowhere("whose turn it is on their CPU");
  const cpu = (of: number): number => swapped(a.cpu, b.cpu, of);

  const pairs: (readonly [number, number])[] = [[a.pc, b.pc], ...a.locals.map((local, i): readonly [number, number] => [local, b.locals[i] ?? local])];
  for (const { cpu: of, address, value, fill } of system.memory?.buffers ?? []) {
    const other = system.memory?.buffers.find((buffer) => buffer.cpu === cpu(of));
    if (other === undefined) return nowhere("their store buffers");
    if (of !== other.cpu) pairs.push([address, other.address], [value, other.value], [fill, other.fill]);
  }
  const renamed = new Map(
    pairs.flatMap(
      ([x, y]) =>
        [
          [x, y],
          [y, x],
        ] as const,
    ),
  );
  for (const [x, y] of pairs) {
    const [one, other] = [system.variables[x], system.variables[y]];
    if (one?.length !== other?.length || one?.min !== other?.min || one?.max !== other?.max) return nowhere(`the range of ${one?.name}`);
  }
  const same: Exchange = { thread: (thread) => thread, variable: (variable) => variable };
  const exchange: Exchange = { thread: (thread) => swapped(a.index, b.index, thread), variable: (variable) => renamed.get(variable) ?? variable };
  const before = new NormalForm(system, typing, exchange);
  const after = new NormalForm(system, typing, same);

  const code = (form: NormalForm, of: Code, given: readonly Term[], loosely: boolean): string =>
    (loosely ? form.loosely(of, given) : null) ?? form.code(of, given);
  const transition = (form: NormalForm, each: Transition, cpuOf: (of: number) => number, loosely: boolean): string => {
    const pick = typing.pickOf(each);
    const drains = each.drains === undefined ? "" : cpuOf(each.drains);
    // What drains is named after its CPU.
    return `${each.drains === undefined ? each.rule : ""} ${each.kind} ${each.picks} ${drains}\n${code(form, each.guard, [pick], loosely)}\n${code(form, each.body, [pick], loosely)}`;
  };
  const transitions = (form: NormalForm, location: Location, loosely: boolean): string =>
    location.transitions.map((id) => (system.transitions[id] === undefined ? "" : transition(form, system.transitions[id], cpu, loosely))).join("\n");
  const texts = (form: NormalForm, location: Location, exchanged: Exchange): readonly Aspect[] => {
    const scope = typing.scope([], location, "");
    const truth = (each: Parameters<NormalForm["expression"]>[0] | null | undefined): string => (each == null ? "" : form.expression(each, null, scope));
    const others = system.processes.map((_, thread) => exchanged.thread(thread));
    const waits = location.waits.map(({ name, kind, when, idle, until, wakers }) => [
      name,
      kind,
      truth(when),
      truth(idle),
      truth(until),
      ...wakers.map(
        (waker) => `${others.map((other) => JSON.stringify(waker.able[other])).join()} ${form.expression(waker.when, null, typing.wakerScope(location))}`,
      ),
    ]);
    const { access, races } = location;
    return [
      { name: "the rules of", text: (loosely) => `${location.operation} ${location.spins}\n${transitions(form, location, loosely)}` },
      { name: "what follows", text: (loosely) => code(form, location.continuation, typing.resultsOf(location.operation), loosely) },
      { name: "who can end", text: () => JSON.stringify([waits, truth(location.transient), truth(location.bound), (races ?? []).length]) },
      { name: "the access of", text: () => (access === null ? "" : `${form.place(access.variable, access.index, scope)} ${access.write} ${access.plain}`) },
    ];
  };
  for (const process of system.processes) {
    const image = system.processes[exchange.thread(process.index)];
    if (image === undefined) continue;
    if (
      process.priority !== image.priority ||
      process.stoppable !== image.stoppable ||
      process.stopped !== image.stopped ||
      process.locations.length !== image.locations.length ||
      cpu(process.cpu) !== image.cpu
    )
      return nowhere("priority, trust or place");
    const scope = typing.scope([], null, "");
    const inherited = (form: NormalForm, of: Process): string => (of.inherited == null ? "" : form.expression(of.inherited, null, scope));
    if (inherited(before, process) !== inherited(after, image)) return nowhere("the priority that they inherit");
    for (const location of process.locations) {
      const there = image.locations[location.index];
      if (there === undefined) continue;
      const [mine, theirs] = [texts(before, location, exchange), texts(after, there, same)];
      const other = mine.find(({ text }, i) => text(false) !== theirs[i]?.text(false) && text(true) !== theirs[i]?.text(true));
      if (other !== undefined) return { site: location.site, what: `${other.name} ${location.label}` };
    }
  }
  const background = system.transitions.filter(({ kind }) => kind === "background");
  const steps = (form: NormalForm, cpuOf: (of: number) => number): string =>
    background
      .map((each) => transition(form, each, cpuOf, true))
      .sort()
      .join("\n");
  if (steps(before, cpu) !== steps(after, (of) => of)) return nowhere("the kernel's own steps");
  const scope = typing.scope([], null, "");
  for (const { holds, name, site } of system.invariants) {
    if (before.expression(holds, null, scope) !== after.expression(holds, null, scope)) return { site, what: `the invariant ${name}` };
  }
  const settled = system.memory?.settled;
  if (settled != null && before.expression(settled, null, scope) !== after.expression(settled, null, scope)) return nowhere("the memory");
  if (start !== null) {
    const moved = act(system, actionOf(system, typing, [a, b]), [1, 0], start);
    if (JSON.stringify(moved) !== JSON.stringify(start)) return nowhere("the initial state");
  }
  return null;
}
