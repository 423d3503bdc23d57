/** `init`: writes a first specification, one of the templates that come with the tool. */
import { copyFileSync, constants, existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { shownPath } from "../model/loader/registry.ts";
import { toolRoot } from "../model/loader/tool.ts";
import { type ExitCode, exitCodes, UsageError } from "./exit.ts";
import type { Terminal } from "./terminal.ts";

export async function init(
  name: string | undefined,
  options: { readonly template: string; readonly force?: true; readonly quiet?: true },
  { out }: Terminal,
): Promise<ExitCode> {
  const file = resolve(name ?? `${options.template}.ts`);
  const shown = shownPath(file);
  if (!/\.[mc]?ts$/.test(file)) {
    const meant = name !== undefined && existsSync(join(toolRoot, "templates", `${name}.ts`));
    throw new UsageError(`${shown} should end in .ts${meant ? `; for the template of that name:  ipc-check init --template ${name}` : ""}`);
  }
  try {
    // COPYFILE_EXCL: a file that appears between a question and the copy is not overwritten either.
    copyFileSync(join(toolRoot, "templates", `${options.template}.ts`), file, options.force === true ? 0 : constants.COPYFILE_EXCL);
  } catch (error) {
    if (existsSync(file) && options.force !== true) throw new UsageError(`${shown} is there already; --force overwrites it`);
    throw new UsageError(`${shown} cannot be written: ${(error as Error).message}`);
  }
  if (options.quiet === true) return exitCodes.holds;
  out.write(`wrote ${shown}\n`);
  if (!isInstalled(file)) out.write("for types in your editor:  npm install --save-dev ipc-check\n");
  out.write(`next:  npx ipc-check verify ${shown}\n`);
  return exitCodes.holds;
}

function isInstalled(file: string): boolean {
  try {
    createRequire(file).resolve("ipc-check/package.json");
    return true;
  } catch {
    return false;
  }
}
