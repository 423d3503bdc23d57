/**
 * A mermaid sequence diagram: a box for each CPU, a participant for each thread, a message for each step. Participants
 * have ids of their own and the threads' names as aliases, because words such as `end` break the parser as ids.
 */
import { reasons } from "../explain.ts";
import type { Trace } from "../trace.ts";
import { sequence } from "./sequence.ts";
import { violationTitle } from "../words.ts";

/** Mermaid's own limit is 50,000 characters of text. */
const most = 50_000;

/** Text with nothing in it that mermaid reads as syntax. */
function plain(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ")
    .replaceAll("#", "#35;")
    .replace(/;/gu, (_, offset: number, all: string) => (/#\d+$/u.test(all.slice(0, offset)) ? ";" : "#59;"))
    .replaceAll("<", "#lt;")
    .replaceAll(">", "#gt;");
}

/** The trace as a mermaid diagram; steps in the middle are left out where it would grow over mermaid's limit. */
export function exportMermaid(trace: Trace): string {
  const { lanes, rows } = sequence(trace);
  const id = (lane: number): string => `T${lane}`;
  const cpus = [...new Set(lanes.map(({ cpu }) => cpu))];
  const head = [
    "sequenceDiagram",
    `  %% ${plain(trace.protocol).replaceAll("%%", "%")}: ${plain(violationTitle(trace))}`,
    ...cpus.flatMap((cpu) => [
      `  box transparent CPU ${cpu}`,
      ...lanes.flatMap(({ name, untrusted, cpu: own }, lane) =>
        own === cpu ? [`    participant ${id(lane)} as ${plain(name)}${untrusted ? " (untrusted)" : ""}`] : [],
      ),
      "  end",
    ]),
  ];
  const all = `${id(0)}${lanes.length > 1 ? `,${id(lanes.length - 1)}` : ""}`;
  const body = rows.map(({ number, lane, text, notes, arrows, kind }) => {
    const says = `${number}. ${plain(text)}`;
    const noted = notes.length === 0 ? "" : `<br/>${notes.map(plain).join("<br/>")}`;
    if (lane === null) return `  Note over ${all}: ${says}${noted}`;
    if (kind === "stop") return `  Note over ${id(lane)}: ${says}`;
    const [first, ...others] = arrows;
    if (first === undefined) return `  ${id(lane)}->>${id(lane)}: ${says}${noted}`;
    const got = (result: string): string => (result === "" ? "" : `<br/>${plain(result)}`);
    return [
      `  ${id(lane)}->>${id(first.to)}: ${says}${noted}${got(first.text)}`,
      ...others.map((arrow) => `  ${id(lane)}-->>${id(arrow.to)}: ${number}.${got(arrow.text) || " goes on"}`),
    ].join("\n");
  });
  const { why, turn } = reasons(trace);
  const loops = trace.loop !== undefined && trace.loop < body.length;
  const tail = ["  rect rgba(220, 60, 60, 0.25)", `  Note over ${all}: ${[violationTitle(trace), ...why, ...turn].map(plain).join("<br/>")}`, "  end"];
  const room = most - [...head, ...tail].join("\n").length - 200;
  const isWhole = [...body].join("\n").length <= room;
  const mark = isWhole ? "  loop for ever" : `  Note over ${all}: from here on again and again, for ever`;
  const marked = loops ? body.map((line, index) => (index === trace.loop ? `${mark}\n${line}` : line)) : body;
  const end = loops && isWhole ? ["  end"] : trace.loop === body.length ? [`  Note over ${all}: there it stays for ever`] : [];
  return `${[...head, ...fitted(marked, room, all), ...end, ...tail].join("\n")}\n`;
}

/** As many of the first and last lines as fit, with a note for the ones between. */
function fitted(lines: readonly string[], room: number, all: string): readonly string[] {
  let used = lines.reduce((sum, line) => sum + line.length + 1, 0);
  if (used <= room) return lines;
  let from = Math.floor(lines.length / 2);
  let to = from;
  while (used > room && to - from < lines.length) {
    if (from > lines.length - to) used -= (lines[--from]?.length ?? 0) + 1;
    else used -= (lines[to++]?.length ?? 0) + 1;
  }
  return [...lines.slice(0, from), `  Note over ${all}: ${to - from} steps are left out here`, ...lines.slice(to)];
}
