/** Each export format, read back by a reader that is not its writer. */
import { DOMParser } from "@xmldom/xmldom";
import { MultiGraph } from "graphology";
import gexf from "graphology-gexf";
import graphml from "graphology-graphml";
import { describe, expect, test } from "vitest";
import { traceFormats } from "../../dist/counterexamples/export/index.js";
import { statePicture } from "../../dist/counterexamples/export/state-picture.js";
import { writeGraph } from "../../dist/counterexamples/export/graph.js";
import { initialState } from "../../dist/model/system/interpret.js";
import { parseTrace } from "../../dist/counterexamples/read.js";
import type { Trace } from "../../dist/counterexamples/trace.js";
import { search } from "../../dist/checker/engine/index.js";
import { find } from "./found.ts";
import { changed, sample } from "./sample.ts";

const hostile = "</text><script>alert(1)</script>; end # %% \"' & ]]> \u0000\u001b[31m\u202e <br/>\nnext";
const renamed = (trace: Trace): Trace => JSON.parse(JSON.stringify(trace).replaceAll('"a"', JSON.stringify(hostile)).replaceAll("a and b", "x")) as Trace;
const found = await Promise.all([
  find("specs/l4/mutual-call.ts", "broken"),
  find("specs/shm/mutex1.ts", "broken"),
  find("specs/l4/hostage-reply.ts", "broken"),
]);
const traces: readonly (readonly [string, Trace])[] = [
  ["a trace written by hand", sample],
  ["a trace with hostile names", renamed(sample)],
  ["a trace without steps", changed((trace) => Object.assign(trace, { decisions: [], steps: [], turning: null })) as Trace],
  ...found.flatMap(({ traces: each }) => each.map((trace) => [`a counterexample of ${trace.protocol}`, trace] as const)),
];

/** Parses XML; any complaint of the parser is an error. */
function parseXml(text: string): Document {
  const complain = (message: unknown): never => {
    throw new Error(String(message));
  };
  return new DOMParser({ errorHandler: { warning: complain, error: complain, fatalError: complain } }).parseFromString(text, "text/xml");
}

/** A reader of ITF as the format's document has it; throws at anything else. */
function readItf(text: string): { readonly vars: readonly string[]; readonly states: readonly Readonly<Record<string, unknown>>[] } {
  const value = (part: unknown): unknown => {
    if (typeof part === "boolean" || typeof part === "string") return part;
    if (Array.isArray(part)) return part.map(value);
    if (typeof part !== "object" || part === null) throw new Error(`${JSON.stringify(part)} is no ITF expression`);
    const fields = Object.entries(part);
    const [first] = fields;
    if (first !== undefined && first[0] === "#bigint" && fields.length === 1) {
      if (!/^-?\d+$/u.test(String(first[1]))) throw new Error(`${String(first[1])} is no integer`);
      return BigInt(String(first[1]));
    }
    if (fields.some(([name]) => name.startsWith("#"))) throw new Error(`unknown form ${JSON.stringify(part)}`);
    return Object.fromEntries(fields.map(([name, each]) => [name, value(each)]));
  };
  const document = JSON.parse(text) as { readonly vars: readonly string[]; readonly states: readonly Record<string, unknown>[]; readonly loop?: number };
  if (new Set(document.vars).size !== document.vars.length) throw new Error("a variable is named twice");
  return {
    vars: document.vars,
    states: document.states.map((state) => {
      const { "#meta": _, ...rest } = state;
      if (Object.keys(rest).sort().join() !== [...document.vars].sort().join()) throw new Error("a state does not have exactly the variables");
      return Object.fromEntries(Object.entries(rest).map(([name, each]) => [name, value(each)]));
    }),
  };
}

/** The lines of a mermaid sequence diagram; throws at a line that its grammar (version 11) does not have. */
function readMermaid(text: string): { readonly participants: ReadonlyMap<string, string>; readonly messages: readonly string[] } {
  const [first, ...lines] = text.trimEnd().split("\n");
  if (first !== "sequenceDiagram") throw new Error("no sequence diagram");
  const participants = new Map<string, string>();
  const messages: string[] = [];
  let open = 0;
  for (const line of lines.map((each) => each.trim())) {
    const participant = /^participant (\w+) as ([^;#]|#\w+;)+$/u.exec(line);
    const message = /^(\w+)(->>|-->>)(\w+): (?:[^;#]|#\w+;)+$/u.exec(line);
    const note = /^Note over (\w+)(?:,(\w+))?: (?:[^;#]|#\w+;)+$/u.exec(line);
    if (participant?.[1] !== undefined) participants.set(participant[1], line.replace(/^participant \w+ as /u, ""));
    else if (message !== null) {
      for (const id of [message[1] ?? "", message[3] ?? ""]) if (!participants.has(id)) throw new Error(`${id} is no participant`);
      messages.push(line);
    } else if (note !== null) {
      for (const id of [note[1], note[2]]) if (id !== undefined && !participants.has(id)) throw new Error(`${id} is no participant`);
    } else if (/^(box transparent CPU \d+|rect rgba\([\d., ]+\))$/u.test(line)) open++;
    else if (line === "end") open--;
    else if (!line.startsWith("%% ")) throw new Error(`no line of a sequence diagram: ${line}`);
  }
  if (open !== 0) throw new Error("boxes do not match");
  return { participants, messages };
}

/** Nodes and edges of a DOT file of the simple kind; throws at anything else. */
function readDot(text: string): { readonly nodes: readonly string[]; readonly edges: readonly (readonly [string, string])[] } {
  const nodes: string[] = [];
  const edges: (readonly [string, string])[] = [];
  const id = String.raw`"((?:[^"\\]|\\.)*)"`;
  for (const line of text.trimEnd().split("\n").slice(3, -1)) {
    const edge = new RegExp(`^  ${id} -> ${id} \\[.*\\];$`, "u").exec(line);
    const node = new RegExp(`^  ${id} \\[.*\\];$`, "u").exec(line);
    if (edge !== null) edges.push([edge[1] ?? "", edge[2] ?? ""]);
    else if (node !== null) nodes.push(node[1] ?? "");
    else throw new Error(`no node and no edge: ${line}`);
  }
  return { nodes, edges };
}

describe.each(traces)("%s", (_, trace) => {
  test("comes back from json as it was", () => {
    expect(parseTrace(traceFormats.json(trace), "x.json")).toEqual(trace);
  });

  test("is read as ITF with one state more than steps, integers as bigints, and the values that the trace has", () => {
    const { vars, states } = readItf(traceFormats.itf(trace));
    expect(states).toHaveLength(trace.steps.length + 1);
    for (const [name, value] of Object.entries(trace.initial)) {
      expect(vars).toContain(name);
      if (typeof value === "number") expect(states[0]?.[name]).toBe(BigInt(value));
      else if (!Array.isArray(value)) expect(states[0]?.[name]).toBe(value ?? "nobody");
    }
    trace.steps.forEach((step, index) => {
      for (const { name, after } of step.changes) if (typeof after === "number") expect(states[index + 1]?.[name]).toBe(BigInt(after));
    });
  });

  test("is a mermaid diagram with a message or a note for each step", () => {
    const { participants, messages } = readMermaid(traceFormats.mermaid(trace));
    expect(participants.size).toBe(trace.threads.length);
    const notStopping = trace.decisions.filter(({ kind }) => kind === "step").length;
    expect(messages.filter((line) => /: \d+\. /u.test(line))).toHaveLength(notStopping);
  });

  test("is well-formed SVG without scripts, with every thread in it", () => {
    const document = parseXml(traceFormats.svg(trace));
    expect(document.documentElement.tagName).toBe("svg");
    expect(document.getElementsByTagName("script")).toHaveLength(0);
    expect(Array.from(document.getElementsByTagName("circle")).length).toBe(trace.decisions.filter(({ kind }) => kind === "step").length);
  });

  test("has Chrome trace events whose slices on a track never overlap and whose arrows begin and end inside slices", () => {
    const { traceEvents } = JSON.parse(traceFormats.perfetto(trace)) as {
      readonly traceEvents: readonly {
        readonly ph: string;
        readonly ts: number;
        readonly dur: number;
        readonly pid: number;
        readonly tid: number;
        readonly id?: number;
      }[];
    };
    const slices = traceEvents.filter(({ ph }) => ph === "X");
    const inside = ({ ts, pid, tid }: { readonly ts: number; readonly pid: number; readonly tid: number }): boolean =>
      slices.some((each) => each.pid === pid && each.tid === tid && each.ts <= ts && ts <= each.ts + each.dur);
    for (const a of slices)
      for (const b of slices) if (a !== b && a.pid === b.pid && a.tid === b.tid) expect(a.ts + a.dur <= b.ts || b.ts + b.dur <= a.ts).toBe(true);
    const starts = traceEvents.filter(({ ph }) => ph === "s");
    const ends = traceEvents.filter(({ ph }) => ph === "f");
    expect(starts.map(({ id }) => id)).toEqual(ends.map(({ id }) => id));
    for (const flow of [...starts, ...ends]) expect(inside(flow)).toBe(true);
    expect(slices.length).toBeGreaterThanOrEqual(trace.steps.length);
    expect(traceEvents.filter(({ ph }) => ph === "b")).toHaveLength(traceEvents.filter(({ ph }) => ph === "e").length);
    for (const { pid, tid } of traceEvents) expect(Number.isInteger(pid) && Number.isInteger(tid)).toBe(true);
  });

  test("has the wait-for graph of its end as dot, gexf and graphml, all the same", () => {
    const edges = new Set(trace.end.edges.map(({ from, to }) => `${from} ${to}`)).size;
    const dot = readDot(traceFormats.dot(trace));
    expect([dot.nodes.length, dot.edges.length]).toEqual([trace.end.threads.length, edges]);
    for (const graph of [gexf.parse(MultiGraph, traceFormats.gexf(trace)), graphml.parse(MultiGraph, traceFormats.graphml(trace))])
      expect([graph.order, graph.size]).toEqual([trace.end.threads.length, edges]);
    parseXml(traceFormats.gexf(trace));
    parseXml(traceFormats.graphml(trace));
  });

  test("gives the same bytes each time", () => {
    for (const write of Object.values(traceFormats)) expect(write(structuredClone(trace))).toBe(write(trace));
  });
});

test("a long trace stays below mermaid's limit of text and says how many steps it leaves out", () => {
  const long = changed((trace) => {
    trace.steps = Array.from({ length: 3000 }, () => trace.steps[0]);
    trace.decisions = Array.from({ length: 3000 }, () => trace.decisions[0]);
  }) as Trace;
  const text = traceFormats.mermaid(long);
  expect(text.length).toBeLessThan(50_000);
  expect(text).toMatch(/Note over T0,T2: \d+ steps are left out here/u);
  readMermaid(text);
});

describe("the state graph", () => {
  test("has a node for each state that the engine finds in a protocol that holds", async () => {
    const { instance, system } = await find("specs/shm/mutex1.ts", "pair");
    const { stats } = await search(system, {});
    const { graph, states, quotient } = statePicture(instance, system);
    expect([graph.order, states, quotient]).toEqual([stats.states, stats.states, false]);
    expect(readDot(writeGraph(graph, "pair", "dot")).nodes).toHaveLength(stats.states);
  });

  test("marks the states in which a property is violated", async () => {
    const { instance, system, traces } = await find("specs/l4/mutual-call.ts", "broken");
    const { graph, nodeOf, pathTo } = statePicture(instance, system);
    const marked = graph.filterNodes((_, { role, label }) => role === "violation" && label.includes("violated: deadlock"));
    expect(Math.min(...marked.map((key) => pathTo(key).length))).toBe(traces[0]?.steps.length);
    expect(nodeOf(initialState(system).state)).toBe(graph.nodes()[0]);
  });

  test("shows one node for the states in which all threads stand at the same places", async () => {
    const { instance, system } = await find("specs/shm/mutex1.ts", "pair");
    const { graph, states, quotient } = statePicture(instance, system, { quotient: true });
    expect(quotient).toBe(true);
    expect(graph.order).toBeLessThan(states);
  });

  test("marks the violation of a transition as a node of its own", async () => {
    const { instance, system } = await find("specs/shm/mutex1.ts", "unbounded");
    const { graph } = statePicture(instance, system);
    expect(graph.filterNodes((_, { role }) => role === "violation").length).toBeGreaterThan(0);
  });
});
