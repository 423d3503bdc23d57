/**
 * Memory with addresses of 64 bits: whatever is searched comes to the same as with 32. Where the Node that runs the tests has no such
 * memory another one is asked (support/node64.ts); without one these tests are skipped.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { space } from "../../dist/checker/engine/memory.js";
import { node64 } from "../support/node64.ts";
import { type Case, outcomes } from "./wide-cases.ts";

const runs = Number(process.env["IPC_CHECK_RUNS"] ?? 5);
const seed = Number(process.env["IPC_CHECK_SEED"] ?? 640);
const folder = mkdtempSync(join(tmpdir(), "ipc-check-wide-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a program writes on the Node with such memory. */
function on64(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(node64 ?? "", args, { encoding: "utf8", maxBuffer: 1 << 28 });
  expect(stderr.replace(/^.*ExperimentalWarning.*\n.*\n/u, "")).toBe("");
  expect(status).toBe(0);
  return stdout;
}

test.skipIf(node64 === null)("wide memory changes no verdict, count or path", { timeout: 600_000 }, async () => {
  const lines = on64(join(import.meta.dirname, "wide-cases.ts"), folder, String(seed), String(runs))
    .trim()
    .split("\n");
  const wide = lines.map((line) => JSON.parse(line) as Case);
  const verdicts = new Set<string>();
  let at = 0;
  for await (const { name, outcome } of outcomes(folder, seed, runs, {})) {
    const other = wide[at++];
    // A file has another name, that is all.
    expect(other?.name.replaceAll("/wide", "/narrow")).toBe(name);
    expect(other?.outcome, name).toEqual(outcome);
    verdicts.add((outcome as { readonly verdict: string }).verdict);
  }
  expect(wide.length).toBe(at);
  expect([...verdicts].sort()).toEqual(["holds", "inconclusive", "violated"]);
});

test("memory is wide only where more than 32 bits can address is asked for", () => {
  expect(space(1 << 30)).toEqual({ maximum: 1 << 14, far: null });
  expect(space(2 ** 32)).toEqual({ maximum: 65_535, far: null });
  const many = space(20 * 2 ** 30);
  if (node64 === process.execPath) expect(many).toMatchObject({ maximum: 2 ** 18, far: expect.anything() });
  else {
    expect(many).toEqual({ maximum: 65_535, far: null });
    expect(() => space(1 << 30, true)).toThrow("there is no memory with addresses of 64 bits here");
  }
});

/** 260 ** 3 states of some 320 bytes; a minute of processor time, 6 GB. */
test.skipIf(node64 === null || process.env["IPC_CHECK_ALL"] !== "1")("a search goes on beyond 4 GiB", { timeout: 3_600_000 }, () => {
  const modules = [join(import.meta.dirname, "../../dist/checker/engine/index.js"), join(import.meta.dirname, "systems.ts")];
  const program = `
    const [{ search }, { rings }] = await Promise.all(${JSON.stringify(modules)}.map((path) => import(path)));
    const { verdict, stats } = await search(rings(3, 130, 6), { workers: 2, maxMemory: 7 * 2 ** 30 });
    console.log(JSON.stringify({ verdict, states: stats.states, transitions: stats.transitions, bytes: stats.states * stats.bytesPerState }));`;
  const { bytes, ...figures } = JSON.parse(on64("--input-type=module", "-e", program)) as { readonly bytes: number };
  expect(figures).toEqual({ verdict: "holds", states: 260 ** 3, transitions: 3 * 260 ** 3 });
  expect(bytes).toBeGreaterThan(2 ** 32);
});
