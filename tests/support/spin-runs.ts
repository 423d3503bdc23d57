/** SPIN's search for acceptance cycles: which `ltl` claims of a model it finds violated. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Without reduction and without SPIN's own weak fairness. */
export function violatedClaims(model: string, claims: readonly string[]): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), "ipc-check-spin-"));
  try {
    writeFileSync(join(folder, "model.pml"), model);
    execFileSync("spin", ["-o2", "-a", "model.pml"], { cwd: folder, stdio: "pipe" });
    execFileSync("gcc", ["-O0", "-w", "-DNOREDUCE", "-DVECTORSZ=4096", "-o", "pan", "pan.c"], { cwd: folder, stdio: "pipe" });
    return claims.filter((claim) => {
      const output = execFileSync("./pan", ["-a", "-E", "-N", claim, "-m100000", "-w20"], { cwd: folder, encoding: "utf8", stdio: "pipe", maxBuffer: 1 << 26 });
      if (/max search depth too small|truncated/.test(output)) throw new Error(`SPIN's search was cut off:\n${output}`);
      const errors = /errors: (\d+)/.exec(output)?.[1];
      if (errors === undefined || !output.includes(`(${claim})`)) throw new Error(`SPIN has not judged ${claim}:\n${output}`);
      return errors !== "0";
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
