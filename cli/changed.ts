/** `--changed`: which files differ from a commit, as git tells; what a specification is made of decides whether it is checked. */
import { spawnSync } from "node:child_process";
import { basename, join } from "node:path";
import type { LoadedSpec } from "../model/loader/load.ts";
import { UsageError } from "./exit.ts";

function git(...args: readonly string[]): readonly string[] {
  const { status, stdout, stderr, error } = spawnSync("git", args, { encoding: "utf8", maxBuffer: 1 << 28 });
  if (error !== undefined) throw new UsageError(`--changed asks git, which cannot be run: ${error.message}`);
  if (status !== 0) throw new UsageError(`--changed asks git, which says: ${stderr.trim().split("\n")[0] ?? ""}`);
  return stdout.split("\0").filter((name) => name !== "");
}

/** Files by which every check may change. */
const everything: readonly string[] = ["tsconfig.json", "package.json", "package-lock.json", "pnpm-lock.yaml", "yarn.lock"];

/** Tells whether a specification may have changed since the commit, untracked files included. */
export function changedSince(commit: string): (spec: Pick<LoadedSpec, "closure">) => boolean {
  if (commit.startsWith("-")) throw new UsageError(`"${commit}" names no commit`);
  const [root = "."] = git("rev-parse", "--show-toplevel").map((line) => line.trimEnd());
  const names = [...git("-C", root, "diff", "--name-only", "-z", commit, "--"), ...git("-C", root, "ls-files", "--others", "--exclude-standard", "-z")];
  const all = names.some((name) => everything.includes(basename(name)) || /^ipc-check\.config\.m?[jt]s$/u.test(basename(name)));
  const files = new Set(names.map((name) => join(root, name)));
  return ({ closure }) => all || closure.some((file) => files.has(file));
}
