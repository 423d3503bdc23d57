/**
 * Diagnostics as data: what is wrong with a specification, where, and what to write instead. The loader and the
 * compiler throw them as a {@link SpecError}; the command line renders them.
 */
import type { Site } from "../language/operation.ts";

export interface Diagnostic {
  /** `IPC001`..`IPC099`: loading; `IPC100`..`IPC299`: compiling. `ipc-check explain CODE` tells more. */
  readonly code: string;
  readonly message: string;
  readonly site: Site | null;
  /** The source lines around `site`, with carets under it; null without a site. */
  readonly frame: string | null;
  /** What to write instead. */
  readonly hint: string | null;
}

/** What `ipc-check explain CODE` prints. */
export interface Explanation {
  readonly title: string;
  /** What the error means and why the tool insists. */
  readonly explanation: string;
  /** A fragment that has the error, and the same fragment repaired. */
  readonly wrong?: string;
  readonly right?: string;
}
/** Explanations by code. */
export type CodeTable = Readonly<Record<string, Explanation>>;

/** A specification that cannot be loaded or compiled. */
export class SpecError extends Error {
  readonly diagnostics: readonly Diagnostic[];
  constructor(diagnostics: readonly Diagnostic[], options?: ErrorOptions) {
    super(diagnostics.map((diagnostic) => `${diagnostic.code}: ${diagnostic.message}`).join("\n"), options);
    this.name = "SpecError";
    this.diagnostics = diagnostics;
  }
}

/** A module, as far as a diagnostic needs it ({@link import("./registry.ts").ModuleSource} is one). */
interface Text {
  readonly text: string;
  site(start: number, end: number): Site;
}

/** Makes a diagnostic; with a place, its frame comes from the module's text. */
export function diagnostic(
  code: string,
  message: string,
  place: { readonly module: Text; readonly start: number; readonly end: number } | null,
  hint: string | null = null,
): Diagnostic {
  if (place === null) return { code, message, site: null, frame: null, hint };
  const site = place.module.site(place.start, place.end);
  return { code, message, site, frame: codeFrame(place.module.text, site), hint };
}

/** One context line above and below, line numbers, carets under the part of the range that lies on its first line. */
export function codeFrame(text: string, site: Site): string {
  const lines = text.split(/\r\n|\n|\r/);
  const first = Math.max(1, site.line - 1);
  const last = Math.min(lines.length, site.line + 1);
  const width = String(last).length;
  const shown: string[] = [];
  for (let line = first; line <= last; line++) {
    const content = lines[line - 1] ?? "";
    shown.push(`${line === site.line ? ">" : " "} ${String(line).padStart(width)} | ${content}`.trimEnd());
    if (line !== site.line) continue;
    const carets = Math.max(1, Math.min(site.end - site.start, content.length - site.column + 1));
    // Tabs stay tabs, so that the carets stand under the text whatever a tab's width is.
    const indent = content.slice(0, site.column - 1).replace(/[^\t]/g, " ");
    shown.push(`  ${" ".repeat(width)} | ${indent}${"^".repeat(carets)}`);
  }
  return shown.join("\n");
}
