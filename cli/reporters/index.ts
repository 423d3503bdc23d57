/**
 * Reporters: each turns the results of a run into one document. Searching knows nothing of them, and they know nothing of
 * files. `pretty` and `ndjson` are written while the run goes on, the others at its end.
 */
import type { Reported } from "../verify.ts";

export interface Run {
  /** Verdicts are compared with what specifications expect. */
  readonly expect: boolean;
  readonly interrupted: boolean;
}

/** Results to a document. */
export type Reporter = (results: readonly Reported[], run: Run) => string;

export const reporterNames = ["pretty", "json", "ndjson", "junit", "sarif", "github", "markdown"] as const;
export type ReporterName = (typeof reporterNames)[number];

/** Loads the reporter of a document. */
export async function documentReporter(name: Exclude<ReporterName, "pretty">): Promise<Reporter> {
  switch (name) {
    case "json": {
      const { document } = await import("./json.ts");
      return (results, { expect }) => `${JSON.stringify(document(results, expect), null, 2)}\n`;
    }
    case "ndjson":
      return (await import("./ndjson.ts")).ndjson;
    case "junit":
      return (await import("./junit.ts")).junit;
    case "sarif":
      return (await import("./sarif.ts")).sarif;
    case "github":
      return (await import("./github.ts")).github;
    case "markdown":
      return (await import("./markdown.ts")).markdown;
  }
}
