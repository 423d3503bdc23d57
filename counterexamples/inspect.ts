/**
 * What stands in the machine, for people: registers and translations, caches and store buffers, the kernel's own
 * structures, the protocol's memory. Everything is read from simulated memory and hardware as from the console, which
 * disturbs nothing.
 */
import { mesiNames } from "../hardware/cache.ts";
import type { Cpu } from "../hardware/cpu.ts";
import { lineName } from "../hardware/interrupts.ts";
import { Cost, type CostName } from "../hardware/profile.ts";
import type { Observed } from "../kernel/common/observation.ts";
import { cellName } from "../kernel/common/user-memory.ts";
import { CellHandle } from "../model/language/memory.ts";
import { ThreadHandle } from "../model/language/domain.ts";
import type { Part } from "./parts.ts";

/** One line: what it is about, which does not change from step to step, and how that stands now. */
export interface Row {
  readonly name: string;
  readonly text: string;
}

/** The rows of one part. */
export function inspect(executor: Observed, part: Part): readonly Row[] {
  switch (part) {
    case "cpu":
      return executor.machine.cpus.flatMap((cpu) => processor(executor, cpu));
    case "cache":
      return executor.machine.cpus.flatMap((cpu) => caches(executor, cpu));
    case "kernel":
      return kernel(executor);
    case "memory":
      return memory(executor);
  }
}

const hex = (word: number): string => `0x${(word >>> 0).toString(16)}`;

/** Registers that are not zero, the address space, translations, pending interrupts. */
function processor({ machine, instance }: Observed, cpu: Cpu): readonly Row[] {
  const general = [...cpu.registers].flatMap((value, index) => (value === 0 ? [] : [`r${index} ${value}`]));
  const pending = Array.from({ length: 31 }, (_, line) => line).filter((line) => machine.interrupts.isPending(cpu.id, line));
  const { reason, value, mode } = cpu.trapFrame;
  const threads = instance.threads.filter((thread) => thread.cpu === cpu.id).map(({ name }) => name);
  return [
    {
      name: `CPU ${cpu.id}`,
      text: [
        `${cpu.mode} mode${cpu.isHalted ? ", halted" : ""}`,
        `interrupts ${cpu.interruptsEnabled ? "on" : "off"}`,
        `pc ${hex(cpu.pc)}`,
        `page directory ${hex(cpu.root)}`,
        `last trap ${reason} ${value} from ${mode} mode`,
        ...general,
        `threads ${threads.join(", ") || "none"}`,
      ].join("; "),
    },
    { name: `CPU ${cpu.id} pending interrupts`, text: pending.map(lineName).join(", ") || "none" },
    ...cpu.mmu.tlb.contents().map(({ root, page, entry }) => ({ name: `CPU ${cpu.id} TLB page ${hex(page)} of ${hex(root)}`, text: hex(entry) })),
  ];
}

/** Valid lines with their words, the store buffer from oldest to newest, and what has happened so far. */
function caches(executor: Observed, cpu: Cpu): readonly Row[] {
  const { machine } = executor;
  const { buffer } = cpu;
  const cache = machine.bus.caches[cpu.id];
  const names = namesOf(executor);
  const name = (address: number): string => names.get(address) ?? hex(address);
  const entries = Array.from({ length: buffer.length }, (_, entry) =>
    buffer.address(entry) < 0 ? "store barrier" : `${name(buffer.address(entry))} ← ${buffer.value(entry)}`,
  );
  const rows: Row[] = [{ name: `CPU ${cpu.id} store buffer`, text: entries.join(", ") || "empty" }];
  if (cache === undefined) return rows;
  const bytes = 4 * cache.lineWords;
  const held = Array.from({ length: cache.slots }, (_, slot) => slot).filter((slot) => cache.states[slot] !== 0);
  for (const slot of held.sort((a, b) => (cache.lines[a] as number) - (cache.lines[b] as number))) {
    const start = (cache.lines[slot] as number) * bytes;
    const words = [...cache.data.subarray(slot * cache.lineWords, (slot + 1) * cache.lineWords)];
    const what = [...new Set(words.flatMap((_, index) => names.get(start + 4 * index) ?? []))].join(", ");
    rows.push({
      name: `CPU ${cpu.id} line ${hex(start)}`,
      text: `${mesiNames[cache.states[slot] as number]} [${words.map((word) => String(word)).join(" ")}]${what === "" ? "" : ` (${what})`}`,
    });
  }
  return rows;
}

/** What lies at each word that a record or a cell takes up. */
function namesOf(executor: Observed): ReadonlyMap<number, string> {
  const { memory, instance } = executor;
  const names = new Map<number, string>();
  const note = (at: number, words: number, name: string): void => {
    for (let word = 0; word < words; word++) names.set(at + 4 * word, name);
  };
  for (const cell of instance.memory.cells) note(memory.physicalOf(cell), memory.words(cell).length, cellName(cell, instance.memory));
  for (const { layout, record, words } of executor.records()) note(record.address, words, recordName(layout, record.name));
  return names;
}

/** Every record of kernel memory with its fields. */
function kernel(executor: Observed): readonly Row[] {
  return executor.records().map(({ layout, record, fields }) => ({
    name: `${recordName(layout, record.name)} at ${hex(record.address)}`,
    text: fields.map((field) => `${field} ${shown((record as unknown as Readonly<Record<string, unknown>>)[field])}`).join(", "),
  }));
}

/** `tcb server`; records that are named like their layout keep their own name. */
export function recordName(layout: string, name: string): string {
  return name.startsWith(layout) ? name : `${layout} ${name}`;
}

/** How a thread stands, in the kernel's own words. */
export function standing(executor: Observed, thread: number): string {
  const status = executor.status(thread);
  switch (status.kind) {
    case "ready":
    case "stopped":
    case "finished":
      return status.kind;
    case "arriving":
      return "woken, but its CPU has not been told";
    case "condition":
      return "waits for a condition that is false";
    case "timed":
      return `blocked with a timer: ${status.blocking?.queue ?? "in the kernel"}`;
    case "blocked":
      return `blocked: ${status.blocking?.queue ?? "in the kernel"}`;
  }
}

function memory(executor: Observed): readonly Row[] {
  return executor.instance.memory.cells.map((cell) => ({
    name: `${cellName(cell, executor.instance.memory)}${cell.isGhost ? " (ghost)" : ` at ${hex(executor.memory.physicalOf(cell))}`}`,
    text: shown(executor.memory.inspect(cell)),
  }));
}

/** A value of a record or a cell: records by name, queues from head to tail. */
function shown(value: unknown): string {
  if (value === null || value === undefined) return "none";
  if (value instanceof ThreadHandle) return value.name;
  if (value instanceof CellHandle) return value.variable;
  if (Array.isArray(value)) return `[${value.map(shown).join(", ")}]`;
  if (typeof value !== "object") return String(value);
  if ("isQueued" in value && typeof value.isQueued === "function") return value.isQueued() === true ? "queued" : "free";
  if (Symbol.iterator in value) return `[${[...(value as Iterable<unknown>)].map(shown).join(", ")}]`;
  if ("name" in value && "address" in value) return String(value.name);
  return `{ ${Object.entries(value)
    .map(([name, each]) => `${name}: ${shown(each)}`)
    .join(", ")} }`;
}

/** Events in the words of a report. */
const events: Readonly<Record<CostName, string>> = {
  instruction: "instructions",
  kernelEntry: "kernel entries",
  kernelExit: "kernel exits",
  interrupt: "interrupts taken",
  ipiSend: "IPIs sent",
  fault: "page faults",
  addressSpaceSwitch: "address space switches",
  schedule: "instructions of the scheduler",
  copy: "words copied",
  cacheHit: "cache hits",
  cacheMiss: "cache misses",
  secondLevel: "lines from the second level",
  cacheTransfer: "lines from another cache",
  invalidation: "invalidations",
  writeBack: "write-backs",
  tlbMiss: "TLB misses",
  tlbFlush: "TLB flushes",
  drain: "stores drained",
  fence: "fences",
  locked: "locked operations",
};

/** What has happened so far, over all CPUs; what has not happened is left out. */
export function counters({ machine }: Observed): Readonly<Record<string, number>> {
  const counted = Object.entries(events).map(([name, words]) => [words, machine.counters.events(Cost[name as CostName])] as const);
  return Object.fromEntries(counted.filter(([, times]) => times > 0));
}
