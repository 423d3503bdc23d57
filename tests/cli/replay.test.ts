/** `replay` as a user meets it: to the end, step by step without a terminal, with parts of the machine. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { project } from "../loader/project.ts";
import { run } from "./run.ts";

const here = project();
afterAll(() => here.remove());
const at = { cwd: here.root };
const trace = ".ipc-check/mutex-stuck-deadlock.json";

beforeAll(async () => {
  here.write("mutex.ts", readFileSync("specs/shm/mutex1.ts", "utf8"));
  await run(["verify", "mutex.ts", "--export", "stuck", "--quiet"], at);
});

/** The blocks that --step prints. */
async function steps(input: string, ...options: readonly string[]): Promise<readonly string[]> {
  const { code, stdout, stderr } = await run(["replay", trace, "--step", ...options], { ...at, input });
  expect([code, stderr]).toEqual([0, ""]);
  return stdout.trimEnd().split("\n\n");
}
const positions = (blocks: readonly string[]): readonly string[] => blocks.map((block) => /^(start|step \d+)/.exec(block)?.[0] ?? block);

describe("replay --step", () => {
  test("goes forwards, backwards, to a step and to the end, and stays within the trace", async () => {
    const blocks = await steps("n\n\np\np\np\ng 7\ng 0\ne\nn\nq\nn\n");
    expect(positions(blocks)).toEqual(["start", "step 1", "step 2", "step 1", "start", "start", "step 7", "start", "step 12", "step 12"]);
  });

  test("a step shows who did what, where, what changed, and how all stand", async () => {
    const [, block = ""] = await steps("n\n");
    expect(block.split("\n")).toEqual([
      "step 1 of 12  CPU 0  user[0]  mutex.ts:10:13",
      "  10 │ let old = yield* word.fetchAdd(1);",
      "  word.fetchAdd(1)",
      "    word 0 → 1",
      "    gets 0",
      "  machine and model agree",
      "* user[0]  ready, in word.store(0)",
      "  user[1]  ready, in word.fetchAdd(1)",
      "  user[2]  ready, in word.fetchAdd(1)",
    ]);
  });

  test("a step reached backwards looks as it did forwards", async () => {
    const forwards = await steps("g 4\n", "--show", "cpu,cache,kernel,memory");
    const backwards = await steps("e\ng 5\np\n", "--show", "memory,kernel,cache,cpu");
    expect(backwards[3]).toBe(forwards[1]);
  });

  test("the last step shows the violation in the kernel's own structures", async () => {
    const blocks = await steps("s kernel\ne\n");
    const end = blocks.at(-1) ?? "";
    expect(end).toContain("reproduced: user[1]: place 1 of 1 among the sleepers on word");
    expect(end).toMatch(/^\* user\[1\] {2}blocked: place 1 of 1 among the sleepers on word, in futex\.wait\(word, 0\)$/m);
    expect(end).toMatch(/^\* futex bucket 0 at 0x[\da-f]+ +sleepers \[user\[1\]\]$/m);
  });

  test("parts are shown and hidden again, and what is no command is said to be none", async () => {
    const { code, stdout, stderr } = await run(["replay", trace, "--step"], { ...at, input: "s memory\ns\ns disk\nx\nh\n" });
    expect(code).toBe(0);
    expect(stderr).toBe('"s disk" is no command; h lists them\n"x" is no command; h lists them\n');
    const [first = "", second = "", third = "", help = ""] = stdout.split("\n\n");
    expect([first, second, third].map((block) => /^memory\n {2}word at 0x[\da-f]+ {2}0$/m.test(block))).toEqual([false, true, false]);
    expect(help).toContain("go to where N steps have been taken");
  });
});

describe("replay --show", () => {
  test("prints parts of the machine at the end", async () => {
    const { code, stdout } = await run(["replay", trace, "--show", "cache,memory", "--quiet"], at);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^reproduced: .*\n {2}futex bucket \d+ at 0x[\da-f]+: sleepers \[user\[1\]\]\n\ncache\n {2}CPU 0 store buffer: empty\n/);
    expect(stdout).toMatch(/^ {2}CPU 1 line 0x[\da-f]+: (shared|exclusive|modified) \[.*\] \(word\)$/m);
    expect(stdout).toMatch(/\nmemory\n {2}word at 0x[\da-f]+: 0\n$/);
  });

  test("goes into the document of --json", async () => {
    const { stdout } = await run(["replay", trace, "--show", "memory", "--json"], at);
    const document = JSON.parse(stdout) as { readonly replay: { readonly verdict: string }; readonly machine: Readonly<Record<string, unknown>> };
    expect(document.replay.verdict).toBe("reproduced");
    expect(document.machine).toEqual({ memory: [{ name: expect.stringMatching(/^word at 0x/) as string, text: "0" }] });
  });

  test.each([
    [["--show", "disk"], '"disk" is no part of the machine; there are cpu, cache, kernel, memory'],
    [["--step", "--json"], "give one of the two"],
  ])("%j is wrong usage", async (options, message) => {
    const { code, stderr } = await run(["replay", trace, ...options], at);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});
