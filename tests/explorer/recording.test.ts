/** A trace alone must not tell another story than the trace with its specification. */
import { expect, test } from "vitest";
import { traceData } from "../../dist/counterexamples/explorer/trace-view.js";
import { recordedMoments } from "../../dist/counterexamples/explorer/recording.js";
import { pathText } from "../../dist/counterexamples/explorer/path.js";
import { find } from "../counterexamples/found.ts";
import { changed } from "../counterexamples/sample.ts";
import type { Trace } from "../../dist/counterexamples/trace.js";
import { sessionOf } from "./opened.ts";

test.each([
  ["specs/l4/mutual-call.ts", "broken"],
  ["specs/l4/hostage-reply.ts", "broken"],
  ["specs/shm/doorbell-ring.ts", "producerUnfenced"],
  ["specs/mach/full-queues.ts", "broken"],
  ["specs/genode/packet-stream.ts", "broken"],
])("what the page says of each step of a trace of %s is what the protocol says, as far as it says it", async (file, exportName) => {
  const { traces, instance, system } = await find(file, exportName);
  const session = sessionOf(instance, system);
  const [trace] = traces;
  if (trace === undefined) throw new Error("no counterexample");
  const data = traceData(trace);
  if (data.kind !== "trace") throw new Error("no trace");
  const moments = recordedMoments(data.scene.threads, data.recording);
  for (let at = 0; at <= trace.steps.length; at++) {
    const live = await session.moment(pathText(trace.decisions.slice(0, at)));
    const recorded = moments(at);
    for (const [index, { thread, state, operation, site }] of recorded.threads.entries()) {
      const real = live.threads[index];
      expect(real?.thread).toBe(thread);
      // Arguments of an operation that waits may change until its step; its place does not.
      if (operation !== null) expect([at, thread, site]).toEqual([at, thread, site === null ? null : real?.site]);
      // A trace does not know of those who block in their first step's operation without having begun it.
      if (state === "finished" || state === "stopped") expect(real?.state).toBe(state);
      if (at === trace.steps.length) expect(recorded.threads[index]).toEqual(real);
    }
  }
  const values = new Map(session.scene.initial.map(({ name, value }) => [name, value]));
  for (const { name, role, value } of data.scene.initial) {
    expect([name, value]).toEqual([name, values.get(name)]);
    expect([name, role]).toEqual([name, session.scene.initial.find((each) => each.name === name)?.role]);
  }
});

test("a trace of a hundred thousand steps is laid out in a moment", () => {
  const long = changed((trace) => {
    trace.steps = Array.from({ length: 100_000 }, () => trace.steps[0]);
    trace.decisions = Array.from({ length: 100_000 }, () => trace.decisions[0]);
  }) as Trace;
  const began = performance.now();
  const data = traceData(long);
  if (data.kind !== "trace") throw new Error("no trace");
  const moments = recordedMoments(data.scene.threads, data.recording);
  for (const at of [0, 1, 50_000, 99_999, 100_000]) expect(moments(at).threads).toHaveLength(data.scene.threads.length);
  expect(performance.now() - began).toBeLessThan(10_000);
});
