// `npm run bench`: our engine beside SPIN, in one run. Options: --runs N (default 5), --write (docs/performance.md).
//
// Two protocols, each written twice step for step (bench/specs, bench/promela): speed, bytes a state, peak memory; and the
// time from command to verdict on a small one; how cost grows with the clients, with both tools' reductions. The runs of the two tools alternate, so that whatever else the machine
// does meets both. Medians, with the least and the greatest value.
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { available, collapsed, flags, reduced, verifier, versions } from "./spin.mjs";

const { values: options } = parseArgs({ options: { runs: { type: "string", default: "5" }, write: { type: "boolean", default: false } } });
const runs = Number(options.runs);
if (!Number.isInteger(runs) || runs < 1) throw new Error(`--runs ${options.runs}: a positive number is needed`);
process.chdir(join(import.meta.dirname, ".."));

const cases = [
  { name: "rpc: 4 clients call one server", spec: "bench/specs/rpc.ts", model: "bench/promela/rpc.pml", w: 24, depth: 1_000_000 },
  { name: "mutex: 7 threads, one futex", spec: "bench/specs/mutex.ts", model: "bench/promela/mutex.pml", w: 24, depth: 3_000_000 },
];
const small = { spec: "bench/specs/rpc.ts", model: "bench/promela/rpc.pml", clients: 4, work: 3 };

const lines = [];
const say = (line = "") => {
  console.log(line);
  lines.push(line);
};

const sorted = (values) => [...values].sort((a, b) => a - b);
const median = (values) => {
  const order = sorted(values);
  const middle = order.length >> 1;
  return order.length % 2 === 1 ? order[middle] : (order[middle - 1] + order[middle]) / 2;
};
const spread = (values, show) => `${show(median(values))} (${show(Math.min(...values))} to ${show(Math.max(...values))})`;
const millions = (value) => (value / 1e6).toFixed(2);
const megabytes = (value) => (value / 2 ** 20).toFixed(0);
const seconds = (value) => value.toFixed(3);
const bytes = (value) => value.toFixed(1);
const count = (value) => value.toLocaleString("en-US");

function engine(spec, ...parameters) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["bench/engine.mjs", spec, ...parameters], { encoding: "utf8" });
  if (status !== 0) throw new Error(`our engine failed on ${spec}:\n${stderr}`);
  const result = JSON.parse(stdout);
  if (result.verdict !== "holds") throw new Error(`${spec} does not hold: ${result.verdict}`);
  return result;
}

/** Narrow states are none the smaller compressed; what that costs is shown all the same. */
const otherStores = ["compressed", "compact"];

/** Seconds of wall time that `work` takes. */
function timed(work) {
  const start = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - start) / 1e9;
}

const targets = [];
const target = (what, reached, met) => targets.push({ what, reached, met });

function table(header, rows) {
  say(`| ${header.join(" | ")} |`);
  say(`|${header.map((_, column) => (column === 0 ? " --- " : " ---: ")).join("|")}|`);
  for (const row of rows) say(`| ${row.join(" | ")} |`);
  say();
}

function speed({ name, spec, model, w, depth }, spin) {
  say(`## ${name}`);
  say();
  const ours = [];
  const both = [];
  const stores = new Map(otherStores.map((store) => [store, []]));
  const theirs = [];
  const pan = spin ? verifier(model, {}) : null;
  for (let run = 0; run < runs; run++) {
    ours.push(engine(spec, "--workers=1"));
    both.push(engine(spec, "--workers=2"));
    for (const [store, results] of stores) results.push(engine(spec, "--workers=1", `--store=${store}`));
    if (pan !== null) theirs.push(pan.run(w, depth));
  }
  pan?.remove();
  const row = (tool, results) => {
    const per = (field) =>
      spread(
        results.map((result) => result[field] / result.seconds),
        millions,
      );
    const of = (field, show) =>
      spread(
        results.map((result) => result[field]),
        show,
      );
    return [
      tool,
      count(results[0].states),
      count(results[0].transitions),
      of("seconds", seconds),
      results[0].exploring === undefined ? "" : of("exploring", seconds),
      per("states"),
      per("transitions"),
      of("bytesPerState", bytes),
      of("peak", megabytes),
    ];
  };
  table(
    ["", "states", "transitions", "s", "exploring", "M states/s", "M transitions/s", "bytes a state", "peak MB"],
    [
      row("ipc-check", ours),
      row("2 workers", both),
      ...[...stores].map(([store, results]) => row(`--store ${store}`, results)),
      ...(pan === null ? [] : [row("SPIN", theirs)]),
    ],
  );
  const rate = (results) => median(results.map((result) => result.transitions / result.seconds));
  const size = (results) => median(results.map((result) => result.bytesPerState));
  // Run by run, since each pair met the same machine. CPU seconds say what sharing costs, whoever else is there.
  const ratios = ours.map((one, run) => one.exploring / both[run].exploring);
  const work = ours.map((one, run) => both[run].cpu / one.cpu);
  say(
    `Exploring with two workers: ${spread(ratios, (value) => value.toFixed(2))} times as fast, ${spread(work, (value) => value.toFixed(2))} times the CPU seconds.`,
  );
  say();
  target(`${spec}: two workers explore 1.85 times as fast as one`, `${median(ratios).toFixed(2)} times`, median(ratios) >= 1.85);
  if (pan !== null) {
    const faster = rate(ours) / rate(theirs);
    const smaller = size(theirs) / size(ours);
    target(`${spec}: at least 3 times SPIN's transitions/s`, `${faster.toFixed(2)} times`, faster >= 3);
    target(`${spec}: at most a third of SPIN's bytes a state`, `1/${smaller.toFixed(2)}`, smaller >= 3);
    // SPIN counts the initial state as a transition.
    if (ours[0].states !== theirs[0].states || ours[0].transitions + 1 !== theirs[0].transitions)
      throw new Error(
        `the two models of ${spec} differ: ${ours[0].states} and ${theirs[0].states} states, ${ours[0].transitions} and ${theirs[0].transitions} transitions`,
      );
  }
  const peak = Math.max(...ours.map((result) => result.peak));
  if (ours[0].states > 5e6) target("more than 5 million states in under 1 GB", `${count(ours[0].states)} states in ${megabytes(peak)} MB`, peak < 1e9);
}

function fromCommandToVerdict(spin) {
  say("## From command to verdict");
  say();
  const { states } = engine(small.spec, `clients=${small.clients}`, `work=${small.work}`);
  say(
    `Whole processes on a protocol of ${count(states)} states: \`ipc-check verify\` with an empty cache, again with the bundle of the first run, and \`spin -a\`, \`gcc\`, \`pan\`.`,
  );
  say();
  const verify = () => {
    const { status, stderr } = spawnSync(
      process.execPath,
      ["bin/ipc-check.js", "verify", small.spec, "--param", `clients=${small.clients}`, "--param", `work=${small.work}`, "--quiet"],
      { encoding: "utf8" },
    );
    if (status !== 0) throw new Error(`ipc-check verify failed (${status}):\n${stderr}`);
  };
  const first = [];
  const again = [];
  const theirs = [];
  const empty = [];
  for (let run = 0; run < runs; run++) {
    rmSync(join("node_modules", ".cache", "ipc-check"), { recursive: true, force: true });
    first.push(timed(verify));
    again.push(timed(verify));
    empty.push(timed(() => spawnSync(process.execPath, ["-e", ""])));
    if (spin) {
      theirs.push(
        timed(() => {
          const pan = verifier(small.model, { N: small.clients, WORK: small.work });
          pan.run(18, 10_000);
          pan.remove();
        }),
      );
    }
  }
  table(
    ["", "s"],
    [
      ["ipc-check, first time", spread(first, seconds)],
      ["ipc-check, again", spread(again, seconds)],
      ["an empty Node program", spread(empty, seconds)],
      ...(spin ? [["SPIN", spread(theirs, seconds)]] : []),
    ],
  );
  target("a verdict on about 2,000 states, cold, in under 0.4 s", `${seconds(median(first))} s`, median(first) < 0.4);
}

/** How states and time grow from one client to six, with each tool's reductions; seconds are those of the search alone. */
function growth(spin) {
  const [work, most] = [16, 6];
  /** What would store more states than that is left out. */
  const limit = 30e6;
  say("## From 1 to 6 clients");
  say();
  say(`bench/specs/rpc.ts with ${work} steps of work a client, one worker. SPIN has a partial order and a compression, and no symmetry.`);
  say();
  const searches = [
    ["ipc-check", (clients) => engine("bench/specs/rpc.ts", `clients=${clients}`, `work=${work}`, "--workers=1")],
    ["symmetry", (clients) => engine("bench/specs/rpc.ts", `clients=${clients}`, `work=${work}`, "--workers=1", "--symmetry=true")],
    ["partial order", (clients) => engine("bench/specs/rpc.ts", `clients=${clients}`, `work=${work}`, "--workers=1", "--partialOrder=always")],
    ["both", (clients) => engine("bench/specs/rpc.ts", `clients=${clients}`, `work=${work}`, "--workers=1", "--symmetry=true", "--partialOrder=always")],
  ];
  if (spin) {
    for (const [name, how] of [
      ["SPIN", flags],
      ["its partial order", reduced],
      ["and COLLAPSE", collapsed],
    ]) {
      searches.push([
        name,
        (clients) => {
          const pan = verifier("bench/promela/rpc.pml", { N: clients, WORK: work }, how);
          try {
            return pan.run(24, 3_000_000);
          } finally {
            pan.remove();
          }
        },
      ]);
    }
  }
  const rows = [];
  const last = new Map();
  const stored = [];
  for (let clients = 1; clients <= most; clients++) {
    const results = searches.map(() => []);
    for (let run = 0; run < runs; run++)
      for (const [i, [, search]] of searches.entries()) if ((stored[i] ?? 0) * (work + 2) < limit) results[i].push(search(clients));
    for (const [i, [first]] of results.entries()) stored[i] = first?.states ?? limit;
    rows.push([
      clients,
      ...results.map((each) =>
        each.length === 0
          ? ""
          : `${count(each[0].states)}, ${spread(
              each.map((result) => result.seconds),
              seconds,
            )}`,
      ),
    ]);
    if (clients === 5) for (const [i, [name]] of searches.entries()) last.set(name, median(results[i].map((result) => result.seconds)));
  }
  table(["clients", ...searches.map(([name]) => `${name}: states, s`)], rows);
  if (spin) {
    const best = Math.min(last.get("SPIN"), last.get("its partial order"), last.get("and COLLAPSE"));
    const ratio = best / last.get("both");
    target("5 clients with reductions: 100 times faster than SPIN's best option", `${ratio.toFixed(0)} times`, ratio >= 100);
  }
}

const spin = available();
say("# Performance");
say();
say("Printed by `npm run bench -- --write`; the figures are of the machine named below and of that day.");
say();
say(
  `- ${cpus()[0]?.model.trim()}, ${cpus().length} CPUs, ${Math.round(totalmem() / 2 ** 30)} GB; Node ${process.version}; load average at the start ${loadavg()[0].toFixed(2)}`,
);
if (spin) {
  say(`- ${versions()}; \`gcc ${flags.join(" ")}\`, depth first, hash table of 2^24 slots (the fastest size)`);
  say(`- one worker against one process, and two workers; runs alternate; median of ${runs} (least to greatest)`);
  say("- the models have the same states; SPIN counts one transition more, its first");
  say("- SPIN's bytes a state are its states and its hash table, without its stack; ours are everything the search allocates");
} else {
  say("- SPIN is not here (`spin` and `gcc` must be on the path): only our own figures");
}
say();
for (const each of cases) speed(each, spin);
growth(spin);
fromCommandToVerdict(spin);
say("## Targets");
say();
table(
  ["target", "reached", ""],
  targets.map(({ what, reached, met }) => [what, reached, met ? "met" : "missed"]),
);
if (options.write) {
  // The last section is that of bench/liveness.mjs.
  const [, runsOf] = readFileSync("docs/performance.md", "utf8").split(/^(?=## Runs$)/m);
  writeFileSync("docs/performance.md", `${lines.join("\n").trim()}\n${runsOf === undefined ? "" : `\n${runsOf}`}`);
  console.log("written to docs/performance.md");
}
