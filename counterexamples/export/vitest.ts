/** A test for vitest that runs a counterexample again on the executable kernel. The trace is data in it; nothing of it becomes code. */
import type { Trace } from "../trace.ts";
import { violationTitle } from "../words.ts";

/** Text that can stand in a comment. */
function comment(text: string): string {
  return text.replace(/\*\//gu, "* /").replace(/[\r\n\u2028\u2029]+/gu, " ");
}
/** JSON is JavaScript but for two line separators. */
function literal(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
}

export function exportVitest(trace: Trace): string {
  const { path, export: exportName, hash } = trace.spec;
  return `/**
 * ${comment(`${trace.protocol}: ${violationTitle(trace)}, in ${trace.decisions.length} steps.`)}
 *
 * Passes as long as ${comment(path)} (${comment(exportName)}) is what it was, ${hash.slice(0, 12)}, and has this fault. Once that is
 * repaired, this test says that the specification has changed; what is wanted then is
 * \`await expect(spec(${comment(literal(path))}, ${comment(literal(exportName))})).toHold()\`.
 */
import "ipc-check/vitest";
import { expect, test } from "vitest";

test(${literal(`${trace.protocol}: ${violationTitle(trace)}`)}, async () => {
  await expect(trace).toBeReproduced();
});

const trace: unknown = ${literal(trace, 2)};
`;
}
