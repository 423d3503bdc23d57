// From command to verdict on a small protocol: whole processes, ours with an empty cache, after an edit of the specification,
// and again, and SPIN's own path.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { count, median, ratios, seconds, spread, table, times } from "./figures.mjs";
import { engine, verify } from "./ours.mjs";
import { run, timed } from "./processes.mjs";
import { available, unreduced, verifier } from "./spin.mjs";

const [spec, model, parameters] = ["bench/specs/rpc.ts", "bench/promela/rpc.pml", { clients: 4, work: 3 }];

/** A specification that the tool has met before, with another text. */
function verifyEdited(file, text) {
  writeFileSync(file, text);
  try {
    return verify(file, parameters);
  } finally {
    rmSync(file, { force: true });
  }
}

export function startup({ runs }) {
  const { states } = engine(spec, parameters, ["--workers=1"]);
  const text = readFileSync(spec, "utf8");
  const edited = join("bench", "specs", "rpc-edited.ts");
  const [first, again, after, empty, theirs] = [[], [], [], [], []];
  for (let turn = 0; turn < runs; turn++) {
    process.stderr.write(`start: run ${turn + 1}\n`);
    rmSync(join("node_modules", ".cache", "ipc-check"), { recursive: true, force: true });
    first.push(verify(spec, parameters));
    again.push(verify(spec, parameters));
    after.push(verifyEdited(edited, `${text}\n// ${turn}\n`));
    empty.push(run(process.execPath, ["-e", ""]).wall);
    if (available()) {
      const { wall } = timed(() => {
        const pan = verifier(model, { definitions: { N: parameters.clients, WORK: parameters.work }, compile: unreduced });
        pan.run(18, 10_000);
        pan.remove();
      });
      theirs.push(wall);
    }
  }
  const lines = [
    "## From command to verdict",
    "",
    `Whole processes on a protocol of ${count(states)} states: \`ipc-check verify\` with an empty cache, again with what the first run has kept, after a change of the specification, and \`spin -a\`, \`gcc\`, \`pan\`.`,
    "",
    ...table(
      ["", "s"],
      [
        ["ipc-check, first time", spread(first, seconds)],
        ["ipc-check, after an edit", spread(after, seconds)],
        ["ipc-check, again", spread(again, seconds)],
        ["an empty Node program", spread(empty, seconds)],
        ...(theirs.length === 0 ? [] : [["SPIN", spread(theirs, seconds)]]),
      ],
    ),
  ];
  const targets = [{ what: "a verdict on about 2,000 states, cold, in under 0.3 s", reached: `${seconds(median(first))} s`, met: median(first) < 0.3 }];
  if (theirs.length > 0) {
    const faster = median(ratios(theirs, first, (time) => time));
    targets.push({ what: "the same at least 5 times faster than SPIN from model to verdict", reached: `${times(faster)} times`, met: faster >= 5 });
  }
  return { lines, targets };
}
