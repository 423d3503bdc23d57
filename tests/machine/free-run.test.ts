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
  const instance = instantiate(declared);
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
    expect(events.filter(({ rule }) => rule === "remote check: transfer").length).toBeGreaterThan(30);
    for (const { cpu } of [...machine.kernel.unburied]) throw new Error(`unburied on CPU ${cpu.id}`);
    expect(leaks(machine.kernel)).toEqual([]);
  });

  test("never come on a machine that loses interprocessor interrupts", async () => {
    const machine = await start(pingPong(), { seed: 3, faults: { dropIpi: true } });
    run(machine, 5000);
    expect(machine.kernel.thread(1).end).toBeNull();
  });
});

describe("every commit of a free run is a step of the model", () => {
  for (const folder of ["l4", "shm"]) {
    // The model's scheduler by priority lets a thread spin for ever; the machine's timer does not know that.
    for (const file of readdirSync(`specs/${folder}`).filter((name) => name.endsWith(".ts") && name !== "spin-then-park.ts")) {
      test(`${folder}/${file}`, async () => {
        const { protocols } = await loadSpec(`specs/${folder}/${file}`);
        let commits = 0;
        for (const { protocol: declared } of protocols) {
          const instance = instantiate(declared);
          const system = compile(instance);
          for (let seed = 1; seed <= 4; seed++) {
            const machine = new FreeRun(instance, await loadPaths(instance), {
              seed,
              quantum: 40 * seed,
              locking: seed % 2 === 0 ? "big" : "per-object",
              demandPaging: seed % 3 === 0,
            });
            const first = initialState(system);
            if (first.kind !== "state") continue;
            let { state } = first;
            for (let event = machine.tick(), ticks = 0; event !== null && ticks < 400; event = machine.tick(), ticks++) {
              const { thread, rule, pick } = event;
              if (thread === null || rule === null || machine.hasEnded) continue;
              const moves = possibleMoves(system, state).filter((move) => {
                const transition = system.transitions[move.transition];
                const isSpin = transition?.rule === "waitUntil" && (rule === "load" || rule === "read");
                return transition?.kind === "step" && transition.thread === thread && move.pick === pick && (transition.rule === rule || isSpin);
              });
              const [move] = moves;
              const spins = rule === "load" || rule === "read";
              if (move === undefined && spins) continue;
              if (move === undefined)
                throw new Error(`seed ${seed}, tick ${ticks}: ${instance.threads[thread]?.name} commits "${rule}"; the model has no such step`);
              const outcome = fire(system, state, move);
              if (outcome.kind !== "state") break;
              ({ state } = outcome);
              commits++;
            }
          }
        }
        expect(commits).toBeGreaterThan(10);
      });
    }
  }
});
