/** `litmus`: memory-model tests in the formats of the herd tools. */
import { runLitmus } from "../litmus/index.ts";
import type { ExitCode } from "./exit.ts";
import type { MemoryModelName } from "../model/language/memory-model.ts";
import type { Terminal } from "./terminal.ts";

export interface LitmusCommand {
  readonly memoryModel?: MemoryModelName;
  readonly json?: true;
}

export async function litmus(files: readonly string[], options: LitmusCommand, { out, err }: Terminal): Promise<ExitCode> {
  const run = await runLitmus(files, { memoryModel: options.memoryModel ?? null, json: options.json === true, color: out.color });
  for (const error of run.errors) err.write(`error: ${error}\n`);
  out.write(run.text);
  return run.exitCode;
}
