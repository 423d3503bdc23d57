/** Warnings about what a verdict does not rest on, `--strict`, `--coverage` and `--profile`. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { run } from "./run.js";

mkdirSync("node_modules/.cache", { recursive: true });
const folder = mkdtempSync(join("node_modules", ".cache", "vacuity-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function spec(name: string, body: string): string {
  const file = join(folder, `${name}.ts`);
  writeFileSync(
    file,
    `import { assume, bool, int, protocol, step, waitUntil } from "ipc-check";\nimport * as shm from "ipc-check/kernels/shm";\nexport default protocol("p", {\n  kernel: shm.kernel(),\n${body}\n});\n`,
  );
  return file;
}

const unreached = spec(
  "unreached",
  `  memory: { x: int(0, 3) },
  threads: {
    a: {
      *run({ x }) {
        if ((yield* x.load()) === 2) {
          yield* x.store(3);
          yield* x.store(2);
        }
      },
    },
    b: { *run({ x }) { yield* x.store(1); } },
  },`,
);
const ruledOut = spec(
  "ruled-out",
  `  memory: { x: int(0, 3) },
  threads: {
    a: {
      *run({ x }) {
        for (let i = 0; i < 2; i++) {
          yield* x.store(i);
          if (i === 2) {
            yield* x.store(3);
            yield* x.store(2);
          }
        }
      },
    },
  },`,
);
/** A helper that is used elsewhere is not itself to blame: the call that is never made is. */
const ruledOutCall = spec(
  "ruled-out-call",
  `  memory: { x: int(0, 3), y: int(0, 3) },
  threads: {
    a: {
      *run({ x, y }) {
        function* put(cell: typeof x, value: number) {
          yield* cell.store(value);
          yield* cell.store(0);
        }
        const i = 1 + (yield* x.load());
        yield* put(x, 1);
        if (i === 0) yield* put(y, 2);
      },
    },
  },`,
);
const neverWaits = spec(
  "never-waits",
  `  memory: { x: int(0, 3) },
  threads: {
    a: { *run({ x }) { yield* waitUntil(x, (value) => value < 3); } },
    b: { *run({ x }) { yield* x.store(1); } },
  },`,
);
const constant = spec(
  "constant",
  `  memory: { x: int(0, 3), y: int(0, 3) },
  threads: { a: { *run({ x }) { yield* x.store(1); } } },
  invariants: { small: ({ y }) => y < 2 },`,
);
const premise = spec(
  "premise",
  `  memory: { x: int(0, 3), y: int(0, 3) },
  threads: { a: { *run({ x, y }) { yield* x.store(1); yield* y.store(2); } } },
  invariants: { implied: ({ x, y }) => x !== 3 || y === 1 },`,
);
const unasked = spec(
  "unasked",
  `  memory: { x: int(0, 3) },
  threads: { a: { *run({ x }) { yield* x.store(1); } } },
  liveness: ({ leadsTo }) => ({ served: leadsTo(({ x }) => x === 3, ({ x }) => x === 2) }),`,
);
const idle = spec(
  "idle",
  `  memory: { x: int(0, 3), stop: bool() },
  threads: {
    a: { *run({ x }) { yield* x.store(1); } },
    b: { untrusted: true, *run({ stop }) { yield* waitUntil(stop, (value) => value); } },
  },`,
);
const excluded = spec(
  "excluded",
  `  memory: { x: int(0, 3) },
  threads: { a: { *run({ x }) { const seen = yield* x.load(); assume(seen === 2); yield* x.store(1); } } },`,
);
const fine = spec(
  "fine",
  `  memory: { x: int(0, 3) },
  threads: {
    a: { *run({ x }) { yield* waitUntil(x, (value) => value === 1); } },
    b: { *run({ x }) { yield* x.store(1); } },
  },
  invariants: { small: ({ x }) => x < 2 },`,
);

/** What a parameter switches off, one of several uses of a helper, a round of a loop and a replica's own branch are all right. */
const switchedOff = spec(
  "switched-off",
  `  parameters: { retries: 0 },
  memory: { x: int(0, 3) },
  threads: {
    a: {
      count: 2,
      *run({ x, index, retries }) {
        function* put(value: number) {
          if (value > 1) yield* x.store(value);
          else yield* x.load();
        }
        if (retries > 0) yield* x.store(2);
        if (index === 0) yield* put(1);
        else yield* put(3);
        for (const each of [0, 2]) if (each === index + index) yield* x.store(each);
      },
    },
  },`,
);

describe("verify warns of", () => {
  test.each([
    ["code that no run reaches, once for what follows it", unreached, "no run reaches x.store of a", "unreached.ts:10:"],
    ["code that the ranges of locals rule out, once for what follows it", ruledOut, "no run reaches x.store of a", "ruled-out.ts:12:"],
    ["a call of a helper that is ruled out, where it is made", ruledOutCall, "no run reaches cell.store of a", "ruled-out-call.ts:15:"],
    ["a condition that is always true", neverWaits, "nobody ever waits", "never-waits.ts:7:"],
    ["an invariant about what never changes", constant, "the invariant small holds trivially: nothing that it reads ever changes", "constant.ts:"],
    ["an invariant whose premise is never met", premise, "the invariant implied holds trivially: what comes before its", "premise.ts:"],
    ["a property of runs about what is never so", unasked, "the property served holds trivially: x === 3 is never true  ", "unasked.ts:"],
    ["an untrusted thread that does nothing", idle, "the untrusted thread b never takes a step", "idle.ts:"],
    ["an assumption that leaves no run", excluded, "no run goes on from x.load", "excluded.ts:"],
  ])("%s", async (_, file, message, place) => {
    const { code, stdout } = await run(["verify", file]);
    const warnings = stdout.split("\n").filter((line) => line.includes("warning:") && line.includes(message));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(place);
    expect(code).toBe(0);
    expect((await run(["verify", file, "--strict"])).code).toBe(1);
  });

  test.each([fine, switchedOff])("nothing where there is nothing, and --strict lets it pass", async (file) => {
    const { code, stdout } = await run(["verify", file, "--strict"]);
    expect(stdout).not.toContain("warning");
    expect(code).toBe(0);
  });
});

test("warnings are in the JSON document", async () => {
  const { stdout } = await run(["verify", unreached, "--json"]);
  expect(JSON.parse(stdout).results[0].warnings).toMatchObject([{ kind: "unreached", location: { line: 10 } }]);
});

test("--coverage names the rules that fired and those that did not", async () => {
  const { stdout } = await run(["verify", "specs/shm/futex-word-protocol.ts", "specs/l4/call-hierarchy.ts", "--expect", "--coverage"]);
  expect(stdout).toMatch(/l4: \d+ protocols, \d+ rules of \d+ never fired/u);
  expect(stdout).toMatch(/ipc +queue as sender +\d+ +2/u);
  expect(stdout).toMatch(/cancel a send +never +0/u);
});

test("--profile says what the states consist of", async () => {
  const { stdout } = await run(["verify", "specs/l4/call-hierarchy.ts", "-e", "repaired", "--profile"]);
  expect(stdout).toContain("states without it");
  expect(stdout).toContain("pairs of threads");
  expect(stdout).toContain("what would make it smaller");
});

test.each([
  [["--coverage", "--engine", "naive"], "--coverage needs all states, and the naive checker does not keep them"],
  [["--profile", "--store", "bitstate"], "--profile needs all states, and --store bitstate does not keep them"],
  [["--strict", "--swarm", "2"], "--strict needs all states, and a sample does not keep them"],
])("%j is refused", async (options, message) => {
  const { code, stderr } = await run(["verify", fine, ...options]);
  expect(stderr).toContain(message);
  expect(code).toBe(2);
});
