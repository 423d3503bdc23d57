/** Every violated specification: its counterexample is written, printed, read back and reproduced on the machine. */
import { readdirSync, readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { printTrace } from "../../dist/counterexamples/print.js";
import { parseTrace } from "../../dist/counterexamples/read.js";
import { replayTrace, specProblem } from "../../dist/counterexamples/replay.js";
import type { Trace } from "../../dist/counterexamples/trace.js";
import { loadPaths } from "../../dist/kernel/common/executor.js";
import { commit, type KernelHost, type MachinePath, type PathFactory, type SystemCall } from "../../dist/kernel/common/path.js";
import type { Instance } from "../../dist/model/language/protocol.js";
import { loadSpec } from "../../dist/model/loader/load.js";
import { inTurn } from "../support/share.ts";
import { find } from "./found.ts";

const schema = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(JSON.parse(readFileSync("counterexamples/schemas/trace.schema.json", "utf8")));
const specs = ["l4", "shm"].flatMap((folder) =>
  readdirSync(`specs/${folder}`, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => `specs/${folder}/${name}`),
);

const violated = (
  await Promise.all(
    specs.map(async (path) =>
      (
        await loadSpec(path)
      ).protocols.flatMap(({ protocol, exportName }) =>
        // The machine has store buffers, and nothing that corresponds to release/acquire memory; any client has no program to run.
        protocol.expect !== null &&
        protocol.expect !== "holds" &&
        protocol.memoryModel.model !== "ra" &&
        Object.values(protocol.threads).every(({ untrusted }) => untrusted !== "arbitrary")
          ? [{ path, exportName }]
          : [],
      ),
    ),
  )
).flat();

test("the counterexample of a protocol on release/acquire memory is not run, and the result says why", async () => {
  const { instance, system, traces } = await find("specs/shm/locks/ticket.ts", "withoutAcquire");
  const [trace] = traces;
  if (trace === undefined) throw new Error("no counterexample was found");
  expect(schema(trace) || schema.errors).toBe(true);
  expect(await replayTrace(parseTrace(JSON.stringify(trace), "trace.json"), instance, system)).toMatchObject({
    verdict: "not-run",
    message: "the machine has store buffers, but no memory in which a store may become visible to one CPU before another",
  });
});

function one(traces: readonly Trace[]): Trace {
  const [trace] = traces;
  if (trace === undefined) throw new Error("no counterexample was found");
  return trace;
}

describe("the counterexample of", () => {
  test.each(violated.filter((_, index) => inTurn(index, 0, 4)))("$path ($exportName) is reproduced", async ({ path, exportName }) => {
    const { instance, system, traces } = await find(path, exportName);
    expect(traces.length).toBeGreaterThan(0);
    for (const trace of traces) {
      expect(schema(trace) || schema.errors).toBe(true);
      const again = parseTrace(JSON.stringify(trace), "trace.json");
      expect(again).toEqual(trace);
      const printed = printTrace(again, { color: false, width: 200, file: "trace.json" });
      for (const step of trace.steps) if (step.site !== null) expect(printed).toContain(`:${step.site.line}:${step.site.column}  `);
      expect(printed.trimEnd().split("\n").at(-1)).toBe("Reproduce: ipc-check replay trace.json");
      expect(await replayTrace(again, instance, system)).toMatchObject({ verdict: "reproduced", step: trace.decisions.length });
    }
  });
});

/** The kernel's paths, with some system calls handled otherwise. */
async function broken(instance: Instance, change: (path: MachinePath, host: KernelHost) => MachinePath["calls"]): Promise<readonly PathFactory[]> {
  return (await loadPaths(instance)).map(
    (factory): PathFactory =>
      (host) => {
        const path = factory(host);
        return { ...path, calls: { ...path.calls, ...change(path, host) } };
      },
  );
}
const original = (path: MachinePath, name: string, call: SystemCall) => {
  const handler = path.calls[name];
  if (handler === undefined) throw new Error(`no ${name}`);
  return handler(call);
};
/** The first step, from 1, of a trace that fires one of these rules. */
const stepOf = (trace: Trace, ...rules: readonly string[]) => trace.decisions.findIndex(({ rule }) => rules.includes(rule)) + 1;

describe("a machine with a broken path diverges", () => {
  test("at the futex wake that wakes nobody, or the sleep that does not compare", async () => {
    const { instance, system, traces } = await find("specs/shm/spin-then-park.ts", "broken");
    const trace = one(traces);
    const deaf = await broken(instance, () => ({
      *"futex.wake"() {
        yield commit("wake");
        return { woken: 1 };
      },
    }));
    const wake = stepOf(trace, "wake");
    expect(wake).toBeGreaterThan(0);
    const result = await replayTrace(trace, instance, system, { paths: deaf });
    expect(result).toMatchObject({ verdict: "diverged", step: wake });
    expect(result.message).toMatch(/^operations that end: of device on the machine, of (device, )?high(, device)? in the model$/u);
    const drowsy = await broken(instance, () => ({
      *"futex.wait"() {
        yield commit("fall asleep");
        return { outcome: "woken" };
      },
    }));
    expect(await replayTrace(trace, instance, system, { paths: drowsy })).toMatchObject({
      verdict: "diverged",
      step: stepOf(trace, "fall asleep", "value differs"),
    });
  });

  test("at the send that is announced under another rule", async () => {
    const { instance, system, traces } = await find("specs/l4/hostage-reply.ts", "broken");
    const trace = one(traces);
    const paths = await broken(instance, (path) => ({
      *ipc(call) {
        for (const routine = original(path, "ipc", call); ; ) {
          const point = routine.next("run");
          if (point.done === true) return point.value;
          yield point.value.kind === "commit" && point.value.rule === "receive without sending" ? commit("transfer") : point.value;
        }
      },
    }));
    const result = await replayTrace(trace, instance, system, { paths });
    expect(result).toMatchObject({ verdict: "diverged", step: stepOf(trace, "receive without sending") });
    expect(result.message).toBe('the machine commits "transfer", the model fires "receive without sending"');
  });

  test("where a message is delivered with another value", async () => {
    const { instance, system, traces } = await find("specs/l4/hostage-reply.ts", "broken");
    const trace = one(traces);
    const paths = await broken(instance, (path) => ({
      ipc: (call) => original(path, "ipc", { ...call, args: { ...call.args, message: (Number(call.args["message"]) + 1) % 4 } }),
    }));
    const result = await replayTrace(trace, instance, system, { paths });
    expect(result.verdict).toBe("diverged");
    expect(result.step).toBe(
      1 +
        trace.decisions.findIndex(({ thread, rule }) => trace.threads[thread ?? -1]?.name !== "server" && (rule === "transfer" || rule === "queue as sender")),
    );
  });
});

describe("a trace that does not fit", () => {
  test("the spec as it is now is told by the hash, with what to do", async () => {
    const { traces } = await find("specs/l4/hostage-reply.ts", "broken");
    const trace = one(traces);
    expect(specProblem(trace, trace.spec)).toBeNull();
    expect(specProblem(trace, { path: trace.spec.path, hash: "0".repeat(64) })).toContain("has changed since this trace was written");
  });

  test("is not run for another protocol, other parameters, threads or kernel options", async () => {
    const { instance, system, traces } = await find("specs/l4/hostage-reply.ts", "broken");
    const trace = one(traces);
    const replay = async (changes: Partial<Trace>) => {
      const { verdict, message } = await replayTrace({ ...trace, ...changes }, instance, system);
      expect(verdict).toBe("not-run");
      return message;
    };
    expect(await replay({ protocol: "other" })).toContain('of the protocol "other"');
    expect(await replay({ parameters: { n: 3 } })).toContain("the parameter n = 3");
    expect(await replay({ threads: trace.threads.slice(1) })).toContain("other threads");
    expect(await replay({ kernel: { name: "l4", options: { atomic: true } } })).toContain("the kernel option atomic: true");
  });

  test("diverges where a decision is not possible, or the violation is not there", async () => {
    const { instance, system, traces } = await find("specs/l4/hostage-reply.ts", "broken");
    const trace = one(traces);
    const last = trace.decisions.length;
    const moved = trace.decisions.map((decision, index) => (index === last - 1 ? { ...decision, rule: "cancel a send" } : decision));
    expect(await replayTrace({ ...trace, decisions: moved }, instance, system)).toMatchObject({ verdict: "diverged", step: last });
    const shorter = { ...trace, decisions: trace.decisions.slice(0, -1), steps: trace.steps.slice(0, -1) };
    expect(await replayTrace(shorter, instance, system)).toMatchObject({ verdict: "diverged" });
    const other: Trace = { ...trace, violation: { ...trace.violation, kind: "assertion", failing: true } };
    expect(await replayTrace(other, instance, system)).toMatchObject({ verdict: "diverged", message: "after the last step there is no assertion" });
  });
});
