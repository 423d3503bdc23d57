// `npm run bench`: our engine beside SPIN and Rumur on the same protocols, in one run.
//
// Options: --runs N (default 3), --case NAME (may be repeated; "growth" and "start" are sections, too), --quick (small
// parameters, one run), --large (the case of 10^8 states as well), --patience S (a search is stopped after so many seconds),
// --write (docs/performance.md). The tools take turns, so that whatever else the machine does meets all. Medians, with
// the least and the greatest value.
import { readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { cases } from "./cases.mjs";
import { compare } from "./comparison.mjs";
import { table } from "./figures.mjs";
import { growth } from "./growth.mjs";
import * as rumur from "./rumur.mjs";
import * as spin from "./spin.mjs";
import { startup } from "./startup.mjs";

const { values: options } = parseArgs({
  options: {
    runs: { type: "string" },
    case: { type: "string", multiple: true },
    quick: { type: "boolean", default: false },
    large: { type: "boolean", default: false },
    patience: { type: "string", default: "45" },
    write: { type: "boolean", default: false },
  },
});
const positive = (name, text) => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} ${text}: a positive whole number is needed`);
  return value;
};
const patience = positive("patience", options.patience);
const runs = positive("runs", options.runs ?? (options.quick ? "1" : "3"));
/** Seconds of search beyond which a search is not repeated. */
const long = 15;
const known = [...cases.map(({ name }) => name), "growth", "start"];
for (const name of options.case ?? []) if (!known.includes(name)) throw new Error(`--case ${name}: there are ${known.join(", ")}`);
if (options.write && (options.quick || options.case !== undefined)) throw new Error("--write is for a whole run, without --quick and --case");
const wanted = (name, byDefault = true) => options.case?.includes(name) ?? byDefault;
process.chdir(join(import.meta.dirname, ".."));

const lines = [];
const targets = [];
const say = (...more) => {
  for (const line of more) console.log(line);
  lines.push(...more);
};
const section = (measured) => {
  say(...measured.lines);
  targets.push(...measured.targets);
};

say("# Performance", "", "Printed by `npm run bench -- --write`; the figures are of the machine named below and of that day.", "");
const machine = `${cpus()[0]?.model.trim()}, ${cpus().length} CPUs, ${Math.round(totalmem() / 2 ** 30)} GB; Node ${process.version}`;
say(`- ${machine}; load average at the start ${loadavg()[0].toFixed(2)}`);
if (spin.available())
  say(
    `- ${spin.versions()}; \`gcc ${spin.unreduced.join(" ")}\`, depth first`,
    "- SPIN: the export in the style `flat` (all states, and with COLLAPSE), and `processes` for its partial order; by hand: bench/promela, written for SPIN's speed",
    "- every search of all states has found the same number, or the run fails; SPIN counts one transition more, its first",
    "- SPIN's bytes a state are its states and its hash table, without its stack; ours are everything the search allocates",
  );
else say("- SPIN is not here (`spin` and `gcc` must be on the path)");
if (rumur.available()) say(`- ${rumur.version()} on the exported Murphi model, with \`gcc -O2\`; its bytes a state are its whole memory`);
else say("- Rumur is not here (`rumur` and `gcc` must be on the path)");
say(
  `- the tools take turns; median of ${runs} (least to greatest), ratios run by run; a search of more than ${long} s is run once, one of ${patience} s is stopped`,
  "- exploring: visiting all states; of SPIN and Rumur that is what their compiled verifiers take. Search: ours with generating code before it and lost wakeups after it, which SPIN does not look for. To verdict: all of it, from the source of the model, generating and compiling included",
  "",
);
for (const each of cases) {
  if (!wanted(each.name, options.large || each.large !== true)) continue;
  const parameters = options.quick ? each.quick : each.parameters;
  section(compare({ ...each, parameters }, { runs: each.large ? 1 : runs, long, patience }));
}
if (wanted("growth")) section(growth({ runs, long, patience, most: options.quick ? 3 : 6 }));
if (wanted("start")) section(startup({ runs }));
say("## Targets", "");
say(
  ...table(
    ["target", "reached", ""],
    targets.map(({ what, reached, met }) => [what, reached, met ? "met" : "missed"]),
  ),
);
if (options.write) {
  // The last section is that of bench/liveness.mjs.
  const [, runsOf] = readFileSync("docs/performance.md", "utf8").split(/^(?=## Runs$)/m);
  writeFileSync("docs/performance.md", `${lines.join("\n").trim()}\n${runsOf === undefined ? "" : `\n${runsOf}`}`);
  console.log("written to docs/performance.md");
}
