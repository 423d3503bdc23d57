/** What a specification threw while it was imported, placed in the source that its author wrote. */
import { readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { DeclarationError } from "../language/protocol.ts";
import { type Place, placeInCall } from "./declaration.ts";
import { type Diagnostic, diagnostic } from "./diagnostic.ts";
import { instrument } from "./instrument.ts";
import { module, shownPath } from "./registry.ts";
import { registryUrl } from "./tool.ts";

/** The diagnostic for `error`, thrown while `bundle` was imported for `spec`. */
export function thrownOnImport(spec: string, bundle: string, error: unknown): Diagnostic {
  const message = error instanceof Error ? (error.name === "Error" ? error.message : `${error.name}: ${error.message}`) : String(error);
  const place = error instanceof Error ? placeOf(spec, bundle, error.stack ?? "") : null;
  if (error instanceof DeclarationError) {
    const inside = place === null ? null : placeInCall(place.module, error.where, (call) => call.start <= place.start && place.start < call.callee.end);
    return diagnostic("IPC007", `${error.where === "" ? "" : `${error.where}: `}${error.message}`, inside ?? place);
  }
  return diagnostic(
    "IPC004",
    place === null ? `${shownPath(spec)} throws when it is imported: ${message}` : `thrown when the specification is imported: ${message}`,
    place,
  );
}

/** The innermost frame of a stack that lies in the bundle. */
function placeOf(spec: string, bundle: string, stack: string): Place | null {
  const url = pathToFileURL(bundle).href;
  const line = stack.split("\n").find((each) => each.includes(url));
  const frame = line === undefined ? null : /:(\d+):(\d+)\)?$/.exec(line);
  if (frame === null) return null;
  try {
    const map = new SourceMap(JSON.parse(readFileSync(`${bundle}.map`, "utf8")) as ConstructorParameters<typeof SourceMap>[0]);
    const entry = map.findEntry(Number(frame[1]) - 1, Number(frame[2]) - 1);
    if (!("originalSource" in entry)) return null;
    const file = resolve(dirname(spec), entry.originalSource);
    const text = readFileSync(file, "utf8");
    // The map leads to the instrumented text: its lines are the author's, its columns are not.
    const { code, original } = instrument(text, { file, registry: registryUrl });
    const start = original(offsetOf(code, entry.originalLine) + entry.originalColumn);
    const rest = /^[\w$.]+|^./.exec(text.slice(start))?.[0] ?? " ";
    return { module: module(file, text), start, end: start + rest.length };
  } catch {
    return null;
  }
}

function offsetOf(text: string, line: number): number {
  let offset = 0;
  for (let i = 0; i < line; i++) offset = text.indexOf("\n", offset) + 1;
  return offset;
}
