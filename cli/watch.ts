/**
 * `verify --watch`: checks once, then again whenever a file changes that a specification is made of; says what has changed
 * since the verdict before. Folders are watched, not files, since editors replace the files that they write.
 */
import { type FSWatcher, statSync, watch } from "node:fs";
import { dirname, resolve } from "node:path";
import type { LoadedSpec } from "../model/loader/load.ts";
import { shownPath } from "../model/loader/registry.ts";
import { UsageError } from "./exit.ts";
import { checkName } from "./reporters/failures.ts";
import type { Terminal } from "./terminal.ts";
import { exact, plural } from "./units.ts";
import type { Reported, Round } from "./verify.ts";

/** Milliseconds of quiet before the checks begin: editors write in several goes. */
const quiet = 80;

/** What is remembered of a check. */
interface Last {
  readonly verdict: string;
  readonly states: number | null;
}

const worded = ({ result }: Reported): Last => ({
  verdict: result.verdict === "violated" ? `violated: ${[...new Set(result.violations.map(({ kind }) => kind))].join(", ")}` : result.verdict,
  states: result.stats?.states ?? null,
});

/** Goes on until `signal`. */
export async function watchSpecs(
  names: readonly string[],
  run: (isWanted: (spec: LoadedSpec) => boolean) => Promise<Round>,
  { out, err }: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const seen = new Map<string, string>();
  const last = new Map<string, Last>();
  const watchers = new Map<string, FSWatcher>();
  let wake: (() => void) | null = null;
  let isDirty = false;
  const touch = (): void => {
    isDirty = true;
    wake?.();
  };
  signal.addEventListener("abort", touch);
  try {
    for (const name of names)
      watchFolder(watchers, statSync(name, { throwIfNoEntry: false })?.isDirectory() === true ? resolve(name) : dirname(resolve(name)), touch);
    while (!signal.aborted) {
      isDirty = false;
      const changed: string[] = [];
      let results: readonly Reported[] = [];
      try {
        const round = await run((spec) => {
          if (seen.get(spec.file) === spec.hash) return false;
          changed.push(shownPath(spec.file));
          seen.set(spec.file, spec.hash);
          return true;
        });
        ({ results } = round);
        for (const folder of new Set(round.specs.flatMap(({ closure }) => closure.map((file) => dirname(file))))) watchFolder(watchers, folder, touch);
      } catch (error) {
        // A file may be gone for a moment, or for good: the next change decides.
        if (!(error instanceof UsageError)) throw error;
        err.write(`error: ${error.message}\n`);
      }
      for (const reported of results) {
        const key = checkName(reported.result);
        const [before, now] = [last.get(key), worded(reported)];
        last.set(key, now);
        if (before === undefined || (before.verdict === now.verdict && before.states === now.states)) continue;
        const states = before.states === null || now.states === null ? "" : `; ${exact(before.states)} → ${exact(now.states)} states`;
        const what = before.verdict === now.verdict ? now.verdict : `${before.verdict} → ${now.verdict}`;
        out.write(`${out.style("bold", "changed:")} ${key}: ${what}${states}\n`);
      }
      err.write(`watching ${plural(seen.size, "specification")}; Ctrl-C ends\n`);
      // A change that came meanwhile may be one that was not read any more.
      while (!signal.aborted && !isDirty) await new Promise<void>((done) => (wake = done));
      while (!signal.aborted && isDirty) {
        isDirty = false;
        await new Promise((done) => setTimeout(done, quiet));
      }
    }
  } finally {
    signal.removeEventListener("abort", touch);
    for (const each of watchers.values()) each.close();
  }
}

function watchFolder(watchers: Map<string, FSWatcher>, folder: string, touch: () => void): void {
  if (watchers.has(folder)) return;
  try {
    const watcher = watch(folder, touch);
    // A folder that is deleted ends being watched; its specifications are then missing, which the next round says.
    watcher.on("error", () => {
      watcher.close();
      watchers.delete(folder);
      touch();
    });
    watchers.set(folder, watcher);
  } catch (error) {
    throw new UsageError(`${shownPath(folder)} cannot be watched: ${(error as Error).message}`);
  }
}
