/**
 * Stacked bars by cause as a self-contained SVG picture, readable on light and on dark ground: text takes the reader's
 * colour scheme, the colours of the causes suit both and differ in lightness for those who do not tell hues apart
 * (Okabe and Ito, "Color universal design", 2008).
 */
import { xml } from "../counterexamples/export/xml.ts";
import { type Cause, causes, type Cycles, total } from "./causes.ts";

export interface Bar {
  readonly label: string;
  readonly cycles: Cycles;
  /** Time in which nothing was done: waiting for an interrupt to arrive, or for another CPU. */
  readonly waiting: number;
}
export interface BarGroup {
  readonly title: string;
  readonly bars: readonly Bar[];
}

const colours: Readonly<Record<Cause | "waiting", string>> = {
  "entry and exit": "#0072b2",
  instructions: "#56b4e9",
  scheduler: "#009e73",
  copy: "#f0e442",
  "cache misses": "#d55e00",
  "TLB misses": "#e69f00",
  "address space": "#cc79a7",
  interrupts: "#7f5bb5",
  order: "#8c6d46",
  waiting: "#9a9a9a",
};

const longestLabel = 300;
const barWidth = 520;
const figureWidth = 90;
const rowHeight = 22;
const barHeight = 14;
const fontSize = 12;

/** Width of an average character. */
const glyph = 0.56 * fontSize;

/** As much of a label as fits. */
function fitted(text: string): string {
  const room = Math.floor((longestLabel - 28) / glyph);
  return text.length <= room ? text : `${text.slice(0, room - 1)}…`;
}

const figure = (value: number): string => (value >= 100 ? Math.round(value).toString() : value.toFixed(1));

/** The bars of a group share one scale; groups, whose machines differ by orders of magnitude, do not. */
export function chart(title: string, groups: readonly BarGroup[]): string {
  const present = [...causes, "waiting" as const].filter((cause) =>
    groups.some(({ bars }) => bars.some((bar) => (cause === "waiting" ? bar.waiting : bar.cycles[cause]) > 0)),
  );
  const labels = groups.flatMap(({ bars }) => bars.map(({ label }) => fitted(label).length));
  const labelWidth = Math.ceil(28 + glyph * Math.max(8, ...labels));
  const width = Math.max(labelWidth + barWidth + figureWidth, 640);
  const body: string[] = [];
  let y = 24;
  const text = (x: number, content: string, attributes = ""): void => {
    body.push(`<text x="${x}" y="${y}"${attributes}>${xml(content)}</text>`);
  };
  text(8, title, ' class="title"');
  y += 12;
  y = legend(present, y, width, body);
  for (const group of groups) {
    y += 26;
    text(8, group.title, ' class="group"');
    y += 8;
    const longest = Math.max(...group.bars.map(lengthOf), Number.MIN_VALUE);
    for (const bar of group.bars) {
      body.push(drawn(bar, present, labelWidth, y, barWidth / longest));
      y += rowHeight;
    }
  }
  const height = y + 10;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${xml(title)}">
<style>
svg { background: #ffffff; }
text { font: ${fontSize}px ui-sans-serif, system-ui, "Helvetica Neue", Arial, sans-serif; fill: #1b1f24; }
.title { font-size: 15px; font-weight: 600; }
.group { font-weight: 600; }
.figure { font-variant-numeric: tabular-nums; }
@media (prefers-color-scheme: dark) { svg { background: #0d1117; } text { fill: #e6edf3; } }
</style>
${body.join("\n")}
</svg>
`;
}

function lengthOf({ cycles, waiting }: Bar): number {
  return total(cycles) + waiting;
}

/** One square and name for each cause; returns where the next thing may stand. */
function legend(present: readonly (Cause | "waiting")[], top: number, width: number, body: string[]): number {
  let x = 8;
  let y = top;
  for (const cause of present) {
    const room = 26 + cause.length * 0.58 * fontSize;
    if (x + room > width) {
      x = 8;
      y += 18;
    }
    body.push(`<rect x="${x}" y="${y}" width="11" height="11" fill="${colours[cause]}"/><text x="${x + 16}" y="${y + 10}">${cause}</text>`);
    x += room;
  }
  return y + 11;
}

function drawn(bar: Bar, present: readonly (Cause | "waiting")[], left: number, y: number, scale: number): string {
  let x = left;
  const pieces = present.flatMap((cause) => {
    const value = cause === "waiting" ? bar.waiting : bar.cycles[cause];
    if (value <= 0) return [];
    const from = x;
    x += value * scale;
    return [
      `<rect x="${from.toFixed(2)}" y="${y}" width="${(value * scale).toFixed(2)}" height="${barHeight}" fill="${colours[cause]}"><title>${cause}: ${figure(value)} cycles</title></rect>`,
    ];
  });
  const baseline = y + barHeight - 2.5;
  const label = `<text x="16" y="${baseline}">${xml(fitted(bar.label))}<title>${xml(bar.label)}</title></text>`;
  return `${label}${pieces.join("")}<text class="figure" x="${(x + 6).toFixed(2)}" y="${baseline}">${figure(lengthOf(bar))}</text>`;
}
