/** Lock algorithms, wake-up flags and rings: what can go wrong under each memory model. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { explore } from "../../dist/litmus/explore.js";
import { naiveOutcomes } from "../../dist/litmus/naive/index.js";
import type { Enumeration } from "../../dist/litmus/outcome.js";
import { type LockRow, lockRows, plain, programOf, variants } from "./table.ts";

const { bounded } = JSON.parse(readFileSync(new URL("data/exceptions.json", import.meta.url), "utf8")) as {
  readonly bounded: readonly { readonly name: string; readonly models: readonly string[] }[];
};

/** The three-thread lock has a hundred thousand states under TSO and more under PSO: with IPC_CHECK_ALL=1. */
const everything = process.env["IPC_CHECK_ALL"] === "1";
const rowsOf = (model: string): readonly LockRow[] => lockRows.filter(({ threads }) => everything || model === "sc" || threads.length < 3);

/** The verdict in the table's words: everything that goes wrong in some execution. */
function verdict(row: LockRow, found: Enumeration): string {
  const value = (outcome: readonly number[], name: string | number): number => outcome[found.names.indexOf(String(name))] ?? Number.NaN;
  const wrong = (outcome: readonly number[]): boolean => {
    if (row.final === null) return false;
    const [first, second, third] = row.final;
    if (first === "notboth") return value(outcome, second ?? "") === 1 && value(outcome, third ?? "") === 1;
    return (value(outcome, first ?? "") === third) !== (second === "==");
  };
  const parts = [found.collision && "viol", found.deadlock && "dead", found.outcomes.some(wrong) && "data", found.assertion && "assert"].filter(
    (part) => part !== false,
  );
  return parts.length === 0 ? "ok" : parts.join("+");
}

describe("the table of locks", () => {
  test("has all its rows", () => expect(lockRows.length).toBe(20));

  for (const model of ["sc", "tso", "pso"] as const) {
    test(`has the published verdicts under ${model}; a verdict that rests on a bound says so`, { timeout: 60_000 }, () => {
      const found = rowsOf(model).map((row) => {
        const enumeration = explore(programOf(row.name, row.init, row.threads, plain), model);
        return { name: row.name, verdict: verdict(row, enumeration), bounded: enumeration.bounded };
      });
      const inBounds = (name: string): boolean => bounded.some((entry) => entry.name === name && entry.models.includes(model));
      expect(found).toEqual(rowsOf(model).map((row) => ({ name: row.name, verdict: row.expect[model], bounded: inBounds(row.name) })));
    });
  }

  test("is the same for the naive enumerator where no bound is met", { timeout: 60_000 }, () => {
    const cases = lockRows.flatMap((row) =>
      (["sc", "tso", "pso"] as const)
        .filter((model) => !bounded.some(({ name, models }) => name === row.name && models.includes(model)))
        .map((model) => ({ row, model })),
    );
    const small = cases.filter(({ row }) => row.threads.length === 2);
    expect(small.length).toBeGreaterThan(40);
    expect(small.map(({ row, model }) => [row.name, model, verdict(row, naiveOutcomes(programOf(row.name, row.init, row.threads, plain), model))])).toEqual(
      small.map(({ row, model }) => [row.name, model, row.expect[model]]),
    );
  });

  test("gives the same verdicts with larger buffers", { timeout: 60_000 }, () => {
    const rows = lockRows.filter(({ name }) => bounded.some((entry) => entry.name === name));
    expect(rows.map((row) => verdict(row, explore(programOf(row.name, row.init, row.threads, plain), "tso", { buffer: 7, messages: 4 })))).toEqual(
      rows.map((row) => row.expect.tso),
    );
  });

  test("has the verdicts of sequential consistency under ra where every access is seq_cst", { timeout: 60_000 }, () => {
    const rows = lockRows.filter(({ threads }) => threads.length === 2);
    const orders = variants["rc11_sc"] ?? plain;
    expect(rows.map((row) => [row.name, verdict(row, explore(programOf(row.name, row.init, row.threads, orders), "ra"))])).toEqual(
      rows.map((row) => [row.name, row.expect.sc]),
    );
  });

  test("queue locks and rings need release and acquire, and nothing more", { timeout: 60_000 }, () => {
    const verdictOf = (name: string, column: string): string => {
      const row = lockRows.find((each) => each.name === name);
      const orders = variants[column];
      if (row === undefined || orders === undefined) throw new Error(`no ${name} under ${column}`);
      const enumeration = explore(programOf(row.name, row.init, row.threads, orders), "ra");
      expect(enumeration.bounded).toBe(false);
      return verdict(row, enumeration);
    };
    const names = ["mcs-2", "clh-2", "spsc-1slot", "peterson-nofence-r1"];
    expect(names.map((name) => [name, verdictOf(name, "rc11_rlx"), verdictOf(name, "rc11_ra")])).toEqual([
      ["mcs-2", "dead+data", "ok"],
      ["clh-2", "data", "ok"],
      ["spsc-1slot", "assert", "ok"],
      ["peterson-nofence-r1", "viol", "viol"],
    ]);
  });
});
