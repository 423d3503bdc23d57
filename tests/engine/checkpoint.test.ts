/** A search that is killed at any moment and resumed ends with the figures of one that was not. */
import { spawn } from "node:child_process";
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
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

test("interrupted on disk, and taken up again there or in memory", { timeout: 60_000 }, async () => {
  for (const [system, shallow, deeper] of [
    [counters(4, 5), 4, 8],
    [mutex(4, true), 1, 2],
  ] as const) {
    const expected = outcome(await search(system, { workers: 1 }));
    for (const options of [{ workers: 1 }, { workers: 3 }]) {
      const file = join(folder, `disk-${deeper}-${options.workers}`);
      const onDisk = { ...options, eager: true, disk: folder };
      // Some of it in memory, more on disk, the rest in memory again, on disk again, or on disk because memory is full.
      await search(system, { workers: 1, maxDepth: shallow, checkpoint: { file, interval: 0, resume: false } });
      const before = statSync(file).size;
      const cut = await search(system, { ...onDisk, maxDepth: deeper, checkpoint: { file, interval: 0, resume: true } });
      expect(cut).toMatchObject({ verdict: "inconclusive", bound: "depth" });
      expect(cut.stats.onDisk).toBeGreaterThan(0);
      expect(statSync(file).size).toBeGreaterThan(before);
      for (const [which, goesOn] of [{ workers: 1 }, onDisk].entries()) {
        const copy = `${file}-${which}`;
        copyFileSync(file, copy);
        expect(outcome(await search(system, { ...goesOn, checkpoint: { file: copy, interval: 0, resume: true } }))).toEqual(expected);
      }
    }
  }
  const wide = counters(5, 9);
  const file = join(folder, "full");
  const memory = { workers: 1, maxMemory: 800_000, checkpoint: { file, interval: 0, resume: false } };
  const found = await search(wide, { ...memory, disk: folder, maxDepth: 30 });
  expect(found).toMatchObject({ bound: "depth" });
  expect(found.stats.onDisk).toBeGreaterThan(0);
  const again = { ...memory, checkpoint: { ...memory.checkpoint, resume: true } };
  await expect(search(wide, again)).rejects.toThrow(/needs more memory than there is \(--max-memory, or --disk to go on there\)/);
  expect(outcome(await search(wide, { ...again, disk: folder }))).toEqual(outcome(await search(wide, { workers: 1 })));
  expect(readdirSync(folder).filter((name) => name.startsWith("ipc-check-states"))).toEqual([]);
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

const places: readonly [string, readonly string[]][] = [
  ["in memory", []],
  // A checkpoint does not know how it was kept.
  ["on disk", ["--disk", folder, "--max-memory", "4M"]],
];
test.each(places)("SIGKILL at any moment, %s", { timeout: 120_000 }, async (place, more) => {
  const spec = ["verify", "bench/specs/mutex.ts", "--param", "users=6", "--json", "--no-trace-file", "--no-symmetry", "--no-partial-order", ...more];
  const figures = (stdout: string): object => {
    const { verdict, stats } = JSON.parse(stdout).results[0];
    return { verdict, states: stats.states, transitions: stats.transitions, depth: stats.depth };
  };
  const file = join(folder, `killed ${place}`);
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
  expect(JSON.parse(stdout).results[0].stats.onDisk > 0).toBe(place === "on disk");
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
