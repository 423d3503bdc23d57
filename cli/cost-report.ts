/** The results of `cost` as tables and as JSON. */
import {
  type Cause,
  causes,
  type Costs,
  type Cycles,
  type HandOver,
  meaning,
  type Measurement,
  type OperationCost,
  type OperationKey,
  type Profile,
  references,
  type RunEnd,
  sameOperation,
  total,
  waiting,
} from "../cost/index.ts";
import { toolManifest } from "../model/loader/tool.ts";
import type { CostCommand, Measured } from "./cost.ts";
import { table } from "./table.ts";
import type { Stream } from "./terminal.ts";
import { plural } from "./units.ts";

type Verbosity = Pick<CostCommand, "quiet" | "verbose">;

/** `client: ipc.call (line 12)`. */
export function operationName({ thread, operation, line }: OperationKey): string {
  return `${thread}: ${operation}${line === null ? "" : ` (line ${line})`}`;
}

/** Cycles: whole numbers, with a decimal while they are small. */
export function cyclesText(value: number): string {
  if (value < 0.05) return "";
  return value >= 100 ? String(Math.round(value)) : value.toFixed(1).replace(/\.0$/u, "");
}

export const timeText = (cycles: number, { megahertz }: Profile): string =>
  megahertz === null ? "" : `${cycles / megahertz >= 1000 ? Math.round(cycles / megahertz) : (cycles / megahertz).toPrecision(3)} µs`;

/** The tables of one protocol. */
export function costText({ spec, protocol, kernel, parameters, machines }: Measured, out: Stream, options: CostCommand): string {
  const given = Object.entries(parameters).map(([name, value]) => `${name}=${value}`);
  const about = [spec, `kernel ${kernel}`, ...given].join(", ");
  return [
    `${out.style("bold", protocol)}  ${out.style("dim", about)}\n`,
    ...machines.map((measurement) => machineText(measurement, out, options)),
    ...(options.verbose === true ? [`\n${causes.map((cause) => `  ${cause}: ${meaning[cause]}\n`).join("")}`] : []),
  ].join("");
}

function machineText({ profile, warm, cold, ends }: Measurement, out: Stream, { runs, seed, quiet }: CostCommand): string {
  const lines = [`\n${out.style("bold", profile.name)}  ${profile.title}\n`];
  const estimates = Object.values(profile.sources).filter(({ basis }) => basis === "estimate").length;
  if (quiet !== true) {
    const all = Object.keys(profile.sources).length;
    lines.push(
      out.style(
        "dim",
        `${plural(runs, "warm run")} after a cold one, seed ${seed}; ${endText(ends)}; ${estimates} of the machine's ${all} numbers are estimates\n`,
      ),
    );
    lines.push(`\nCycles of each operation, mean\n${operationTable(warm, cold, out)}`);
  }
  const waits = warm.operations.filter((each) => each.waits);
  if (waits.length > 0) lines.push(`\nRound trips: from entry to return, whoever runs\n${roundTripTable(waits, cold, profile, out)}`);
  if (warm.handOvers.length > 0)
    lines.push(`\nHand-overs: from the entry of one to the return of the other\n${handOverTable(warm.handOvers, cold, profile, out)}`);
  return lines.join("");
}

const place = ({ thread, operation, line }: OperationKey): readonly string[] => [thread, operation, line === null ? "" : String(line)];
const byCause = (cycles: Cycles, of: readonly Cause[]): readonly string[] => of.map((cause) => cyclesText(cycles[cause]));
const columns = (from: number, count: number): number[] => Array.from({ length: count }, (_, index) => from + index);

function operationTable({ operations }: Costs, cold: Costs, out: Stream): string {
  const rows = operations.map((each) => {
    const first = cold.operations.find((other) => sameOperation(each, other));
    return [
      ...place(each),
      String(each.count),
      ...byCause(each.cycles, causes),
      cyclesText(total(each.cycles)),
      first === undefined ? "" : cyclesText(total(first.cycles)),
    ];
  });
  return table(["thread", "operation", "line", "times", ...causes, "warm", "cold"], rows, out, columns(2, causes.length + 4));
}

function roundTripTable(operations: readonly OperationCost[], cold: Costs, profile: Profile, out: Stream): string {
  const rows = operations.map((each) => {
    const first = cold.operations.find((other) => sameOperation(each, other));
    return [
      ...place(each),
      ...byCause(each.meanwhile, causes),
      cyclesText(waiting(each)),
      cyclesText(each.elapsed),
      timeText(each.elapsed, profile),
      first === undefined ? "" : cyclesText(first.elapsed),
    ];
  });
  return table(["thread", "operation", "line", ...causes, "waiting", "warm", "", "cold"], rows, out, columns(2, causes.length + 5));
}

function handOverTable(handOvers: readonly HandOver[], cold: Costs, profile: Profile, out: Stream): string {
  const rows = handOvers.map(({ from, to, count, elapsed }) => {
    const first = cold.handOvers.find((other) => sameOperation(other.from, from) && sameOperation(other.to, to));
    return [
      operationName(from),
      operationName(to),
      String(count),
      cyclesText(elapsed),
      timeText(elapsed, profile),
      first === undefined ? "" : cyclesText(first.elapsed),
    ];
  });
  return table(["from", "to", "times", "warm", "", "cold"], rows, out, [2, 3, 4, 5]);
}

/** How the runs ended, where they ended alike in one phrase. */
function endText(ends: readonly RunEnd[]): string {
  const texts = new Set(
    ends.map((end) => {
      switch (end.kind) {
        case "finished":
          return "all threads finished";
        case "blocked":
          return "ended with nobody able to go on";
        case "background":
          return "ended with nobody able to go on but the kernel in the background, which is not run";
        case "steps":
          return "stopped after the given number of steps";
        case "pruned":
          return "ended at an assumption that is false";
        case "violation":
          return `ended with a violation: ${end.violation.message}`;
      }
    }),
  );
  return [...texts].join("; or ");
}

/** The machines that there are; with `--verbose` every number with its source. */
export function machineList(profiles: readonly Profile[], out: Stream, { verbose }: Verbosity): string {
  const bases = (profile: Profile, basis: string): string => String(Object.values(profile.sources).filter((source) => source.basis === basis).length);
  const overview = table(
    ["name", "machine", "published", "recalled", "estimated"],
    profiles.map((profile) => [profile.name, profile.title, bases(profile, "published"), bases(profile, "recalled"), bases(profile, "estimate")]),
    out,
    [2, 3, 4],
  );
  if (verbose !== true) return `${overview}\nWith --verbose: every number and its source.\n`;
  return [
    overview,
    ...profiles.map((profile) => `\n${out.style("bold", profile.name)}\n${sourceTable(profile, out)}`),
    `\nReferences\n${referenceList()}`,
  ].join("");
}

/** Every number of a profile beside its source. */
function sourceTable(profile: Profile, out: Stream): string {
  const value = (name: string): string => {
    if (name in profile.cycles) return String(profile.cycles[name as keyof Profile["cycles"]]);
    const part = profile[name as keyof Profile];
    if (typeof part === "object" && part !== null)
      return Object.entries(part)
        .map(([key, each]) => `${key} ${String(each)}`)
        .join(", ");
    return typeof part === "number" ? String(Number(part.toFixed(3))) : "";
  };
  const rows = Object.entries(profile.sources).map(([name, { basis, reference, note }]) => [name, value(name), basis, reference ?? "", note]);
  return table(["number", "value", "basis", "reference", "note"], rows, out);
}

function referenceList(): string {
  return Object.entries(references)
    .map(([name, { authors, title, where }]) => `  ${name}: ${authors}, "${title}", ${where}\n`)
    .join("");
}

const rounded = (value: number): number => Number(value.toFixed(2));
const roundedCycles = (cycles: Cycles): Record<string, number> => Object.fromEntries(Object.entries(cycles).map(([cause, value]) => [cause, rounded(value)]));

function costsJson({ operations, handOvers }: Costs): object {
  return {
    operations: operations.map(({ cycles, meanwhile, elapsed, waits, ...key }) => ({
      ...key,
      cycles: rounded(total(cycles)),
      causes: roundedCycles(cycles),
      roundTrip: waits ? { cycles: rounded(elapsed), causes: roundedCycles(meanwhile), waiting: rounded(waiting({ elapsed, meanwhile })) } : null,
    })),
    handOvers: handOvers.map(({ from, to, count, elapsed, cycles }) => ({ from, to, count, cycles: rounded(elapsed), causes: roundedCycles(cycles) })),
  };
}

export function costJson(results: readonly Measured[], { runs, seed }: CostCommand): string {
  const document = {
    schemaVersion: 1,
    tool: { name: "ipc-check", version: toolManifest().version },
    runs,
    seed,
    results: results.map(({ machines, exportName, ...about }) => ({
      ...about,
      export: exportName,
      machines: machines.map(({ profile, warm, cold, ends }) => ({
        machine: profile.name,
        megahertz: profile.megahertz,
        ends: [...new Set(ends.map(({ kind }) => kind))],
        warm: costsJson(warm),
        cold: costsJson(cold),
      })),
    })),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}
