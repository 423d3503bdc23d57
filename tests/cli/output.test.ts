/** Output that nobody can take: no stack trace, and no verdict by the exit code. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { expect, test } from "vitest";

const shell = (command: string): { readonly status: number | null; readonly stderr: string } =>
  spawnSync("bash", ["-c", command], { encoding: "utf8", env: { ...process.env, NO_COLOR: "1" } });

test.each(["list specs/shm", "run --help", "explain"])("%s into a pipe whose reader has gone ends quietly", (args) => {
  const { status, stderr } = shell(`set -o pipefail; node bin/ipc-check.js ${args} | true`);
  expect(stderr).toBe("");
  expect([0, 141]).toContain(status);
});

test.runIf(existsSync("/dev/full"))("a full disk is one message, and 2", () => {
  const { status, stderr } = shell("node bin/ipc-check.js list specs/shm > /dev/full");
  expect(stderr).toMatch(/^error: the output cannot be written: ENOSPC.*\n {2}hint: free some space, or send it elsewhere\n$/);
  expect(status).toBe(2);
});
