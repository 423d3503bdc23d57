// One search in a process of its own: `node bench/judge.mjs <spec> <export> <what> [--workers=n] [name=value …]` prints one
// line of JSON. What is asked of runs: "nothing", the name of a formula, or "progress"; "name:strong" gives all trusted
// threads that fairness.
import { search } from "../dist/checker/engine/index.js";
import { compile } from "../dist/model/compiler/index.js";
import { instantiate } from "../dist/model/language/protocol.js";
import { loadSpec } from "../dist/model/loader/load.js";

const [file, name, what, ...assignments] = process.argv.slice(2);
const [property, fairness] = what.split(":");
const pairs = assignments.map((text) => text.split("="));
const parameters = Object.fromEntries(pairs.filter(([key]) => !key.startsWith("--")).map(([key, value]) => [key, Number(value)]));
const options = Object.fromEntries(pairs.filter(([key]) => key.startsWith("--")).map(([key, value]) => [key.slice(2), Number(value)]));
const { protocols } = await loadSpec(file);
const { protocol } = protocols.find(({ exportName }) => exportName === name);
const system = compile(instantiate(protocol, parameters), { runs: { progress: property === "progress", ...(fairness === undefined ? {} : { fairness }) } });
const { liveness } = system;
const asked =
  property === "nothing"
    ? { ...system, liveness: null }
    : { ...system, liveness: { ...liveness, formulas: liveness.formulas.filter((formula) => formula.name === property) } };
const before = process.cpuUsage();
const { verdict, findings, stats } = await search(asked, options);
const { user, system: kernel } = process.cpuUsage(before);
console.log(
  JSON.stringify({ verdict, findings: findings.map(({ kind, path, loop }) => ({ kind, path: path.length, loop })), ...stats, cpu: (user + kernel) / 1e6 }),
);
