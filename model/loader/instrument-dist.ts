/**
 * Instruments our own kernels after `tsc` has built them, in place: their rules are compiled and their operations
 * inlined like the functions of a specification. Executable paths, which `index.js` imports only when a machine is built,
 * are never compiled and stay as they are, and so does what only they need.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { instrument } from "./instrument.ts";

/** Instruments `<dist>/kernel/<name>/index.js` and the modules of `<dist>/kernel` that they import. Run it once on what `tsc` has just written. */
export async function instrumentDist(dist: string): Promise<void> {
  const root = resolve(dist, "kernel");
  const registry = resolve(dist, "model", "loader", "registry.js");
  const reached = new Set(
    readdirSync(root)
      .map((name) => join(root, name, "index.js"))
      .filter((path) => existsSync(path)),
  );
  for (const path of reached) {
    const text = readFileSync(path, "utf8");
    for (const [, specifier = ""] of text.matchAll(/^(?:import|export)\b[^;]*?\bfrom "(\.[^"]+)";/gm)) {
      const imported = resolve(dirname(path), specifier);
      if (imported.startsWith(`${root}${sep}`)) reached.add(imported);
    }
    if (text.startsWith("import { register as $ipcRegister")) continue;
    const specifier = relative(dirname(path), registry).split(sep).join("/");
    writeFileSync(path, instrument(text, { file: `ipc-check/kernel/${relative(root, path).split(sep).join("/")}`, registry: specifier }).code);
  }
}
