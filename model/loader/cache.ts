/**
 * The cache of bundles: a second run on an unchanged specification reads a few small files and starts no bundler.
 * For each specification an index names its bundle and the content hash of every file that went into it.
 */
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { dirname, join, relative, sep } from "node:path";
import { sha256 } from "./hash.ts";

export interface CacheEntry {
  /** Bundled files, absolute, each with the hash of its content. */
  readonly files: Readonly<Record<string, string>>;
  /** Files that steer the bundler (tsconfig.json). */
  readonly settings: Readonly<Record<string, string>>;
  /** Name of the bundle in the cache folder; its map has `.map` after it. */
  readonly bundle: string;
  readonly exports: readonly string[];
  /** What it does follows from the bundle and the tool. */
  readonly closed: boolean;
  /** The bundle has been imported to its end once, or can be seen to come to one. */
  readonly imports: boolean;
  /** It was made without the bundler. */
  readonly plain: boolean;
}

/** Hash of a file's content; empty if it cannot be read. */
export function hashOf(file: string): string {
  try {
    return sha256(readFileSync(file));
  } catch {
    return "";
  }
}

/** One hash for a specification and all that it is made of; independent of where it lies. */
export function hashOfAll(spec: string, files: Readonly<Record<string, string>>): string {
  const named = Object.entries(files).map(([file, hash]): [string, string] => [relative(dirname(spec), file).split(sep).join("/"), hash]);
  return sha256(...named.sort(([a], [b]) => (a < b ? -1 : 1)).flat());
}

/** The nearest folder at or above `from` that contains `name`. */
export function nearest(from: string, name: string): string | null {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, name))) return folder;
    if (folder === dirname(folder)) return null;
  }
}

/** `node_modules/.cache/ipc-check` of the specification's package, or a folder of this user's in the system's temporary one. */
export function cacheFolder(spec: string): string {
  // A specification inside an installed package belongs to the project that installed it.
  const [outside = spec] = dirname(spec).split(`${sep}node_modules${sep}`);
  const project = nearest(outside, "package.json");
  if (project !== null) {
    const folder = join(project, "node_modules", ".cache", "ipc-check");
    try {
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, ".writable"), "");
      return folder;
    } catch {
      // Read-only project: the temporary folder.
    }
  }
  return temporaryFolder();
}

/** What lies in the cache is executed, so a folder that others can write is not used. */
function temporaryFolder(): string {
  const { uid } = userInfo();
  const folder = join(tmpdir(), `ipc-check-${uid}`);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const status = lstatSync(folder);
    if (status.isDirectory() && (process.platform === "win32" || (status.uid === uid && (status.mode & 0o022) === 0))) return folder;
  } catch {
    // Taken by somebody else.
  }
  return mkdtempSync(join(tmpdir(), "ipc-check-"));
}

/** The entry of a specification, if nothing that it was made from has changed since. */
export function readEntry(index: string): CacheEntry | null {
  try {
    const entry = JSON.parse(readFileSync(index, "utf8")) as CacheEntry;
    const unchanged = [...Object.entries(entry.files), ...Object.entries(entry.settings)].every(([file, hash]) => hashOf(file) === hash);
    return unchanged && existsSync(join(dirname(index), entry.bundle)) ? entry : null;
  } catch {
    return null;
  }
}

/** Writes whole or not at all, and leaves nothing else behind: two runs may be at it together. */
export function writeWhole(file: string, content: string | Uint8Array): void {
  const temporary = `${file}.${process.pid}`;
  try {
    writeFileSync(temporary, content);
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** Stores an entry and forgets the bundle that it replaces. */
export function writeEntry(index: string, entry: CacheEntry): void {
  let old: string | null = null;
  try {
    old = (JSON.parse(readFileSync(index, "utf8")) as CacheEntry).bundle;
  } catch {
    // There was none.
  }
  writeWhole(index, JSON.stringify(entry));
  if (old !== null && old !== entry.bundle) for (const suffix of ["", ".map"]) rmSync(join(dirname(index), old + suffix), { force: true });
}
