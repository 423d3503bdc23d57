/** What belongs to a project: its configuration, budgets, its baseline, `--changed`. */
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { run } from "./run.js";

let cwd = "";
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "ipc-check-project-"));
  copyFileSync("specs/l4/call-hierarchy.ts", join(cwd, "calls.ts"));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const write = (name: string, text: string): void => writeFileSync(join(cwd, name), text);
const config = (body: string): void =>
  write("ipc-check.config.ts", `import { defineConfig } from "ipc-check/config";\nexport default defineConfig(${body});\n`);
const verify = (...args: readonly string[]) => run(["verify", ...args], { cwd });

describe("ipc-check.config.ts", () => {
  test("says what is checked, and how", async () => {
    config('{ specs: ["calls.ts"], expect: true, reporters: ["json"], traceDir: "out" }');
    const { code, stdout } = await verify();
    expect(JSON.parse(stdout).results).toHaveLength(2);
    expect(code).toBe(0);
    expect(existsSync(join(cwd, "out", "calls-broken-deadlock.json"))).toBe(true);
  });

  test("gives way to the command line, and to --no-config", async () => {
    config('{ specs: ["nothing.ts"], traceDir: "out", maxStates: 5 }');
    const given = await verify("calls.ts", "--max-states", "1000", "--trace-dir", "other", "-e", "repaired");
    expect([given.code, given.stdout]).toEqual([0, expect.stringContaining("93 states")]);
    expect((await verify("calls.ts", "-e", "repaired")).code).toBe(3);
    expect((await verify("calls.ts", "-e", "repaired", "--no-config")).code).toBe(0);
  });

  test.each([
    ['{ specs: ["calls.ts"], timeoud: "5s" }', 'ipc-check.config.ts: timeoud is no option of a configuration; did you mean "timeout"?'],
    ['{ specs: ["calls.ts"], timeout: "soon" }', "ipc-check.config.ts: timeout: It must be a time"],
    ['{ specs: "calls.ts" }', "ipc-check.config.ts: specs must be a list"],
    ['{ specs: ["calls.ts"], budgets: { "calls.ts": { states: 0 } } }', 'budgets["calls.ts"].states must be in 1..'],
    ['{ specs: ["calls.ts"], reporters: ["loud"] }', '"loud" is no reporter'],
    ["7", "must be an object"],
    ["{ specs: [", "the configuration cannot be read: ipc-check.config.ts:2:"],
    ["(() => { throw new Error('no') })()", "the configuration cannot be read"],
  ])("%s is refused with its place", async (body, message) => {
    config(body);
    const { code, stderr } = await verify();
    expect(stderr).toContain(message);
    expect(stderr).not.toContain("internal error");
    expect(code).toBe(2);
  });

  test("without it and without names there is nothing to check", async () => {
    const { code, stderr } = await verify();
    expect(stderr).toContain("name what is to be checked");
    expect(code).toBe(2);
    expect((await verify("--config", "other.ts")).stderr).toContain("there is no configuration other.ts");
  });
});

describe("a budget", () => {
  test("that is exceeded fails the run, in every report", async () => {
    config('{ specs: ["calls.ts"], budgets: { "*.ts": { states: 50 } } }');
    const { code, stdout } = await verify("-e", "repaired", "-r", "pretty", "-r", "junit=report.xml", "-r", "json=report.json");
    expect(stdout).toContain("failed: over the budget of *.ts: 93 states, 50 allowed");
    expect(code).toBe(1);
    expect(readFileSync(join(cwd, "report.xml"), "utf8")).toContain('type="budget"');
    expect(JSON.parse(readFileSync(join(cwd, "report.json"), "utf8")).results[0].remarks).toMatchObject([{ rule: "budget", failing: true }]);
  });

  test("that is kept says nothing", async () => {
    config('{ specs: ["calls.ts"], budgets: { "calls.ts": { states: 93, seconds: 600 } } }');
    const { code, stdout } = await verify("-e", "repaired");
    expect(stdout).not.toContain("budget");
    expect(code).toBe(0);
  });
});

describe("a baseline", () => {
  const base = (): { checks: { export: string; states: number; violations: object[] }[] } => JSON.parse(readFileSync(join(cwd, "base.json"), "utf8"));

  test("accepts what was found when it was written, and nothing new", async () => {
    expect((await verify("calls.ts", "--baseline", "base.json", "--update-baseline", "-q")).code).toBe(1);
    expect(base().checks.map(({ states, violations }) => [states, violations.length])).toEqual([
      [41, 1],
      [93, 0],
    ]);
    const again = await verify("calls.ts", "--baseline", "base.json", "-r", "pretty", "-r", "junit=report.xml");
    expect(again.stdout).toContain("accepted: deadlock is in the baseline");
    expect(again.code).toBe(0);
    expect(readFileSync(join(cwd, "report.xml"), "utf8")).toContain('failures="0"');
    write("base.json", readFileSync(join(cwd, "base.json"), "utf8").replaceAll('"deadlock"', '"data-race"'));
    expect((await verify("calls.ts", "--baseline", "base.json", "-q")).code).toBe(1);
  });

  test("tells of violations that are gone and of checks that have grown", async () => {
    await verify("calls.ts", "--baseline", "base.json", "--update-baseline", "-q");
    const text = readFileSync(join(cwd, "base.json"), "utf8");
    write("base.json", text.replace('"broken"', '"other"').replace('"states": 93', '"states": 20'));
    expect((await verify("calls.ts", "-e", "repaired", "--baseline", "base.json")).stdout).toContain("note: 93 states, 4.7 times those of the baseline (20)");
    write("base.json", text.replace('"repaired"', '"other"').replace('"broken"', '"repaired"'));
    const gone = await verify("calls.ts", "-e", "repaired", "--baseline", "base.json");
    expect(gone.stdout).toContain("note: deadlock of the baseline is no longer found");
    expect(gone.code).toBe(0);
  });

  test("keeps checks that were not made, and is the same each time", async () => {
    await verify("calls.ts", "--baseline", "base.json", "--update-baseline", "-q");
    const text = readFileSync(join(cwd, "base.json"), "utf8");
    await verify("calls.ts", "-e", "repaired", "--baseline", "base.json", "--update-baseline", "-q");
    expect(readFileSync(join(cwd, "base.json"), "utf8")).toBe(text);
  });

  test.each([
    ["nothing", null, "there is no baseline base.json; --update-baseline writes one"],
    ["text", "hello", "is no baseline that can be used"],
    ["another document", '{"format":"ipc-check shard"}', "format must be"],
    ["a hostile name", '{"format":"ipc-check baseline","schemaVersion":1,"checks":[{"__proto__":1}]}', "checks[0].spec is missing"],
    ["nested lists", `${"[".repeat(20_000)}${"]".repeat(20_000)}`, "is no baseline that can be used"],
  ])("of %s is refused", async (_, text, message) => {
    if (text !== null) write("base.json", text);
    const { code, stderr } = await verify("calls.ts", "--baseline", "base.json");
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });

  test("is updated only where its file is named", async () => {
    const { code, stderr } = await verify("calls.ts", "--update-baseline");
    expect(stderr).toContain("--update-baseline needs the file");
    expect(code).toBe(2);
  });
});

describe("--changed", () => {
  const git = (...args: readonly string[]): void => void execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...args], { cwd, stdio: "ignore" });
  beforeEach(() => {
    write("helper.ts", "export const limit = 1;\n");
    write(
      "other.ts",
      'import { int, protocol } from "ipc-check";\nimport * as shm from "ipc-check/kernels/shm";\nimport { limit } from "./helper.ts";\nexport default protocol("other", { kernel: shm.kernel(), memory: { x: int(0, 1) }, threads: { a: { *run({ x }) { yield* x.store(limit); } } } });\n',
    );
    git("init", "-q");
    git("add", "-A");
    git("commit", "-qm", "first");
  });

  test("checks nothing where nothing has changed", async () => {
    const { code, stderr, stdout } = await verify(".", "--changed");
    expect([code, stdout]).toEqual([0, ""]);
    expect(stderr).toContain("no specification has changed since HEAD");
  });

  test("checks what imports a file that has changed, and nothing else", async () => {
    write("helper.ts", "export const limit = 1; // again\n");
    const { stdout } = await verify(".", "--changed", "--no-trace-file");
    expect(stdout).toContain("other.ts");
    expect(stdout).not.toContain("calls.ts");
  });

  test("checks everything after a change of the configuration", async () => {
    config("{}");
    expect((await verify(".", "--changed", "--no-trace-file")).stdout).toContain("calls.ts");
  });

  test("takes a commit, and says so if there is none of that name", async () => {
    const { code, stderr } = await verify(".", "--changed", "nowhere");
    expect(stderr).toContain("--changed asks git, which says:");
    expect(code).toBe(2);
  });
});
