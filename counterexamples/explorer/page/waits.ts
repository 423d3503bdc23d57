/** Who waits for whom: a picture of the wait-for graph, its circle marked, and the same in words. */
import type { WaitEdge } from "../../trace.ts";
import { clean, h, s, section } from "./dom.ts";
import type { Store } from "./store.ts";

const nodeWidth = 84;
const nodeHeight = 24;

export function waitsView(store: Store): HTMLElement {
  const body = h("div", { class: "waits" });
  store.onChange(({ moment }) => {
    const { edges, circle, threads } = moment;
    if (edges === null) return body.replaceChildren(h("p", {}, "A trace says who waits for whom at its end only."));
    const waiting = threads.filter(({ state }) => state === "blocked" || state === "spinning");
    if (waiting.length === 0) return body.replaceChildren(h("p", {}, "Nobody waits."));
    body.replaceChildren(
      picture(
        threads.map(({ thread }) => thread).filter((name) => edges.some(({ from, to }) => from === name || to === name)),
        edges,
        circle,
      ),
      h(
        "ul",
        {},
        ...waiting.map(({ thread, says, idle }) => {
          const wakers = edges.filter(({ from }) => from === thread).map(({ to }) => to);
          const who = wakers.length === 0 ? "waits, and nobody could end that" : `waits for ${wakers.join(" or ")}`;
          return h("li", {}, clean(`${thread} ${who}${says === null ? "" : ` (${says})`}${idle ? "; at rest" : ""}`));
        }),
      ),
      ...(circle.length === 0 ? [] : [h("p", { class: "circle" }, clean(`Circle: ${[...circle, circle[0] ?? ""].join(" → ")}`))]),
    );
  });
  return section("Who waits for whom", "wait-for", body);
}

/** Threads on an ellipse, arrows between them. */
function picture(names: readonly string[], edges: readonly WaitEdge[], circle: readonly string[]): Element {
  if (names.length === 0) return h("div");
  const radius = Math.max(46, names.length * 22);
  const [width, height] = [2 * radius * 1.35 + nodeWidth + 8, 2 * radius + nodeHeight + 8];
  const at = names.map((_, index) => {
    const angle = (2 * Math.PI * index) / names.length - Math.PI / 2;
    return { x: width / 2 + 1.35 * radius * Math.cos(angle), y: height / 2 + radius * Math.sin(angle) };
  });
  const inCircle = ({ from, to }: WaitEdge): boolean => {
    const place = circle.indexOf(from);
    return place >= 0 && circle[(place + 1) % circle.length] === to;
  };
  return s(
    "svg",
    { class: "wait-graph", viewBox: `0 0 ${width} ${height}`, width, height, "aria-hidden": true },
    s(
      "defs",
      {},
      ...["plain", "marked"].map((kind) =>
        s(
          "marker",
          { id: `tip-${kind}`, class: kind, viewBox: "0 0 8 8", refX: 8, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto-start-reverse" },
          s("path", { d: "M 0 0 L 8 4 L 0 8 z" }),
        ),
      ),
    ),
    ...edges.map((edge) => {
      const [a, b] = [at[names.indexOf(edge.from)], at[names.indexOf(edge.to)]];
      if (a === undefined || b === undefined) return null;
      const kind = inCircle(edge) ? "marked" : "plain";
      if (edge.from === edge.to)
        return s("path", { class: `wait ${kind}`, d: `M ${a.x - 14} ${a.y - nodeHeight / 2} c -10 -26 38 -26 28 0`, "marker-end": `url(#tip-${kind})` });
      // Bent to one side, so that two threads that wait for each other show two arrows.
      const [dx, dy] = [b.x - a.x, b.y - a.y];
      const bend = { x: (a.x + b.x) / 2 - dy * 0.12, y: (a.y + b.y) / 2 + dx * 0.12 };
      const from = border(a, bend);
      const to = border(b, bend);
      return s("path", { class: `wait ${kind}`, d: `M ${from.x} ${from.y} Q ${bend.x} ${bend.y} ${to.x} ${to.y}`, "marker-end": `url(#tip-${kind})` });
    }),
    ...names.map((name, index) => {
      const { x = 0, y = 0 } = at[index] ?? {};
      const text = clean(name);
      return s(
        "g",
        { class: circle.includes(name) ? "node marked" : "node" },
        s("title", {}, text),
        s("rect", { x: x - nodeWidth / 2, y: y - nodeHeight / 2, width: nodeWidth, height: nodeHeight, rx: 5 }),
        s("text", { x, y: y + 4, "text-anchor": "middle" }, text.length > 12 ? `${text.slice(0, 11)}…` : text),
      );
    }),
  );
}

/** Where the line from the middle of a node to `towards` leaves its box. */
function border(
  node: { readonly x: number; readonly y: number },
  towards: { readonly x: number; readonly y: number },
): { readonly x: number; readonly y: number } {
  const [dx, dy] = [towards.x - node.x, towards.y - node.y];
  const scale = 1 / Math.max(Math.abs(dx) / (nodeWidth / 2 + 2), Math.abs(dy) / (nodeHeight / 2 + 2), 0.001);
  return { x: node.x + dx * Math.min(1, scale), y: node.y + dy * Math.min(1, scale) };
}
