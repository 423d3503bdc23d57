/** Names of what a trace can be written as; apart from the writers, so that naming them loads nothing. */
export const traceFormatNames = ["json", "itf", "mermaid", "svg", "html", "perfetto", "dot", "gexf", "graphml", "vitest"] as const;
export type TraceFormat = (typeof traceFormatNames)[number];

/** What files of each format end with. */
export const traceFormatEndings: Readonly<Record<TraceFormat, string>> = {
  json: ".json",
  itf: ".itf.json",
  mermaid: ".mmd",
  svg: ".svg",
  html: ".html",
  perfetto: ".perfetto.json",
  dot: ".dot",
  gexf: ".gexf",
  graphml: ".graphml",
  vitest: ".test.ts",
};
