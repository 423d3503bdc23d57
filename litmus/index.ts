/** `ipc-check litmus`: reads litmus files, enumerates their executions under a memory model, and reports as herd does. */
import { readFile } from "node:fs/promises";
import type { MemoryModelName } from "../model/memory/model.ts";
import { EndlessLoop } from "../model/system/interpret.ts";
import { LitmusError } from "./error.ts";
import { explore } from "./explore.ts";
import { parseLitmus } from "./file.ts";
import { type LitmusResult, herdText, judge } from "./report.ts";
import type { LitmusBounds } from "./system.ts";

export { LitmusError } from "./error.ts";
export { parseLitmus } from "./file.ts";
export { explore } from "./explore.ts";
export type { LitmusResult } from "./report.ts";

export interface LitmusOptions {
  /** Null: the architecture's own, TSO for X86 and release/acquire for C. */
  readonly memoryModel: MemoryModelName | null;
  /** The text is the JSON document. */
  readonly json: boolean;
  readonly color: boolean;
  /** Lengths of store buffers and message lists for programs with loops; others need no bound. */
  readonly bounds?: LitmusBounds;
}

export interface LitmusRun {
  /** For standard output. */
  readonly text: string;
  readonly json: { readonly results: readonly LitmusResult[] };
  /** One message for each file that could not be read; for standard error. */
  readonly errors: readonly string[];
  /** 2 if a file cannot be read, else 1 if a condition does not hold, else 3 if one stays open, else 0. */
  readonly exitCode: 0 | 1 | 2 | 3;
}

/** Checks the files in their order. */
export async function runLitmus(files: readonly string[], options: LitmusOptions): Promise<LitmusRun> {
  const paint =
    (code: number) =>
    (text: string): string =>
      options.color ? `\u001b[${code}m${text}\u001b[0m` : text;
  const results: LitmusResult[] = [];
  const texts: string[] = [];
  const errors: string[] = [];
  for (const file of files) {
    try {
      const test = parseLitmus(file, await read(file));
      const model = options.memoryModel ?? (test.architecture === "X86" ? "tso" : "ra");
      const { result, answer } = judge(file, test, model, explore(test.program, model, options.bounds));
      results.push(result);
      texts.push(herdText(test, result, answer, { good: paint(32), bad: paint(31) }));
    } catch (error) {
      if (error instanceof EndlessLoop) errors.push(`${file}: a loop without memory accesses does not end`);
      else if (error instanceof LitmusError) errors.push(error.message);
      else throw error;
    }
  }
  const json = { results };
  const exitCode = errors.length > 0 ? 2 : results.some(({ holds }) => holds === false) ? 1 : results.some(({ holds }) => holds === null) ? 3 : 0;
  return { text: options.json ? `${JSON.stringify(json, null, 2)}\n` : texts.map((text) => `${text}\n`).join("\n"), json, errors, exitCode };
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new LitmusError(file, 0, 0, `the file cannot be read: ${error instanceof Error && "code" in error ? String(error.code) : String(error)}`);
  }
}
