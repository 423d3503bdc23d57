/** Background rules on the machine: each comes by the line of a device, on the CPU that its instance is of, in replays as well. */
import { expect, test } from "vitest";
import { makeTrace } from "../../dist/counterexamples/make.js";
import { replayTrace } from "../../dist/counterexamples/replay.js";
import { Executor } from "../../dist/kernel/common/executor.js";
import { commit, type PathFactory } from "../../dist/kernel/common/path.js";
import { layout } from "../../dist/kernel/common/records.js";
import { Cost } from "../../dist/hardware/profile.js";
import { compile } from "../../dist/model/compiler/index.js";
import { bool } from "../../dist/model/language/index.js";
import { instantiate } from "../../dist/model/language/protocol.js";
import { loadSpec } from "../../dist/model/loader/load.js";
import { fire, initialState, possibleMoves } from "../../dist/model/system/interpret.js";

const bellLayout = layout<{ rung: boolean }>("bell", { rung: bool() });

/** A device on each CPU, which rings a bell once. */
const path: PathFactory = (host) => {
  const bells = host.perCpu(bellLayout);
  return {
    calls: {},
    interrupts: {
      *ring(cpu) {
        const bell = bells[cpu];
        if (bell !== undefined) bell.rung = true;
        yield commit("ring");
      },
    },
    project: () => ({ "bell.rung": bells.map(({ rung }) => rung) }),
    forget: () => {},
    blocking: () => null,
    audit: () => [],
  };
};

async function bells() {
  const { protocols, hash } = await loadSpec("tests/machine/protocols/bells.ts");
  const protocol = protocols[0]?.protocol;
  if (protocol === undefined) throw new Error("no protocol");
  return { instance: instantiate(protocol), hash };
}

test("an interrupt of a device enters the kernel by a line of its own, not by the timer", async () => {
  const { instance } = await bells();
  const executor = new Executor(instance, [path], { faults: { stuckTimer: true } });
  expect(executor.interrupt("ring", 1)).toMatchObject({ rule: "ring", cpu: 1 });
  expect(executor.project()).toEqual({ "bell.rung": [false, true] });
  expect([0, 1].map((cpu) => executor.machine.counters.events(Cost.interrupt, cpu))).toEqual([0, 1]);
  expect(executor.leaks()).toEqual([]);
});

test("a replay rings the bell of the CPU that the trace names, also where transitions are numbered otherwise", async () => {
  const { instance, hash } = await bells();
  const system = compile(instance);
  const start = initialState(system);
  if (start.kind !== "state") throw new Error("no state");
  const ring = possibleMoves(system, start.state).find(({ transition }) => system.transitions[transition]?.cpu === 1);
  if (ring === undefined) throw new Error("no interrupt on CPU 1");
  const after = fire(system, start.state, ring);
  if (after.kind !== "state") throw new Error("no state");
  const last = possibleMoves(system, after.state).find(({ transition }) => system.transitions[transition]?.thread === 0);
  if (last === undefined) throw new Error("the thread cannot fail");
  const finding = { kind: "assertion", property: "no bell", message: "no bell", site: null, threads: [0], path: [ring, last], failing: true } as const;
  const trace = makeTrace(instance, system, finding, { tool: { name: "ipc-check", version: "0" }, spec: { path: "bells.ts", hash, export: "default" } });
  expect(trace.steps[0]).toMatchObject({ cpu: 1, rule: "ring" });
  const other = { ...trace, decisions: trace.decisions.map((decision) => ({ ...decision, transition: 999 })) };
  for (const each of [trace, other]) expect(await replayTrace(each, instance, system, { paths: [path] })).toMatchObject({ verdict: "reproduced", step: 2 });
});
