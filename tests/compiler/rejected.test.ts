/**
 * What the compiler must reject, with the code and the place of each error. `⟦` stands before the place and is removed.
 * `body` is the body of a thread's program, `top` stands at the top of the module.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compile } from "../../dist/model/compiler/index.js";
import { compilerCodes } from "../../dist/model/compiler/codes.js";
import { instantiate, type Protocol } from "../../dist/model/language/protocol.js";
import { type Diagnostic, SpecError } from "../../dist/model/loader/diagnostic.js";
import { loadSpec } from "../../dist/model/loader/load.js";

interface Case {
  readonly code: string;
  readonly name: string;
  readonly body?: string;
  readonly top?: string;
  /** Instead of the thread's body: the whole declaration after the name. */
  readonly declaration?: string;
}

const cases: readonly Case[] = [
  // Syntax
  { code: "IPC100", name: "an import expression", body: 'const m = ⟦import("node:fs");' },
  { code: "IPC101", name: "throw", body: '⟦throw new Error("full");' },
  { code: "IPC102", name: "try", body: "⟦try { yield* head.write(1); } finally { }" },
  { code: "IPC103", name: "for in", body: "⟦for (const k in [1, 2]) { yield* head.write(1); }" },
  { code: "IPC104", name: "an enum", body: "⟦enum Color { red, green }" },
  { code: "IPC105", name: "a using declaration", body: "⟦using x = head;" },
  { code: "IPC106", name: "an async helper", body: "const f = async () => 1;\nconst x = ⟦f();" },
  { code: "IPC107", name: "a class declaration", body: "⟦class Queue {}" },
  { code: "IPC107", name: "a class expression", body: "const Q = ⟦class {};" },
  { code: "IPC108", name: "new", body: "const s = ⟦new Set();" },
  { code: "IPC109", name: "this", body: "const x = ⟦this;" },
  { code: "IPC113", name: "a spread argument", body: "const f = (a: number) => a;\nconst x = f(⟦...([1] as [number]));" },
  { code: "IPC113", name: "a rest parameter", body: "const f = (⟦...a: number[]) => 1;\nconst x = f(1);" },
  { code: "IPC113", name: "a spread in an array", body: "const x = [⟦...[1, 2]];" },
  { code: "IPC113", name: "a rest pattern", body: "const { a, ⟦...rest } = { a: 1, b: 2 };" },
  { code: "IPC115", name: "a getter", body: "const r = { ⟦get size() { return index; } };" },
  { code: "IPC120", name: "delete", body: "let r = { a: 1 };\n⟦delete (r as { a?: number }).a;" },
  { code: "IPC135", name: "debugger", body: "⟦debugger;" },
  { code: "IPC135", name: "void", body: "⟦void index;" },
  { code: "IPC159", name: "var", body: "⟦var x = 1;" },
  // Numbers, strings, operators
  { code: "IPC110", name: "division", body: "let x = index;\nx = ⟦x / 2;" },
  { code: "IPC110", name: "division with assignment", body: "let x = index;\n⟦x /= 2;" },
  { code: "IPC111", name: "a fraction", body: "let x = ⟦0.5;" },
  { code: "IPC112", name: "a number beyond 32 bits", body: "let x = ⟦4294967296;" },
  { code: "IPC114", name: "==", body: "if (⟦index == 1) yield* head.write(1);" },
  { code: "IPC114", name: "!=", body: "if (⟦index != 1) yield* head.write(1);" },
  { code: "IPC116", name: "remainder by zero", body: "const x = ⟦index % 0;" },
  { code: "IPC117", name: "a big integer", body: "const x = ⟦1n;" },
  { code: "IPC118", name: "strings put together", body: 'let s = color;\nconst t = ⟦s + "x";', top: 'const color = "red";' },
  { code: "IPC118", name: "a template of values", body: `const t = \`slot ${"$"}{⟦index}\`;` },
  { code: "IPC118", name: "a regular expression", body: "const r = ⟦/a/;" },
  { code: "IPC118", name: "a string method", body: 'const x = ⟦"abc".charAt(0);' },
  { code: "IPC119", name: "**", body: "const x = ⟦index ** 2;" },
  { code: "IPC119", name: "in", body: 'const x = ⟦"a" in { a: 1 };' },
  { code: "IPC119", name: "typeof", body: "const x = ⟦typeof index;" },
  { code: "IPC119", name: "??=", body: "let x = 0;\n⟦x ??= 1;" },
  { code: "IPC121", name: "an unknown name", body: "yield* head.write(⟦missing);" },
  { code: "IPC123", name: "a boolean as a number", body: "const x = ⟦(yield* ready.load()) + 1;".replace("⟦(", "(⟦") },
  { code: "IPC123", name: "a thread as a number", body: "const x = ⟦self + 1;" },
  { code: "IPC124", name: "a number as a condition", body: "if (⟦index) yield* head.write(1);" },
  { code: "IPC124", name: "a thread as a condition", body: "while (⟦self) yield* head.write(1);" },
  { code: "IPC124", name: "a number as an operand of &&", body: "const x = ⟦index && true;" },
  { code: "IPC125", name: "a method of memory that is not there", body: "yield* ⟦ring.map((c) => c);" },
  { code: "IPC125", name: "a method that an object does not have", body: "const m = { a: 1 };\nconst x = ⟦(m as never as { b(): number }).b();" },
  { code: "IPC124", name: "a cell as a condition", body: "if (⟦head as never as boolean) yield* head.write(1);" },
  { code: "IPC126", name: "a cell compared with a number", body: "if (⟦ring.at(0) === (0 as never)) yield* head.write(1);" },
  { code: "IPC126", name: "a number compared with an element of memory", body: "if ((1 as never) !== ⟦ring.at(index)) yield* head.write(1);" },
  {
    code: "IPC125",
    name: "an option that an operation does not know",
    declaration: `{ kernel: l4.kernel({ message: int(0, 1) }), threads: { t: { *run({ ipc, threads }) { yield* ipc.send(threads.t, 1, ⟦{ snd: "zero" } as never); } } } }`,
  },
  {
    code: "IPC127",
    name: "an option with a value that it cannot have: where it is given",
    declaration: `{ kernel: l4.kernel({ message: int(0, 1) }), threads: { t: { *run({ ipc, threads }) { yield* ⟦ipc.send(threads.t, 1, { send: "never" as never }); } } } }`,
  },
  {
    code: "IPC122",
    name: "a thread that there is not: where it is named",
    declaration: `{ kernel: l4.kernel({ message: int(0, 1) }), threads: { t: { *run({ ipc, threads }) { yield* ⟦ipc.send((threads as never as { u: ThreadId }).u, 1); } } } }`,
  },
  {
    code: "IPC125",
    name: "a field that a result does not have",
    declaration: `{ kernel: l4.kernel({ message: int(0, 1) }), threads: { t: { *run({ ipc }) { const got = yield* ipc.wait(); check(⟦(got as never as { mesage: number }).mesage === 1, "one"); } } } }`,
  },
  {
    code: "IPC125",
    name: "a name that the context does not have",
    declaration: "{ kernel: shm.kernel(), memory, threads: { t: { *run({ ⟦haed: head }) { yield* head.write(1); } } } } as never",
  },
  { code: "IPC126", name: "a number compared with a boolean", body: "const x = ⟦index === (true as never);" },
  {
    code: "IPC127",
    name: "a name that is not in the enum",
    body: 'const c = yield* phase.load();\nif (⟦c === ("bleu" as never)) yield* head.write(1);'.replace('⟦c === ("bleu" as never)', 'c === ⟦"bleu" as never'),
    declaration: undefined,
  },
  { code: "IPC128", name: "a field that is computed", body: "const r = { a: index };\nconst x = r[⟦(yield* head.load()) as never];".replace("r[⟦", "⟦r[") },
  { code: "IPC129", name: "a missing argument", body: "yield* ⟦head.write();" },
  // Operations
  { code: "IPC130", name: "an operation without yield*", body: "⟦head.write(1);" },
  { code: "IPC130", name: "an operation as a value", body: "const x = ⟦head.read();" },
  { code: "IPC130", name: "an operation as an operand", body: "if (⟦head.read() === (1 as never)) yield* head.write(1);" },
  { code: "IPC131", name: "a helper without yield*", body: "⟦twice(head);" },
  { code: "IPC132", name: "yield without a star", body: "⟦yield head.write(1);" },
  { code: "IPC133", name: "random numbers", body: "const x = ⟦Math.random();" },
  { code: "IPC133", name: "the clock", body: "const x = ⟦Date.now();" },
  { code: "IPC134", name: "yield* of a number", body: "yield* ⟦[1, 2];" },
  { code: "IPC136", name: "a statement without effect", body: "⟦index + 1;" },
  { code: "IPC136", name: "a comparison as a statement", body: "let x = 1;\n⟦x === 2;" },
  // Locals
  { code: "IPC140", name: "a local without a value", body: "let x: number;\nconst y = ⟦x!;" },
  { code: "IPC141", name: "a value of two kinds", body: "const x = ⟦(yield* ready.load()) ? 1 : nobody;".replace("⟦(", "(⟦").replace("(⟦yield", "⟦(yield") },
  { code: "IPC142", name: "a variable of two kinds", body: 'let x: number | string = 0;\n⟦x = "none";' },
  { code: "IPC144", name: "a value of the wrong kind", body: "yield* ⟦ready.store(1 as never);" },
  { code: "IPC146", name: "assignment to a function", body: "function f() { return 1; }\n⟦f = (() => 2) as never;" },
  { code: "IPC147", name: "assignment to a parameter", body: "const f = (n: number) => { ⟦n = n + 1; return n; };\nconst x = f(index);" },
  { code: "IPC148", name: "a variable for a cell", body: "let c = ⟦ring.at(0);" },
  { code: "IPC148", name: "a variable for a function", body: "let f = ⟦() => 1;" },
  { code: "IPC148", name: "a variable for an array", body: "let list = ⟦[1, 2];" },
  { code: "IPC149", name: "local() without a declaration", body: "let x = 0;\nx = ⟦local(int(0, 3), 1);" },
  // Memory and steps
  { code: "IPC150", name: "reading .value between steps", body: "const x = ⟦head.value;" },
  { code: "IPC150", name: "writing .value between steps", body: "⟦head.value = 1;" },
  { code: "IPC151", name: "a guard with effects", body: "yield* step({ when: () => { ⟦head.value = 1; return true; } });" },
  { code: "IPC151", name: "a check in a predicate", body: "yield* waitUntil(head, (v) => { ⟦check(v === 0); return true; });" },
  { code: "IPC153", name: "assignment to a pattern", body: "let a = 0;\nlet b = 1;\n⟦[a, b] = [b, a];" },
  { code: "IPC153", name: "assignment to an element", body: "const list = [1, 2];\n⟦list[0] = 3;" },
  { code: "IPC154", name: "assignment to a field", body: "let r = { a: index };\n⟦r.a = 1;" },
  { code: "IPC155", name: "assignment to a module's variable", top: "let total = 0;", body: "⟦total = 1;" },
  { code: "IPC156", name: "assignment to a captured variable", body: "let sum = 0;\n[1, 2].forEach((x) => { ⟦sum += x; });" },
  { code: "IPC158", name: "a thread that returns a value", body: "⟦return 1;" },
  { code: "IPC160", name: "a loop with let", body: "for (⟦let x of [1, 2]) yield* head.write(x);" },
  { code: "IPC160", name: "a loop over a number", body: "for (const x of ⟦index as never) yield* head.write(x);" },
  // Functions
  { code: "IPC161", name: "a call of a number", body: "⟦(index as never as () => void)();" },
  {
    code: "IPC162",
    name: "a function of JavaScript",
    body: 'const x = ⟦parseInt("3");'.replace("⟦parseInt", "⟦structuredClone"),
    top: "const { structuredClone } = globalThis;",
  },
  { code: "IPC162", name: "Math.sin of a value", body: "const x = ⟦Math.sin(index);" },
  { code: "IPC163", name: "recursion", body: "const x = sum(index);", top: "const sum = (n: number): number => (n === 0 ? 0 : n + ⟦sum(n - 1));" },
  {
    code: "IPC163",
    name: "a recursive generator",
    body: "yield* again(head);",
    top: "function* again(cell: Cell<number>): Generator<never, void> { yield* cell.write(1) as never; yield* ⟦again(cell); }",
  },
  { code: "IPC164", name: "an array that changes", body: "const list = [1];\n⟦list.push(2);" },
  { code: "IPC165", name: "an operation on ghost memory", body: "yield* ⟦(inside as never as Cell<number>).write(1);" },
  { code: "IPC166", name: "a choice that is too wide", body: "const x = yield* ⟦choose(int(0, 1_000_000));" },
  { code: "IPC170", name: "a local that grows without bound", body: "let n = 0;\nwhile (true) { n = ⟦n + 1; yield* head.write(n % 4); }" },
  {
    code: "IPC173",
    name: "a spinning thread that the kernel can halt",
    declaration: `{
      kernel: kernel({
        name: "halting",
        operations: [],
        halts: { held: { when: (k) => k.self === nobody, says: "held", kind: "scheduler", wakers: [] } },
        api: {},
      }),
      memory,
      scheduling: "priority",
      threads: { t: { *run({ head }) { yield* ⟦waitUntil(head, (value) => value === 1); } } },
    }`,
  },
  { code: "IPC171", name: "arithmetic beyond 32 bits", body: "const x = yield* large.load();\nyield* large.store((⟦x * x) % 7);" },
];

const prelude = `import { array, type Cell, check, choose, flag, ghost, int, kernel, local, nobody, oneOf, protocol, step, type ThreadId, waitUntil } from "ipc-check";
import * as l4 from "ipc-check/kernels/l4";
import * as shm from "ipc-check/kernels/shm";
void [l4, array, check, choose, flag, ghost, int, kernel, local, nobody, oneOf, protocol, step, waitUntil];
function* twice(cell: Cell<number>) { yield* cell.write(1); yield* cell.write(2); }
void twice;
const memory = { head: int(0, 3), ready: flag, ring: array(2, int(0, 3)), inside: ghost(int(0, 3)), large: int(0, 1_000_000), phase: oneOf("red", "green", "blue") };
void memory;
`;

const folder = mkdtempSync(join(tmpdir(), "ipc-check-rejected-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const text =
  prelude +
  cases
    .map(({ name, body = "", top = "", declaration }, i) => {
      const threads = `{ kernel: shm.kernel(), memory, threads: { t: { count: 2, *run({ head, ready, ring, inside, large, phase, index, self }) {\n${body}\n} } } }`;
      // Tops are in a function of their own, so that cases can use the same names.
      return `export const c${i} = (() => {\n${top}\nreturn protocol(${JSON.stringify(name)}, ${declaration ?? threads});\n})();\n`;
    })
    .join("");

let protocols = new Map<string, Protocol>();
beforeAll(async () => {
  const file = join(folder, "rejected.ts");
  writeFileSync(file, text.replaceAll("⟦", ""));
  const spec = await loadSpec(file);
  protocols = new Map(spec.protocols.map(({ exportName, protocol }) => [exportName, protocol]));
});

/** Line and column of the marker of a case. */
function place(index: number): { readonly line: number; readonly column: number } {
  const start = text.indexOf(`export const c${index} =`);
  const end = text.indexOf(`export const c${index + 1} =`);
  const at = text.indexOf("⟦", start);
  if (at < 0 || (end >= 0 && at > end)) throw new Error(`case ${index} has no marker`);
  const before = text.slice(0, at).replaceAll("⟦", "");
  return { line: before.split("\n").length, column: before.length - before.lastIndexOf("\n") };
}

function diagnosticOf(protocol: Protocol): Diagnostic | null {
  try {
    compile(instantiate(protocol));
    return null;
  } catch (error) {
    if (error instanceof SpecError) return error.diagnostics[0] ?? null;
    throw error;
  }
}

describe("the compiler rejects", () => {
  test.each(cases.map((each, index) => ({ ...each, index })))("$name ($code)", ({ code, index }) => {
    const protocol = protocols.get(`c${index}`);
    if (protocol === undefined) throw new Error("the case was not loaded");
    const found = diagnosticOf(protocol);
    expect(found).not.toBeNull();
    expect({ code: found?.code, line: found?.site?.line, column: found?.site?.column, message: found?.message }).toEqual({
      code,
      ...place(index),
      message: found?.message,
    });
    expect(found?.frame).toContain("^");
    expect(found?.site?.file).toContain("rejected.ts");
  });

  test("at least sixty inputs", () => {
    expect(cases.length).toBeGreaterThanOrEqual(60);
  });
});

test("every code that the compiler uses is explained, and every explained code is used", () => {
  const folder = join(import.meta.dirname, "../../model/compiler");
  const sources = readdirSync(folder)
    .filter((name) => name.endsWith(".ts") && name !== "codes.ts")
    .map((name) => readFileSync(join(folder, name), "utf8"));
  const used = new Set(sources.flatMap((source) => source.match(/"IPC\d{3}"/g) ?? []).map((code) => code.slice(1, -1)));
  expect([...used].sort()).toEqual(Object.keys(compilerCodes).sort());
});
