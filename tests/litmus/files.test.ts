/** Litmus files: what is read, what is printed, and what is refused with which words. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { LitmusError, explore, parseLitmus, runLitmus } from "../../dist/litmus/index.js";
import { naiveOutcomes } from "../../dist/litmus/naive/index.js";
import { answer } from "../../dist/litmus/outcome.js";
import { type Row, rows } from "./table.ts";

const file = (name: string): string => new URL(`files/${name}`, import.meta.url).pathname;
const options = { memoryModel: null, json: false, color: false } as const;

describe("the report", () => {
  test("reads like herd's", async () => {
    const run = await runLitmus([file("SB.litmus")], options);
    expect(run.text).toBe(
      [
        "Test SB Allowed",
        "States 4",
        "0:EAX=0; 1:EAX=0; [x]=1; [y]=1;",
        "0:EAX=0; 1:EAX=1; [x]=1; [y]=1;",
        "0:EAX=1; 1:EAX=0; [x]=1; [y]=1;",
        "0:EAX=1; 1:EAX=1; [x]=1; [y]=1;",
        "Ok",
        "Witnesses",
        "Positive: 1 Negative: 3",
        "Condition exists (0:EAX=0 /\\ 1:EAX=0)",
        "Observation SB Sometimes 1 3",
        "",
      ].join("\n"),
    );
    expect(run.exitCode).toBe(0);
  });

  test("follows the memory model that is asked for", async () => {
    const run = await runLitmus([file("SB.litmus")], { ...options, memoryModel: "sc" });
    expect(run.text).toContain("States 3\n");
    expect(run.text).toContain("No\nWitnesses\nPositive: 0 Negative: 3\n");
    expect(run.text).toContain("Observation SB Never 0 3\n");
    expect(run.exitCode).toBe(1);
  });

  test("swaps positive and negative for ~exists, as herd does", async () => {
    const run = await runLitmus([file("MP.litmus")], options);
    expect(run.text).toContain("Test MP+rel+acq Forbidden\nStates 2\n1:r0=0; 1:r1=7;\n1:r0=1; 1:r1=1;\nOk\nWitnesses\nPositive: 2 Negative: 0\n");
    expect(run.text).toContain("Condition ~exists (1:r0=1 /\\ 1:r1=0)\nObservation MP+rel+acq Never 0 2\n");
  });

  test("is one JSON document for all files", async () => {
    const run = await runLitmus([file("SB.litmus"), file("MP.litmus")], { ...options, json: true });
    const document = JSON.parse(run.text) as { results: Record<string, unknown>[] };
    expect(
      document.results.map(({ name, memoryModel, quantifier, holds, observation, outcomes }) => ({
        name,
        memoryModel,
        quantifier,
        holds,
        observation,
        outcomes,
      })),
    ).toEqual([
      { name: "SB", memoryModel: "tso", quantifier: "exists", holds: true, observation: "Sometimes", outcomes: 4 },
      { name: "MP+rel+acq", memoryModel: "ra", quantifier: "~exists", holds: true, observation: "Never", outcomes: 2 },
    ]);
  });

  test("names the files that cannot be read and goes on with the others", async () => {
    const run = await runLitmus([file("missing.litmus"), file("SB.litmus")], options);
    expect(run.errors).toHaveLength(1);
    expect(run.errors[0]).toContain("missing.litmus: the file cannot be read: ENOENT");
    expect(run.text).toContain("Observation SB");
    expect(run.exitCode).toBe(2);
  });
});

describe("programs with loops", () => {
  const directory = mkdtempSync(join(tmpdir(), "litmus-"));
  afterAll(() => rmSync(directory, { recursive: true }));
  const written = (text: string): string => {
    const path = join(directory, "loop.litmus");
    writeFileSync(path, text);
    return path;
  };
  const storing = "X86 loop\n{ }\n P0 | P1 ;\n again: MOV [x],$1 | MOV [y],$1 ;\n MOV EAX,[y] | ;\n CMP EAX,$0 | ;\n JE again | ;\n";

  test("a bound that was reached is said, and is not called a result", async () => {
    const run = await runLitmus([written(`${storing}forall (0:EAX=1)\n`)], options);
    expect(run.text).toContain("Inconclusive: a bound was reached");
    expect(run.json.results[0]?.holds).toBe(null);
    expect(run.exitCode).toBe(3);
  });

  test("an execution that decides the condition stands, whatever the bound", async () => {
    const found = await runLitmus([written(`${storing}exists (0:EAX=1 /\\ x=1)\n`)], { ...options, bounds: { buffer: 1, messages: 2 } });
    expect(found.json.results[0]?.holds).toBe(true);
    expect(found.exitCode).toBe(0);
  });

  test("a loop that never touches memory is an error, not a hang", async () => {
    const run = await runLitmus([written("X86 loop\n{ }\n P0 ;\n again: INC EAX ;\n AND EAX,$1 ;\n JMP again ;\nexists (0:EAX=1)\n")], options);
    expect(run.errors[0]).toContain("a loop without memory accesses does not end");
    expect(run.exitCode).toBe(2);
  });
});

/** A row of the table in the X86 dialect; register r0 becomes EAX and so on. */
function asX86(row: Row): string {
  const registers = ["EAX", "EBX", "ECX", "EDX"];
  const rename = (name: unknown): string => registers[Number(String(name).slice(1))] ?? "ESI";
  const columns = row.threads.map((operations) =>
    operations.flatMap(([op, a, b, c]) => {
      if (op === "W") return [`MOV [${a}],$${b}`];
      if (op === "R") return [`MOV ${rename(a)},[${b}]`];
      if (op === "F") return ["MFENCE"];
      return [`MOV ${rename(a)},$${c}`, `XCHG [${b}],${rename(a)}`];
    }),
  );
  const height = Math.max(...columns.map((column) => column.length));
  const lines = Array.from({ length: height }, (_, i) => ` ${columns.map((column) => column[i] ?? "").join(" | ")} ;`);
  const named = (text: string): string => text.replace(/(\d+):r(\d)/g, (_, t: string, r: string) => `${t}:${registers[Number(r)]}`);
  return [
    `X86 ${row.name}`,
    '"from the table"',
    "{ }",
    ` ${columns.map((_, t) => `P${t}`).join(" | ")} ;`,
    ...lines,
    `locations [${row.observed.map(named).join("; ")};]`,
    `${row.quantifier} (${named(row.condition)})`,
  ].join("\n");
}

/** A row in the C dialect with the given orders. */
function asC(row: Row, load: string, store: string, exchange: string): string {
  const order = (name: string): string => `memory_order_${name}`;
  const locations = [
    ...new Set([
      ...row.threads.flat().flatMap(([op, a, b]) => (op === "W" ? [a] : op === "F" ? [] : [b])),
      ...row.observed.filter((name) => !name.includes(":")),
    ]),
  ];
  const threads = row.threads.map((operations, t) => {
    const locals = [...new Set(operations.flatMap(([op, a]) => (op === "R" || op === "XCHG" ? [a] : [])))];
    const lines = operations.map(([op, a, b, c]) => {
      if (op === "W") return `atomic_store_explicit(${a}, ${b}, ${order(store)});`;
      if (op === "R") return `${a} = atomic_load_explicit(${b}, ${order(load)});`;
      if (op === "F") return `atomic_thread_fence(${order("seq_cst")});`;
      return `${a} = atomic_exchange_explicit(${b}, ${c}, ${order(exchange)});`;
    });
    return `P${t} (${locations.map((name) => `atomic_int* ${name}`).join(", ")}) {\n${locals.map((local) => `  int ${local};\n`).join("")}  ${lines.join("\n  ")}\n}`;
  });
  return [`C ${row.name}`, "{ }", ...threads, `locations [${row.observed.join("; ")}]`, `${row.quantifier} (${row.condition})`].join("\n");
}

describe("files written from the table", () => {
  const chosen = rows.filter((_, i) => i % 5 === 2);
  const reachable = (quantifier: string, positive: number, negative: number): boolean => (quantifier === "forall" ? negative : positive) > 0;

  test("X86: the published outcomes under TSO", () => {
    const found = chosen.map((row) => {
      const litmus = parseLitmus(row.name, asX86(row));
      const judged = answer(explore(litmus.program, "tso"), litmus.question);
      return { name: row.name, reachable: reachable(row.quantifier, judged.positive, judged.negative), outcomes: judged.outcomes.length };
    });
    expect(found).toEqual(chosen.map(({ name, tso }) => ({ name, reachable: tso.reachable, outcomes: tso.outcomes })));
    expect(found.length).toBeGreaterThan(50);
  });

  test("C: the published outcomes of release and acquire, and of seq_cst", () => {
    for (const [column, orders] of [
      ["rc11_ra", ["acquire", "release", "acq_rel"]],
      ["rc11_sc", ["seq_cst", "seq_cst", "seq_cst"]],
    ] as const) {
      const found = chosen.map((row) => {
        const litmus = parseLitmus(row.name, asC(row, ...orders));
        const judged = answer(naiveOutcomes(litmus.program, "ra"), litmus.question);
        return { name: row.name, reachable: reachable(row.quantifier, judged.positive, judged.negative), outcomes: judged.outcomes.length };
      });
      expect(found).toEqual(chosen.map(({ name, c11 }) => ({ name, reachable: c11[column]?.reachable, outcomes: c11[column]?.outcomes })));
    }
  });
});

/** The only outcome of a sequential program, by name. */
function finals(text: string): Record<string, number> {
  const { program, question } = parseLitmus("test", text);
  const { outcomes } = answer(explore(program, "sc"), question);
  expect(outcomes).toHaveLength(1);
  return Object.fromEntries(question.observed.map((name, i) => [name, outcomes[0]?.[i] ?? Number.NaN]));
}
const x86 = (instructions: readonly string[], observed: string, init = ""): Record<string, number> =>
  finals(`X86 one\n{ ${init} }\n P0 ;\n${instructions.map((i) => ` ${i} ;\n`).join("")}locations [${observed}]\nforall (true)\n`);
const c = (body: string, observed: string, init = ""): Record<string, number> =>
  finals(`C one\n{ ${init} }\nP0 (atomic_int* x, int* y) {\n${body}\n}\nlocations [${observed}]\nforall (true)\n`);

describe("X86 instructions", () => {
  test.each([
    ["MOV in all its forms", ["MOV EAX,$7", "MOV EBX,EAX", "MOV [x],EBX", "MOV ECX,[x]", "MOV [x],$0x10"], "0:ECX; x", "", { "0:ECX": 7, x: 16 }],
    ["XCHG either way round", ["MOV EAX,$1", "XCHG EAX,[x]", "XCHG [x],EAX"], "0:EAX; x", "x=5", { "0:EAX": 1, x: 5 }],
    ["LOCK XADD", ["MOV EAX,$3", "LOCK XADD [x],EAX"], "0:EAX; x", "x=5", { "0:EAX": 5, x: 8 }],
    ["LOCK CMPXCHG that writes", ["MOV EAX,$5", "MOV EBX,$9", "LOCK CMPXCHG [x],EBX"], "0:EAX; x", "x=5", { "0:EAX": 5, x: 9 }],
    ["LOCK CMPXCHG that does not", ["MOV EAX,$4", "MOV EBX,$9", "LOCK CMPXCHG [x],EBX"], "0:EAX; x", "x=5", { "0:EAX": 5, x: 5 }],
    ["LOCK INC, DEC, ADD, SUB", ["LOCK INC [x]", "LOCK INC [x]", "LOCK DEC [x]", "LOCK ADD [x],$10", "LOCK SUB [x],$4"], "x", "x=1", { x: 8 }],
    ["AND, OR, XOR without LOCK", ["AND [x],$6", "OR [x],$8", "XOR [x],$1"], "x", "x=7", { x: 15 }],
    [
      "arithmetic on registers",
      ["MOV EAX,$6", "INC EAX", "SUB EAX,$2", "XOR EBX,EBX", "ADD EBX,EAX", "DEC EBX"],
      "0:EAX; 0:EBX",
      "0:EBX=3",
      { "0:EAX": 5, "0:EBX": 4 },
    ],
    ["CMP and jumps", ["CMP [x],$1", "JNE over", "MOV [x],$2", "over: CMP EAX,$0", "JE end", "MOV [x],$3", "end:"], "x", "x=1", { x: 2 }],
    ["a loop", ["again: INC EAX", "CMP EAX,$3", "JNE again", "MOV [x],EAX"], "x", "", { x: 3 }],
    ["the flag of LOCK DEC", ["LOCK DEC [x]", "JE zero", "MOV [x],$7", "zero: NOP"], "x", "x=1", { x: 0 }],
  ] as const)("%s", (_, instructions, observed, init, expected) => {
    expect(x86(instructions, observed, `x=0; ${init}`.replace(/x=0; (.*x=)/, "$1"))).toEqual(expected);
  });

  test("an increment without LOCK loses updates, one with LOCK does not", () => {
    const outcomes = (increment: string): number => {
      const { program, question } = parseLitmus("test", `X86 inc\n{ x=0; }\n P0 | P1 ;\n ${increment} [x] | ${increment} [x] ;\nexists (x=1)`);
      return answer(explore(program, "sc"), question).positive;
    };
    expect([outcomes("INC"), outcomes("LOCK INC")]).toEqual([1, 0]);
  });
});

describe("C statements", () => {
  test.each([
    ["plain accesses", "*y = 4; int r0 = *y;", "0:r0; y", { "0:r0": 4, y: 4 }],
    [
      "arithmetic binds as in C",
      "int r0 = 1 + 2 * 3 - 4 % 3; int r1 = (r0 == 6) + (1 | 2 & 0) + (1 << 2) + -1 + !0 + (~0 + 1);",
      "0:r0; 0:r1",
      { "0:r0": 6, "0:r1": 6 },
    ],
    ["if and else", "int r0 = 2; if (r0 > 1 && r0 != 3) { *y = 1; } else { *y = 2; } if (r0 == 0 || r0 == 1) *y = 9; else *y = *y + 10;", "y", { y: 11 }],
    [
      "exchange and fetches",
      "int r0 = atomic_exchange(x, 5); int r1 = atomic_fetch_add_explicit(x, 2, memory_order_acq_rel); int r2 = atomic_fetch_sub(x, 1); atomic_fetch_or(x, 8);",
      "0:r0; 0:r1; 0:r2; x",
      { "0:r0": 0, "0:r1": 5, "0:r2": 7, x: 14 },
    ],
    [
      "compare and exchange that writes",
      "int e = 0; int r0 = atomic_compare_exchange_strong_explicit(x, &e, 3, memory_order_acq_rel, memory_order_relaxed);",
      "0:e; 0:r0; x",
      { "0:e": 0, "0:r0": 1, x: 3 },
    ],
    ["compare and exchange that does not", "int e = 1; int r0 = atomic_compare_exchange_strong(x, &e, 3);", "0:e; 0:r0; x", { "0:e": 0, "0:r0": 0, x: 0 }],
    ["loads inside an expression", "*y = 3; atomic_store(x, 4); int r0 = *y + atomic_load(x) * 2;", "0:r0", { "0:r0": 11 }],
    ["fences and comments", "atomic_thread_fence(memory_order_acq_rel); /* nothing */ int r0 = 1; // one\n (* herd *) r0 = r0 + 1;", "0:r0", { "0:r0": 2 }],
  ])("%s", (_, body, observed, expected) => {
    expect(c(body, observed)).toEqual(expected);
  });
});

describe("what cannot be read", () => {
  const base = "X86 t\n{ x=0; }\n P0 ;\n";
  const inC = (body: string): string => `C t\n{ }\nP0 (atomic_int* x) {\n  ${body}\n}\nexists (x=0)\n`;
  test.each<readonly [string, string, number, number, string]>([
    ["another architecture", "AArch64 t\n{ }\n P0 ;\nexists (x=0)", 1, 1, "litmus tests for AArch64 cannot be read"],
    ["no initial state", "X86 t\n P0 ;\n", 1, 6, "the initial state '{ … }' is missing"],
    ["an initial state without end", "X86 t\n{ x=0;", 2, 7, "the initial state is not closed"],
    ["an address in a register", "X86 t\n{ 0:EAX=x; }\n P0 ;\nexists (x=0)", 2, 9, "an integer is expected, not 'x'"],
    ["a 64-bit location", "X86 t\n{ uint64_t x; }\n P0 ;\nexists (x=0)", 2, 3, "64-bit values and pointers are not supported"],
    ["an unknown instruction", `${base} BSWAP EAX ;\nexists (x=0)`, 4, 2, "BSWAP is not supported"],
    ["LOCK where it does not belong", `${base} LOCK MOV [x],$1 ;\nexists (x=0)`, 4, 2, "LOCK does not go with MOV"],
    ["XADD without LOCK", `${base} XADD [x],EAX ;\nexists (x=0)`, 4, 2, "XADD is supported with LOCK"],
    ["an indirect address", `${base} MOV EBX,[EAX] ;\nexists (x=0)`, 4, 10, "addresses in registers are not supported"],
    ["memory to memory", `${base} MOV [x],[y] ;\nexists (x=0)`, 4, 2, "MOV needs a register or memory to write"],
    ["a location without brackets", `${base} MOV EAX,x ;\nexists (x=0)`, 4, 10, "x is not a register"],
    ["something after an instruction", `${base} MFENCE EAX ;\nexists (x=0)`, 4, 9, "the instruction ends here"],
    ["a label that is not there", `${base} JMP away ;\nexists (x=0)`, 4, 2, "there is no label away"],
    ["too many columns", `${base} NOP | NOP ;\nexists (x=0)`, 4, 2, "this row has 2 columns, and there are 1 threads"],
    ["a row without end", `${base} NOP\nexists (x=0)`, 4, 2, "this row is not ended by ';'"],
    ["no condition", `${base} NOP ;\n`, 5, 1, "a condition is expected, not the end"],
    ["a filter", `${base} NOP ;\nfilter (x=0)\nexists (x=0)`, 5, 1, "'filter' is not supported"],
    ["an unknown location in the condition", `${base} NOP ;\nexists (z=0)`, 5, 7, "z is not a location of this test"],
    ["an unknown register in the condition", `${base} NOP ;\nexists (0:EAX=0)`, 5, 7, "0:EAX is not a register that its thread uses"],
    ["a condition that goes on", `${base} NOP ;\nexists (x=0) y`, 5, 14, "the condition ends here, but 'y' follows"],
    ["a comparison of two locations", `${base} NOP ;\nexists (x=y)`, 5, 11, "an integer is expected, not 'y'"],
    ["a parenthesis left open", `${base} NOP ;\nexists (x=0`, 5, 12, "')' is expected, not the end"],
    ["a C loop", inC("while (1) ;"), 4, 3, "'while' is not supported"],
    ["an unknown C function", inC("smp_mb();"), 4, 3, "smp_mb is not supported"],
    ["an unknown order", inC("atomic_store_explicit(x, 1, memory_order_strong);"), 4, 31, "memory_order_strong is not a memory order"],
    ["a release load", inC("int r0 = atomic_load_explicit(x, memory_order_release);"), 4, 12, "a load cannot be release"],
    ["an acquire store", inC("atomic_store_explicit(x, 1, memory_order_acquire);"), 4, 3, "a store cannot be acquire"],
    ["a shared location used as a value", inC("int r0 = x;"), 4, 12, "write *x or atomic_load(x)"],
    ["an undeclared local", inC("r0 = 1;"), 4, 3, "r0 is not declared"],
    ["a location that is no parameter", inC("atomic_store(z, 1);"), 4, 16, "z is not a parameter of this thread"],
    ["accesses behind a short circuit", inC("int r0 = 1 && atomic_load(x);"), 4, 16, "memory accesses on the right of && are not supported"],
    ["a missing semicolon", inC("int r0 = 1"), 5, 1, "';' is expected, not '}'"],
    ["a missing thread", "C t\n{ }\nP1 (atomic_int* x) { }\nexists (x=0)", 3, 1, "P0 is expected here"],
  ])("%s", (_, text, line, column, reason) => {
    let caught: unknown;
    try {
      parseLitmus("test.litmus", text);
    } catch (error) {
      caught = error;
    }
    if (!(caught instanceof LitmusError)) throw new Error(`expected a LitmusError, not ${String(caught)}`);
    expect({ line: caught.line, column: caught.column }).toEqual({ line, column });
    expect(caught.reason).toContain(reason);
    expect(caught.message.startsWith(`test.litmus:${line}:${column}: `)).toBe(true);
  });
});
