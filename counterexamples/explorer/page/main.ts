/** The explorer's page: puts its parts together, and the keys that work everywhere. */
import { actorText, stepText } from "../../words.ts";
import type { PageData, Story } from "../view.ts";
import { clean, h, section } from "./dom.ts";
import { finderView } from "./finder.ts";
import { movesView } from "./moves.ts";
import { overviewView } from "./overview.ts";
import { propertiesView } from "./properties.ts";
import { scheduleView } from "./schedule.ts";
import { sourceOf } from "./source.ts";
import { stateViews } from "./state.ts";
import { Store } from "./store.ts";
import { waitsView } from "./waits.ts";

function begin(data: PageData): void {
  const alert = h("p", { role: "alert", class: "alert", hidden: true });
  const say = (message: string): void => {
    alert.textContent = clean(message);
    alert.hidden = false;
  };
  const store = new Store(data, sourceOf(data), say);
  const { server } = store.source;
  const spoken = h("p", { role: "status", class: "spoken", id: "position" });
  const controls = {
    start: control("Start", "Home", () => store.go(0)),
    back: control("Back", "←", () => store.step(-1)),
    forward: control("Forward", "→", () => store.step(1)),
    end: control("End", "End", () => store.go(store.length)),
    undo: control("Undo", "Ctrl+Z", () => store.undo()),
    redo: control("Redo", "Ctrl+Y", () => store.redo()),
  };
  const story = data.kind === "trace" ? data.story : null;
  const left = h(
    "div",
    { class: "left" },
    ...(story === null ? [] : [storyView(story)]),
    ...(server === null ? [] : [movesView(store)]),
    ...(server === null ? [] : [propertiesView(store, say)]),
  );
  const centre = h(
    "div",
    { class: "centre" },
    scheduleView(store, story?.turning?.step ?? null),
    waitsView(store),
    ...(server === null ? [] : [finderView(store, server), overviewView(store, server)]),
  );
  const right = h("div", { class: "right" }, ...stateViews(store));
  document.body.append(
    h(
      "header",
      {},
      h("h1", {}, clean(data.scene.protocol)),
      h("p", { class: "about" }, clean(data.scene.about.join(" · "))),
      h(
        "nav",
        { "aria-label": "Steps" },
        controls.start,
        controls.back,
        controls.forward,
        controls.end,
        ...(server === null ? [] : [controls.undo, controls.redo]),
        spoken,
      ),
      alert,
    ),
    h("main", {}, left, centre, right),
  );

  store.onChange(({ at, steps, last, moment }) => {
    alert.hidden = true;
    const what = last === null ? "start" : `${actorText(last)} ${stepText(last)}`;
    const problems = [...new Set(moment.problems?.map(({ kind, property }) => (kind === property ? kind : `${kind}: ${property}`)))];
    spoken.replaceChildren(
      `step ${at} of ${steps.length}: ${clean(what)}`,
      ...(problems.length === 0 ? [] : [h("span", { class: "bad" }, ` ${clean(problems.join(", "))}`)]),
    );
    document.body.classList.toggle("violation", problems.length > 0);
    const set = (button: HTMLButtonElement, enabled: boolean): void => button.setAttribute("aria-disabled", String(!enabled));
    set(controls.start, at > 0);
    set(controls.back, at > 0);
    set(controls.forward, at < steps.length || store.canRepeat);
    set(controls.end, at < steps.length);
    set(controls.undo, store.canUndo);
    set(controls.redo, store.canRedo);
  });

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.altKey || isTyping(event.target)) return;
    const action =
      event.ctrlKey || event.metaKey
        ? chord(event)
        : event.shiftKey
          ? undefined
          : { ArrowLeft: controls.back, ArrowRight: controls.forward, Home: controls.start, End: controls.end }[event.key];
    if (action === undefined) return;
    event.preventDefault();
    action.click();
  });
  function chord({ key, shiftKey }: KeyboardEvent): HTMLButtonElement | undefined {
    if (server === null) return undefined;
    if (key.toLowerCase() === "z") return shiftKey ? controls.redo : controls.undo;
    return key.toLowerCase() === "y" ? controls.redo : undefined;
  }
  addEventListener("popstate", () => void store.open());
  void store.open();
}

function control(text: string, key: string, action: () => unknown): HTMLButtonElement {
  return h(
    "button",
    {
      type: "button",
      title: `${text} (${key})`,
      "aria-keyshortcuts": key.replace("←", "ArrowLeft").replace("→", "ArrowRight").replace("Ctrl", "Control"),
      // A button that cannot act keeps the focus of those who press it again and again.
      click: (event: MouseEvent) => {
        if ((event.currentTarget as Element).getAttribute("aria-disabled") !== "true") action();
      },
    },
    text,
  );
}

/** Keys that move in a text, or along a range, are not for the page. */
function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName));
}

function storyView({ title, why, turn }: Story): HTMLElement {
  return section(
    "Violation",
    "story",
    h("p", { class: "bad" }, clean(title)),
    ...why.map((line) => h("p", {}, clean(line))),
    ...(turn.length === 0 ? [] : [h("h3", {}, "Point of no return"), ...turn.map((line) => h("p", {}, clean(line)))]),
  );
}

const data = document.getElementById("data");
if (data !== null) begin(JSON.parse(data.textContent ?? "") as PageData);
