/** The lanes of the schedule as pictures: heads by CPU, and for each row the life lines, who acts, whom it lets go on, and operations under way. */
import type { Row, Sequence, Span } from "../../export/sequence.ts";
import { clean, h, s } from "./dom.ts";

/** Height at which a row's first line of text stands. */
const middle = 15;
/** Many lanes are narrower, so that the text beside them has room. */
const widthOf = ({ lanes }: Sequence): number => (lanes.length <= 3 ? 60 : lanes.length <= 6 ? 48 : 40);

/** Names of threads under their CPUs. */
export function laneHeads(chart: Sequence): readonly HTMLElement[] {
  const { lanes } = chart;
  const laneWidth = widthOf(chart);
  return [...new Set(lanes.map(({ cpu }) => cpu))].map((cpu) => {
    const own = lanes.filter((lane) => lane.cpu === cpu);
    const names = own.map(({ name, untrusted }) => {
      const title = h("span", { class: untrusted ? "lane untrusted" : "lane", title: clean(name) }, clean(name));
      title.style.width = `${laneWidth}px`;
      return title;
    });
    const group = h("div", { class: "cpu" }, h("div", { class: "cpu-name" }, `CPU ${cpu}`), h("div", { class: "names" }, ...names));
    group.style.width = `${own.length * laneWidth}px`;
    return group;
  });
}

/** One row: `index` is that of its step, -1 for the start. `drains` is the CPU whose store buffer acts, if one does. */
export function laneRow(chart: Sequence, index: number, row: Row | undefined, spans: readonly Span[], drains: number | null): HTMLElement {
  const { lanes } = chart;
  const laneWidth = widthOf(chart);
  const x = (lane: number): number => lane * laneWidth + laneWidth / 2;
  const width = Math.max(1, lanes.length) * laneWidth;
  const picture = s(
    "svg",
    { width, height: "100%", "aria-hidden": true, focusable: "false" },
    ...lanes.map((_, lane) => s("line", { class: "life", x1: x(lane), x2: x(lane), y1: index < 0 ? middle : 0, y2: "100%" })),
    ...spans
      .filter(({ from, to }) => from <= index && index <= to)
      .map(({ lane, from, to, open }) =>
        s("line", { class: "span", x1: x(lane), x2: x(lane), y1: from === index ? middle : 0, y2: to === index && !open ? middle : "100%" }),
      ),
    ...(row?.arrows ?? []).map(({ to }) => arrow(row?.lane == null ? 0 : x(row.lane), x(to))),
    ...lanes.map(({ cpu }, lane) =>
      row?.kind === "background" && cpu === drains ? s("circle", { class: "dot background", cx: x(lane), cy: middle, r: 4 }) : null,
    ),
    row === undefined || row.lane === null ? null : s("circle", { class: `dot ${row.kind}`, cx: x(row.lane), cy: middle, r: 6 }),
  );
  const cell = h("div", { class: "lanes" }, picture);
  cell.style.width = `${width}px`;
  return cell;
}

function arrow(from: number, to: number): SVGElement {
  const back = from < to ? -6 : 6;
  const tip = to + back;
  return s("g", { class: "arrow" }, s("line", { x1: from, x2: tip, y1: middle, y2: middle }), s("path", { d: `M ${tip} ${middle} l ${back} -4 l 0 8 z` }));
}
