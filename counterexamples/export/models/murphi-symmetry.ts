/**
 * Symmetry in Murphi: a procedure that replaces the state by the least of those that the orders of symmetric replicas make
 * of it, compared element by element. Every order is written out, so groups of more than five are not exported.
 */
import { act, type Action } from "../../../model/system/symmetry/action.ts";
import type { Symmetry } from "../../../model/system/symmetry/groups.ts";
import type { State, System } from "../../../model/system/system.ts";
import { NotExportable } from "./code.ts";
import { nameOf, number } from "../murphi.ts";

/** Orders that are written out at most. */
const most = 120;

interface Element {
  readonly variable: number;
  readonly index: number;
}

/** The procedure `canonical`, and what it needs. */
export function canonicalProcedure(system: System, { groups }: Symmetry): readonly string[] {
  const orders = product(groups.map(({ members, action }) => permutations(members.map((_, i) => i)).map((order) => ({ action, order }))));
  if (orders.length > most) throw new NotExportable(`the replicas can be put in ${orders.length} orders; up to ${most} are written out`);
  const name = ({ variable, index }: Element): string => {
    const found = system.variables[variable];
    return found?.length === 1 ? nameOf(found) : `${nameOf(found)}[${index}]`;
  };
  const elements = system.variables.flatMap(({ id, length }) => Array.from({ length }, (_, index): Element => ({ variable: id, index })));
  const images = orders.map((order) => elements.map((to) => imageOf(system, order, to, name)));
  // Elements that no order touches need not be compared.
  const moved = elements.map((_, i) => i).filter((i) => images.some((image) => image[i] !== name(elements[i] ?? { variable: 0, index: 0 })));
  return [
    `type row: array [0..${Math.max(0, moved.length - 1)}] of ${number};`,
    "procedure keep_least(var best: row; var other: row);",
    `var less: ${number};`,
    "begin",
    "  less := 0;",
    `  for i: 0..${Math.max(0, moved.length - 1)} do`,
    "    if less = 0 then if other[i] < best[i] then less := 1; elsif other[i] > best[i] then less := -1; end; end;",
    "  end;",
    `  if less = 1 then for i: 0..${Math.max(0, moved.length - 1)} do best[i] := other[i]; end; end;`,
    "end;",
    "procedure canonical();",
    "var best: row; other: row;",
    "begin",
    ...moved.map((i, k) => `  best[${k}] := ${name(elements[i] ?? { variable: 0, index: 0 })};`),
    ...images.flatMap((image) => [...moved.map((i, k) => `  other[${k}] := ${image[i]};`), "  keep_least(best, other);"]),
    ...moved.map((i, k) => `  ${name(elements[i] ?? { variable: 0, index: 0 })} := best[${k}];`),
    "end;",
  ];
}

/** What an element is after an order of each group, in terms of what was before. */
function imageOf(
  system: System,
  order: readonly { readonly action: Action; readonly order: readonly number[] }[],
  to: Element,
  name: (element: Element) => string,
): string {
  // Where each element comes from is read off a state whose values say where they are.
  let places = numbered(system);
  for (const { action, order: one } of order) places = act(system, withoutValues(action), one, places);
  const from = places[to.variable]?.[to.index] ?? 0;
  const source = whereIs(system, from);
  let text = name(source);
  for (const { action, order: one } of order) {
    const shift = action.variables[source.variable]?.values ?? null;
    if (shift === null) continue;
    const renamed = action.members.flatMap((member, i) => {
      const image = action.members[one.indexOf(i)] ?? member;
      return image === member ? [] : [{ from: member + shift, to: image + shift }];
    });
    text = renamed.reduceRight((rest, { from: value, to: image }) => `(${name(source)} = ${value} ? ${image} : ${rest})`, text);
  }
  return text;
}

const withoutValues = (action: Action): Action => ({ ...action, variables: action.variables.map((each) => ({ ...each, values: null })) });
function numbered(system: System): State {
  let number = 0;
  return system.variables.map(({ length }) => Array.from({ length }, () => number++));
}
function whereIs(system: System, number: number): Element {
  let first = 0;
  for (const { id, length } of system.variables) {
    if (number < first + length) return { variable: id, index: number - first };
    first += length;
  }
  throw new RangeError(`there is no element ${number}`);
}

function permutations(items: readonly number[]): readonly (readonly number[])[] {
  if (items.length === 0) return [[]];
  return items.flatMap((item) => permutations(items.filter((other) => other !== item)).map((rest) => [item, ...rest]));
}
function product<T>(lists: readonly (readonly T[])[]): readonly (readonly T[])[] {
  return lists.reduce<readonly (readonly T[])[]>((all, list) => all.flatMap((before) => list.map((each) => [...before, each])), [[]]);
}
