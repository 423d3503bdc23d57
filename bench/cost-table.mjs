// `npm run cost-table`: writes docs/cost.md, which sets predictions beside figures that others have measured.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { callCost, callings, causes, findProfile, profiles, references, total } from "../dist/cost/index.js";
import { figures, loads, mix, ratios, unpredicted, works } from "./cost-figures.mjs";

const calls = 8;
/** From this error on a prediction misses and is explained. */
const tolerance = 0.25;
/** By number of CPUs; the longest messages are left out where they add time and nothing new. */
const sizesOn = { 1: [8, 64, 256, 1024, 4000], 2: [8, 64, 256, 1024] };
const compared = ["i486-50"];

const measured = new Map();
/** A call and its reply; each is measured once. */
async function cost(kernel, machine, bytes, cpus) {
  const key = `${kernel} ${machine} ${bytes} ${cpus}`;
  const calling = callings.find(({ name }) => name === kernel);
  const profile = findProfile(machine);
  if (calling === undefined || profile === null) throw new Error(`${key}: there is no such kernel or machine`);
  if (!measured.has(key)) measured.set(key, await callCost(calling, { profile, bytes, cpus, calls, seed: 1 }));
  return measured.get(key);
}

const parts = {
  there: ({ there }) => there,
  back: ({ elapsed, there }) => elapsed - there,
  half: ({ elapsed }) => elapsed / 2,
  // What the processor spends itself, caches and TLB aside.
  direct: ({ elapsed, cycles }) => (elapsed - cycles["cache misses"] - cycles["TLB misses"]) / 2,
  both: ({ elapsed }) => elapsed,
};

const number = (value) => (value >= 100 ? Math.round(value).toString() : value.toPrecision(3).replace(/\.?0+$/u, ""));
const percent = (error) => `${error >= 0 ? "+" : "−"}${Math.round(Math.abs(error) * 100)} %`;
const row = (cells) => `| ${cells.join(" | ")} |`;
const table = (head, rows, right = []) => [row(head), row(head.map((_, column) => (right.includes(column) ? "--:" : "---"))), ...rows.map(row)].join("\n");
const sizeText = (bytes) => (bytes >= 1024 ? `${Number((bytes / 1024).toFixed(1))} KB` : `${bytes} B`);

/** The reason for a miss; undefined if there is none. Every miss must have one. */
function reasonFor(name, error, because) {
  if (Math.abs(error) <= tolerance) return undefined;
  if (because === undefined) throw new Error(`${name} misses by ${percent(error)} and nothing explains it (bench/cost-figures.mjs)`);
  return because;
}

async function predictions() {
  const rows = [];
  /** What misses, by the reason. */
  const misses = new Map();
  const miss = (because, text) => misses.set(because, [...(misses.get(because) ?? []), text]);
  for (const { work, what, machine, kernel, bytes, part, value, unit, because } of figures) {
    const call = await cost(kernel, machine, bytes, 1);
    const cycles = parts[part](call);
    const predicted = unit === "cycles" ? cycles : cycles / findProfile(machine).megahertz;
    const error = predicted / value - 1;
    const name = `${what}, ${findProfile(machine).title}`;
    const reason = reasonFor(name, error, because);
    rows.push([what, machine, `${number(value)} ${unit}`, `${number(predicted)} ${unit}`, percent(error), work]);
    if (reason === undefined) continue;
    const shares = causes.filter((cause) => call.cycles[cause] >= 0.5).map((cause) => `${cause} ${number(call.cycles[cause])}`);
    miss(reason, `  - ${what}, ${machine} (${percent(error)}): a call and its reply by cause are ${shares.join(", ")}`);
  }
  for (const { work, what, machine, kernels, bytes, value, because } of ratios) {
    const [fast, slow] = await Promise.all(kernels.map((kernel) => cost(kernel, machine, bytes, 1)));
    const predicted = slow.elapsed / fast.elapsed;
    const error = predicted / value - 1;
    const reason = reasonFor(what, error, because);
    rows.push([what, machine, `${number(value)} times`, `${number(predicted)} times`, percent(error), work]);
    if (reason !== undefined) miss(reason, `  - ${what}, ${machine} (${percent(error)})`);
  }
  const work = (mix.seconds * mix.megahertz * 1e6) / mix.systemCalls;
  for (const { work: source, what, machine, kernel, without, value, because } of loads) {
    const profile = findProfile(machine);
    const { elapsed, cycles } = await cost(kernel, machine, 64, 1);
    const call = elapsed - without.reduce((all, cause) => all + cycles[cause], 0);
    // In place of a trap, which the load has without a server as well.
    const more = call - profile.cycles.kernelEntry - profile.cycles.kernelExit;
    const predicted = 1 - work / (work + more);
    const error = predicted / value - 1;
    const reason = reasonFor(what, error, because);
    rows.push([what, machine, `${number(value * 100)} %`, `${number(predicted * 100)} %`, percent(error), source]);
    if (reason !== undefined)
      miss(reason, `  - ${what}, ${machine} (${percent(error)}): ${number(more)} cycles more for each ${number(work)} that the load does without a server`);
  }
  return { rows, misses };
}

const sentence = (text) => `${text[0].toUpperCase()}${text.slice(1)}.`;

async function comparison(machine, cpus) {
  const sizes = sizesOn[cpus];
  const rows = [];
  for (const { name, longest, mostCpus = 2 } of callings) {
    if (cpus > mostCpus) continue;
    const each = await Promise.all(sizes.map((bytes) => (bytes > longest ? null : cost(name, machine, bytes, cpus))));
    rows.push([
      name,
      ...each.map((call) => (call === null ? "" : number(call.elapsed))),
      ...causes.map((cause) => (each[0].cycles[cause] < 0.5 ? "" : number(each[0].cycles[cause]))),
      number(Math.max(0, each[0].elapsed - total(each[0].cycles))),
    ]);
  }
  const used = [...causes.keys()].filter((index) => rows.some((cells) => cells[1 + sizes.length + index] !== ""));
  const keep = (cells) => [...cells.slice(0, 1 + sizes.length), ...used.map((index) => cells[1 + sizes.length + index]), ...(cpus === 1 ? [] : [cells.at(-1)])];
  const head = ["kernel", ...sizes.map(sizeText), ...causes, "waiting"];
  return table(
    keep(head),
    rows.map(keep),
    Array.from({ length: 40 }, (_, index) => index + 1),
  );
}

function machineNumbers() {
  const value = (profile, name) => {
    const part = profile.cycles[name] ?? profile[name];
    if (typeof part !== "object") return Number(part.toFixed(2));
    return Object.entries(part)
      .map(([key, each]) => (typeof each === "object" && each !== null ? `${key} ${each.sets} × ${each.ways}` : `${key} ${each}`))
      .join(", ");
  };
  return profiles
    .filter(({ megahertz }) => megahertz !== null)
    .map((profile) => {
      const rows = Object.entries(profile.sources).map(([name, { basis, reference, note }]) => [name, value(profile, name), basis, reference ?? "", note]);
      return `### ${profile.name}: ${profile.title}\n\n${table(["number", "value", "basis", "reference", "note"], rows, [1])}`;
    })
    .join("\n\n");
}

const cited = (list) =>
  Object.entries(list)
    .map(([name, { authors, title, where }]) => `- \`${name}\`: ${authors}, “${title}”, ${where}`)
    .join("\n");

/** The whole document. */
export async function costDocument() {
  const { rows, misses } = await predictions();
  const explanations = [...misses].map(([because, texts]) => [`- ${sentence(because)}`, ...texts].join("\n"));
  const hits = rows.length - [...misses.values()].flat().length;
  const comparisons = [];
  for (const machine of compared)
    for (const cpus of [1, 2])
      comparisons.push(
        `### ${findProfile(machine).title}, ${cpus === 1 ? "client and server on one CPU" : "each on a CPU of its own"}\n\n${await comparison(machine, cpus)}`,
      );
  return `# What a call costs, beside what others have measured

Generated by \`npm run cost-table\`; a test fails when it is out of date.

A prediction is what \`ipc-check cost\` measures when the executable kernel runs a call and its reply on a model machine
(docs/architecture.md, "Cost"). A machine's numbers come from processor manuals and from measurements of single
instructions and caches. No figure of this table, and no work that it is from, is a source of any of them, and nothing
was adjusted to a figure: where a prediction misses by more than ${tolerance * 100} %, the reason is given and the miss stays. Two
things are model assumptions, the same for every kernel and machine: how many instructions an access to memory stands for,
and that values of several words are moved as by a string instruction.

What of its throughput a load loses when its system calls become calls of a server is predicted from one mix (\`${mix.work}\`):
${mix.systemCalls.toLocaleString("en")} system calls in ${mix.seconds} s at ${mix.megahertz} MHz. A cycle there is taken to do as much work as one of the
machine; each call carries 64 bytes either way.

## Predictions

${hits} of ${rows.length} lie within ${tolerance * 100} %.

${table(["figure", "machine", "measured", "predicted", "error", "work"], rows, [2, 3, 4])}

${misses.size === 0 ? "" : `What misses by more, and why:\n\n${explanations.join("\n")}\n`}
Published, and not predicted:

${unpredicted.map((text) => `- ${text}`).join("\n")}

## Kernels compared

Cycles from one return of the client's call to the next, by the size of the message, and by cause for the smallest.

${comparisons.join("\n\n")}

${callings.map(({ name, how }) => `- **${name}**: ${how}`).join("\n")}

## Works that measured

${cited(works)}

## The machines' numbers

\`published\`: read in the reference. \`recalled\`: known to be there, not looked up again. \`estimate\`: derived as the note
says. Cycles unless stated.

${machineNumbers()}

## References of the machines' numbers

${cited(references)}
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const file = join(import.meta.dirname, "..", "docs", "cost.md");
  writeFileSync(file, await costDocument());
  console.log("docs/cost.md is written");
}
