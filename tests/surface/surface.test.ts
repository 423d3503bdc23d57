/** Holds accepted.ts and rejected.ts by the type checker: one must pass, each marked line of the other must not. */
import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";

/** TypeScript's own report on the specs and the surface; each "expected" error that does not appear is one. */
function typeCheck(): { readonly status: number | null; readonly output: string; readonly files: readonly string[] } {
  const run = spawnSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.specs.json", "--listFiles"], { encoding: "utf8" });
  const lines = run.stdout.split("\n");
  return {
    status: run.status,
    output: lines.filter((line) => /error TS/.test(line)).join("\n"),
    files: lines.filter((line) => /\/(specs|tests\/surface)\/.*\.ts$/.test(line)),
  };
}

describe("the public surface", () => {
  const result = typeCheck();

  test("types what it must accept and rejects what it must reject", () => {
    expect(result.output).toBe("");
    expect(result.status).toBe(0);
  });

  test("is checked on both files and on the bundled specs", () => {
    const checked = (end: string): boolean => result.files.some((file) => file.endsWith(end));
    expect(checked("tests/surface/accepted.ts")).toBe(true);
    expect(checked("tests/surface/rejected.ts")).toBe(true);
    expect(result.files.length).toBeGreaterThan(15);
  });
});
