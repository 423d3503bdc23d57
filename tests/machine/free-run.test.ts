/** The free driver: the scheduler and the timer decide, and every commit is still a step of the rules. */
import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { FreeRun, type FreeRunOptions, type RunEvent } from "../../dist/kernel/common/free-run.js";
import { leaks } from "../../dist/kernel/common/leaks.js";
import { loadPaths } from "../../dist/kernel/common/load-paths.js";
import * as l4 from "../../dist/kernel/l4/index.js";
import * as shm from "../../dist/kernel/shm/index.js";
import { compile } from "../../dist/model/compiler/index.js";
import { int, protocol, type Protocol } from "../../dist/model/language/index.js";
import { instantiate } from "../../dist/model/language/protocol.js";
import { loadSpec } from "../../dist/model/loader/load.js";
import { fire, initialState, possibleMoves } from "../../dist/model/system/interpret.js";

async function start(declared: Protocol, options: FreeRunOptions): Promise<FreeRun> {
  const instance = instantiate(declared, {}, { model: "sc" });
  return new FreeRun(instance, await loadPaths(instance), options);
}

function run(machine: FreeRun, most: number): readonly RunEvent[] {
  const events: RunEvent[] = [];
  for (let event = machine.tick(); event !== null; event = machine.tick()) {
    events.push(event);
    if (events.length >= most) break;
  }
  return events;
}

describe("threads of one CPU that never block", () => {
  const busy = () =>
    protocol("p", {
      kernel: shm.kernel({ cpus: 1 }),
      memory: { a: int(0, 1000), b: int(0, 1000) },
      threads: {
        first: {
          cpu: 0,
          *run({ a }) {
            for (let i = 0; i < 900; i++) yield* a.write(i);
          },
        },
        second: {
          cpu: 0,
          *run({ b }) {
            for (let i = 0; i < 900; i++) yield* b.write(i);
          },
        },
      },
    });
  const switches = (events: readonly RunEvent[]): number => {
    const threads = events.filter(({ kind }) => kind === "operation").map(({ thread }) => thread);
    return threads.filter((thread, index) => index > 0 && thread !== threads[index - 1]).length;
  };

  test("take turns when the timer fires", async () => {
    const events = run(await start(busy(), { seed: 1, quantum: 300 }), 5000);
    expect(switches(events)).toBeGreaterThan(4);
    expect(events.some(({ rule }) => rule === "timer")).toBe(true);
  });

  test("run one after the other on a machine whose timer is stuck", async () => {
    expect(switches(run(await start(busy(), { seed: 1, quantum: 300, faults: { stuckTimer: true } }), 5000))).toBe(1);
  });
});

describe("wake-ups across CPUs", () => {
  const pingPong = () =>
    protocol("p", {
      kernel: l4.kernel({ cpus: 2, message: int(0, 99) }),
      threads: {
        server: {
          cpu: 0,
          *run({ ipc }) {
            let request = yield* ipc.wait();
            while (true) request = yield* ipc.replyWait(request.from, request.message + 1);
          },
        },
        client: {
          cpu: 1,
          *run({ ipc, threads }) {
            for (let i = 0; i < 40; i++) yield* ipc.call(threads.server, i);
          },
        },
      },
    });

  test("come by interrupt", async () => {
    const machine = await start(pingPong(), { seed: 3 });
    const events = run(machine, 5000);
    expect(machine.kernel.thread(1).end).toBe("finished");
    expect(events.filter(({ rule }) => rule === "remote check: transfer").length).toBeGreaterThan(20);
    for (const { cpu } of [...machine.kernel.unburied]) throw new Error(`unburied on CPU ${cpu.id}`);
    expect(leaks(machine.kernel)).toEqual([]);
  });

  test("never come on a machine that loses interprocessor interrupts", async () => {
    const machine = await start(pingPong(), { seed: 3, faults: { dropIpi: true } });
    run(machine, 5000);
    expect(machine.kernel.thread(1).end).toBeNull();
  });
});

/** Protocols of each file, and free runs of each; unless they are asked for one file of so many is taken, others with another seed. */
const runs = Number(process.env["IPC_CHECK_RUNS"] ?? 1);
const every = process.env["IPC_CHECK_RUNS"] === undefined ? 4 : 1;
const first = Number(process.env["IPC_CHECK_SEED"] ?? 1);

/** Runs a protocol freely, the model going along; how many rules have taken effect. */
async function follow(declared: Protocol, seed: number): Promise<number> {
  const instance = instantiate(declared, {}, { model: "sc" });
  if (instance.threads.some(({ run: program }) => program === null)) return 0;
  const system = compile(instance);
  const machine = new FreeRun(instance, await loadPaths(instance), {
    seed,
    quantum: 150 * seed,
    locking: seed % 2 === 0 ? "big" : "per-object",
    demandPaging: seed % 3 === 0,
  });
  const first = initialState(system);
  if (first.kind !== "state") return 0;
  let { state } = first;
  let commits = 0;
  for (let event = machine.tick(), ticks = 0; event !== null && ticks < 300; event = machine.tick(), ticks++) {
    const { thread, rule, pick } = event;
    if (thread === null || rule === null || machine.hasEnded) continue;
    const isLoad = rule === "load" || rule === "read";
    const move = possibleMoves(system, state).find(({ transition: id, pick: each }) => {
      const transition = system.transitions[id];
      return (
        transition?.kind === "step" &&
        transition.thread === thread &&
        each === pick &&
        (transition.rule === rule || (isLoad && transition.rule === "waitUntil"))
      );
    });
    // A loop around one load goes round once more; in the model nothing happens.
    if (move === undefined && isLoad) continue;
    if (move === undefined) throw new Error(`seed ${seed}, tick ${ticks}: ${instance.threads[thread]?.name} commits "${rule}"; the model has no such step`);
    const outcome = fire(system, state, move);
    if (outcome.kind !== "state") break;
    ({ state } = outcome);
    commits++;
  }
  return commits;
}

describe("every commit of a free run is a step of the model", () => {
  const folders = readdirSync("specs", { withFileTypes: true }).filter((entry) => entry.isDirectory());
  test.each(folders.map(({ name }) => name))(
    "%s",
    async (folder) => {
      let commits = 0;
      const files = readdirSync(`specs/${folder}`).filter((name) => name.endsWith(".ts") && name !== "any-client.ts");
      for (const file of files.filter((_, index) => (index + first) % every === 0)) {
        const { protocols } = await loadSpec(`specs/${folder}/${file}`);
        for (const [place, { protocol: declared }] of protocols.slice(0, runs).entries()) {
          for (let run = 0; run < runs; run++) {
            const seed = 1 + ((place + 3 * run) % 97);
            commits += await follow(declared, seed).catch((error: unknown) => {
              throw new Error(`${file}, protocol ${place + 1}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
            });
          }
        }
      }
      expect(commits).toBeGreaterThan(5);
    },
    60_000,
  );
});
