/** The published table of litmus tests: target outcomes and outcome counts of every memory model. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { explore } from "../../dist/litmus/explore.js";
import { naiveOutcomes } from "../../dist/litmus/naive/index.js";
import { type Enumeration, answer } from "../../dist/litmus/outcome.js";
import type { LitmusTest } from "../../dist/litmus/program.js";
import * as share from "../support/share.ts";
import { type Row, plain, rows, testOf, variants } from "./table.ts";

interface Exception {
  readonly name: string;
  readonly column: string;
  readonly reachable: boolean;
  readonly outcomes: number;
  readonly reason: string;
}
const { c11: exceptions } = JSON.parse(readFileSync(new URL("data/exceptions.json", import.meta.url), "utf8")) as { readonly c11: readonly Exception[] };

/** Every sixth row in CI, every twelfth under `npm test`, and each row that is an exception; all of them with IPC_CHECK_ALL=1. */
const everything = process.env["IPC_CHECK_ALL"] === "1";
const chosen = everything ? rows : rows.filter((row, i) => i % (share.everything ? 6 : 12) === 0 || exceptions.some(({ name }) => name === row.name));

interface Verdict {
  readonly name: string;
  readonly reachable: boolean;
  readonly outcomes: number;
}
function verdict(row: Row, litmus: LitmusTest, enumeration: Enumeration): Verdict {
  const judged = answer(enumeration, litmus.question);
  if (enumeration.bounded || enumeration.deadlock) throw new Error(`${row.name}: a straight-line program ends and meets no bound`);
  // The target of `forall` is a counterexample to its condition.
  return { name: row.name, reachable: (row.quantifier === "forall" ? judged.negative : judged.positive) > 0, outcomes: judged.outcomes.length };
}

const naive = (litmus: LitmusTest, model: "sc" | "tso" | "pso" | "ra"): Enumeration => naiveOutcomes(litmus.program, model);
const lowered = (litmus: LitmusTest, model: "sc" | "tso" | "pso" | "ra"): Enumeration => explore(litmus.program, model);

describe("the table of litmus tests", () => {
  test("has all its rows", () => {
    expect(rows.length).toBe(270);
    expect(chosen.length).toBeGreaterThan(share.everything ? 40 : 20);
  });

  for (const [how, enumerate] of [
    ["the transition system", lowered],
    ["the naive enumerator", naive],
  ] as const) {
    for (const model of ["sc", "tso", "pso"] as const) {
      test(`${how} reaches the published outcomes under ${model}`, { timeout: 120_000 }, () => {
        const found = chosen.map((row) => {
          const litmus = testOf(row, plain);
          const enumeration = enumerate(litmus, model);
          return { ...verdict(row, litmus, enumeration), allOutcomes: enumeration.outcomes.length };
        });
        expect(found).toEqual(chosen.map((row) => ({ name: row.name, ...row[model] })));
      });
    }

    for (const [column, orders] of Object.entries(variants)) {
      test(`${how} reaches the outcomes of ${column} under ra, but for the listed exceptions`, { timeout: 120_000 }, () => {
        const found = chosen.map((row) => {
          const litmus = testOf(row, orders);
          return verdict(row, litmus, enumerate(litmus, "ra"));
        });
        const expected = chosen.map((row): Verdict => {
          const exception = exceptions.find((each) => each.name === row.name && each.column === column);
          const published = row.c11[column];
          if (published === undefined) throw new Error(`${row.name} has no column ${column}`);
          if (exception === undefined) return { name: row.name, reachable: published.reachable, outcomes: published.outcomes };
          // An exception that agrees with the table is none.
          expect([exception.reachable, exception.outcomes]).not.toEqual([published.reachable, published.outcomes]);
          return { name: row.name, reachable: exception.reachable, outcomes: exception.outcomes };
        });
        expect(found).toEqual(expected);
      });
    }
  }
});
