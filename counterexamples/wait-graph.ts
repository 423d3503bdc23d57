/**
 * Who waits for whom at the end of a trace, as a directed graph (Holt's wait-for graph): an edge leads from a blocked
 * thread to each thread that could end its wait. A deadlock shows as a cycle, or as a chain that ends at a thread which
 * will not come.
 */
import { DirectedGraph } from "graphology";
import type { Trace, TraceEnd, WaitEdge } from "./trace.ts";

export type WaitGraph = DirectedGraph<TraceEnd, WaitEdge>;

/** The graph at the end of a trace. */
export function waitGraph({ end }: Pick<Trace, "end">): WaitGraph {
  return waitGraphOf(end.threads, end.edges);
}

/** Builds the graph of all threads and their waits. */
export function waitGraphOf(threads: readonly TraceEnd[], edges: readonly WaitEdge[]): WaitGraph {
  const graph: WaitGraph = new DirectedGraph<TraceEnd, WaitEdge>();
  for (const end of threads) graph.mergeNode(end.thread, end);
  for (const edge of edges) if (graph.hasNode(edge.from) && graph.hasNode(edge.to)) graph.mergeDirectedEdge(edge.from, edge.to, edge);
  return graph;
}

/** A shortest cycle that a thread of `start` lies on, in the order of the edges; null if there is none. */
export function waitCycle(graph: WaitGraph, start: readonly string[]): readonly string[] | null {
  let best: readonly string[] | null = null;
  for (const origin of start.filter((name) => graph.hasNode(name))) {
    const cycle = cycleThrough(graph, origin);
    if (cycle !== null && (best === null || cycle.length < best.length)) best = cycle;
  }
  return best;
}

/** Breadth first from `origin` back to it. */
function cycleThrough(graph: WaitGraph, origin: string): readonly string[] | null {
  const via = new Map<string, string>();
  const open = [origin];
  for (let node = open.shift(); node !== undefined; node = open.shift()) {
    for (const next of graph.outNeighbors(node)) {
      if (next === origin) {
        const cycle = [node];
        for (let back = via.get(node); back !== undefined; back = via.get(back)) cycle.unshift(back);
        return cycle;
      }
      if (via.has(next)) continue;
      via.set(next, node);
      open.push(next);
    }
  }
  return null;
}
