/** The schedule: a lane for each thread, lanes grouped by CPU, a row for each step. A row is a button that goes there. */
import { type Row, type Sequence, sequence } from "../../export/sequence.ts";
import { actorText } from "../../words.ts";
import { clean, h, section } from "./dom.ts";
import { laneHeads, laneRow } from "./lanes.ts";
import type { Now, Store } from "./store.ts";

/** So many rows are on the page at once; more would make it slow. */
const mostRows = 400;

export function scheduleView(store: Store, turning: number | null): HTMLElement {
  const head = h("div", { class: "lane-heads", "aria-hidden": true });
  const rows = h("ol", { class: "rows" });
  const box = h("div", { class: "chart", tabindex: -1 }, head, rows);
  const reproduce = h("p", { class: "reproduce" });
  let drawn: Now["steps"] | null = null;
  let drawnLoop: number | null = null;
  let chart: Sequence = { lanes: [], rows: [], spans: [] };
  /** The first row that is drawn; row 0 is the start, row n the n-th step. */
  let first = 0;
  store.onChange((now) => {
    const { scene, steps, at, loop } = now;
    if (drawn !== steps) {
      chart = sequence({ threads: scene.threads, steps, decisions: steps, end: { threads: [], edges: [] } });
      head.replaceChildren(...laneHeads(chart));
    }
    if (drawn !== steps || drawnLoop !== loop || at < first || at >= first + mostRows) draw(now, Math.max(0, at - mostRows / 2));
    drawn = steps;
    drawnLoop = loop;
    mark(at);
    reproduce.replaceChildren(
      ...(scene.command === null ? [] : ["Reproduce: ", h("code", {}, clean(`${scene.command}${store.here === "" ? "" : ` --path ${store.here}`}`))]),
    );
  });

  function mark(at: number): void {
    for (const row of rows.querySelectorAll<HTMLElement>("li[data-row]")) {
      const number = Number(row.dataset["row"]);
      row.classList.toggle("ahead", number > at);
      const button = row.querySelector("button");
      if (number !== at) {
        button?.removeAttribute("aria-current");
        continue;
      }
      button?.setAttribute("aria-current", "step");
      reveal(row);
    }
  }

  /** Scrolls the chart, and never the page. */
  function reveal(row: HTMLElement): void {
    const { top, bottom } = row.getBoundingClientRect();
    const frame = box.getBoundingClientRect();
    const covered = head.getBoundingClientRect().height;
    if (top < frame.top + covered) box.scrollTop -= frame.top + covered - top;
    else if (bottom > frame.bottom) box.scrollTop += bottom - frame.bottom;
  }

  function draw(now: Now, from: number): void {
    first = from;
    const end = Math.min(now.steps.length + 1, from + mostRows);
    const near = chart.spans.filter((span) => span.to >= from - 1 && span.from < end);
    const more = (count: number, which: string, to: number): HTMLElement =>
      h("li", {}, h("button", { type: "button", class: "row more", click: () => void store.go(to) }, `${count} ${which} steps`));
    const shown = Array.from({ length: end - from }, (_, offset) => {
      const index = from + offset - 1;
      const row = chart.rows[index];
      const lanes = laneRow(chart, index, row, near, now.steps[index]?.cpu ?? null);
      const text = row === undefined ? [h("span", { class: "what" }, "start", forEver(now, 0))] : [told(now, row, index)];
      const button = h(
        "button",
        { type: "button", class: "row", click: () => void store.go(index + 1) },
        h("span", { class: "number" }, `${index + 1}`),
        ...text,
      );
      const isRepeated = now.loop !== null && index >= now.loop;
      return h("li", { "data-row": index + 1, class: isRepeated ? "repeated" : null }, lanes, button);
    });
    rows.replaceChildren(
      ...(from === 0 ? [] : [more(from, "earlier", from - 1)]),
      ...shown,
      ...(end > now.steps.length ? [] : [more(now.steps.length + 1 - end, "later", end)]),
    );
  }

  /** What a run does after so many steps, if it does that for ever. */
  function forEver({ loop, steps }: Now, at: number): HTMLElement | null {
    if (loop !== at) return null;
    return h("span", { class: "turning" }, loop === steps.length ? "here the run stays for ever" : "the steps after this one repeat for ever");
  }

  function told(now: Now, { number, text, notes, arrows }: Row, index: number): HTMLElement {
    const step = now.steps[index];
    const woken = arrows.map(({ to, text: got }) => `${chart.lanes[to]?.name ?? ""} goes on${got === "" ? "" : `: ${got}`}`);
    const details = [...notes, ...woken];
    const place = step?.site == null ? null : `${step.site.file.split("/").at(-1)}:${step.site.line}`;
    return h(
      "span",
      { class: "what" },
      h("b", {}, clean(step === undefined ? "" : actorText(step))),
      ` ${clean(text)}`,
      place === null ? null : h("span", { class: "place" }, ` ${clean(place)}`),
      details.length === 0 ? null : h("span", { class: "notes" }, clean(details.join("; "))),
      step?.fails == null ? null : h("span", { class: "bad" }, `violation: ${clean(step.fails.message)}`),
      turning === number ? h("span", { class: "turning" }, "point of no return") : null,
      forEver(now, number),
    );
  }
  return section("Schedule", "schedule", box, reproduce);
}
