/** Traces come from outside: whatever is wrong with a file is said, with the place, and nothing else happens. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, describe, expect, test } from "vitest";
import { maxTraceBytes, parseTrace, readTrace, TraceError } from "../../dist/counterexamples/read.js";
import { changed, type Loose, sample } from "./sample.ts";

const folder = mkdtempSync(join(tmpdir(), "traces-"));
afterAll(() => rmSync(folder, { recursive: true }));
const schema = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(JSON.parse(readFileSync("counterexamples/schemas/trace.schema.json", "utf8")));

function problem(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof TraceError) return error.message;
    throw error;
  }
  throw new Error("it was read without complaint");
}

describe("a good trace", () => {
  test("is read as it was written", () => {
    const file = join(folder, "good.json");
    writeFileSync(file, JSON.stringify(sample, null, 2));
    expect(readTrace(file)).toEqual(sample);
  });
  test("satisfies the published schema", () => {
    expect(schema(sample) || schema.errors).toBe(true);
  });
  test("may carry fields that this version does not know, which are left out", () => {
    expect(parseTrace(JSON.stringify({ ...sample, note: "mine" }), "t")).toEqual(sample);
  });
});

/** What is wrong, the trace, and what must be said; all of these break the schema too. */
const damaged: readonly (readonly [string, (trace: Loose) => void, string])[] = [
  ["no tool", (t) => delete t.tool, "tool is missing"],
  ["no tool version", (t) => delete t.tool.version, "tool.version is missing"],
  [
    "version as text",
    (t) => {
      t.version = "1";
    },
    'version must be 1, not "1"',
  ],
  [
    "version zero",
    (t) => {
      t.version = 0;
    },
    "version must be 1, not 0",
  ],
  ["no hash", (t) => delete t.spec.hash, "spec.hash is missing"],
  [
    "a number for a path",
    (t) => {
      t.spec.path = 7;
    },
    "spec.path must be a string, not 7",
  ],
  ["no decisions", (t) => delete t.decisions, "decisions is missing"],
  [
    "decisions that are no list",
    (t) => {
      t.decisions = {};
    },
    "decisions must be a list, not an object",
  ],
  [
    "a decision of an unknown kind",
    (t) => {
      t.decisions[0].kind = "jump";
    },
    'decisions[0].kind must be "step" or "stop" or "background", not "jump"',
  ],
  [
    "a negative pick",
    (t) => {
      t.decisions[1].pick = -1;
    },
    "decisions[1].pick must be in 0..2147483647, not -1",
  ],
  [
    "a fraction for a transition",
    (t) => {
      t.decisions[1].transition = 1.5;
    },
    "decisions[1].transition must be an integer, not 1.5",
  ],
  [
    "a rule that is a list",
    (t) => {
      t.decisions[2].rule = ["x"];
    },
    "decisions[2].rule must be a string, not a list",
  ],
  [
    "an unknown kind of violation",
    (t) => {
      t.violation.kind = "bad luck";
    },
    "violation.kind must be",
  ],
  [
    "a location without a line",
    (t) => {
      t.violation.location = { file: "a.ts", column: 1 };
    },
    "violation.location.line is missing",
  ],
  [
    "a column zero",
    (t) => {
      t.steps[0].site.column = 0;
    },
    "steps[0].site.column must be in 1..2147483647, not 0",
  ],
  ["no operation", (t) => delete t.steps[2].operation, "steps[2].operation is missing"],
  [
    "changes that are null",
    (t) => {
      t.steps[1].changes = null;
    },
    "steps[1].changes must be a list, not null",
  ],
  [
    "a change with an unknown role",
    (t) => {
      t.steps[1].changes[0].role = "secret";
    },
    "steps[1].changes[0].role must be",
  ],
  [
    "a value that is an object",
    (t) => {
      t.steps[1].changes[0].after = { a: 1 };
    },
    "steps[1].changes[0].after must be a number, a string, true, false or null",
  ],
  [
    "a list in a list",
    (t) => {
      t.initial["ring[0]"] = [[1]];
    },
    'initial["ring[0]"][0] must be',
  ],
  [
    "no threads",
    (t) => {
      t.threads = [];
    },
    "threads is empty",
  ],
  ["a thread without a CPU", (t) => delete t.threads[1].cpu, "threads[1].cpu is missing"],
  [
    "untrusted as a word",
    (t) => {
      t.threads[2].untrusted = "yes";
    },
    'threads[2].untrusted must be true or false, not "yes"',
  ],
  [
    "a parameter that is text",
    (t) => {
      t.parameters.rounds = "2";
    },
    'parameters["rounds"] must be an integer, not "2"',
  ],
  [
    "a kernel option that is null",
    (t) => {
      t.kernel.options.atomic = null;
    },
    'kernel.options["atomic"] must not be null',
  ],
  [
    "an unknown scheduling",
    (t) => {
      t.scheduling = "fair";
    },
    "scheduling must be",
  ],
  ["an end without edges", (t) => delete t.end.edges, "end.edges is missing"],
  [
    "an unknown state of a thread",
    (t) => {
      t.end.threads[0].state = "asleep";
    },
    "end.threads[0].state must be",
  ],
];
/** Well formed, but one field contradicts another; a schema cannot say so. */
const inconsistent: readonly (readonly [string, (trace: Loose) => void, string])[] = [
  [
    "two threads of one name",
    (t) => {
      t.threads[1].name = "a";
    },
    "threads names a thread twice",
  ],
  [
    "fewer steps than decisions",
    (t) => {
      t.steps.pop();
    },
    "steps has 2 entries, but there are 3 decisions",
  ],
  [
    "a decision for a thread that does not exist",
    (t) => {
      t.decisions[1].thread = 3;
    },
    "decisions[1].thread must be below 3",
  ],
  [
    "a step that nobody takes",
    (t) => {
      t.decisions[1].thread = null;
    },
    "decisions[1].thread must not be null",
  ],
  [
    "a step of another rule than its decision",
    (t) => {
      t.steps[1].rule = "transfer";
    },
    'steps[1].rule must be "queue as sender"',
  ],
  [
    "a step of another thread than its decision",
    (t) => {
      t.steps[1].thread = "b";
    },
    'steps[1].thread must be "a"',
  ],
  [
    "a violation of an unknown thread",
    (t) => {
      t.violation.threads = ["x"];
    },
    'violation.threads names a thread that is not in the list of threads: "x"',
  ],
  [
    "an edge to an unknown thread",
    (t) => {
      t.end.edges[0].to = "x";
    },
    "end.edges names a thread that is not in the list of threads",
  ],
  [
    "a completion of an unknown thread",
    (t) => {
      t.steps[0].completed[0].thread = "x";
    },
    "steps[0].completed names a thread",
  ],
];

describe("a damaged trace", () => {
  test.each(damaged)("%s is refused, by the reader and by the schema", (_, change, message) => {
    const trace = changed(change);
    const said = problem(() => parseTrace(JSON.stringify(trace), "file.json"));
    expect(said).toContain("file.json: not a valid trace: ");
    expect(said).toContain(message);
    expect(schema(trace)).toBe(false);
  });
  test.each(inconsistent)("%s is refused", (_, change, message) => {
    expect(problem(() => parseTrace(JSON.stringify(changed(change)), "file.json"))).toContain(message);
  });

  test("of another kind of document is told apart", () => {
    expect(problem(() => parseTrace("", "f"))).toBe("f: the file is empty");
    expect(problem(() => parseTrace("[]", "f"))).toContain("not a trace");
    expect(problem(() => parseTrace("null", "f"))).toContain("not a trace");
    expect(problem(() => parseTrace('{"results": []}', "f"))).toContain('"format" is not "ipc-check trace"');
    expect(problem(() => parseTrace("protocol: x", "f"))).toContain("this is not JSON");
    expect(problem(() => parseTrace(JSON.stringify({ ...sample, version: 2 }), "f"))).toContain("format version 2, and this ipc-check reads version 1");
  });

  test("cut off at any place is refused", () => {
    const whole = JSON.stringify(sample);
    for (let length = 1; length < whole.length; length += 13)
      expect(problem(() => parseTrace(whole.slice(0, length), "f"))).toMatch(/ends in the middle|not JSON/u);
  });

  test("with __proto__ in it changes nothing but itself", () => {
    const json = JSON.stringify(sample).replace('"parameters":{', '"parameters":{"__proto__":1,');
    expect(Object.getPrototypeOf(parseTrace(json, "f").parameters)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>)["rounds"]).toBeUndefined();
  });

  test("as a file that is missing, a folder, binary or too large is refused unread", () => {
    expect(problem(() => readTrace(join(folder, "none.json")))).toContain("there is no such file");
    mkdirSync(join(folder, "sub"));
    expect(problem(() => readTrace(join(folder, "sub")))).toContain("this is a folder");
    writeFileSync(join(folder, "binary"), Buffer.from([0x7b, 0xff, 0xfe, 0x7d]));
    expect(problem(() => readTrace(join(folder, "binary")))).toContain("not text in UTF-8");
    const large = join(folder, "large.json");
    writeFileSync(large, "{");
    truncateSync(large, maxTraceBytes + 1);
    expect(problem(() => readTrace(large))).toContain("a trace has at most 67108864");
    expect(problem(() => readTrace("/dev/null"))).toContain("not an ordinary file");
  });
});
