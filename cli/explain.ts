/** `explain`: what an error code or a kind of violation means. */
import { nearestName } from "../model/language/names.ts";
import type { CodeTable } from "../model/loader/diagnostic.ts";
import { loaderCodes } from "../model/loader/codes.ts";
import { type ExitCode, exitCodes, UsageError } from "./exit.ts";
import { kinds } from "./kinds.ts";
import type { Terminal } from "./terminal.ts";

/** All codes. */
export async function allCodes(): Promise<CodeTable> {
  const { compilerCodes } = await import("../model/compiler/codes.ts");
  return { ...loaderCodes, ...compilerCodes };
}

export async function explain(code: string | undefined, { out }: Terminal): Promise<ExitCode> {
  const table: CodeTable = { ...kinds, ...(await allCodes()) };
  if (code === undefined) {
    const width = Math.max(...Object.keys(table).map((name) => name.length));
    for (const [name, { title }] of Object.entries(table)) out.write(`${out.style("bold", name.padEnd(width))}  ${title}\n`);
    return exitCodes.holds;
  }
  const name = Object.keys(table).find((each) => each.toLowerCase() === code.toLowerCase());
  const entry = name === undefined ? undefined : table[name];
  if (name === undefined || entry === undefined) {
    const near = nearestName(code, Object.keys(table));
    throw new UsageError(`there is no code ${code}${near === null ? "; ipc-check explain lists them" : `; did you mean ${near}?`}`);
  }
  out.write(`${out.style("bold", `${name}: ${entry.title}`)}\n\n${entry.explanation}\n`);
  const fragment = (title: string, text: string): string => `\n${title}\n\n${text.replace(/^/gm, "    ")}\n`;
  if (entry.wrong !== undefined) out.write(fragment(out.style("red", "Instead of"), entry.wrong));
  if (entry.right !== undefined) out.write(fragment(out.style("green", "write"), entry.right));
  return exitCodes.holds;
}
