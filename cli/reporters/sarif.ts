/**
 * SARIF 2.1.0 (OASIS) for code-scanning services: a rule for each kind of violation, a result for each violation, its
 * interleaving as one code flow with a thread flow for each thread, in which `executionOrder` is the schedule. Lengths are
 * those that services accept: 10,000 locations in the flows of a result, 25,000 results.
 */
import { createHash } from "node:crypto";
import { stepText, valueText, violationTitle } from "../../counterexamples/words.ts";
import { reasons } from "../../counterexamples/explain.ts";
import type { Trace } from "../../counterexamples/trace.ts";
import type { ViolationKind } from "../../model/language/protocol.ts";
import { toolManifest } from "../../model/loader/tool.ts";
import { kinds } from "../kinds.ts";
import { checkName, type Failure, failures } from "./failures.ts";
import type { Reporter } from "./index.ts";

const mostLocations = 10_000;
const mostResults = 25_000;

const others: Readonly<Record<string, string>> = {
  inconclusive: "not all states were visited",
  expectation: "the verdict is not the expected one",
};

function rule(id: string): object {
  const known = Object.hasOwn(kinds, id) ? kinds[id as ViolationKind] : null;
  const title = known?.title ?? others[id] ?? "the specification is not accepted";
  return {
    id,
    name: id,
    shortDescription: { text: title },
    fullDescription: { text: known?.explanation ?? title },
    help: { text: known?.explanation ?? `ipc-check explain ${id}` },
    defaultConfiguration: { level: id === "inconclusive" ? "warning" : "error" },
  };
}

/** SARIF wants URIs; a path becomes a relative one. */
function uri(path: string): string {
  return path.replaceAll("\\", "/").split("/").map(encodeURIComponent).join("/");
}

function place({ file, line, column }: { readonly file: string; readonly line: number; readonly column: number }): object {
  return { physicalLocation: { artifactLocation: { uri: uri(file) }, region: { startLine: line, startColumn: column } } };
}

/** The steps of a trace, a flow for each thread that acts and one for what no thread does. */
function threadFlows(trace: Trace): readonly object[] {
  const start = { file: trace.spec.path, line: 1, column: 1 };
  const last = trace.steps.length - 1;
  const kept = trace.steps.map((step, index) => ({ step, index })).filter(({ index }) => index < mostLocations - 1 || index === last);
  const flows = new Map<string, object[]>();
  for (const { step, index } of kept) {
    const name = step.thread ?? "kernel";
    const flow = flows.get(name) ?? [];
    flows.set(name, flow);
    const results = step.completed.map(({ thread, result }) => (thread === step.thread ? `gets ${result}` : `${thread} goes on ${result}`).trim());
    flow.push({
      executionOrder: index + 1,
      importance:
        index === last || index + 1 === trace.turning?.step ? "essential" : step.completed.length > 0 || step.changes.length > 0 ? "important" : "unimportant",
      location: { ...place(step.site ?? start), message: { text: [`${index + 1}. ${name}: ${stepText(step)}`, ...results].join("; ") } },
      state: Object.fromEntries(step.changes.map(({ name: variable, after }) => [variable, { text: valueText(after) }])),
    });
  }
  return [...flows].map(([id, locations]) => ({ id, locations }));
}

function fingerprint(check: string, { rule: id, violation }: Failure): string {
  return createHash("sha256")
    .update(JSON.stringify([check, id, violation?.property ?? null]))
    .digest("hex");
}

function resultOf(check: string, failure: Failure): object {
  const trace = failure.violation?.trace ?? null;
  const { why, turn } = trace === null ? { why: [], turn: [] } : reasons(trace);
  const steps = trace === null || trace.steps.length === 0 ? [] : [{ message: { text: violationTitle(trace) }, threadFlows: threadFlows(trace) }];
  return {
    ruleId: failure.rule,
    level: failure.inconclusive ? "warning" : "error",
    kind: "fail",
    message: { text: [failure.message, ...why, ...turn].join("\n") },
    locations: [place(failure.location)],
    partialFingerprints: { primaryLocationLineHash: fingerprint(check, failure) },
    ...(steps.length === 0 ? {} : { codeFlows: steps }),
    properties: { check, ...(failure.file === null ? {} : { trace: failure.file }) },
  };
}

export const sarif: Reporter = (results, { expect, interrupted }) => {
  const found = results.flatMap((each) => failures(each, expect).map((failure) => ({ check: checkName(each.result), failure })));
  const rules = [...new Set(found.map(({ failure }) => failure.rule))].sort();
  const log = {
    $schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "ipc-check", semanticVersion: toolManifest().version, rules: rules.map(rule) } },
        automationDetails: { id: "ipc-check/verify" },
        invocations: [{ executionSuccessful: !interrupted }],
        columnKind: "utf16CodeUnits",
        results: found.slice(0, mostResults).map(({ check, failure }) => resultOf(check, failure)),
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
};
