/**
 * The specs library: every bundled protocol gets the verdict it declares from the engine, and nothing about its state space
 * changes unseen; and it gets the same without the reset of dead locals, with symmetry, with other stores and several workers, with
 * partial order and, where it is small enough, from the naive checker. `npm test` asks each protocol some of these, in turn
 * (../support/share.ts).
 *
 * counts.json pins the exact numbers. After a change that is meant to alter them, run
 * `IPC_CHECK_UPDATE_COUNTS=1 npx vitest run tests/specs --no-file-parallelism` and review the difference.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { naive } from "../../dist/checker/naive/index.js";
import { type RuleCount, ruleCounts } from "../../dist/checker/properties/coverage.js";
import type { Finding, SearchOptions, SearchResult } from "../../dist/checker/result.js";
import { search } from "../../dist/checker/engine/index.js";
import { partialOrder } from "../../dist/checker/engine/partial-order/reduction.js";
import { compile } from "../../dist/model/compiler/index.js";
import { instantiate } from "../../dist/model/language/protocol.js";
import { loadSpec } from "../../dist/model/loader/load.js";
import { reachableRanges } from "../../dist/model/system/narrow.js";
import type { System } from "../../dist/model/system/system.js";
import { symmetryOf } from "../../dist/model/system/symmetry/groups.js";
import { everything, inTurn } from "../support/share.ts";

interface Counts {
  readonly states: number;
  readonly transitions: number;
  readonly depth: number;
}
/** One row of counts.json. `length`: steps of the shortest counterexample. */
interface Row {
  readonly verdict: string;
  readonly findings: readonly string[];
  readonly length: number | null;
  readonly live: Counts;
  readonly plain: Counts;
  /** With one state for all orders of symmetric replicas, where there are any. */
  readonly symmetric?: Counts;
}

const table = new URL("./counts.json", import.meta.url);
const updating = process.env["IPC_CHECK_UPDATE_COUNTS"] === "1";
const pinned: Readonly<Record<string, Row>> = updating ? {} : JSON.parse(readFileSync(table, "utf8"));
/** The naive checker keeps whole states as text: beyond this many it is left out. */
const naiveLimit = process.env["IPC_CHECK_RUNS"] === undefined ? 1_000 : 5_000;
const deeper = process.env["IPC_CHECK_RUNS"] !== undefined;
/** Larger protocols are searched in no other mode without that. */
const smallLimit = 2_000;
/** Other stores, several workers. */
const modes: readonly SearchOptions[] = [{ store: "compressed" }, { store: "compact", workers: 2 }, { store: "bitstate" }];
/** Rules are counted in protocols of up to so many. */
const censusLimit = 20_000;

/** Declares the tests of the protocols of some kernels. */
export async function library(...kernels: readonly string[]): Promise<void> {
  const files = readdirSync(new URL("../../specs", import.meta.url), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && kernels.includes(file.split("/")[0] ?? ""))
    .sort();
  const specs = await Promise.all(files.map(async (file) => ({ file, loaded: await loadSpec(`specs/${file}`) })));
  const protocols = specs.flatMap(({ file, loaded }) => loaded.protocols.map(({ exportName, protocol }) => ({ key: `${file} ${exportName}`, protocol })));

  /** How often each rule of a kernel has fired, by kernel, operation and rule. */
  const fired = new Map<string, number>();
  const ruleKey = (kernel: string, operation: string | null, rule: string): string => JSON.stringify({ kernel, operation, rule });
  function note(kernel: string, rules: readonly RuleCount[]): void {
    for (const each of rules) {
      const key = ruleKey(kernel, each.operation, each.rule);
      fired.set(key, (fired.get(key) ?? 0) + each.fired);
    }
  }

  const named = (findings: readonly Finding[]): string[] => findings.map(({ kind, property }) => `${kind}: ${property}`);
  const outcome = ({ verdict, findings, length }: Row): Pick<Row, "verdict" | "findings" | "length"> => ({ verdict, findings, length });
  const counts = ({ states, transitions, depth }: Counts): Counts => ({ states, transitions, depth });
  const rows = new Map<string, Row>();
  /** Protocols searched with partial order, and those of which that left states out. */
  const reduced = { used: 0, smaller: 0 };

  describe(`the specs library: ${kernels.join(", ")}`, () => {
    describe.each(protocols.map((each, index) => ({ ...each, index })))("$key", ({ key, protocol, index }) => {
      let system: System | null = null;
      let live: SearchResult | null = null;
      // A compiled protocol is large: it goes when its own tests are over, or a worker would hold gigabytes.
      afterAll(() => {
        system = null;
        live = null;
      });

      /** What the engine found, and what is pinned of the modes that it was not asked in. */
      const found = (): Row => {
        const row = rows.get(key);
        if (row === undefined) throw new Error("the engine's result is missing");
        return row;
      };

      test("gets its verdict, with the pinned counts", async () => {
        const instance = instantiate(protocol);
        system = compile(instance);
        live = await search(system, { census: "counts", censusLimit });
        if (live.census !== undefined) note(protocol.kernel.name, ruleCounts(instance, system, live.census));

        const expected = protocol.expect;
        expect(expected, "every bundled protocol declares its verdict").not.toBeNull();
        if (expected === "holds") expect(live.findings.map((finding) => finding.message)).toEqual([]);
        else if (expected !== null) expect(live.findings.map((finding) => finding.kind)).toContain(expected.violated);
        expect(live.verdict).toBe(expected === "holds" ? "holds" : "violated");

        const row = { verdict: live.verdict, findings: named(live.findings), length: live.findings[0]?.path.length ?? null, live: counts(live.stats) };
        rows.set(key, { plain: row.live, ...pinned[key], ...row });
        if (!updating) expect({ ...pinned[key], ...row }).toEqual(pinned[key]);
      });

      if (updating || inTurn(index, 0, 12))
        test("gets the same without the reset of dead locals, and with symmetry", async () => {
          if (system === null || live === null) throw new Error("the engine's result is missing");
          const row = found();
          const plain = await search(compile(instantiate(protocol), { liveness: false }));
          expect(named(plain.findings)).toEqual(row.findings);
          expect(plain.findings[0]?.path.length ?? null).toBe(row.length);
          expect(row.live.states).toBeLessThanOrEqual(plain.stats.states);

          // The same counterexamples, to the step.
          const symmetric = symmetryOf(system).groups.length > 0 ? await search(system, { symmetry: true }) : null;
          if (symmetric !== null) expect([symmetric.verdict, symmetric.findings]).toEqual([live.verdict, live.findings]);

          const { symmetric: _, ...rest } = row;
          const whole: Row = { ...rest, plain: counts(plain.stats), ...(symmetric === null ? {} : { symmetric: counts(symmetric.stats) }) };
          rows.set(key, whole);
          if (!updating) expect(whole).toEqual(pinned[key]);
        });

      test.each(modes.filter((_, turn) => inTurn(index, turn, 15)))("gets the same with store $store", async (mode) => {
        if (system === null) throw new Error("the compiled protocol is missing");
        const row = found();
        if (row.live.states > smallLimit && !deeper) return;
        const { verdict, bound, findings, stats } = await search(system, mode);
        // Without the states there is no graph in which runs could be judged.
        if (bound === "runs") {
          expect(system.liveness).not.toBeNull();
          return;
        }
        const only = row.findings.every((finding) => finding.startsWith("lost-wakeup")) && row.findings.length > 0;
        if (only && stats.unchecked.length > 0) return;
        expect({ verdict, findings: named(findings), length: findings[0]?.path.length ?? null }).toEqual(outcome(row));
        expect(counts(stats)).toEqual(row.live);
      });

      if (inTurn(index, 1, 9))
        test("gets the same with partial order", async () => {
          if (system === null) throw new Error("the compiled protocol is missing");
          const row = found();
          if (row.live.states > smallLimit && !deeper) return;
          if (partialOrder(system, reachableRanges(system)).reduction === null) return;
          reduced.used++;
          const { verdict, findings, stats } = await search(system, { partialOrder: "always", workers: 1 });
          expect({ verdict, findings: named(findings), length: findings[0]?.path.length ?? null }).toEqual(outcome(row));
          expect(stats.partialOrder).toEqual({ used: true, reason: null, confirmed: verdict === "violated" });
          // The figures of a violation are those of the search without it.
          if (verdict === "violated") expect(counts(stats)).toEqual(row.live);
          else expect(stats.states).toBeLessThanOrEqual(row.live.states);
          if (stats.states < row.live.states) reduced.smaller++;
          // With symmetry as well the verdict is the same.
          const both = await search(system, { partialOrder: "always", symmetry: true, workers: 1 });
          expect({
            verdict: both.verdict,
            kinds: [...new Set(both.findings.map(({ kind }) => kind))].sort(),
            length: both.findings[0]?.path.length ?? null,
          }).toEqual({
            verdict: row.verdict,
            kinds: [...new Set(findings.map(({ kind }) => kind))].sort(),
            length: row.length,
          });
        });

      if (inTurn(index, 2, 4))
        test("gets the same from the naive checker", () => {
          const row = found();
          if (row.plain.states > naiveLimit) return;
          const result = naive(instantiate(protocol));
          expect(result.verdict).toBe(row.verdict);
          if (result.runs.length > 0) {
            // Replicas that are kept from service in different ways are so many findings of the engine.
            const named = new Set(row.findings.map((finding) => finding.replace(/^[\w-]+: /, "")));
            expect(result.runs.map(({ property }) => property).sort()).toEqual([...named].sort());
            expect(counts(result.stats)).toEqual(row.plain);
            return;
          }
          // Each checker words left ranges and unhandled errors by itself.
          const unworded = (finding: string): string => finding.replace(/^(out-of-range|unhandled-error): .*/, "$1");
          expect(result.findings.map((finding) => unworded(`${finding.kind}: ${finding.property}`))).toEqual(row.findings.map(unworded));
          expect(result.findings[0]?.path.length ?? null).toBe(row.length);
          expect(counts(result.stats)).toEqual(row.plain);
        });
    });

    test("partial order is used for many protocols, and leaves out states of some", () => {
      // Under `npm test` a ninth of the protocols is asked.
      expect(reduced.used).toBeGreaterThan(everything ? 10 : 3);
      if (deeper) expect(reduced.smaller).toBeGreaterThan(0);
    });

    test("every rule of every kernel fires somewhere, but for those that unused-rules.json gives a reason for", () => {
      const listed: readonly { readonly kernel: string; readonly operation: string | null; readonly rule: string; readonly reason: string }[] = JSON.parse(
        readFileSync(new URL("../../specs/unused-rules.json", import.meta.url), "utf8"),
      );
      for (const { reason } of listed) expect(reason.length).toBeGreaterThan(20);
      const never = [...fired].filter(([, count]) => count === 0).map(([key]) => key);
      const own = listed.filter(({ kernel }) => kernels.includes(kernel));
      expect(never.sort()).toEqual(own.map(({ kernel, operation, rule }) => ruleKey(kernel, operation, rule)).sort());
    });

    test("the table has no rows but those of the library", () => {
      expect(protocols.length).toBeGreaterThan(30);
      const own = Object.keys(pinned).filter((key) => kernels.includes(key.split("/")[0] ?? ""));
      if (!updating) expect(own.sort()).toEqual(protocols.map(({ key }) => key).sort());
    });
  });

  afterAll(() => {
    if (!updating) return;
    // The rows of other kernels stay: their file of tests writes them.
    const others = Object.entries<Row>(JSON.parse(readFileSync(table, "utf8"))).filter(([key]) => !kernels.includes(key.split("/")[0] ?? ""));
    writeFileSync(table, `${JSON.stringify(Object.fromEntries([...others, ...rows].sort(([a], [b]) => (a < b ? -1 : 1))), null, 1)}\n`);
  });
}
