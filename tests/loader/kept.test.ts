/** What is kept of earlier runs: the same results with it as without it, and never something that belongs to other inputs. */
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { check, type CheckOptions, type CheckResult } from "../../dist/cli/check.js";
import { KeptFile } from "../../dist/model/loader/kept.js";
import { loadSpec } from "../../dist/model/loader/load.js";
import { counter, project } from "./project.ts";

const here = project();
afterAll(here.remove);

const options: CheckOptions = {
  engine: "wasm",
  cache: true,
  symmetry: true,
  partialOrder: "large",
  census: "counts",
  censusLimit: 2_000,
  workers: 1,
  signal: new AbortController().signal,
  onProgress: () => undefined,
};

/** All that a check says but for how long it took. */
function said({ stats, ...result }: CheckResult): unknown {
  return { ...result, stats: stats === null ? null : { ...stats, seconds: 0, generating: 0, exploring: 0, shadow: null } };
}

async function results(
  file: string,
  cacheDir: string,
  more: Partial<CheckOptions> = {},
  parameters: Readonly<Record<string, number>> = {},
): Promise<unknown[]> {
  const spec = await loadSpec(file, { cacheDir });
  const found: unknown[] = [];
  for (const declared of spec.protocols) found.push(said(await check({ spec, declared, parameters }, { ...options, ...more })));
  return found;
}
const files = (folder: string): readonly string[] => readdirSync(join(folder, "kept"));

describe("what one file holds", () => {
  test("is made once, and survives the run that made it", async () => {
    const folder = here.path("one");
    const first = new KeptFile(folder, ["a"]);
    const made = { list: [1, -0, Number.POSITIVE_INFINITY], big: [5n], bytes: new Uint8Array([1, 2]), none: undefined, map: new Map([[1, "x"]]) };
    expect(await first.keep("thing", () => made)).toBe(made);
    first.save();
    const second = new KeptFile(folder, ["a"]);
    const again = await second.keep("thing", (): typeof made => expect.unreachable("it is kept"));
    expect(again).toStrictEqual(made);
    expect(await new KeptFile(folder, ["b"]).keep("thing", () => 2)).toBe(2);
    expect(await second.keep("other", () => 3)).toBe(3);
  });

  test.each([
    ["cut off", (file: string): void => truncateSync(file, statSync(file).size - 3)],
    ["empty", (file: string): void => writeFileSync(file, "")],
    [
      "changed",
      (file: string): void => {
        const bytes = readFileSync(file);
        bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
        writeFileSync(file, bytes);
      },
    ],
  ])("is made anew where the file is %s", async (what, damage) => {
    const folder = here.path(`damaged ${what}`);
    const first = new KeptFile(folder, ["a"]);
    await first.keep("thing", () => Array.from({ length: 100 }, (_, i) => i));
    first.save();
    damage(join(folder, "kept", files(folder)[0] ?? ""));
    const second = new KeptFile(folder, ["a"]);
    expect(await second.keep("thing", () => "new")).toBe("new");
    second.save();
    expect(await new KeptFile(folder, ["a"]).keep("thing", () => "newer")).toBe("new");
  });

  test("is not kept where nothing can be written, and that is no error", async () => {
    const taken = here.write("taken/kept", "a file where the folder should be");
    const kept = new KeptFile(here.path("taken"), ["a"]);
    expect(await kept.keep("thing", () => 1)).toBe(1);
    kept.save();
    expect(readFileSync(taken, "utf8")).toBe("a file where the folder should be");
    // As root everything can be written.
    if (process.getuid?.() === 0) return;
    mkdirSync(here.path("locked"));
    chmodSync(here.path("locked"), 0o500);
    const locked = new KeptFile(here.path("locked"), ["a"]);
    await locked.keep("thing", () => 1);
    expect(() => locked.save()).not.toThrow();
  });

  test("goes when there is no room, what was used longest ago first", async () => {
    const folder = here.path("bounded");
    const noise = (seed: number): Uint8Array => Uint8Array.from({ length: 3_000 }, (_, i) => Math.imul(i * i + seed, 2_654_435_761) >>> 13);
    for (const [i, key] of ["a", "b", "c"].entries()) {
      const kept = new KeptFile(folder, [key]);
      await kept.keep("thing", () => noise(i));
      const before = new Set(i === 0 ? [] : files(folder));
      kept.save();
      for (const name of files(folder)) if (!before.has(name)) utimesSync(join(folder, "kept", name), 1_000 + i, 1_000 + i);
    }
    // Reading is using.
    await new KeptFile(folder, ["a"]).keep("thing", () => noise(9));
    const bytes = statSync(join(folder, "kept", files(folder)[0] ?? "")).size;
    const last = new KeptFile(folder, ["d"], Math.round(2.5 * bytes));
    await last.keep("thing", () => noise(4));
    last.save();
    const remains = await Promise.all(["a", "b", "c", "d"].map((key) => new KeptFile(folder, [key]).keep("thing", () => null)));
    expect(remains.map((each) => each !== null)).toEqual([true, false, false, true]);
  });
});

describe("checks with what earlier ones have kept", () => {
  // Each with something of its own: symmetry, release/acquire, runs, round-robin or priorities, counterexamples that are replayed.
  const sample = ["specs/k42/late-reply.ts", "specs/shm/xen-ring.ts", "specs/fiasco/interrupts-first.ts", "specs/sel4/flooded-server.ts"];
  const library = readdirSync("specs", { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
  const deeper = process.env["IPC_CHECK_RUNS"] !== undefined;

  test.each(deeper ? library.map((name) => join("specs", name)) : sample)("%s: the same verdicts, figures, paths and warnings", async (file) => {
    const cacheDir = here.path(`library ${file}`);
    const without = await results(file, cacheDir, { cache: false });
    expect(readdirSync(cacheDir)).not.toContain("kept");
    const cold = await results(file, cacheDir);
    const kept = files(cacheDir);
    expect(kept).toHaveLength(without.length);
    const written = kept.map((name) => readFileSync(join(cacheDir, "kept", name)).toString("base64"));
    const warm = await results(file, cacheDir);
    // All was there, so nothing was written.
    expect(kept.map((name) => readFileSync(join(cacheDir, "kept", name)).toString("base64"))).toEqual(written);
    expect(cold).toStrictEqual(without);
    expect(warm).toStrictEqual(without);
  });

  test("other options, parameters and memory get their own", async () => {
    const file = here.write(
      "options.ts",
      counter.replace("kernel:", "parameters: { adders: 2 },\n  kernel:").replace("count: 2", 'count: "adders"').replace("int(0, 2)", "int(0, 3)"),
    );
    const cacheDir = here.path("options");
    const wanted: readonly (readonly [Partial<CheckOptions>, Readonly<Record<string, number>>])[] = [
      [{}, {}],
      [{ symmetry: false }, {}],
      [{ store: "compressed" }, {}],
      [{ store: "compact" }, {}],
      [{ workers: 2 }, {}],
      [{ runs: { progress: true } }, {}],
      [{}, { adders: 3 }],
      [{}, { adders: 4 }],
    ];
    const once = async (cache: boolean): Promise<unknown[]> => {
      const found: unknown[] = [];
      for (const [more, parameters] of wanted) found.push(...(await results(file, cacheDir, { ...more, cache }, parameters)));
      return found;
    };
    const without = await once(false);
    expect(new Set(without.map((each) => JSON.stringify(each))).size).toBeGreaterThan(4);
    expect(await once(true)).toStrictEqual(without);
    expect(await once(true)).toStrictEqual(without);
  });

  test("an edited import of the specification is seen", async () => {
    here.write("bound.ts", "export const bound = 2;\n");
    const file = here.write(
      "edited.ts",
      counter.replace("import { int", "import { bound } from './bound.ts';\nimport { int").replace("int(0, 2)", "int(0, bound)"),
    );
    const cacheDir = here.path("edited");
    for (let i = 0; i < 2; i++) expect(await results(file, cacheDir)).toMatchObject([{ verdict: "holds" }]);
    here.write("bound.ts", "export const bound = 1;\n");
    for (let i = 0; i < 2; i++) expect(await results(file, cacheDir)).toMatchObject([{ verdict: "violated", violations: [{ kind: "out-of-range" }] }]);
  });

  test("what a damaged file held is compiled again", async () => {
    const file = here.write("damaged.ts", counter);
    const cacheDir = here.path("damaged");
    const first = await results(file, cacheDir);
    const kept = join(cacheDir, "kept", files(cacheDir)[0] ?? "");
    const bytes = readFileSync(kept);
    writeFileSync(kept, bytes.fill(7, bytes.length - 20));
    expect(await results(file, cacheDir)).toStrictEqual(first);
    expect(await results(file, cacheDir)).toStrictEqual(first);
  });

  test("several at once do not disturb each other", async () => {
    const file = here.write("at-once.ts", counter);
    const cacheDir = here.path("at-once");
    const [first, ...others] = await Promise.all(Array.from({ length: 4 }, () => results(file, cacheDir)));
    for (const each of others) expect(each).toStrictEqual(first);
    expect(files(cacheDir)).toHaveLength(1);
  });
});

describe("what is kept at all", () => {
  const keepable = async (name: string, text: string): Promise<boolean> =>
    (await loadSpec(here.write(name, text), { cacheDir: here.path("closed") })).cache !== null;
  const with_ = (statement: string): string => `${statement}\n${counter}`;

  test("specifications that follow from their text, with all that they import", async () => {
    here.write("closed-helper.ts", "export const most = Math.max(1, 2);\n");
    expect(await keepable("plain.ts", with_("interface Pair<T> {\n  readonly a: T;\n}\nexport type Both = Pair<Unknown>;\ntype Unknown = string;"))).toBe(true);
    expect(await keepable("helped.ts", with_('import { most } from "./closed-helper.ts";\nexport const also = [most].map((each) => each + 1);'))).toBe(true);
  });

  test.each([
    ["the environment", 'export const it = process.env["HOME"];'],
    ["the time", "export const it = Date.now();"],
    ["chance", "export const it = Math.random();"],
    ["chance under another name", "const m = Math; export const it = m;"],
    ["files", 'import { existsSync } from "node:fs"; export const it = existsSync("x");'],
    ["globals by computation", 'export const it = (globalThis as unknown as Record<string, unknown>)["x"];'],
    ["its own place", "export const it = import.meta.url;"],
    ["modules that are found later", 'export const it = import("node:os");'],
    ["code that is made at run time", "export const it = [].constructor;"],
    ["the same by a pattern", "export const { constructor: it } = [];"],
    ["an enum", "export enum It {\n  one = 1,\n}"],
  ])("not one that asks for %s", async (what, statement) => {
    expect(await keepable(`asks for ${what}.ts`, with_(statement))).toBe(false);
  });

  test("not one whose helper asks, nor one that imports a package", async () => {
    here.write("asking-helper.ts", "export const now = (): number => Date.now();\n");
    expect(await keepable("helper asks.ts", with_('import { now } from "./asking-helper.ts";\nexport const it = now;'))).toBe(false);
    here.write("node_modules/other/package.json", '{ "name": "other", "type": "module", "exports": "./index.js" }');
    here.write("node_modules/other/index.js", "export const other = 1;\n");
    expect(await keepable("package.ts", with_('import { other } from "other";\nexport const it = other;'))).toBe(false);
  });
});
