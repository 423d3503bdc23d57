/** A protocol in the language of another model checker: Promela in two styles, Murphi, TLA+. */
import { basename } from "node:path";
import type { System } from "../model/system/system.ts";
import { UsageError } from "./exit.ts";

/** The languages. */
const languages = ["promela", "murphi", "tla"] as const;
export type Language = (typeof languages)[number];
export const isLanguage = (format: string): format is Language => (languages as readonly string[]).includes(format);
/** Styles of the Promela model. */
export const styles = ["flat", "processes"] as const;
export type Style = (typeof styles)[number];

export interface LanguageOptions {
  readonly style?: Style;
  /** Murphi: one state for each order of symmetric replicas. */
  readonly symmetry?: true;
  /** Promela: properties of `liveness` that become claims. */
  readonly ltl?: readonly string[];
  readonly output?: string;
}

/** Options that a language does not have are a mistake. */
export function checkOptions(to: string, { style, symmetry, ltl }: LanguageOptions): void {
  if (style !== undefined && to !== "promela") throw new UsageError("--style is for --to promela");
  if (symmetry === true && to !== "murphi") throw new UsageError("--symmetry is for --to murphi");
  if (ltl !== undefined && to !== "promela") throw new UsageError("--ltl is for --to promela");
  if (ltl !== undefined && style === "processes") throw new UsageError("--ltl is for --style flat: claims look at all threads after every step");
}

/** The text, and for TLA+ the configuration of TLC, which belongs in a file of its own. */
export async function modelText(
  system: System,
  to: Language,
  options: LanguageOptions,
): Promise<{ readonly text: string; readonly configuration: string | null }> {
  const [{ NotExportable }, { initialState }] = await Promise.all([import("../counterexamples/export/models/code.ts"), import("../model/system/interpret.ts")]);
  const start = initialState(system);
  if (start.kind !== "state") throw new UsageError("the protocol is violated before its first step; there is nothing to export");
  try {
    switch (to) {
      case "promela": {
        if (options.style === "processes") {
          const { exportProcesses } = await import("../counterexamples/export/promela-processes.ts");
          return { text: exportProcesses(system, start.state), configuration: null };
        }
        const { exportPromela } = await import("../counterexamples/export/promela.ts");
        return { text: exportPromela(system, start.state, claims(system, options.ltl ?? [])), configuration: null };
      }
      case "murphi": {
        const [{ exportMurphi }, { symmetryOf }] = await Promise.all([
          import("../counterexamples/export/murphi.ts"),
          import("../model/system/symmetry/groups.ts"),
        ]);
        return { text: exportMurphi(system, start.state, options.symmetry === true ? symmetryOf(system) : null), configuration: null };
      }
      case "tla": {
        const { exportTla } = await import("../counterexamples/export/tla.ts");
        const { module, configuration } = exportTla(system, start.state, moduleName(options.output));
        return { text: module, configuration };
      }
    }
  } catch (error) {
    if (error instanceof NotExportable) throw new UsageError(`this protocol cannot be exported: ${error.message}`);
    throw error;
  }
}

/** A module is named as its file. */
function moduleName(output: string | undefined): string {
  if (output === undefined) return "Protocol";
  const name = basename(output).replace(/\.tla$/u, "");
  if (!/^\w*[A-Za-z]\w*$/u.test(name))
    throw new UsageError(`a TLA+ module is named as its file, and ${name} is no name of a module: letters, digits and underscores make one`);
  return name;
}

function claims(system: System, names: readonly string[]): NonNullable<System["liveness"]>["formulas"] {
  const known = system.liveness?.formulas ?? [];
  return names.map((name) => {
    const found = known.find((formula) => formula.name === name);
    if (found !== undefined) return found;
    throw new UsageError(
      `the protocol has no property "${name}" of runs; ${known.length === 0 ? "it has none" : `there are ${known.map((each) => each.name).join(", ")}`}`,
    );
  });
}
