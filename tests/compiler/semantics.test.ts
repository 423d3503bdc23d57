/**
 * What compiled programs do: each program runs through the interpreter in every way it can, and what its threads leave in
 * `out`, or the violation that they end with, is compared with what JavaScript and docs/architecture.md say.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compile } from "../../dist/model/compiler/index.js";
import { instantiate, type Protocol } from "../../dist/model/language/protocol.js";
import { loadSpec } from "../../dist/model/loader/load.js";
import { enabledMoves, fire, initialState } from "../../dist/model/system/interpret.js";
import type { State, System } from "../../dist/model/system/system.js";

interface Program {
  readonly name: string;
  /** Body of a thread that has `out`, `head`, `ready`, `ring`, `phase`, `ghostly`, `ipc`, `threads`. */
  readonly body: string;
  readonly top?: string;
  /** Other threads. */
  readonly others?: string;
  /** Final values of `out`, sorted, or kinds of violations. */
  readonly leaves: readonly (number | string)[];
}

/** What the first program leaves, as JavaScript computes it. */
function quotients(dividends: readonly number[], divisors: readonly number[]): readonly number[] {
  const left = dividends.flatMap((a) => divisors.map((b) => 50 + Math.trunc(a / b) + Math.floor(a / b) * 4 + Math.ceil(a / b) * 16));
  return [...new Set(left)].sort((a, b) => a - b);
}

const programs: readonly Program[] = [
  {
    name: "quotients are rounded as JavaScript rounds them, whatever the signs",
    body: "const a = yield* choose(-7, -6, 0, 5);\nconst b = yield* choose(-3, 3);\nyield* out.write(50 + Math.trunc(a / b) * 1 + Math.floor(a / b) * 4 + Math.ceil(a / b) * 16);",
    leaves: quotients([-7, -6, 0, 5], [-3, 3]),
  },
  {
    name: "a quotient with | 0 is rounded towards zero",
    body: "const a = yield* choose(-7, 7);\nyield* out.write(50 + ((a / 2) | 0) + (((yield* head.load()) + a) / 4 >> 0));",
    leaves: [46, 54],
  },
  { name: "a division by zero leaves the integers", body: "const b = yield* choose(0, 2);\nyield* out.write(Math.floor(6 / b));", leaves: [3, "out-of-range"] },
  { name: "a remainder by zero does too", body: "const b = yield* choose(0, 4);\nyield* out.write(6 % b);", leaves: [2, "out-of-range"] },
  {
    name: "values computed before a yield* in the same expression are kept",
    body: "let x = 3;\nconst sum = x + (yield* head.load()) + (x = 10, x);\nyield* out.write(sum);",
    leaves: [13],
  },
  {
    name: "arguments are evaluated from left to right",
    body: "const f = (a: number, b: number) => a * 10 + b;\nlet i = 1;\nyield* out.write(f(i++, i++));",
    leaves: [12],
  },
  {
    name: "the right side of && runs only if it is needed",
    body: "if ((yield* ready.load()) && (yield* head.fetchAdd(1)) === 0) yield* out.write(1);\nyield* out.fetchAdd(yield* head.load());",
    leaves: [0],
  },
  {
    name: "the right side of || runs only if it is needed",
    body: "const any = !(yield* ready.load()) || (yield* head.fetchAdd(1)) === 0;\nyield* out.write((any ? 10 : 20) + (yield* head.load()));",
    leaves: [10],
  },
  {
    name: "switch falls through to the next case",
    body: "const c = yield* choose(1, 2, 3);\nlet n = 0;\nswitch (c) { case 1: n += 1; case 2: n += 10; break; default: n = 50; }\nyield* out.write(n);",
    leaves: [10, 11, 50],
  },
  {
    name: "a default in the middle of a switch is taken last",
    body: "const c = yield* choose(1, 2, 3);\nlet n = 0;\nswitch (c) { case 1: n = 1; break; default: n = 30; case 2: n += 2; }\nyield* out.write(n);",
    leaves: [1, 2, 32],
  },
  {
    name: "labelled break and continue",
    body: "let n = local(int(0, 99), 0);\nouter: for (let i = 0; i < 3; i++) { for (let j = 0; j < 3; j++) { if (j === 1) continue outer; if (i === 2) break outer; n += 10 + j; yield* head.load(); } }\nyield* out.write(n);",
    leaves: [20],
  },
  { name: "do runs its body first", body: "let n = 5;\ndo { n++; yield* head.load(); } while (n < 3);\nyield* out.write(n);", leaves: [6] },
  {
    name: "continue in a do loop goes to the test",
    body: "let n = 0;\ndo { n++; if (n === 2) continue; yield* head.load(); } while (n < 4);\nyield* out.write(n);",
    leaves: [4],
  },
  {
    name: "for of is unrolled in order",
    body: "let n = 0;\nfor (const x of [1, 2, 3]) { if (x === 2) continue; n = n * 10 + x; yield* head.load(); }\nyield* out.write(n);",
    leaves: [13],
  },
  {
    name: "prefix and postfix",
    body: "let i = 5;\nconst a = i++;\nconst b = ++i;\nconst c = i--;\nyield* out.write(a * 100 + b * 10 + c - 7 + i);",
    leaves: [576],
  },
  {
    name: "compound assignments",
    body: "let x = 6;\nx += 4; x -= 1; x *= 3; x %= 10; x |= 8; x &= 14; x ^= 1; x <<= 2; x >>= 1;\nyield* out.write(x);",
    leaves: [30],
  },
  {
    name: "remainders have the sign of the dividend, shifts are JavaScript's",
    body: "const n = (yield* head.load()) - 7;\nyield* out.write((n % 4) + 10 + (n >> 1) + 10 + (-n << 2) + (n >>> 31));",
    leaves: [-3 + 10 - 4 + 10 + 28 + 1],
  },
  {
    name: "a cell that wraps",
    body: "yield* wrap.store(2);\nconst old = yield* wrap.fetchAdd(2);\nyield* out.write(old * 10 + (yield* wrap.load()));",
    leaves: [21],
  },
  { name: "a cell that wraps below zero", body: "yield* wrap.fetchAdd(-1);\nyield* out.write(yield* wrap.load());", leaves: [2] },
  { name: "a cell that does not wrap", body: "yield* head.fetchAdd(4);", leaves: ["out-of-range"] },
  {
    name: "a failed compareExchange does not look at the range",
    body: "const old = yield* head.compareExchange(3, 100);\nyield* out.write(old + 5);",
    leaves: [5],
  },
  { name: "an argument outside its domain", body: "yield* ipc.send(threads.t, 99);", leaves: ["out-of-range"] },
  {
    name: "an index outside its array",
    body: "const i = yield* choose(1, 2);\nyield* ring.at(i).store(1);\nyield* out.write(i);",
    leaves: [1, "out-of-range"],
  },
  {
    name: "a declared local that leaves its range",
    body: "let n = local(int(0, 2), 0);\nconst c = yield* choose(1, 3);\nn = n + c;\nyield* out.write(n);",
    leaves: [1, "out-of-range"],
  },
  {
    name: "reading the message of a failed operation",
    body: 'const r = yield* ipc.wait({ receive: "zero" });\nyield* out.write(r.message);',
    leaves: ["unhandled-error"],
  },
  {
    name: "reading it through a copy",
    body: 'let last = yield* ipc.wait({ receive: "zero" });\nconst copy = last;\nyield* head.load();\nyield* out.write(copy.message);',
    leaves: ["unhandled-error"],
  },
  {
    name: "destructuring reads the fields it names only",
    body: 'const { error } = yield* ipc.wait({ receive: "zero" });\nyield* out.write(error === "timeout" ? 7 : 8);',
    leaves: [7],
  },
  {
    name: "an error that is looked at first",
    body: 'const r = yield* ipc.wait({ receive: "zero" });\nyield* out.write(r.error === "none" ? r.message : 9);',
    leaves: [9],
  },
  {
    name: "strings of different enums",
    body: 'let s = "red";\nconst p = yield* choose("green", "blue");\nif (p === "blue") s = p; else s = "pink";\nyield* head.load();\nyield* out.write(s === "red" ? 1 : s === "pink" ? 2 : 3);',
    leaves: [2, 3],
  },
  {
    name: "a string local that meets a name only in a later round of a loop",
    body: 'let s = "idle";\nlet n = 0;\nwhile (n < 3) { if (s === "busy") n += 10; s = n === 0 ? "first" : "busy"; n++; yield* head.load(); }\nyield* out.write(n);',
    leaves: [13],
  },
  {
    name: "enums are stored by name",
    body: 'const p = yield* choose("blue", "red");\nyield* phase.store(p);\nyield* out.write((yield* phase.load()) === "blue" ? 1 : 2);',
    leaves: [1, 2],
  },
  {
    name: "records are copied",
    body: "let r = { a: 1, b: 2 };\nconst old = r;\nr = { ...r, a: 5 };\nyield* head.load();\nyield* out.write(old.a * 100 + r.a * 10 + r.b);",
    leaves: [152],
  },
  {
    name: "records are swapped at once",
    body: "let r = { a: 1, b: 2 };\nyield* head.load();\nr = { a: r.b, b: r.a };\nyield* head.load();\nyield* out.write(r.a * 10 + r.b);",
    leaves: [21],
  },
  {
    name: "defaults of parameters and patterns",
    body: "const f = (a: number, { b = 2, c }: { b?: number; c?: number } = {}) => a * 100 + b * 10 + (c ?? 7);\nyield* out.write(f(1) + f(0, { c: 1 }));",
    leaves: [148],
  },
  {
    name: "helpers with several returns",
    top: "const size = (n: number) => { if (n < 2) return 1; for (let i = 0; i < 9; i++) { if (i * i > n) return i; } return 0; };",
    body: "const n = yield* choose(1, 5);\nyield* out.write(size(n));",
    leaves: [1, 3],
  },
  {
    name: "helper generators yield values and have their own locals",
    top: "function* add(cell: Cell<number>, n: number) { let i = 0; while (i < n) { yield* cell.fetchAdd(1); i++; } return i * 10; }",
    body: "const a = yield* add(head, 2);\nconst b = yield* add(head, 1);\nyield* out.write(a + b + (yield* head.load()));",
    leaves: [33],
  },
  {
    name: "a waiting loop is one step",
    body: "while ((yield* head.load()) !== 2) {}\nyield* out.write(yield* head.load());",
    others: "u: { *run({ head }) { yield* head.store(1); yield* head.store(2); } },",
    leaves: [2],
  },
  {
    name: "a guarded step reads and writes at once",
    body: "const old = yield* step({ when: () => head.value > 0 && !ready.value, do: () => { const was = head.value; head.value = 0; ring.at(1).value = was; return was + 40; } });\nyield* out.write(old + (yield* ring.at(1).load()));",
    others: "u: { *run({ head }) { yield* head.store(2); } },",
    leaves: [44],
  },
  { name: "assume leaves schedules out", body: "const n = yield* choose(1, 2, 3);\nassume(n !== 2);\nyield* out.write(n);", leaves: [1, 3] },
  { name: "a check that fails", body: 'const n = yield* choose(1, 2);\ncheck(n < 2, "small");\nyield* out.write(n);', leaves: [1, "assertion"] },
  {
    name: "ghost memory between two steps",
    body: "ghostly.value = 2;\nghostly.value += 1;\nyield* head.store(ghostly.value);\nyield* out.write(yield* head.load());",
    leaves: [3],
  },
  {
    name: "choices among records",
    body: "const r = yield* choose({ a: 1, b: true }, { a: 2, b: false });\nyield* out.write(r.a * 10 + (r.b ? 1 : 0));",
    leaves: [11, 20],
  },
  {
    name: "minimum, maximum, absolute value",
    body: "const n = (yield* choose(1, 9)) - 5;\nyield* out.write(Math.abs(n) * 100 + Math.max(n, 1) * 10 + Math.min(n + 5, 3));",
    leaves: [411, 443],
  },
  {
    name: "queues in a step",
    body: "yield* step({ do: () => { items.push(3); items.push(1); } });\nconst first = yield* step({ when: () => items.includes(1) && items.length === 2, do: () => items.shift() });\nyield* out.write(first * 10 + (yield* step({ do: () => items.at(0) })));",
    leaves: [31],
  },
  { name: "a queue that is full", body: "yield* step({ do: () => { items.push(1); items.push(1); items.push(1); } });", leaves: ["out-of-range"] },
  {
    name: "replicas differ by their index only",
    body: "yield* head.load();",
    others:
      "r: { count: 2, *run({ index, out, self, threads }) { if (index === 1) yield* out.fetchAdd(30); else if (self === threads.r[0]) yield* out.fetchAdd(4); } },",
    leaves: [34],
  },
  {
    name: "an optional chain over what is missing",
    body: "const options: { deep?: { n: number } } = {};\nyield* out.write(options.deep?.n ?? 6);",
    leaves: [6],
  },
];

const prelude = `import { array, assume, type Cell, check, choose, flag, ghost, int, local, oneOf, protocol, queue, step, wrapping } from "ipc-check";
import * as l4 from "ipc-check/kernels/l4";
void [assume, check, choose, local, step];
const memory = { out: int(0, 1000), head: int(0, 3), ready: flag, ring: array(2, int(0, 3)), phase: oneOf("red", "green", "blue"), wrap: wrapping(3), ghostly: ghost(int(0, 3)), items: queue(int(0, 3), 2) };
`;

const folder = mkdtempSync(join(tmpdir(), "ipc-check-semantics-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let protocols = new Map<string, Protocol>();
beforeAll(async () => {
  const text = programs.map(
    ({ name, body, top = "", others = "" }, i) =>
      `export const p${i} = (() => {\n${top}\nreturn protocol(${JSON.stringify(name)}, { kernel: l4.kernel({ cpus: 1, message: int(0, 3) }), memory, threads: { t: { cpu: 0, *run({ out, head, ready, ring, phase, wrap, ghostly, items, ipc, threads }) {\n${body}\n} }, ${others.replaceAll("{ *run", "{ cpu: 0, *run").replaceAll("{ count: 2,", "{ cpu: 0, count: 2,")} } });\n})();\n`,
  );
  const file = join(folder, "programs.ts");
  writeFileSync(file, prelude + text.join(""));
  protocols = new Map((await loadSpec(file)).protocols.map(({ exportName, protocol }) => [exportName, protocol]));
});

/** Final values of `out` over all schedules, and the kinds of violations met. */
function outcomes(system: System): readonly (number | string)[] {
  const out = system.variables.find(({ name }) => name === "memory.out");
  const found = new Set<number | string>();
  const seen = new Set<string>();
  const start = initialState(system);
  const stack: State[] = start.kind === "state" ? [start.state] : [];
  if (start.kind === "failure") found.add(system.failures[start.failure]?.kind ?? "unknown");
  while (stack.length > 0) {
    const state = stack.pop() ?? [];
    const key = JSON.stringify(state);
    if (seen.has(key)) continue;
    seen.add(key);
    for (const { id, name, min, max } of system.variables)
      for (const value of state[id] ?? []) expect(value >= min && value <= max, `${name} = ${value} lies in ${min}..${max}`).toBe(true);
    const moves = enabledMoves(system, state);
    if (moves.length === 0 && system.processes.every(({ pc, locations }) => state[pc]?.[0] === locations.length)) found.add(state[out?.id ?? 0]?.[0] ?? -1);
    for (const move of moves) {
      const outcome = fire(system, state, move);
      if (outcome.kind === "state") stack.push(outcome.state);
      if (outcome.kind === "failure") found.add(system.failures[outcome.failure]?.kind ?? "unknown");
    }
  }
  return [...found].sort((a, b) => (typeof a === "number" && typeof b === "number" ? a - b : String(a) < String(b) ? -1 : 1));
}

describe.each([true, false])("with liveness %s", (liveness) => {
  test.each(programs.map((each, index) => ({ ...each, index })))("$name", ({ index, leaves }) => {
    const protocol = protocols.get(`p${index}`);
    if (protocol === undefined) throw new Error("the program was not loaded");
    expect(outcomes(compile(instantiate(protocol), { liveness }))).toEqual(leaves);
  });
});

test("dead locals do not split states", () => {
  const protocol = protocols.get(`p${programs.findIndex(({ name }) => name === "helper generators yield values and have their own locals")}`);
  if (protocol === undefined) throw new Error("the program was not loaded");
  const states = (liveness: boolean): number => compile(instantiate(protocol), { liveness }).processes[0]?.locals.length ?? 0;
  expect(states(true)).toBeLessThanOrEqual(states(false));
});
