/**
 * Instruments our own kernels after `tsc` has built them, in place: their rules are compiled and their operations
 * inlined like the functions of a specification. Executable paths (`path.js`, `…-path.js`) are never compiled and
 * stay as they are.
 */
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, join, relative, sep, dirname } from "node:path";
import { instrument } from "./instrument.ts";

/** Instruments `<dist>/kernel/**\/*.js`. Run it once on what `tsc` has just written. */
export async function instrumentDist(dist: string): Promise<void> {
  const root = join(dist, "kernel");
  const registry = join(dist, "model", "loader", "registry.js");
  for (const entry of readdirSync(root, { recursive: true, encoding: "utf8" })) {
    const path = join(root, entry);
    if (!path.endsWith(".js") || /(^|-)path\.js$/.test(basename(path)) || !statSync(path).isFile()) continue;
    const text = readFileSync(path, "utf8");
    if (text.startsWith("import { register as $ipcRegister")) continue;
    const specifier = relative(dirname(path), registry).split(sep).join("/");
    writeFileSync(path, instrument(text, { file: `ipc-check/kernel/${entry.split(sep).join("/")}`, registry: specifier }).code);
  }
}
