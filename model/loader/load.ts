/**
 * Loading a specification: bundle (or take the bundle of the last run), import, and find the protocols it exports.
 * Everything that can be wrong with it is a {@link SpecError}.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { dirname, extname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Protocol } from "../language/protocol.ts";
import { type CacheEntry, cacheFolder, hashOf, hashOfAll, nearest, readEntry, writeEntry, writeWhole } from "./cache.ts";
import { diagnostic, SpecError } from "./diagnostic.ts";
import { sha256 } from "./hash.ts";
import { shownPath } from "./registry.ts";
import { toolBuild } from "./tool.ts";

export interface LoadedProtocol {
  /** `default` or the name of the export. */
  readonly exportName: string;
  readonly protocol: Protocol;
}
export interface LoadedSpec {
  /** Absolute path. */
  readonly file: string;
  /** In the order of the specification's text. */
  readonly protocols: readonly LoadedProtocol[];
  /** Every file that it is made of, itself included; absolute. */
  readonly closure: readonly string[];
  /** Hash over the contents of the closure. */
  readonly hash: string;
  /** Where what follows from it may be kept, and what stands for all that it follows from; null: it may be another one the next time. */
  readonly cache: { readonly folder: string; readonly identity: string } | null;
}
export interface LoadOptions {
  readonly cacheDir?: string;
  /** Seconds that importing a specification for the first time may take: it is then tried in a thread of its own. */
  readonly patience?: number;
  /** Texts in place of files, by absolute path: the specification as it would be with these. Nothing is kept in the cache. */
  readonly overlay?: ReadonlyMap<string, string>;
}

const extensions: ReadonlySet<string> = new Set([".ts", ".mts", ".tsx", ".js", ".mjs", ".jsx"]);

/** Loads a specification. Throws {@link SpecError}. */
export async function loadSpec(path: string, options: LoadOptions = {}): Promise<LoadedSpec> {
  const { file, namespace, exports, files, cache } = await loadModule(path, options);
  return { file, protocols: protocolsOf(file, namespace, exports), closure: Object.keys(files), hash: hashOfAll(file, files), cache };
}

/** A module that was imported, whatever it exports. */
export interface LoadedModule {
  /** Absolute path. */
  readonly file: string;
  readonly namespace: Readonly<Record<string, unknown>>;
  /** Names in the order of its text. */
  readonly exports: readonly string[];
  /** Hashes of the files that it is made of, by absolute path. */
  readonly files: Readonly<Record<string, string>>;
  readonly cache: LoadedSpec["cache"];
}

/** Bundles a module, or takes the bundle of the last run, and imports it. Throws {@link SpecError}. */
export async function loadModule(path: string, options: LoadOptions = {}): Promise<LoadedModule> {
  const file = resolve(path);
  checkPath(path, file);
  const folder = options.cacheDir === undefined ? cacheFolder(file) : resolve(options.cacheDir);
  mkdirSync(folder, { recursive: true });
  if (options.overlay !== undefined) return loadOverlaid(file, folder, options.overlay);
  const index = join(folder, `${sha256(file, toolBuild()).slice(0, 24)}.json`);
  const { entry, namespace } = await importEntry(file, folder, index, options.patience);
  // Places are shown relative to the working directory.
  const cache = entry.closed ? { folder, identity: sha256(entry.bundle, toolBuild(), process.cwd()) } : null;
  return { file, namespace, exports: entry.exports, files: entry.files, cache };
}

interface Imported {
  readonly entry: CacheEntry;
  readonly namespace: LoadedModule["namespace"];
}

/** Takes up what the last run made of a specification, or makes it, and imports it: for the first time with patience. */
async function importEntry(file: string, folder: string, index: string, patience: number | undefined): Promise<Imported> {
  let entry = readEntry(index);
  if (entry === null || entry.plain) {
    const imported = await importPlain(folder, entry ?? (await buildPlain(file, folder)));
    if (imported !== null) {
      if (entry === null) writeEntry(index, imported.entry);
      return imported;
    }
    entry = await build(file, folder);
    writeEntry(index, entry);
  }
  const bundle = join(folder, entry.bundle);
  if (!entry.imports && patience !== undefined) {
    const { tryImport } = await import("./trial.ts");
    const problem = await tryImport(bundle, patience);
    if (problem !== null) throw new SpecError([diagnostic(problem.code, `${shownPath(file)} ${problem.message}`, null, problem.hint)]);
  }
  const namespace = await importBundle(file, bundle);
  if (!entry.imports) writeEntry(index, { ...entry, imports: true });
  return { entry, namespace };
}

/** Bundles and imports a specification that exists in memory only. */
async function loadOverlaid(file: string, folder: string, overlay: ReadonlyMap<string, string>): Promise<LoadedModule> {
  const { entry, namespace } = (await importPlain(folder, await buildPlain(file, folder, overlay), true)) ?? (await importOnce(file, folder, overlay));
  return { file, namespace, exports: entry.exports, files: entry.files, cache: null };
}

async function importOnce(file: string, folder: string, overlay: ReadonlyMap<string, string>): Promise<Imported> {
  const entry = await build(file, folder, overlay);
  try {
    return { entry, namespace: await importBundle(file, join(folder, entry.bundle)) };
  } finally {
    remove(folder, entry);
  }
}

function remove(folder: string, { bundle }: CacheEntry): void {
  for (const suffix of ["", ".map"]) rmSync(join(folder, bundle + suffix), { force: true });
}

/** Imports what needed no bundler; null if there is none or it throws: what is wrong with it is for the bundler to say. */
async function importPlain(folder: string, entry: CacheEntry | null, once: boolean = false): Promise<Imported | null> {
  if (entry === null) return null;
  let namespace: Imported["namespace"] | null = null;
  try {
    namespace = await import(pathToFileURL(join(folder, entry.bundle)).href);
  } catch {
    // Imported again once it is bundled.
  }
  if (once || namespace === null) remove(folder, entry);
  return namespace === null ? null : { entry, namespace };
}

function checkPath(path: string, file: string): void {
  if (!existsSync(file)) throw new SpecError([diagnostic("IPC001", `there is no file ${path}`, null, "the path is taken relative to the working directory")]);
  if (statSync(file).isDirectory())
    throw new SpecError([diagnostic("IPC001", `${path} is a folder`, null, "name a file in it, or a pattern such as 'specs/**/*.ts'")]);
  if (!extensions.has(extname(file)))
    throw new SpecError([
      diagnostic("IPC001", `${path} is not a TypeScript or JavaScript module`, null, `a specification ends in ${[...extensions].join(", ")}`),
    ]);
}

/** The specification without the bundler, where that can be. */
async function buildPlain(file: string, folder: string, overlay: ReadonlyMap<string, string> = new Map()): Promise<CacheEntry | null> {
  const { plain } = await import("./plain.ts");
  const text = overlay.get(file) ?? readFileSync(file, "utf8");
  const made = plain(file, text);
  if (made === null) return null;
  const name = `${bundleName(file, made.code, overlay)}.mjs`;
  writeWhole(join(folder, name), made.code);
  return { files: { [file]: sha256(text) }, settings: {}, bundle: name, exports: made.exports, closed: true, imports: true, plain: true };
}

async function build(file: string, folder: string, overlay: ReadonlyMap<string, string> = new Map()): Promise<CacheEntry> {
  const { bundle } = await import("./bundle.ts");
  const made = await bundle(file, overlay);
  const files = Object.fromEntries(made.files.map((each) => [each, overlay.has(each) ? sha256(overlay.get(each) ?? "") : hashOf(each)]));
  const project = nearest(dirname(file), "tsconfig.json");
  const settings = project === null ? {} : { [join(project, "tsconfig.json")]: hashOf(join(project, "tsconfig.json")) };
  const name = `${bundleName(file, made.code, overlay)}.mjs`;
  writeWhole(join(folder, `${name}.map`), made.map);
  writeWhole(join(folder, name), made.code);
  return { files, settings, bundle: name, exports: made.exports, closed: made.closed, imports: false, plain: false };
}

/** Another content, another name: Node never imports one name twice. */
function bundleName(file: string, code: string, overlay: ReadonlyMap<string, string>): string {
  return `${overlay.size === 0 ? "" : "trial-"}${sha256(file, code).slice(0, 24)}`;
}

async function importBundle(file: string, bundle: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return (await import(pathToFileURL(bundle).href)) as Readonly<Record<string, unknown>>;
  } catch (error) {
    const { thrownOnImport } = await import("./thrown.ts");
    throw new SpecError([thrownOnImport(file, bundle, error)], { cause: error });
  }
}

function protocolsOf(file: string, namespace: Readonly<Record<string, unknown>>, order: readonly string[]): readonly LoadedProtocol[] {
  const place = (name: string): number => (order.includes(name) ? order.indexOf(name) : order.length);
  const names = Object.keys(namespace).sort((a, b) => place(a) - place(b));
  const found: LoadedProtocol[] = [];
  for (const exportName of names) {
    const value = namespace[exportName];
    // The same protocol under a second name is not a second protocol.
    if (isProtocol(value) && !found.some(({ protocol }) => protocol === value)) found.push({ exportName, protocol: value });
  }
  const shown = shownPath(file);
  const hint = 'export default protocol("name", { kernel: …, threads: { … } });';
  if ("default" in namespace && !isProtocol(namespace["default"]))
    throw new SpecError([diagnostic("IPC006", `the default export of ${shown} is ${describe(namespace["default"])}, not a protocol`, null, hint)]);
  if (found.length === 0)
    throw new SpecError([diagnostic("IPC005", `${shown} exports no protocol${names.length === 0 ? "" : ` (it exports ${names.join(", ")})`}`, null, hint)]);
  return found;
}

function isProtocol(value: unknown): value is Protocol {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "protocol" && "threads" in value;
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
