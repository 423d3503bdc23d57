/** The picture of all states: where one is, how one came there; a node is an option that leads there by a shortest path. */
import type { Overview, OverviewNode } from "../view.ts";
import { clean, h, s, section } from "./dom.ts";
import type { Server } from "./source.ts";
import type { Store } from "./store.ts";

const column = 46;
const row = 22;
const radius = 6;
/** Room above and below for ways that bend: a curve comes half as far as its control point. */
const margin = 30;

export function overviewView(store: Store, server: Server): HTMLElement {
  const body = h("div", { class: "overview" });
  const button = h("button", { type: "button", click: () => void draw() }, "Draw the states");
  body.append(button);
  async function draw(): Promise<void> {
    button.disabled = true;
    const status = h("p", { role: "status" }, "exploring…");
    body.append(status);
    try {
      const overview = await server.overview(new AbortController().signal);
      const picture = new Picture(overview, store, server);
      body.replaceChildren(picture.element);
      await picture.follow();
      store.onChange(() => void picture.follow());
    } catch (error) {
      status.textContent = clean(error instanceof Error ? error.message : String(error));
      button.disabled = false;
    }
  }
  return section("All states", "all-states", body);
}

class Picture {
  readonly element: HTMLElement;
  readonly #overview: Overview;
  readonly #store: Store;
  readonly #server: Server;
  readonly #svg: SVGSVGElement;
  readonly #trail: SVGPathElement;
  readonly #label: HTMLElement;
  readonly #nodes: readonly SVGElement[];
  readonly #number: ReadonlyMap<string, number>;
  #selected = 0;
  #current = -1;
  #request = 0;

  constructor(overview: Overview, store: Store, server: Server) {
    this.#overview = overview;
    this.#store = store;
    this.#server = server;
    this.#number = new Map(overview.nodes.map(({ key }, index) => [key, index]));
    const width = Math.max(1, overview.columns) * column;
    const height = Math.max(1, overview.rows) * row + 2 * margin;
    this.#trail = s("path", { class: "trail" });
    this.#nodes = overview.nodes.map((node, index) => this.#node(node, index));
    this.#svg = s(
      "svg",
      {
        viewBox: `0 0 ${width} ${height}`,
        role: "listbox",
        tabindex: 0,
        "aria-label": "States; arrow keys choose, Enter goes there",
        keydown: (event: KeyboardEvent) => this.#key(event),
      },
      s("path", { class: "edges", d: overview.edges.map(({ from, to }) => this.#edge(from, to)).join(" ") }),
      this.#trail,
      ...this.#nodes,
    );
    const zoom = h("input", { type: "range", min: 1, max: 8, step: 0.5, value: 1, id: "zoom" });
    const fit = Math.min(100, (width / 640) * 100);
    this.#svg.style.width = `${fit}%`;
    zoom.addEventListener("input", () => {
      this.#svg.style.width = `${fit * Number(zoom.value)}%`;
    });
    this.#label = h("pre", { class: "selected", role: "status" });
    const what = overview.quotient
      ? `${overview.states} states, drawn by where the threads stand: ${overview.nodes.length} places`
      : `${overview.states} ${overview.states === 1 ? "state" : "states"}, ${overview.edges.length} ways between them`;
    this.element = h(
      "div",
      {},
      h("p", {}, `${what}, ${overview.columns} columns by distance from the start.`),
      h("p", { class: "zoom" }, h("label", { for: "zoom" }, "Zoom "), zoom),
      h("div", { class: "picture" }, this.#svg),
      this.#label,
    );
    this.#select(0);
  }

  /** Marks where one is and the way there. */
  async follow(): Promise<void> {
    const request = ++this.#request;
    const places = await this.#server.places(this.#store.path).catch(() => []);
    if (request !== this.#request) return;
    const way = places.slice(0, this.#store.at + 1).map((key) => (key === null ? undefined : this.#number.get(key)));
    this.#trail.setAttribute(
      "d",
      way
        .slice(1)
        .map((to, index) => this.#way(way[index], to))
        .join(" "),
    );
    this.#nodes[this.#current]?.classList.remove("current");
    this.#nodes[this.#current]?.removeAttribute("aria-current");
    this.#current = way.at(-1) ?? -1;
    this.#nodes[this.#current]?.classList.add("current");
    this.#nodes[this.#current]?.setAttribute("aria-current", "location");
    if (this.#current >= 0) this.#select(this.#current);
  }

  #way(from: number | undefined, to: number | undefined): string {
    return from === undefined || to === undefined ? "" : this.#edge(from, to);
  }

  #at(index: number): { readonly x: number; readonly y: number } {
    const { x = 0, y = 0 } = this.#overview.nodes[index] ?? {};
    return { x: x * column + column / 2, y: y * row + row / 2 + margin };
  }

  /** Straight to the next column; bent where it leads back, or over other nodes. */
  #edge(from: number, to: number): string {
    const [a, b] = [this.#at(from), this.#at(to)];
    if (from === to) return `M ${a.x} ${a.y} c -12 -16 12 -16 0 0`;
    if (b.x - a.x === column) return `M ${a.x} ${a.y} L ${b.x} ${b.y}`;
    const across = Math.min(2 * margin, Math.max(row, 0.2 * Math.abs(b.x - a.x))) * (b.x > a.x ? -1 : 1);
    return `M ${a.x} ${a.y} Q ${(a.x + b.x) / 2} ${(a.y + b.y) / 2 + across} ${b.x} ${b.y}`;
  }

  #node({ label, role }: OverviewNode, index: number): SVGElement {
    const { x, y } = this.#at(index);
    return s(
      "g",
      { role: "option", id: `node-${index}`, class: `state-node ${role}`, "aria-label": clean(label), click: () => this.#go(index) },
      s("title", {}, clean(label)),
      role === "violation" ? s("rect", { x: x - radius, y: y - radius, width: 2 * radius, height: 2 * radius }) : s("circle", { cx: x, cy: y, r: radius }),
    );
  }

  #go(index: number): void {
    this.#select(index);
    const node = this.#overview.nodes[index];
    if (node === undefined) return;
    this.#server.node(node.key).then(
      ({ path }) => this.#store.load(path, Number.POSITIVE_INFINITY),
      () => undefined,
    );
  }

  #select(index: number): void {
    const node = this.#overview.nodes[index];
    if (node === undefined) return;
    this.#nodes[this.#selected]?.setAttribute("aria-selected", "false");
    this.#nodes[this.#selected]?.classList.remove("selected");
    this.#selected = index;
    this.#nodes[index]?.setAttribute("aria-selected", "true");
    this.#nodes[index]?.classList.add("selected");
    this.#svg.setAttribute("aria-activedescendant", `node-${index}`);
    this.#label.textContent = clean(node.label);
  }

  #key(event: KeyboardEvent): void {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      event.stopPropagation();
      this.#go(this.#selected);
      return;
    }
    const next = this.#neighbour(event.key);
    if (next === null) return;
    event.preventDefault();
    event.stopPropagation();
    this.#select(next);
  }

  /** The node nearest to the chosen one in the direction of an arrow key; the same one if there is none; null for other keys. */
  #neighbour(key: string): number | null {
    const here = this.#overview.nodes[this.#selected];
    if (here === undefined || !["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"].includes(key)) return null;
    const isSideways = key === "ArrowLeft" || key === "ArrowRight";
    const sign = key === "ArrowRight" || key === "ArrowDown" ? 1 : -1;
    let best = this.#selected;
    let least = Number.POSITIVE_INFINITY;
    this.#overview.nodes.forEach(({ x, y }, index) => {
      const [along, across] = isSideways ? [(x - here.x) * sign, Math.abs(y - here.y)] : [(y - here.y) * sign, Math.abs(x - here.x)];
      if (along <= 0 || (!isSideways && across > 0)) return;
      const distance = along * 100 + across;
      if (distance >= least) return;
      best = index;
      least = distance;
    });
    return best;
  }
}
