/**
 * The modules of `dist/bundle/` as scripts, with V8's compiled form beside them: V8 takes this up instead of compiling function by
 * function, and Node finds and links no modules. The build cuts the code out of the modules (scripts/code.mjs), which only
 * export what the code returns, runs the tool once, and has what V8 compiled written down. What was made by another V8
 * or with other flags V8 refuses, what is damaged is not shown to it: then it compiles.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Script } from "node:vm";

type Exports = Readonly<Record<string, unknown>>;
/** What the script of a module gives. */
interface Code {
  /** What the module imports: other modules by their place, Node's and packages by name. */
  readonly imports: readonly string[];
  /** Takes these, the module's URL, and its `import()`. */
  readonly body: (imports: readonly unknown[], url: string, load: (specifier: string) => Promise<unknown>) => Exports;
}

const digestBytes = 32;
/** Smaller scripts are compiled as fast as read. */
const leastCompiled = 4_000;
const scripts: Map<string, { readonly source: string; readonly script: Script }> = new Map();
const modules: Map<string, Exports> = new Map();
const require: NodeJS.Require = createRequire(import.meta.url);

const codeOf = (file: string): string => file.replace(/\.js$/, ".code.js");

/** What the module at `url` exports. */
export function exportsOf(url: string): Exports {
  return load(fileURLToPath(url));
}

function load(file: string): Exports {
  const known = modules.get(file);
  if (known !== undefined) return known;
  const filename = codeOf(file);
  const source = readFileSync(filename, "utf8");
  const cachedData = source.length < leastCompiled ? null : compiled(filename, source);
  const script = new Script(source, cachedData === null ? { filename } : { filename, cachedData });
  scripts.set(filename, { source, script });
  const { imports, body } = script.runInThisContext() as Code;
  const place = (specifier: string): string => join(dirname(file), specifier);
  const exports = body(
    imports.map((specifier): unknown => (specifier.startsWith(".") ? load(place(specifier)) : require(specifier))),
    pathToFileURL(file).href,
    async (specifier) => {
      if (!specifier.startsWith(".")) return import(specifier);
      return existsSync(codeOf(place(specifier))) ? load(place(specifier)) : import(pathToFileURL(place(specifier)).href);
    },
  );
  modules.set(file, exports);
  return exports;
}

/** V8 itself looks at the source's length only. */
function digest(source: string, content: Uint8Array): Buffer {
  return createHash("sha256").update(source).update(content).digest();
}

function compiled(filename: string, source: string): Buffer | null {
  try {
    const bytes = readFileSync(`${filename}.compiled`);
    const content = bytes.subarray(digestBytes);
    return digest(source, content).equals(bytes.subarray(0, digestBytes)) ? content : null;
  } catch {
    return null;
  }
}

/** Writes down what V8 has compiled so far. */
export function writeCompiled(): void {
  for (const [filename, { source, script }] of scripts) {
    if (source.length < leastCompiled) continue;
    const content = script.createCachedData();
    writeFileSync(`${filename}.compiled`, Buffer.concat([digest(source, content), content]));
  }
}
