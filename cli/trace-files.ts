/** Where counterexamples are written: `<folder>/<specification>-<export>[-<parameters>]-<kind>.json`. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { traceFormatEndings } from "../counterexamples/export/formats.ts";
import type { Trace } from "../counterexamples/trace.ts";
import { shownPath } from "../model/loader/registry.ts";
import type { CheckResult } from "./check.ts";
import { UsageError } from "./exit.ts";
import type { OutputChoice } from "./options.ts";
import type { Reported } from "./verify.ts";

/** Writes the trace of each violation; returns the files, null where there is no trace. */
export function writeTraces(result: CheckResult, folder: string): readonly (string | null)[] {
  const taken = new Set<string>();
  return result.violations.map(({ kind, trace }) => {
    if (trace === null) return null;
    const base = traceName(result, kind);
    let name = base;
    for (let n = 2; taken.has(name); n++) name = `${base}-${n}`;
    taken.add(name);
    return writeTrace(trace, folder, name);
  });
}

/** Writes one trace; returns the file. */
export function writeTrace(trace: Trace, folder: string, name: string): string {
  const file = join(folder, `${name}.json`);
  try {
    makeFolder(folder);
    writeFileSync(file, `${JSON.stringify(trace, null, 2)}\n`);
  } catch (error) {
    throw new UsageError(
      `the counterexample cannot be written to ${file}: ${(error as Error).message} (--trace-dir names another folder, --no-trace-file writes none)`,
    );
  }
  return shownPath(file);
}

/**
 * Writes counterexamples in other formats: into a folder under their own names, or, where a file is named, the first one
 * there and each further one beside it with a number.
 */
export async function writeOutputs(results: readonly Reported[], choices: readonly OutputChoice[]): Promise<void> {
  const { traceFormats } = await import("../counterexamples/export/index.ts");
  const all = results.flatMap(({ result }, check) =>
    result.violations.flatMap(({ kind, trace }) => (trace === null ? [] : [{ trace, name: traceName(result, kind), isNew: check === results.length - 1 }])),
  );
  for (const { format, path } of choices) {
    const isFolder = path.endsWith("/");
    const taken = new Set<string>();
    for (const [index, { trace, name, isNew }] of all.entries()) {
      let file = isFolder ? join(path, `${name}${traceFormatEndings[format]}`) : path;
      for (let n = 2; taken.has(file); n++) file = isFolder ? join(path, `${name}-${n}${traceFormatEndings[format]}`) : numbered(path, index + 1);
      taken.add(file);
      if (!isNew) continue;
      try {
        makeFolder(dirname(file));
        writeFileSync(file, traceFormats[format](trace));
      } catch (error) {
        throw new UsageError(`the counterexample cannot be written to ${file}: ${(error as Error).message}`);
      }
    }
  }
}

/** With the folders above it. Node's own recursive form never returns where a virtual file system refuses. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  const above = dirname(path);
  if (above !== path) makeFolder(above);
  mkdirSync(path);
}

/** `a/b.svg` becomes `a/b-2.svg`. */
function numbered(path: string, number: number): string {
  const name = basename(path);
  const dot = name.indexOf(".", 1);
  return join(dirname(path), dot < 0 ? `${name}-${number}` : `${name.slice(0, dot)}-${number}${name.slice(dot)}`);
}

/** A name for the trace of a violation; `varied`: the parameters belong to it. */
export function traceName(result: Pick<CheckResult, "spec" | "exportName" | "parameters" | "varied">, kind: string): string {
  const spec = result.spec.replace(/\.[mc]?[jt]sx?$/, "");
  const parameters = result.varied ? Object.entries(result.parameters).map(([name, value]) => `${name}${value}`) : [];
  return [spec, result.exportName ?? "", ...parameters, kind]
    .join("-")
    .replace(/[^\w.-]+/g, "-")
    .replace(/^[-.]+/, "");
}
