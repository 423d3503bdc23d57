/** `verify --watch`: a change of any file of a specification is noticed, and what it does to the verdict is said. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

let cwd = "";
let child: ChildProcess | null = null;
let output = "";
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "ipc-check-watch-"));
  output = "";
});
afterEach(() => {
  child?.kill("SIGKILL");
  rmSync(cwd, { recursive: true, force: true });
});

const limit = (value: number): void => writeFileSync(join(cwd, "limit.ts"), `export const limit: number = ${value};\n`);
const spec = (name: string): void =>
  writeFileSync(
    join(cwd, "spec.ts"),
    `import { check, int, protocol } from "ipc-check";
import * as shm from "ipc-check/kernels/shm";
import { limit } from "./limit.ts";
export default protocol("${name}", {
  kernel: shm.kernel(),
  memory: { x: int(0, 3) },
  threads: { a: { *run({ x }) { const old = yield* x.fetchAdd(1); check(old < limit, "below"); } }, b: { *run({ x }) { yield* x.fetchAdd(1); } } },
});
`,
  );

/** Waits until the output has a text so many times. */
async function seen(text: string, times: number = 1): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (output.split(text).length - 1 < times) {
    if (Date.now() > deadline || child?.exitCode !== null) throw new Error(`"${text}" did not come ${times} times:\n${output}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

test("a change of a helper turns the verdict, a broken file keeps the watch alive, and Ctrl-C ends it", async () => {
  limit(2);
  spec("counter");
  child = spawn(process.execPath, [resolve("bin/ipc-check.js"), "verify", "spec.ts", "--watch", "--no-trace-file"], { cwd, stdio: ["ignore", "pipe", "pipe"] });
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding("utf8").on("data", (text: string) => (output += text));
  await seen("watching 1 specification");
  expect(output).toContain("holds  counter");

  limit(1);
  await seen("changed: spec.ts (default): holds → violated: assertion");
  await seen("watching", 2);

  writeFileSync(join(cwd, "limit.ts"), "export const limit = ;\n");
  await seen("limit.ts:1:22");
  await seen("watching", 3);

  limit(2);
  await seen("changed: spec.ts (default): violated: assertion → holds");
  await seen("watching", 4);

  const ended = new Promise<number | null>((done) => child?.on("exit", (code) => done(code)));
  child.kill("SIGINT");
  expect(await ended).toBe(130);
}, 120_000);
