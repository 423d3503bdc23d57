/** The steps that are enabled here, by thread; each is a button that takes it. */
import { actorText, stepText } from "../../words.ts";
import type { ShownMove } from "../view.ts";
import { clean, h, section } from "./dom.ts";
import type { Store } from "./store.ts";

/** So many are listed at first. */
const most = 60;

export function movesView(store: Store): HTMLElement {
  const body = h("div", { class: "moves" });
  store.onChange(({ moment, path, at, scene }) => {
    const { moves } = moment;
    const hadFocus = body.contains(document.activeElement);
    const taken = path.split("-")[at];
    const draw = (all: readonly ShownMove[], limit: number): void => {
      if (all.length === 0) {
        const isEnd = moment.problems?.length !== 0;
        body.replaceChildren(
          h("p", {}, isEnd ? "No step is possible: the path ends with the violation." : "No step is possible: everybody has finished, or rests."),
        );
        return;
      }
      const shown = all.slice(0, limit);
      const owners = [...new Set(shown.map(actorText))];
      const groups = owners.map((owner) => {
        const cpu = scene.threads.find(({ name }) => name === owner)?.cpu;
        return h(
          "div",
          { class: "mover" },
          h("h3", {}, clean(owner), cpu === undefined ? null : h("span", { class: "cpu-tag" }, ` CPU ${cpu}`)),
          h("ul", {}, ...shown.filter((move) => actorText(move) === owner).map((move) => h("li", {}, button(move, move.move === taken)))),
        );
      });
      const rest = all.length - shown.length;
      body.replaceChildren(
        ...groups,
        ...(rest === 0 ? [] : [h("button", { type: "button", click: () => draw(all, Number.POSITIVE_INFINITY) }, `show the other ${rest} steps`)]),
      );
      if (hadFocus) body.querySelector("button")?.focus({ preventScroll: true });
    };
    draw(moves ?? [], most);
  });
  body.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const buttons = [...body.querySelectorAll("button")];
    const index = buttons.indexOf(document.activeElement as HTMLButtonElement);
    const next = buttons[index + (event.key === "ArrowDown" ? 1 : -1)];
    if (next === undefined) return;
    event.preventDefault();
    next.focus();
  });

  function button(move: ShownMove, isTaken: boolean): HTMLElement {
    return h(
      "button",
      { type: "button", class: `move${isTaken ? " taken" : ""}`, click: () => void store.pick(move.move) },
      h("span", { class: "operation" }, clean(move.kind === "stop" ? "stops for ever" : stepText(move))),
      move.effects.length === 0 ? null : h("span", { class: "notes" }, clean(move.effects.join("; "))),
      move.fails === null ? null : h("span", { class: "bad" }, clean(`violation: ${move.fails.message}`)),
      isTaken ? h("span", { class: "tag" }, "next on this path") : null,
    );
  }
  return section("Next step", "next", body);
}
