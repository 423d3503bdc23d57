/**
 * A message sequence chart as one self-contained SVG: a lane for each thread, lanes of one CPU in one box, time downwards,
 * a numbered step in each row, an arrow to each thread that a step lets go on, a bar while a thread is blocked, and the
 * violation in words at the bottom. Dark and light follow the reader's setting. Everything that comes from a trace is
 * escaped.
 */
import { reasons } from "../explain.ts";
import type { Trace } from "../trace.ts";
import { xml } from "./xml.ts";
import { type Lane, type Row, type Sequence, sequence, type Span } from "./sequence.ts";
import { violationTitle } from "../words.ts";

const rowHeight = 22;
const noteHeight = 15;
const margin = 16;
/** Width of a character of the text font at 12 and at 11 pixels, on the safe side. */
const glyph = 7.3;
const smallGlyph = 6.7;

function cut(text: string, columns: number): string {
  return text.length <= columns ? text : `${text.slice(0, Math.max(1, columns - 1))}…`;
}

/** Breaks words into lines of at most `columns`. */
function wrap(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/u).filter((each) => each !== "")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= columns) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(cut(word, columns));
  }
  return lines;
}

interface Geometry {
  readonly width: number;
  readonly left: number;
  readonly laneWidth: number;
  readonly textAt: number;
  readonly columns: number;
  readonly top: number;
  /** Upper edge of each row. */
  readonly rowAt: readonly number[];
  readonly bottom: number;
  x(lane: number): number;
}

/** Rows grow with their notes; the column of texts stands right of the lanes, so that long texts never cross them. */
function layout({ lanes, rows }: Sequence): Geometry {
  const longestName = Math.max(4, ...lanes.map(({ name }) => Math.min(name.length, 18)));
  const laneWidth = Math.max(64, Math.ceil(longestName * glyph) + 18);
  const left = margin + 28;
  const textAt = left + lanes.length * laneWidth + 12;
  const columns = Math.min(96, Math.max(40, ...rows.flatMap((row) => lines(row, 96).map((line) => line.length))));
  const top = margin + 78;
  const rowAt: number[] = [];
  let y = top;
  for (const row of rows) {
    rowAt.push(y);
    y += rowHeight + noteHeight * (lines(row, columns).length - 1);
  }
  return {
    width: textAt + Math.ceil(columns * glyph) + margin,
    left,
    laneWidth,
    textAt,
    columns,
    top,
    rowAt,
    bottom: y + 6,
    x: (lane) => left + (lane + 0.5) * laneWidth,
  };
}

/** The texts of a row: what was done, then what it changed. */
function lines(row: Row, columns: number): readonly string[] {
  const got = row.arrows.filter(({ text }) => text !== "").map(({ text }) => text);
  return [cut(row.text, columns), ...wrap([...row.notes, ...got].join("; "), columns - 2)];
}

/** The trace as SVG. */
export function exportSvg(trace: Trace): string {
  const chart = sequence(trace);
  const place = layout(chart);
  const { why, turn } = reasons(trace);
  const columns = Math.floor((place.width - 2 * margin - 20) / smallGlyph);
  const story = [...why, ...turn].flatMap((sentence) => wrap(sentence, columns));
  const height = place.bottom + 46 + story.length * 16 + margin;
  const label = `${trace.protocol}: ${violationTitle(trace)}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${place.width}" height="${height}" viewBox="0 0 ${place.width} ${height}" role="img" aria-label="${xml(label)}">`,
    `<title>${xml(label)}</title>`,
    `<desc>${xml([...why, ...turn].join(" "))}</desc>`,
    style,
    `<rect class="page" width="${place.width}" height="${height}"/>`,
    `<text class="title" x="${margin}" y="${margin + 14}">${xml(cut(label, Math.floor((place.width - 2 * margin) / 8.4)))}</text>`,
    ...boxes(chart.lanes, place),
    ...chart.spans.map((span) => bar(span, place)),
    ...again(trace.loop, place),
    ...chart.rows.map((row, index) => drawRow(row, place, index, trace.turning?.step === row.number)),
    `<rect class="violation" x="${margin}" y="${place.bottom + 10}" width="${place.width - 2 * margin}" height="${story.length * 16 + 30}" rx="4"/>`,
    `<text class="strong" x="${margin + 10}" y="${place.bottom + 28}">${xml(violationTitle(trace))}</text>`,
    ...story.map((line, index) => `<text class="small" x="${margin + 10}" y="${place.bottom + 46 + index * 16}">${xml(line)}</text>`),
    "</svg>",
    "",
  ].join("\n");
}

const style = `<style>
  svg { font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: 12px; color-scheme: light dark; }
  .page { fill: #ffffff; } text { fill: #1f2328; } .title { font-size: 14px; font-weight: bold; } .strong { font-weight: bold; } .small { font-size: 11px; }
  .dim { fill: #57606a; font-size: 11px; } .cpu { fill: #f3f5f8; stroke: #d0d7de; } .line { stroke: #8c959f; } .untrusted { stroke-dasharray: 4 3; }
  .step { fill: #0969da; } .stop { stroke: #cf222e; stroke-width: 2.5; } .arrow { stroke: #0969da; stroke-width: 1.5; fill: none; } .head { fill: #0969da; }
  .wait { fill: #d4a72c; fill-opacity: 0.55; } .never { fill: #cf222e; fill-opacity: 0.55; } .violation { fill: #cf222e; fill-opacity: 0.12; stroke: #cf222e; } .turn { fill: #d4a72c; fill-opacity: 0.22; } .rule { stroke: #d0d7de; stroke-opacity: 0.6; }
  .again { stroke: #bf8700; stroke-width: 1.5; fill: none; } .back { fill: #bf8700; }
  @media (prefers-color-scheme: dark) {
    .page { fill: #0d1117; } text { fill: #e6edf3; } .dim { fill: #9198a1; } .cpu { fill: #161b22; stroke: #30363d; } .line { stroke: #6e7681; }
    .step { fill: #4493f8; } .arrow { stroke: #4493f8; } .head { fill: #4493f8; } .rule { stroke: #30363d; } .stop { stroke: #f85149; } .violation { stroke: #f85149; fill: #f85149; } .never { fill: #f85149; }
  }
</style>`;

function boxes(lanes: readonly Lane[], { x, left, laneWidth, bottom }: Geometry): readonly string[] {
  const cpus = [...new Set(lanes.map(({ cpu }) => cpu))];
  const top = margin + 28;
  return [
    ...cpus.flatMap((cpu) => {
      const first = lanes.findIndex((lane) => lane.cpu === cpu);
      const many = lanes.filter((lane) => lane.cpu === cpu).length;
      const at = left + first * laneWidth + 3;
      return [
        `<rect class="cpu" x="${at}" y="${top}" width="${many * laneWidth - 6}" height="${bottom - top}" rx="5"/>`,
        `<text class="dim" x="${at + 6}" y="${top + 14}">CPU ${cpu}</text>`,
      ];
    }),
    ...lanes.flatMap(({ name, untrusted }, lane) => [
      `<text class="strong" x="${x(lane)}" y="${top + 34}" text-anchor="middle">${xml(cut(name, 18))}</text>`,
      `<line class="line${untrusted ? " untrusted" : ""}" x1="${x(lane)}" y1="${top + 42}" x2="${x(lane)}" y2="${bottom - 4}"><title>${xml(name)}${untrusted ? ", untrusted: it may stop for ever at any step" : ""}</title></line>`,
    ]),
  ];
}

function bar({ lane, from, to, operation, open }: Span, { x, rowAt, bottom }: Geometry): string {
  const y = (rowAt[from] ?? 0) + rowHeight / 2;
  const end = open ? bottom - 6 : (rowAt[to] ?? 0) + rowHeight / 2;
  return `<rect class="${open ? "never" : "wait"}" x="${x(lane) - 4}" y="${y}" width="8" height="${Math.max(6, end - y)}" rx="3"><title>${xml(operation)}${open ? ": never ends" : ": blocked"}</title></rect>`;
}

/** A bracket at the steps that repeat for ever, with an arrow from the last one back to the first. */
function again(loop: number | undefined, { rowAt, bottom }: Geometry): readonly string[] {
  const from = loop === undefined ? undefined : rowAt[loop];
  if (from === undefined) return [];
  const [x, top, end] = [margin - 4, from + rowHeight / 2, bottom - 6 - rowHeight / 2];
  return [
    `<g><title>again and again, for ever</title><path class="again" d="M ${x + 8} ${Math.max(end, top + 6)} h -8 V ${top} h 5"/>`,
    `<path class="back" d="M ${x + 10} ${top} l -7 -4 v 8 z"/></g>`,
  ];
}

function drawRow(row: Row, place: Geometry, index: number, isTurning: boolean): string {
  const { x, textAt, width, columns } = place;
  const y = (place.rowAt[index] ?? 0) + rowHeight / 2;
  const [first = "", ...more] = lines(row, columns);
  const parts = [
    `<line class="rule" x1="${margin}" y1="${y - rowHeight / 2}" x2="${width - margin}" y2="${y - rowHeight / 2}"/>`,
    ...(isTurning
      ? [
          `<rect class="turn" x="${margin}" y="${y - rowHeight / 2 + 1}" width="${width - 2 * margin}" height="${rowHeight - 2}"><title>point of no return</title></rect>`,
        ]
      : []),
    `<text class="dim" x="${margin + 22}" y="${y + 4}" text-anchor="end">${row.number}</text>`,
    `<text x="${textAt}" y="${y + 4}">${xml(first)}</text>`,
    ...more.map((line, each) => `<text class="dim" x="${textAt + 14}" y="${y + 4 + (each + 1) * noteHeight}">${xml(line)}</text>`),
  ];
  const from = row.lane === null ? place.left - 6 : x(row.lane);
  for (const { to } of row.arrows) {
    const target = x(to);
    const side = target > from ? -1 : 1;
    parts.push(
      `<line class="arrow" x1="${from}" y1="${y}" x2="${target + side * 10}" y2="${y}"/>`,
      `<path class="head" d="M ${target + side * 3} ${y} l ${side * 9} -4.5 v 9 z"/>`,
    );
  }
  if (row.lane !== null) {
    parts.push(
      row.kind === "stop"
        ? `<path class="stop" d="M ${from - 6} ${y - 6} l 12 12 m 0 -12 l -12 12"/>`
        : `<circle class="step" cx="${from}" cy="${y}" r="4.5"/>`,
    );
  }
  return `<g>${parts.join("")}</g>`;
}
