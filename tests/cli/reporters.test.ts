/** Reports for machines, each validated by its schema or by a reader written here. */
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DOMParser } from "@xmldom/xmldom";
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { github } from "../../dist/cli/reporters/github.js";
import { junit } from "../../dist/cli/reporters/junit.js";
import { markdown } from "../../dist/cli/reporters/markdown.js";
import { sarif } from "../../dist/cli/reporters/sarif.js";
import { changed } from "../counterexamples/sample.ts";
import { run } from "./run.js";

const folder = mkdtempSync(join(tmpdir(), "ipc-check-reporters-"));
const schema = JSON.parse(readFileSync(createRequire(import.meta.url).resolve("schemastore/schemas/json/sarif-2.1.0.json"), "utf8")) as object;
const validate = new Ajv({ strict: false, validateFormats: false, allErrors: true, unicodeRegExp: false }).compile(schema);
const specs = ["specs/l4/hostage-reply.ts", "specs/shm/mutex1.ts"];
const broken = join(folder, "broken.ts");
writeFileSync(broken, 'import { protocol } from "ipc-check";\nexport default protocol("x", { threads: { a: { *run() { yield* 3; } } } } as never);\n');

const at = (kind: string): string => join(folder, `report.${kind}`);
const all = await run([
  "verify",
  ...specs,
  broken,
  "--trace-dir",
  join(folder, "traces"),
  ...["json", "ndjson", "junit", "sarif", "github", "markdown", "pretty"].flatMap((kind) => ["--reporter", `${kind}=${at(kind)}`]),
]);
const read = (kind: string): string => readFileSync(at(kind), "utf8");

interface Sarif {
  readonly runs: readonly {
    readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
    readonly results: readonly {
      readonly ruleId: string;
      readonly locations: readonly { readonly physicalLocation: { readonly artifactLocation: { readonly uri: string } } }[];
      readonly codeFlows?: readonly {
        readonly threadFlows: readonly { readonly id: string; readonly locations: readonly { readonly executionOrder: number }[] }[];
      }[];
    }[];
  }[];
}

/** A result around one violation whose texts are hostile. */
function hostile(text: string) {
  const trace = changed((each) => {
    each.protocol = text;
    each.violation.message = text;
    each.steps[0].operation = text;
    each.steps[0].changes[0].name = text;
  });
  return [
    {
      files: ["trace.json"],
      accepted: [false],
      remarks: [],
      result: {
        spec: "specs/x.ts",
        exportName: "broken",
        protocol: text,
        parameters: {},
        varied: false,
        kernel: null,
        verdict: "violated",
        bound: null,
        violations: [{ kind: "deadlock", property: "deadlock", message: text, site: null, trace, replay: { verdict: "reproduced", message: "", step: 3 } }],
        diagnostics: [],
        stats: null,
        warnings: [],
        rules: [],
        profile: null,
        expected: "holds",
      },
    },
  ] as never;
}
const nasty = 'a<b>&"c" ]]> ```\n::error::%0A | `x` \u0000\u001b[31m';

test("a run with several reporters writes all of them and nothing to standard output", () => {
  expect(all.stdout).toBe("");
  expect(all.code).toBe(2);
  for (const kind of ["json", "ndjson", "junit", "sarif", "github", "markdown", "pretty"]) expect(read(kind)).not.toBe("");
});

describe("sarif", () => {
  const log = JSON.parse(read("sarif")) as Sarif;

  test("is valid SARIF 2.1.0", () => {
    expect(validate(log), JSON.stringify(validate.errors?.slice(0, 3))).toBe(true);
    const other = JSON.parse(sarif(hostile(nasty), { expect: false, interrupted: false })) as Sarif;
    expect(validate(other), JSON.stringify(validate.errors?.slice(0, 3))).toBe(true);
  });

  test("has a rule for each kind of result, and a result for each violation and each diagnostic", () => {
    const [first] = log.runs;
    expect(first?.results.map(({ ruleId }) => ruleId).sort()).toEqual(
      ["deadlock", "invariant", "out-of-range", "unreplied-call", expect.stringMatching(/^IPC/u)].sort(),
    );
    expect(new Set(first?.tool.driver.rules.map(({ id }) => id))).toEqual(new Set(first?.results.map(({ ruleId }) => ruleId)));
  });

  test("has one thread flow for each thread that acts, and the schedule in executionOrder", () => {
    const results = log.runs[0]?.results ?? [];
    for (const { codeFlows } of results) {
      for (const { threadFlows } of codeFlows ?? []) {
        expect(new Set(threadFlows.map(({ id }) => id)).size).toBe(threadFlows.length);
        const order = threadFlows.flatMap(({ locations }) => locations.map(({ executionOrder }) => executionOrder)).sort((a, b) => a - b);
        expect(order).toEqual(order.map((_, index) => index + 1));
      }
    }
    expect(results.some(({ codeFlows }) => (codeFlows?.[0]?.threadFlows.length ?? 0) > 1)).toBe(true);
  });

  test("keeps the locations of a long trace within what services take", () => {
    const [reported] = hostile("x") as unknown as { result: { violations: { trace: { steps: unknown[]; decisions: unknown[] } }[] } }[];
    const trace = reported?.result.violations[0]?.trace;
    if (trace === undefined) throw new Error("no trace");
    trace.steps = Array.from({ length: 20_000 }, () => trace.steps[0]);
    const long = JSON.parse(sarif([reported] as never, { expect: false, interrupted: false })) as Sarif;
    const flows = long.runs[0]?.results[0]?.codeFlows?.[0]?.threadFlows ?? [];
    expect(flows.reduce((sum, { locations }) => sum + locations.length, 0)).toBe(10_000);
    expect(flows.at(-1)?.locations.at(-1)?.executionOrder).toBe(20_000);
  });
});

describe("junit", () => {
  const parse = (text: string): Document => {
    const complain = (message: unknown): never => {
      throw new Error(String(message));
    };
    return new DOMParser({ errorHandler: { warning: complain, error: complain, fatalError: complain } }).parseFromString(text, "text/xml");
  };

  test("counts what it lists", () => {
    for (const text of [read("junit"), junit(hostile(nasty), { expect: false, interrupted: false })]) {
      const document = parse(text);
      for (const suite of Array.from(document.getElementsByTagName("testsuite"))) {
        expect(suite.getElementsByTagName("testcase")).toHaveLength(Number(suite.getAttribute("tests")));
        expect(suite.getElementsByTagName("failure")).toHaveLength(Number(suite.getAttribute("failures")));
        expect(suite.getElementsByTagName("error")).toHaveLength(Number(suite.getAttribute("errors")));
      }
    }
  });

  test("has a failure for each violated protocol, an error for a specification that does not load, and the interleaving as text", () => {
    const document = parse(read("junit"));
    expect(document.documentElement.getAttribute("failures")).toBe("4");
    expect(document.documentElement.getAttribute("errors")).toBe("1");
    const texts = Array.from(document.getElementsByTagName("failure"), (each) => each.textContent ?? "");
    for (const text of texts) expect(text).toContain("Reproduce: ipc-check replay ");
  });
});

test("github annotations are one line each, with everything escaped that ends a command", () => {
  const text = github(hostile(nasty), { expect: false, interrupted: false });
  const lines = text.trimEnd().split("\n");
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(/^::error file=specs\/l4\/example\.ts,line=\d+,col=\d+,title=ipc-check%3A deadlock::/u);
  expect(lines[0]).toContain("%25" + "0A");
  expect(read("github").match(/^::error /gmu)).toHaveLength(5);
});

test("the markdown report has a row for each check and a diagram for each counterexample, whatever is in the texts", () => {
  const text = read("markdown");
  expect(text.match(/^\| [✅❌⚠]/gmu)).toHaveLength(7);
  expect(text.match(/^```mermaid$/gmu)).toHaveLength(4);
  const other = markdown(hostile(nasty), { expect: false, interrupted: false });
  const table = other.split("\n").find((line) => line.startsWith("| ❌")) ?? "";
  expect(table.replaceAll("\\|", "").match(/\|/gu)).toHaveLength(6);
  expect(other).toContain("````text");
});

test("ndjson has one object a line: start, one for each result, and the counts", () => {
  const events = read("ndjson")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { readonly event: string; readonly verdict?: string });
  expect(events.map(({ event }) => event)).toEqual(["start", ...Array.from({ length: 7 }, () => "result"), "end"]);
  expect(events.at(-1)).toMatchObject({ checks: 7, holds: 2, violated: 4, error: 1, interrupted: false });
});

describe("what is asked wrongly", () => {
  test.each([
    [["--reporter", "pdf"], '"pdf" is no reporter; there are pretty, json, ndjson, junit, sarif, github, markdown.'],
    [["--reporter", "sarif", "--reporter", "junit"], '"sarif" goes to standard output already'],
    [["--reporter", "sarif="], 'Name a file after "sarif=".'],
    [["--reporter", "sarif", "--json"], "cannot be used with"],
    [["--reporter", "sarif=/proc/none/x"], "the report cannot be written to /proc/none/x"],
    [["--out", "pdf=x"], '"pdf" is no format of counterexamples'],
    [["--out", "svg"], "It must be svg=PATH."],
    [["--out", "svg=/proc/none/x.svg"], "the counterexample cannot be written to /proc/none/x.svg"],
  ])("%j is refused with a message and exit code 2", async (options, message) => {
    const { code, stderr } = await run(["verify", "specs/l4/hostage-reply.ts", "--no-trace-file", ...options]);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain("    at ");
    expect(code).toBe(2);
  });
});

test("--out writes each counterexample, numbered where one file is named, under its own name in a folder", async () => {
  const out = mkdtempSync(join(folder, "out-"));
  await run(["verify", "specs/shm/mutex1.ts", "--no-trace-file", "--out", `mermaid=${out}/m.mmd`, "--out", `svg=${out}/figures/`]);
  for (const name of ["m.mmd", "m-2.mmd", "m-3.mmd"]) expect(readFileSync(join(out, name), "utf8")).toContain("sequenceDiagram");
  for (const kind of ["broken-invariant", "unbounded-out-of-range", "stuck-deadlock"])
    expect(readFileSync(join(out, "figures", `specs-shm-mutex1-${kind}.svg`), "utf8")).toContain("</svg>");
});
