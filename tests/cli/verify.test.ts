import { existsSync, readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { Ajv } from "ajv";
import { afterAll, describe, expect, test } from "vitest";
import { counter, project } from "../loader/project.ts";
import { run } from "./run.ts";

const here = project();
afterAll(() => here.remove());
const schema = JSON.parse(readFileSync("counterexamples/schemas/results.schema.json", "utf8")) as object;
const valid = new Ajv({ allErrors: true, allowUnionTypes: true, strictTypes: false }).compile(schema);

here.write("holds.ts", counter);
/** Three adders in a cell for two. */
here.write("violated.ts", counter.replace("count: 2,", "count: 3,").replace('"counter"', '"too many"'));
here.write("expected.ts", `${counter.replace("count: 2,", "count: 3,").replace("  threads:", '  expect: { violated: "out-of-range" },\n  threads:')}`);
here.write("swept.ts", counter.replace("memory:", "parameters: { adders: 1 },\n  memory:").replace("count: 2,", 'count: "adders",'));
/** Millions of states: six threads that each count to nine. */
here.write(
  "large.ts",
  `import { array, int, protocol } from "ipc-check";
import * as shm from "ipc-check/kernels/shm";
export default protocol("large", {
  kernel: shm.kernel(),
  memory: { counts: array(8, int(0, 9)) },
  threads: { adder: { count: 8, *run({ counts, index }) { while ((yield* counts.at(index).fetchAdd(1)) < 8) {} } } },
});
`,
);
here.write("broken.ts", "export default protocol(;\n");
const at = { cwd: here.root };

interface Document {
  readonly results: readonly {
    readonly spec: string;
    readonly verdict: string;
    readonly bound: string | null;
    readonly asExpected?: boolean;
    readonly parameters: Readonly<Record<string, number>>;
    readonly violations: readonly {
      readonly kind: string;
      readonly trace: string | null;
      readonly steps: number;
      readonly replay: { readonly verdict: string };
    }[];
    readonly diagnostics: readonly { readonly code: string }[];
    readonly stats: { readonly states: number; readonly frontier: number } | null;
  }[];
}
/** Runs with --json and checks the document against the published schema. */
async function json(args: readonly string[]): Promise<{ readonly code: number | null; readonly document: Document }> {
  const { code, stdout } = await run(["verify", "--json", ...args], at);
  const document: unknown = JSON.parse(stdout);
  expect(valid(document), JSON.stringify(valid.errors)).toBe(true);
  return { code, document: document as Document };
}

describe("verify", () => {
  test("a protocol that holds: 0, figures on stdout, nothing on stderr", async () => {
    const { code, stdout, stderr } = await run(["verify", "holds.ts"], at);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^holds {2}counter {2}holds\.ts \(default\) {2}\[shm\]\n {2}3 states, 3 transitions, depth 2.*\n {2}symmetry: adder 2! = 2\n/);
  });

  test("a violation: 1, the interleaving, its replay, and a last line that works", async () => {
    const { code, stdout } = await run(["verify", "violated.ts"], at);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^violated: out-of-range/);
    expect(stdout).toContain("reproduced");
    const last = stdout.trimEnd().split("\n").at(-1) ?? "";
    const trace = /ipc-check replay (\S+)$/.exec(last)?.[1];
    expect(trace).toBe(".ipc-check/violated-default-out-of-range.json");
    const again = await run(["replay", trace ?? ""], at);
    expect([again.code, again.stderr]).toEqual([0, ""]);
    expect(again.stdout).toMatch(/^reproduced: /m);
  });

  test("no trace file where none is wanted", async () => {
    await run(["verify", "violated.ts", "--trace-dir", "none", "--no-trace-file"], at);
    expect(existsSync(here.path("none"))).toBe(false);
    await run(["verify", "violated.ts", "--trace-dir", "some/where"], at);
    expect(readdirSync(here.path("some/where"))).toEqual(["violated-default-out-of-range.json"]);
  });

  test("--expect compares with what the specification expects", async () => {
    expect((await run(["verify", "expected.ts"], at)).code).toBe(1);
    const good = await run(["verify", "expected.ts", "holds.ts", "--expect"], at);
    expect(good.code).toBe(0);
    expect(good.stdout).toContain("2 checks: 1 violated, 1 holds; all as expected");
    const bad = await run(["verify", "violated.ts", "holds.ts", "--expect"], at);
    expect(bad.code).toBe(1);
    expect(bad.stdout).toContain("NOT AS EXPECTED violated: out-of-range (expected: holds)");
    here.write("too-good.ts", counter.replace("  threads:", '  expect: { violated: "deadlock" },\n  threads:'));
    expect((await run(["verify", "too-good.ts", "--expect"], at)).code).toBe(1);
    here.write("other-kind.ts", counter.replace("count: 2,", "count: 3,").replace("  threads:", '  expect: { violated: "deadlock" },\n  threads:'));
    expect((await run(["verify", "other-kind.ts", "--expect"], at)).code).toBe(1);
  });

  test("parameters are set and swept", async () => {
    const { code, document } = await json(["swept.ts", "--param", "adders=1..3", "--no-symmetry"]);
    expect(code).toBe(1);
    expect(document.results.map(({ parameters, verdict, stats }) => [parameters["adders"], verdict, stats?.states])).toEqual([
      [1, "holds", 2],
      [2, "holds", 4],
      [3, "violated", 7],
    ]);
    expect(document.results[2]?.violations[0]?.trace).toBe(".ipc-check/swept-default-adders3-out-of-range.json");
  });

  test("folders and patterns: helper modules are passed over, a name that was given is not", async () => {
    here.write("library/one.ts", counter);
    here.write("library/deep/two.ts", counter);
    here.write("library/helper.ts", "export const limit = 3;\n");
    here.write("library/node_modules/three.ts", "throw new Error('never loaded');\n");
    for (const target of ["library", "library/**/*.ts", "./library/**"]) {
      const { code, document } = await json([target]);
      expect([code, document.results.map(({ spec }) => spec)], target).toEqual([0, ["library/deep/two.ts", "library/one.ts"]]);
    }
    expect((await run(["verify", "library/helper.ts"], at)).code).toBe(2);
    expect((await run(["verify", "library/*.mts"], at)).code).toBe(2);
    expect((await run(["verify", "library/h*.ts"], at)).code).toBe(2);
  });

  test("a specification with an error does not keep others from being checked", async () => {
    const { code, document } = await json(["broken.ts", "violated.ts", "holds.ts"]);
    expect(code).toBe(2);
    expect(document.results.map(({ verdict }) => verdict)).toEqual(["error", "violated", "holds"]);
    expect(document.results[0]?.diagnostics[0]?.code).toBe("IPC002");
    const text = await run(["verify", "broken.ts"], at);
    expect(text.stderr).toMatch(/^broken\.ts:1:25 error IPC002: /);
    expect(text.stderr).toContain("ipc-check explain IPC002");
  });

  test("a bound makes the result inconclusive: 3, and says what was covered", async () => {
    for (const [option, value, bound] of [
      ["--max-states", "1000", "states"],
      ["--max-depth", "3", "depth"],
      ["--timeout", "0.3", "time"],
      ["--max-memory", "24M", "memory"],
    ] as const) {
      const { code, document } = await json(["large.ts", "--no-symmetry", option, value]);
      expect([code, document.results[0]?.verdict, document.results[0]?.bound], option).toEqual([3, "inconclusive", bound]);
      expect(document.results[0]?.stats?.frontier, option).toBeGreaterThan(0);
    }
    const text = await run(["verify", "large.ts", "--max-states", "1000"], at);
    expect(text.stdout).toMatch(/not all states were visited: the limit of states was reached/);
    expect((await run(["verify", "large.ts", "--max-states", "1000", "--expect"], at)).code).toBe(3);
  });

  test("a store that hashes says so, with the probability of a state left out", async () => {
    const { code, document } = await json(["holds.ts", "--store", "compact"]);
    expect(code).toBe(0);
    expect(document.results[0]?.stats).toMatchObject({ store: "compact", unchecked: [] });
    const text = await run(["verify", "large.ts", "--no-symmetry", "--max-states", "100000", "--store", "compact"], at);
    expect(text.stdout).toMatch(/rests on hashing \(--store compact\): a state may have been left out, with probability 2\.7e-10/);
    expect((await run(["verify", "holds.ts", "--store", "tree"], at)).code).toBe(2);
  });

  test("Ctrl-C: 130, with the figures so far", async () => {
    const slow = here.write("slow.ts", readFileSync(here.path("large.ts"), "utf8").replaceAll("8,", "10,").replace("array(8", "array(10"));
    const { code, stdout, stderr } = await run(["verify", slow, "--verbose"], { ...at, interrupt: { when: /checking large/ } });
    expect(stderr).toContain("interrupted");
    expect(stdout).toMatch(/inconclusive .*slow\.ts.* states, .* transitions.*interrupted/s);
    expect(code).toBe(130);
  });

  test("the exit code of several results is the worst", async () => {
    expect((await run(["verify", "holds.ts", "large.ts", "--max-states", "1000"], at)).code).toBe(3);
    expect((await run(["verify", "violated.ts", "large.ts", "--max-states", "1000"], at)).code).toBe(1);
    expect((await run(["verify", "violated.ts", "broken.ts"], at)).code).toBe(2);
  });

  test("colour: off in a pipe, on when forced, NO_COLOR obeyed", async () => {
    const sequence = "\u001b[";
    expect((await run(["verify", "holds.ts"], at)).stdout).not.toContain(sequence);
    expect((await run(["verify", "holds.ts", "--color", "always"], at)).stdout).toContain(sequence);
    expect((await run(["verify", "holds.ts"], { ...at, env: { FORCE_COLOR: "1" } })).stdout).toContain(sequence);
    expect((await run(["verify", "holds.ts", "--color", "never"], { ...at, env: { FORCE_COLOR: "1" } })).stdout).not.toContain(sequence);
    expect((await run(["verify", "holds.ts"], { ...at, env: { NO_COLOR: "1" } })).stdout).not.toContain(sequence);
  });

  test("--quiet prints verdicts only, --json only the document", async () => {
    expect((await run(["verify", "holds.ts", "swept.ts", "-q"], at)).stdout.trimEnd().split("\n")).toHaveLength(2);
    const { stdout, stderr } = await run(["verify", "violated.ts", "--json"], at);
    expect(() => JSON.parse(stdout) as unknown).not.toThrow();
    expect(stderr).toBe("");
  });

  test("the naive checker agrees on verdicts and figures", async () => {
    const fast = (await json(["holds.ts", "violated.ts", "swept.ts", "--no-symmetry"])).document.results;
    const naive = (await json(["holds.ts", "violated.ts", "swept.ts", "--engine", "naive"])).document.results;
    expect(naive.map(({ verdict, stats }) => [verdict, stats?.states])).toEqual(fast.map(({ verdict, stats }) => [verdict, stats?.states]));
  });
});

describe("bad input", () => {
  const cases: readonly [name: string, text: string, code: string][] = [
    ["throws on import", "throw new Error('no');\n", "IPC004"],
    ["has no default export", "export {};\n", "IPC005"],
    ["misspells an option", counter.replace("kernel:", "kernal:"), "IPC007"],
    ["names a CPU that does not exist", counter.replace("shm.kernel()", "shm.kernel({ cpus: 1 })").replace("count: 2,", "count: 2, cpu: 4,"), "IPC007"],
    ["has a placement that throws", counter.replace("count: 2,", "count: 2, cpu: () => { throw new Error('nowhere'); },"), "IPC007"],
    ["takes one name twice", counter.replace("memory:", "parameters: { count: 1 },\n  memory:"), "IPC007"],
  ];
  for (const [name, text, code] of cases) {
    test(`a specification that ${name}: 2, with ${code}`, async () => {
      const result = await run(["verify", here.write(`bad-${code}-${text.length}.ts`, text)], at);
      expect([result.code, /IPC\d+/.exec(result.stderr)?.[0]]).toEqual([2, code]);
      expect(result.stderr).not.toMatch(/^\s+at /m);
    });
  }

  test("an endless local loop is found, with its place: 2", async () => {
    const loop = "while (i < 1) {\n          i = 0;\n        }";
    const after = here.write("endless.ts", counter.replace("yield* count.fetchAdd(1);", `let i = 0;\n        yield* count.fetchAdd(1);\n        ${loop}`));
    const result = await run(["verify", after], at);
    expect([result.code, result.stderr]).toEqual([2, expect.stringMatching(/^endless\.ts:12:9 error IPC008: /)]);
    const before = here.write(
      "endless-at-once.ts",
      counter.replace("yield* count.fetchAdd(1);", `let i = 0;\n        ${loop}\n        yield* count.fetchAdd(1);`),
    );
    expect((await run(["verify", before], at)).stderr).toMatch(/IPC008: .* before its first operation/);
  });

  test("a state that is too large is an error: 2", async () => {
    const file = here.write(
      "huge.ts",
      `import { array, int, protocol } from "ipc-check";
import * as shm from "ipc-check/kernels/shm";
export default protocol("huge", {
  kernel: shm.kernel(),
  memory: { cells: array(4096, int(0, 1000000)), more: array(4096, int(0, 1000000)) },
  threads: { writer: { count: 2, *run({ cells, more, index }) { while (true) { const old = yield* cells.at(index).fetchAdd(1); yield* more.at(old % 4096).write(old); } } } },
});
`,
    );
    const result = await run(["verify", file], at);
    expect([result.code, result.stderr]).toEqual([2, expect.stringMatching(/^error IPC009: .* needs \d+ bits/)]);
  });

  test.each([
    [["verify"], /name what is to be checked/],
    [["verify", "nowhere.ts"], /IPC001/],
    [["verfy"], /Did you mean verify/],
    [["verify", "holds.ts", "--max-states", "many"], /positive integer/],
    [["verify", "holds.ts", "--colour"], /unknown option/],
    [["verify", "swept.ts", "--param", "adder=3"], /did you mean "adders"/],
    [["verify", "swept.ts", "--param", "adders=99"], /count must be/],
    [["verify", "holds.ts", "--export", "other"], /there are default/],
    [["explain", "IPC0O4"], /did you mean IPC004/],
    [["init", "--template", "lock"], /rpc, ring-buffer, mutex/],
    [["init", "first"], /first should end in \.ts$/m],
    [["init", "rpc"], /rpc should end in \.ts; .* ipc-check init --template rpc/],
    [["replay", "nothing.json"], /nothing\.json/],
    [[], /Usage/],
  ])("usage %j: 2", async (args, says) => {
    const { code, stderr } = await run(args, at);
    expect(code).toBe(2);
    expect(stderr).toMatch(says);
  });
});

describe("replay", () => {
  test("a trace whose specification has changed since is refused: 2", async () => {
    const file = here.write("edited.ts", readFileSync(here.path("violated.ts"), "utf8"));
    await run(["verify", file], at);
    here.write("edited.ts", `${readFileSync(file, "utf8")}// a comment\n`);
    const { code, stderr } = await run(["replay", ".ipc-check/edited-default-out-of-range.json"], at);
    expect(code).toBe(2);
    expect(stderr).toMatch(/edited\.ts .*has changed since .*ipc-check verify edited\.ts/);
  });

  test("damaged traces are refused: 2, without a stack", async () => {
    await run(["verify", "violated.ts"], at);
    const good = readFileSync(here.path(".ipc-check/violated-default-out-of-range.json"), "utf8");
    const damaged = [
      good.slice(0, good.length / 2),
      "",
      "[]",
      "null",
      '{ "format": "other" }',
      good.replace('"version": 1', '"version": 99'),
      good.replace(/"decisions": \[/, '"decisions": [7, '),
    ];
    for (const [i, text] of damaged.entries()) {
      const { code, stderr } = await run(["replay", here.write(`damaged-${i}.json`, text)], at);
      expect(code, text.slice(0, 40)).toBe(2);
      expect(stderr).toMatch(/^error: /);
      expect(stderr).not.toMatch(/^\s+at /m);
    }
  });

  test("a schedule that was tampered with diverges: 1", async () => {
    await run(["verify", "violated.ts"], at);
    const trace = JSON.parse(readFileSync(here.path(".ipc-check/violated-default-out-of-range.json"), "utf8")) as {
      decisions: { thread: number }[];
      steps: { thread: string; cpu: number }[];
    };
    for (const decision of trace.decisions) decision.thread = 0;
    for (const step of trace.steps) Object.assign(step, { thread: "adder[0]", cpu: 0 });
    const { code, stdout } = await run(["replay", here.write("tampered.json", JSON.stringify(trace)), "--json"], at);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ replay: { verdict: "diverged" } });
  });
});

describe("list, explain, init", () => {
  test("list shows the protocols of a library", async () => {
    const { code, stdout } = await run(["list", "--json", resolve("specs/l4")], at);
    expect(code).toBe(0);
    const { protocols } = JSON.parse(stdout) as { protocols: { spec: string; export: string; expect: string }[] };
    expect(protocols.length).toBeGreaterThan(15);
    expect(protocols).toContainEqual(expect.objectContaining({ export: "broken", expect: "unreplied-call", scenario: "L4-1" }));
    expect((await run(["list", "swept.ts"], at)).stdout).toMatch(/swept\.ts +default +counter +shm +adders=1/);
  });

  test("explain knows every code that it lists", async () => {
    const all = (await run(["explain"], at)).stdout
      .trimEnd()
      .split("\n")
      .map((line) => line.split(" ")[0] ?? "");
    expect(all).toEqual(expect.arrayContaining(["deadlock", "IPC001", "IPC007", "IPC100"]));
    expect(new Set(all).size).toBe(all.length);
    const { code, stdout } = await run(["explain", "ipc004"], at);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^IPC004: the specification throws/)]);
  });

  test.each(["rpc", "ring-buffer", "mutex"])("init writes the template %s, which verifies as it says", async (template) => {
    const folder = project();
    try {
      const first = await run(["init", "--template", template], { cwd: folder.root });
      expect([first.code, first.stdout]).toEqual([0, expect.stringContaining(`next:  npx ipc-check verify ${template}.ts`)]);
      expect((await run(["verify", `${template}.ts`, "--expect"], { cwd: folder.root })).code).toBe(0);
      const text = readFileSync(folder.path(`${template}.ts`), "utf8");
      folder.write(`${template}.ts`, "mine");
      const second = await run(["init", "--template", template], { cwd: folder.root });
      expect([second.code, second.stderr, readFileSync(folder.path(`${template}.ts`), "utf8")]).toEqual([2, expect.stringContaining("--force"), "mine"]);
      await run(["init", "--template", template, "--force"], { cwd: folder.root });
      expect(readFileSync(folder.path(`${template}.ts`), "utf8")).toBe(text);
    } finally {
      folder.remove();
    }
  });

  // What the comments at the head of the templates promise.
  test.each([
    ["rpc", '{ send: "zero" }', '{ send: "infinite" }', "unreplied-call"],
    [
      "ring-buffer",
      "yield* ring.at(next % size).write(value);",
      'yield* tail.store((next + 1) % laps, "release");\n          yield* ring.at(next % size).write(value);',
      "data-race",
    ],
    ["mutex", "word.exchange(2)", "word.exchange(1)", "lost-wakeup"],
  ])("what template %s says to try is violated as it says", async (template, from, to, kind) => {
    const text = readFileSync(`templates/${template}.ts`, "utf8");
    expect(text).toContain(from);
    const { code, document } = await json([
      here.write(
        `try-${template}.ts`,
        text.replace(from, to).replace("futex.wait(word, 2)", template === "mutex" ? "futex.wait(word, 1)" : "futex.wait(word, 2)"),
      ),
    ]);
    expect([code, document.results[0]?.violations.map((violation) => violation.kind)]).toEqual([1, expect.arrayContaining([kind])]);
  });

  test("help of every command has examples and goes to stdout: 0", async () => {
    for (const command of [[], ["verify"], ["replay"], ["list"], ["explain"], ["init"]]) {
      const { code, stdout, stderr } = await run([...command, "--help"], at);
      expect([code, stderr]).toEqual([0, ""]);
      expect(stdout).toMatch(/Example/);
    }
  });
});
