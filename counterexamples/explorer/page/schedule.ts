/** The schedule: a lane for each thread, lanes grouped by CPU, a row for each step. A row is a button that goes there. */
import { sequence } from "../../export/sequence.ts";
import { actorText } from "../../words.ts";
import { clean, h, s, section } from "./dom.ts";
import type { Now, Store } from "./store.ts";

const laneWidth = 60;
const middle = 15;

export function scheduleView(store: Store, turning: number | null): HTMLElement {
  const head = h("div", { class: "lane-heads", "aria-hidden": true });
  const rows = h("ol", { class: "rows" });
  const box = h("div", { class: "chart", tabindex: -1 }, head, rows);
  let drawn: Now["steps"] | null = null;
  store.onChange((now) => {
    if (drawn !== now.steps) draw(now);
    drawn = now.steps;
    [...rows.children].forEach((row, index) => {
      row.classList.toggle("ahead", index > now.at);
      const button = row.querySelector("button");
      if (index === now.at) {
        button?.setAttribute("aria-current", "step");
        reveal(row as HTMLElement);
      } else button?.removeAttribute("aria-current");
    });
  });

  /** Scrolls the chart, and never the page. */
  function reveal(row: HTMLElement): void {
    const { top, bottom } = row.getBoundingClientRect();
    const frame = box.getBoundingClientRect();
    const covered = head.getBoundingClientRect().height;
    if (top < frame.top + covered) box.scrollTop -= frame.top + covered - top;
    else if (bottom > frame.bottom) box.scrollTop += bottom - frame.bottom;
  }

  function draw({ scene, steps }: Now): void {
    const { lanes, rows: all, spans } = sequence({ threads: scene.threads, steps, decisions: steps, end: { threads: [], edges: [] } });
    const width = Math.max(1, lanes.length) * laneWidth;
    const x = (lane: number): number => lane * laneWidth + laneWidth / 2;
    const cpus = [...new Set(lanes.map(({ cpu }) => cpu))];
    head.replaceChildren(
      ...cpus.map((cpu) => {
        const own = lanes.filter((lane) => lane.cpu === cpu);
        const group = h(
          "div",
          { class: "cpu" },
          h("div", { class: "cpu-name" }, `CPU ${cpu}`),
          h(
            "div",
            { class: "names" },
            ...own.map(({ name, untrusted }) => h("span", { class: untrusted ? "lane untrusted" : "lane", title: clean(name) }, clean(name))),
          ),
        );
        group.style.width = `${own.length * laneWidth}px`;
        return group;
      }),
    );
    /** One row of the lanes: `index` is that of the step, -1 for the start. */
    const lanesOf = (index: number): HTMLElement => {
      const row = all[index];
      const open = spans.filter(({ from, to }) => from <= index && index <= to);
      const arrows = row === undefined ? [] : row.arrows.map(({ to }) => ({ from: row.lane, to }));
      const drawing = s(
        "svg",
        { width, height: "100%", "aria-hidden": true, focusable: "false" },
        ...lanes.map((_, lane) => s("line", { class: "life", x1: x(lane), x2: x(lane), y1: index < 0 ? middle : 0, y2: "100%" })),
        ...open.map(({ lane, from, to, open: isOpen }) =>
          s("line", { class: "span", x1: x(lane), x2: x(lane), y1: from === index ? middle : 0, y2: to === index && !isOpen ? middle : "100%" }),
        ),
        ...arrows.map(({ from, to }) => {
          const begin = from === null ? 0 : x(from);
          const end = x(to) + (begin < x(to) ? -6 : 6);
          const back = begin < x(to) ? -6 : 6;
          return s(
            "g",
            { class: "arrow" },
            s("line", { x1: begin, x2: end, y1: middle, y2: middle }),
            s("path", { d: `M ${end} ${middle} l ${back} -4 l 0 8 z` }),
          );
        }),
        ...(row?.kind === "background"
          ? lanes.flatMap(({ cpu }, lane) => (cpu === steps[index]?.cpu ? [s("circle", { class: "dot background", cx: x(lane), cy: middle, r: 4 })] : []))
          : []),
        row === undefined || row.lane === null ? null : s("circle", { class: `dot ${row.kind}`, cx: x(row.lane), cy: middle, r: 6 }),
      );
      const cell = h("div", { class: "lanes" }, drawing);
      cell.style.width = `${width}px`;
      return cell;
    };
    const go = (index: number) => (): void => void store.go(index + 1);
    rows.replaceChildren(
      h(
        "li",
        {},
        lanesOf(-1),
        h("button", { type: "button", class: "row", click: go(-1) }, h("span", { class: "number" }, "0"), h("span", { class: "what" }, "start")),
      ),
      ...all.map(({ number, text, notes, arrows, kind }, index) => {
        const step = steps[index];
        const woken = arrows.map(({ to, text: got }) => `${lanes[to]?.name ?? ""} goes on${got === "" ? "" : `: ${got}`}`);
        const details = [...notes, ...woken];
        const place = step?.site == null ? null : `${step.site.file.split("/").at(-1)}:${step.site.line}`;
        return h(
          "li",
          { class: kind },
          lanesOf(index),
          h(
            "button",
            { type: "button", class: "row", click: go(index) },
            h("span", { class: "number" }, `${number}`),
            h(
              "span",
              { class: "what" },
              h("b", {}, clean(step === undefined ? "" : actorText(step))),
              " ",
              clean(text),
              place === null ? null : h("span", { class: "place" }, ` ${clean(place)}`),
              details.length === 0 ? null : h("span", { class: "notes" }, clean(details.join("; "))),
              step?.fails == null ? null : h("span", { class: "bad" }, `violation: ${clean(step.fails.message)}`),
              turning === number ? h("span", { class: "turning" }, "point of no return") : null,
            ),
          ),
        );
      }),
    );
  }
  return section("Schedule", "schedule", box);
}
