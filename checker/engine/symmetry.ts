/**
 * Where in a packed state the symmetric replicas are: for each member of a group the same fields in the same order, some
 * of which hold numbers of members, and the places outside of all members that hold such numbers.
 */
import { keptElements } from "../../model/system/compact.ts";
import type { Interval } from "../../model/system/narrow.ts";
import type { ReplicaGroup } from "../../model/system/symmetry/groups.ts";
import type { System, Variable } from "../../model/system/system.ts";
import { elementPlace, type Layout } from "./layout.ts";

/** Bits of a packed state. */
export interface Bits {
  readonly word: number;
  readonly shift: number;
}
/** What a member has of its own: the same bits of each member; `names`: they may hold a member's number, in this alphabet. */
export interface Field {
  readonly bits: number;
  /** By member of the group. */
  readonly places: readonly Bits[];
  readonly names: Naming | null;
}
/** How stored numbers stand for members: the number of the alphabet, and what is to be added to look it up there. */
export interface Naming {
  readonly alphabet: number;
  readonly offset: number;
}
/** A place outside of all members that may hold a member's number. */
export interface Mention {
  readonly bits: number;
  readonly place: Bits;
  readonly names: Naming;
}
export interface GroupPlan {
  readonly name: string;
  /** Numbers of the threads. */
  readonly members: readonly number[];
  /** Position of the first of them among the members of all groups. */
  readonly first: number;
  readonly fields: readonly Field[];
}
export interface SymmetryPlan {
  readonly groups: readonly GroupPlan[];
  readonly mentions: readonly Mention[];
  /** For each alphabet, which member (of all groups) each number from `min` on stands for; -1: none. */
  readonly alphabets: readonly (readonly number[])[];
  /** Members of all groups: their threads. */
  readonly members: readonly number[];
}

/** Groups of at most so many members where one of them sleeps until a condition holds: their waits share a byte. */
export function divided(system: System, groups: readonly ReplicaGroup[], most: number): readonly ReplicaGroup[] {
  return groups.flatMap((group): readonly ReplicaGroup[] => {
    const { name, members, action } = group;
    const sleeps = system.processes.some(
      ({ index, stoppable, locations }) => members.includes(index) && !stoppable && locations.some(({ waits }) => waits.some(({ until }) => until !== null)),
    );
    if (!sleeps || members.length <= most) return [group];
    const parts = Array.from({ length: Math.ceil(members.length / most) }, (_, i): ReplicaGroup => {
      const part = members.slice(i * most, (i + 1) * most);
      return { name, members: part, action: { ...action, members: part, own: action.own.slice(i * most, (i + 1) * most) } };
    });
    return parts.filter((part) => part.members.length > 1);
  });
}

/** Groups with at most so many orders in all, so that every state has one representative; replicas beyond that stay where they are. */
export function fewOrders(groups: readonly ReplicaGroup[], most: number): readonly ReplicaGroup[] {
  let orders = 1;
  return groups.flatMap(({ name, members, action }): readonly ReplicaGroup[] => {
    let count = 1;
    while (count < members.length && orders * (count + 1) <= most) orders *= ++count;
    const part = members.slice(0, count);
    return count < 2 ? [] : [{ name, members: part, action: { ...action, members: part, own: action.own.slice(0, count) } }];
  });
}

/** Variables that members have for themselves, with ranges that hold each other's values. */
export function alignRanges(system: System, groups: readonly ReplicaGroup[]): System {
  const variables = [...system.variables];
  for (const { action } of groups) {
    for (const [i] of (action.own[0] ?? []).entries()) {
      const same = action.own.flatMap((own) => variables[own[i] ?? -1] ?? []);
      const [min, max] = [Math.min(...same.map((each) => each.min)), Math.max(...same.map((each) => each.max))];
      for (const each of same) variables[each.id] = { ...each, min, max };
    }
  }
  return { ...system, variables };
}

/** One element of a compact variable. */
interface Element {
  readonly variable: Variable;
  readonly index: number;
  /** Of the original. */
  readonly range: readonly [number, number];
}

/** Finds the fields. `original` is the system that the groups were found in, `system` the compact one. */
export function symmetryPlan(
  original: System,
  system: System,
  groups: readonly ReplicaGroup[],
  layout: Layout,
  ranges: readonly (readonly Interval[])[],
): SymmetryPlan | null {
  if (groups.length === 0) return null;
  const kept = keptElements(original, ranges);
  const members = groups.flatMap((group) => group.members);
  const alphabets: { readonly key: string; readonly min: number; readonly table: number[] }[] = [];
  const taken = new Set<string>();

  const elementOf = (variable: number, index: number): Element | null => {
    const part = kept[variable];
    const compact = system.variables[variable];
    if (part === undefined || compact === undefined || !(part.whole || (part.from <= index && index < part.to))) return null;
    const stored = part.whole ? index : index - part.from;
    const [low, high] = ranges[variable]?.[index] ?? [compact.min, compact.max];
    return { variable: compact, index: stored, range: compact.role === "pc" || compact.role === "local" ? [compact.min, compact.max] : [low, high] };
  };
  /** Which members the numbers of a variable may stand for, each at its distance. */
  const standing = (variable: number, range: readonly [number, number]): readonly { readonly member: number; readonly number: number }[] =>
    groups.flatMap(({ members: own, action }) => {
      const distance = action.variables[variable]?.values ?? null;
      if (distance === null) return [];
      return own.flatMap((thread) => {
        const number = thread + distance;
        return number >= range[0] && number <= range[1] ? [{ member: members.indexOf(thread), number }] : [];
      });
    });
  const naming = (of: readonly Element[]): Naming | null => {
    const [first] = of;
    if (first === undefined || of.every(({ variable, range }) => standing(variable.id, range).length === 0)) return null;
    const { id } = first.variable;
    const key = JSON.stringify(groups.map(({ action }) => action.variables[id]?.values ?? null));
    let alphabet = alphabets.findIndex((each) => each.key === key);
    if (alphabet < 0) {
      const alike = original.variables.filter((each) => JSON.stringify(groups.map(({ action }) => action.variables[each.id]?.values ?? null)) === key);
      const [min, max] = [Math.min(...alike.map((each) => each.min)), Math.max(...alike.map((each) => each.max))];
      const table = new Array<number>(max - min + 1).fill(-1);
      for (const { member, number } of standing(id, [min, max])) table[number - min] = member;
      alphabet = alphabets.push({ key, min, table }) - 1;
    }
    return { alphabet, offset: first.variable.min - (alphabets[alphabet]?.min ?? 0) };
  };
  const bitsOf = ({ variable, index }: Element): Bits => {
    const place = layout.places[variable.id];
    if (place === undefined) throw new RangeError(`there is no variable ${variable.id}`);
    return elementPlace(place, index);
  };
  const widthOf = ({ variable }: Element): number => layout.places[variable.id]?.bits ?? 0;

  const plans = groups.map((group, g): GroupPlan => {
    const { action } = group;
    const alike: (readonly (readonly [number, number])[])[] = (action.own[0] ?? []).flatMap((first, i) =>
      Array.from({ length: original.variables[first]?.length ?? 0 }, (_, index) => action.own.map((own) => [own[i] ?? 0, index] as const)),
    );
    for (const { id } of original.variables) {
      const places = action.variables[id]?.elements ?? null;
      if (places === null) continue;
      for (let rest = 0; rest < places.stride; rest++)
        alike.push(group.members.map((thread) => [id, (thread + places.distance) * places.stride + rest] as const));
    }
    const fields = alike.flatMap((each): readonly Field[] => {
      // What is constant is the same after every exchange.
      const found = each.flatMap(([variable, index]) => elementOf(variable, index) ?? []);
      const [first] = found;
      if (first === undefined || found.length < each.length || widthOf(first) === 0) return [];
      for (const [variable, index] of each) {
        if (taken.has(`${variable} ${index}`)) throw new Error(`element ${index} of ${original.variables[variable]?.name} belongs to replicas of two groups`);
        taken.add(`${variable} ${index}`);
      }
      return [{ bits: widthOf(first), places: found.map(bitsOf), names: naming(found) }];
    });
    return { name: group.name, members: group.members, first: groups.slice(0, g).reduce((sum, each) => sum + each.members.length, 0), fields };
  });
  const mentions = original.variables.flatMap(({ id, length }) =>
    Array.from({ length }, (_, index) => index).flatMap((index): readonly Mention[] => {
      const element = taken.has(`${id} ${index}`) ? null : elementOf(id, index);
      const names = element === null ? null : naming([element]);
      return element === null || names === null || widthOf(element) === 0 ? [] : [{ bits: widthOf(element), place: bitsOf(element), names }];
    }),
  );
  return { groups: plans, mentions, alphabets: alphabets.map(({ table }) => table), members };
}
