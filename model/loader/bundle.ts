/**
 * One specification and all that it imports, as one instrumented module, made with esbuild. The tool's own modules and
 * packages from `node_modules` stay outside and are named by absolute URL, so that the bundle can lie anywhere.
 */
import { readFile } from "node:fs/promises";
import { createRequire, isBuiltin } from "node:module";
import { dirname, extname, join, resolve, sep } from "node:path";
import { pathToFileURL } from "node:url";
import type { Message, OnLoadResult, OnResolveArgs, OnResolveResult, Plugin } from "esbuild";
import { type Diagnostic, diagnostic, SpecError } from "./diagnostic.ts";
import { type Instrumented, instrument, SyntaxProblems } from "./instrument.ts";
import { module, oxc, shownPath } from "./registry.ts";
import { exportOrder } from "./plain.ts";
import { registryUrl, toolModules, toolUrl } from "./tool.ts";

export interface Bundle {
  readonly code: string;
  /** The source map, as JSON; it leads to the instrumented modules. */
  readonly map: string;
  /** All files that were bundled, absolute and sorted. */
  readonly files: readonly string[];
  /** The specification's exports in the order of its text. */
  readonly exports: readonly string[];
  /** Whether all that it does follows from `code` and the tool: it asks nothing of the machine, and imports no packages. */
  readonly closed: boolean;
}

interface Loaded {
  readonly text: string;
  readonly instrumented: Instrumented;
}

/** Bundles a specification, `overlay` in place of files. Throws {@link SpecError}. */
export async function bundle(spec: string, overlay: ReadonlyMap<string, string> = new Map()): Promise<Bundle> {
  // Not by `import`, which would read all of this CommonJS module for the names that it exports.
  const { build } = createRequire(import.meta.url)("esbuild") as typeof import("esbuild");
  const loaded = new Map<string, Loaded>();
  try {
    const result = await build({
      entryPoints: [spec],
      absWorkingDir: dirname(spec),
      outfile: join(dirname(spec), "bundle.mjs"),
      bundle: true,
      write: false,
      format: "esm",
      platform: "node",
      target: "node20",
      charset: "utf8",
      legalComments: "none",
      sourcemap: "external",
      sourcesContent: false,
      metafile: true,
      logLevel: "silent",
      plugins: [plugin(loaded, overlay)],
    });
    const inputs = Object.entries(result.metafile.inputs);
    const output = (suffix: string): string => result.outputFiles.find((file) => file.path.endsWith(suffix))?.text ?? "";
    const files = inputs.map(([file]) => resolve(dirname(spec), file));
    const own = new Set([registryUrl, ...toolModules().map((name) => toolUrl(name))]);
    const closed =
      files.every((file) => loaded.get(file)?.instrumented.closed ?? file.endsWith(".json")) &&
      inputs.every(([, { imports }]) => imports.every(({ path, external }) => external !== true || own.has(path)));
    return {
      code: output(".mjs"),
      map: output(".map"),
      files: files.sort(),
      exports: exportOrder(oxc().parseSync(spec, loaded.get(spec)?.text ?? "").module),
      closed,
    };
  } catch (error) {
    const messages = (error as { readonly errors?: readonly Message[] }).errors;
    if (messages === undefined) throw error;
    throw new SpecError(messages.flatMap((message) => diagnosticsOf(message, loaded)));
  }
}

function plugin(loaded: Map<string, Loaded>, overlay: ReadonlyMap<string, string>): Plugin {
  return {
    name: "ipc-check",
    setup(build) {
      build.onResolve({ filter: /.*/ }, async (args): Promise<OnResolveResult | undefined> => {
        if (args.kind === "entry-point" || (args.pluginData as { readonly seen?: boolean } | undefined)?.seen === true) return undefined;
        if (args.path === registryUrl || isBuiltin(args.path)) return { path: args.path, external: true };
        if (args.path === "ipc-check" || args.path.startsWith("ipc-check/")) return ownModule(args);
        if (/^(\.{0,2}\/|\.{1,2}$|file:)/.test(args.path)) return undefined;
        const found = await build.resolve(args.path, {
          importer: args.importer,
          namespace: args.namespace,
          resolveDir: args.resolveDir,
          kind: args.kind,
          pluginData: { seen: true },
        });
        if (found.errors.length > 0 || found.external) return found;
        // Linked packages of the same workspace are the user's own source; installed ones are not.
        return found.path.includes(`${sep}node_modules${sep}`) ? { path: pathToFileURL(found.path).href, external: true } : found;
      });
      build.onLoad({ filter: /\.[mc]?[jt]sx?$/ }, async (args): Promise<OnLoadResult> => {
        const text = overlay.get(args.path) ?? (await readFile(args.path, "utf8"));
        const loader = extname(args.path).endsWith("x") ? (args.path.endsWith("tsx") ? "tsx" : "jsx") : /ts$/.test(args.path) ? "ts" : "js";
        try {
          if (isCommonJs(args.path, text)) return { contents: text, loader };
          const instrumented = instrument(text, { file: args.path, registry: registryUrl });
          loaded.set(args.path, { text, instrumented });
          return { contents: instrumented.code, loader };
        } catch (error) {
          if (!(error instanceof SyntaxProblems)) throw error;
          const source = module(args.path, text);
          return {
            errors: error.problems.map(({ message, start, end }) => ({ text: message, detail: diagnostic("IPC002", message, { module: source, start, end }) })),
          };
        }
      });
    },
  };
}

function ownModule(args: OnResolveArgs): OnResolveResult {
  const path = toolUrl(args.path);
  if (path !== null) return { path, external: true };
  return { errors: [{ text: `there is no module "${args.path}"; the package has ${toolModules().join(", ")}` }] };
}

/** CommonJS cannot take part in the registry's imports; its functions stay unknown to the compiler. */
function isCommonJs(path: string, text: string): boolean {
  if (/\.c[jt]s$/.test(path)) return true;
  return /\b(module\.exports|exports\.|require\s*\()/.test(text) && !oxc().parseSync(path, text).module.hasModuleSyntax;
}

/** An error of esbuild, with its place in the text that the author wrote. */
function diagnosticsOf(message: Message, loaded: ReadonlyMap<string, Loaded>): readonly Diagnostic[] {
  const own = message.detail as Diagnostic | undefined;
  if (own !== undefined && typeof own === "object" && "code" in own) return [own];
  const { location } = message;
  const unresolved = message.text.startsWith("Could not resolve");
  const hint = unresolved ? "is the path right, and the package installed?" : message.notes.map((note) => note.text).join(" ") || null;
  if (location === null) return [diagnostic("IPC002", message.text, null, hint)];
  const entry = [...loaded].find(([file]) => file.endsWith(location.file) || shownPath(file) === location.file);
  if (entry === undefined) return [diagnostic("IPC002", `${location.file}:${location.line}: ${message.text}`, null, hint)];
  const [file, { text, instrumented }] = entry;
  const before =
    instrumented.code
      .split("\n")
      .slice(0, location.line - 1)
      .join("\n").length + (location.line > 1 ? 1 : 0);
  // esbuild counts columns and lengths in bytes.
  const units = (bytes: number): number => Buffer.from(location.lineText).subarray(0, bytes).toString().length;
  const start = instrumented.original(before + units(location.column));
  const end = instrumented.original(before + units(location.column + location.length));
  return [diagnostic("IPC002", message.text, { module: module(file, text), start, end }, hint)];
}
