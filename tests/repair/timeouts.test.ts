/** `repair --timeouts` against all assignments of small protocols, and what it says about broken input. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { search } from "../../dist/checker/engine/index.js";
import { repairTimeouts } from "../../dist/counterexamples/repair/timeouts.js";
import { compile } from "../../dist/model/compiler/index.js";
import { instantiate } from "../../dist/model/language/protocol.js";
import { loadSpec } from "../../dist/model/loader/load.js";
import { run } from "../cli/run.js";
import { everything } from "../support/share.ts";

mkdirSync("node_modules/.cache", { recursive: true });
const folder = mkdtempSync(join("node_modules", ".cache", "timeouts-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function repair(file: string, exportName: string, options: { readonly finite?: boolean; readonly most?: number } = {}) {
  const spec = await loadSpec(file);
  const declared = spec.protocols.find((each) => each.exportName === exportName);
  if (declared === undefined) throw new Error("no such export");
  return repairTimeouts({
    spec,
    exportName,
    instance: instantiate(declared.protocol),
    read: (path) => readFileSync(path, "utf8"),
    search: { workers: 1 },
    finite: options.finite ?? false,
    most: options.most ?? 100,
  });
}

type Timeout = "zero" | "infinite";
/** The text of a timeout: marked, so that a line and a phase name it. */
type Hole = (number: number) => string;
/** Parts of a protocol. Each hole stands in one place. */
interface Part {
  readonly name: string;
  readonly holes: number;
  text(hole: Hole): string;
}

const servers: readonly Part[] = [
  {
    name: "a server that replies and waits at once",
    holes: 3,
    text: (t) => `let request = yield* ipc.wait({ receive: ${t(0)} });
while (true) {
  request = request.error !== "none" ? yield* ipc.wait({ receive: "infinite" }) :
    yield* ipc.replyWait(request.from, request.message, { send: ${t(1)}, receive: ${t(2)} });
}`,
  },
  {
    name: "a server that replies and waits",
    holes: 2,
    text: (t) => `while (true) {
  const request = yield* ipc.wait({ receive: ${t(0)} });
  if (request.error === "none") yield* ipc.send(request.from, request.message, { send: ${t(1)} });
}`,
  },
];
const clients: readonly Part[] = [
  {
    name: "a client that gives up",
    holes: 2,
    text: (t) => `const a = yield* ipc.call(threads.server, 1, { send: ${t(0)}, receive: ${t(1)} });
if (a.error === "none") done.value = true;`,
  },
  {
    name: "a client that tries again",
    holes: 2,
    text: (t) => `let failed = true;
while (failed) {
  const a = yield* ipc.call(threads.server, 1, { send: ${t(0)}, receive: ${t(1)} });
  failed = a.error !== "none";
}
done.value = true;`,
  },
  {
    name: "a client that asks twice",
    holes: 2,
    text: (t) => `const a = yield* ipc.call(threads.server, 1, { send: ${t(0)} });
const b = a.error === "none" ? a : yield* ipc.call(threads.server, 1, { send: ${t(1)} });
if (b.error === "none") done.value = true;`,
  },
];
const strangers: readonly Part[] = [
  { name: "with a gap", holes: 0, text: () => "yield* ipc.send(threads.server, 0); yield* ipc.receive(threads.server);" },
  { name: "that does not listen", holes: 0, text: () => "while (true) yield* ipc.send(threads.server, 0);" },
];

interface Template {
  readonly server: Part;
  readonly client: Part;
  readonly stranger: Part;
}

/** With correct partners, the goal is written by hand as a property of runs. */
function textOf({ server, client, stranger }: Template, timeouts: readonly Timeout[], partners: "declared" | "correct"): string {
  const hole =
    (from: number): Hole =>
    (number) =>
      `/*${from + number}*/ ${JSON.stringify(timeouts[from + number])}`;
  const correct = `run({ ipc, threads, other }) { const a = yield* ipc.call(threads.server, 0); if (a.error === "none") other.value = true; }`;
  return `import { ghost, bool, int, protocol } from "ipc-check";
import * as l4 from "ipc-check/kernels/l4";
export default protocol("generated", {
  kernel: l4.kernel({ cpus: 1, message: int(0, 1) }),
  memory: { done: ghost(bool()), other: ghost(bool()) },
  threads: {
    server: { cpu: 0, *run({ ipc }) {
${server.text(hole(0))}
    } },
    client: { cpu: 0, *run({ ipc, threads, done }) {
${client.text(hole(server.holes))}
    } },
    stranger: { cpu: 0, ${partners === "correct" ? `*${correct}` : `untrusted: true, *run({ ipc, threads }) { ${stranger.text(hole(0))} }, *${correct.replace("run", "correct")}`} },
  },
  ${partners === "correct" ? "liveness: ({ eventually }) => ({ done: eventually(({ done }) => done), other: eventually(({ other }) => other) })," : ""}
});
`;
}

async function holds(file: string, text: string): Promise<boolean> {
  const spec = await loadSpec(file, { overlay: new Map([[join(process.cwd(), file), text]]) });
  const [declared] = spec.protocols;
  return declared !== undefined && (await search(compile(instantiate(declared.protocol)), { workers: 1 })).verdict === "holds";
}

const seed = Number(process.env["IPC_CHECK_SEED"] ?? 7);
const runs = Number(process.env["IPC_CHECK_RUNS"] ?? 1);
/** A small generator (Knuth's multiplicative), so that a seed is a case. */
function random(seed: number): (below: number) => number {
  let state = (seed * 2654435761) >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
const cases = Array.from({ length: everything ? 2 * runs : 1 }, (_, index) => {
  const pick = random(seed + index);
  const choose = <T>(items: readonly T[]): T => items[pick(items.length)] as T;
  const server = runs === 1 ? (servers[1] as Part) : choose(servers);
  const parts = { server, client: choose(clients), stranger: choose(strangers) };
  const given = Array.from({ length: parts.server.holes + parts.client.holes }, (): Timeout => choose(["infinite", "infinite", "zero"] as const));
  return { name: `${parts.server.name}, ${parts.client.name}, a stranger ${parts.stranger.name}: ${given.join(", ")}`, ...parts, given };
});

describe("all minimal assignments", () => {
  test.each(cases)("$name: those that trying all finds", async ({ given, ...template }) => {
    const file = join(folder, `case-${cases.findIndex((each) => each.given === given)}.ts`);
    const original = textOf(template, given, "declared");
    writeFileSync(file, original);
    const all = given.reduce<readonly (readonly Timeout[])[]>(
      (sofar) => sofar.flatMap((each) => [[...each, "zero"] as const, [...each, "infinite"] as const]),
      [[]],
    );
    const good: (readonly number[])[] = [];
    for (const timeouts of all)
      if ((await holds(file, textOf(template, timeouts, "declared"))) && (await holds(file, textOf(template, timeouts, "correct"))))
        good.push(timeouts.flatMap((timeout, index) => (timeout === given[index] ? [] : [index])));
    const minimal = good.filter((set) => !good.some((other) => other !== set && other.every((each) => set.includes(each))));
    const result = await repair(file, "default");
    const holeOf = ({ line, phase }: { readonly line: number; readonly phase: string }): number =>
      Number(new RegExp(`${phase}: /\\*(\\d+)\\*/`, "u").exec(original.split("\n")[line - 1] ?? "")?.[1]);
    const found = result.kind === "found" ? result.sets.map(({ changes }) => changes.map(holeOf).sort()) : [];
    expect(found.map(String).sort()).toEqual(minimal.map(String).sort());
  });
});

test("a chain of client, file server and driver: one answer must not wait, found with few searches", async () => {
  const result = await repair("specs/l4/driver-chain.ts", "broken");
  expect(result).toMatchObject({ kind: "found", complete: true, places: 8, sets: [{ changes: [{ label: "ipc.send", phase: "send", timeout: "zero" }] }] });
  // There are 1024 assignments, and two searches to judge one.
  expect(result.searches).toBeLessThan(60);
});

describe("what it reports", () => {
  const header = 'import { int, protocol } from "ipc-check";\nimport * as l4 from "ipc-check/kernels/l4";\n';
  const write = (name: string, text: string): string => {
    const file = join(folder, name);
    writeFileSync(file, text);
    return file;
  };
  const serverOf = (reply: string): string => `server: { cpu: 0, *run({ ipc }) { while (true) { const r = yield* ipc.wait(); ${reply} } } }`;
  const gap =
    "stranger: { cpu: 0, untrusted: true, *run({ ipc, threads }) { yield* ipc.send(threads.server, 0); yield* ipc.receive(threads.server); }, *correct({ ipc, threads }) { yield* ipc.call(threads.server, 0); } }";
  const specOf = (...threads: readonly string[]): string =>
    `${header}export default protocol("p", { kernel: l4.kernel({ cpus: 1, message: int(0, 1) }), threads: {\n${threads.join(",\n")}\n} });\n`;

  test("the assignment as a diff, and what can fail without anybody looking", async () => {
    const file = write("silent.ts", specOf(serverOf("yield* ipc.send(r.from, 1);"), gap));
    const { code, stdout } = await run(["repair", file, "--timeouts"]);
    expect(code).toBe(0);
    expect(stdout).toContain(
      '+server: { cpu: 0, *run({ ipc }) { while (true) { const r = yield* ipc.wait(); yield* ipc.send(r.from, 1, { send: "zero" }); } } },',
    );
    expect(stdout).toContain("ipc.send of server at line 4 can fail, and nothing looks at it");
  });

  test("why there is none: the reasons that together rule out every assignment", async () => {
    const file = write(
      "trusting.ts",
      specOf(`server: { cpu: 0, *run({ ipc }) { let r = yield* ipc.wait();\nwhile (true) r = yield* ipc.replyWait(r.from, r.message);\n} }`, gap),
    );
    const { code, stdout } = await run(["repair", file, "--timeouts", "--json"]);
    expect(code).toBe(1);
    const { result, reasons } = JSON.parse(stdout) as { readonly result: string; readonly reasons: readonly { readonly kind: string }[] };
    expect(result).toBe("none");
    expect(reasons.map(({ kind }) => kind)).toContain("unhandled-error");
  });

  test("whose answer never comes, and who has no program `correct`", async () => {
    const mutual = await run(["repair", "specs/l4/mutual-call.ts", "--timeouts", "-e", "broken"]);
    expect(mutual.stdout).toContain("the answer to ipc.call of b never comes on some fair run");
    const polite =
      "client: { cpu: 0, untrusted: true, *run({ ipc, threads }) { while (true) { yield* ipc.send(threads.server, 1); yield* ipc.receive(threads.server); } } }";
    const file = write("polite.ts", specOf(serverOf('yield* ipc.send(r.from, 1, { send: "zero" });'), polite));
    const { code, stdout } = await run(["repair", file, "--timeouts"]);
    expect(stdout).toContain("client has no program `correct`: with correct partners its `run` is taken for what is meant well");
    expect(code).toBe(1);
  });

  test("a bound that is met leaves it open", async () => {
    const file = write("bounded.ts", specOf(serverOf("yield* ipc.send(r.from, 1);"), gap));
    const { code, stdout } = await run(["repair", file, "--timeouts", "--max-states", "3"]);
    expect(code).toBe(3);
    expect(stdout).toContain("inconclusive");
  });

  test("a kernel without timeouts, a protocol that waits for no answer, and both repairs at once are mistakes of usage", async () => {
    const genode = await run(["repair", "specs/genode/closing.ts", "--timeouts", "-e", "repaired"]);
    expect([genode.code, genode.stderr]).toEqual([2, expect.stringContaining("operations of the kernel genode have no timeouts")]);
    const silent = write("no-goal.ts", specOf(serverOf("yield* ipc.send(r.from, 1);"), 'stranger: { cpu: 0, untrusted: "arbitrary", holds: ["server"] }'));
    const aimless = await run(["repair", silent, "--timeouts"]);
    expect([aimless.code, aimless.stderr]).toEqual([2, expect.stringContaining("give each untrusted thread a program `correct`")]);
    expect((await run(["repair", silent, "--timeouts", "--fences"])).code).toBe(2);
    const sender = "client: { cpu: 0, *run({ ipc, threads }) { yield* ipc.send(threads.server, 1); } }";
    const trusted = await run([
      "repair",
      write("trusted.ts", specOf("server: { cpu: 0, *run({ ipc }) { while (true) yield* ipc.wait(); } }", sender)),
      "--timeouts",
    ]);
    expect([trusted.code, trusted.stderr]).toEqual([2, expect.stringContaining("no thread waits for the answer of a partner that it names")]);
    const wrong = write("wrong.ts", specOf("server: { cpu: 0, *run({ ipc }) { yield* ipc.wait(); const x = 1 / 2; } }"));
    expect((await run(["repair", wrong, "--timeouts"])).code).toBe(2);
  });
});
