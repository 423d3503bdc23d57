/** Newline-delimited JSON: one line when the run begins, one for each result as soon as it is there, one at the end. */
import { isAsExpected } from "../check.ts";
import { toolManifest } from "../../model/loader/tool.ts";
import type { Reported } from "../verify.ts";
import type { Reporter, Run } from "./index.ts";
import { resultDocument } from "./json.ts";

const line = (event: object): string => `${JSON.stringify(event)}\n`;

/** The first line. */
export function ndjsonStart(): string {
  return line({ event: "start", schemaVersion: 1, tool: { name: "ipc-check", version: toolManifest().version } });
}
/** The line of one result: the same object as in the document of `--json`. */
export function ndjsonResult(reported: Reported, expect: boolean): string {
  return line({ event: "result", ...resultDocument(reported, expect) });
}
/** The last line. */
export function ndjsonEnd(results: readonly Reported[], { expect, interrupted }: Run): string {
  const count = (verdict: string): number => results.filter(({ result }) => result.verdict === verdict).length;
  return line({
    event: "end",
    checks: results.length,
    holds: count("holds"),
    violated: count("violated"),
    inconclusive: count("inconclusive"),
    error: count("error"),
    ...(expect ? { unexpected: results.filter(({ result }) => !isAsExpected(result)).length } : {}),
    interrupted,
  });
}

/** All of it, for a file. */
export const ndjson: Reporter = (results, run) => [ndjsonStart(), ...results.map((each) => ndjsonResult(each, run.expect)), ndjsonEnd(results, run)].join("");
