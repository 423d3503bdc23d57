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
  const few = space(1 << 30);
  expect(few).toEqual({ maximum: 1 << 14, far: null });
  const many = space(20 * 2 ** 30);
  if (node64 === process.execPath) expect(many).toMatchObject({ maximum: 2 ** 18, far: expect.anything() });
  else {
    expect(many).toEqual({ maximum: 65_535, far: null });
    expect(() => space(1 << 30, true)).toThrow("there is no memory with addresses of 64 bits here");
  }
});

/** Six and a half GiB, some minutes. */
test.skipIf(node64 === null || process.env["IPC_CHECK_ALL"] !== "1")("a search goes on beyond 4 GiB", { timeout: 3_600_000 }, () => {
  const root = join(import.meta.dirname, "../..");
  const options = ["--workers=2", "--store=exact", `--maxMemory=${7 * 2 ** 30}`, "--partialOrder=never"].slice(0, 3);
  const stats = JSON.parse(on64(join(root, "bench/engine.mjs"), join(root, "bench/specs/ring.ts"), "slots=9", ...options)) as Record<string, number>;
  expect(stats["verdict"]).toBe("holds");
  expect((stats["bytesPerState"] ?? 0) * (stats["states"] ?? 0)).toBeGreaterThan(2 ** 32);
});
