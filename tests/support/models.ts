/** Protocols of the specs library to be exported, and how much of the work is done without IPC_CHECK_RUNS. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { compile } from "../../dist/model/compiler/index.js";
import { instantiate, type Protocol } from "../../dist/model/language/protocol.js";
import { loadSpec } from "../../dist/model/loader/load.js";
import { initialState } from "../../dist/model/system/interpret.js";
import type { State, System } from "../../dist/model/system/system.js";
import { NotExportable } from "../../dist/counterexamples/export/models/code.js";

/** All that can be compared, however long it takes. */
export const thorough: boolean = process.env["IPC_CHECK_RUNS"] !== undefined;

export interface Candidate {
  readonly name: string;
  readonly protocol: Protocol;
}

/** Every protocol in these files or folders of specs/. */
export async function candidates(...paths: readonly string[]): Promise<readonly Candidate[]> {
  const files = paths.flatMap((path) =>
    path.endsWith(".ts")
      ? [join("specs", path)]
      : readdirSync(join("specs", path), { recursive: true, encoding: "utf8" })
          .filter((file) => file.endsWith(".ts"))
          .map((file) => join("specs", path, file)),
  );
  const found: Candidate[] = [];
  for (const file of files) for (const { exportName, protocol } of (await loadSpec(file)).protocols) found.push({ name: `${file} ${exportName}`, protocol });
  return found;
}

/** The system and its exported model; a string says why there is none. */
export function exported(protocol: Protocol, write: (system: System, initial: State) => string): { readonly system: System; readonly model: string } | string {
  const system = compile(instantiate(protocol));
  const start = initialState(system);
  if (start.kind !== "state") return "violated before the first step";
  try {
    return { system, model: write(system, start.state) };
  } catch (error) {
    if (error instanceof NotExportable) return error.message;
    throw error;
  }
}
