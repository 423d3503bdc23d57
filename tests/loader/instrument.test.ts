import { describe, expect, test } from "vitest";
import { instrument } from "../../dist/model/loader/instrument.js";
import { project } from "./project.ts";
import { pathToFileURL } from "node:url";
import { registryUrl } from "../../dist/model/loader/tool.js";
import { type FunctionSource, sourceOf } from "../../dist/model/loader/registry.js";

let number = 0;
/** Runs a JavaScript module after instrumentation and returns its exports. */
async function run(text: string): Promise<Record<string, unknown>> {
  const here = project();
  try {
    const { code } = instrument(text, { file: "test.js", registry: registryUrl });
    expect(code.split("\n")).toHaveLength(text.split("\n").length);
    return (await import(pathToFileURL(here.write(`m${number++}.js`, code)).href)) as Record<string, unknown>;
  } finally {
    here.remove();
  }
}
function known(fn: unknown): FunctionSource {
  const source = sourceOf(fn);
  if (source === null) throw new Error(`${String(fn)} is not registered`);
  return source;
}

describe("what is registered", () => {
  test("functions of every form, with the node that they came from", async () => {
    const text = `
export function declared() { return 1; }
export function* generator() { yield 1; }
export const arrow = (a) => a;
export const expression = function named(n) { return n === 0 ? 0 : named(n - 1); };
export const object = { method() { return 2; }, *walk() {}, async wait() { return 3; }, async *both() {}, ["computed" + 1]() { return 4; }, "quoted name"() {}, property: () => 5, get accessor() { return 6; } };
export default function () { return 7; }
`;
    const m = await run(text);
    const object = m["object"] as Record<string, unknown>;
    for (const name of ["declared", "generator", "arrow", "expression", "default"]) expect(known(m[name]).node.start, name).toBe(known(m[name]).start);
    for (const name of ["method", "walk", "wait", "both", "computed1", "quoted name", "property"])
      expect(known(object[name]).node.type, name).toMatch(/Function/);
    expect(known(object["walk"]).node).toMatchObject({ generator: true, async: false });
    expect(known(object["both"]).node).toMatchObject({ generator: true, async: true });
    expect(object["accessor"]).toBe(6);
    expect((object["computed1"] as () => number)()).toBe(4);
    expect((m["default"] as () => number)()).toBe(7);
    expect((m["expression"] as (n: number) => number)(3)).toBe(0);
    expect(known(m["expression"]).captured("named")).toBe(m["expression"]);
  });

  test("names stay as they were", async () => {
    const m = await run("export const arrow = () => 1;\nexport const object = { method() {}, property: () => 2, named: function other() {} };\n");
    const object = m["object"] as Record<string, () => unknown>;
    expect([(m["arrow"] as () => unknown).name, object["method"]?.name, object["property"]?.name, object["named"]?.name]).toEqual([
      "arrow",
      "method",
      "property",
      "other",
    ]);
  });

  test("not what stands inside a generator function", async () => {
    const m = await run(
      "export function* body() { const inner = () => 1; function deep() {} const object = { method() {} }; yield [inner, deep, object.method]; }\n",
    );
    const inner = (m["body"] as () => Generator<unknown[]>)().next().value as unknown[];
    expect(inner).toHaveLength(3);
    for (const fn of inner) expect(sourceOf(fn)).toBeNull();
  });
});

describe("what a function captures", () => {
  test("names of enclosing scopes, not its own, not globals, not property names", async () => {
    const m = await run(`
const outer = 1, unused = 2, shadowed = 3, labelled = 4, key = 5, member = 6, catching = 7;
export const f = (a, { b, c: [d = outer] }, ...rest) => {
  labelled: for (const shadowed of [1]) { break labelled; }
  try { null.x; } catch (catching) { catching; }
  var later = { key: Math.abs(a), member() {} }.member;
  return [a, b, d, rest, later, inner()];
  function inner() { return typeof nothing; }
};
`);
    const f = known(m["f"]);
    expect(f.captured("outer")).toBe(1);
    for (const name of ["unused", "shadowed", "labelled", "key", "member", "catching", "a", "b", "c", "d", "rest", "later", "inner", "Math", "nothing"])
      expect(f.captures(name), name).toBe(false);
    expect(() => f.captured("unused")).toThrow(/does not capture/);
  });

  test("the value at the time of the question, also of names declared later", async () => {
    const m = await run("export const f = () => later + counter;\nlet counter = 1;\nexport const bump = () => { counter++; };\nconst later = 10;\n");
    const f = known(m["f"]);
    expect(f.captured("later")).toBe(10);
    (m["bump"] as () => void)();
    expect(f.captured("counter")).toBe(2);
  });

  test("each closure its own values", async () => {
    const m = await run("export function make(n) { return { get: () => n, twice: () => get2() }; function get2() { return n * 2; } }\n");
    const make = m["make"] as (n: number) => Record<string, () => number>;
    const [one, two] = [make(1), make(2)];
    expect([known(one["get"]).captured("n"), known(two["get"]).captured("n")]).toEqual([1, 2]);
    expect(known(known(two["twice"]).captured("get2")).captured("n")).toBe(2);
  });

  test("through functions in between", async () => {
    const m = await run("const base = 4;\nexport const f = () => () => () => base;\n");
    expect(known(m["f"]).captured("base")).toBe(4);
    expect(known((m["f"] as () => unknown)()).captured("base")).toBe(4);
  });
});

describe("what passes through unharmed", () => {
  test("classes, private names, accessors, super, statics and decorator-like code", async () => {
    const m = await run(`
export class Base { greet() { return "base"; } }
export class Sub extends Base { #secret = 1; static count = 0; static { for (const x of [1, 2]) Sub.count += x; function helper() { return x2; } const x2 = 1; helper(); }
  greet() { return super.greet() + [1].map((x) => x + this.#secret)[0]; } get size() { return this.#secret; } static make = () => new Sub(); *walk() { yield* [1, 2]; } }
export const proto = { __proto__: { hello() { return "hi"; } }, hello() { return super.hello() + "!"; } };
`);
    const Sub = m["Sub"] as { new (): { greet(): string; size: number; walk(): Iterable<number> }; make(): { greet(): string }; count: number };
    expect([new Sub().greet(), new Sub().size, Sub.make().greet(), Sub.count, [...new Sub().walk()]]).toEqual(["base2", 1, "base2", 3, [1, 2]]);
    expect((m["proto"] as { hello(): string }).hello()).toBe("hi!");
  });

  test("hoisting, directives, switch, labels, async iteration, destructuring with defaults, templates", async () => {
    const m = await run(`"use strict";
export const early = hoisted();
function hoisted() { "use strict"; return inner(); function inner() { return "early"; } }
export function pick(n) { switch (n) { case 1: { function one() { return "one"; } return one(); } default: const other = () => "other"; return other(); } }
export const list = (({ a = () => 1, b: { c } = { c: () => 2 } } = {}) => [a(), c()])();
export const text = \`\${(() => "x")()}\${((y) => y)("y")}\`;
export const asynchronous = (async () => { let sum = 0; for await (const x of (async function* () { yield* [1, 2]; })()) sum += x; return sum; })();
export const sequence = [...(function* () { const x = yield* ([1], [2, 3]); return x; })()];
export const iife = (function () { return typeof this; })();
`);
    expect([
      m["early"],
      (m["pick"] as (n: number) => string)(1),
      (m["pick"] as (n: number) => string)(2),
      m["list"],
      m["text"],
      await m["asynchronous"],
      m["sequence"],
      m["iife"],
    ]).toEqual(["early", "one", "other", [1, 2], "xy", 3, [2, 3], "undefined"]);
  });

  test("text in any script: offsets are those of the original", async () => {
    const m = await run("// 😀 é 漢字\nexport const f = /* 😀 */ () => '漢';\n");
    const f = known(m["f"]);
    expect(f.module.text.slice(f.start, f.node.end)).toBe("() => '漢'");
    expect(f.module.site(f.start, f.node.end)).toMatchObject({ line: 2, column: 27 });
  });

  test("TypeScript keeps its types, and types are not captured", () => {
    const { code } = instrument(
      "import { type A, b } from 'x';\ninterface C { f(): void }\nexport const f = <T extends A>(a: T, c?: C): a is T => (b as unknown as C satisfies C)!.f() === (a as never);\nabstract class D { abstract g(): void; h?(): void }\ndeclare function i(): void;\nfunction j(a: string): void;\nfunction j(a: unknown): void { void a; }\nexport type E = typeof b;\nnamespace N { export const x = () => 1; }\n",
      { file: "a.ts", registry: "R" },
    );
    expect(code).toContain("() => ({ get b() { return b; } })");
    expect(code).not.toContain("get A()");
    expect(code.match(/\$ipcRegister\(j,/g)).toHaveLength(1);
  });

  test("offsets in the result lead back", () => {
    const text = "const f = () => boom();\nexport const o = { *run() { yield* f(); } };\n";
    const { code, original } = instrument(text, { file: "a.js", registry: "R" });
    for (const piece of ["boom()", "yield*", "const o", "export"]) expect(original(code.lastIndexOf(piece)), piece).toBe(text.lastIndexOf(piece));
  });

  test("a hashbang stays on the first line", async () => {
    const m = await run("#!/usr/bin/env node\nexport const f = () => 1;\n");
    expect(known(m["f"]).module.site(known(m["f"]).start, 0).line).toBe(2);
  });
});
