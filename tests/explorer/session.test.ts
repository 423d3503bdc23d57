/** The explorer's model side: paths, states along them, search, overview; compared with what the checker and the traces say. */
import { expect, test } from "vitest";
import { search } from "../../dist/checker/engine/index.js";
import { statePicture } from "../../dist/counterexamples/export/state-picture.js";
import { layered } from "../../dist/counterexamples/explorer/layout.js";
import { OverviewMap } from "../../dist/counterexamples/explorer/overview.js";
import { moveText, parsePath, pathText } from "../../dist/counterexamples/explorer/path.js";
import { keyOf, seek } from "../../dist/counterexamples/explorer/search.js";
import { placeOf } from "../../dist/counterexamples/explorer/names.js";
import { memoryValues, namedValues, shownVariables } from "../../dist/counterexamples/show.js";
import { problemsOf } from "../../dist/checker/properties/problems.js";
import { enabledMoves, fire, initialState } from "../../dist/model/system/interpret.js";
import type { State } from "../../dist/model/system/system.js";
import { find } from "../counterexamples/found.ts";
import { open, patient } from "./opened.ts";

const found = await find("specs/l4/hostage-reply.ts", "broken");
const hostage = await open("specs/l4/hostage-reply.ts", "broken");
const mutex = await open("specs/shm/mutex1.ts", "pair");

test("a path is written and read back, and nothing else is read as one", () => {
  const path = [
    { transition: 3, pick: 0 },
    { transition: 17, pick: 2 },
  ];
  expect(pathText(path)).toBe("3-17.2");
  expect(parsePath("3-17.2")).toEqual(path);
  expect(parsePath("")).toEqual([]);
  for (const wrong of ["-", "3-", "a", "3--4", "3.-4", "3.4.5", " 3", "1e3", "99999999999", "3-17.2\n", "constructor"])
    expect(parsePath(wrong), wrong).toBeNull();
});

test("walking a counterexample shows the steps, the end and the problem that its trace has", async () => {
  const { traces, system } = found;
  const { findings } = await search(system, {});
  const [finding] = findings;
  const [trace] = traces;
  const path = pathText(finding?.path ?? []);
  const { steps } = await hostage.session.walk(path);
  expect(steps.map(({ kind: _, fails: __, ...step }) => step)).toEqual(trace?.steps);
  const moment = await hostage.session.moment(path);
  expect({ threads: moment.threads, edges: moment.edges }).toEqual(trace?.end);
  expect(moment.problems).toEqual([{ kind: finding?.kind, property: finding?.property, message: finding?.message }]);
});

test("every state that can be reached by the moves offered is a state that the engine finds, and the other way round", async () => {
  const { session } = mutex;
  const { stats } = await search(session.system, {});
  const seen = new Set<string>();
  const todo = [""];
  for (let path = todo.pop(); path !== undefined; path = todo.pop()) {
    const state = await session.stateAfter(path);
    if (state === null || seen.has(keyOf(state))) continue;
    seen.add(keyOf(state));
    for (const { move } of (await session.moment(path)).moves ?? []) todo.push(path === "" ? move : `${path}-${move}`);
  }
  expect(seen.size).toBe(stats.states);
});

test("a violating step ends its path, and says what it violates", async () => {
  const { session } = await open("specs/shm/mutex1.ts", "unbounded");
  const { findings } = await search(session.system, {});
  const finding = findings.find(({ failing }) => failing);
  const path = pathText(finding?.path ?? []);
  expect(await session.stateAfter(path)).toBeNull();
  expect(await session.moment(path)).toMatchObject({ moves: [], problems: [{ kind: finding?.kind, message: finding?.message }] });
  expect((await session.walk(path)).steps.at(-1)?.fails).toMatchObject({ kind: finding?.kind });
  await expect(session.walk(`${path}-0`)).rejects.toThrow("the path goes on after it");
});

test("a path that does not fit is refused with the step that is wrong", async () => {
  await expect(hostage.session.walk("9999")).rejects.toThrow("step 1 of the path (9999) is not possible there");
  await expect(hostage.session.moment("x")).rejects.toThrow("this is no path");
  await expect(hostage.session.moment("1-".repeat(20_000))).rejects.toThrow("the path has more than 10000 steps");
  const [first] = (await hostage.session.moment("")).moves ?? [];
  await expect(hostage.session.moment(`${first?.move}-9999`)).rejects.toThrow("step 2 of the path");
});

const seed = Number(process.env["IPC_CHECK_SEED"] ?? 1);
const walks = Number(process.env["IPC_CHECK_RUNS"] ?? 1);

const walked = [
  ["specs/shm/doorbell-ring.ts", "producerUnfenced"],
  ["specs/shm/locks/mcs.ts", "ordered"],
  ["specs/l4/file-server.ts", "broken"],
  ["specs/sel4/badges.ts", "broken"],
  ["specs/qnx/serial-driver.ts", "driver"],
  ["specs/minix/servers.ts", "servers"],
  ["specs/lwkt/any-client.ts", "broken"],
  ["specs/mach/name-service.ts", "default"],
  ["specs/fiasco/any-client.ts", "robust"],
  ["specs/genode/packet-stream.ts", "broken"],
] as const;

/** More than one walk is for longer runs, and so are the specifications that take long to compile. */
test.each(walks > 1 ? walked : walked.slice(0, 7))(
  "on random walks through %s the page adds up the values of each state, and offers what the interpreter allows",
  async (file, exportName) => {
    const { session } = await open(file, exportName);
    const { system, instance } = session;
    let random = seed;
    for (let walk = 0; walk < walks; walk++) {
      let path = "";
      let state = initialState(system).state as State;
      for (let length = 0; length < 20; length++) {
        const { moves, problems, threads } = await session.moment(path);
        expect(threads).toHaveLength(system.processes.length);
        expect(problems?.map(({ message }) => message)).toEqual(problemsOf(system, state).map(({ message }) => message));
        const allowed = enabledMoves(system, state).filter((move) => fire(system, state, move).kind !== "pruned");
        expect(moves?.map(({ move }) => move)).toEqual(allowed.map(moveText));
        random = (Math.imul(random, 1_103_515_245) + 12_345) >>> 0;
        const chosen = allowed[(random >>> 8) % Math.max(1, allowed.length)];
        const outcome = chosen === undefined ? null : fire(system, state, chosen);
        if (chosen === undefined || outcome?.kind !== "state") break;
        path = path === "" ? moveText(chosen) : `${path}-${moveText(chosen)}`;
        state = outcome.state;
      }
      const values = new Map(session.scene.initial.map(({ name, value }) => [name, value]));
      for (const { changes } of (await session.walk(path)).steps) {
        for (const { name, before, after } of changes) {
          expect(values.get(name)).toEqual(before);
          values.set(name, after);
        }
      }
      const shown = [...shownVariables(system).flatMap((variable) => namedValues(instance, system, variable, state)), ...memoryValues(system, state)];
      expect(Object.fromEntries(values)).toEqual(Object.fromEntries(shown.map(({ name, value }) => [name, value])));
    }
  },
);

test("search finds a shortest path, says when there is none, and stops at its bounds", async () => {
  const { system } = hostage.session;
  const start = await hostage.session.stateAfter("");
  if (start === null) throw new Error("no start");
  const bounds = { states: 100_000, milliseconds: 10_000, signal: patient };
  const { findings, stats } = await search(system, {});
  const sought = await hostage.answers.search("", 'violated("unreplied-call")', patient);
  expect(parsePath(sought.path ?? "")).toHaveLength(findings[0]?.path.length ?? 0);
  expect((await hostage.session.moment(sought.path ?? "")).problems).toHaveLength(1);
  const none = await seek(system, start, () => false, bounds);
  expect(none).toMatchObject({ path: null, complete: true });
  expect(none.states).toBeGreaterThanOrEqual(stats.states);
  expect(await seek(system, start, () => false, { ...bounds, states: 5 })).toMatchObject({ path: null, states: 5, complete: false });
  const stopped = new AbortController();
  stopped.abort();
  const large = await open("specs/l4/file-server.ts", "broken");
  const begin = await large.session.stateAfter("");
  if (begin === null) throw new Error("no start");
  expect(await seek(large.session.system, begin, () => false, { ...bounds, signal: stopped.signal })).toMatchObject({ path: null, complete: false });
});

test("a check finds what verify finds, as paths that show it", async () => {
  const { verdict, findings } = await hostage.answers.check(patient);
  expect(verdict).toBe("violated");
  expect((await hostage.session.moment(findings[0]?.path ?? "")).problems?.map(({ kind }) => kind)).toEqual(["unreplied-call"]);
});

test("a counterexample that repeats comes back to the state where it began to", async () => {
  const { answers, session } = await open("tests/liveness/protocols/for-spin.ts", "peterson");
  expect(session.scene.properties).toContainEqual({ kind: "liveness", property: "steady" });
  const { findings } = await answers.check(patient);
  const repeating = findings.filter(({ loop }) => loop !== null);
  expect(repeating.length).toBeGreaterThan(0);
  for (const { path, loop } of repeating) {
    const states = await session.statesOf(path);
    expect(states[loop ?? -1]).toEqual(states.at(-1));
  }
});

test("the picture has every state, knows where a path stands, and leads to each of its nodes by a path that ends there", async () => {
  const { session } = mutex;
  const map = await OverviewMap.make(session, patient);
  const { states } = statePicture(session.instance, session.system);
  expect(map.overview.nodes).toHaveLength(states);
  for (const { key } of map.overview.nodes) expect((await map.places(session, map.pathTo(key) ?? "")).at(-1)).toBe(key);
  const positions = new Set(map.overview.nodes.map(({ x, y }) => `${x} ${y}`));
  expect(positions.size).toBe(map.overview.nodes.length);
  expect(map.pathTo("no such node")).toBeNull();
});

test("a picture of control states leads to its nodes as well", async () => {
  const { session } = await open("specs/l4/file-server.ts", "broken");
  const map = await OverviewMap.make(session, patient);
  expect(map.overview.quotient).toBe(map.overview.states > map.overview.nodes.length);
  for (const { key } of map.overview.nodes.slice(0, 200)) expect((await map.places(session, map.pathTo(key) ?? "")).at(-1)).toBe(key);
});

test("whatever is under way ends with the explorer", async () => {
  const { answers } = await open("specs/genode/packet-stream.ts", "repaired");
  const [picture, states] = [answers.overview(), answers.search("", "false", patient)];
  answers.close();
  await expect(picture).rejects.toThrow("the explorer has ended");
  expect(await states).toMatchObject({ path: null, complete: false });
});

test("a layered drawing puts each node one column behind the nearest one that leads to it, and untangles what it can", () => {
  // Two crossing pairs: 0 leads to 1 and 2, these to 4 and 3.
  const edges = [
    { from: 0, to: 1 },
    { from: 0, to: 2 },
    { from: 1, to: 4 },
    { from: 2, to: 3 },
    { from: 4, to: 0 },
  ];
  const { columns, rows, at } = layered(5, edges);
  expect([columns, rows]).toEqual([3, 2]);
  expect(at.map(({ x }) => x)).toEqual([0, 1, 1, 2, 2]);
  const [, one, two, three, four] = at;
  expect((one?.y ?? 0) < (two?.y ?? 0)).toBe((four?.y ?? 0) < (three?.y ?? 0));
});

test("a trace of another protocol, other parameters or a changed specification is refused", async () => {
  const { traces } = found;
  const [trace] = traces;
  const { answers, session } = hostage;
  const { path } = await answers.trace(JSON.stringify(trace), "t.json");
  expect((await session.walk(path)).steps).toHaveLength(trace?.steps.length ?? -1);
  const refused = async (change: object): Promise<string> => {
    try {
      await answers.trace(JSON.stringify({ ...trace, ...change }), "t.json");
    } catch (error) {
      return error instanceof Error ? error.message : "";
    }
    return "accepted";
  };
  expect(await refused({ spec: { ...trace?.spec, hash: "0" } })).toContain("which has changed since");
  expect(await refused({ spec: { ...trace?.spec, export: "repaired" } })).toContain("this is another protocol");
  expect(await refused({ parameters: { clients: 3 } })).toContain("here it is not declared");
  expect(await refused({ memoryModel: { model: "tso", buffer: 1, messages: 2 } })).toContain("memory model tso");
  expect(await refused({ steps: [] })).toContain("not a valid trace");
  await expect(answers.trace("{", "t.json")).rejects.toThrow("t.json: ");
});

test("names tell what they belong to", () => {
  const threads = ["server", "client[0]"];
  expect(placeOf("ring[2]", threads)).toMatchObject({ role: "memory", base: "ring", owner: null, index: 2 });
  expect(placeOf("ipc.senders[client[0]]", threads)).toMatchObject({ role: "kernel", base: "ipc.senders", owner: "client[0]", index: null });
  expect(placeOf("client[0].request.from", threads)).toMatchObject({ role: "local", base: "request.from", owner: "client[0]" });
  expect(placeOf("port.queue.id[names]", threads)).toMatchObject({ role: "object", base: "port.queue.id", owner: "names" });
  expect(placeOf("space.send[names][3]", threads)).toMatchObject({ role: "object", owner: "names", index: 3 });
  expect(placeOf("buffer of CPU 1", threads)).toMatchObject({ role: "memory", owner: null });
  expect(placeOf("futex.sleepers", threads)).toMatchObject({ role: "kernel", owner: null });
});
