/** Where the running tool is: specifications import `ipc-check` from here, wherever they lie themselves. */
import { readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

interface Manifest {
  readonly version: string;
  readonly exports: Readonly<Record<string, string | { readonly default: string }>>;
}

const here: string = dirname(fileURLToPath(import.meta.url));
/** The package's folder: this file is `dist/model/loader/tool.js`. */
export const toolRoot: string = join(here, "..", "..", "..");
/** The registry, as instrumented modules import it. */
export const registryUrl: string = pathToFileURL(join(here, "registry.js")).href;

let manifest: Manifest | null = null;
export function toolManifest(): Manifest {
  manifest ??= JSON.parse(readFileSync(join(toolRoot, "package.json"), "utf8")) as Manifest;
  return manifest;
}

/** The file that `ipc-check` or `ipc-check/…` means; null if the package does not export it. */
export function toolModule(specifier: string): string | null {
  const entry = toolManifest().exports[`.${specifier.slice("ipc-check".length)}`];
  const path = typeof entry === "object" ? entry.default : entry;
  return path === undefined || !path.endsWith(".js") ? null : join(toolRoot, path);
}

/** Specifiers that {@link toolModule} knows, for messages. */
export function toolModules(): readonly string[] {
  return Object.entries(toolManifest().exports)
    .filter(([, entry]) => typeof entry === "object")
    .map(([path]) => `ipc-check${path.slice(1)}`);
}

/** Changes whenever the tool is rebuilt or moved: bundles name its files. */
export function toolBuild(): string {
  const built = ["bundle.js", "instrument.js", "scopes.js", "load.js"].map((file) => statSync(join(here, file)).mtimeMs);
  return `${toolManifest().version} ${toolRoot} ${built.join(" ")}`;
}
