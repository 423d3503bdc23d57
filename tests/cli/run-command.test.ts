/** `run` as a user meets it. */
import { existsSync, readFileSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { counter, project } from "../loader/project.ts";
import { run } from "./run.ts";

const here = project();
afterAll(() => here.remove());
const at = { cwd: here.root };

here.write("counter.ts", counter);
here.write("many.ts", counter.replace("count: 2,", "count: 3,"));
here.write("mutex.ts", readFileSync("specs/shm/mutex2.ts", "utf8"));
here.write("hostage.ts", readFileSync("specs/l4/hostage-reply.ts", "utf8"));
/** Both call at once. */
here.write(
  "both.ts",
  `import { int, protocol } from "ipc-check";
import * as l4 from "ipc-check/kernels/l4";
export default protocol("both call", {
  kernel: l4.kernel({ cpus: 1, message: int(0, 1) }),
  threads: {
    a: { cpu: 0, *run({ ipc, threads }) { yield* ipc.call(threads.b, 1); } },
    b: { cpu: 0, *run({ ipc, threads }) { yield* ipc.call(threads.a, 1); } },
  },
});
`,
);
here.write(
  "anything.ts",
  `import { int, protocol } from "ipc-check";
import * as l4 from "ipc-check/kernels/l4";
export default protocol("a server against anybody", {
  kernel: l4.kernel({ cpus: 1, message: int(0, 1) }),
  threads: { server: { cpu: 0, *run({ ipc }) { while (true) yield* ipc.wait(); } }, client: { cpu: 0, untrusted: "arbitrary" } },
});
`,
);

describe("run", () => {
  test("to the end: what happened, how all stand, figures, and 0", async () => {
    const { code, stdout, stderr } = await run(["run", "counter.ts"], at);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^counter {2}counter\.ts \(default\), seed 1\n/);
    expect(stdout).toMatch(/^ 1 {2}CPU \d {2}adder\[\d\] {2}counter\.ts:11:9 {2}count\.fetchAdd\(1\) {2}count 0 → 1; gets 0$/m);
    expect(stdout).toMatch(/^ {2}adder\[0\] {2}finished$/m);
    expect(stdout).toMatch(/^steps +2$/m);
    expect(stdout).toMatch(/^cache misses +[1-9]/m);
    expect(stdout.trimEnd().split("\n").at(-1)).toBe("all threads have finished after 2 steps");
  });

  test("to rest: a server that waits for its next request harms nobody", async () => {
    const { code, stdout } = await run(["run", "hostage.ts", "--export", "repaired"], at);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^at rest after \d+ steps: no thread can go on, and none is harmed$/m);
    expect(stdout).toMatch(/server +blocked in .*at rest$/m);
  });

  test("into threads that are blocked for ever: 1, who waits for whom, and a counterexample that replays", async () => {
    const { code, stdout } = await run(["run", "both.ts"], at);
    expect(code).toBe(1);
    expect(stdout).toContain("a waits for b [polling (send phase)]");
    expect(stdout).toMatch(/^violated after 2 steps: deadlock: a is polling \(send phase\) and nobody will wake it; b is polling/m);
    const trace = /^Reproduce: ipc-check replay (\S+)$/m.exec(stdout)?.[1] ?? "";
    expect(trace).toBe(".ipc-check/both-default-run-1-deadlock.json");
    const again = await run(["replay", trace, "--quiet"], at);
    expect([again.code, again.stdout.slice(0, 10)]).toEqual([0, "reproduced"]);
  });

  test("into a step that is a violation: 1", async () => {
    const { code, stdout } = await run(["run", "many.ts", "--quiet", "--no-trace-file"], at);
    expect([code, stdout]).toEqual([1, "violated after 3 steps: out-of-range: count leaves int(0, 2)\n"]);
    expect(existsSync(here.path(".ipc-check/many-default-run-1-out-of-range.json"))).toBe(false);
  });

  test("until the steps are used up: 3, folded unless --verbose is given", async () => {
    const { code, stdout } = await run(["run", "mutex.ts", "--steps", "200"], at);
    expect(code).toBe(3);
    expect(stdout).toMatch(/^ … \d+ steps …$/m);
    expect(stdout).toMatch(/^no violation in 200 steps; the protocol goes on/m);
    const full = await run(["run", "mutex.ts", "--steps", "200", "--verbose"], at);
    expect(full.stdout).not.toContain("…");
    expect(full.stdout.split("\n").length).toBeGreaterThan(200);
  });

  test("with a document for programs", async () => {
    const { code, stdout } = await run(["run", "both.ts", "--json", "--seed", "4", "--show", "kernel", "--no-trace-file"], at);
    expect(code).toBe(1);
    const document = JSON.parse(stdout) as {
      readonly seed: number;
      readonly end: { readonly kind: string; readonly violation: string; readonly trace: string | null };
      readonly steps: readonly { readonly thread: string; readonly rule: string }[];
      readonly figures: Readonly<Record<string, number>>;
      readonly machine: { readonly kernel: readonly { readonly name: string; readonly text: string }[] };
    };
    expect(document.seed).toBe(4);
    expect(document.end).toMatchObject({ kind: "violated", violation: "deadlock", trace: null });
    expect(document.steps.map(({ rule }) => rule)).toEqual(["queue as sender", "queue as sender"]);
    expect(document.figures["steps"]).toBe(2);
    expect(document.machine.kernel.find(({ name }) => name.startsWith("tcb a "))?.text).toContain("state polling");
  });

  test.each([
    [["run", "hostage.ts"], 2, "hostage.ts exports broken, repaired; choose one with --export"],
    [["run", "counter.ts", "--param", "clients=2"], 2, 'the protocol has no parameter "clients"'],
    [["run", "counter.ts", "--steps", "0"], 2, "It must be a positive integer."],
    [["run", "nowhere.ts"], 2, "nowhere.ts"],
    [["run", "anything.ts"], 3, "thread client is the most general client: it has no program to run"],
  ])("%j ends with %i and says why", async (args, code, message) => {
    const { code: actual, stderr, stdout } = await run(args, at);
    expect([actual, stdout]).toEqual([code, ""]);
    expect(stderr).toContain(message);
  });
});

describe("run --fault", () => {
  test("lets pages, interrupts and their delivery fail, which nobody notices, and says so", async () => {
    const { code, stdout } = await run(
      ["run", "mutex.ts", "-e", "default", "--fault", "page-fault@3", "--fault", "irq-storm=0@5", "--fault", "slow-ipi=1", "--steps", "60"],
      at,
    );
    expect(code).toBe(3);
    expect(stdout).toMatch(/fault: the page of \w+ (is taken away from|was not mapped by) user\[\d\]/);
    expect(stdout).toMatch(/fault: 20 interrupts of a device on CPU 0/);
    expect(stdout).toMatch(/fault: interprocessor interrupts to CPU 1 are held back/);
    expect(stdout).toMatch(/^no violation in 60 steps/m);
  });

  test("kills a thread in its program: to the model it has stopped", async () => {
    const { code, stdout } = await run(["run", "counter.ts", "--fault", "kill=adder[0]@1"], at);
    expect(stdout).toMatch(/fault: adder\[0\] is killed; to the model it has stopped/);
    expect(stdout).not.toMatch(/disagree/);
    expect(code).toBe(0);
  });

  test("kills a thread as the kernel's deletion does, compares what is left, and leaves the model: 3", async () => {
    const { code, stdout } = await run(["run", "both.ts", "--fault", "kill=a@2"], at);
    expect(stdout.trimEnd().split("\n").at(-1)).toBe(
      "the run has left the model after 1 step: a was deleted, which leaves what the kernel's rule leaves; no thread of the protocol does that here",
    );
    expect(code).toBe(3);
  });

  test.each([
    ["kill=bob", 'there is no thread "bob"; there are adder[0], adder[1]'],
    ["slow-ipi=7", "there is no CPU 7"],
    ["rain", "It must be page-fault, kill=THREAD, irq-storm=CPU or slow-ipi=CPU"],
  ])("%s is wrong: 2, and why", async (fault, message) => {
    const { code, stderr } = await run(["run", "counter.ts", "--fault", fault], at);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});

describe("run --memory-model", () => {
  test.each(["tso", "pso"])("%s: stores leave the machine's buffers, and the model goes along", async (model) => {
    const { code, stdout } = await run(["run", "mutex.ts", "-e", "default", "-m", model, "--steps", "120"], at);
    expect(code).toBe(3);
    expect(stdout).toMatch(/^stores drained +[1-9]/m);
    expect(stdout).toMatch(/^no violation in 120 steps/m);
  });
});
