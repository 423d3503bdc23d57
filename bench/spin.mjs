// SPIN on a hand-written model: generate, compile, run, and read the figures that pan prints.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** SPIN at its best for an exact search of all states on one core: fast code, no reduction, no checks that we lack. */
export const flags = ["-O2", "-DSAFETY", "-DNOREDUCE", "-DNOFAIR", "-DNOBOUNDCHECK"];

const works = (command, ...args) => spawnSync(command, args, { stdio: "ignore" }).status === 0;
export const available = () => works("spin", "-V") && works("gcc", "--version");
const firstLine = (command, ...args) => spawnSync(command, args, { encoding: "utf8" }).stdout.split("\n")[0].trim();
export const versions = () => `${firstLine("spin", "-V")}, ${firstLine("gcc", "--version")}`;

function must(command, args, cwd) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: "utf8", maxBuffer: 1 << 26 });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed: ${error?.message ?? stderr + stdout}`);
  return stdout;
}

/** The same with SPIN's own partial order, and with its compression. */
export const reduced = flags.filter((flag) => flag !== "-DNOREDUCE");
export const collapsed = [...reduced, "-DCOLLAPSE"];

/** Makes the verifier of a model with the given `-D` definitions; `run` searches with a hash table of 2^w slots. */
export function verifier(model, definitions, how = flags) {
  const folder = mkdtempSync(join(tmpdir(), "ipc-check-bench-"));
  const defines = Object.entries(definitions).map(([name, value]) => `-D${name}=${value}`);
  must("spin", ["-a", ...defines, resolve(model)], folder);
  must("gcc", [...how, "-o", "pan", "pan.c"], folder);
  return {
    run(w, depth) {
      const output = must("./pan", [`-w${w}`, `-m${depth}`], folder);
      const figure = (pattern) => {
        const found = pattern.exec(output);
        if (found === null) throw new Error(`pan did not print ${pattern}:\n${output}`);
        return Number(found[1]);
      };
      if (/max search depth too small|error: |out of memory/.test(output) || figure(/errors: (\d+)/) !== 0)
        throw new Error(`pan did not finish the search:\n${output}`);
      const states = figure(/^\s*(\S+) states, stored/m);
      const megabytes = figure(/([\d.]+)\s+actual memory usage for states/) + figure(/([\d.]+)\s+memory used for hash table/);
      return {
        states,
        transitions: figure(/^\s*(\S+) transitions/m),
        seconds: figure(/elapsed time ([\d.]+) seconds/),
        bytesPerState: (megabytes * 2 ** 20) / states,
        peak: figure(/([\d.]+)\s+total actual memory usage/) * 2 ** 20,
      };
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}
