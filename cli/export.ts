/** `export`: a protocol in the language of another model checker. */
import { writeFileSync } from "node:fs";
import { exportPromela, NotExportable } from "../counterexamples/export/promela.ts";
import { compile } from "../model/compiler/index.ts";
import { DeclarationError, instantiate } from "../model/language/protocol.ts";
import { SpecError } from "../model/loader/diagnostic.ts";
import { loadSpec } from "../model/loader/load.ts";
import { initialState } from "../model/system/interpret.ts";
import { renderDiagnostics } from "./diagnostics.ts";
import { type ExitCode, exitCodes, UsageError } from "./exit.ts";
import type { Terminal } from "./terminal.ts";

export interface ExportCommand {
  readonly to: "promela";
  readonly export?: string;
  readonly output?: string;
}

export async function exportModel(file: string, options: ExportCommand, { out, err }: Terminal): Promise<ExitCode> {
  try {
    const { protocols } = await loadSpec(file, { patience: 10 });
    const names = protocols.map(({ exportName }) => exportName);
    const wanted = options.export ?? (names.length === 1 ? names[0] : names.find((name) => name === "default"));
    const found = protocols.find(({ exportName }) => exportName === wanted);
    if (found === undefined) throw new UsageError(`${file} exports ${names.join(", ")}; choose one with --export`);
    const system = compile(instantiate(found.protocol));
    const start = initialState(system);
    if (start.kind !== "state") throw new UsageError("the protocol is violated before its first step; there is nothing to export");
    const text = exportPromela(system, start.state);
    if (options.output === undefined) out.write(text);
    else writeFileSync(options.output, text);
    return exitCodes.holds;
  } catch (error) {
    if (error instanceof SpecError) {
      err.write(renderDiagnostics(error.diagnostics, err));
      return exitCodes.usage;
    }
    if (error instanceof NotExportable) throw new UsageError(`this protocol cannot be exported: ${error.message}`);
    if (error instanceof DeclarationError) throw new UsageError(`${error.where}: ${error.message}`);
    if (error instanceof Error && "code" in error && "path" in error) throw new UsageError(`${String(error.path)} cannot be written: ${error.message}`);
    throw error;
  }
}
