/**
 * Per-CPU run queues by priority, with lazy scheduling (Liedtke, "Improving IPC by kernel design", SOSP 1993, section
 * 5.3.4): a thread that blocks stays in its run queue until the scheduler meets it there, and the running thread need not
 * be in it. So a message from one thread to another, with a direct switch between them, touches no queue.
 *
 * What is always true: a ready thread that does not run is in the run queue of its CPU.
 */
import { bool, oneOf } from "../../model/language/domain.ts";
import type { Instance } from "../../model/language/protocol.ts";
import { Cost } from "../../hardware/profile.ts";
import type { Allocator } from "./allocation.ts";
import type { KernelMemory } from "./kernel-memory.ts";
import type { List, ListNode } from "./lists.ts";
import type { Lock } from "./locks.ts";
import { area, type KernelRecord, layout, link, links, list, word } from "./records.ts";

/** `away`: its system call goes on on another CPU. `dead`: finished or killed. */
export type RunState = "ready" | "blocked" | "away" | "dead";

/** What the kernel keeps of every thread, under the lock of the thread's CPU. */
interface ThreadFields {
  state: RunState;
  /** Its registers, if it was preempted or has been given results; whether they are there. */
  readonly registers: number;
  saved: boolean;
  /** Its place in the run queue of its CPU. */
  readonly links: ListNode;
  /** Its place among the visitors of another CPU. */
  readonly visit: ListNode;
}
export type ThreadBlock = ThreadFields & KernelRecord;

/** Registers that carry arguments and results, and that a switch saves. */
export const callRegisters = 8;

/** What the kernel keeps of every CPU, under the CPU's own lock. */
interface CpuFields {
  current: ThreadBlock | null;
  /** Interrupts of devices that nobody waits for. */
  spurious: number;
  readonly visitors: List<ThreadBlock>;
}
export type CpuBlock = CpuFields & KernelRecord;
interface LevelFields {
  readonly queue: List<ThreadBlock>;
}

const threadLayout = layout<ThreadFields>("thread", {
  state: oneOf("ready", "blocked", "away", "dead"),
  registers: area(callRegisters),
  saved: bool(),
  links: links(),
  visit: links(),
});
const cpuLayout = layout<CpuFields>("cpu", { current: link<ThreadBlock>(), spurious: word(), visitors: list<ThreadBlock>("visit", "visitors") });
const levelLayout = layout<LevelFields>("run queue", { queue: list<ThreadBlock>("links", "queue") });

export class Scheduler {
  readonly threads: readonly ThreadBlock[];
  readonly cpus: readonly CpuBlock[];
  readonly #memory: KernelMemory;
  readonly #allocator: Allocator;
  readonly #home: ReadonlyMap<ThreadBlock, number>;
  readonly #level: ReadonlyMap<ThreadBlock, number>;
  /** For each CPU its queues, lowest priority first. */
  readonly #queues: readonly (readonly List<ThreadBlock>[])[];

  constructor(memory: KernelMemory, allocator: Allocator, instance: Instance) {
    this.#memory = memory;
    this.#allocator = allocator;
    const priorities = [...new Set(instance.threads.map(({ priority }) => priority))].sort((a, b) => a - b);
    this.cpus = Array.from({ length: instance.cpus }, (_, cpu) => allocator.record(cpuLayout, `CPU ${cpu}`, "own"));
    const lockOf = (cpu: number): Lock | null => this.cpus[cpu]?.lock ?? null;
    this.#queues = this.cpus.map((_, cpu) =>
      priorities.map((priority) => allocator.recordUnder(levelLayout, `CPU ${cpu}, priority ${priority}`, lockOf(cpu)).queue),
    );
    this.threads = instance.threads.map(({ name, cpu }) => allocator.recordUnder(threadLayout, name, lockOf(cpu)));
    this.#home = new Map(this.threads.map((thread, id) => [thread, instance.threads[id]?.cpu ?? 0]));
    this.#level = new Map(this.threads.map((thread, id) => [thread, priorities.indexOf(instance.threads[id]?.priority ?? 0)]));
    for (const thread of this.threads) this.enqueue(thread);
  }

  /** A thread of the machine's own, which is run by direct switches only and is never in a queue. Caller holds: no section. */
  adopt(name: string, cpu: number): ThreadBlock {
    const block = this.#allocator.recordUnder(threadLayout, name, this.block(cpu).lock);
    block.state = "blocked";
    return block;
  }

  /** Caller holds: nothing. */
  homeOf(thread: ThreadBlock): number {
    return this.#home.get(thread) ?? 0;
  }

  /** Caller holds: nothing. */
  levelOf(thread: ThreadBlock): number {
    return this.#level.get(thread) ?? 0;
  }

  /** Caller holds: nothing. */
  block(cpu: number): CpuBlock {
    return this.cpus[cpu] as CpuBlock;
  }

  /** Puts a thread at the tail of its run queue, unless it is still there. Caller holds: the lock of the thread's CPU. */
  enqueue(thread: ThreadBlock): void {
    if (!thread.links.isQueued()) this.#queueOf(thread).enqueue(thread);
  }

  /** Takes a thread out of its run queue, if it is there. Caller holds: the lock of the thread's CPU. */
  dequeue(thread: ThreadBlock): void {
    if (thread.links.isQueued()) this.#queueOf(thread).remove(thread);
  }

  /** The thread that the CPU should run: the first ready one of the highest priority. Drops those that it meets blocked. Caller holds: the lock of the CPU. */
  next(cpu: number): ThreadBlock | null {
    return this.#first(cpu, 0);
  }

  /** The first ready one of the highest priority above that of `thread`. Caller holds: the lock of the CPU. */
  above(cpu: number, thread: ThreadBlock): ThreadBlock | null {
    return this.#first(cpu, this.levelOf(thread) + 1);
  }

  #first(cpu: number, least: number): ThreadBlock | null {
    const queues = this.#queues[cpu] ?? [];
    for (let level = queues.length - 1; level >= least; level--) {
      const queue = queues[level] as List<ThreadBlock>;
      for (let head = queue.head; head !== null; head = queue.head) {
        if (head.state === "ready") return head;
        queue.remove(head);
      }
    }
    return null;
  }

  /** The CPU's current thread has used its time up: it goes behind the others of its priority. Caller holds: the lock of the CPU. */
  rotate(cpu: number): void {
    const { current } = this.block(cpu);
    if (current?.state !== "ready") return;
    this.dequeue(current);
    this.enqueue(current);
  }

  /** Makes `next` the CPU's current thread; a thread that could go on is saved and put in line. Caller holds: the lock of the CPU. */
  switchTo(cpu: number, next: ThreadBlock | null): void {
    const block = this.block(cpu);
    const { current } = block;
    if (current === next) return;
    const processor = this.#memory.processor;
    const { registers } = processor;
    if (current?.state === "ready") {
      const area = current.registers;
      for (let register = 0; register < callRegisters; register++) this.#memory.store(area + 4 * register, registers[register] as number);
      current.saved = true;
      this.enqueue(current);
    }
    block.current = next;
    processor.charge(Cost.schedule);
    if (next?.saved === true) {
      const area = next.registers;
      for (let register = 0; register < callRegisters; register++) registers[register] = this.#memory.load(area + 4 * register);
      next.saved = false;
    }
  }

  /** Leaves a register for the thread to find when it runs next. Caller holds: the lock of the thread's CPU. */
  give(thread: ThreadBlock, register: number, value: number): void {
    this.#memory.store(thread.registers + 4 * register, value);
    thread.saved = true;
  }

  /** A saved register. Caller holds: the lock of the thread's CPU. */
  saved(thread: ThreadBlock, register: number): number {
    return this.#memory.load(thread.registers + 4 * register);
  }

  /** What each CPU runs, who is in line, and what is saved: by `word`, which looks at memory from outside. Caller holds: no section. */
  key(word: (address: number) => number): readonly (string | number)[] {
    return [
      ...this.cpus.flatMap(({ current }, cpu) => [
        "runs",
        current?.name ?? "",
        ...(this.#queues[cpu] ?? []).flatMap((queue) => ["line", ...Array.from(queue, ({ name }) => name)]),
      ]),
      ...this.cpus.flatMap(({ visitors }) => ["visited by", ...Array.from(visitors, ({ name }) => name)]),
      ...this.threads.flatMap(({ state, saved, registers }) => [
        state,
        ...(saved ? Array.from({ length: callRegisters }, (_, register) => word(registers + 4 * register)) : []),
      ]),
    ];
  }

  /** Queues in disorder, and ready threads that no queue holds. Caller holds: no section. */
  audit(): readonly string[] {
    const faults: string[] = [];
    for (const queues of this.#queues)
      for (const queue of queues) if (!queue.consistent(this.threads.length)) faults.push(`the links of the ${queue.name} are broken`);
    for (const { visitors } of this.cpus) if (!visitors.consistent(this.threads.length)) faults.push(`the links of the ${visitors.name} are broken`);
    for (const thread of this.threads) {
      const { state } = thread;
      if (state === "ready" && !thread.links.isQueued() && this.block(this.homeOf(thread)).current !== thread)
        faults.push(`${thread.name} is ready, but in no run queue, and does not run`);
      if ((state === "away") !== thread.visit.isQueued())
        faults.push(`${thread.name} is ${state}, and ${state === "away" ? "visits no CPU" : "still visits a CPU"}`);
    }
    return faults;
  }

  #queueOf(thread: ThreadBlock): List<ThreadBlock> {
    return this.#queues[this.homeOf(thread)]?.[this.levelOf(thread)] as List<ThreadBlock>;
  }
}
