/**
 * Where a specification's text says how long an operation waits: calls of the methods that its kernel declares as timed,
 * the timeouts that they have, and the edits that give them others.
 */
import { type AnyNode, children } from "../../model/loader/scopes.ts";
import { oxc, shownPath } from "../../model/loader/registry.ts";
import type { Phase, PhaseTimeouts, TimedCall, TimedWay } from "../../model/language/timed.ts";
import type { Timeout } from "../../model/language/domain.ts";
import type { Location, Process, System } from "../../model/system/system.ts";
import type { Edit } from "./edits.ts";

/** A call whose timeouts can be chosen. */
export interface TimedPlace {
  readonly file: string;
  /** Offset of its `yield*`. */
  readonly offset: number;
  readonly label: string;
  readonly call: TimedCall;
  /** As the author has it. */
  readonly given: PhaseTimeouts;
  /** Whether the value of the call is dropped, or taken apart without what tells of a failure. */
  readonly ignored: boolean;
  readonly text: CallText;
}
/** A call that is written in a way which cannot be edited. */
export interface OpaquePlace {
  readonly file: string;
  readonly offset: number;
  readonly label: string;
  readonly why: string;
}

/** The parts of a call's text that edits touch. */
interface CallText {
  readonly method: { readonly name: string; readonly start: number; readonly end: number };
  /** Where the last argument ends, or the first would stand. */
  readonly end: number;
  readonly args: number;
  /** The options as they are written; null: none. */
  readonly options: { readonly start: number; readonly end: number; readonly entries: readonly OptionText[] } | null;
}
interface OptionText {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

export interface TimedPlaces {
  readonly places: readonly TimedPlace[];
  readonly opaque: readonly OpaquePlace[];
}

/** The kernel's declaration of the method that a thread performs at a location; null if it has no timeouts and waits for no answer. */
export function timedAt(timed: readonly TimedCall[], system: System, location: Location): TimedCall | null {
  const method = location.label.split(".").at(-1) ?? "";
  const operation = system.operations[location.operation]?.name ?? "";
  return (
    timed.find(
      ({ operations, ways, where }) =>
        operations.includes(operation) &&
        ways.some((way) => way.method === method) &&
        Object.entries(where).every(([name, value]) => argumentOf(location, name) === value),
    ) ?? null
  );
}

/** The constant that an argument of an operation is; null: it is none. */
export function argumentOf({ args }: Location, name: string): string | null {
  const found = args.find((each) => each.name === name);
  if (found?.value.op !== "const") return null;
  const { value } = found.value;
  return found.type.kind === "enum" ? (found.type.values[value] ?? null) : String(value);
}

interface Standing {
  readonly process: Process;
  readonly location: Location;
}

/** Of the operations of trusted threads, those that one module has. */
export function timedPlacesOf(file: string, text: string, timed: readonly TimedCall[], system: System): TimedPlaces {
  const sites = new Map<number, Standing[]>();
  for (const process of system.processes)
    for (const location of process.stoppable ? [] : process.locations)
      if (location.site.file === shownPath(file)) sites.set(location.site.start, [...(sites.get(location.site.start) ?? []), { process, location }]);
  const places: TimedPlace[] = [];
  const opaque: OpaquePlace[] = [];
  const { parseSync, visitorKeys: keys } = oxc();
  const visit = (node: AnyNode, parents: readonly AnyNode[]): void => {
    const standing = node.type === "YieldExpression" && node.delegate ? sites.get(node.start) : undefined;
    const [first] = standing ?? [];
    const call = first === undefined ? null : timedAt(timed, system, first.location);
    if (standing !== undefined && first !== undefined && call !== null && call.ways.length > 1) {
      const { label } = first.location;
      const parts = textOf(call, (node as AnyNode & { readonly argument: AnyNode }).argument);
      const given = typeof parts === "string" ? null : givenAt(call, parts, standing);
      if (typeof parts === "string") opaque.push({ file, offset: node.start, label, why: parts });
      else if (given === null) opaque.push({ file, offset: node.start, label, why: "has a timeout that is not the same whenever it is performed" });
      else places.push({ file, offset: node.start, label, call, given, ignored: isIgnored(node, parents), text: parts });
    }
    for (const child of children(node, keys)) visit(child, [...parents, node]);
  };
  visit(parseSync(file, text, {}).program as AnyNode, []);
  return { places, opaque };
}

/** The parts of a call, or why it cannot be edited. */
function textOf({ before }: TimedCall, node: AnyNode): CallText | string {
  if (node.type !== "CallExpression" || node.callee.type !== "MemberExpression" || node.callee.computed || node.callee.property.type !== "Identifier")
    return "is not written as a call of a method";
  const { property } = node.callee;
  const args = node.arguments as readonly AnyNode[];
  const parts = { method: { name: property.name, start: property.start, end: property.end }, end: args.at(-1)?.end ?? node.end - 1, args: args.length };
  const options = before === null ? undefined : args[before];
  if (options === undefined) return before !== null && args.length < before ? "lacks arguments" : { ...parts, options: null };
  if (options.type !== "ObjectExpression") return "has options that are not written there";
  const entries: OptionText[] = [];
  for (const entry of options.properties) {
    if (entry.type !== "Property" || entry.computed || entry.key.type !== "Identifier") return "has options that are not written there";
    entries.push({ name: entry.key.name, start: entry.start, end: entry.end });
  }
  return { ...parts, options: { start: options.start, end: options.end, entries } };
}

/** What the author has given, as the operation has it or as the method says; null: it differs, or is computed while the protocol runs. */
function givenAt(call: TimedCall, { method }: CallText, standing: readonly Standing[]): PhaseTimeouts | null {
  const own = call.ways.find((way) => way.method === method.name)?.timeouts ?? {};
  const given: Partial<Record<Phase, Timeout>> = {};
  for (const phase of Object.keys(own) as Phase[]) {
    const argument = call.read[phase];
    const values = argument === undefined ? [own[phase] ?? null] : standing.map(({ location }) => argumentOf(location, argument));
    const value = values.every((each) => each === values[0]) ? (values[0] as Timeout | null) : null;
    if (value === null) return null;
    given[phase] = value;
  }
  return given;
}

/** Nobody can tell whether the operation has failed: its value is dropped, or taken apart without its error. */
function isIgnored(node: AnyNode, parents: readonly AnyNode[]): boolean {
  const parent = parents.at(-1);
  if (parent?.type === "ExpressionStatement") return true;
  if (parent?.type === "MemberExpression") return parent.property.type === "Identifier" && !tells.includes(parent.property.name);
  if (parent?.type !== "VariableDeclarator" || parent.id.type !== "ObjectPattern" || parent.init?.start !== node.start) return false;
  return parent.id.properties.every((each) => each.type === "Property" && each.key.type === "Identifier" && !tells.includes(each.key.name));
}
/** Results that tell of a failure. */
const tells: readonly string[] = ["error", "outcome"];

/** The way of writing that a place has, or would have with these timeouts; null: there is none. */
export function wayOf({ call, given, text }: TimedPlace, timeouts: PhaseTimeouts): TimedWay | null {
  const wanted = { ...given, ...timeouts };
  const fits = call.ways.filter((way) => (Object.keys(way.timeouts) as Phase[]).every((phase) => wanted[phase] === way.timeouts[phase]));
  return fits.find((way) => way.method === text.method.name) ?? fits[0] ?? null;
}

/** The edits that make a place be written so. What is as it has to be is not touched. */
export function wayEdits(place: TimedPlace, way: TimedWay): readonly Edit[] {
  const { method, options, end, args } = place.text;
  const now = wayOf(place, {})?.options ?? {};
  const wanted = Object.entries(way.options).filter(([name, value]) => now[name] !== value);
  const renamed: readonly Edit[] = way.method === method.name ? [] : [{ offset: method.start, remove: method.end - method.start, insert: way.method }];
  const entries = options?.entries ?? [];
  const written = ([name, value]: readonly [string, string]): string => `${name}: ${JSON.stringify(value)}`;
  const replaced = wanted.flatMap((each): readonly Edit[] => {
    const entry = entries.find(({ name }) => name === each[0]);
    return entry === undefined ? [] : [{ offset: entry.start, remove: entry.end - entry.start, insert: written(each) }];
  });
  const added = wanted.filter(([option]) => !entries.some(({ name }) => name === option)).map(written);
  if (added.length === 0) return [...renamed, ...replaced];
  const last = entries.at(-1);
  if (last !== undefined) return [...renamed, ...replaced, { offset: last.end, remove: 0, insert: `, ${added.join(", ")}` }];
  const literal = `{ ${added.join(", ")} }`;
  if (options !== null) return [...renamed, ...replaced, { offset: options.start, remove: options.end - options.start, insert: literal }];
  return [...renamed, ...replaced, { offset: end, remove: 0, insert: args === 0 ? literal : `, ${literal}` }];
}
