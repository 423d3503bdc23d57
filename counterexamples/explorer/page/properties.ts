/** The status of every property in this state; a check of all states; counterexamples to load. */
import type { Checked } from "../view.ts";
import { clean, h, section } from "./dom.ts";
import type { Server } from "./source.ts";
import type { Store } from "./store.ts";

/** Kinds that no single state violates. */
const ofRuns: readonly string[] = ["liveness", "starvation", "livelock"];

export function propertiesView(store: Store, say: (message: string) => void): HTMLElement {
  const list = h("ul", { class: "properties" });
  store.onChange(({ moment, scene }) => {
    const { problems } = moment;
    list.replaceChildren(
      ...scene.properties.map(({ kind, property }) => {
        const found = problems?.filter((problem) => problem.kind === kind && (kind !== "invariant" || problem.property === property)) ?? [];
        const name = kind === property ? kind : `${kind} ${property}`;
        if (found.length > 0)
          return h(
            "li",
            { class: "violated" },
            h("b", {}, clean(name)),
            h("span", { class: "status" }, " violated here"),
            ...found.map(({ message }) => h("p", {}, clean(message))),
          );
        return h(
          "li",
          {},
          clean(name),
          h("span", { class: "status" }, ofRuns.includes(kind) ? " is about runs" : problems === null ? " not violated yet" : " not violated here"),
        );
      }),
    );
  });
  const { server } = store.source;
  return section("Properties", "property-state", list, ...(server === null ? [] : [checker(store, server, say), loader(store, server, say)]));
}

/** A button that looks for violations in all states, and the counterexamples that it finds. */
function checker(store: Store, server: Server, say: (message: string) => void): HTMLElement {
  const found = h("div", { class: "findings" });
  let stop: AbortController | null = null;
  const button = h("button", { type: "button", click: () => void check() }, "Check all states");
  async function check(): Promise<void> {
    if (stop !== null) return stop.abort();
    stop = new AbortController();
    button.textContent = "Stop";
    found.replaceChildren(h("p", { role: "status" }, "checking…"));
    try {
      show(await server.check(stop.signal));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      found.replaceChildren(h("p", {}, clean(message)));
      say(message);
    } finally {
      stop = null;
      button.textContent = "Check all states";
    }
  }
  function show({ verdict, states, findings }: Checked): void {
    const counted = `${states} ${states === 1 ? "state" : "states"}`;
    const text = {
      holds: `holds: ${counted}, no violation`,
      violated: `violated: found in ${counted}`,
      inconclusive: `inconclusive: ${counted}, and there are more; ipc-check verify has no such bounds`,
    }[verdict];
    found.replaceChildren(
      h("p", { class: verdict, role: "status" }, text),
      ...findings.map(({ kind, property, message, path, loop }) =>
        h(
          "button",
          { type: "button", class: "finding", click: () => void store.load(path, Number.POSITIVE_INFINITY, loop) },
          h("b", {}, clean(kind === property ? kind : `${kind} "${property}"`)),
          h("span", { class: "notes" }, clean(`${message} – show the counterexample`)),
        ),
      ),
    );
  }
  return h("div", { class: "check" }, button, found);
}

/** A trace from a file. */
function loader(store: Store, server: Server, say: (message: string) => void): HTMLElement {
  const input = h("input", { type: "file", accept: ".json,application/json", id: "trace-file" });
  input.addEventListener("change", async () => {
    const [file] = input.files ?? [];
    if (file === undefined) return;
    try {
      const { path, loop } = await server.trace(await file.text(), file.name);
      await store.load(path, 0, loop);
    } catch (error) {
      say(error instanceof Error ? error.message : String(error));
    }
    input.value = "";
  });
  return h("div", { class: "load" }, h("label", { for: "trace-file" }, "Counterexample from a file"), input);
}
