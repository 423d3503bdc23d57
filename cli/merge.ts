/** `merge`: the results of shards put together, with a verdict that says how much of the run it rests on. */
import { type ExitCode, exitCodes, UsageError, worst } from "./exit.ts";
import { readShard, type ShardFile, type ShardResult } from "./shard.ts";
import { table } from "./table.ts";
import type { Terminal } from "./terminal.ts";
import { exact, plural } from "./units.ts";

export interface MergeCommand {
  readonly expect?: true;
  readonly json?: true;
}

type Verdict = ShardResult["verdict"];

export async function merge(files: readonly string[], options: MergeCommand, { out }: Terminal): Promise<ExitCode> {
  const shards = files.map((file) => ({ file, content: readShard(file) }));
  const [first] = shards;
  if (first === undefined) throw new UsageError("there is nothing to merge");
  const { shard, checks, swarm, seed, failed } = first.content;
  for (const { file, content } of shards) {
    const differs = differenceOf(first.content, content);
    if (differs !== null) throw new UsageError(`${file} is not of the same run as ${first.file}: ${differs}`);
  }
  const byShard = new Map<number, ShardFile>();
  for (const { file, content } of shards) {
    const other = byShard.get(content.shard.index);
    if (other !== undefined && JSON.stringify(other) !== JSON.stringify(content))
      throw new UsageError(`${file}: shard ${content.shard.index} of ${shard.of} is given twice, with different results`);
    byShard.set(content.shard.index, content);
  }
  const missing = Array.from({ length: shard.of }, (_, i) => i + 1).filter((index) => !byShard.has(index));
  const results = [...byShard.values()].flatMap((content) => content.results);
  const rows = checks.map((check, index) => ({ check, ...merged(results.filter((result) => result.check === index)) }));
  const checked = rows.filter(({ verdict }) => verdict !== null).length;
  const complete = missing.length === 0 && checked === checks.length;
  const asExpected = rows.every(({ verdict, expected, kinds }) =>
    expected === null || expected === "holds" ? verdict === "holds" : verdict === "violated" && kinds.includes(expected.violated),
  );

  const codes: ExitCode[] = [];
  if (failed.length > 0) codes.push(exitCodes.usage);
  if (!complete) codes.push(exitCodes.inconclusive);
  for (const { verdict } of rows) {
    if (verdict === "error") codes.push(exitCodes.usage);
    else if (options.expect !== true && verdict === "violated") codes.push(exitCodes.violated);
    else if (options.expect !== true && verdict === "inconclusive") codes.push(exitCodes.inconclusive);
  }
  if (options.expect === true && complete && !asExpected) codes.push(exitCodes.violated);
  const code = worst(codes);

  const holds = complete && failed.length === 0 && rows.every((row) => row.verdict === "holds");
  const verdict = rows.some((row) => row.verdict === "violated") ? "violated" : holds ? "holds" : "inconclusive";
  const completeness = { complete, shards: byShard.size, of: shard.of, missing, checked, checks: checks.length, failed };
  if (options.json === true) {
    out.write(`${JSON.stringify({ schemaVersion: 1, verdict, completeness, seed, swarm, results: rows }, null, 2)}\n`);
    return code;
  }
  out.write(
    table(
      ["verdict", "protocol", "specification", "states", "transitions", "depth"],
      rows.map((row) => [
        row.verdict === null ? "not checked" : row.verdict === "violated" ? `violated: ${row.kinds.join(", ")}` : row.verdict,
        row.protocol ?? "",
        `${row.check.spec} (${row.check.export})`,
        ...(row.verdict === null ? ["", "", ""] : [exact(row.states), exact(row.transitions), String(row.depth)]),
      ]),
      out,
      [3, 4, 5],
    ),
  );
  for (const { violations, check } of rows) for (const each of violations) out.write(`${check.spec}: ${each.kind}: ${each.message}\n`);
  for (const spec of failed) out.write(`${spec} could not be loaded\n`);
  const parts = `${byShard.size} of ${plural(shard.of, "shard")}, ${checked} of ${plural(checks.length, "check")}`;
  const omission = 1 - rows.reduce((product, row) => product * (1 - row.omission), 1);
  out.write(
    `${complete ? "complete" : "INCOMPLETE"}: ${parts}${missing.length > 0 ? `; missing: ${missing.map((index) => `${index}/${shard.of}`).join(", ")}` : ""}\n`,
  );
  if (omission > 0) out.write(`rests on hashing: a state may have been left out, with probability ${omission.toPrecision(2)}\n`);
  out.write(`${verdict}${options.expect === true && complete ? (asExpected ? ", all as expected" : ", not all as expected") : ""}\n`);
  return code;
}

/** What two shards have not in common, though they should. */
function differenceOf(a: ShardFile, b: ShardFile): string | null {
  if (a.tool !== b.tool) return `it was written by version ${b.tool}, not ${a.tool}`;
  if (a.shard.of !== b.shard.of) return `it is one of ${plural(b.shard.of, "shard")}, not of ${a.shard.of}`;
  if (a.seed !== b.seed) return `its seed is ${b.seed}, not ${a.seed}`;
  if (a.swarm !== b.swarm || JSON.stringify(a.options) !== JSON.stringify(b.options)) return "it was made with other options";
  if (JSON.stringify([a.checks, a.failed]) !== JSON.stringify([b.checks, b.failed])) return "the specifications, or what was asked of them, differ";
  return null;
}

/** Several results of one check, from the searches of a swarm: the worst verdict, the figures of the largest. */
function merged(results: readonly ShardResult[]): Omit<ShardResult, "check" | "verdict" | "expected"> & {
  readonly verdict: Verdict | null;
  readonly expected: ShardResult["expected"] | null;
  readonly kinds: readonly string[];
} {
  const order: readonly Verdict[] = ["error", "violated", "holds", "inconclusive"];
  const [best] = results.toSorted((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict) || b.states - a.states);
  if (best === undefined)
    return { verdict: null, protocol: null, bound: null, expected: null, violations: [], states: 0, transitions: 0, depth: 0, omission: 0, kinds: [] };
  const { check: _, ...rest } = best;
  return { ...rest, kinds: [...new Set(best.violations.map(({ kind }) => kind))] };
}
