/**
 * The executable kernels against the rules: random schedules taken by both, the rules run as they stand. After every step
 * kernel state, memory, places and pending operations must be the same, and each thread able to go on in both or neither.
 */
import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { Model, type Move, type State } from "../../dist/checker/naive/model.js";
import { Executor, loadPaths } from "../../dist/kernel/common/executor.js";
import { ThreadHandle } from "../../dist/model/language/domain.js";
import type { StateGroup } from "../../dist/model/language/kernel.js";
import { CellHandle } from "../../dist/model/language/memory.js";
import { type Instance, instantiate, type Protocol } from "../../dist/model/language/protocol.js";
import { loadSpec } from "../../dist/model/loader/load.js";
import { inTurn } from "../support/share.ts";

/** A value as comparable plain data. */
function plain(value: unknown): unknown {
  if (value instanceof ThreadHandle) return value.name;
  if (value instanceof CellHandle) return `cell ${value.address}`;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "object" && value !== null) return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plain(each)]));
  return value;
}

/** Kernel state of the rules under the names of the projection. */
function kernelState(instance: Instance, state: State): Record<string, unknown> {
  const groups: readonly StateGroup[] = [...new Set([...instance.protocol.kernel.state, ...instance.objects.flatMap(({ type }) => type.state)])];
  return Object.fromEntries(
    groups.flatMap((group, place) => {
      const members = state.kernel[place] ?? [];
      const fields = [...new Set(members.flatMap((member) => Object.keys(member)))];
      return fields.map((field) => [`${group.name}.${field}`, members.map((member) => plain(member[field] ?? null))]);
    }),
  );
}

function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 0x1_0000_0000) * below);
  };
}

/** `expect(a).toEqual(b)`, but quick where they are equal. */
function same(a: unknown, b: unknown): void {
  if (JSON.stringify(a) !== JSON.stringify(b)) expect(a).toEqual(b);
}

function compare(instance: Instance, model: Model, state: State, executor: Executor): void {
  same(executor.audit(), []);
  // Of a kind of objects that the protocol has none of, the rules keep no state.
  const projected = Object.entries(executor.project()).filter(([, values]) => values.some((value) => value !== null));
  same(plain(Object.fromEntries(projected)), kernelState(instance, state));
  same(
    instance.memory.cells.map((cell) => plain(executor.memory.inspect(cell))),
    state.memory.map(plain),
  );
  for (const { handle } of instance.threads) {
    const theirs = state.threads[handle.id];
    const pending = executor.pending(handle.id);
    const status = executor.status(handle.id).kind;
    same(status === "finished" ? "finished" : status === "stopped" ? "stopped" : "running", theirs?.status);
    if (theirs?.pending == null || pending === null || status === "stopped") continue;
    const isSpin = theirs.pending.kind === "waitUntil" && pending.kind === "memory";
    if (!isSpin) same(pending.kind, theirs.pending.kind);
    if (pending.site !== undefined && theirs.site !== null) same(pending.site.start, theirs.site.start);
    if (theirs.pending.kind === "kernel" && pending.kind === "kernel") {
      same(pending.operation.name, theirs.pending.operation.name);
      same(plain(pending.args), plain(theirs.pending.args));
    }
    if (!isSpin) same(`${handle.name} ${status === "ready" || status === "timed"}`, `${handle.name} ${model.moves(state, handle.id).length > 0}`);
  }
}

/** One random schedule on both; returns the rules that were taken. */
async function walk(instance: Instance, seed: number, length: number): Promise<readonly string[]> {
  const model = new Model(instance);
  const executor = new Executor(instance, await loadPaths(instance), { locking: seed % 2 === 0 ? "big" : "per-object" });
  const pick = random(seed);
  const start = model.initial();
  if (start.kind !== "state") throw new Error("the protocol fails at once");
  let { state } = start;
  compare(instance, model, state, executor);
  const rules: string[] = [];
  for (let step = 0; step < length; step++) {
    const moves: Move[] = instance.threads.flatMap(({ handle }) => model.moves(state, handle.id));
    const move = moves[pick(moves.length)];
    if (move === undefined) break;
    const outcome = move.outcome();
    const report = executor.step(move.thread, move.pick);
    const context = `step ${rules.length + 1}: ${instance.threads[move.thread]?.name} ${move.rule}, seed ${seed}`;
    if (outcome.kind === "violation") {
      expect(`${context}: ${report.violation?.kind}`).toBe(`${context}: ${outcome.violation.kind}`);
      break;
    }
    if (outcome.kind === "pruned") {
      expect(report.pruned).toBe(true);
      break;
    }
    expect(report.violation, context).toBeNull();
    if (!(move.rule === "waitUntil" && (report.rule === "load" || report.rule === "read")))
      expect(`${context}: ${report.rule}`).toBe(`${context}: ${move.rule}`);
    rules.push(report.rule);
    state = outcome.state;
    try {
      compare(instance, model, state, executor);
    } catch (error) {
      throw new Error(`after ${context}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  }
  return rules;
}

/** Random schedules of each protocol of the library, and at least of the programs below. */
const runs = Number(process.env["IPC_CHECK_RUNS"] ?? 1);
/** Schedules of the programs below go on until every rule has been met, some of which are rare; unless that is asked for, until most have been. */
const share = process.env["IPC_CHECK_RUNS"] === undefined ? 0.3 : 0;
/** Which schedules. */
const base = 1000 * (Number(process.env["IPC_CHECK_SEED"] ?? 1) - 1);

describe("every specification", () => {
  for (const folder of ["exec", "genode", "k42", "l4", "lwkt", "mach", "minix", "nemesis", "qnx", "shm"]) {
    const files = readdirSync(`specs/${folder}`).filter((name) => name.endsWith(".ts"));
    for (const file of files.filter((_, index) => inTurn(index, 2, 3))) {
      test(`${folder}/${file} runs on the machine as its rules say`, async () => {
        const { protocols } = await loadSpec(`specs/${folder}/${file}`);
        let steps = 0;
        const executable = protocols.filter(({ protocol }) => Object.values(protocol.threads).every(({ untrusted }) => untrusted !== "arbitrary"));
        for (const { protocol } of executable) {
          const instance = instantiate(protocol, {}, { model: "sc" });
          for (let seed = 1; seed <= runs; seed++) steps += (await walk(instance, base + seed, 60)).length;
        }
        expect(steps).toBeGreaterThan(executable.length === 0 ? -1 : 2 * runs);
      });
    }
  }
});

/** Takes schedules until the expected rules have been met, and some of each protocol in any case. */
async function meetRules(protocols: readonly Protocol[], most: number, length: number, isExpected: (rule: string) => boolean): Promise<void> {
  const instances = protocols.map((protocol) => instantiate(protocol));
  const left = new Set(
    instances.flatMap((instance) =>
      [...instance.protocol.kernel.operations, ...instance.objects.flatMap(({ type }) => type.operations)].flatMap(({ declaration }) =>
        Object.keys(declaration.rules).filter(isExpected),
      ),
    ),
  );
  const enough = left.size * share;
  for (let seed = 1; seed <= Math.max(most, runs) && (left.size > enough || seed <= runs); seed++)
    for (const instance of instances) for (const rule of await walk(instance, base + seed, length)) left.delete(rule);
  if (left.size > enough) expect([...left]).toEqual([]);
}

async function protocolsOf(...files: readonly string[]): Promise<readonly Protocol[]> {
  return (await Promise.all(files.map((file) => loadSpec(file)))).flatMap(({ protocols }) => protocols.map(({ protocol }) => protocol));
}

describe("random programs", () => {
  const remote = /remote|other CPU|begin the receive phase/u;
  const deletion = /^delete$|nobody there|gone/u;
  const waiting = /take the word|signal no bits|wait for a signal|wake a waiter/u;

  test.each([
    ["near", (rule: string) => !remote.test(rule) && !deletion.test(rule)],
    // A partner that is deleted between request and check is met in the library (specs/l4), hardly ever by these programs.
    ["far", (rule: string) => !waiting.test(rule) && rule !== "remote check: gone"],
    ["atomic", (rule: string) => !remote.test(rule) && !waiting.test(rule)],
  ] as const)(
    "over L4 (%s) meet the rules, and the machine follows each",
    async (name, isExpected) => {
      const { protocols } = await loadSpec("tests/machine/protocols/l4.ts");
      const found = protocols.filter(({ exportName }) => exportName === name).map(({ protocol }) => protocol);
      expect(found.length).toBe(1);
      await meetRules(found, 60, 150, isExpected);
    },
    60_000,
  );

  test.each([
    ["Genode", ["tests/machine/protocols/genode.ts"], 15, 120],
    ["K42", ["tests/machine/protocols/k42.ts"], 8, 120],
    // A panic is no step that a run goes on after.
    ["MINIX", ["tests/machine/protocols/minix.ts", "specs/minix/endpoint-death.ts", "specs/minix/servers.ts"], 20, 150],
    ["QNX channels", ["tests/machine/protocols/qnx.ts"], 25, 150],
    ["shared memory", ["tests/machine/protocols/shm.ts"], 15, 150],
  ] as const)(
    "over %s meet the rules, and the machine follows each",
    async (_, files, most, length) => {
      await meetRules(await protocolsOf(...files), most, length, (rule) => rule !== "the kernel panics");
    },
    60_000,
  );
});
