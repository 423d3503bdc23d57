/**
 * Graphs as files: DOT (Graphviz), GEXF 1.2 (Gephi) and GraphML. All three write a graphology graph whose nodes and edges
 * carry the same few attributes; keys of nodes and edges are given, never generated, so that the bytes do not depend on
 * the run.
 */
import type { MultiDirectedGraph } from "graphology";
import { xml } from "./xml.ts";

export interface NodeAttributes {
  readonly label: string;
  /** `initial` and `violation` stand out. */
  readonly role: "initial" | "violation" | "blocked" | "idle" | "ready" | "finished" | "stopped" | "spinning" | "state";
}
export interface EdgeAttributes {
  readonly label: string;
  /** Part of the counterexample, or of the circle of waits. */
  readonly marked: boolean;
}
export type PictureGraph = MultiDirectedGraph<NodeAttributes, EdgeAttributes>;

export type GraphFormat = "dot" | "gexf" | "graphml";

/** Above this many nodes nobody can read the picture, and most viewers stand still. */
export const mostNodes = 2000;

/** Writes a graph; `title` names it. */
export function writeGraph(graph: PictureGraph, title: string, format: GraphFormat): string {
  switch (format) {
    case "dot":
      return dot(graph, title);
    case "gexf":
      return gexf(graph, title);
    case "graphml":
      return graphml(graph, title);
  }
}

function quoted(text: string): string {
  return `"${text
    .replaceAll("\\", "\\\\")
    .replaceAll('"', '\\"')
    .replace(/\r?\n/gu, "\\n")
    .replace(/\p{Cc}/gu, " ")}"`;
}

const styles: Readonly<Record<NodeAttributes["role"], string>> = {
  initial: "shape=doublecircle",
  violation: 'style=filled, fillcolor="#e05252", fontcolor=white',
  blocked: 'style=filled, fillcolor="#f3c14b"',
  spinning: 'style="filled,dashed", fillcolor="#f3c14b"',
  idle: "style=dashed",
  stopped: 'style=filled, fillcolor="#bbbbbb"',
  finished: 'fontcolor="#777777"',
  ready: "shape=box",
  state: "shape=box",
};

function dot(graph: PictureGraph, title: string): string {
  const nodes = graph.mapNodes((key, { label, role }) => `  ${quoted(key)} [label=${quoted(label)}, ${styles[role]}];`);
  const edges = graph.mapEdges(
    (_, { label, marked }, source, target) =>
      `  ${quoted(source)} -> ${quoted(target)} [label=${quoted(label)}${marked ? ', color="#e05252", penwidth=2' : ""}];`,
  );
  return [`digraph ${quoted(title)} {`, "  rankdir=LR;", "  node [shape=box];", ...nodes, ...edges, "}", ""].join("\n");
}

function gexf(graph: PictureGraph, title: string): string {
  const attribute = (title: string, type: string, kind: "node" | "edge"): string =>
    `    <attributes class="${kind}"><attribute id="${title}" title="${title}" type="${type}"/></attributes>`;
  const value = (name: string, shown: string | boolean): string => `<attvalues><attvalue for="${name}" value="${xml(String(shown))}"/></attvalues>`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<gexf version="1.2" xmlns="http://www.gexf.net/1.2draft">',
    `  <meta><creator>ipc-check</creator><description>${xml(title)}</description></meta>`,
    '  <graph defaultedgetype="directed" mode="static">',
    attribute("role", "string", "node"),
    attribute("marked", "boolean", "edge"),
    "    <nodes>",
    ...graph.mapNodes((key, { label, role }) => `      <node id="${xml(key)}" label="${xml(label)}">${value("role", role)}</node>`),
    "    </nodes>",
    "    <edges>",
    ...graph.mapEdges(
      (key, { label, marked }, source, target) =>
        `      <edge id="${xml(key)}" source="${xml(source)}" target="${xml(target)}" label="${xml(label)}">${value("marked", marked)}</edge>`,
    ),
    "    </edges>",
    "  </graph>",
    "</gexf>",
    "",
  ].join("\n");
}

function graphml(graph: PictureGraph, title: string): string {
  const data = (key: string, value: string | boolean): string => `<data key="${key}">${xml(String(value))}</data>`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">',
    '  <key id="title" for="graph" attr.name="title" attr.type="string"/>',
    '  <key id="label" for="node" attr.name="label" attr.type="string"/>',
    '  <key id="role" for="node" attr.name="role" attr.type="string"/>',
    '  <key id="action" for="edge" attr.name="label" attr.type="string"/>',
    '  <key id="marked" for="edge" attr.name="marked" attr.type="boolean"/>',
    '  <graph edgedefault="directed">',
    `    ${data("title", title)}`,
    ...graph.mapNodes((key, { label, role }) => `    <node id="${xml(key)}">${data("label", label)}${data("role", role)}</node>`),
    ...graph.mapEdges(
      (key, { label, marked }, source, target) =>
        `    <edge id="${xml(key)}" source="${xml(source)}" target="${xml(target)}">${data("action", label)}${data("marked", marked)}</edge>`,
    ),
    "  </graph>",
    "</graphml>",
    "",
  ].join("\n");
}
