/** What a person sees of a trace. */
import { describe, expect, test } from "vitest";
import { printTrace } from "../../dist/counterexamples/print.js";
import type { Trace } from "../../dist/counterexamples/trace.js";
import { waitCycle, waitGraph } from "../../dist/counterexamples/wait-graph.js";
import { changed, type Loose, sample } from "./sample.ts";

const plain = { color: false, width: 120 };
const print = (change: (trace: Loose) => void, options: Partial<Parameters<typeof printTrace>[1]> = {}) =>
  printTrace(changed(change) as Trace, { ...plain, ...options });

describe("printing", () => {
  test("shows the schedule, the ends, the wait-for graph, the reason and how to reproduce it", () => {
    expect(printTrace(sample, { ...plain, file: "out/trace 1.json" })).toBe(`both call at once: deadlock
specs/l4/example.ts (broken), kernel l4 (atomic: false), rounds = 2

Schedule
 1  CPU 1  c  example.ts:31:11  head.write(1)                    head 0 → 1
 2  CPU 0  a  example.ts:12:11  ipc.call(b, 1): queue as sender  ipc.senders[b] [] → [a]
 3  CPU 0  b  example.ts:20:11  ipc.call(a, 1): queue as sender  ipc.senders[a] [] → [b]

At the end
  a  blocked in ipc.call(b, 1) at example.ts:12:11: polling (send phase)
  b  blocked in ipc.call(a, 1) at example.ts:20:11: polling (send phase)
  c  finished

Who waits for whom
  a waits for b [polling (send phase)]
  b waits for a [polling (send phase)]

Why this is a violation
  a and b wait for each other
  a and b can never go on: every thread that could end the wait is blocked itself, or has ended.
  Circle: a → b → a.

Point of no return
  Step 2, a: ipc.call(b, 1) (queue as sender). From here on no schedule avoids the violation; until then it could be avoided.
  Instead, for example, b: ipc.wait() (receive without sending).

What helps
  Let calls go in one direction only: give threads levels, and send upwards what does not wait (a notification, a pulse).
  Or give one of these waits an end, and handle it: with equal timeouts on both sides they may meet again and again.

Reproduce: ipc-check replay 'out/trace 1.json'
`);
  });

  test("without a file, the last line verifies the spec again with its parameters", () => {
    expect(
      print(() => {})
        .trimEnd()
        .split("\n")
        .at(-1),
    ).toBe("Reproduce: ipc-check verify specs/l4/example.ts --param rounds=2");
  });

  test("shows all kernel state when asked to", () => {
    expect(print(() => {})).not.toContain("ipc.state[a]");
    expect(print(() => {}, { verbose: true })).toContain("ipc.state[a] running → polling");
  });

  test("keeps to the width by moving changes to a line of their own", () => {
    const printed = print(() => {}, { width: 70 });
    expect(printed).toContain("\n      ipc.senders[b] [] → [a]\n");
    for (const line of printed.split("\n").filter((each) => each.includes("→"))) expect(line.length).toBeLessThanOrEqual(70);
  });

  test("colours only when asked to", () => {
    const code = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, "gu");
    const colored = printTrace(sample, { ...plain, color: true });
    expect(colored).toMatch(code);
    expect(colored.replace(code, "")).toBe(printTrace(sample, plain));
  });

  test("control characters of a trace do not reach the terminal", () => {
    const printed = print((trace) => {
      trace.protocol = "evil\u001b[2J\u0007";
      trace.steps[0].operation = "x\r\ny\u202e";
    });
    expect(printed.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
    expect(printed).toContain("evil\\x1b[2J\\x07");
  });

  test("names the hostage taker and the wait to make finite in an unreplied call", () => {
    const printed = print((trace) => {
      trace.violation = { ...trace.violation, kind: "unreplied-call", property: "unreplied-call", message: "unreplied-call", threads: ["a", "b"] };
      trace.end.threads[2] = { thread: "c", state: "ready", site: null, operation: "ipc.send(b, 1)", says: null, idle: false };
      trace.end.edges = [
        { from: "a", to: "b", kind: "closed-receive", says: "waiting (closed receive)" },
        { from: "b", to: "c", kind: "send", says: "polling (send phase)" },
      ];
    });
    expect(printed).toContain("a depends on c, which is untrusted and need never act: a waits for b waits for c.");
    expect(printed).toContain("The wait to make finite, or not to enter, is that of b: polling (send phase).");
    expect(printed).toContain("b waits for c (untrusted: may never act)");
    expect(printed).toContain("c  ready in ipc.send(b, 1), where it may stop for ever");
  });

  test("says where a failed check stands, and that no step is needed when it fails at once", () => {
    const printed = print((trace) => {
      trace.violation = {
        kind: "assertion",
        property: "in order",
        message: "in order",
        location: { file: "specs/x.ts", line: 3, column: 5 },
        threads: ["a"],
        failing: true,
      };
      trace.steps = [];
      trace.decisions = [];
    });
    expect(printed).toContain('assertion "in order"');
    expect(printed).toContain("  at specs/x.ts:3:5\n");
    expect(printed).toContain("no step is needed");
  });
});

describe("the wait-for graph", () => {
  const graphOf = (edges: readonly (readonly [string, string])[]) =>
    waitGraph(
      changed((trace) => {
        trace.threads = ["a", "b", "c", "d"].map((name) => ({ name, cpu: 0, untrusted: false }));
        trace.end.threads = trace.threads.map(({ name }: { name: string }) => ({
          thread: name,
          state: "blocked",
          site: null,
          operation: null,
          says: "x",
          idle: false,
        }));
        trace.end.edges = edges.map(([from, to]) => ({ from, to, kind: "send", says: "x" }));
      }) as Trace,
    );
  test("finds a shortest cycle through the threads of the violation", () => {
    expect(
      waitCycle(
        graphOf([
          ["a", "b"],
          ["b", "c"],
          ["c", "a"],
          ["c", "d"],
          ["d", "c"],
        ]),
        ["a", "b", "c", "d"],
      ),
    ).toEqual(["c", "d"]);
    expect(
      waitCycle(
        graphOf([
          ["a", "b"],
          ["b", "c"],
          ["c", "a"],
        ]),
        ["b"],
      ),
    ).toEqual(["b", "c", "a"]);
  });
  test("finds none in a chain, and a thread that waits for itself", () => {
    expect(
      waitCycle(
        graphOf([
          ["a", "b"],
          ["b", "c"],
        ]),
        ["a", "b"],
      ),
    ).toBeNull();
    expect(waitCycle(graphOf([["a", "a"]]), ["a"])).toEqual(["a"]);
  });
});
