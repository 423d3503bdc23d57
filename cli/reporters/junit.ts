/**
 * JUnit XML, the common subset that CI services read (there is no standard): a suite for each specification, a case for
 * each protocol with its parameters; a violation is a failure, a specification that does not compile an error, a search
 * that was not finished an error too, because a truncated search must not look like a success.
 */
import { xml } from "../../counterexamples/export/xml.ts";
import { printTrace } from "../../counterexamples/print.ts";
import type { Reported } from "../verify.ts";
import { checkName, type Failure, failures } from "./failures.ts";
import type { Reporter } from "./index.ts";

/** Text of an attribute, where a plain line break would become a space. */
function attribute(text: string): string {
  return xml(text).replaceAll("\n", "&#10;");
}

function failureElement(failure: Failure): string {
  const element = failure.violation === null ? "error" : "failure";
  const trace = failure.violation?.trace ?? null;
  const text = trace === null ? failure.message : printTrace(trace, { color: false, width: 120, ...(failure.file === null ? {} : { file: failure.file }) });
  const { file, line, column } = failure.location;
  return `      <${element} type="${attribute(failure.rule)}" message="${attribute(failure.message)}">${xml(`${file}:${line}:${column}\n${text}`)}</${element}>`;
}

function testCase(reported: Reported, expect: boolean): { readonly text: string; readonly failed: boolean; readonly error: boolean; readonly seconds: number } {
  const { result } = reported;
  const found = failures(reported, expect);
  const seconds = result.stats?.seconds ?? 0;
  const name = checkName(result).slice(result.spec.length).trim() || "specification";
  const { stats } = result;
  const properties =
    stats === null
      ? []
      : [
          "      <properties>",
          ...Object.entries({ states: stats.states, transitions: stats.transitions, depth: stats.depth, verdict: result.verdict }).map(
            ([key, value]) => `        <property name="${key}" value="${attribute(String(value))}"/>`,
          ),
          "      </properties>",
        ];
  const title = result.protocol === null ? name : `${result.protocol} ${name}`;
  return {
    text: [
      `    <testcase name="${attribute(title)}" classname="${attribute(result.spec)}" file="${attribute(result.spec)}" time="${seconds.toFixed(3)}">`,
      ...properties,
      ...found.map(failureElement),
      "    </testcase>",
    ].join("\n"),
    failed: found.some(({ violation }) => violation !== null),
    error: found.some(({ violation }) => violation === null),
    seconds,
  };
}

export const junit: Reporter = (results, { expect }) => {
  const specs = [...new Set(results.map(({ result }) => result.spec))];
  const suites = specs.map((spec) => {
    const cases = results.filter(({ result }) => result.spec === spec).map((each) => testCase(each, expect));
    const failed = cases.filter((each) => each.failed).length;
    const errors = cases.filter((each) => each.error && !each.failed).length;
    const seconds = cases.reduce((sum, each) => sum + each.seconds, 0);
    return { spec, cases, failed, errors, seconds };
  });
  const sum = (of: (suite: (typeof suites)[number]) => number): number => suites.reduce((total, suite) => total + of(suite), 0);
  const head = (tests: number, failed: number, errors: number, seconds: number): string =>
    `tests="${tests}" failures="${failed}" errors="${errors}" skipped="0" time="${seconds.toFixed(3)}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="ipc-check" ${head(
      results.length,
      sum(({ failed }) => failed),
      sum(({ errors }) => errors),
      sum(({ seconds }) => seconds),
    )}>`,
    ...suites.flatMap(({ spec, cases, failed, errors, seconds }) => [
      `  <testsuite name="${attribute(spec)}" file="${attribute(spec)}" ${head(cases.length, failed, errors, seconds)}>`,
      ...cases.map(({ text }) => text),
      "  </testsuite>",
    ]),
    "</testsuites>",
    "",
  ].join("\n");
};
