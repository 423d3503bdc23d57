/** A trace as a page of its own: the explorer's page with the trace inside, which works from a file and asks no server. */
import { pageDocument } from "../explorer/document.ts";
import { traceData } from "../explorer/trace-view.ts";
import type { Trace } from "../trace.ts";

export function exportHtml(trace: Trace): string {
  return pageDocument(traceData(trace));
}
