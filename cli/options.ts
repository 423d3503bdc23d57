/** Values of command-line options, parsed; what cannot be parsed is an `InvalidArgumentError`, which commander reports. */
import { InvalidArgumentError } from "commander";
import { type Part, parts } from "../counterexamples/parts.ts";
import { type TraceFormat, traceFormatNames } from "../counterexamples/export/formats.ts";
import { type ReporterName, reporterNames } from "./reporters/index.ts";

export function count(text: string): number {
  const value = Number(text.replaceAll("_", ""));
  if (!/^\d[\d_]*$/.test(text) || !Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError("It must be a positive integer.");
  return value;
}

/** An integer between two others. */
export function upTo(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most) throw new InvalidArgumentError(`It must be an integer from ${least} to ${most}.`);
    return value;
  };
}

/** A depth may be 0: the initial state alone. */
export function depth(text: string): number {
  return text === "0" ? 0 : count(text);
}

/** "90", "90s", "5m", "2h". */
export function seconds(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(s|m|h)?$/.exec(text);
  const value = match === null ? 0 : Number(match[1]) * { s: 1, m: 60, h: 3600 }[(match[2] ?? "s") as "s" | "m" | "h"];
  if (value <= 0) throw new InvalidArgumentError("It must be a time such as 90, 90s, 5m or 2h.");
  return value;
}

/** "512M", "2G", "1000000". */
export function memory(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([kMG])?i?B?$/i.exec(text);
  const value = match === null ? 0 : Number(match[1]) * { "": 1, k: 1e3, m: 1e6, g: 1e9 }[(match[2] ?? "").toLowerCase() as "" | "k" | "m" | "g"];
  if (value < 1) throw new InvalidArgumentError("It must be a size such as 512M or 2G.");
  return Math.floor(value);
}

/** "cpu,memory": parts of the machine, in the order in which they are shown. */
export function machineParts(text: string): readonly Part[] {
  const named = text.split(",").map((name) => name.trim());
  const unknown = named.find((name) => !parts.some((part) => part === name));
  if (unknown !== undefined) throw new InvalidArgumentError(`"${unknown}" is no part of the machine; there are ${parts.join(", ")}.`);
  return parts.filter((part) => named.includes(part));
}

/** The values to try for each parameter. */
export type Sweep = Readonly<Record<string, readonly number[]>>;

/** One `--param name=value`, `name=1..5` or `name=1,2,4`, added to those before it. */
export function parameter(text: string, before: Sweep = {}): Sweep {
  const match = /^([A-Za-z_$][\w$]*)=(.+)$/.exec(text);
  if (match === null) throw new InvalidArgumentError("It must be name=value, name=from..to or name=a,b,c.");
  const [, name = "", range = ""] = match;
  if (name in before) throw new InvalidArgumentError(`The parameter "${name}" is given twice.`);
  const values = range.split(",").flatMap((part) => {
    const bounds = /^(-?\d+)(?:\.\.(-?\d+))?$/.exec(part.trim());
    if (bounds === null) throw new InvalidArgumentError(`"${part}" is neither an integer nor a range such as 1..5.`);
    const from = Number(bounds[1]);
    const to = Number(bounds[2] ?? bounds[1]);
    if (to < from || to - from >= 1000) throw new InvalidArgumentError(`The range ${part} is empty or too long.`);
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  });
  return { ...before, [name]: [...new Set(values)] };
}

/** Every combination of a sweep's values, the last parameter running fastest. */
export function combinations(sweep: Sweep): readonly Readonly<Record<string, number>>[] {
  return Object.entries(sweep).reduce<readonly Readonly<Record<string, number>>[]>(
    (rows, [name, values]) => rows.flatMap((row) => values.map((value) => ({ ...row, [name]: value }))),
    [{}],
  );
}

/** One `--reporter name` or `--reporter name=file`, added to those before it. */
export interface ReporterChoice {
  readonly name: ReporterName;
  /** Null: standard output. */
  readonly file: string | null;
}
export function reporter(text: string, before: readonly ReporterChoice[] = []): readonly ReporterChoice[] {
  const [name = "", ...rest] = text.split("=");
  const known = reporterNames.find((each) => each === name);
  const file = rest.length === 0 ? null : rest.join("=");
  if (known === undefined) throw new InvalidArgumentError(`"${name}" is no reporter; there are ${reporterNames.join(", ")}.`);
  if (file === "") throw new InvalidArgumentError(`Name a file after "${name}=".`);
  const other = file === null ? before.find((each) => each.file === null) : undefined;
  if (other !== undefined) throw new InvalidArgumentError(`"${other.name}" goes to standard output already; give one of them a file: ${name}=FILE.`);
  return [...before, { name: known, file }];
}

/** An option that may be given several times. */
export function several(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

/** One `--out format=path`. */
export interface OutputChoice {
  readonly format: TraceFormat;
  readonly path: string;
}
export function output(text: string, before: readonly OutputChoice[] = []): readonly OutputChoice[] {
  const [name = "", ...rest] = text.split("=");
  const format = traceFormatNames.find((each) => each === name);
  if (format === undefined) throw new InvalidArgumentError(`"${name}" is no format of counterexamples; there are ${traceFormatNames.join(", ")}.`);
  const path = rest.join("=");
  if (path === "") throw new InvalidArgumentError(`It must be ${name}=PATH.`);
  return [...before, { format, path }];
}

/** "2/5". */
export function shard(text: string): { readonly index: number; readonly of: number } {
  const match = /^(\d+)\/(\d+)$/.exec(text);
  const [index, of] = [Number(match?.[1]), Number(match?.[2])];
  if (match === null || index < 1 || index > of || of > 100_000) throw new InvalidArgumentError("It must be i/n, from 1/n to n/n.");
  return { index, of };
}
