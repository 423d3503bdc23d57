/** Specifications that are loaded without the bundler: the same protocols as with it, and everything else is left to it. */
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { compile } from "../../dist/model/compiler/index.js";
import { instantiate, type Protocol } from "../../dist/model/language/protocol.js";
import { bundle } from "../../dist/model/loader/bundle.js";
import { plain } from "../../dist/model/loader/plain.js";
import { SpecError } from "../../dist/model/loader/diagnostic.js";
import { loadSpec } from "../../dist/model/loader/load.js";
import { counter, project } from "./project.ts";

const here = project();
afterAll(here.remove);

const typed = `import type { Domain } from "ipc-check";
import { int, protocol, type Protocol, check, type Cell as Place, local, Domain as Range } from "ipc-check";
import * as shm from "ipc-check/kernels/shm";

interface Sizes { readonly most: number; grow?(): void }
type Names = "a" | "b";
export type { Names };
export interface Shown extends Sizes {}
const sizes: Sizes = { most: 2 } satisfies Sizes;
const twice = (value: number, more?: number): number => (value as number) * 2 + (more ?? 0);
function pick<const T extends readonly unknown[]>(from: T, at: number = 0): T[number] { return from[at]!; }
const domain: Range<number> = int(0, pick<readonly number[]>([sizes.most]) as number);

export default protocol("ty\\u0070ed – größer", {
  kernel: shm.kernel(),
  parameters: { rounds: 1 } as { rounds: number },
  memory: { count: domain },
  threads: {
    adder: {
      count: 2,
      *run({ count, rounds }) {
        let done: number = 0;
        const kept: number = local(int(0, 9), 1);
        while (done < (rounds as number)) {
          const old: number = (yield* count.fetchAdd(twice(kept - 1) + 1)) as number;
          check(old! < 2, "at most two");
          done++;
        }
      },
    },
  },
  invariants: { small: ({ count }: { count: number }): boolean => count <= sizes.most },
});
export const second: Protocol | null = null;
`;

const load = async (file: string): Promise<readonly Protocol[]> =>
  Object.values((await import(pathToFileURL(file).href)) as Record<string, unknown>).filter(
    (each): each is Protocol => typeof each === "object" && each !== null && "threads" in each,
  );
const systems = (protocols: readonly Protocol[]): readonly string[] => protocols.map((each) => JSON.stringify(compile(instantiate(each))));

/** The specification both ways; null where the bundler is needed. */
async function bothWays(file: string, name: string): Promise<{ readonly plain: readonly string[]; readonly bundled: readonly string[] } | null> {
  const made = plain(file, readFileSync(file, "utf8"));
  if (made === null) return null;
  const other = await bundle(file);
  expect(other.closed).toBe(true);
  // Names of types do no harm there.
  expect(other.exports.filter((each) => made.exports.includes(each))).toEqual(made.exports);
  writeFileSync(here.path(`${name}-plain.mjs`), made.code);
  writeFileSync(here.path(`${name}-bundled.mjs`), other.code);
  return { plain: systems(await load(here.path(`${name}-plain.mjs`))), bundled: systems(await load(here.path(`${name}-bundled.mjs`))) };
}

describe("a module that needs no bundler", () => {
  test("has types of every kind taken away, and every place is where it was", async () => {
    const made = await bothWays(here.write("typed.ts", typed), "typed");
    expect(made?.plain).toHaveLength(1);
    expect(made?.plain).toEqual(made?.bundled);
  });

  test.each(["specs/shm/mutex2.ts", "specs/l4/event-push.ts", "bench/specs/rpc.ts"])("%s is the same as with the bundler", async (path) => {
    const made = await bothWays(resolve(path), path.replaceAll(/\W/g, "-"));
    expect(made?.plain.length).toBeGreaterThan(0);
    expect(made?.plain).toEqual(made?.bundled);
  });

  test("is loaded so, once, and again from the cache", async () => {
    const file = here.write("counter.ts", counter);
    const cacheDir = here.path("cache");
    const [first, second] = [await loadSpec(file, { cacheDir, patience: 5 }), await loadSpec(file, { cacheDir, patience: 5 })];
    expect(second.protocols[0]?.protocol).toBe(first.protocols[0]?.protocol);
    const overlaid = await loadSpec(file, { cacheDir, overlay: new Map([[file, counter.replace("count: 2", "count: 3")]]) });
    expect(overlaid.protocols[0]?.protocol.threads["adder"]?.count).toBe(3);
  });
});

describe("the bundler is needed", () => {
  const around = (before: string, ...more: readonly string[]): string => [before, counter, ...more].join("\n");
  test.each([
    ["an enum", around("enum Kind { a, b }")],
    ["a namespace", around("namespace Inner { export const a = 1; }")],
    ["a class", around("class Box { private x = 1; }")],
    ["a file of its own", around('import { a } from "./other.ts"; a;')],
    ["a file whose exports it passes on", around('export * from "./other.ts";')],
    ["a package", around('import a from "some-package"; a;')],
    ["a module of Node's", around('import { readFileSync } from "node:fs"; readFileSync;')],
    ["a module that the tool does not have", around('import { a } from "ipc-check/kernels/none"; a;')],
    ["the time", around("const now = Date.now();")],
    ["output", around("console.log(1);")],
    ["a loop where it is loaded", around("for (const i of [1, 2]) i;")],
    ["a function that calls itself", around("const f = (n: number): number => (n === 0 ? 0 : f(n - 1)); f(3);")],
    ["functions that call each other", around("function f(): void { g(); } function g(): void { f(); } g;")],
    ["a function that is handed itself", around("const f = (g: any): unknown => g(g); f(f);")],
    ["a named function expression", around("const f = function again(): void { again(); }; f();")],
    ["a generator that is run where it is loaded", around("function* all(): Generator<number> { while (true) yield 1; }", "const every = [...all()];")],
    ["an assignment to a constant", around("const a = 1; const f = () => { a = 2; };")],
    ["an import that is assigned to", around("const f = () => { int = null; };")],
    ["a line that would be called", around("const a = counterOf as () => void", "(counterOf)", "function counterOf() {}").replace(counter, "")],
    ["an arrow function with type parameters, which begins elsewhere without them", around("const f = <T,>(x: T): T => x;")],
    ["a type assertion in angle brackets", around("const a = <number>1;")],
    ["CommonJS", "module.exports = {};"],
    ["a text that does not parse", around("const = 1;")],
  ])("for %s", (_, text) => {
    expect(plain(here.path("some.ts"), text)).toBeNull();
  });

  test("but not for what comes to an end by itself", () => {
    const fine = around(
      "const half = (n: number): number => n >> 1; function quarter(n: number): number { return half(half(n)); } const names = ['a'].map((each) => each + quarter(4));",
      "function* helper() { while (true) yield* later(); } const later = () => names; const o = { half, run: helper, later: [1].forEach((half) => half) };",
    );
    expect(plain(here.path("some.ts"), fine)).not.toBeNull();
  });

  test("to say what is wrong with a module that throws, in the same words at the same place", async () => {
    const wrong = (text: string): Promise<unknown> =>
      loadSpec(here.write("wrong.ts", text), { cacheDir: here.path("cache"), patience: 5 }).then(
        () => null,
        (error: unknown) => (error instanceof SpecError ? error.diagnostics : error),
      );
    const thrown = `${counter}\nconst text = null as unknown as string;\ntext.trim();\n`;
    expect(plain(here.path("wrong.ts"), thrown)).not.toBeNull();
    expect(await wrong(thrown)).toMatchObject([{ code: "IPC004", site: { line: 18, column: 6 } }]);
    // A second name for one thing is found by V8 only.
    const twice = `${counter}\nconst a = 1;\nexport { a, a };\n`;
    expect(await wrong(twice)).toMatchObject([{ code: "IPC002", site: { line: 18 } }]);
    const missing = `import { nothing } from "ipc-check";\n${counter}\nnothing;\n`;
    expect(await wrong(missing)).toMatchObject([{ code: "IPC004" }]);
  });
});
