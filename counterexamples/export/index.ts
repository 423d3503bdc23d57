/** What a trace can be written as. Each format is a pure function from the trace to text: the same trace, the same bytes. */
import type { Trace } from "../trace.ts";
import type { TraceFormat } from "./formats.ts";
import { type GraphFormat, writeGraph } from "./graph.ts";
import { exportItf } from "./itf.ts";
import { exportMermaid } from "./mermaid.ts";
import { exportPerfetto } from "./perfetto.ts";
import { violationTitle } from "../words.ts";
import { exportSvg } from "./svg.ts";
import { waitPicture } from "./wait-picture.ts";

const waits =
  (format: GraphFormat) =>
  (trace: Trace): string =>
    writeGraph(waitPicture(trace), `${trace.protocol}: ${violationTitle(trace)}`, format);

/** The formats with what each one is for. */
export const traceFormats: Readonly<Record<TraceFormat, { readonly says: string; readonly write: (trace: Trace) => string }>> = {
  json: { says: "the trace itself", write: (trace) => `${JSON.stringify(trace, null, 2)}\n` },
  itf: { says: "Informal Trace Format, for Apalache, Quint and the ITF viewer", write: exportItf },
  mermaid: { says: "sequence diagram for Markdown", write: exportMermaid },
  svg: { says: "message sequence chart", write: exportSvg },
  perfetto: { says: "Chrome trace events, for ui.perfetto.dev", write: exportPerfetto },
  dot: { says: "who waits for whom at the end, for Graphviz", write: waits("dot") },
  gexf: { says: "the same for Gephi", write: waits("gexf") },
  graphml: { says: "the same as GraphML", write: waits("graphml") },
};
