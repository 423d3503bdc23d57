/**
 * `repair --timeouts` against trying every assignment with the naive checker, on small protocols of each kernel that has timeouts. Each operation whose
 * timeouts are chosen has a line of its own with a comment that names its holes. IPC_CHECK_RUNS: with what else is given.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { naive } from "../../dist/checker/naive/index.js";
import type { TimeoutChange } from "../../dist/counterexamples/repair/timeout-changes.js";
import { TimeoutSearch } from "../../dist/counterexamples/repair/timeout-search.js";
import { repairTimeouts } from "../../dist/counterexamples/repair/timeouts.js";
import { compile } from "../../dist/model/compiler/index.js";
import { type Instance, instantiate } from "../../dist/model/language/protocol.js";
import { SpecError } from "../../dist/model/loader/diagnostic.js";
import { loadSpec } from "../../dist/model/loader/load.js";
import { inTurn } from "../support/share.ts";

mkdirSync("node_modules/.cache", { recursive: true });
const folder = mkdtempSync(join("node_modules", ".cache", "assignments-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const deeper = process.env["IPC_CHECK_RUNS"] !== undefined;

type Timeout = "zero" | "infinite" | "finite";
type Partners = "declared" | "correct";
interface Case {
  readonly name: string;
  /** What each hole can be. */
  readonly holes: readonly (readonly Timeout[])[];
  readonly given: readonly Timeout[];
  readonly finite?: boolean;
  /** The whole specification; with correct partners the goal is a property of runs, or no way to fail is left. */
  text(timeouts: readonly Timeout[], partners: Partners): string;
}
const two: readonly Timeout[] = ["zero", "infinite"];
const three: readonly Timeout[] = ["zero", "infinite", "finite"];
const quoted = (timeout: Timeout | undefined): string => JSON.stringify(timeout);
/** A thread of a client that need not be there: as it is declared, and when it is correct. */
const stranger = (partners: Partners, context: string, run: string, correct: string, more = ""): string =>
  partners === "correct"
    ? `stranger: { ${more} *run(${context}) { ${correct} } }`
    : `stranger: { ${more} untrusted: true, *run(${context}) { ${run} }, *correct(${context}) { ${correct} } }`;
const goal = (partners: Partners): string => (partners === "correct" ? `liveness: ({ eventually }) => ({ done: eventually(({ done }) => done) }),` : "");
const head = (kernel: string, more = ""): string => `import { bool, ghost, int, oneOf, protocol } from "ipc-check";
import * as ${kernel} from "ipc-check/kernels/${kernel}";
const patient = { send: "infinite", receive: "infinite" } as const;
${more}
`;

/** Two servers that wait for a client that need not listen: neither is to blame alone, and a choice for one does nothing for the other. */
const twoServers: Case = {
  name: "L4: two servers that send to one client",
  holes: [two, two],
  given: ["zero", "infinite"],
  text: ([a, b], partners) => `${head("l4")}export default protocol("p", {
  kernel: l4.kernel({ cpus: 1, message: int(0, 0) }), memory: { done: ghost(bool()) },
  threads: {
    first: { cpu: 0, *run({ ipc, threads }) {
      yield* ipc.send(threads.stranger, 0, { send: ${quoted(a)} }); /*send=0*/
    } },
    second: { cpu: 0, *run({ ipc, threads }) {
      yield* ipc.send(threads.stranger, 0, { send: ${quoted(b)} }); /*send=1*/
    } },
    server: { cpu: 0, *run({ ipc }) { while (true) { const r = yield* ipc.wait(patient); yield* ipc.send(r.from, 0, patient); } } },
    client: { cpu: 0, *run({ ipc, threads, done }) { yield* ipc.call(threads.server, 0, patient); done.value = true; } },
    ${stranger(partners, "{ ipc }", "yield* ipc.wait();", "while (true) yield* ipc.wait();", "cpu: 0,")},
  }, ${goal(partners)} });`,
};

const l4Finite: Case = {
  name: "L4, finite timeouts as well",
  holes: [three, three],
  given: ["infinite", "infinite"],
  finite: true,
  text: ([a, b], partners) => `${head("l4")}export default protocol("p", {
  kernel: l4.kernel({ cpus: 1, message: int(0, 0) }), memory: { done: ghost(bool()) },
  threads: {
    server: { cpu: 0, *run({ ipc }) { while (true) {
      const r = yield* ipc.wait(patient);
      yield* ipc.send(r.from, 0, { send: ${quoted(a)} }); /*send=0*/
    } } },
    client: { cpu: 0, *run({ ipc, threads, done }) { let failed = true; while (failed) {
      yield* ipc.send(threads.server, 0, patient);
      const answer = yield* ipc.receive(threads.server, { receive: ${quoted(b)} }); /*receive=1*/
      failed = answer.error !== "none"; }
      done.value = true;
    } },
    ${stranger(partners, "{ ipc, threads }", "yield* ipc.send(threads.server, 0); yield* ipc.receive(threads.server);", "yield* ipc.call(threads.server, 0);", "cpu: 0,")},
  }, ${goal(partners)} });`,
};

const minixCase: Case = {
  name: "MINIX: replies and a log",
  holes: [two, two],
  given: ["infinite", "zero"],
  text: ([a, b], partners) => `${head("minix")}export default protocol("p", {
  kernel: minix.kernel({ cpus: 1, message: int(0, 1) }), memory: { done: ghost(bool()) },
  threads: {
    server: { cpu: 0, *run({ ipc, threads }) { while (true) {
      const r = yield* ipc.receive();
      yield* ipc.${a === "zero" ? "sendnb" : "send"}(r.from, 1); /*send=0*/
      yield* ipc.${b === "zero" ? "sendnb" : "send"}(threads.log, 0); /*send=1*/
    } } },
    log: { cpu: 0, *run({ ipc }) { while (true) yield* ipc.receive(); } },
    client: { cpu: 0, *run({ ipc, threads, done }) { yield* ipc.sendrec(threads.server, 0); done.value = true; } },
    ${stranger(partners, "{ ipc, threads }", "yield* ipc.send(threads.server, 0); yield* ipc.receiveFrom(threads.server);", "yield* ipc.sendrec(threads.server, 0);", "cpu: 0,")},
  }, ${goal(partners)} });`,
};

const qnxOptions = (send: Timeout | undefined, reply: Timeout | undefined): string =>
  send === reply
    ? `{ timeout: ${quoted(send)}, states: "both" }`
    : send === "infinite"
      ? `{ timeout: ${quoted(reply)}, states: "reply" }`
      : `{ timeout: ${quoted(send)}, states: "send" }`;
const qnxCase: Case = {
  name: "QNX: a question to the client, and a poll",
  holes: [two, two, two],
  given: ["infinite", "infinite", "infinite"],
  text: ([a, b, c], partners) => `${head("qnx", `const channel = () => qnx.channel({ message: int(0, 0) });`)}export default protocol("p", {
  kernel: qnx.kernel({ cpus: 1 }), objects: { service: channel(), question: channel() }, memory: { done: ghost(bool()) },
  threads: {
    server: { cpu: 0, *run({ service, question, threads }) { while (true) {
      const r = yield* service.receive({ timeout: ${quoted(a)} }); /*receive=0*/
      if (r.error !== "none" || r.kind !== "message") continue;
      if (r.rcvid === threads.stranger) {
        const answer = yield* question.send(0, ${qnxOptions(b, c)}); /*send=1 reply=2*/
        if (answer.error !== "none") { yield* service.error(r.rcvid, "EIO"); continue; }
      }
      yield* service.reply(r.rcvid, 0);
    } } },
    client: { cpu: 0, *run({ service, done }) { const wait = { timeout: "infinite" } as const; yield* service.send(0, wait); done.value = true; } },
    ${stranger(partners, "{ service, question }", `yield* service.send(0, { timeout: "finite" }); const q = yield* question.receive(); yield* question.reply(q.rcvid, 0);`, 'while (true) { const q = yield* question.receive(); if (q.kind === "message") yield* question.reply(q.rcvid, 0); }', "cpu: 0,")},
  }, ${goal(partners)} });`,
};

const machCase: Case = {
  name: "Mach: a reply port that is not read",
  holes: [two, two],
  given: ["infinite", "infinite"],
  text: (
    [a, b],
    partners,
  ) => `${head("mach", `const { kernel, port, task } = mach.system({ cpus: 1, message: int(0, 0), slots: 2 });`)}export default protocol("p", {
  kernel, memory: { done: ghost(bool()) }, objects: { service: port({ limit: 1 }), unread: port({ limit: 1 }), reply: port({ limit: 1 }),
    server: task({ receive: ["service"] }), flooder: task({ receive: ["unread"], send: ["service"] }), victim: task({ receive: ["reply"], send: ["service"] }) },
  threads: {
    serving: { cpu: 0, *run({ server, service }) { while (true) {
      const r = yield* server.receive(service.name, { timeout: ${quoted(a)}, idle: true }); /*receive=0*/
      if (r.error !== "none") continue;
      const answered = yield* server.send(r.right, 0, { move: true, timeout: ${quoted(b)} }); /*send=1*/
      if (answered.error !== "none") yield* server.deallocate(r.right);
    } } },
    calling: { cpu: 0, *run({ victim, service, reply, done }) {
      const header = { how: "make-send-once", right: reply.name } as const;
      yield* victim.call(service.name, 0, reply.name, header); done.value = true;
    } },
    ${stranger(partners, "{ flooder, service, unread }", `while (true) yield* flooder.send(service.name, 0, { how: "make-send", right: unread.name });`, `yield* flooder.call(service.name, 0, unread.name, { how: "make-send-once", right: unread.name });`, "cpu: 0,")},
  }, ${goal(partners)} });`,
};

const sel4Case: Case = {
  name: "seL4: a call back, and a poll",
  holes: [two, two],
  given: ["infinite", "infinite"],
  text: ([a, b], partners) => `${head("sel4", `const { kernel, endpoint } = sel4.system({ cpus: 1, message: int(0, 1) });`)}export default protocol("p", {
  kernel, objects: { service: endpoint(), callback: endpoint() }, memory: { done: ghost(bool()) },
  threads: {
    server: { cpu: 0, *run({ service, callback, ipc }) { while (true) {
      const r = yield* service.${a === "zero" ? "nbRecv" : "recv"}(); /*receive=0*/
      if (r.badge === 0) continue;
      yield* ipc.reply(0);
      if (r.badge === 1) {
        yield* callback.${b === "zero" ? "nbSend" : "send"}(0); /*send=1*/
      }
    } } },
    client: { cpu: 0, *run({ service, done }) { yield* service.badged(2).call(0); done.value = true; } },
    ${stranger(partners, "{ service, callback }", "yield* service.badged(1).call(0); yield* callback.recv();", "yield* service.badged(1).call(0); yield* callback.recv();", "cpu: 0,")},
  }, ${goal(partners)} });`,
};

const fiascoCase: Case = {
  name: "Fiasco.OC: a call back, and an open wait",
  holes: [two, two],
  given: ["infinite", "infinite"],
  text: (
    [a, b],
    partners,
  ) => `${head("fiasco", `const { kernel, gate } = fiasco.system({ cpus: 1, message: int(0, 0), labels: 3 });`)}export default protocol("p", {
  kernel, objects: { service: gate(), entrance: gate(), callback: gate() }, memory: { done: ghost(bool()) },
  threads: {
    server: { cpu: 0, *run({ service, entrance, callback, ipc, self, threads }) {
      yield* callback.bind(threads.stranger, 0);
      yield* service.bind(self, 1);
      yield* entrance.bind(self, 2);
      while (true) {
        const r = yield* ipc.wait({ receive: ${quoted(a)} }); /*receive=0*/
        if (r.error !== "none") continue;
        const never = { send: "zero" } as const;
        yield* ipc.reply(0, never);
        if (r.label === 2) {
          yield* callback.send(0, { send: ${quoted(b)} }); /*send=1*/
        }
      }
    } },
    client: { cpu: 0, *run({ service, done }) { let failed = true; while (failed) { const r = yield* service.call(0, patient); failed = r.error !== "none"; } done.value = true; } },
    ${stranger(partners, "{ entrance, ipc }", "yield* entrance.call(0); yield* ipc.wait();", "yield* entrance.call(0); while (true) yield* ipc.wait();", "cpu: 0,")},
  }, ${goal(partners)} });`,
};

const shmCase: Case = {
  name: "futexes: a waiter whose waker may stop",
  holes: [["infinite", "finite"]],
  given: ["infinite"],
  finite: true,
  text: ([a], partners) => `${head("shm")}export default protocol("p", {
  kernel: shm.kernel(), memory: { word: int(0, 1), done: ghost(bool()) },
  threads: {
    client: { *run({ futex, word, done }) {
      let waits = true;
      while (waits) {
        const { outcome } = yield* futex.wait(word, 0, { timeout: ${quoted(a)} }); /*wait=0*/
        waits = outcome === "timeout";
      }
      done.value = true;
    } },
    ${stranger(partners, "{ futex, word }", "yield* word.store(1); yield* futex.wake(word, 1);", "yield* word.store(1); yield* futex.wake(word, 1);")},
  }, ${goal(partners)} });`,
};

/** Ways of the specification's own to send, of which the second yields more. */
const link = `const link = {
  send: (ipc: minix.Ipc<number>, to: ThreadId, message: number) => ipc.send(to, message),
  *sendnb(ipc: minix.Ipc<number>, to: ThreadId, message: number) {
    const { error } = yield* ipc.sendnb(to, message);
    return { error, isLost: error !== "none" };
  },
};`;
/** The stranger tells the server of its interest, and is sent an answer and a notice. */
const noticed = (server: string, partners: Partners): string => `export default protocol("p", {
  kernel: minix.kernel({ cpus: 1, message: int(0, 1) }), memory: { done: ghost(bool()) },
  threads: {
    server: { cpu: 0, *run({ ipc, threads }) { while (true) {
      const r = yield* ipc.receive();
${server}
    } } },
    log: { cpu: 0, *run({ ipc }) { while (true) yield* ipc.receive(); } },
    client: { cpu: 0, *run({ ipc, threads, done }) { yield* ipc.sendrec(threads.server, 0); done.value = true; } },
    ${stranger(partners, "{ ipc, threads }", "yield* ipc.send(threads.server, 0); yield* ipc.receiveFrom(threads.server);", "yield* ipc.sendrec(threads.server, 0); while (true) yield* ipc.receive();", "cpu: 0,")},
  }, ${goal(partners)} });`;

/** The first change is no specification by itself, but with the second: their results go to one local. The third is none at all. */
const alikeCase: Case = {
  name: "MINIX: results that have to be alike",
  holes: [two, two, two],
  given: ["infinite", "infinite", "infinite"],
  text: ([a, b, c], partners) =>
    `${head("minix", `import type { ThreadId } from "ipc-check";\n${link}\nconst only = { send: link.send };`)}${noticed(
      `let outcome = yield* link.${a === "zero" ? "sendnb" : "send"}(ipc, r.from, 1); /*send=0*/
      outcome = yield* link.${b === "zero" ? "sendnb" : "send"}(ipc, threads.stranger, 0); /*send=1*/
      yield* only.${c === "zero" ? "sendnb" : "send"}(ipc, threads.log, 0); /*send=2*/
      if (outcome.error !== "none") continue;`,
      partners,
    )}`,
};

/** Either change is a specification, both together are none: then a local grows without bound. */
const countedCase: Case = {
  name: "MINIX: results that cannot both be looked at",
  holes: [two, two],
  given: ["infinite", "infinite"],
  text: ([a, b], partners) =>
    `${head("minix", `import { check, type ThreadId } from "ipc-check";\n${link}`)}${noticed(
      `const first = yield* link.${a === "zero" ? "sendnb" : "send"}(ipc, r.from, 1); /*send=0*/
      const second = yield* link.${b === "zero" ? "sendnb" : "send"}(ipc, threads.stranger, 0); /*send=1*/
      if (first.isLost === true && second.isLost === true) lost++;
      check(lost >= 0, "a number of messages");`,
      partners,
    ).replace("while (true)", "let lost = 0; while (true)")}`,
};

/** What a way of the specification's own does after its operation is part of the assignment. */
const checkedCase: Case = {
  name: "MINIX: a reply that must be taken at once",
  holes: [two],
  given: ["infinite"],
  text: ([a], partners) =>
    `${head(
      "minix",
      `import { check, type ThreadId } from "ipc-check";
const link = {
  send: (ipc: minix.Ipc<number>, to: ThreadId, message: number) => ipc.send(to, message),
  *sendnb(ipc: minix.Ipc<number>, to: ThreadId, message: number) {
    const { error } = yield* ipc.sendnb(to, message);
    check(error === "none", "a reply is taken at once");
  },
};`,
    )}${noticed(`yield* link.${a === "zero" ? "sendnb" : "send"}(ipc, r.from, 1); /*send=0*/`, partners)}`,
};

async function holds(file: string, text: string): Promise<boolean> {
  let instance: Instance;
  try {
    const { protocols } = await loadSpec(file, { overlay: new Map([[join(process.cwd(), file), text]]) });
    const [declared] = protocols;
    if (declared === undefined) throw new Error("no protocol");
    instance = instantiate(declared.protocol);
    compile(instance);
  } catch (error) {
    if (error instanceof SpecError) return false;
    throw error;
  }
  const { findings, runs, bound } = naive(instance);
  expect(bound).toBeNull();
  return findings.length === 0 && runs.length === 0;
}
const assignments = (holes: Case["holes"]): readonly (readonly Timeout[])[] =>
  holes.reduce<readonly (readonly Timeout[])[]>((sofar, values) => sofar.flatMap((each) => values.map((value) => [...each, value])), [[]]);

const cases = [twoServers, l4Finite, minixCase, qnxCase, machCase, sel4Case, fiascoCase, shmCase, alikeCase, countedCase, checkedCase].flatMap(
  (each, index) => {
    if (!inTurn(index, 1, 3)) return [];
    const all = deeper ? assignments(each.holes) : [each.given];
    return all.map((given) => ({ ...each, given, name: `${each.name}: ${given.join(", ")}` }));
  },
);

describe("what is found is what trying all finds", () => {
  test.each(cases)("$name", async ({ text, holes, given, finite = false, name }) => {
    const file = join(folder, `${name.replaceAll(/\W+/g, "-")}.ts`);
    const original = text(given, "declared");
    writeFileSync(file, original);
    const all = await Promise.all(
      assignments(holes).map(async (timeouts) => ({
        good: (await holds(file, text(timeouts, "declared"))) && (await holds(file, text(timeouts, "correct"))),
        changes: timeouts.flatMap((timeout, hole) => (timeout === given[hole] ? [] : [`${hole} ${timeout}`])),
      })),
    );
    const good = all.filter((each) => each.good).map(({ changes }) => changes);
    const minimal = good.filter((set) => !good.some((other) => other !== set && other.every((each) => set.includes(each))));
    const spec = await loadSpec(file);
    const [declared] = spec.protocols;
    if (declared === undefined) throw new Error("no protocol");
    const job = {
      spec,
      exportName: "default",
      instance: instantiate(declared.protocol),
      read: (path: string) => readFileSync(path, "utf8"),
      search: { workers: 1 },
      finite,
      most: 100,
    };
    const result = await repairTimeouts(job);
    const holeOf = ({ line, phase, timeout }: { readonly line: number; readonly phase: string; readonly timeout: string }): string =>
      `${new RegExp(`\\b${phase}=(\\d+)`, "u").exec(original.split("\n")[line - 1] ?? "")?.[1]} ${timeout}`;
    const found = result.kind === "found" ? result.sets.map(({ changes }) => changes.map(holeOf).sort()) : [];
    expect(found.map(String).sort()).toEqual(minimal.map(String).sort());
    expect(result.opaque.length).toBeLessThan(4);
    // What a reason rules out is bad, whichever set it was met with; each change by itself has its own reason.
    const repair = new TimeoutSearch(job);
    const changeOf = (place: string): TimeoutChange | undefined => repair.changes.find((change) => holeOf(repair.found(change)) === place);
    const sets = all.map(({ changes, good }) => ({ changes: changes.flatMap((each) => changeOf(each) ?? []), good }));
    for (const { changes, good } of sets) {
      const reason = await repair.judge(changes);
      expect([changes.map((each) => holeOf(repair.found(each))), reason === null]).toEqual([changes.map((each) => holeOf(repair.found(each))), good]);
      if (reason === null) continue;
      const ruledOut = sets.filter(
        (other) => reason.given.every((each) => other.changes.includes(each)) && !reason.needs.some((each) => other.changes.includes(each)),
      );
      expect(ruledOut.filter((other) => other.good).map((other) => [reason.why, other.changes.map((each) => holeOf(repair.found(each)))])).toEqual([]);
    }
  });
});
