/**
 * `repair --fences` against other sets of fences and orders than it finds: all of them, or a sample where they are too many. A set that
 * holds must have a found one within it, found sets hold, and no weaker set does. IPC_CHECK_RUNS: all models, and larger samples.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { search } from "../../dist/checker/engine/index.js";
import { repairFences } from "../../dist/counterexamples/repair/fences.js";
import { compile } from "../../dist/model/compiler/index.js";
import { instantiate } from "../../dist/model/language/protocol.js";
import { loadSpec } from "../../dist/model/loader/load.js";

mkdirSync("node_modules/.cache", { recursive: true });
const folder = mkdtempSync(join("node_modules", ".cache", "fence-sets-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Model = "tso" | "pso" | "ra";
/** What can stand before a line, or be the order of its operation; the first is nothing, or as weak as can be. */
type Order = "relaxed" | "acquire" | "release" | "acq_rel" | "seq_cst";
const within: Readonly<Record<Order, readonly Order[]>> = {
  relaxed: ["relaxed"],
  acquire: ["relaxed", "acquire"],
  release: ["relaxed", "release"],
  acq_rel: ["relaxed", "acquire", "release", "acq_rel"],
  seq_cst: ["relaxed", "acquire", "release", "acq_rel", "seq_cst"],
};
const fences: Readonly<Record<Model, readonly Order[]>> = {
  tso: ["relaxed", "seq_cst"],
  pso: ["relaxed", "release", "seq_cst"],
  ra: ["relaxed", "acquire", "release", "acq_rel", "seq_cst"],
};
const orders: Readonly<Record<"store" | "load", Readonly<Record<Model, readonly Order[]>>>> = {
  store: { tso: ["relaxed", "seq_cst"], pso: ["relaxed", "release", "seq_cst"], ra: ["relaxed", "release", "seq_cst"] },
  load: { tso: ["relaxed"], pso: ["relaxed"], ra: ["relaxed", "acquire", "seq_cst"] },
};

/** Threads line by line; ORDER is the order of the line's operation. */
interface Case {
  readonly name: string;
  readonly memory: string;
  readonly threads: readonly (readonly string[])[];
  readonly invariants: string;
}
const dekker: Case = {
  name: "both look after both have written",
  memory: "x: int(0, 1), y: int(0, 1), p: ghost(int(0, 1)), q: ghost(int(0, 1))",
  threads: [
    ["yield* x.store(1, ORDER);", "p.value = (yield* y.load(ORDER)) === 0 ? 1 : 0;"],
    ["yield* y.store(1, ORDER);", "q.value = (yield* x.load(ORDER)) === 0 ? 1 : 0;"],
  ],
  invariants: "notBoth: ({ p, q }) => p === 0 || q === 0",
};
const publish: Case = {
  name: "what is published is seen",
  memory: "x: int(0, 1), y: int(0, 1), p: ghost(int(0, 1)), q: ghost(int(0, 1))",
  threads: [
    ["yield* x.store(1, ORDER);", "yield* y.store(1, ORDER);"],
    ["p.value = yield* y.load(ORDER);", "q.value = p.value === 1 && (yield* x.load(ORDER)) === 0 ? 1 : 0;"],
  ],
  invariants: "seen: ({ q }) => q === 0",
};
/** A read that is next races with a write that is not known of: a fence before it is to be found where it has not been performed. */
const plain: Case = {
  name: "what is published is read plainly",
  memory: "x: int(0, 1), y: int(0, 1), p: ghost(int(0, 1)), q: ghost(int(0, 1))",
  threads: [
    ["yield* x.write(1);", "yield* y.store(1, ORDER);"],
    ["p.value = yield* y.load(ORDER);", "if (p.value === 1) q.value = yield* x.read();"],
  ],
  invariants: "seen: ({ p, q }) => p >= q",
};
/** What is written goes through three threads, so that one of two places in the middle is needed or both. */
const relay: Case = {
  name: "a store behind a store that is looked for in between",
  memory: "x: int(0, 1), y: int(0, 1), z: int(0, 1), p: ghost(int(0, 1)), q: ghost(int(0, 1))",
  threads: [
    ["yield* x.store(1, ORDER);", "yield* z.store(1, ORDER);", "p.value = (yield* y.load(ORDER)) === 0 ? 1 : 0;"],
    ["yield* y.store(1, ORDER);", "q.value = (yield* x.load(ORDER)) === 0 ? 1 : 0;"],
  ],
  invariants: "notBoth: ({ p, q }) => p === 0 || q === 0",
};

/** A place is a line and what it is; the assignment says for each how strong. */
interface Place {
  readonly what: "fence" | "store" | "load";
  readonly thread: number;
  readonly line: number;
  readonly choices: readonly Order[];
}
type Assignment = readonly Order[];

function placesOf({ threads }: Case, model: Model): readonly Place[] {
  return threads.flatMap((lines, thread) =>
    lines.flatMap((text, line): readonly Place[] => {
      const what = text.includes("store(") ? "store" : "load";
      const fence: Place = { what: "fence", thread, line, choices: fences[model] };
      return text.includes("ORDER") ? [fence, { what, thread, line, choices: orders[what][model] }] : [fence];
    }),
  );
}

function textOf({ name, memory, threads, invariants }: Case, places: readonly Place[], assignment: Assignment): string {
  const at = (what: (each: Place["what"]) => boolean, thread: number, line: number): Order =>
    assignment[places.findIndex((place) => what(place.what) && place.thread === thread && place.line === line)] ?? "relaxed";
  const body = threads.map((lines, thread) => [
    `  t${thread}: { *run({ x, y, ${memory.includes("z:") ? "z, " : ""}p, q }) {`,
    ...lines.map((text, line) => {
      const fence = at((what) => what === "fence", thread, line);
      const order = at((what) => what !== "fence", thread, line);
      return `${fence === "relaxed" ? "" : `yield* fence("${fence}"); `}${text.replace("ORDER", `"${order}"`)}`;
    }),
    "  } },",
  ]);
  return [
    'import { fence, ghost, int, protocol } from "ipc-check";',
    'import * as shm from "ipc-check/kernels/shm";',
    `export default protocol("${name}", {`,
    `  kernel: shm.kernel(), memory: { ${memory} }, invariants: { ${invariants} },`,
    "  threads: {",
    ...body.flat(),
    "} });",
    "",
  ].join("\n");
}

async function holds(file: string, text: string, model: Model): Promise<boolean> {
  const { protocols } = await loadSpec(file, { overlay: new Map([[join(process.cwd(), file), text]]) });
  const [declared] = protocols;
  if (declared === undefined) throw new Error("no protocol");
  return (await search(compile(instantiate(declared.protocol, {}, { model })), {})).verdict === "holds";
}

function all(places: readonly Place[]): readonly Assignment[] {
  return places.reduce<readonly Assignment[]>((sofar, { choices }) => sofar.flatMap((each) => choices.map((order) => [...each, order])), [[]]);
}

/** A few places are strong, most are not: such sets are near to minimal ones. */
function sample(places: readonly Place[], pick: (below: number) => number): Assignment {
  const strong = 2 + pick(3);
  return places.map(({ choices }) => (pick(places.length) < strong ? (choices[pick(choices.length)] as Order) : "relaxed"));
}

const seed = Number(process.env["IPC_CHECK_SEED"] ?? 5);
const runs = Number(process.env["IPC_CHECK_RUNS"] ?? 1);
/** A small generator (Knuth's multiplicative), so that a seed is a case. */
function random(): (below: number) => number {
  let state = (seed * 2654435761) >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
const cases: readonly (readonly [Case, Model])[] =
  runs > 1
    ? [dekker, publish, plain, relay].flatMap((each) =>
        (each === plain ? (["ra"] as const) : (["tso", "pso", "ra"] as const)).map((model) => [each, model] as const),
      )
    : [
        [dekker, "tso"],
        [publish, "pso"],
        [plain, "ra"],
      ];

test.each(cases.map(([each, model]) => ({ ...each, model })))("$name on $model", async ({ model, ...each }) => {
  const places = placesOf(each, model);
  const file = join(folder, `${each.name.replaceAll(" ", "-")}-${model}.ts`);
  const none = places.map((): Order => "relaxed");
  const original = textOf(each, places, none);
  writeFileSync(file, original);
  const spec = await loadSpec(file);
  const [declared] = spec.protocols;
  if (declared === undefined) throw new Error("no protocol");
  const result = await repairFences({
    spec,
    exportName: "default",
    instance: instantiate(declared.protocol, {}, { model }),
    read: (path) => readFileSync(path, "utf8"),
    search: {},
    most: 1000,
  });
  if (result.kind !== "found") throw new Error(result.kind);
  expect(result.complete).toBe(true);
  const lines = original.split("\n");
  const found = result.sets.map(({ changes }) =>
    places.map(({ what, thread, line }): Order => {
      const start = lines.findIndex((text) => text.startsWith(`  t${thread}:`)) + 2;
      return changes.find((change) => change.what === what && change.line === start + line)?.order ?? "relaxed";
    }),
  );
  expect(found.map((set) => set.filter((order) => order !== "relaxed").length)).toEqual(result.sets.map(({ changes }) => changes.length));
  const isWithin = (a: Assignment, b: Assignment): boolean => a.every((order, place) => within[b[place] as Order].includes(order));
  const verdict = (assignment: Assignment): Promise<boolean> => holds(file, textOf(each, places, assignment), model);

  const few = places.reduce((product, { choices }) => product * choices.length, 1) <= 64 * runs;
  const pick = random();
  const others = few ? all(places) : Array.from({ length: 13 * runs }, () => sample(places, pick));
  for (const set of others) expect([set, await verdict(set)]).toEqual([set, found.some((each) => isWithin(each, set))]);
  // What has been found holds, and falls as soon as one of its parts is weaker.
  for (const set of few ? [] : found.slice(0, 3 * runs)) {
    expect([set, await verdict(set)]).toEqual([set, true]);
    for (const [place, order] of set.entries())
      for (const weaker of (places[place]?.choices ?? []).filter((each) => each !== order && within[order].includes(each)))
        expect([set, place, weaker, await verdict(set.map((given, at) => (at === place ? weaker : given)))]).toEqual([set, place, weaker, false]);
  }
});
