/** Values of a state as shapes: cells of an array in a row, queues from head to tail, records as tables; changes stand out. */
import { valueText } from "../../words.ts";
import { placeOf } from "../names.ts";
import type { Value } from "../view.ts";
import { clean, h } from "./dom.ts";
import type { Now } from "./store.ts";

export interface Item {
  readonly name: string;
  readonly base: string;
  readonly owner: string | null;
  readonly index: number | null;
  readonly value: Value;
  /** Before the last step, if that changed it. */
  readonly before: Value | undefined;
  /** At the start. */
  readonly initial: Value;
}
export interface Groups {
  readonly memory: readonly Item[];
  readonly ghost: readonly Item[];
  readonly buffers: readonly Item[];
  readonly kernel: readonly Item[];
  /** By object. */
  readonly objects: ReadonlyMap<string, readonly Item[]>;
  /** By thread. */
  readonly locals: ReadonlyMap<string, readonly Item[]>;
  readonly ofThreads: ReadonlyMap<string, readonly Item[]>;
}

/** Everything that a state holds, by what it belongs to. */
export function groupsOf({ scene, values, last }: Now): Groups {
  const threads = scene.threads.map(({ name }) => name);
  const groups = {
    memory: [] as Item[],
    ghost: [] as Item[],
    buffers: [] as Item[],
    kernel: [] as Item[],
    objects: new Map<string, Item[]>(),
    locals: new Map<string, Item[]>(),
    ofThreads: new Map<string, Item[]>(),
  };
  const add = (map: Map<string, Item[]>, key: string, item: Item): void => {
    const known = map.get(key);
    if (known === undefined) map.set(key, [item]);
    else known.push(item);
  };
  const changed = new Map(last?.changes.map(({ name, before }) => [name, before]));
  for (const { name, role, value: initial } of scene.initial) {
    const { base, owner, index } = placeOf(name, threads);
    const item: Item = { name, base, owner, index, value: values.get(name) ?? null, before: changed.get(name), initial };
    if (/^(buffer of CPU|messages of) /u.test(name)) groups.buffers.push(item);
    else if (role === "memory") groups.memory.push(item);
    else if (role === "ghost") groups.ghost.push(item);
    else if (role === "local") add(groups.locals, owner ?? "", item);
    else if (owner === null) groups.kernel.push(item);
    else if (threads.includes(owner)) add(groups.ofThreads, owner, item);
    else if (role === "object") add(groups.objects, owner, item);
    else groups.kernel.push(item);
  }
  return groups;
}

const isSame = (a: Value | undefined, b: Value | undefined): boolean => JSON.stringify(a) === JSON.stringify(b);
export const isChanged = ({ before }: Item): boolean => before !== undefined;
/** Worth a look: it has changed, or a queue holds something, or it is not what it was at the start. */
export const isLively = (item: Item): boolean => isChanged(item) || !isSame(item.value, item.initial) || (Array.isArray(item.value) && item.value.length > 0);

function shown(value: Value): string {
  return clean(valueText(value));
}

/** The value, marked and with the old one where it has changed. */
function valueNodes({ value, before }: Item): HTMLElement {
  const body = Array.isArray(value) ? queue(value) : h("span", { class: "value" }, shown(value));
  if (before === undefined) return body;
  return h("span", { class: "changed" }, body, h("span", { class: "was" }, ` was ${shown(before)}`));
}

/** A queue: its head first. */
function queue(entries: readonly unknown[]): HTMLElement {
  if (entries.length === 0) return h("span", { class: "empty" }, "empty");
  return h("ol", { class: "queue" }, ...entries.map((entry) => h("li", {}, shown(entry as Value))));
}

/** Items as rows of name and value; arrays as one row of cells; queues of records as one queue. */
export function itemTable(items: readonly Item[]): HTMLElement {
  const rows: HTMLElement[] = [];
  const done = new Set<Item>();
  for (const item of items) {
    if (done.has(item)) continue;
    const together = recordQueue(item, items) ?? arrayOf(item, items);
    if (together !== null) {
      for (const each of together) done.add(each);
      rows.push(together[0]?.index === null ? recordRow(together) : cellsRow(together));
      continue;
    }
    rows.push(h("div", { class: "item" }, h("dt", {}, clean(labelOf(item))), h("dd", {}, valueNodes(item))));
  }
  return h("dl", { class: "items" }, ...rows);
}

/** Inside of its owner's card a name needs no owner. */
function labelOf({ name, base, owner, index }: Item): string {
  if (owner === null) return name;
  return index === null ? base : `${base}[${index}]`;
}

/** All cells of the array that an item belongs to, if they are scalars. */
function arrayOf(item: Item, items: readonly Item[]): readonly Item[] | null {
  if (item.index === null || Array.isArray(item.value)) return null;
  const all = items.filter(({ base, owner, index }) => base === item.base && owner === item.owner && index !== null);
  return all.length > 1 ? all : null;
}

function cellsRow(cells: readonly Item[]): HTMLElement {
  const [first] = cells;
  return h(
    "div",
    { class: "item" },
    h("dt", {}, clean(first?.base ?? "")),
    h(
      "dd",
      {},
      h(
        "ol",
        { class: "cells" },
        ...cells.map((cell) =>
          h(
            "li",
            { class: isChanged(cell) ? "changed" : null },
            h("span", { class: "index" }, `[${cell.index}] `),
            h("span", { class: "value" }, shown(cell.value)),
            cell.before === undefined ? null : h("span", { class: "was" }, ` was ${shown(cell.before)}`),
          ),
        ),
      ),
    ),
  );
}

/** Queues of records have a list for each field: `port.queue.to`, `port.queue.data`. */
function recordQueue(item: Item, items: readonly Item[]): readonly Item[] | null {
  const parts = item.base.split(".");
  if (!Array.isArray(item.value) || item.index !== null || parts.length < 3) return null;
  const queueName = `${parts.slice(0, 2).join(".")}.`;
  const all = items.filter(({ base, owner, value }) => base.startsWith(queueName) && owner === item.owner && Array.isArray(value));
  const { length } = item.value as readonly unknown[];
  return all.length > 1 && all.every(({ value }) => (value as readonly unknown[]).length === length) ? all : null;
}

function recordRow(fields: readonly Item[]): HTMLElement {
  const name = fields[0]?.base.split(".").slice(0, 2).join(".") ?? "";
  const lists = fields.map(({ base, value }) => ({ field: base.slice(name.length + 1), values: value as readonly Value[] }));
  const length = lists[0]?.values.length ?? 0;
  const entries = Array.from({ length }, (_, entry) =>
    h("li", {}, ...lists.map(({ field, values }) => h("span", { class: "field" }, `${clean(field)} ${shown(values[entry] ?? null)}`))),
  );
  const body = length === 0 ? h("span", { class: "empty" }, "empty") : h("ol", { class: "queue records" }, ...entries);
  const changed = fields.some(isChanged);
  const old = fields.find(isChanged)?.before;
  const was = Array.isArray(old) ? ` had ${old.length}` : "";
  return h(
    "div",
    { class: "item" },
    h("dt", {}, clean(name)),
    h("dd", {}, changed ? h("span", { class: "changed" }, body, h("span", { class: "was" }, was)) : body),
  );
}
