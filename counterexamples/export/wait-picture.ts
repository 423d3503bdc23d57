/** The wait-for graph at the end of a trace as a picture: the circle of waits, if there is one, is marked. */
import { MultiDirectedGraph } from "graphology";
import type { Trace } from "../trace.ts";
import { waitCycle, waitGraph } from "../wait-graph.ts";
import type { EdgeAttributes, NodeAttributes, PictureGraph } from "./graph.ts";

/** Builds it. */
export function waitPicture(trace: Trace): PictureGraph {
  const waits = waitGraph(trace);
  const cycle = waitCycle(waits, trace.violation.threads) ?? [];
  const picture: PictureGraph = new MultiDirectedGraph<NodeAttributes, EdgeAttributes>();
  waits.forEachNode((name, { state, says, idle }) => {
    picture.addNode(name, { label: says === null ? `${name}\n${state}` : `${name}\n${says}${idle ? ", at rest" : ""}`, role: idle ? "idle" : state });
  });
  waits.forEachEdge((_, { kind }, from, to) => {
    const place = cycle.indexOf(from);
    picture.addDirectedEdgeWithKey(`${from} -> ${to}`, from, to, { label: kind, marked: place >= 0 && cycle[(place + 1) % cycle.length] === to });
  });
  return picture;
}
