// `node bench/liveness.mjs`: what it costs to judge runs, as a share of the states a second of the search for safety, and how
// much of the states is visited where something is wrong. Options: --runs N (default 5), --workers N (default 1), --write (into
// docs/performance.md).
//
// Each protocol of bench/specs/runs.ts is searched for nothing, for []<>p, for [](p -> <>q) and for progress, under weak and
// under strong fairness; all of that in turn, as often as there are runs, each in a process of its own. Medians. With one
// worker time is that of the CPU, so that whatever else the machine does matters less; with several it is the wall's.
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

const { values: options } = parseArgs({
  options: { runs: { type: "string", default: "5" }, workers: { type: "string", default: "1" }, write: { type: "boolean", default: false } },
});
const runs = Number(options.runs);
const workers = Number(options.workers);
for (const [name, value] of Object.entries({ runs, workers }))
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} ${options[name]}: a positive number is needed`);
process.chdir(join(import.meta.dirname, ".."));

const protocols = ["ticket", "testAndSet", "ring", "rpc", "barging"];
const asked = ["response", "again", "progress"];
const fairness = ["weak", "strong"];

const lines = [];
const say = (line = "") => {
  console.log(line);
  lines.push(line);
};
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
function search(protocol, what) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["bench/judge.mjs", "bench/specs/runs.ts", protocol, what, `--workers=${workers}`], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${protocol}, ${what}: ${stderr}`);
  return JSON.parse(stdout);
}

const kinds = ["nothing", ...fairness.flatMap((strength) => asked.map((property) => `${property}:${strength}`))];
const results = new Map(protocols.flatMap((protocol) => kinds.map((what) => [`${protocol} ${what}`, []])));
for (let run = 0; run < runs; run++)
  for (const protocol of protocols) for (const what of kinds) results.get(`${protocol} ${what}`).push(search(protocol, what));

const rate = (of) => median(of.map((result) => result.states / (workers === 1 ? result.cpu : result.seconds)));
say("## Runs");
say();
say("Printed by `node bench/liveness.mjs`: states a second of a search that judges runs, as a share of those of the search for safety.");
say("`response` is a formula `[](p -> <>q)`, `again` one `[]<>p`, `progress` that of every thread. Where something is wrong: how much");
say("of the states was visited until it was found, and the length of the run that is shown.");
say();
say(`- ${cpus()[0]?.model}, ${cpus().length} CPUs; Node ${process.version}; load average ${loadavg()[0].toFixed(1)}`);
say(`- ${workers} worker(s); median of ${runs}; time of the ${workers === 1 ? "CPU" : "wall"}`);
say();
say(`| | states | M states/s | fairness | ${asked.join(" | ")} |`);
say("| --- | ---: | ---: | --- | ---: | ---: | ---: |");
let least = Number.POSITIVE_INFINITY;
for (const protocol of protocols) {
  const safety = results.get(`${protocol} nothing`);
  const [{ states }] = safety;
  for (const strength of fairness) {
    const cells = asked.map((property) => {
      const of = results.get(`${protocol} ${property}:${strength}`);
      const [{ verdict, findings, states: visited }] = of;
      if (verdict === "violated") return `violated, in ${((100 * visited) / states).toFixed(1)} % of the states, ${findings[0].path} steps`;
      const share = rate(of) / rate(safety);
      least = Math.min(least, share);
      return share.toFixed(2);
    });
    say(`| ${protocol} | ${states.toLocaleString("en-US")} | ${(rate(safety) / 1e6).toFixed(2)} | ${strength} | ${cells.join(" | ")} |`);
  }
}
say();
say(`the least share: ${least.toFixed(2)} (wanted: at least 0.33)`);
if (options.write) {
  const [before] = readFileSync("docs/performance.md", "utf8").split(/^(?=## Runs$)/m);
  writeFileSync("docs/performance.md", `${before.trim()}\n\n${lines.join("\n").trim()}\n`);
  console.log("written to docs/performance.md");
}
