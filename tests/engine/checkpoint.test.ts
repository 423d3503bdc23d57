/** A search that is killed at any moment and resumed ends with the figures of one that was not. */
import { spawn } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { search } from "../../dist/checker/engine/index.js";
import type { SearchResult } from "../../dist/checker/result.js";
import { counters, mutex } from "./systems.ts";

const folder = mkdtempSync(join(tmpdir(), "ipc-check-checkpoint-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const seed = Number(process.env["IPC_CHECK_SEED"] ?? 3);

function outcome({ verdict, bound, findings, stats }: SearchResult): object {
  return { verdict, bound, findings, states: stats.states, transitions: stats.transitions, depth: stats.depth };
}

test("interrupted again and again, with one worker and with three", { timeout: 60_000 }, async () => {
  for (const options of [{ workers: 1 }, { workers: 3, eager: true }]) {
    const system = counters(5, 7);
    const expected = outcome(await search(system, { workers: 1 }));
    const file = join(folder, `counters-${options.workers}`);
    let result = await search(system, { ...options, timeout: 0.002, checkpoint: { file, interval: 60, resume: false } });
    let rounds = 1;
    for (; result.bound === "time"; rounds++)
      result = await search(system, { ...options, timeout: 0.002 * 1.5 ** rounds, checkpoint: { file, interval: 60, resume: true } });
    expect(outcome(result)).toEqual(expected);
    expect(rounds).toBeGreaterThan(2);
  }
});

test("violations are found after resuming, by the same paths", async () => {
  const system = mutex(4, true);
  const file = join(folder, "mutex");
  expect(await search(system, { maxDepth: 1, checkpoint: { file, interval: 0, resume: false } })).toMatchObject({ verdict: "inconclusive" });
  expect(outcome(await search(system, { checkpoint: { file, interval: 0, resume: true } }))).toEqual(outcome(await search(system)));
});

/** Runs the tool until it ends or, if given, is killed after so many milliseconds. */
function run(args: readonly string[], killAfter: number | null): Promise<{ readonly code: number | null; readonly stdout: string }> {
  return new Promise((done) => {
    const child = spawn(process.execPath, ["bin/ipc-check.js", ...args], { stdio: ["ignore", "pipe", "ignore"] });
    let stdout = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    const timer = killAfter === null ? null : setTimeout(() => child.kill("SIGKILL"), killAfter);
    child.on("close", (code) => {
      if (timer !== null) clearTimeout(timer);
      done({ code, stdout });
    });
  });
}

test("SIGKILL at any moment", { timeout: 120_000 }, async () => {
  const spec = ["verify", "bench/specs/mutex.ts", "--param", "users=6", "--json", "--no-trace-file", "--no-symmetry"];
  const figures = (stdout: string): object => {
    const { verdict, stats } = JSON.parse(stdout).results[0];
    return { verdict, states: stats.states, transitions: stats.transitions, depth: stats.depth };
  };
  const file = join(folder, "killed");
  const interval = ["--checkpoint-interval", "0.01"];
  const expected = { verdict: "holds", states: 445_924, transitions: 2_041_278, depth: 33 };
  let kills = 0;
  let random = seed;
  let begun = false;
  for (let attempt = 0; attempt < 2; attempt++) {
    random = (Math.imul(random, 1_103_515_245) + 12_345) >>> 0;
    const { stdout } = await run([...spec, ...interval, begun ? "--resume" : "--checkpoint", file], 350 + ((random >>> 8) % 700));
    if (stdout === "") kills++;
    begun = begun || (statSync(file, { throwIfNoEntry: false })?.size !== undefined && readFileSync(file).length > 200);
  }
  const { code, stdout } = await run([...spec, ...interval, begun ? "--resume" : "--checkpoint", file], null);
  expect(code).toBe(0);
  expect(figures(stdout)).toEqual(expected);
  expect(kills).toBeGreaterThan(0);
});

test("what a write that was cut off leaves behind, at every kind of place", async () => {
  const system = counters(5, 7);
  const expected = outcome(await search(system, { workers: 1 }));
  const file = join(folder, "whole");
  for (let most = 4_000; most <= 16_000; most += 4_000) await search(system, { maxStates: most, checkpoint: { file, interval: 0, resume: most > 4_000 } });
  const whole = statSync(file).size;
  for (const cut of [1, 7, 8, 20, 1_000, Math.floor(whole / 2)]) {
    const copy = join(folder, `cut-${cut}`);
    copyFileSync(file, copy);
    truncateSync(copy, whole - cut);
    expect(outcome(await search(system, { checkpoint: { file: copy, interval: 60, resume: true } })), `cut by ${cut}`).toEqual(expected);
  }
});

test("a file that is none, damaged, or of another protocol is refused: 2", { timeout: 60_000 }, async () => {
  const none = join(folder, "none");
  writeFileSync(none, "nothing");
  await expect(search(counters(2, 3), { checkpoint: { file: none, interval: 1, resume: true } })).rejects.toThrow(/is not a checkpoint/);
  const file = join(folder, "other");
  await search(counters(2, 3), { checkpoint: { file, interval: 0, resume: false } });
  await expect(search(counters(2, 4), { checkpoint: { file, interval: 1, resume: true } })).rejects.toThrow(/of another protocol/);
  const bytes = readFileSync(file);
  // A bit of the first state: behind two lines, the head of a segment and its figures.
  const segment = bytes.indexOf("\n", bytes.indexOf("\n") + 1) + 1;
  const first = segment + 24 + bytes.readUInt32LE(segment + 4);
  bytes[first] = (bytes[first] ?? 0) ^ 1;
  writeFileSync(file, bytes);
  await expect(search(counters(2, 3), { checkpoint: { file, interval: 1, resume: true } })).rejects.toThrow(/damaged/);
  expect((await run(["verify", "specs/shm/mutex2.ts", "--resume", join(folder, "missing")], null)).code).toBe(2);
  expect((await run(["verify", "specs/shm/condition-token.ts", "--checkpoint", file], null)).code).toBe(2);
  expect((await run(["verify", "specs/shm/peterson.ts", "--store", "compact", "--checkpoint", file], null)).code).toBe(2);
});
