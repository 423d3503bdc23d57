/** A report for a pull request or a job's summary page: a table of the checks, then each counterexample with its diagram. */
import { exportMermaid } from "../../counterexamples/export/mermaid.ts";
import { printTrace } from "../../counterexamples/print.ts";
import { isAsExpected } from "../check.ts";
import { duration, exact } from "../units.ts";
import { checkName, failures } from "./failures.ts";
import type { Reporter } from "./index.ts";

/** Job summaries take 1 MiB; later counterexamples are named without their pictures. */
const most = 900_000;

/** Text inside a table or a line. */
function inline(text: string): string {
  return text.replace(/[\r\n]+/gu, " ").replace(/[\\`*_{}[\]|<>~&]/gu, "\\$&");
}
/** A fence longer than any run of backticks inside. */
function fenced(language: string, text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/gu)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${text.trimEnd()}\n${fence}`;
}

export const markdown: Reporter = (results, { expect }) => {
  const rows = results.map(({ result }) => {
    const { stats } = result;
    const kinds = [...new Set(result.violations.map(({ kind }) => kind))].join(", ");
    const verdict = result.verdict === "violated" ? `violated: ${kinds}` : result.verdict;
    const judged = expect
      ? isAsExpected(result)
        ? "✅ as expected: "
        : "❌ not as expected: "
      : result.verdict === "holds"
        ? "✅ "
        : result.verdict === "inconclusive"
          ? "⚠️ "
          : "❌ ";
    return `| ${judged}${inline(verdict)} | ${inline(result.protocol ?? "")} | ${inline(checkName(result))} | ${stats === null ? "" : exact(stats.states)} | ${stats === null ? "" : duration(stats.seconds)} |`;
  });
  const found = results.flatMap((each) => failures(each, expect));
  const sections = found.map(({ title, message, location: { file, line, column }, violation, file: path }) => {
    const trace = violation?.trace ?? null;
    const head = [`### ${inline(title)}`, "", `${inline(message)} (${inline(`${file}:${line}:${column}`)})`];
    if (trace === null) return { head, body: [] };
    return {
      head,
      body: [
        "",
        fenced("mermaid", exportMermaid(trace)),
        "",
        "<details><summary>the whole interleaving</summary>",
        "",
        fenced("text", printTrace(trace, { color: false, width: 120, ...(path === null ? {} : { file: path }) })),
        "",
        "</details>",
      ],
    };
  });
  const text: string[] = ["## ipc-check", "", "| verdict | protocol | check | states | time |", "|---|---|---|---:|---:|", ...rows, ""];
  let size = text.join("\n").length;
  for (const { head, body } of sections) {
    const whole = [...head, ...body, ""];
    const length = whole.join("\n").length;
    const fits = size + length < most;
    text.push(...(fits ? whole : [...head, ""]));
    size += fits ? length : head.join("\n").length;
  }
  return `${text.join("\n")}\n`;
};
