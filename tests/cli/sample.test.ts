/** Samples and parts: `simulate`, `verify --swarm`, `verify --shard` and `merge`. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { run } from "./run.ts";

const folder = mkdtempSync(join(tmpdir(), "ipc-check-sample-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string): string => join(folder, name);
const traces = ["--trace-dir", folder];

describe("simulate", () => {
  test("finds a violation and replays it: 1", async () => {
    const { code, stdout } = await run(["simulate", "specs/shm/mutex1.ts", "--seed", "3", ...traces]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/violated: /);
    expect(stdout).toMatch(/replayed on the executable kernel: reproduced/);
  });

  test("proves nothing: 3, with what was covered and an estimate", async () => {
    const args = ["simulate", "specs/shm/mutex2.ts", "--walks", "200", "--depth", "200", "--seed", "5"];
    const { code, stdout } = await run(args);
    expect(code).toBe(3);
    expect(stdout).toMatch(/not all states were visited: this is a sample/);
    expect(stdout).toMatch(/200 random walks \(--seed 5\), \d+ of \d+ kinds of steps taken; .*states? /);
    const figures = async (): Promise<unknown> => {
      const { stats } = JSON.parse((await run([...args, "--json"])).stdout).results[0];
      return { states: stats.states, transitions: stats.transitions, sample: stats.sample };
    };
    expect(await figures()).toEqual(await figures());
  });
});

test("a swarm that finds nothing and leaves states out: 3", async () => {
  const { code, stdout } = await run(["verify", "bench/specs/mutex.ts", "--param", "users=5", "--swarm", "2", "--swarm-width", "50", "--max-memory", "64M"]);
  expect(code).toBe(3);
  expect(stdout).toMatch(/2 searches of a swarm \(--seed 1\)/);
  expect((await run(["verify", "specs/shm/mutex1.ts", "--swarm", "2", ...traces])).code).toBe(1);
});

describe("shards", () => {
  const verify = (index: number, of: number, name: string, ...more: string[]): ReturnType<typeof run> =>
    run([
      "verify",
      "specs/shm/mutex2.ts",
      "specs/shm/peterson.ts",
      "specs/shm/mutex1.ts",
      "--shard",
      `${index}/${of}`,
      "--result",
      file(name),
      "--no-trace-file",
      ...more,
    ]);

  test("together are the whole run, and a part is said to be one", { timeout: 60_000 }, async () => {
    await Promise.all([verify(1, 2, "a1"), verify(2, 2, "a2", "--workers", "1")]);
    const half = await run(["merge", file("a1")]);
    expect(half.stdout).toMatch(/INCOMPLETE: 1 of 2 shards, \d+ of \d+ checks; missing: 2\/2/);
    const whole = await run(["merge", file("a2"), file("a1")]);
    const direct = JSON.parse(
      (await run(["verify", "specs/shm/mutex2.ts", "specs/shm/peterson.ts", "specs/shm/mutex1.ts", "--json", "--no-trace-file"])).stdout,
    );
    expect(whole.code).toBe(1);
    const merged = JSON.parse((await run(["merge", file("a1"), file("a2"), "--json"])).stdout);
    expect(merged).toMatchObject({ verdict: "violated", completeness: { complete: true, shards: 2, of: 2, missing: [] } });
    const figures = (results: readonly { readonly verdict: string; readonly states: number }[]): readonly unknown[] =>
      results.map(({ verdict, states }) => [verdict, states]);
    expect(figures(merged.results)).toEqual(
      figures(direct.results.map((result: { verdict: string; stats: { states: number } }) => ({ verdict: result.verdict, states: result.stats.states }))),
    );
    expect((await run(["merge", file("a1"), file("a2"), "--expect"])).code).toBe(0);
    expect((await run(["merge", file("a1"), "--expect"])).code).toBe(3);
  });

  test("write the same file every time", async () => {
    await verify(1, 3, "b1");
    await verify(1, 3, "b2", "--workers", "1");
    expect(readFileSync(file("b1"), "utf8")).toBe(readFileSync(file("b2"), "utf8"));
  });

  test("of different runs are not merged: 2", async () => {
    await Promise.all([verify(1, 2, "c1"), verify(2, 2, "c2", "--seed", "9"), verify(2, 2, "c3", "--store", "compact")]);
    for (const other of ["c2", "c3"]) {
      const { code, stderr } = await run(["merge", file("c1"), file(other)]);
      expect(code).toBe(2);
      expect(stderr).toMatch(/is not of the same run/);
    }
    writeFileSync(file("none"), "{}");
    expect((await run(["merge", file("none")])).code).toBe(2);
    expect((await run(["verify", "specs/shm/mutex2.ts", "--shard", "3/2"])).code).toBe(2);
  });
});
