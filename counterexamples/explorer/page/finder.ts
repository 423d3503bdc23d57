/** Search for a state that satisfies an expression, from here on. */
import { clean, h, section } from "./dom.ts";
import { Refused, type Server } from "./source.ts";
import type { Store } from "./store.ts";

export function finderView(store: Store, server: Server): HTMLElement {
  const input = h("input", {
    type: "text",
    id: "expression",
    spellcheck: "false",
    autocomplete: "off",
    autocapitalize: "off",
    "aria-describedby": "found expression-help",
  });
  const outcome = h("p", { id: "found", role: "status", class: "outcome" });
  const button = h("button", { type: "submit" }, "Search");
  let stop: AbortController | null = null;
  async function search(): Promise<void> {
    if (stop !== null) return stop.abort();
    stop = new AbortController();
    button.textContent = "Stop";
    input.removeAttribute("aria-invalid");
    outcome.className = "outcome";
    outcome.textContent = "searching…";
    try {
      const { path, states, depth, complete } = await server.search(store.here, input.value, stop.signal);
      const { here } = store;
      if (path === null)
        outcome.textContent = complete
          ? `No state that can be reached from here satisfies it (${states} states).`
          : `Not found in ${states} states, ${depth} steps deep; there are more.`;
      else if (path === here) outcome.textContent = "This state satisfies it.";
      else {
        outcome.textContent = `Found ${depth} ${depth === 1 ? "step" : "steps"} from here, after ${states} states.`;
        await store.load(path, Number.POSITIVE_INFINITY);
      }
    } catch (error) {
      const at = error instanceof Refused ? error.at : null;
      outcome.className = "outcome bad";
      outcome.textContent = clean(error instanceof Error ? error.message : String(error));
      if (at !== null) {
        input.setAttribute("aria-invalid", "true");
        input.focus();
        input.setSelectionRange(at, Math.max(at, input.value.length));
      }
    } finally {
      stop = null;
      button.textContent = "Search";
    }
  }
  const form = h("form", { class: "finder" }, h("label", { for: "expression" }, "A state in which"), h("div", { class: "line" }, input, button), outcome);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void search();
  });
  const help = h(
    "details",
    { id: "expression-help" },
    h("summary", {}, "what can be asked"),
    h("p", {}, "Names as they stand under the state, compared and joined with == != < <= > >= && || ! + - * %; words in quotes."),
    h(
      "ul",
      {},
      ...[
        "head == 2 && length(ring) > 0",
        'ipc.state[server] == "polling"',
        "has(ipc.senders[server], client)",
        "blocked(server)",
        "finished(client)",
        'at(server, "ipc.wait")',
        "at(server, 18)",
        'violated("deadlock")',
      ].map((example) => h("li", {}, h("code", {}, example))),
    ),
  );
  return section("Search", "search", form, help);
}
