/** However a search on disk ends, it says so by its exit code and leaves nothing behind. */
import { spawn } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { project } from "../loader/project.js";

const here = project();
afterAll(() => here.remove());

/** Verifies what takes long, with little memory, and sends the signals once states are on disk. */
async function signalled(folder: string, signals: readonly NodeJS.Signals[]): Promise<{ readonly code: number | null; readonly text: string }> {
  const args = ["bench/specs/mutex.ts", "--param", "users=7", "--no-symmetry", "--no-partial-order", "--no-trace-file", "--workers", "1"];
  const child = spawn(process.execPath, ["bin/ipc-check.js", "verify", ...args, "--max-memory", "2M", "--disk", folder]);
  let text = "";
  child.stdout.on("data", (part) => (text += String(part)));
  const timer = setInterval(() => {
    if (readdirSync(folder).length === 0) return;
    clearInterval(timer);
    for (const signal of signals) child.kill(signal);
  }, 5);
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  clearInterval(timer);
  return { code, text };
}

test.each([[["SIGINT"]], [["SIGTERM"]]] as const)("%s ends it with the figures so far: 130", { timeout: 60_000 }, async (signals) => {
  const folder = here.path(signals.join("-"));
  mkdirSync(folder);
  const { code, text } = await signalled(folder, signals);
  expect(code).toBe(130);
  expect(text).toMatch(/of states on disk[\s\S]*not all states were visited: interrupted/);
  expect(readdirSync(folder)).toEqual([]);
});

test("two signals end it at once: 130", { timeout: 60_000 }, async () => {
  const folder = here.path("both");
  mkdirSync(folder);
  expect(await signalled(folder, ["SIGINT", "SIGTERM"])).toMatchObject({ code: 130 });
  expect(readdirSync(folder)).toEqual([]);
});
