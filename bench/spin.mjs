// SPIN on a model: generate, compile, run, and read the figures that pan prints.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { firstLine, has, run, timed } from "./processes.mjs";

/** SPIN at its best for an exact search on one core: fast code, no checks that we lack. */
const plain = ["-O2", "-w", "-DSAFETY", "-DNOFAIR", "-DNOBOUNDCHECK", "-DVECTORSZ=4096"];
/** Its searches of all states: without reduction, with partial order, with compression, with two processes. */
export const unreduced = [...plain, "-DNOREDUCE"];
export const reduced = plain;
export const collapsed = [...plain, "-DCOLLAPSE"];
export const multicore = [...plain, "-DNOREDUCE", "-DNCORE=2", "-DMEMLIM=8000"];

export const available = () => has("spin", "-V") && has("gcc", "--version");
export const versions = () => `${firstLine("spin", "-V")}, ${firstLine("gcc", "--version")}`;

const edit = (path, change) => writeFileSync(path, change(readFileSync(path, "utf8")));

/**
 * Makes the verifier of a model; `built` are the seconds that takes. `definitions` are those of the model, `generate` and
 * `search` options of spin and pan. `run` looks for some 2^w states to a depth of `depth`; null if it takes too long.
 */
export function verifier(model, { definitions = {}, generate = [], compile = unreduced, search = [] } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "ipc-check-bench-"));
  const defines = Object.entries(definitions).map(([name, value]) => `-D${name}=${value}`);
  try {
    const { wall: built } = timed(() => {
      run("spin", [...generate, "-a", ...defines, resolve(model)], { cwd: folder });
      // A hidden variable of these models never outlives a step, so that each process of SPIN may have one of its own.
      if (compile === multicore) edit(join(folder, "pan.c"), (text) => text.replace(/^\s*#error cannot use hidden variables.*$/m, ""));
      run("gcc", [...compile, "-o", "pan", "pan.c"], { cwd: folder });
    });
    return {
      built,
      run(w, depth, patience) {
        const pan = () => run("./pan", [...search, `-w${w}`, `-m${depth}`], { cwd: folder, patience });
        const done = compile === multicore ? persistent(pan) : pan();
        return done === null ? null : figures(done, built);
      },
      remove: () => rmSync(folder, { recursive: true }),
    };
  } catch (error) {
    rmSync(folder, { recursive: true });
    throw error;
  }
}

/** Two processes sometimes end with a segmentation fault when they give their shared memory back: then again, four times at most. */
function persistent(pan) {
  for (let left = 3; ; left--) {
    try {
      return pan();
    } catch (error) {
      if (left === 0 || !/signal 11/.test(error.message)) throw error;
    }
  }
}

function figures({ output, wall, peak }, built) {
  const figure = (pattern) => {
    const found = pattern.exec(output);
    if (found === null) throw new Error(`pan did not print ${pattern}:\n${output}`);
    return Number(found[1]);
  };
  if (/max search depth too small|error: |out of memory|truncated/.test(output) || figure(/errors: (\d+)/) !== 0)
    throw new Error(`pan did not finish the search:\n${output}`);
  const states = figure(/^\s*(\S+) states, stored/m);
  // States and hash table, without the stack of the depth-first search.
  const kept = figure(/([\d.]+)\s+actual memory usage for states/) + figure(/([\d.]+)\s+memory used for hash table/);
  return {
    states,
    transitions: figure(/^\s*(\S+) transitions/m),
    seconds: figure(/elapsed time ([\d.]+) seconds/),
    toVerdict: built + wall,
    bytesPerState: (kept * 2 ** 20) / states,
    peak: Number.isNaN(peak) ? figure(/([\d.]+)\s+total actual memory usage/) * 2 ** 20 : peak,
  };
}
