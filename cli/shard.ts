/**
 * Parts of a run elsewhere: `verify --shard i/n --result FILE` does the i-th part and writes what it came to; `merge` puts
 * the parts together. A result file depends on the specifications, the options and the seed alone: it has no times, no
 * paths of the machine, no order that could differ.
 *
 * Checks are dealt out, one of n to each shard. State spaces are not cut: those of protocols that loop are strongly
 * connected, and every part would visit nearly all of it. Of a swarm each shard makes every check, with other seeds.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { type Bound, bounds } from "../checker/result.ts";
import { either, integer, list, literal, nullable, object, type Shape, ShapeError, table, text } from "../counterexamples/shape.ts";
import { type ViolationKind, violationKinds } from "../model/language/protocol.ts";
import { toolManifest } from "../model/loader/tool.ts";
import type { CheckResult, Job } from "./check.ts";
import { UsageError } from "./exit.ts";

export interface Shard {
  readonly index: number;
  readonly of: number;
}

/** What was to be checked. */
export interface ShardCheck {
  readonly spec: string;
  readonly hash: string;
  readonly export: string;
  readonly parameters: Readonly<Record<string, number>>;
}
export interface ShardResult {
  /** Position in `checks`. */
  readonly check: number;
  readonly protocol: string | null;
  readonly verdict: CheckResult["verdict"];
  readonly bound: Bound | null;
  readonly expected: CheckResult["expected"];
  readonly violations: readonly { readonly kind: string; readonly property: string; readonly message: string; readonly steps: number | null }[];
  readonly states: number;
  readonly transitions: number;
  readonly depth: number;
  readonly omission: number;
}
export interface ShardFile {
  readonly format: "ipc-check shard";
  readonly schemaVersion: 1;
  readonly tool: string;
  readonly shard: Shard;
  readonly seed: number;
  /** Searches of a swarm that each shard makes of each check; null: every check is one shard's, and exhaustive. */
  readonly swarm: number | null;
  /** Options that change what is covered. */
  readonly options: Readonly<Record<string, string | number>>;
  readonly checks: readonly ShardCheck[];
  /** Specifications that could not be loaded. */
  readonly failed: readonly string[];
  readonly results: readonly ShardResult[];
}

/** Whether the k-th check is this shard's. */
export function isOfShard({ index, of }: Shard, seed: number, check: number): boolean {
  return (check + seed) % of === index - 1;
}

export function shardCheck({ spec, declared, parameters }: Job, shown: string): ShardCheck {
  return { spec: shown, hash: spec.hash, export: declared.exportName, parameters: { ...declared.protocol.parameters, ...parameters } };
}

export function shardResult(check: number, result: CheckResult): ShardResult {
  const { protocol, verdict, bound, expected, stats } = result;
  return {
    check,
    protocol,
    verdict,
    bound,
    expected,
    violations: result.violations.map(({ kind, property, message, trace }) => ({ kind, property, message, steps: trace === null ? null : trace.steps.length })),
    states: stats?.states ?? 0,
    transitions: stats?.transitions ?? 0,
    depth: stats?.depth ?? 0,
    omission: stats?.omission ?? 0,
  };
}

export function writeShard(file: string, content: Omit<ShardFile, "format" | "schemaVersion" | "tool">): void {
  const document: ShardFile = { format: "ipc-check shard", schemaVersion: 1, tool: toolManifest().version, ...content };
  try {
    writeFileSync(file, `${JSON.stringify(document, null, 2)}\n`);
  } catch (error) {
    throw new UsageError(`the result cannot be written to ${file}: ${(error as Error).message}`);
  }
}

const counted = integer(0, Number.MAX_SAFE_INTEGER);
const whole = integer(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
const mostChecks = 1_000_000;
const share: Shape<number> = (value, where) => {
  if (typeof value !== "number" || !(value >= 0 && value <= 1)) throw new ShapeError(where, "must be a number from 0 to 1");
  return value;
};
const given: Shape<string | number> = (value, where) => (typeof value === "number" ? value : text(value, where));
const expected: Shape<ShardResult["expected"]> = either<"holds", { readonly violated: ViolationKind }>(
  (value) => typeof value === "string",
  literal("holds"),
  object<{ readonly violated: ViolationKind }>({ violated: literal(...violationKinds) }),
);
const shape: Shape<ShardFile> = object<ShardFile>({
  format: literal("ipc-check shard"),
  schemaVersion: literal(1),
  tool: text,
  shard: object<Shard>({ index: integer(1, 100_000), of: integer(1, 100_000) }),
  seed: whole,
  swarm: nullable(counted),
  options: table(given),
  checks: list(object<ShardCheck>({ spec: text, hash: text, export: text, parameters: table(whole) }), mostChecks),
  failed: list(text, mostChecks),
  results: list(
    object<ShardResult>({
      check: counted,
      protocol: nullable(text),
      verdict: literal("holds", "violated", "inconclusive", "error"),
      bound: nullable(literal(...bounds)),
      expected,
      violations: list(object<ShardResult["violations"][number]>({ kind: text, property: text, message: text, steps: nullable(counted) }), mostChecks),
      states: counted,
      transitions: counted,
      depth: counted,
      omission: share,
    }),
    mostChecks,
  ),
});

/** Reads the result of a shard. Throws {@link UsageError}. */
export function readShard(file: string): ShardFile {
  try {
    return shape(JSON.parse(readFileSync(file, "utf8")), "");
  } catch (error) {
    const reason = (error as Error).message;
    throw new UsageError(error instanceof ShapeError ? `${file} is not a result of verify --shard: ${reason}` : `${file} cannot be read: ${reason}`);
  }
}
