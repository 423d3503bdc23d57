import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { run } from "./run.js";

const folder = mkdtempSync(join(tmpdir(), "ipc-check-formats-"));
const storeBuffering = join(folder, "SB.litmus");
writeFileSync(
  storeBuffering,
  `X86 SB
{ x=0; y=0; }
 P0          | P1          ;
 MOV [x],$1  | MOV [y],$1  ;
 MOV EAX,[y] | MOV EAX,[x] ;
exists (0:EAX=0 /\\ 1:EAX=0)
`,
);

describe("litmus", () => {
  test("finds the store-buffering outcome on TSO, as herd prints it", async () => {
    const { code, stdout } = await run(["litmus", storeBuffering]);
    expect(stdout).toContain("States 4\n");
    expect(stdout).toContain("Observation SB Sometimes 1 3\n");
    expect(code).toBe(0);
  });

  test("does not find it under sequential consistency", async () => {
    const { code, stdout } = await run(["litmus", storeBuffering, "--memory-model", "sc", "--json"]);
    expect(JSON.parse(stdout).results).toMatchObject([
      { name: "SB", memoryModel: "sc", quantifier: "exists", holds: false, observation: "Never", outcomes: 3 },
    ]);
    expect(code).toBe(1);
  });

  test("names the place in a file that it cannot read", async () => {
    const { code, stdout, stderr } = await run(["litmus", "README.md"]);
    expect(stderr).toContain("README.md:1:1: ");
    expect(stdout).toBe("");
    expect(code).toBe(2);
  });
});

describe("export", () => {
  test("writes the flat Promela model to stdout", async () => {
    const { code, stdout } = await run(["export", "specs/shm/mutex2.ts"]);
    expect(stdout).toContain("active proctype system() {");
    expect(code).toBe(0);
  });

  test("writes a TLA+ module with its configuration beside it, Murphi with symmetry, and one process a thread", async () => {
    const file = join(folder, "mutex.tla");
    expect((await run(["export", "specs/shm/mutex2.ts", "--to", "tla", "-o", file])).code).toBe(0);
    expect(readFileSync(file, "utf8")).toContain("---- MODULE mutex ----");
    expect(readFileSync(join(folder, "mutex.cfg"), "utf8")).toContain("INIT Init");
    expect((await run(["export", "specs/shm/mutex2.ts", "--to", "murphi", "--symmetry"])).stdout).toContain("procedure canonical();");
    expect((await run(["export", "specs/shm/mutex2.ts", "--style", "processes"])).stdout).toContain("active proctype user_0__0()");
  });

  test.each([
    [["--to", "murphi", "--style", "flat"], "--style is for --to promela"],
    [["--symmetry"], "--symmetry is for --to murphi"],
    [["--to", "tla", "-o", "two-words.tla"], "two-words is no name of a module"],
  ])("refuses %j", async (options, message) => {
    const { code, stderr } = await run(["export", "specs/shm/mutex2.ts", ...options]);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });

  test("asks which of several protocols is meant", async () => {
    const { code, stderr } = await run(["export", "specs/l4/mutual-call.ts"]);
    expect(stderr).toContain("choose one with --export");
    expect(code).toBe(2);
  });

  test("says so when the output cannot be written", async () => {
    const { code, stderr } = await run(["export", "specs/shm/mutex2.ts", "--output", join(folder, "missing", "m.pml")]);
    expect(stderr).toContain("cannot be written");
    expect(code).toBe(2);
  });
});

describe("export of traces and state graphs", () => {
  const sampleTrace = join(folder, "trace");

  test("writes every format of a counterexample that verify wrote", async () => {
    await run(["verify", "specs/l4/mutual-call.ts", "--export", "broken", "-q", "--trace-dir", sampleTrace]);
    const trace = join(sampleTrace, "specs-l4-mutual-call-broken-deadlock.json");
    for (const format of ["json", "itf", "mermaid", "svg", "perfetto", "dot", "gexf", "graphml"]) {
      const file = join(folder, `out.${format}`);
      const { code, stderr } = await run(["export", trace, "--to", format, "-o", file]);
      expect([code, stderr]).toEqual([0, ""]);
      const { stdout } = await run(["export", trace, "--to", format]);
      expect(stdout).toBe(readFileSync(file, "utf8"));
    }
  });

  test("says what can be written where a format does not fit", async () => {
    const { code, stderr } = await run(["export", "specs/l4/mutual-call.ts", "--to", "svg"]);
    expect([code, stderr]).toEqual([
      2,
      "error: a specification cannot be written as svg; specs/l4/mutual-call.ts can be written as promela, murphi, tla, dot, gexf, graphml\n",
    ]);
  });

  test("refuses a state graph that nobody could read", async () => {
    const { code, stderr } = await run(["export", "specs/shm/mutex1.ts", "-e", "pair", "--to", "dot", "--param", "users=9"]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: (the state graph cannot be drawn|.*declares)/u);
  });
});
