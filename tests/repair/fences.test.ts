/** `repair --fences`: what it prints is applied, and checked again from the outside. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { repairFences } from "../../dist/counterexamples/repair/fences.js";
import { search } from "../../dist/checker/engine/index.js";
import { compile } from "../../dist/model/compiler/index.js";
import { instantiate } from "../../dist/model/language/protocol.js";
import { loadSpec } from "../../dist/model/loader/load.js";
import { run } from "../cli/run.js";

mkdirSync("node_modules/.cache", { recursive: true });
const folder = mkdtempSync(join("node_modules", ".cache", "repair-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Model = "tso" | "pso" | "ra";

async function repair(file: string, exportName: string, model: Model) {
  const spec = await loadSpec(file);
  const declared = spec.protocols.find((each) => each.exportName === exportName);
  if (declared === undefined) throw new Error("no such export");
  return repairFences({
    spec,
    exportName,
    instance: instantiate(declared.protocol, {}, { model }),
    read: (path) => readFileSync(path, "utf8"),
    search: {},
    most: 20,
  });
}

async function verdict(file: string, exportName: string, model: Model, text: string): Promise<string> {
  const spec = await loadSpec(file, { overlay: new Map([[join(process.cwd(), file), text]]) });
  const declared = spec.protocols.find((each) => each.exportName === exportName);
  if (declared === undefined) throw new Error("no such export");
  return (await search(compile(instantiate(declared.protocol, {}, { model })), {})).verdict;
}

/** Applies a unified diff, line by line as patch(1) does. */
function patched(text: string, diff: string): string {
  const lines = text.split("\n");
  const out: string[] = [];
  let at = 0;
  for (const line of diff.split("\n")) {
    const hunk = /^@@ -(\d+),\d+ \+\d+,\d+ @@$/u.exec(line);
    if (line.startsWith("---") || line.startsWith("+++") || line === "") continue;
    if (hunk !== null) while (at < Number(hunk[1]) - 1) out.push(lines[at++] ?? "");
    else if (line.startsWith("+")) out.push(line.slice(1));
    else {
      expect(lines[at]).toBe(line.slice(1));
      if (line.startsWith(" ")) out.push(line.slice(1));
      at++;
    }
  }
  return [...out, ...lines.slice(at)].join("\n");
}

const ring = "specs/shm/doorbell-ring.ts";
const plainDekker = join(folder, "dekker.ts");
writeFileSync(
  plainDekker,
  `import { int, protocol } from "ipc-check";
import * as shm from "ipc-check/kernels/shm";
export default protocol("both look after both have written", {
  kernel: shm.kernel(),
  memory: { x: int(0, 1), y: int(0, 1), a: int(0, 1), b: int(0, 1) },
  threads: {
    p: {
      *run({ x, y, a }) {
        yield* x.store(1, "relaxed");
        yield* a.store((yield* y.load("relaxed")) === 0 ? 1 : 0, "relaxed");
      },
    },
    q: {
      *run({ x, y, b }) {
        yield* y.store(1, "relaxed");
        yield* b.store((yield* x.load("relaxed")) === 0 ? 1 : 0, "relaxed");
      },
    },
  },
  invariants: { notBoth: ({ a, b }) => !(a === 1 && b === 1) },
});
`,
);
const publish = join(folder, "publish.ts");
writeFileSync(
  publish,
  `import { check, int, protocol } from "ipc-check";
import * as shm from "ipc-check/kernels/shm";
export default protocol("publish", {
  kernel: shm.kernel(),
  memory: { data: int(0, 1), flag: int(0, 1) },
  threads: {
    writer: {
      *run({ data, flag }) {
        yield* data.store(1, "relaxed");
        yield* flag.store(1, "relaxed");
      },
    },
    reader: {
      *run({ data, flag }) {
        if ((yield* flag.load("relaxed")) === 1) {
          check((yield* data.load("relaxed")) === 1, "what was published is seen");
        }
      },
    },
  },
});
`,
);

describe.each([
  [ring, "fenced", "tso"],
  [ring, "producerUnfenced", "tso"],
  [ring, "consumerUnfenced", "tso"],
  [plainDekker, "default", "tso"],
  [plainDekker, "default", "pso"],
] as const)("%s (%s) on %s", async (file, exportName, model) => {
  const result = await repair(file, exportName, model);
  const text = readFileSync(file, "utf8");

  test("each diff makes the protocol hold", async () => {
    if (result.kind !== "found") throw new Error(result.kind);
    expect(result.complete).toBe(true);
    for (const { diff } of result.sets) expect(await verdict(file, exportName, model, patched(text, diff))).toBe("holds");
  });

  test("one of the sets is a fence on each side, and no set has more than two changes", () => {
    if (result.kind !== "found") throw new Error(result.kind);
    expect(result.sets.map(({ changes }) => changes.length)).toEqual(result.sets.map(() => 2));
    const [fences, ...others] = result.sets.filter(({ changes }) => changes.every(({ what }) => what === "fence"));
    expect(others).toEqual([]);
    expect(fences?.changes.map(({ order }) => order)).toEqual(["seq_cst", "seq_cst"]);
  });

  test("without either change it does not hold", async () => {
    if (result.kind !== "found") throw new Error(result.kind);
    const [fences] = result.sets.filter(({ changes }) => changes.every(({ what }) => what === "fence"));
    const repaired = patched(text, fences?.diff ?? "").split("\n");
    const from = repaired.findIndex((line) => new RegExp(`${exportName}\\b.*protocol|default protocol`, "u").test(line));
    const places = repaired.flatMap((line, index) => (index > from && line.includes("yield* fence();") ? [index] : [])).slice(0, 2);
    expect(places).toHaveLength(2);
    for (const place of places) expect(await verdict(file, exportName, model, repaired.filter((_, index) => index !== place).join("\n"))).toBe("violated");
  });
});

test("the ring that is right is left as it is by the set that it has", async () => {
  const result = await repair(ring, "fenced", "tso");
  if (result.kind !== "found") throw new Error(result.kind);
  expect(result.sets.map(({ diff }) => diff)).toContain("");
});

test("under release/acquire publishing needs a release and an acquire, as orders or as fences", async () => {
  const result = await repair(publish, "default", "ra");
  if (result.kind !== "found") throw new Error(result.kind);
  const shown = result.sets.map(({ changes }) => changes.map(({ what, order }) => `${order} ${what}`).join(" + "));
  expect(shown[0]).toBe("release store + acquire load");
  expect(shown).toContain("release fence + acquire fence");
  for (const { diff } of result.sets) expect(await verdict(publish, "default", "ra", patched(readFileSync(publish, "utf8"), diff))).toBe("holds");
}, 120_000);

test("a helper module that imports types only gets an import of its own for the fence", async () => {
  const helper = join(folder, "side.ts");
  writeFileSync(
    helper,
    `import type { Int } from "ipc-check";
export function* look(mine: Int, theirs: Int, seen: Int) {
  yield* mine.store(1, "relaxed");
  yield* seen.store((yield* theirs.load("relaxed")) === 0 ? 1 : 0, "relaxed");
}
`,
  );
  const file = join(folder, "two-modules.ts");
  writeFileSync(
    file,
    `import { int, protocol } from "ipc-check";
import * as shm from "ipc-check/kernels/shm";
import { look } from "./side.ts";
export default protocol("both look, in a module of its own", {
  kernel: shm.kernel(),
  memory: { x: int(0, 1), y: int(0, 1), a: int(0, 1), b: int(0, 1) },
  threads: {
    p: { *run({ x, y, a }) { yield* look(x, y, a); } },
    q: { *run({ x, y, b }) { yield* look(y, x, b); } },
  },
  invariants: { notBoth: ({ a, b }) => !(a === 1 && b === 1) },
});
`,
  );
  const result = await repair(file, "default", "tso");
  if (result.kind !== "found") throw new Error(result.kind);
  expect(result.sets.some(({ changes }) => changes.length === 1 && changes[0]?.what === "fence")).toBe(true);
});

test("a fence under another name is one of the changes that are tried, under that name", async () => {
  const file = join(folder, "barrier.ts");
  const text = readFileSync(plainDekker, "utf8")
    .replace("import { int", "import { fence as barrier, int")
    .replace('yield* x.store(1, "relaxed");', 'yield* x.store(1, "relaxed");\n        yield* barrier();');
  writeFileSync(file, text);
  const result = await repair(file, "default", "tso");
  if (result.kind !== "found") throw new Error(result.kind);
  const [fences] = result.sets.filter(({ changes }) => changes.every(({ what }) => what === "fence"));
  expect(fences?.diff).toContain("+        yield* barrier();");
  expect(fences?.diff).not.toContain("yield* fence()");
  expect(fences?.diff).not.toMatch(/^-.*barrier\(/mu);
  expect(await verdict(file, "default", "tso", patched(text, fences?.diff ?? ""))).toBe("holds");
});

test("a mistake that no fence repairs is said to be one", async () => {
  const result = await repair("specs/shm/doorbell.ts", "broken", "tso");
  expect(result).toMatchObject({ kind: "none", finding: { kind: "deadlock" } });
});

describe("the command", () => {
  test("prints the sets with their diffs and exits with 0", async () => {
    const { code, stdout } = await run(["repair", ring, "--fences", "--export", "producerUnfenced"]);
    expect(stdout).toContain("4 minimal sets");
    expect(stdout).toContain("+          yield* fence();\n");
    expect(code).toBe(0);
  });

  test("exits with 1 where no set helps, and says what is still wrong", async () => {
    const { code, stdout } = await run(["repair", "specs/shm/doorbell.ts", "--fences", "-e", "broken", "-m", "tso"]);
    expect(stdout).toContain("no set of fences and orders makes it hold");
    expect(code).toBe(1);
  });

  test.each([
    [["repair", ring], "say what to repair: either --fences or --timeouts"],
    [["repair", ring, "--fences"], "choose one with --export"],
    [["repair", "specs/shm/doorbell.ts", "--fences", "-e", "broken"], "choose another model with --memory-model"],
    [["repair", "nothing.ts", "--fences"], "there is no file nothing.ts"],
    [["repair", ring, "--fences", "-e", "fenced", "--param", "x=1"], 'no parameter "x"'],
  ])("%j is refused with exit code 2", async (args, message) => {
    const { code, stderr } = await run(args);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });

  test("a bound that is too small makes it inconclusive", async () => {
    const { code } = await run(["repair", ring, "--fences", "-e", "fenced", "--max-states", "20"]);
    expect(code).toBe(3);
  });
});
