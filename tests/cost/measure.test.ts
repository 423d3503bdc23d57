/** What operations cost: the sums agree with the counters, on one CPU elapsed time is what was spent, warm is less than cold. */
import { describe, expect, it, test } from "vitest";
import {
  callCost,
  callings,
  type Costs,
  findProfile,
  type Measurement,
  measureCosts,
  type OperationCost,
  type Profile,
  total,
  waiting,
} from "../../dist/cost/index.js";
import { instantiate, type Protocol } from "../../dist/model/language/protocol.js";
import { callAndReply, choosing } from "./protocols.js";

function profile(name: string): Profile {
  const found = findProfile(name);
  if (found === null) throw new Error(`no machine ${name}`);
  return found;
}

function measured(protocol: Protocol, machine: Profile, seed = 1): Promise<Measurement> {
  return measureCosts(instantiate(protocol), { profile: machine, runs: 3, steps: 300, seed, expression: () => null });
}

/** The threads' operations are all `ipc`; the server's first one waits only. */
function of({ operations }: Costs, thread: string): OperationCost {
  const found = operations.filter((each) => each.thread === thread);
  if (found.length !== 1 || found[0] === undefined) throw new Error(`${found.length} operations of ${thread}`);
  return found[0];
}

const machines = ["unit", "i486-50", "pentium-133", "alpha-21064", "alpha-21164", "cortex-a57", "haswell", "skylake"];

describe.each(machines)("on %s", (name) => {
  it("a round trip on one CPU takes as long as what is spent in it, and is the sum of its two hand-overs", async () => {
    const { warm } = await measured(callAndReply(1), profile(name));
    const call = of(warm, "client");
    expect(call.count).toBe(15);
    expect(call.waits).toBe(true);
    expect(call.elapsed).toBeCloseTo(total(call.meanwhile), 6);
    expect(waiting(call)).toBeCloseTo(0, 6);
    const there = warm.handOvers.find(({ from }) => from.thread === "client");
    const back = warm.handOvers.find(({ from }) => from.thread === "server");
    expect((there?.elapsed ?? 0) + (back?.elapsed ?? 0)).toBeCloseTo(call.elapsed, 6);
  });
});

test("every cycle of a run belongs to an operation: nothing is counted twice, nothing lost", async () => {
  const { cold } = await measured(callAndReply(1, 1), profile("i486-50"));
  const [server, client] = [of(cold, "server"), of(cold, "client")];
  // One call and its reply; the server's open wait before it, which the call ended.
  expect(total(client.cycles)).toBeGreaterThan(0);
  expect(total(client.meanwhile)).toBeGreaterThan(total(client.cycles));
  expect(total(server.meanwhile)).toBeCloseTo(total(server.cycles) + total(client.cycles), 6);
});

test("a cold run misses the caches, a warm one on one CPU does not", async () => {
  const { cold, warm } = await measured(callAndReply(1), profile("skylake"));
  expect(of(cold, "server").cycles["cache misses"]).toBeGreaterThan(200);
  expect(of(warm, "client").meanwhile["cache misses"]).toBe(0);
  expect(of(warm, "client").elapsed).toBeLessThan(of(cold, "client").elapsed);
});

test("between two CPUs lines move, interrupts travel, and somebody waits", async () => {
  const machine = profile("skylake");
  const { warm } = await measured(callAndReply(2), machine);
  const far = of(warm, "client");
  const near = of((await measured(callAndReply(1), machine)).warm, "client");
  expect(far.meanwhile["cache misses"]).toBeGreaterThan(0);
  expect(waiting(far)).toBeGreaterThan(machine.ipiDelivery);
  expect(far.elapsed).toBeGreaterThan(near.elapsed);
});

test("what a cause costs is its events times its price", async () => {
  const unit = profile("unit");
  const dear = { ...unit, name: "dear switches", cycles: { ...unit.cycles, addressSpaceSwitch: 1001 } };
  const [cheap, expensive] = [of((await measured(callAndReply(1), unit)).warm, "client"), of((await measured(callAndReply(1), dear)).warm, "client")];
  expect(expensive.meanwhile["address space"]).toBe(1001 * cheap.meanwhile["address space"]);
  expect(cheap.meanwhile["address space"]).toBe(2);
  expect(expensive.elapsed - cheap.elapsed).toBeCloseTo(2000, 6);
});

test("a long message costs the copying of its words, and no more instructions", async () => {
  const [calling] = callings;
  const machine = profile("i486-50");
  if (calling === undefined) throw new Error("no kernel is compared");
  const [short, long] = await Promise.all([64, 512].map((bytes) => callCost(calling, { profile: machine, bytes, cpus: 1, calls: 8, seed: 1 })));
  expect(long?.cycles.instructions).toBe(short?.cycles.instructions);
  // Two messages of 112 words more, each word copied at least once.
  expect((long?.cycles.copy ?? 0) - (short?.cycles.copy ?? 0)).toBeGreaterThanOrEqual(2 * 112 * machine.cycles.copy);
});

test("runs follow from the seed", async () => {
  const runs = await Promise.all([1, 1, 2, 3].map(async (seed) => (await measured(choosing(), profile("haswell"), seed)).warm));
  expect(runs[0]).toEqual(runs[1]);
  expect(new Set(runs.map((each) => JSON.stringify(each.operations.map(({ count }) => count)))).size).toBeGreaterThan(1);
});

test("a protocol with a client that has no program cannot be measured", async () => {
  const { protocol, int } = await import("../../dist/model/language/index.js");
  const l4 = await import("../../dist/kernel/l4/index.js");
  const arbitrary = protocol("arbitrary", {
    kernel: l4.kernel({ message: int(0, 1) }),
    threads: {
      client: { untrusted: "arbitrary" },
      server: {
        *run({ ipc }) {
          yield* ipc.wait();
        },
      },
    },
  }) as unknown as Protocol;
  await expect(measured(arbitrary, profile("unit"))).rejects.toThrow("it has no program to run");
});
