/** The matchers of `ipc-check/vitest`, used and misused. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseSync } from "oxc-parser";
import { afterAll, describe, expect, test } from "vitest";
import { spec } from "../../dist/cli/vitest.js";
import { exportVitest } from "../../dist/counterexamples/export/vitest.js";
import { find } from "../counterexamples/found.ts";

mkdirSync("node_modules/.cache", { recursive: true });
const folder = mkdtempSync(join("node_modules", ".cache", "vitest-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const calls = "specs/l4/call-hierarchy.ts";
const quiet = { traceDir: false } as const;

async function failure(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("it passed");
}

test("a protocol that holds is expected to hold, and not to violate anything", async () => {
  await expect(spec(calls, "repaired")).toHold(quiet);
  await expect(spec(calls, "repaired")).not.toViolate("deadlock", quiet);
  await expect(spec("specs/shm/doorbell-ring.ts", "fenced", { parameters: { items: 1 }, memoryModel: { model: "sc" } })).toHold(quiet);
});

test("a protocol that deadlocks is expected to", async () => {
  await expect(spec(calls, "broken")).toViolate("deadlock", quiet);
  await expect(spec(calls, "broken")).toViolate(undefined, quiet);
  await expect(spec(calls, "broken")).not.toHold(quiet);
});

describe("a failure", () => {
  test("of toHold prints the interleaving and writes the trace", async () => {
    const message = await failure(expect(spec(calls, "broken")).toHold({ traceDir: folder }));
    expect(message).toContain("Who waits for whom");
    expect(message).toContain("a waits for b");
    expect(existsSync(join(folder, "specs-l4-call-hierarchy-broken-deadlock.json"))).toBe(true);
  });

  test("of toViolate says what was found instead", async () => {
    expect(await failure(expect(spec(calls, "broken")).toViolate("lost-wakeup", quiet))).toContain(
      "a lost-wakeup was expected; servers that call each other: 41 states, violated",
    );
    expect(await failure(expect(spec(calls, "repaired")).toViolate("deadlock", quiet))).toContain("93 states, holds");
  });

  test("of a search that was cut short is one", async () => {
    expect(await failure(expect(spec(calls, "repaired")).toHold({ ...quiet, maxStates: 5 }))).toContain("not all were visited");
  });
});

test.each([
  ["a protocol object", {}, "a protocol that is imported has lost its source"],
  ["a path that is not there", "nothing.ts", "there is no file nothing.ts"],
  ["an export that is not there", spec(calls, "other"), "choose one with spec(file, export)"],
  ["a parameter that is not there", spec(calls, "broken", { parameters: { clients: 2 } }), 'no parameter "clients"'],
])("%s fails whether it is expected to hold or not", async (_, received, message) => {
  expect(await failure(expect(received).toHold(quiet))).toContain(message);
  expect(await failure(expect(received).not.toHold(quiet))).toContain(message);
});

test("a counterexample exported as a test passes, and fails once the specification has changed", async () => {
  const [trace] = (await find(calls, "broken")).traces;
  if (trace === undefined) throw new Error("no trace");
  const text = exportVitest(trace);
  expect(exportVitest(structuredClone(trace))).toBe(text);
  await expect(trace).toBeReproduced();
  const changed = { ...trace, spec: { ...trace.spec, hash: trace.spec.hash.replace(/^./u, (digit) => (digit === "0" ? "1" : "0")) } };
  expect(await failure(expect(changed).toBeReproduced())).toContain("has changed since this trace was written");

  const file = join(folder, "reproduced.test.ts");
  writeFileSync(file, text.replace('"ipc-check/vitest"', JSON.stringify(join(process.cwd(), "dist/cli/vitest.js"))));
  const config = join(folder, "vitest.config.mjs");
  writeFileSync(config, 'export default { test: { include: ["**/*.test.ts"], exclude: [], server: { deps: { external: [/dist/] } } } };\n');
  const out = execFileSync(process.execPath, ["node_modules/vitest/vitest.mjs", "run", "--config", config, "--root", ".", file], {
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1" },
  });
  expect(out).toMatch(/Tests\s+1 passed/u);
});

test("names in a counterexample cannot become code of the test", async () => {
  const [trace] = (await find(calls, "broken")).traces;
  if (trace === undefined) throw new Error("no trace");
  const hostile = exportVitest({ ...trace, protocol: '*/ process.exit(1); /* "$1" `\n\u2028', spec: { ...trace.spec, path: "a*/b.ts" } });
  expect(hostile).not.toContain("\u2028");
  const { program, errors } = parseSync("hostile.test.ts", hostile);
  expect(errors).toEqual([]);
  expect(program.body.map(({ type }) => type)).toEqual(["ImportDeclaration", "ImportDeclaration", "ExpressionStatement", "VariableDeclaration"]);
});
