/** Where counterexamples are written: `<folder>/<specification>-<export>[-<parameters>]-<kind>.json`. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { shownPath } from "../model/loader/registry.ts";
import type { CheckResult } from "./check.ts";
import { UsageError } from "./exit.ts";

/** Writes the trace of each violation; returns the files, null where there is no trace. */
export function writeTraces(result: CheckResult, folder: string): readonly (string | null)[] {
  const taken = new Set<string>();
  return result.violations.map(({ kind, trace }) => {
    if (trace === null) return null;
    const base = traceName(result, kind);
    let name = base;
    for (let n = 2; taken.has(name); n++) name = `${base}-${n}`;
    taken.add(name);
    const file = join(folder, `${name}.json`);
    try {
      mkdirSync(folder, { recursive: true });
      writeFileSync(file, `${JSON.stringify(trace, null, 2)}\n`);
    } catch (error) {
      throw new UsageError(
        `the counterexample cannot be written to ${file}: ${(error as Error).message} (--trace-dir names another folder, --no-trace-file writes none)`,
      );
    }
    return shownPath(file);
  });
}

function traceName(result: CheckResult, kind: string): string {
  const spec = result.spec.replace(/\.[mc]?[jt]sx?$/, "");
  const parameters = result.varied ? Object.entries(result.parameters).map(([name, value]) => `${name}${value}`) : [];
  return [spec, result.exportName ?? "", ...parameters, kind]
    .join("-")
    .replace(/[^\w.-]+/g, "-")
    .replace(/^[-.]+/, "");
}
