/** What a trace can be written as. Each format is a pure function from the trace to text: the same trace, the same bytes. */
import type { Trace } from "../trace.ts";
import type { TraceFormat } from "./formats.ts";
import { type GraphFormat, writeGraph } from "./graph.ts";
import { exportHtml } from "./html.ts";
import { exportItf } from "./itf.ts";
import { exportMermaid } from "./mermaid.ts";
import { exportPerfetto } from "./perfetto.ts";
import { violationTitle } from "../words.ts";
import { exportVitest } from "./vitest.ts";
import { exportSvg } from "./svg.ts";
import { waitPicture } from "./wait-picture.ts";

const waits =
  (format: GraphFormat) =>
  (trace: Trace): string =>
    writeGraph(waitPicture(trace), `${trace.protocol}: ${violationTitle(trace)}`, format);

/** The writer of each format. */
export const traceFormats: Readonly<Record<TraceFormat, (trace: Trace) => string>> = {
  json: (trace) => `${JSON.stringify(trace, null, 2)}\n`,
  itf: exportItf,
  mermaid: exportMermaid,
  svg: exportSvg,
  html: exportHtml,
  perfetto: exportPerfetto,
  dot: waits("dot"),
  gexf: waits("gexf"),
  graphml: waits("graphml"),
  vitest: exportVitest,
};
