/** A small trace, written by hand, for the tests of reading and printing. */
import type { Trace } from "../../dist/counterexamples/trace.js";

const site = (line: number) => ({ file: "specs/l4/example.ts", line, column: 11 });

export const sample: Trace = {
  format: "ipc-check trace",
  version: 1,
  tool: { name: "ipc-check", version: "0.1.0" },
  spec: { path: "specs/l4/example.ts", hash: "a".repeat(64), export: "broken" },
  protocol: "both call at once",
  parameters: { rounds: 2 },
  kernel: { name: "l4", options: { atomic: false } },
  scheduling: "free",
  memoryModel: { model: "sc", buffer: 4, messages: 4 },
  threads: [
    { name: "a", cpu: 0, untrusted: false },
    { name: "b", cpu: 0, untrusted: false },
    { name: "c", cpu: 1, untrusted: true },
  ],
  violation: { kind: "deadlock", property: "deadlock", message: "a and b wait for each other", location: null, threads: ["a", "b"], failing: false },
  decisions: [
    { kind: "step", thread: 2, rule: "write", pick: 0, transition: 7 },
    { kind: "step", thread: 0, rule: "queue as sender", pick: 0, transition: 1 },
    { kind: "step", thread: 1, rule: "queue as sender", pick: 0, transition: 4 },
  ],
  initial: { "ring[0]": 0, head: 0, "ipc.state[a]": "running", "ipc.senders[a]": [], "ipc.partner[a]": null },
  steps: [
    {
      cpu: 1,
      thread: "c",
      site: site(31),
      operation: "head.write(1)",
      rule: "write",
      changes: [{ name: "head", role: "memory", before: 0, after: 1 }],
      completed: [{ thread: "c", result: "" }],
    },
    {
      cpu: 0,
      thread: "a",
      site: site(12),
      operation: "ipc.call(b, 1)",
      rule: "queue as sender",
      changes: [
        { name: "ipc.state[a]", role: "kernel", before: "running", after: "polling" },
        { name: "ipc.senders[b]", role: "kernel", before: [], after: ["a"] },
      ],
      completed: [],
    },
    {
      cpu: 0,
      thread: "b",
      site: site(20),
      operation: "ipc.call(a, 1)",
      rule: "queue as sender",
      changes: [{ name: "ipc.senders[a]", role: "kernel", before: [], after: ["b"] }],
      completed: [],
    },
  ],
  end: {
    threads: [
      { thread: "a", state: "blocked", site: site(12), operation: "ipc.call(b, 1)", says: "polling (send phase)", idle: false },
      { thread: "b", state: "blocked", site: site(20), operation: "ipc.call(a, 1)", says: "polling (send phase)", idle: false },
      { thread: "c", state: "finished", site: null, operation: null, says: null, idle: false },
    ],
    edges: [
      { from: "a", to: "b", kind: "send", says: "polling (send phase)" },
      { from: "b", to: "a", kind: "send", says: "polling (send phase)" },
    ],
  },
  turning: { step: 2, instead: { thread: "b", operation: "ipc.wait()", rule: "receive without sending" } },
};

// biome-ignore lint/suspicious/noExplicitAny: tests put values of every wrong type into traces
export type Loose = any;

/** A deep copy with one thing changed. */
export function changed(change: (trace: Loose) => void): unknown {
  const copy: unknown = structuredClone(sample);
  change(copy);
  return copy;
}
