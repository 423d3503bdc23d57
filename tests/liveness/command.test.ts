/** The command line's side: --fairness, --liveness, claims for SPIN, and exit codes. */
import { describe, expect, it } from "vitest";
import { run } from "../cli/run.js";

const kinds = "tests/liveness/protocols/kinds.ts";
const verify = (name: string, ...options: readonly string[]): ReturnType<typeof run> => run(["verify", kinds, "-e", name, "--no-trace-file", ...options]);

describe("verify", () => {
  it("judges runs under the fairness that --fairness names, prints where they repeat, and exits with 1 or 0", async () => {
    const [weak, none] = await Promise.all([verify("fair"), verify("fair", "--fairness", "none")]);
    expect(weak.code).toBe(0);
    expect(none.code).toBe(1);
    expect(none.stdout).toContain("moves: <>p is false, where p is side === 1");
    expect(none.stdout).toContain("from here on again and again, for ever:");
    expect(none.stdout).toContain("replayed on the executable kernel: reproduced");
  });

  it("does not say that a protocol holds with a store in which runs cannot be judged", async () => {
    const { code, stdout } = await verify("fair", "--store", "compact");
    expect(code).toBe(3);
    expect(stdout).toContain("use --store exact or compressed");
  });
});

describe("export --ltl", () => {
  it("writes a property as a claim, and says which there are where the name is another one", async () => {
    const [good, bad] = await Promise.all([
      run(["export", kinds, "-e", "lockWeak", "--ltl", "mine"]),
      run(["export", kinds, "-e", "lockWeak", "--ltl", "yours"]),
    ]);
    expect(good.code).toBe(0);
    expect(good.stdout).toMatch(/ltl claim_mine \{ \[\]<>p0 \}/);
    expect(bad.code).toBe(2);
    expect(bad.stderr).toContain('the protocol has no property "yours" of runs; there are mine, released');
  });
});
