/** Diagnostics as text: place, code, message, code frame, and what to write instead. */
import type { Diagnostic } from "../model/loader/diagnostic.ts";
import type { Stream } from "./terminal.ts";

export function renderDiagnostic(problem: Diagnostic, stream: Stream): string {
  const place = problem.site === null ? "" : `${stream.style("bold", `${problem.site.file}:${problem.site.line}:${problem.site.column}`)} `;
  const lines = [`${place}${stream.style("red", `error ${problem.code}`)}: ${problem.message}`];
  if (problem.frame !== null)
    lines.push(
      "",
      problem.frame.replace(/^/gm, "  ").replace(/^ +> .*$|^[ |]+\^+$/gm, (line) => stream.style(line.includes("^") ? "red" : "bold", line)),
      "",
    );
  if (problem.hint !== null) lines.push(`  ${stream.style("cyan", "hint:")} ${problem.hint.replaceAll("\n", "\n  ")}`);
  return lines.join("\n");
}

/** All of them, and once where to read more. */
export function renderDiagnostics(problems: readonly Diagnostic[], stream: Stream): string {
  const codes = [...new Set(problems.map((problem) => problem.code))];
  return `${problems.map((problem) => renderDiagnostic(problem, stream)).join("\n\n")}\n  ${stream.style(
    "dim",
    `more: ${codes
      .slice(0, 3)
      .map((code) => `ipc-check explain ${code}`)
      .join(", ")}`,
  )}\n`;
}
