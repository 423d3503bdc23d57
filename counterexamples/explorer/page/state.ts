/** The state: what the last step changed, threads, objects with their queues, shared memory, store buffers. */
import { changeText } from "../../words.ts";
import type { TraceEnd } from "../../trace.ts";
import { clean, h, section } from "./dom.ts";
import type { Now, Store } from "./store.ts";
import { groupsOf, isLively, type Item, itemTable } from "./values.ts";

export function stateViews(store: Store): readonly HTMLElement[] {
  const changes = h("div", { class: "changes" });
  const threads = h("div", { class: "threads" });
  const objects = h("div", { class: "objects" });
  const memory = h("div", { class: "memory" });
  const buffers = h("div", { class: "buffers" });
  const kernel = h("div", { class: "kernel" });
  const sections = {
    objects: section("Kernel objects", "object-state", objects),
    memory: section("Shared memory", "memory-state", memory),
    buffers: section("Store buffers and messages", "buffer-state", buffers),
    kernel: section("Kernel", "kernel-state", kernel),
  };
  /** What the reader has opened stays open from step to step. */
  const opened = new Set<string>();
  store.onChange((now) => {
    const groups = groupsOf(now);
    changes.replaceChildren(changesOf(now));
    threads.replaceChildren(
      ...now.moment.threads.map((thread) => threadCard(now, thread, groups.locals.get(thread.thread) ?? [], groups.ofThreads.get(thread.thread) ?? [])),
    );
    objects.replaceChildren(
      ...[...groups.objects].map(([name, items]) => h("div", { class: "card" }, h("h3", {}, clean(name)), folded(`object ${name}`, items))),
    );
    memory.replaceChildren(
      groups.memory.length === 0 ? "" : itemTable(groups.memory),
      ...(groups.ghost.length === 0 ? [] : [h("h3", {}, "ghost memory"), itemTable(groups.ghost)]),
    );
    buffers.replaceChildren(itemTable(groups.buffers));
    kernel.replaceChildren(itemTable(groups.kernel));
    sections.objects.hidden = groups.objects.size === 0;
    sections.memory.hidden = groups.memory.length + groups.ghost.length === 0;
    sections.buffers.hidden = groups.buffers.length === 0;
    sections.kernel.hidden = groups.kernel.length === 0;
  });

  /** What is worth a look, and the rest behind a line that opens. */
  function folded(key: string, items: readonly Item[]): HTMLElement {
    const rest = items.filter((item) => !isLively(item));
    const lively = items.filter(isLively);
    const details = h(
      "details",
      { open: opened.has(key) },
      h("summary", {}, `${rest.length} ${lively.length === 0 ? "as at the start" : "more, as at the start"}`),
      itemTable(rest),
    );
    details.addEventListener("toggle", () => void (details.open ? opened.add(key) : opened.delete(key)));
    return h("div", {}, lively.length === 0 ? null : itemTable(lively), rest.length === 0 ? null : details);
  }

  function threadCard(
    { scene, last }: Now,
    { thread, state, operation, site, says, idle }: TraceEnd,
    locals: readonly Item[],
    ofKernel: readonly Item[],
  ): HTMLElement {
    const known = scene.threads.find(({ name }) => name === thread);
    const place = site === null ? "" : ` ${site.file.split("/").at(-1)}:${site.line}:${site.column}`;
    return h(
      "div",
      { class: `card thread ${state}${last?.thread === thread ? " acted" : ""}` },
      h(
        "h3",
        {},
        clean(thread),
        h("span", { class: "cpu-tag" }, known === undefined ? "" : ` CPU ${known.cpu}${known.untrusted ? ", untrusted" : ""}`),
        " ",
        h("span", { class: `standing ${state}` }, state),
      ),
      operation === null ? null : h("p", { class: "operation" }, clean(operation), h("span", { class: "place" }, clean(place))),
      says === null ? null : h("p", { class: "says" }, clean(says), idle ? " (at rest)" : ""),
      locals.length === 0 ? null : itemTable(locals),
      ofKernel.length === 0 ? null : folded(`thread ${thread}`, ofKernel),
    );
  }

  return [
    section("What the step changed", "difference", changes),
    section("Threads", "thread-state", threads),
    sections.objects,
    sections.memory,
    sections.buffers,
    sections.kernel,
  ];
}

function changesOf({ last }: Now): HTMLElement {
  if (last === null) return h("p", {}, "This is the start: no step has been taken.");
  const results = last.completed.map(
    ({ thread, result }) =>
      `${thread === last.thread ? "gets" : `${thread} goes on`}${result === "" ? (thread === last.thread ? " nothing; its operation ends" : "") : `${thread === last.thread ? "" : ":"} ${result}`}`,
  );
  const all = [...last.changes.map(changeText), ...results];
  if (all.length === 0) return h("p", {}, last.fails === null ? "Nothing but where a thread stands." : "The step is the violation; it leads to no state.");
  return h("ul", {}, ...all.map((text) => h("li", {}, clean(text))));
}
