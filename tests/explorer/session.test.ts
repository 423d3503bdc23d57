/** The explorer's model side: paths, states along them, search, overview; compared with what the checker and the traces say. */
import { expect, test } from "vitest";
import { search } from "../../dist/checker/engine/index.js";
import { statePicture } from "../../dist/counterexamples/export/state-picture.js";
import { layered } from "../../dist/counterexamples/explorer/layout.js";
import { OverviewMap } from "../../dist/counterexamples/explorer/overview.js";
import { parsePath, pathText } from "../../dist/counterexamples/explorer/path.js";
import { keyOf, seek } from "../../dist/counterexamples/explorer/search.js";
import { placeOf } from "../../dist/counterexamples/explorer/names.js";
import { find } from "../counterexamples/found.ts";
import { open, patient } from "./opened.ts";

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
  const { traces, system } = await find("specs/l4/hostage-reply.ts", "broken");
  const { findings } = await search(system, {});
  const [finding] = findings;
  const [trace] = traces;
  const path = pathText(finding?.path ?? []);
  const { steps } = hostage.session.walk(path);
  expect(steps.map(({ kind: _, fails: __, ...step }) => step)).toEqual(trace?.steps);
  const moment = hostage.session.moment(path);
  expect({ threads: moment.threads, edges: moment.edges }).toEqual(trace?.end);
  expect(moment.problems).toEqual([{ kind: finding?.kind, property: finding?.property, message: finding?.message }]);
});

test("every state that can be reached by the moves offered is a state that the engine finds, and the other way round", async () => {
  const { session } = mutex;
  const { stats } = await search(session.system, {});
  const seen = new Set<string>();
  const todo = [""];
  for (let path = todo.pop(); path !== undefined; path = todo.pop()) {
    const state = session.stateAfter(path);
    if (state === null || seen.has(keyOf(state))) continue;
    seen.add(keyOf(state));
    for (const { move } of session.moment(path).moves ?? []) todo.push(path === "" ? move : `${path}-${move}`);
  }
  expect(seen.size).toBe(stats.states);
});

test("a violating step ends its path, and says what it violates", async () => {
  const { session } = await open("specs/shm/mutex1.ts", "unbounded");
  const { findings } = await search(session.system, {});
  const finding = findings.find(({ failing }) => failing);
  const path = pathText(finding?.path ?? []);
  expect(session.stateAfter(path)).toBeNull();
  expect(session.moment(path)).toMatchObject({ moves: [], problems: [{ kind: finding?.kind, message: finding?.message }] });
  expect(session.walk(path).steps.at(-1)?.fails).toMatchObject({ kind: finding?.kind });
  expect(() => session.walk(`${path}-0`)).toThrow("the path goes on after it");
});

test("a path that does not fit is refused with the step that is wrong", () => {
  expect(() => hostage.session.walk("9999")).toThrow("step 1 of the path (9999) is not possible there");
  expect(() => hostage.session.moment("x")).toThrow("this is no path");
  const [first] = hostage.session.moment("").moves ?? [];
  expect(() => hostage.session.moment(`${first?.move}-9999`)).toThrow("step 2 of the path");
});

test("values at the start and the changes of steps add up to the values of the state", async () => {
  const { session } = await open("specs/shm/doorbell-ring.ts", "producerUnfenced");
  const { findings } = await search(session.system, {});
  const path = pathText(findings[0]?.path ?? []);
  const values = new Map(session.scene.initial.map(({ name, value }) => [name, value]));
  for (const { changes } of session.walk(path).steps) {
    for (const { name, before, after } of changes) {
      expect(values.get(name)).toEqual(before);
      values.set(name, after);
    }
  }
  expect(values.get("buffer of CPU 0")).toEqual([]);
  expect(values.get("head")).toBe(2);
});

test("search finds a shortest path, says when there is none, and stops at its bounds", async () => {
  const { system } = hostage.session;
  const start = hostage.session.stateAfter("");
  if (start === null) throw new Error("no start");
  const bounds = { states: 100_000, milliseconds: 10_000, signal: patient };
  const { findings, stats } = await search(system, {});
  const sought = await hostage.answers.search("", 'violated("unreplied-call")', patient);
  expect(parsePath(sought.path ?? "")).toHaveLength(findings[0]?.path.length ?? 0);
  expect(hostage.session.moment(sought.path ?? "").problems).toHaveLength(1);
  const none = await seek(system, start, () => false, bounds);
  expect(none).toMatchObject({ path: null, complete: true });
  expect(none.states).toBeGreaterThanOrEqual(stats.states);
  expect(await seek(system, start, () => false, { ...bounds, states: 5 })).toMatchObject({ path: null, states: 5, complete: false });
  const stopped = new AbortController();
  stopped.abort();
  const large = await open("specs/l4/file-server.ts", "broken");
  const begin = large.session.stateAfter("");
  if (begin === null) throw new Error("no start");
  expect(await seek(large.session.system, begin, () => false, { ...bounds, signal: stopped.signal })).toMatchObject({ path: null, complete: false });
});

test("a check finds what verify finds, as paths that show it", async () => {
  const { verdict, findings } = await hostage.answers.check(patient);
  expect(verdict).toBe("violated");
  expect(hostage.session.moment(findings[0]?.path ?? "").problems?.map(({ kind }) => kind)).toEqual(["unreplied-call"]);
});

test("the picture has every state, knows where a path stands, and leads to each of its nodes by a path that ends there", async () => {
  const { session } = mutex;
  const map = await OverviewMap.make(session);
  const { states } = statePicture(session.instance, session.system);
  expect(map.overview.nodes).toHaveLength(states);
  for (const { key } of map.overview.nodes) expect(map.places(session, map.pathTo(key) ?? "").at(-1)).toBe(key);
  const positions = new Set(map.overview.nodes.map(({ x, y }) => `${x} ${y}`));
  expect(positions.size).toBe(map.overview.nodes.length);
  expect(map.pathTo("no such node")).toBeNull();
});

test("a picture of control states leads to its nodes as well", async () => {
  const { session } = await open("specs/l4/file-server.ts", "broken");
  const map = await OverviewMap.make(session);
  expect(map.overview.quotient).toBe(map.overview.states > map.overview.nodes.length);
  for (const { key } of map.overview.nodes.slice(0, 200)) expect(map.places(session, map.pathTo(key) ?? "").at(-1)).toBe(key);
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
  const { traces } = await find("specs/l4/hostage-reply.ts", "broken");
  const [trace] = traces;
  const { answers, session } = hostage;
  const { path } = answers.trace(JSON.stringify(trace), "t.json");
  expect(session.walk(path).steps).toHaveLength(trace?.steps.length ?? -1);
  const refused = (change: object): string => {
    try {
      answers.trace(JSON.stringify({ ...trace, ...change }), "t.json");
    } catch (error) {
      return error instanceof Error ? error.message : "";
    }
    return "accepted";
  };
  expect(refused({ spec: { ...trace?.spec, hash: "0" } })).toContain("which has changed since");
  expect(refused({ spec: { ...trace?.spec, export: "repaired" } })).toContain("this is another protocol");
  expect(refused({ parameters: { clients: 3 } })).toContain("here it is not declared");
  expect(refused({ memoryModel: { model: "tso", buffer: 1, messages: 2 } })).toContain("memory model tso");
  expect(refused({ steps: [] })).toContain("not a valid trace");
  expect(() => answers.trace("{", "t.json")).toThrow("t.json: ");
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
