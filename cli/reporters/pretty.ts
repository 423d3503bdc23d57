/** Results for people: a verdict line, the counterexample, what its replay showed; a table at the end. */
import type { Bound, Sample, SymmetryStats } from "../../checker/result.ts";
import { type CheckResult, isAsExpected, type Violation } from "../check.ts";
import { table } from "../table.ts";
import type { Stream } from "../terminal.ts";
import { bytes, duration, estimated, exact, plural, short } from "../units.ts";
import type { Reported } from "../verify.ts";

export interface PrettyOptions {
  readonly expect: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** Print counterexamples in full even if they were expected. */
  readonly full: boolean;
}

/** Everything about one check. */
export async function report({ result, files, accepted, remarks }: Reported, options: PrettyOptions, stream: Stream): Promise<string> {
  const lines = [verdictLine(result, options.expect, stream)];
  if (options.quiet) return `${lines[0]}\n`;
  const { stats } = result;
  if (stats !== null)
    lines.push(
      `  ${figures(stats)}${options.verbose ? `, ${duration(stats.seconds)} (${duration(stats.generating)} generating code, ${duration(stats.exploring)} exploring), ${stats.stateBits} bits and ${stats.bytesPerState.toFixed(1)} bytes a state` : `, ${duration(stats.seconds)}`}`,
    );
  if (stats !== null && stats.onDisk > 0) lines.push(`  memory was full: ${bytes(stats.onDisk)} of states on disk (--disk)`);
  if (stats?.symmetry != null) lines.push(...symmetryLines(stats.symmetry));
  if (stats?.shadow !== undefined)
    lines.push(
      `  ${stats.shadow.compared ? "the same without reductions" : "not compared: a bound was reached, without reductions"}: ${plural(stats.shadow.states, "state")}, ${duration(stats.shadow.seconds)}`,
    );
  if (result.bound !== null)
    lines.push(
      `  ${stream.style("yellow", notCovered(result.bound, result))}${stats === null || stats.frontier === 0 ? "" : `; ${plural(stats.frontier, "state")} still to expand`}`,
    );
  if (stats !== null && stats.estimate !== null) lines.push(`  in all ${estimated(stats.estimate)} states, by the widths of the levels so far (an estimate)`);
  if (stats !== null && stats.sample !== null) lines.push(`  ${sampled(stats.sample)}`);
  if (stats !== null && stats.omission > 0 && stats.sample?.kind !== "walks")
    lines.push(
      `  ${stream.style("yellow", `rests on hashing (--store ${stats.store}): a state may have been left out, with probability ${stats.omission.toPrecision(2)}`)}`,
    );
  if (stats !== null) lines.push(...partialOrderLines(result, options, stream));
  if (stats !== null && stats.unchecked.length > 0)
    lines.push(`  not looked for ${stats.onDisk > 0 ? "on disk" : `with --store ${stats.store}`}: ${stats.unchecked.join(", ")} while others run on`);
  for (const { failing, message } of remarks) lines.push(`  ${stream.style(failing ? "red" : "yellow", failing ? "failed:" : "note:")} ${message}`);
  for (const { message, site } of result.warnings)
    lines.push(`  ${stream.style("yellow", "warning:")} ${message}${site === null ? "" : stream.style("dim", `  ${site.file}:${site.line}:${site.column}`)}`);
  if (result.profile !== null) lines.push(...(await import("../profile.ts")).profileLines(result.profile, result.stats?.states ?? 0, stream));
  const inFull = options.full || options.verbose || !options.expect || !isAsExpected(result);
  for (const [i, violation] of result.violations.entries()) {
    const isAccepted = accepted[i] === true;
    if (isAccepted) lines.push(`  ${stream.style("green", "accepted")}: ${violation.kind} is in the baseline`);
    lines.push(...(await violationLines(violation, files[i] ?? null, { ...options, inFull: inFull && (!isAccepted || options.verbose) }, stream)));
  }
  return `${lines.join("\n")}\n\n`;
}

/** Replicas that were put in any order, and those that could not be. */
function symmetryLines({ groups, apart, exact }: SymmetryStats): readonly string[] {
  const orders = (count: number): number => (count <= 1 ? 1 : count * orders(count - 1));
  const product = groups.reduce((all, { replicas }) => all * orders(replicas), 1);
  const factors = groups.map(({ name, replicas }) => `${name} ${replicas}!`).join(" × ");
  const places = apart.map(
    ({ name, reason, site }) => `  no symmetry among ${name}: ${reason}${site === null ? "" : ` (${site.file}:${site.line}:${site.column})`}`,
  );
  return [...(groups.length === 0 ? [] : [`  symmetry: ${factors} = ${product}${exact ? "" : ", some states more than once"}`]), ...places];
}

/** With more states it is worth saying why none were left out. */
const many = 20_000;

/** Whether states were left out that differ only in the order of independent steps. */
function partialOrderLines({ verdict, stats }: CheckResult, { verbose }: PrettyOptions, stream: Stream): readonly string[] {
  if (stats === null) return [];
  const { used, reason, confirmed } = stats.partialOrder;
  if (!used) return (verbose || stats.states > many) && reason !== null ? [`  no partial order: ${reason}`] : [];
  if (verdict !== "violated") return ["  partial order: of states that differ only in the order of independent steps some are left out"];
  return confirmed
    ? ["  partial order found the violation; the figures are those of the search without it, to that depth"]
    : [`  ${stream.style("yellow", "partial order found the violation; the search without it came to a bound, so there may be a shorter counterexample")}`];
}

/** What a search that takes a sample has covered. */
function sampled({ kind, seed, done, rules, fired, estimate }: Sample): string {
  switch (kind) {
    case "walks": {
      const size =
        estimate === null
          ? "too few states were met twice to estimate how many there are"
          : estimate.low === estimate.high
            ? "every state met was met again: there may be no others"
            : `at least about ${short(estimate.states)} states can be reached (95 %: ${short(estimate.low)} to ${short(estimate.high)})`;
      return `${plural(done, "random walk")} (--seed ${seed}), ${fired} of ${plural(rules ?? 0, "kind")} of steps taken; ${size}`;
    }
    case "swarm":
      return `${plural(done, "search", "searches")} of a swarm (--seed ${seed}); the figures are those of the one that came furthest`;
  }
}

/** What an inconclusive search has left out, and the option that changes it. */
function notCovered(bound: Bound, { memoryModel: { buffer, messages }, stats }: CheckResult): string {
  switch (bound) {
    case "memory":
      return stats?.states === 0 ? `no state was visited: ${noBeginning}` : `not all states were visited: ${bounds[bound]}`;
    case "buffer":
      return `not all behaviour was covered: a store buffer of ${plural(buffer, "entry", "entries")} was full (--buffer)`;
    case "messages":
      return `not all behaviour was covered: a cell had ${messages} messages that some thread may still read (--messages)`;
    default:
      return `not all states were visited: ${bounds[bound]}`;
  }
}

const noBeginning = "a search needs a few megabytes to begin with (--max-memory), and some 11 GB of address space (ulimit -v)";

const bounds: Readonly<Record<Exclude<Bound, "buffer" | "messages">, string>> = {
  states: "the limit of states was reached (--max-states)",
  depth: "the limit of depth was reached (--max-depth)",
  memory: "memory ran out (--max-memory, beyond 4G with Node 24; --disk FOLDER goes on where it is full)",
  disk: "the disk is full (--disk, or the temporary folder)",
  time: "time ran out (--timeout)",
  interrupted: "interrupted",
  sampled: "this is a sample",
  runs: "this store, or a search on disk, keeps no graph of states, and what is asked of runs needs one; use --store exact or compressed",
};

function verdictLine(result: CheckResult, expect: boolean, stream: Stream): string {
  const parameters = Object.entries(result.parameters).map(([name, value]) => `${name}=${value}`);
  const kernel =
    result.kernel === null ? [] : [[result.kernel.name, ...Object.entries(result.kernel.options).map(([name, value]) => `${name}: ${value}`)].join(" ")];
  const memory = result.memoryModel.model === "sc" ? [] : [`memory ${result.memoryModel.model}`];
  const about = [...kernel, ...memory, ...parameters].join(", ");
  const where = result.exportName === null ? result.spec : `${result.spec} (${result.exportName})`;
  return `${verdict(result, expect, stream)}  ${result.protocol === null ? "" : `${stream.style("bold", result.protocol)}  `}${where}${about === "" ? "" : stream.style("dim", `  [${about}]`)}`;
}

/** The verdict in words and colour; under `--expect` the colour tells whether it is as expected. */
function verdict(result: CheckResult, expect: boolean, stream: Stream): string {
  const kinds = [...new Set(result.violations.map(({ kind }) => kind))].join(", ");
  const words = result.verdict === "violated" ? `violated: ${kinds}` : result.verdict;
  if (!expect) return stream.style(result.verdict === "holds" ? "green" : result.verdict === "inconclusive" ? "yellow" : "red", words);
  if (isAsExpected(result)) return `${stream.style("green", "as expected")} ${words}`;
  const expected = result.expected === "holds" ? "holds" : result.expected.violated;
  return `${stream.style("red", "NOT AS EXPECTED")} ${words} (expected: ${expected})`;
}

function figures(stats: { readonly states: number; readonly transitions: number; readonly depth: number }): string {
  return `${plural(stats.states, "state")}, ${plural(stats.transitions, "transition")}, depth ${stats.depth}`;
}

/** The replay's verdict, the counterexample, and last the command that brings it back. */
async function violationLines(
  violation: Violation,
  file: string | null,
  options: PrettyOptions & { readonly inFull: boolean },
  stream: Stream,
): Promise<readonly string[]> {
  const { trace } = violation;
  if (trace === null) return [`  ${violation.kind}: ${violation.message}`];
  if (!options.inFull)
    return [`  ${replayed(violation, stream)}`, ...(file === null ? [] : [`  reproduce: ipc-check replay ${/^[\w./-]+$/.test(file) ? file : `'${file}'`}`])];
  const { printTrace } = await import("../../counterexamples/print.ts");
  const text = printTrace(trace, { color: stream.color, width: stream.width, verbose: options.verbose, ...(file === null ? {} : { file }) });
  return [`  ${replayed(violation, stream)}`, "", text.trimEnd()];
}

function replayed({ replay }: Violation, stream: Stream): string {
  switch (replay.verdict) {
    case "reproduced":
      return `replayed on the executable kernel: ${stream.style("green", "reproduced")}`;
    case "diverged":
      return `replayed on the executable kernel: ${stream.style("red", `DIVERGED at step ${replay.step}`)}: ${replay.message}\n  The model and the executable kernel disagree: a fault of ipc-check. Please report it with the specification.`;
    case "not-run":
      return `not replayed: ${replay.message}`;
  }
}

/** One row for each check, and how many of each verdict there were. */
export function summary(results: readonly Reported[], expect: boolean, stream: Stream): string {
  const rows = results.map(({ result }) => {
    const parameters = result.varied
      ? ` ${Object.entries(result.parameters)
          .map(([name, value]) => `${name}=${value}`)
          .join(" ")}`
      : "";
    const { stats } = result;
    return [
      verdict(result, expect, stream),
      result.protocol ?? "",
      `${result.spec}${parameters}`,
      ...(stats === null ? ["", "", "", ""] : [exact(stats.states), exact(stats.transitions), String(stats.depth), duration(stats.seconds)]),
    ];
  });
  const counts = new Map<string, number>();
  for (const { result } of results) counts.set(result.verdict, (counts.get(result.verdict) ?? 0) + 1);
  const total = [...counts].map(([name, count]) => `${count} ${name}`).join(", ");
  const unexpected = results.filter(({ result }) => !isAsExpected(result)).length;
  const judged = expect ? `; ${unexpected === 0 ? stream.style("green", "all as expected") : stream.style("red", `${unexpected} not as expected`)}` : "";
  return `${table(["verdict", "protocol", "specification", "states", "transitions", "depth", "time"], rows, stream, [3, 4, 5, 6])}${plural(results.length, "check")}: ${total}${judged}\n`;
}
