// How states and time grow from one client to six, with each tool's reductions; seconds are those of the search alone.
import { count, median, seconds, spread, table, times } from "./figures.mjs";
import { engine } from "./ours.mjs";
import { available, collapsed, reduced, unreduced, verifier } from "./spin.mjs";

const [spec, model, work] = ["bench/specs/rpc.ts", "bench/promela/rpc.pml", 16];
/** A search that would store more states than that is left out. */
const limit = 30e6;

const ours = (...options) => ({ at: (clients) => ({ run: () => engine(spec, { clients, work }, ["--workers=1", ...options]), remove() {} }) });
const theirs = (compile) => ({
  at: (clients) => {
    const { run, remove } = verifier(model, { definitions: { N: clients, WORK: work }, compile });
    return { run: (patience) => run(clients < 5 ? 18 : 23, 4_500_000, patience), remove };
  },
});

export function growth({ runs, long, patience, most }) {
  const [both, hand] = ["both", ["SPIN", "its partial order", "and COLLAPSE"]];
  const searches = [
    ["ipc-check", ours()],
    ["symmetry", ours("--symmetry=true")],
    ["partial order", ours("--partialOrder=always")],
    [both, ours("--symmetry=true", "--partialOrder=always")],
    ...(available() ? [unreduced, reduced, collapsed].map((compile, i) => [hand[i], theirs(compile)]) : []),
  ];
  const rows = [];
  const stored = new Map();
  const atFive = new Map();
  for (let clients = 1; clients <= most; clients++) {
    process.stderr.write(`growth: ${clients} clients\n`);
    const results = new Map(searches.map(([name]) => [name, []]));
    const started = searches
      .filter(([name]) => (stored.get(name) ?? 0) * (work + 2) < limit)
      .map(([name, { at }]) => ({ name, found: results.get(name), search: at(clients) }));
    for (let run = 0; run < runs; run++)
      for (const { found, search } of started) {
        if (found.length < run || found[0]?.seconds > long) continue;
        const result = search.run(patience);
        if (result !== null) found.push(result);
      }
    for (const { search } of started) search.remove();
    for (const [name, found] of results) stored.set(name, found[0]?.states ?? limit);
    const cell = (found) =>
      found.length === 0
        ? ""
        : `${count(found[0].states)}, ${spread(
            found.map((result) => result.seconds),
            seconds,
          )}`;
    rows.push([clients, ...[...results.values()].map(cell)]);
    if (clients === 5) for (const [name, found] of results) if (found.length > 0) atFive.set(name, median(found.map(({ toVerdict }) => toVerdict)));
  }
  const lines = [
    `## From 1 to ${most} clients`,
    "",
    `${spec} with ${work} steps of work a client, one worker; SPIN on ${model}, with a partial order and a compression, and no symmetry.`,
    "",
    ...table(["clients", ...searches.map(([name]) => `${name}: states, s`)], rows),
  ];
  const rivals = hand.map((name) => atFive.get(name)).filter((time) => time !== undefined);
  if (rivals.length === 0) return { lines, targets: [] };
  const ratio = Math.min(...rivals) / atFive.get(both);
  const what = "5 clients with reductions: time to verdict 100 times shorter than with SPIN's best option";
  return { lines, targets: [{ what, reached: `${times(ratio)} times`, met: ratio >= 100 }] };
}
