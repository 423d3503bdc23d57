// One case: our engine with one and two workers, with and without reductions, beside SPIN and Rumur on the exported models.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bytes, count, median, megabytes, millions, ratios, seconds, spread, table, times } from "./figures.mjs";
import { engine, exported, mostOfTwo } from "./ours.mjs";
import * as rumur from "./rumur.mjs";
import * as spin from "./spin.mjs";

const symmetry = "--symmetry=true";
const order = "--partialOrder=always";
const one = "--workers=1";
const two = "--workers=2";
const [plain, pair, symmetric, best] = ["ipc-check", "2 workers", "symmetry", "symmetry and partial order"];
const ways = [
  [plain, [one]],
  [pair, [two]],
  [symmetric, [one, symmetry]],
  ["partial order", [one, order]],
  [best, [one, symmetry, order]],
  ["both, 2 workers", [two, symmetry, order]],
];

/** Searches of other tools: how each is made from the folder of exported models, and which of our searches must have found as much (`equal`). */
function others({ spec, parameters, twin }, folder) {
  const written = new Set();
  const text = (name, ...options) => {
    const path = join(folder, name);
    if (!written.has(name)) exported(spec, parameters, ...options, "--output", path);
    written.add(name);
    return path;
  };
  const flat = () => text("flat.pml", "--to", "promela", "--style", "flat");
  const inSpin = (make) => (states) => {
    const verifier = make();
    const slots = Math.max(16, Math.ceil(Math.log2(states)) + 1);
    return { ...verifier, run: (patience) => verifier.run(slots, Math.max(1000, 3 * states), patience) };
  };
  const asFlat = (compile) => inSpin(() => spin.verifier(flat(), { generate: ["-o2"], compile, search: ["-E"] }));
  const byHand = (compile) => inSpin(() => spin.verifier(twin.model, { definitions: twin.definitions(parameters), compile }));
  const orbits = (_, patience) => {
    const [all, some] = [text("all.m", "--to", "murphi"), text("orbits.m", "--to", "murphi", "--symmetry")];
    if (readFileSync(all, "utf8") === readFileSync(some, "utf8")) throw new Error("no replicas that can be put in any order");
    return rumur.checker(some, patience);
  };
  const found = [];
  if (spin.available()) {
    found.push(
      { name: "SPIN", equal: plain, make: asFlat(spin.unreduced) },
      { name: "SPIN, COLLAPSE", equal: plain, make: asFlat(spin.collapsed) },
      {
        name: "SPIN, its partial order",
        make: inSpin(() => spin.verifier(text("processes.pml", "--to", "promela", "--style", "processes"), { compile: spin.reduced })),
      },
      { name: "SPIN, 2 cores", make: asFlat(spin.multicore) },
    );
    if (twin !== undefined)
      found.push(
        { name: "SPIN by hand", equal: plain, make: byHand(spin.unreduced) },
        { name: "by hand, COLLAPSE", equal: plain, make: byHand(spin.collapsed) },
        { name: "by hand, partial order", make: byHand(spin.reduced) },
        { name: "by hand, 2 cores", make: byHand(spin.multicore) },
      );
  }
  if (rumur.available())
    found.push(
      { name: "Rumur", equal: plain, first: 0, make: (_, patience) => rumur.checker(text("all.m", "--to", "murphi"), patience) },
      { name: "Rumur, symmetry", equal: symmetric, first: 0, make: orbits },
    );
  return found;
}

/** Why a tool cannot do something, in its words; whatever else has happened ends the benchmark. */
function reason(error) {
  const known = [
    /#error (.*)/,
    /cannot be exported: (.*)/,
    /(not compiled within \d+ s)/,
    /(no replicas that can be put in any order)/,
    /(pan did not finish the search:[\s\S]{0,300})/,
  ];
  const found = known.map((pattern) => pattern.exec(error.message)?.[1]).find((text) => text !== undefined);
  if (found === undefined) throw error;
  return found.replaceAll("\n", " ");
}

/**
 * Measures a case: `runs` times, the tools in turn, so that whatever else the machine does meets all of them; a search of more
 * than `long` seconds once, and none longer than `patience` seconds. Gives the lines of its section and its targets.
 */
export function compare(each, { runs, long, patience }) {
  const { spec, parameters, title } = each;
  const folder = mkdtempSync(join(tmpdir(), "ipc-check-models-"));
  const lines = [
    `## ${title}`,
    "",
    `${spec} with ${Object.entries(parameters)
      .map(([name, value]) => `${name}=${value}`)
      .join(" ")}`,
    "",
  ];
  const rows = new Map(ways.map(([name]) => [name, []]));
  const notes = [];
  const rivals = [];
  const bounds = [];
  const progress = (text) => process.stderr.write(`${each.name}: ${text}\n`);
  try {
    progress(plain);
    rows.get(plain).push(engine(spec, parameters, [one]));
    const { states } = rows.get(plain)[0];
    for (const { name, equal, first = 1, make } of others(each, folder)) {
      progress(`${name}: build`);
      try {
        rivals.push({ name, equal, first, ...make(states, patience) });
        rows.set(name, []);
      } catch (error) {
        notes.push(`- ${name}: not measured: ${reason(error)}`);
      }
    }
    for (let run = 0; run < runs; run++) {
      for (const [name, options] of ways) {
        const results = rows.get(name);
        if (results.length <= run && !(results[0]?.seconds > long)) results.push(engine(spec, parameters, options));
      }
      if (bounds.length <= run && !(rows.get(plain)[0]?.seconds > long)) bounds.push(mostOfTwo(spec, parameters, rows.get(plain)[run]));
      for (const rival of rivals) {
        const { name, equal, first } = rival;
        const results = rows.get(name);
        if (results.length < run || results[0]?.seconds > long) continue;
        progress(`${name}: run ${run + 1}`);
        let result;
        try {
          result = rival.run(patience);
        } catch (error) {
          notes.push(`- ${name}: not measured: ${reason(error)}`);
          rival.run = () => null;
          continue;
        }
        if (result === null) {
          notes.push(`- ${name}: stopped after ${patience} s`);
          continue;
        }
        // SPIN counts the initial state as a transition.
        const expected = equal === undefined ? result : rows.get(equal)[0];
        if (result.states !== expected.states || (equal !== undefined && result.transitions !== expected.transitions + first))
          throw new Error(
            `${name} and we differ on ${spec}: ${result.states} and ${expected.states} states, ${result.transitions} and ${expected.transitions} transitions`,
          );
        results.push(result);
      }
    }
  } finally {
    for (const { remove } of rivals) remove();
    rmSync(folder, { recursive: true });
  }
  const ours = rows.get(plain);
  const reduced = rows.get(best);
  const of = (results, field, show) =>
    spread(
      results.map((result) => result[field]),
      show,
    );
  // SPIN gives hundredths of a second, all of them of exploring: its verifier is compiled by then. Ours is exact.
  const rate = ({ transitions, seconds: all, exploring }) => transitions / (exploring ?? (all < 0.05 ? Number.NaN : all));
  const wholeRate = ({ transitions, seconds: all }) => (all < 0.05 ? Number.NaN : transitions / all);
  lines.push(
    ...table(
      [
        "",
        "states",
        "transitions",
        "exploring, s",
        "search, s",
        "to verdict, s",
        "M transitions/s exploring",
        "of the search",
        "bytes a state",
        "peak MB",
        "our rate exploring : its",
        "of the search : its",
        "its time : ours, reduced",
      ],
      [...rows]
        .filter(([, results]) => results.length > 0)
        .map(([name, results]) => [
          name,
          count(results[0].states),
          count(results[0].transitions),
          spread(
            results.map(({ seconds: all, exploring: time = all }) => time),
            seconds,
          ),
          of(results, "seconds", seconds),
          of(results, "toVerdict", seconds),
          spread(results.map(rate).filter(Number.isFinite), millions),
          spread(results.map(wholeRate).filter(Number.isFinite), millions),
          of(results, "bytesPerState", bytes),
          of(results, "peak", megabytes),
          spread(ratios(ours, results, rate), times),
          spread(ratios(ours, results, wholeRate), times),
          spread(
            ratios(results, reduced, ({ toVerdict }) => toVerdict),
            times,
          ),
        ]),
    ),
  );
  const workers = ratios(ours, rows.get(pair), ({ exploring }) => exploring);
  const whole = ratios(ours, rows.get(pair), ({ seconds: all }) => all);
  const work = ratios(rows.get(pair), ours, ({ cpu }) => cpu);
  lines.push(
    `With two workers: exploring ${spread(workers, times)} times as fast, the search ${spread(whole, times)} times, with ${spread(work, times)} times the CPU seconds.`,
  );
  if (bounds.length > 0) lines.push(`Two searches at once that share nothing: ${spread(bounds, times)} times the work of one.`);
  lines.push("");
  if (notes.length > 0) lines.push(...notes, "");
  return { lines, targets: targetsOf(each, rows, { workers, whole }, { rate, wholeRate }) };
}

/**
 * What the case is to reach: the best of SPIN's searches of all states counts, whoever wrote its model. Rates are those of
 * exploring, as SPIN's are; beside them stands what the whole search comes to.
 */
function targetsOf({ name }, rows, { workers, whole }, { rate, wholeRate }) {
  const ours = rows.get(plain);
  const rivals = ["SPIN", "SPIN by hand"].map((rival) => rows.get(rival) ?? []).filter((results) => results.length > 0);
  const targets = [];
  const [{ states }] = ours;
  // Of a small one the start of the threads and the first allocations would be measured.
  if (states < 1e5) return [];
  const both = (exploring, all) => `${times(exploring)} times (of the whole search: ${times(all)})`;
  targets.push({ what: `${name}: two workers explore 1.85 times as fast as one`, reached: both(median(workers), median(whole)), met: median(workers) >= 1.85 });
  if (rivals.length === 0) return targets;
  const least = (of) => Math.min(...rivals.map((results) => median(ratios(ours, results, of))));
  const faster = least(rate);
  const smaller = Math.min(...rivals.map((results) => median(ratios(results, ours, ({ bytesPerState }) => bytesPerState))));
  if (Number.isFinite(faster))
    targets.push({ what: `${name}: at least 4 times SPIN's transitions/s`, reached: both(faster, least(wholeRate)), met: faster >= 4 });
  targets.push({ what: `${name}: at most a quarter of SPIN's bytes a state`, reached: `1/${times(smaller)}`, met: smaller >= 4 });
  return targets;
}
