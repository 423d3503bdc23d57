import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { SpecError } from "../../dist/model/loader/diagnostic.js";
import { loadSpec } from "../../dist/model/loader/load.js";
import { sourceOf } from "../../dist/model/loader/registry.js";
import { counter, project } from "./project.ts";

const here = project();
afterAll(() => here.remove());

async function problemOf(file: string, patience?: number) {
  const error = await loadSpec(file, patience === undefined ? {} : { patience }).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof SpecError)) throw new Error(`expected a SpecError, not ${String(error)}`);
  const [problem] = error.diagnostics;
  if (problem === undefined) throw new Error("a SpecError without diagnostics");
  return problem;
}
const runOf = (spec: Awaited<ReturnType<typeof loadSpec>>, thread: string) => sourceOf(spec.protocols[0]?.protocol.threads[thread]?.run);

describe("loading a specification", () => {
  test("inside the repository, where ipc-check cannot be imported by name", async () => {
    const spec = await loadSpec("specs/l4/hostage-reply.ts");
    expect(spec.protocols.map(({ exportName }) => exportName)).toEqual(["broken", "repaired"]);
    const source = runOf(spec, "server");
    expect(source?.module.file).toBe("specs/l4/hostage-reply.ts");
    expect(source?.module.text).toBe(readFileSync("specs/l4/hostage-reply.ts", "utf8"));
    expect(source?.node.generator).toBe(true);
  });

  test("the protocol's kernel is the tool's own, whose rules have sources too", async () => {
    const spec = await loadSpec("specs/l4/hostage-reply.ts");
    const operation = spec.protocols[0]?.protocol.kernel.operations[0];
    const rules = Object.values(operation?.declaration.rules ?? {});
    expect(rules.length).toBeGreaterThan(3);
    for (const rule of rules) expect(sourceOf(rule.do)?.module.file).toBe("ipc-check/kernel/l4/rules.js");
  });

  test("whose helpers come from other files", async () => {
    here.write("lib/deep/lock.ts", "import type { Cell } from 'ipc-check';\nexport function* lock(cell: Cell<number>) {\n  yield* cell.store(1);\n}\n");
    here.write("lib/index.ts", "export * from './deep/lock.ts';\nexport const limit = 3;\n");
    const file = here.write(
      "helpers.ts",
      counter
        .replace("import { int", "import { limit, lock } from './lib/index.ts';\nimport { int")
        .replace("yield* count.fetchAdd(1);", "yield* lock(count);\n        if (limit > 2) return;"),
    );
    const spec = await loadSpec(file);
    expect(spec.closure).toEqual(["helpers.ts", "lib/deep/lock.ts", "lib/index.ts"].map((name) => here.path(name)));
    const source = runOf(spec, "adder");
    expect(source?.captured("limit")).toBe(3);
    const lock = sourceOf(source?.captured("lock"));
    expect(lock?.module.text).toContain("yield* cell.store(1)");
    expect(lock?.module.text.slice(lock.start)).toMatch(/^function\* lock/);
    expect(source?.captures("count")).toBe(false);
  });

  test("that uses a package of its own project", async () => {
    here.write("node_modules/numbers/package.json", '{ "name": "numbers", "version": "1.0.0", "type": "module", "exports": { "import": "./main.js" } }');
    here.write("node_modules/numbers/main.js", "export const two = 2;\nexport const plus = (a, b) => a + b;\n");
    const file = here.write(
      "package.ts",
      counter.replace("import { int", "import { plus, two } from 'numbers';\nimport { int").replace("int(0, 2)", "int(0, plus(two, 1))"),
    );
    const spec = await loadSpec(file);
    expect(spec.protocols[0]?.protocol.memory["count"]).toMatchObject({ max: 3 });
    expect(spec.closure).toEqual([file]);
  });

  test("with several exports, in the order of its text and each only once", async () => {
    const file = here.write(
      "several.ts",
      `${counter.replace("export default", "const main =")}export const zebra = { ...main, name: "zebra" };\nexport const ant = { ...main, name: "ant" };\nexport { main as default, main as again };\nexport const limit = 3;\n`,
    );
    const spec = await loadSpec(file);
    expect(spec.protocols.map(({ exportName }) => exportName)).toEqual(["zebra", "ant", "default"]);
  });

  test("written in JavaScript, with a byte order mark and Windows line ends", async () => {
    const file = here.write("plain.js", `\ufeff${counter.replaceAll("\n", "\r\n")}`);
    const source = runOf(await loadSpec(file), "adder");
    expect(source?.module.site(source.start, source.node.end).line).toBe(10);
  });

  test("puts the site of every yield* on its operation", async () => {
    const spec = await loadSpec(here.write("sites.ts", counter));
    const { instantiate } = await import("../../dist/model/language/protocol.js");
    const protocol = spec.protocols[0]?.protocol;
    if (protocol === undefined) throw new Error("no protocol");
    const thread = instantiate(protocol).threads[0];
    const step = thread?.run?.(thread.context as never).next().value;
    const start = counter.indexOf("yield*");
    expect(step).toMatchObject({ kind: "memory", action: "fetchAdd", site: { start, end: start + "yield* count.fetchAdd(1)".length, line: 11, column: 9 } });
  });
});

describe("the cache", () => {
  test("a second load uses the bundle of the first", async () => {
    const file = here.write("cached.ts", counter);
    const cacheDir = here.path("cache-a");
    const first = await loadSpec(file, { cacheDir });
    const names = readdirSync(cacheDir).sort();
    const bundle = names.find((name) => name.endsWith(".mjs")) ?? "";
    utimesSync(join(cacheDir, bundle), 1, 1);
    const second = await loadSpec(file, { cacheDir });
    expect(second.hash).toBe(first.hash);
    expect(readdirSync(cacheDir).sort()).toEqual(names);
    // Imported once by Node and not built anew.
    expect(second.protocols[0]?.protocol).toBe(first.protocols[0]?.protocol);
  });

  test("a change in any file of the closure is seen, and the old bundle removed", async () => {
    here.write("bound.ts", "export const bound = 2;\n");
    const file = here.write(
      "changing.ts",
      counter.replace("import { int", "import { bound } from './bound.ts';\nimport { int").replace("int(0, 2)", "int(0, bound)"),
    );
    const cacheDir = here.path("cache-b");
    const first = await loadSpec(file, { cacheDir });
    expect(first.protocols[0]?.protocol.memory["count"]).toMatchObject({ max: 2 });
    writeFileSync(here.path("bound.ts"), "export const bound = 5;\n");
    const second = await loadSpec(file, { cacheDir });
    expect(second.protocols[0]?.protocol.memory["count"]).toMatchObject({ max: 5 });
    expect(second.hash).not.toBe(first.hash);
    expect(readdirSync(cacheDir).filter((name) => name.endsWith(".mjs"))).toHaveLength(1);
  });

  test("lies in node_modules/.cache of the project, and a damaged index is built anew", async () => {
    const file = here.write("default-place.ts", counter);
    await loadSpec(file);
    const folder = here.path("node_modules/.cache/ipc-check");
    expect(existsSync(folder)).toBe(true);
    for (const name of readdirSync(folder)) if (name.endsWith(".json")) writeFileSync(join(folder, name), "{ damaged");
    expect((await loadSpec(file)).protocols).toHaveLength(1);
  });

  test("the hash does not depend on where the project lies", async () => {
    const other = project();
    try {
      const a = await loadSpec(here.write("same.ts", counter));
      const b = await loadSpec(other.write("same.ts", counter));
      expect(b.hash).toBe(a.hash);
    } finally {
      other.remove();
    }
  });
});

describe("a specification that cannot be loaded", () => {
  const cases: readonly [name: string, text: string, code: string, place: string | null, says: RegExp][] = [
    ["syntax error", "let a = 1;\nlet é = '😀'; let b = ;\n", "IPC002", "2:23", /Unexpected token/],
    ["import that leads nowhere", "import { a } from './nowhere.ts';\na();\n", "IPC002", "1:19", /resolve/],
    ["import of a name that is not exported", "import { nothing } from './good.ts';\nnothing();\n", "IPC002", "1:10", /nothing/],
    ["package that is not installed", "import a from 'no-such-package';\na();\n", "IPC002", "1:15", /no-such-package/],
    ["kernel that does not exist", "\nimport * as a from 'ipc-check/kernels/vms';\na.kernel();\n", "IPC002", "2:20", /ipc-check\/kernels\/l4/],
    ["error on import", "import { int } from 'ipc-check';\nconst f = (a: number) => int(a, 3);\nexport default f(5);\n", "IPC004", "2:26", /lower bound/],
    ["error in a helper module", "import { boom } from './boom.ts';\nboom();\n", "IPC004", "2:9", /no luck/],
    ["something thrown that is no error", "throw 'a string';\n", "IPC004", null, /a string/],
    ["rejected promise at the top level", "await Promise.reject(new Error('later'));\n", "IPC004", "1:22", /later/],
    ["no exports", "const a = 1;\nconsole.assert(a);\n", "IPC005", null, /exports no protocol/],
    ["no protocol among its exports", "export const a = 1;\n", "IPC005", null, /it exports a/],
    ["a default export that is no protocol", "export default { kernel: 1, threads: {} };\n", "IPC006", null, /an object/],
    ["misspelt option", counter.replace("memory:", "memroy:"), "IPC007", "6:3", /did you mean "memory"/],
    ["misspelt thread option", counter.replace("count: 2", "cuont: 2"), "IPC007", "9:7", /did you mean "count"/],
    ["thread without a program", counter.replace("*run({ count }) {", "*ran({ count }) {"), "IPC007", "10:8", /did you mean "run"/],
    [
      "program that is no generator",
      counter.replace("*run({ count }) {\n        yield* count.fetchAdd(1);", "run() {"),
      "IPC007",
      "10:7",
      /a thread needs a program/,
    ],
    ["misspelt kernel option", counter.replace("shm.kernel()", "shm.kernel({ cpu: 2 } as object)"), "IPC004", "5:15", /did you mean "cpus"/],
    ["kernel that is none", counter.replace("shm.kernel()", "shm.kernel"), "IPC007", "5:3", /must be a kernel/],
    ["misspelt scheduling", counter.replace("  threads: {", '  scheduling: "fifo" as never,\n  threads: {'), "IPC007", "7:3", /round-robin/],
    ["misspelt expectation", counter.replace("  threads: {", '  expect: { violated: "dead-lock" as never },\n  threads: {'), "IPC007", "7:13", /deadlock/],
  ];
  here.write("good.ts", counter);
  here.write("boom.ts", "export function boom(): void {\n  if (true)\n  throw new Error('no luck');\n}\n");

  for (const [name, text, code, place, says] of cases) {
    test(name, async () => {
      const problem = await problemOf(here.write(`bad/../${name.replaceAll(" ", "-")}.ts`, text));
      expect(problem.message).toMatch(says);
      expect(problem.code).toBe(code);
      if (name === "error in a helper module") {
        expect(problem.site?.file).toMatch(/boom\.ts$/);
        expect(problem.site?.line).toBe(3);
      } else expect(problem.site === null ? null : `${problem.site.line}:${problem.site.column}`).toBe(place);
      if (problem.site !== null) expect(problem.frame).toContain("^");
    });
  }

  test("a file that is not there, a folder, another kind of file", async () => {
    expect((await problemOf(here.path("nowhere.ts"))).code).toBe("IPC001");
    expect((await problemOf(here.root)).message).toMatch(/folder/);
    expect((await problemOf(here.write("notes.txt", "text"))).code).toBe("IPC001");
  });

  test("an endless loop at the top level ends with the given patience", async () => {
    const problem = await problemOf(here.write("endless.ts", "while (true) {}\n"), 0.5);
    expect(problem.code).toBe("IPC003");
  });

  test("a specification that ends the process does not end this one", async () => {
    const problem = await problemOf(here.write("exits.ts", "process.exit(7);\n"), 5);
    expect(problem).toMatchObject({ code: "IPC003", message: expect.stringContaining("exit code 7") });
  });

  test("with patience, a good specification loads and an error keeps its place", async () => {
    expect((await loadSpec(here.write("good2.ts", counter), { patience: 5 })).protocols).toHaveLength(1);
    expect((await problemOf(here.write("throws2.ts", "\nnull!.x;\n"), 5)).site).toMatchObject({ line: 2 });
  });
});
