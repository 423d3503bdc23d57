/**
 * Every function of kernel/common says what its caller must hold, in words of docs/machine.md, and in runs of the kernels it
 * is called so.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Cpu } from "../../dist/hardware/cpu.js";
import { Executor, loadPaths } from "../../dist/kernel/common/executor.js";
import { Interleaving } from "../../dist/kernel/common/interleaving.js";
import { KernelMemory } from "../../dist/kernel/common/kernel-memory.js";
import { Lock } from "../../dist/kernel/common/locks.js";
import { instantiate } from "../../dist/model/language/protocol.js";
import { loadSpec } from "../../dist/model/loader/load.js";
import { holdings } from "./holdings.ts";

const all = holdings();
const words = /^(nothing|no section|a section( on the thread's CPU)?|this lock|the locks? of [\w' ]+|what [\w ]+)$/;

test("every function of kernel/common says what its caller must hold", () => {
  expect(all.length).toBeGreaterThan(200);
  expect(all.filter(({ says }) => says === null || !words.test(says)).map(({ file, name, says }) => `${file}: ${name}: ${says}`)).toEqual([]);
});

/** The CPU whose kernel code runs, and the locks that each CPU holds. */
let at: Cpu | null = null;
const held = new Map<number, Set<object>>();
/** Functions called, and calls that do not hold what they should. */
const called = new Set<string>();
const wrong = new Set<string>();

function look(name: string, says: string): void {
  called.add(name);
  const isInside = at !== null;
  const holdsLock = at === null || (held.get(at.id)?.size ?? 0) > 0;
  const isRight =
    says === "no section" ? !isInside : says.startsWith("a section") ? isInside : says.startsWith("the lock") || says === "this lock" ? holdsLock : true;
  if (!isRight) wrong.add(`${name} wants ${says}, and is called ${isInside ? "in a section" : "in none"}`);
}

type Function = (this: unknown, ...args: unknown[]) => unknown;
/** Puts `before` in front of a method or getter; what undoes that. */
function watch(prototype: object, member: string, before: () => void): (() => void) | null {
  const known = Object.getOwnPropertyDescriptor(prototype, member);
  const original = (known?.value ?? known?.get) as Function | undefined;
  if (known === undefined || typeof original !== "function") return null;
  const watched: Function = function (this: unknown, ...args) {
    before();
    return original.apply(this, args);
  };
  Object.defineProperty(prototype, member, known.get === undefined ? { ...known, value: watched } : { ...known, get: watched });
  return () => Object.defineProperty(prototype, member, known);
}

const undone: (() => void)[] = [];

beforeAll(async () => {
  const cpu = Object.getOwnPropertyDescriptor(KernelMemory.prototype, "cpu") as PropertyDescriptor;
  Object.defineProperty(KernelMemory.prototype, "cpu", {
    ...cpu,
    set(value: Cpu | null) {
      at = value;
      cpu.set?.call(this, value);
    },
  });
  const { tryAcquire, release } = Lock.prototype;
  Lock.prototype.tryAcquire = function () {
    const isTaken = tryAcquire.call(this);
    if (isTaken && at !== null) held.set(at.id, (held.get(at.id) ?? new Set()).add(this));
    return isTaken;
  };
  Lock.prototype.release = function () {
    release.call(this);
    if (at !== null) held.get(at.id)?.delete(this);
  };
  undone.push(() => {
    Object.defineProperty(KernelMemory.prototype, "cpu", cpu);
    Object.assign(Lock.prototype, { tryAcquire, release });
  });
  for (const file of readdirSync("dist/kernel/common").filter((name) => name.endsWith(".js"))) {
    const module = (await import(/* @vite-ignore */ join(process.cwd(), "dist/kernel/common", file))) as Readonly<Record<string, unknown>>;
    for (const { name, says } of all.filter((holding) => holding.file === file.replace(".js", ".ts"))) {
      const [type = "", member] = name.split(".");
      const found = module[type];
      if (member === undefined || typeof found !== "function" || says === null) continue;
      const undo = watch(found.prototype as object, member, () => look(name, says));
      if (undo !== null) undone.push(undo);
    }
  }
});

afterAll(() => {
  for (const undo of undone.reverse()) undo();
});

describe.each(["big", "per-object"] as const)("with locks that are %s, the functions of kernel/common", (locking) => {
  test.each([
    ["tests/conformance/exchanges.ts", "l4Split"],
    ["tests/conformance/exchanges.ts", "shmRequeue"],
    ["tests/conformance/exchanges.ts", "machXnu"],
    ["tests/conformance/exchanges.ts", "lwktNow"],
    ["tests/conformance/protocols.ts", "timed"],
  ])("are called with what they ask for: %s, %s", async (file, name) => {
    const { protocols } = await loadSpec(file);
    const declared = protocols.find(({ exportName }) => exportName === name)?.protocol;
    if (declared === undefined) throw new Error(`no protocol ${name}`);
    const instance = instantiate(declared);
    const paths = await loadPaths(instance);
    held.clear();
    const executor = new Executor(instance, paths, { locking, demandPaging: true });
    for (let step = 0; step < 30; step++) {
      const id = executor.kernel.threads.findIndex((_, thread) => executor.canStep(thread));
      if (id < 0) break;
      executor.step(id);
      if (step === 0) for (const cell of instance.memory.cells.slice(0, 1)) executor.faults.move(cell);
    }
    executor.project();
    executor.audit();
    executor.faults.kill(0);
    executor.leaks();
    held.clear();
    const driver = new Interleaving(instance, paths, { locking });
    for (let step = 0; step < 200; step++) {
      const actions = driver.actions();
      const action = actions[(step * 7) % Math.max(1, actions.length)];
      if (action === undefined) break;
      driver.perform(action);
      driver.settle();
    }
    driver.audit();
    expect([...wrong]).toEqual([]);
  });
});

test("most of those that say so have been called, and a call without what is asked for is noticed", async () => {
  expect(called.size).toBeGreaterThan(100);
  const { protocols } = await loadSpec("tests/conformance/protocols.ts");
  const instance = instantiate((protocols[0] as (typeof protocols)[number]).protocol);
  const { kernel } = new Executor(instance, await loadPaths(instance), { locking: "per-object" });
  const cpu = kernel.machine.cpu(0);
  expect(() => kernel.tell(cpu)).toThrow("kernel code runs on no CPU");
  expect(() => kernel.section(cpu, () => kernel.scheduler.next(0))).toThrow("without holding");
  const noticed = ["Microkernel.tell wants a section, and is called in none", "Scheduler.next wants the lock of the CPU, and is called in a section"];
  expect([...wrong]).toEqual(expect.arrayContaining(noticed));
});
