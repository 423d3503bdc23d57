/**
 * Compiled JavaScript that lies beside its source: V8 takes it up instead of compiling function by function. The build cuts
 * the code out of the larger files of `dist/bundle/` (scripts/code.mjs), runs the tool once, and has what V8 compiled written
 * down. What was made by another V8 or with other flags V8 refuses, what is damaged is not shown to it: then it compiles.
 */
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Script } from "node:vm";

type Exports = Readonly<Record<string, unknown>>;
type Import = (specifier: string) => Promise<unknown>;
/** The code of a module: takes the modules that it imports, its URL and its `import()`, and returns what it exports. */
type Body = (imports: readonly Exports[], url: string, load: Import) => Exports;

const digestBytes = 32;
const scripts: Map<string, { readonly source: string; readonly script: Script }> = new Map();

/** Runs the code that belongs to the module at `url`. */
export function run(url: string, imports: readonly Exports[], load: Import): Exports {
  const filename = fileURLToPath(url).replace(/\.js$/, ".code.js");
  const source = readFileSync(filename, "utf8");
  const cachedData = compiled(filename, source);
  const script = new Script(source, cachedData === null ? { filename } : { filename, cachedData });
  scripts.set(filename, { source, script });
  return (script.runInThisContext() as Body)(imports, url, load);
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
    const content = script.createCachedData();
    writeFileSync(`${filename}.compiled`, Buffer.concat([digest(source, content), content]));
  }
}
