/**
 * Which replicas of a thread can be exchanged with each other without a trace: for every two of them, the system after
 * the exchange is the system before it. Exchanges that change nothing make up groups in which every order of the replicas
 * is as good as any other. A replica that the specification names, places or prioritises by itself stays out.
 */
import type { Site } from "../../language/operation.ts";
import { initialState } from "../interpret.ts";
import type { Code, Location, Process, State, System, Transition } from "../system.ts";
import { type Action, actionOf, act } from "./action.ts";
import { Alike } from "./alike.ts";
import { NormalForm } from "./normal-form.ts";
import { againstExchange } from "./runs.ts";
import type { Where } from "./sorts.ts";
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
  const against = system.liveness == null ? null : againstExchange(system, system.liveness, replicas);
  if (against !== null) return off(against);
  if (system.memory?.model === "ra") return off("what threads know of memory under release/acquire is not renamed");
  const typing = new Typing(system, replicas, cpuDistance(system, replicas));
  const [conflict] = typing.sorts.conflicts;
  if (conflict !== undefined) return off(`${conflict.message} (${conflict.where.what})`, conflict.where.site);
  const split = typing.thresholds.find((threshold) => splits(threshold, typing, replicas));
  if (split !== undefined) return off(`a number that tells replicas apart is compared by size (${split.where.what})`, split.where.site);

  const partly = outside(system, typing, replicas);
  if (partly !== null) return off(partly);

  const initial = initialState(system);
  const look = new Look(system, typing, initial.kind === "state" ? initial.state : null);
  const classes: Process[][] = [];
  let first: Where | null = null;
  for (const [i, replica] of replicas.entries()) {
    let home: Process[] | null = null;
    for (const members of classes) {
      const [other] = members;
      if (other === undefined) continue;
      const difference = look.differ([other, replica]);
      if (difference === null) {
        home = members;
        break;
      }
      first ??= difference;
    }
    if (home === null) classes.push([replica]);
    else home.push(replica);
    // An exchange of two neighbours and moving all on by one place make up every order.
    if (i === 1 && replicas.length > 2 && home !== null && look.differ(replicas) === null) {
      home.push(...replicas.slice(2));
      break;
    }
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

/** Compares a system with itself after an exchange. */
class Look {
  readonly #system: System;
  readonly #typing: Typing;
  readonly #start: State | null;
  /** The system as it is; its texts are written once. */
  readonly #after: NormalForm;

  constructor(system: System, typing: Typing, start: State | null) {
    this.#system = system;
    this.#typing = typing;
    this.#start = start;
    this.#after = new NormalForm(system, typing, { thread: (thread) => thread, variable: (variable) => variable });
  }

  /** Where it would show that each of these replicas takes the place of the next one, and the last that of the first; null if it does not. */
  differ(replicas: readonly Process[]): Where | null {
    const system = this.#system;
    const typing = this.#typing;
    const moves = replicas.map((from, i): readonly [Process, Process] => [from, replicas[(i + 1) % replicas.length] ?? from]);
    const threads = new Map(moves.map(([from, to]) => [from.index, to.index]));
    const cpus = new Map(moves.map(([from, to]) => [from.cpu, to.cpu]));
    const ownCpus =
      cpuDistance(
        system,
        system.processes.filter(({ group }) => group === replicas[0]?.group),
      ) !== null;
    if (moves.some(([from, to]) => from.cpu !== to.cpu) && !ownCpus) return nowhere("the CPUs that they run on, which they share with others");
    if (moves.some(([from, to]) => from.cpu === to.cpu) && system.scheduling === "round-robin") return nowhere("whose turn it is on their CPU");
    const thread = (number: number): number => threads.get(number) ?? number;
    const cpu = (number: number): number => cpus.get(number) ?? number;

    const pairs = moves.flatMap(([from, to]): (readonly [number, number])[] => [
      [from.pc, to.pc],
      ...from.locals.map((local, i): readonly [number, number] => [local, to.locals[i] ?? local]),
    ]);
    for (const { cpu: of, address, value, fill } of system.memory?.buffers ?? []) {
      const other = system.memory?.buffers.find((buffer) => buffer.cpu === cpu(of));
      if (other === undefined) return nowhere("their store buffers");
      if (of !== other.cpu) pairs.push([address, other.address], [value, other.value], [fill, other.fill]);
    }
    for (const [x, y] of pairs) {
      const [one, other] = [system.variables[x], system.variables[y]];
      if (one?.length !== other?.length || one?.min !== other?.min || one?.max !== other?.max) return nowhere(`the range of ${one?.name}`);
    }
    const renamed = new Map(pairs);
    const before = new NormalForm(system, typing, { thread, variable: (variable) => renamed.get(variable) ?? variable });
    const alike = new Alike(typing, before, this.#after);

    for (const process of system.processes) {
      const image = system.processes[thread(process.index)];
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
      if (!alike.truth(process.inherited, image.inherited, scope, scope)) return nowhere("the priority that they inherit");
      for (const location of process.locations) {
        const there = image.locations[location.index];
        if (there === undefined) continue;
        const other = this.#aspect(alike, location, there, thread, cpu);
        if (other !== null) return { site: location.site, what: `${other} ${location.label}` };
      }
    }
    const background = system.transitions.filter(({ kind }) => kind === "background");
    const steps = (form: NormalForm, cpuOf: (of: number) => number): string => {
      const texts = background.map((each) => this.#text(form, each, cpuOf));
      // Fairness is asked of each rule by itself.
      return (system.liveness == null ? texts.sort() : texts).join("\n");
    };
    if (background.length > 0 && steps(before, cpu) !== steps(this.#after, (of) => of)) return nowhere("the kernel's own steps");
    const scope = typing.scope([], null, "");
    for (const { holds, name, site } of system.invariants) if (!alike.truth(holds, holds, scope, scope)) return { site, what: `the invariant ${name}` };
    for (const { holds, name, site } of system.liveness?.atoms ?? [])
      if (!alike.truth(holds, holds, scope, scope)) return { site, what: `the predicate ${name}` };
    if (!alike.truth(system.memory?.settled, system.memory?.settled, scope, scope)) return nowhere("the memory");
    if (this.#start !== null) {
      // Whoever comes to a place was at the place before.
      const order = replicas.map((_, i) => (i + replicas.length - 1) % replicas.length);
      const moved = act(system, actionOf(system, typing, replicas), order, this.#start);
      if (JSON.stringify(moved) !== JSON.stringify(this.#start)) return nowhere("the initial state");
    }
    return null;
  }

  /** What of a location differs from another one after the exchange; null: nothing. */
  #aspect(alike: Alike, location: Location, there: Location, thread: (of: number) => number, cpu: (of: number) => number): string | null {
    const { transitions } = this.#system;
    const typing = this.#typing;
    const [scope, other] = [typing.scope([], location, ""), typing.scope([], there, "")];
    const rules =
      location.operation === there.operation &&
      location.spins === there.spins &&
      location.transitions.length === there.transitions.length &&
      location.transitions.every((id, i) => {
        const [mine, theirs] = [transitions[id], transitions[there.transitions[i] ?? -1]];
        return mine !== undefined && theirs !== undefined && this.#sameRule(alike, mine, theirs, cpu);
      });
    if (!rules) return "the rules of";
    if (!alike.code(location.continuation, there.continuation, typing.resultsOf(location.operation), typing.resultsOf(there.operation))) return "what follows";
    const [waker, otherWaker] = [typing.wakerScope(location), typing.wakerScope(there)];
    const waits =
      location.waits.length === there.waits.length &&
      location.waits.every((wait, i) => {
        const image = there.waits[i];
        return (
          image !== undefined &&
          wait.name === image.name &&
          wait.kind === image.kind &&
          alike.truth(wait.when, image.when, scope, other) &&
          alike.truth(wait.idle, image.idle, scope, other) &&
          alike.truth(wait.until, image.until, scope, other) &&
          wait.wakers.length === image.wakers.length &&
          wait.wakers.every(({ able, when }, at) => {
            const those = image.wakers[at];
            return (
              those !== undefined && able.every((row, of) => sameRow(row, those.able[thread(of)] ?? [])) && alike.truth(when, those.when, waker, otherWaker)
            );
          })
        );
      });
    const ends =
      waits &&
      alike.truth(location.transient, there.transient, scope, other) &&
      alike.truth(location.bound, there.bound, scope, other) &&
      (location.races ?? []).length === (there.races ?? []).length;
    if (!ends) return "who can end";
    const [mine, theirs] = [location.access, there.access];
    const access =
      mine === null || theirs === null
        ? mine === theirs
        : mine.write === theirs.write && mine.plain === theirs.plain && alike.element(mine.variable, mine.index, theirs.variable, theirs.index, scope, other);
    return access ? null : "the access of";
  }

  #sameRule(alike: Alike, a: Transition, b: Transition, cpu: (of: number) => number): boolean {
    // What drains a store buffer is named after its CPU.
    if (a.drains === undefined ? a.rule !== b.rule || b.drains !== undefined : cpu(a.drains) !== b.drains) return false;
    if (a.kind !== b.kind || a.picks !== b.picks) return false;
    const [mine, theirs] = [[this.#typing.pickOf(a)], [this.#typing.pickOf(b)]];
    return alike.code(a.guard, b.guard, mine, theirs) && alike.code(a.body, b.body, mine, theirs);
  }
  #text(form: NormalForm, each: Transition, cpuOf: (of: number) => number): string {
    const pick = [this.#typing.pickOf(each)];
    const code = (of: Code): string => form.loosely(of, pick) ?? form.code(of, pick);
    const drains = each.drains === undefined ? "" : cpuOf(each.drains);
    return `${each.drains === undefined ? each.rule : ""} ${each.kind} ${each.timer === true ? "timer " : ""}${each.picks} ${drains}\n${code(each.guard)}\n${code(each.body)}`;
  }
}

const nowhere = (what: string): Where => ({ site: null, what });
const sameRow = (a: readonly boolean[], b: readonly boolean[]): boolean => a === b || (a.length === b.length && a.every((each, i) => each === b[i]));
