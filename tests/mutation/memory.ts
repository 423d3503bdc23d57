/** What earlier runs have found of a kernel's mutants, so that a run can go on where another has ended; forgotten when the kernel changes. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Verdict } from "./judge.ts";
import { type Mutant, nameOf } from "./mutants.ts";

interface Remembered {
  /** Of the kernel's built code. */
  readonly hash: string;
  readonly verdicts: Record<string, Verdict>;
}

export class Memory {
  readonly #file: string;
  readonly #content: Remembered;

  /** `keep`: what is known already counts. */
  constructor(kernel: string, keep: boolean) {
    this.#file = join("node_modules", ".cache", `mutants-${kernel}.json`);
    const folder = join("dist", "kernel", kernel);
    const hash = createHash("sha256");
    for (const file of readdirSync(folder).sort()) if (file.endsWith(".js")) hash.update(readFileSync(join(folder, file)));
    const now = hash.digest("hex");
    const before = keep && existsSync(this.#file) ? (JSON.parse(readFileSync(this.#file, "utf8")) as Remembered) : null;
    if (before !== null && before.hash !== now) process.stderr.write(`${kernel} has changed since the last run: its mutants are judged anew\n`);
    this.#content = before?.hash === now ? before : { hash: now, verdicts: {} };
  }

  recall(mutant: Mutant): Verdict | undefined {
    return this.#content.verdicts[nameOf(mutant)];
  }

  /** Written at once, so that a run that is interrupted loses nothing. */
  note(mutant: Mutant, verdict: Verdict): void {
    this.#content.verdicts[nameOf(mutant)] = verdict;
    writeFileSync(this.#file, JSON.stringify(this.#content, null, 1));
  }
}
