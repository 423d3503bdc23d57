/** Specifications named on the command line: files, folders and patterns with `*`, `**`, `?`, `[…]` and `{a,b}`. */
import { readdirSync, statSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import { UsageError } from "./exit.ts";

export interface Target {
  /** As shown to people. */
  readonly path: string;
  /** Named itself, not found in a folder or by a pattern. */
  readonly explicit: boolean;
}

const isModule = (name: string): boolean => /\.[mc]?[jt]sx?$/.test(name) && !/\.d\.[mc]?ts$/.test(name) && !/\.(test|spec|config)\.[mc]?[jt]sx?$/.test(name);

/** All targets, each once, in order. Throws {@link UsageError} if a name or pattern matches nothing. */
export function findTargets(names: readonly string[]): readonly Target[] {
  const found = new Map<string, Target>();
  for (const name of names) {
    const targets = expand(name);
    if (targets.length === 0) throw new UsageError(`${name} matches no specification`);
    for (const target of targets) {
      const key = resolve(target.path);
      if (target.explicit || !found.has(key)) found.set(key, target);
    }
  }
  return [...found.values()];
}

function expand(name: string): readonly Target[] {
  const status = statSync(name, { throwIfNoEntry: false });
  if (status?.isDirectory() === true) return [...modulesBelow(name)].sort().map((path) => ({ path, explicit: false }));
  // A file, or nothing: the loader says what is wrong with it.
  if (status !== undefined || !/[*?[{]/.test(name)) return [{ path: name, explicit: true }];
  const pattern = name.split(sep).join("/").replace(/^\.\//, "");
  const base = pattern.slice(0, pattern.search(/[^/]*[*?[{]/)) || ".";
  if (statSync(base, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  const matches = globPattern(pattern);
  return [...modulesBelow(base)]
    .map((path) => (base.startsWith("/") ? path : relative(".", path)).split(sep).join("/"))
    .filter((path) => matches.test(path))
    .sort()
    .map((path) => ({ path, explicit: false }));
}

function* modulesBelow(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.name.startsWith(".") || entry.name === "node_modules") continue;
    const status = entry.isSymbolicLink() ? statSync(path, { throwIfNoEntry: false }) : entry;
    // Links to folders are not followed: they may lead round in a circle.
    if (entry.isDirectory()) yield* modulesBelow(path);
    else if (status?.isFile() === true && isModule(entry.name)) yield path;
  }
}

/** A pattern as a regular expression: `**` crosses folders, `*` and `?` do not. */
export function globPattern(pattern: string): RegExp {
  let source = "";
  let depth = 0;
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern.charAt(i);
    if (pattern.startsWith("**/", i)) {
      source += "(?:[^/]+/)*";
      i += 2;
    } else if (pattern.startsWith("**", i)) {
      source += ".*";
      i++;
    } else if (c === "*") source += "[^/]*";
    else if (c === "?") source += "[^/]";
    else if (c === "[" && pattern.includes("]", i + 2)) {
      const end = pattern.indexOf("]", i + 2);
      source += `[${pattern
        .slice(i + 1, end)
        .replace(/^!/, "^")
        .replaceAll("\\", "\\\\")}]`;
      i = end;
    } else if (c === "{") {
      source += "(?:";
      depth++;
    } else if (c === "}" && depth > 0) {
      source += ")";
      depth--;
    } else if (c === "," && depth > 0) source += "|";
    else source += c.replace(/[\\^$.|?*+()[\]{}]/g, "\\$&");
  }
  return new RegExp(`^${source}${")".repeat(depth)}$`);
}
