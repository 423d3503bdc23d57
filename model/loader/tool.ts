/**
 * Where the running tool is: specifications import `ipc-check` from here, wherever they lie themselves. `dist/` holds a module
 * for each source file, and `dist/bundle/` the same in few files, which the command loads: the tool that runs is one of the two.
 */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { sha256 } from "./hash.ts";

interface Manifest {
  readonly version: string;
  readonly exports: Readonly<Record<string, string | { readonly default: string }>>;
}

/** The folder that holds this module, wherever the bundler has put it: a name of a folder stands for all that follows. */
const built: string = (() => {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    if (basename(folder) === "dist" || (basename(folder) === "bundle" && basename(dirname(folder)) === "dist")) return folder;
    if (folder === dirname(folder)) throw new Error("the tool is not in its dist/ folder");
  }
})();
const bundled: boolean = basename(built) === "bundle";
/** The package's folder. */
export const toolRoot: string = bundled ? dirname(dirname(built)) : dirname(built);
/** A module of the running tool, by its place in `dist/`. */
export const toolFile = (path: string): string => join(built, path);
/** The registry, as instrumented modules import it. */
export const registryUrl: string = pathToFileURL(toolFile("model/loader/registry.js")).href;

let manifest: Manifest | null = null;
export function toolManifest(): Manifest {
  manifest ??= JSON.parse(readFileSync(join(toolRoot, "package.json"), "utf8")) as Manifest;
  return manifest;
}

/** The file that `ipc-check` or `ipc-check/…` means; null if the package does not export it. */
export function toolModule(specifier: string): string | null {
  const entry = toolManifest().exports[`.${specifier.slice("ipc-check".length)}`];
  const path = typeof entry === "object" ? entry.default : entry;
  if (path === undefined || !path.endsWith(".js")) return null;
  const own = toolFile(relative("dist", path));
  return existsSync(own) ? own : join(toolRoot, path);
}

/** The same as a URL. */
export function toolUrl(specifier: string): string | null {
  if (specifier !== "ipc-check" && !specifier.startsWith("ipc-check/")) return null;
  const path = toolModule(specifier);
  return path === null ? null : pathToFileURL(path).href;
}

/** Specifiers that {@link toolModule} knows, for messages. */
export function toolModules(): readonly string[] {
  return Object.entries(toolManifest().exports)
    .filter(([, entry]) => typeof entry === "object")
    .map(([path]) => `ipc-check${path.slice(1)}`);
}

let build: string | null = null;
/** Changes whenever the tool is rebuilt or moved: the bundle has its hash beside it; else by name, size and time of all modules. */
export function toolBuild(): string {
  build ??= sha256(toolManifest().version, built, process.version, ...(bundled ? [readFileSync(toolFile("build"), "utf8")] : modulesIn(built)));
  return build;
}

function modulesIn(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry): readonly string[] => {
    const path = join(folder, entry.name);
    // The bundle is a tool of its own.
    if (entry.isDirectory()) return path === join(built, "bundle") ? [] : modulesIn(path);
    if (!entry.name.endsWith(".js")) return [];
    const { size, mtimeMs } = statSync(path);
    return [`${path.slice(built.length)} ${size} ${mtimeMs}`];
  });
}
