/** `list`: the protocols of specifications, with what they expect. */
import { join } from "node:path";
import { SpecError } from "../model/loader/diagnostic.ts";
import { loadSpec } from "../model/loader/load.ts";
import { shownPath } from "../model/loader/registry.ts";
import { toolRoot } from "../model/loader/tool.ts";
import { renderDiagnostics } from "./diagnostics.ts";
import { type ExitCode, exitCodes } from "./exit.ts";
import { table } from "./table.ts";
import { findTargets } from "./targets.ts";
import type { Terminal } from "./terminal.ts";

export async function list(names: readonly string[], options: { readonly json?: true }, { out, err }: Terminal): Promise<ExitCode> {
  const rows: {
    spec: string;
    export: string;
    protocol: string;
    kernel: string;
    parameters: Readonly<Record<string, number>>;
    memoryModel: string;
    expect: string | null;
    scenario: string | null;
  }[] = [];
  let code: ExitCode = exitCodes.holds;
  for (const target of findTargets(names.length > 0 ? names : [join(toolRoot, "specs")])) {
    try {
      const spec = await loadSpec(target.path, { patience: 10 });
      for (const { exportName, protocol } of spec.protocols) {
        const expect = protocol.expect === null ? null : typeof protocol.expect === "string" ? protocol.expect : protocol.expect.violated;
        rows.push({
          spec: shownPath(spec.file),
          export: exportName,
          protocol: protocol.name,
          kernel: protocol.kernel.name,
          parameters: protocol.parameters,
          memoryModel: protocol.memoryModel.model,
          expect,
          scenario: protocol.scenario,
        });
      }
    } catch (error) {
      if (!(error instanceof SpecError)) throw error;
      // Helper modules beside specifications are no specifications.
      if (!target.explicit && error.diagnostics.every((problem) => problem.code === "IPC005")) continue;
      err.write(renderDiagnostics(error.diagnostics, err));
      code = exitCodes.usage;
    }
  }
  if (options.json === true) out.write(`${JSON.stringify({ schemaVersion: 1, protocols: rows }, null, 2)}\n`);
  else
    out.write(
      table(
        ["specification", "export", "protocol", "kernel", "parameters", "memory", "expected", "scenario"],
        rows.map((row) => [
          row.spec,
          row.export,
          row.protocol,
          row.kernel,
          Object.entries(row.parameters)
            .map(([name, value]) => `${name}=${value}`)
            .join(" "),
          row.memoryModel,
          row.expect ?? "",
          row.scenario ?? "",
        ]),
        out,
      ),
    );
  return code;
}
