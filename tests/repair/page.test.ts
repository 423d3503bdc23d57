/** docs/timeouts.md takes long to write, so what is asked is whether its specifications have changed since. */
import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";

test("the page about timeouts was written from the specifications as they are", () => {
  const { status, stderr } = spawnSync(process.execPath, ["scripts/timeouts.mjs", "--inputs"], { encoding: "utf8" });
  expect([status, stderr]).toEqual([0, ""]);
});
