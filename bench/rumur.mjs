// Rumur on an exported Murphi model: generate, compile, run, and read what the checker prints.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { rumurOptions } from "../dist/counterexamples/export/murphi.js";
import { firstLine, has, run, timed } from "./processes.mjs";

export const available = () => has("rumur", "--version") && has("gcc", "--version");
export const version = () => firstLine("rumur", "--version");

/** Makes the checker of a model, for one thread; `built` are the seconds that takes, `patience` at most. */
export function checker(model, patience) {
  const folder = mkdtempSync(join(tmpdir(), "ipc-check-bench-"));
  try {
    const { wall: built } = timed(() => {
      run("rumur", [...rumurOptions, "--threads", "1", "-o", "model.c", resolve(model)], { cwd: folder });
      const done = run("gcc", ["-O2", "-w", "-mcx16", "-o", "model", "model.c", "-lpthread"], { cwd: folder, patience });
      if (done === null) throw new Error(`not compiled within ${patience} s`);
    });
    return {
      built,
      /** Null if it takes longer than `patience` seconds. */
      run(patience) {
        const done = run("./model", [], { cwd: folder, patience });
        if (done === null) return null;
        const [, states, transitions] = /(\d+) states, (\d+) rules fired/.exec(done.output) ?? [];
        if (states === undefined || /error\(s\)|failed/iu.test(done.output)) throw new Error(`Rumur did not finish the search:\n${done.output}`);
        return {
          states: Number(states),
          transitions: Number(transitions),
          // It prints whole seconds only.
          seconds: done.wall,
          toVerdict: built + done.wall,
          bytesPerState: done.peak / Number(states),
          peak: done.peak,
        };
      },
      remove: () => rmSync(folder, { recursive: true }),
    };
  } catch (error) {
    rmSync(folder, { recursive: true });
    throw error;
  }
}
