/** What a timer is where a scheduler chooses: it makes nobody ready, it fires whoever runs, and it is nobody's turn. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { search } from "../../dist/checker/engine/index.js";
import { naive } from "../../dist/checker/naive/index.js";
import { freeRunner } from "../../dist/counterexamples/free.js";
import { loadPaths } from "../../dist/kernel/common/load-paths.js";
import { compile } from "../../dist/model/compiler/index.js";
import { instantiate, type Protocol } from "../../dist/model/language/protocol.js";
import { loadSpec } from "../../dist/model/loader/load.js";
import { enabledMoves, fire, initialState, possibleMoves, readyThreads } from "../../dist/model/system/interpret.js";
import type { State, System } from "../../dist/model/system/system.js";

const source = `
import { check, flag, int, protocol, waitUntil } from "ipc-check";
import * as qnx from "ipc-check/kernels/qnx";
import * as shm from "ipc-check/kernels/shm";

const kernel = shm.kernel({ cpus: 1 });
const service = qnx.channel({ message: int(0, 0) });
const nap = qnx.channel({ message: int(0, 0) });
/** The low thread counts while the high one sleeps; the invariant says that it cannot. */
export const lets = protocol("a sleeper lets lower ones run", {
  kernel, scheduling: "priority",
  memory: { word: int(0, 0), count: int(0, 2), woken: flag },
  threads: {
    high: { cpu: 0, priority: 1, *run({ futex, word, woken }) { yield* futex.wait(word, 0, { timeout: "finite" }); yield* woken.store(true); } },
    low: { cpu: 0, *run({ count }) { yield* count.fetchAdd(1); yield* count.fetchAdd(1); } },
  },
  invariants: { keepsItsCpu: ({ count, woken }) => woken || count < 2 },
});

/** Once the timer has fired the low thread does not see the high one half way. */
export const preempts = protocol("a timer preempts", {
  kernel, scheduling: "priority",
  memory: { word: int(0, 0), half: flag },
  threads: {
    high: { cpu: 0, priority: 1, *run({ futex, word, half }) {
      yield* futex.wait(word, 0, { timeout: "finite" });
      yield* half.store(true);
      yield* half.store(false);
    } },
    low: { cpu: 0, *run({ half }) { for (let i = 0; i < 2; i++) check(!(yield* half.load()), "the high thread is not half way"); } },
  },
});

/** A low thread that never stops keeps no timer from firing. */
export const busy = protocol("a busy thread and a sleeper above it", {
  kernel, scheduling: "priority",
  memory: { word: int(0, 0), turn: flag },
  threads: {
    high: { cpu: 0, priority: 1, *run({ futex, word }) { yield* futex.wait(word, 0, { timeout: "finite" }); } },
    low: { cpu: 0, *run({ turn }) { while (true) { yield* turn.store(true); yield* turn.store(false); } } },
  },
  liveness: ({ eventually }) => ({ ends: eventually(({ threads }) => threads.high.finished) }),
});

/** Both sleep; once the timer of the high one has fired it never stops, and the low one gets no further than its own timer. */
export const starves = protocol("a busy thread and a sleeper below it", {
  kernel, scheduling: "priority",
  memory: { word: int(0, 0), turn: flag },
  threads: {
    high: { cpu: 0, priority: 1, *run({ futex, word, turn }) {
      yield* futex.wait(word, 0, { timeout: "finite" });
      while (true) { yield* turn.store(true); yield* turn.store(false); }
    } },
    low: { cpu: 0, *run({ futex, word, turn }) { yield* futex.wait(word, 0, { timeout: "finite" }); yield* turn.load(); } },
  },
  liveness: ({ eventually }) => ({ ends: eventually(({ threads }) => threads.low.finished) }),
});

/** The middle thread spins for what only the low one will say; the high one sleeps again and again. */
export const heldBack = protocol("a spinning thread holds back who could help it", {
  kernel, scheduling: "priority",
  memory: { word: int(0, 0), ready: flag },
  threads: {
    high: { cpu: 0, priority: 3, *run({ futex, word }) { while (true) yield* futex.wait(word, 0, { timeout: "finite" }); } },
    middle: { cpu: 0, priority: 2, *run({ ready }) { yield* waitUntil(ready, (value) => value); } },
    low: { cpu: 0, priority: 1, *run({ ready }) { yield* ready.store(true); } },
  },
});

/** The same, but the one that could help sleeps above. */
export const helped = protocol("a spinning thread waits for a sleeper above it", {
  kernel, scheduling: "priority",
  memory: { word: int(0, 0), ready: flag },
  threads: {
    high: { cpu: 0, priority: 3, *run({ futex, word, ready }) { yield* futex.wait(word, 0, { timeout: "finite" }); yield* ready.store(true); } },
    middle: { cpu: 0, priority: 2, *run({ ready }) { yield* waitUntil(ready, (value) => value); } },
    low: { cpu: 0, priority: 1, *run({ ready }) { yield* ready.load(); } },
  },
});

/** The middle thread spins for what the low server will say, which the sleeper above will give its priority. */
export const raised = protocol("a sleeper that will raise the one that is held back", {
  kernel: qnx.kernel({ cpus: 1 }), scheduling: "priority",
  objects: { service, nap, begin: nap, busy: nap },
  memory: { ready: flag },
  threads: {
    high: { cpu: 0, priority: 3, *run({ begin, nap, service }) { yield* begin.receive(); yield* nap.receive({ timeout: "finite" }); yield* service.send(0); } },
    middle: { cpu: 0, priority: 2, *run({ busy, ready }) { yield* busy.receive(); yield* waitUntil(ready, (value) => value); } },
    low: { cpu: 0, priority: 1, *run({ service, begin, busy, ready }) {
      yield* service.receive({ timeout: "zero" });
      yield* begin.pulse(0);
      yield* busy.pulse(0);
      yield* ready.store(true);
      const { rcvid } = yield* service.receive();
      yield* service.reply(rcvid, 0);
    } },
  },
});

/** Three threads in turn, of which the second sleeps. */
export const turns = protocol("turns beside a sleeper", {
  kernel, scheduling: "round-robin",
  memory: { word: int(0, 0), a: int(0, 2), c: int(0, 2) },
  threads: {
    first: { cpu: 0, *run({ a }) { yield* a.fetchAdd(1); yield* a.fetchAdd(1); } },
    second: { cpu: 0, *run({ futex, word, a }) { yield* futex.wait(word, 0, { timeout: "finite" }); yield* a.load(); } },
    third: { cpu: 0, *run({ c }) { yield* c.fetchAdd(1); yield* c.fetchAdd(1); } },
  },
});
`;

const folder = mkdtempSync(join(tmpdir(), "ipc-check-timers-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let protocols: ReadonlyMap<string, Protocol> = new Map();
beforeAll(async () => {
  const file = join(folder, "protocols.ts");
  writeFileSync(file, source);
  protocols = new Map((await loadSpec(file)).protocols.map(({ exportName, protocol }) => [exportName, protocol]));
});

const named = (name: string): Protocol => {
  const found = protocols.get(name);
  if (found === undefined) throw new Error(`there is no protocol ${name}`);
  return found;
};

interface Seen {
  readonly findings: readonly string[];
  readonly sizes: readonly [number, number, number];
}

/** What both checkers find, which is the same. */
async function checked(name: string, scheduling?: Protocol["scheduling"]): Promise<Seen> {
  const protocol = scheduling === undefined ? named(name) : { ...named(name), scheduling };
  const instance = instantiate(protocol);
  const found = await search(compile(instance, { liveness: false }), {});
  const oracle = naive(instance);
  const sizes = ({ states, transitions, depth }: typeof found.stats): Seen["sizes"] => [states, transitions, depth];
  if (oracle.runs.length === 0) expect(sizes(found.stats)).toEqual(sizes(oracle.stats));
  expect([...new Set(found.findings.map(({ kind }) => kind))]).toEqual([...new Set([...oracle.findings, ...oracle.runs].map(({ kind }) => kind))]);
  return { findings: found.findings.map(({ kind, property, path }) => `${kind}: ${property}, ${path.length}`), sizes: sizes(found.stats) };
}

const standing = (system: System, state: State): readonly string[] =>
  enabledMoves(system, state).map(
    ({ transition }) => `${system.processes[system.transitions[transition]?.thread ?? -1]?.name}: ${system.transitions[transition]?.rule}`,
  );

/** The state after these steps, each the one of that thread and rule. */
function reached(system: System, ...steps: readonly string[]): State {
  let state: State | null = null;
  const start = initialState(system);
  if (start.kind === "state") state = start.state;
  for (const step of steps) {
    if (state === null) throw new Error("the path has ended");
    const index = standing(system, state).indexOf(step);
    const move = enabledMoves(system, state)[index];
    if (move === undefined) throw new Error(`${step} is not permitted, but ${standing(system, state).join("; ")}`);
    const outcome = fire(system, state, move);
    state = outcome.kind === "state" ? outcome.state : null;
  }
  if (state === null) throw new Error("the path has ended");
  return state;
}

describe("under priorities", () => {
  test("a thread that sleeps with a timer lets lower ones run", async () => {
    expect(await checked("lets")).toEqual({ findings: ["invariant: keepsItsCpu, 3"], sizes: [9, 9, 4] });
  });
  test("its timer preempts them", async () => {
    expect(await checked("preempts")).toEqual({ findings: [], sizes: [13, 14, 6] });
    expect((await checked("preempts", "free")).findings).toEqual(["assertion: the high thread is not half way, 4"]);
  });
  test("beside the step of who runs a timer may fire, of whatever priority, and who slept is ready then", () => {
    const system = compile(instantiate(named("starves")));
    const sleeping = ["high: fall asleep", "low: fall asleep"];
    expect(standing(system, reached(system, ...sleeping))).toEqual(["high: timer fires", "low: timer fires"]);
    const both = reached(system, ...sleeping, "high: timer fires");
    expect(standing(system, both)).toEqual(["high: store", "low: timer fires"]);
    const ready = reached(system, ...sleeping, "high: timer fires", "low: timer fires");
    expect(standing(system, ready)).toEqual(["high: store"]);
    expect([...readyThreads(system, ready, possibleMoves(system, ready))]).toEqual([0, 1]);
    expect([...readyThreads(system, both, possibleMoves(system, both))]).toEqual([0]);
  });
  test("a low thread that never stops keeps no timer from firing", async () => {
    expect(await checked("busy")).toEqual({ findings: [], sizes: [5, 7, 3] });
  });
  test("a high thread that never stops lets the timer of a low one fire, but not the thread go on", async () => {
    expect((await checked("starves")).findings).toEqual(["liveness: ends, 4"]);
  });
  test("who is held back by a spinning thread is blocked although a sleeper above goes on", async () => {
    expect(await checked("heldBack")).toEqual({ findings: ["deadlock: deadlock, 1"], sizes: [2, 2, 1] });
  });
  test("a spinning thread is not blocked while a sleeper above it may end its wait", async () => {
    expect(await checked("helped")).toEqual({ findings: [], sizes: [6, 5, 5] });
  });
  test("nor is who is held back, while a sleeper above may yet give it a priority", async () => {
    expect(await checked("raised")).toEqual({ findings: [], sizes: [30, 49, 12] });
  });
  test("on the machine a timer interrupts who runs, and then the higher one runs", async () => {
    for (const name of ["lets", "preempts", "busy", "helped"]) {
      for (let seed = 1; seed <= 2; seed++) {
        const instance = instantiate({ ...named(name), liveness: {} });
        const system = compile(instance);
        const runner = freeRunner(instance, system, await loadPaths(instance), { seed, quantum: 200 });
        let agreement = runner.comparison.start();
        let timers = 0;
        for (let step = 0; step < 200 && agreement.kind === "agreed"; step++) {
          const advance = runner.advance();
          if (advance === null) break;
          ({ agreement } = advance);
          const { lastMove, before } = runner.comparison;
          if (lastMove === null || before === null) continue;
          if (system.transitions[lastMove.transition]?.timer === true) timers++;
          expect(enabledMoves(system, before), `${name}, seed ${seed}: what the kernel's scheduler does, the model's permits`).toContainEqual(lastMove);
        }
        expect(agreement, `${name}, seed ${seed}`).toEqual({ kind: "agreed" });
        expect(timers, `${name}, seed ${seed}`).toBeGreaterThan(0);
      }
    }
  });
});

describe("under round-robin", () => {
  test("a sleeper has no turn, and its timer takes none away", async () => {
    expect(await checked("turns")).toEqual({ findings: [], sizes: [29, 39, 7] });
    const system = compile(instantiate(named("turns")));
    const path = ["first: fetchAdd", "second: fall asleep"];
    const sleeping = reached(system, ...path);
    expect(standing(system, sleeping)).toEqual(["second: timer fires", "third: fetchAdd"]);
    const expired = reached(system, ...path, "third: fetchAdd", "second: timer fires");
    expect(expired[system.current ?? -1]).toEqual([2]);
    // The third one ran last and may go on; the first one is next.
    expect(standing(system, expired)).toEqual(["first: fetchAdd", "third: fetchAdd"]);
  });
});
