/**
 * The microkernel under every executable path: boots on the simulated multiprocessor and runs system calls, switches
 * threads, wakes them across CPUs, ends them. Which thread takes its next step when is for a driver to say: executor.ts
 * follows a given schedule, free-run.ts lets the timer decide.
 *
 * Between two steps each CPU is in one of three conditions: in user mode in the space of its current thread; in kernel
 * mode with interrupts enabled, its current thread having paused in a system call; or halted, without a current thread.
 */
import type { Cpu } from "../../hardware/cpu.ts";
import type { Faults } from "../../hardware/faults.ts";
import { deviceLine, devices, ipiLine } from "../../hardware/interrupts.ts";
import type { MemoryModel } from "../../hardware/store-buffer.ts";
import { Multiprocessor } from "../../hardware/multiprocessor.ts";
import { type Profile, unit } from "../../hardware/profile.ts";
import type { OperationDeclaration } from "../../model/language/kernel.ts";
import type { Step } from "../../model/language/operation.ts";
import type { Instance } from "../../model/language/protocol.ts";
import { AddressSpace, utcbPage } from "./address-space.ts";
import { type Allocation, Allocator, type Described, type Locking } from "./allocation.ts";
import { Capabilities, holds } from "./capabilities.ts";
import { Frames } from "./frames.ts";
import { KernelFault, KernelMemory } from "./kernel-memory.ts";
import { NotExecutable } from "./load-paths.ts";
import type { Lock } from "./locks.ts";
import { Pager } from "./pager.ts";
import type { KernelCode, KernelRoutine, LockPoint, MachinePath, PathFactory, Results, Resumption, SystemCall } from "./path.ts";
import { type CpuBlock, type RunState, Scheduler, type ThreadBlock } from "./scheduler.ts";
import { guardedResult } from "./result.ts";
import { advance, type Rest, type Segment } from "./routine.ts";
import { type CallFormat, callFormat, type Names } from "./system-calls.ts";
import { type Call, Thread } from "./thread.ts";
import { mapMemory, UserMemory, type UserPort } from "./user-memory.ts";

export interface MachineOptions {
  /** `big` unless given. */
  readonly locking?: Locking;
  /** `sc` unless given. */
  readonly memoryModel?: MemoryModel;
  readonly profile?: Profile;
  /** Parts of the hardware that are broken. */
  readonly faults?: Partial<Faults>;
  /** Pages of the protocol's memory are mapped when they are first touched, not at the start. */
  readonly demandPaging?: boolean;
}

/** Interprocessor interrupts by what they tell. */
export const Vector = { reschedule: 0, shootdown: 1, visit: 2 } as const;

/** A line of the table of system calls. */
interface Entry {
  readonly format: CallFormat;
  readonly handler: (call: SystemCall) => KernelRoutine;
}

const currentIn = (block: CpuBlock): ThreadBlock | null => block.current;
const stateOf = ({ state }: ThreadBlock): RunState => state;
const setState = (block: ThreadBlock, state: RunState): void => {
  block.state = state;
};
const switchTo = (scheduler: Scheduler, thread: Thread): void => scheduler.switchTo(thread.cpu.id, thread.block);

const sleep = { timer: false } as const;
const timedSleep = { timer: true } as const;

/** A machine whose events cost one cycle each, with small pages: there is one for every run. */
const small: Profile = { ...unit, name: "unit, pages of 1 KiB", pageBytes: 1024 };
const heapBytes = 0x1_8000;
/** Beyond what is needed at the start: for tables of pagers, and for a page that moves. */
const spareFrames = 8;

export class Microkernel {
  readonly instance: Instance;
  readonly machine: Multiprocessor;
  readonly memory: KernelMemory;
  readonly allocator: Allocator;
  readonly frames: Frames;
  readonly user: UserMemory;
  readonly pager: Pager;
  readonly paths: readonly MachinePath[];
  readonly scheduler: Scheduler;
  readonly capabilities: Capabilities;
  /** What the paths have laid out. */
  readonly pathRecords: readonly Described[];
  readonly threads: readonly Thread[];
  /** Threads woken and not yet run since, in that order. */
  readonly woken: Thread[] = [];
  /** Threads whose system calls have ended, in that order; the driver lets their programs go on. */
  readonly completed: Thread[] = [];
  /** An empty space, for CPUs whose thread is gone. */
  readonly #emptySpace: AddressSpace;
  readonly #services: Allocation;
  /** Whether entry takes the big lock: unless every path takes its own. */
  readonly #takesBigLock: boolean;
  readonly #ordered: boolean;
  readonly #byBlock: ReadonlyMap<ThreadBlock, Thread>;
  readonly #names: readonly Names[];
  /** For each CPU the threads that the code under way there wakes. */
  readonly #wakes: readonly Thread[][];
  readonly #entries = new Map<OperationDeclaration, Entry>();
  readonly #graves: Thread[] = [];

  constructor(instance: Instance, factories: readonly PathFactory[], options: MachineOptions = {}) {
    const { profile = small, memoryModel = "sc", faults = {}, locking = "big", demandPaging = false } = options;
    const { pageBytes } = profile;
    this.instance = instance;
    this.#ordered = memoryModel !== "sc";
    const handles = instance.threads.map(({ handle }) => handle);
    const apart = instance.threads.some((thread) => thread.holds !== null);
    this.#wakes = Array.from({ length: instance.cpus }, () => []);
    const map = mapMemory(instance.memory, handles, pageBytes, apart);

    const heapEnd = pageBytes * Math.max(2, Math.ceil(heapBytes / pageBytes));
    const frames = 3 * instance.threads.length + map.pages.length + 2 * instance.cpus + spareFrames;
    const memoryBytes = heapEnd + frames * pageBytes;
    this.machine = new Multiprocessor({ cpus: instance.cpus, memoryBytes, memoryModel, profile, faults });
    this.memory = new KernelMemory(this.machine, pageBytes, heapEnd);
    this.frames = new Frames(this.memory, heapEnd, memoryBytes);
    this.allocator = new Allocator(this.memory, instance, locking);
    this.#services = this.allocator.services;

    this.#emptySpace = new AddressSpace(this.memory, this.frames);
    this.pager = new Pager(this, map.pages);
    this.user = new UserMemory(instance.memory, map, {
      pageBytes,
      frameOf: (page) => this.pager.frameOf(page),
      peek: (address) => this.machine.peek(address),
      poke: (address, word) => this.machine.poke(address, word),
    });
    this.paths = factories.map((factory) =>
      factory({
        instance,
        threads: handles,
        ...this.#services,
        cpuOf: (thread) => this.thread(thread).cpu.id,
        read: (thread, cell) => (this.memory.cpu === null ? this.user.inspect(cell) : this.user.read(this.thread(thread).ports.physical, cell)),
        write: (thread, cell, value) => this.user.write(this.thread(thread).ports.physical, cell, value),
        hasEnded: (thread) => this.thread(thread).end === "finished",
        wake: (thread) => this.#wake(this.thread(thread)),
        kill: (thread) => this.kill(this.thread(thread)),
      }),
    );
    this.#takesBigLock = locking === "big" || this.paths.some((path) => path.locking !== "own");
    this.pathRecords = [...this.allocator.records];
    this.capabilities = new Capabilities(this.memory, instance);
    this.scheduler = new Scheduler(this.memory, this.allocator, instance);
    // The last in the order of locks: a thread is buried under its CPU's lock, a page found missing under those of a path.
    this.frames.protect(this.allocator.ownLock("the lock of the frames"));
    this.threads = instance.threads.map((thread, id) => {
      if (thread.run === null) throw new NotExecutable(`thread ${thread.name} is the most general client: it has no program to run`);
      const space = new AddressSpace(this.memory, this.frames);
      const utcb = this.frames.allocate();
      space.map(utcbPage, utcb, true);
      if (!demandPaging) for (const page of this.pager.pagesOf((name) => holds(thread, name))) this.pager.mapInto(space, page);
      const block = this.scheduler.threads[id] as ThreadBlock;
      return new Thread(this, thread, thread.run(thread.context as never), { cpu: this.machine.cpu(thread.cpu), block, space, utcb });
    });
    this.#byBlock = new Map(this.threads.map((thread) => [thread.block, thread]));
    this.#names = this.threads.map(({ id }) => ({
      addressOf: (cell) => this.user.addressOf(cell),
      cellAt: (address) => this.user.cellAt(address),
      slotOf: (object) => this.capabilities.slotOf(object),
      objectIn: (slot) => this.capabilities.lookUp(id, slot),
    }));
    for (const cpu of this.machine.cpus) cpu.halt();
  }

  /** Caller holds: nothing. */
  thread(id: number): Thread {
    const thread = this.threads[id];
    if (thread === undefined) throw new RangeError(`there is no thread ${id}`);
    return thread;
  }

  /** Frames of the kernel itself. Caller holds: no section. */
  get owned(): readonly number[] {
    return this.#emptySpace.owned;
  }

  /** The thread that a CPU runs; null if it is idle. Caller holds: the lock of the CPU. */
  currentOf(cpu: Cpu): Thread | null {
    const { current } = this.scheduler.block(cpu.id);
    return current === null ? null : (this.#byBlock.get(current) ?? null);
  }

  #isCurrent({ cpu, block }: Thread): boolean {
    return this.withCpu(cpu, currentIn, this.scheduler.block(cpu.id)) === block;
  }

  // Entry and exit

  /** Kernel code on `cpu`, which has just entered the kernel, up to its exit, with no other CPU coming in between. Caller holds: no section. */
  section<T>(cpu: Cpu, body: () => T): T;
  section<T, A, B = undefined>(cpu: Cpu, body: (a: A, b: B) => T, a: A, b?: B): T;
  section<T, A, B>(cpu: Cpu, body: (a: A, b: B) => T, a?: A, b?: B): T {
    this.#at(cpu);
    try {
      // What user programs have stored is in memory before the kernel looks, and what the kernel stores before it leaves.
      if (this.#ordered) cpu.fence();
      const lock = this.#entryLock;
      if (lock?.tryAcquire() === false) throw new KernelFault(`CPU ${cpu.id} enters the kernel while another CPU holds ${lock.name}`);
      const result = body(a as A, b as B);
      this.#leave(cpu);
      return result;
    } finally {
      this.memory.cpu = null;
    }
  }

  /** The same as code that stops at locks; {@link onward} takes it from one to the next. Caller holds: no section. */
  *entry<T>(cpu: Cpu, body: () => KernelCode<T>): KernelCode<T> {
    if (this.#ordered) cpu.fence();
    const lock = this.#entryLock;
    if (lock !== null) yield* lock.acquire();
    const result = yield* body();
    this.#leave(cpu);
    return result;
  }

  /** Runs kernel code on `cpu` to the next lock where it stops, or to its end. Caller holds: no section. */
  onward<T>(cpu: Cpu, code: KernelCode<T>): IteratorResult<LockPoint, T> {
    this.#at(cpu);
    try {
      return code.next();
    } finally {
      this.memory.cpu = null;
    }
  }

  #at(cpu: Cpu): void {
    if (this.memory.cpu !== null) throw new KernelFault(`CPU ${cpu.id} enters the kernel inside the kernel`);
    this.memory.cpu = cpu;
  }

  get #entryLock(): Lock | null {
    return this.#takesBigLock ? this.allocator.kernelLock : null;
  }

  /** The end of a section: what every exit from the kernel does. */
  #leave(cpu: Cpu): void {
    const next = this.withCpu(cpu, this.#reap, cpu);
    this.#entryLock?.release();
    const forgotten = this.allocator.held(cpu.id)[0];
    if (forgotten !== undefined) throw new KernelFault(`CPU ${cpu.id} leaves the kernel and holds ${forgotten.name}`);
    if (this.#ordered) cpu.fence();
    this.#exit(cpu, next);
  }

  /**
   * Runs `body` with the lock of a CPU's run queues. What `body` needs may be given to it, which saves making a function at each step.
   * Caller holds: nothing.
   */
  withCpu<T>(cpu: Cpu, body: () => T): T;
  withCpu<T, A, B = undefined>(cpu: Cpu, body: (a: A, b: B) => T, a: A, b?: B): T;
  withCpu<T, A, B>(cpu: Cpu, body: (a: A, b: B) => T, a?: A, b?: B): T {
    const here = this.memory.cpu;
    if (here === null) return body(a as A, b as B);
    if (this.allocator.locking === "big") return here.doing("schedule", body, a as A, b as B);
    return this.#services.locked(() => here.doing("schedule", body, a as A, b as B), this.scheduler.block(cpu.id));
  }

  /** Runs `body` with the lock of the frames and page tables. Caller holds: nothing. */
  withFrames<T>(body: () => T): T {
    const { lock } = this.frames;
    return lock === null || this.allocator.locking === "big" ? body() : this.allocator.holding([lock], body);
  }

  /** The state of a thread, in its block. */
  #setState({ cpu, block }: Thread, state: RunState): void {
    this.withCpu(cpu, setState, block, state);
  }

  #exit(cpu: Cpu, next: ThreadBlock | null): void {
    if (next === null) return cpu.halt();
    const thread = this.#byBlock.get(next);
    if (thread?.call != null) {
      cpu.interruptsEnabled = true;
      return;
    }
    const root = thread === undefined ? this.pager.rootOf(next) : thread.space.root;
    if (cpu.root !== root) cpu.switchAddressSpace(root);
    cpu.enterUser();
  }

  // Scheduling

  /** Switches the CPU of a thread to it. Caller holds: a section. */
  switchTo(thread: Thread): void {
    const { cpu } = thread;
    this.withCpu(cpu, switchTo, this.scheduler, thread);
  }

  /**
   * If the current thread of `cpu` cannot go on: to the one that it woke last, directly, or else to the one that the run queue has.
   * If it can: to one of higher priority that has become ready. Caller holds: a section.
   */
  reschedule(cpu: Cpu, direct: Thread | null = null): void {
    this.withCpu(cpu, this.#choose, cpu, direct);
  }

  readonly #choose = ({ id }: Cpu, direct: Thread | null): void => {
    const { current } = this.scheduler.block(id);
    if (current?.state === "ready") {
      if (direct !== null) this.scheduler.enqueue(direct.block);
      const higher = this.scheduler.above(id, current);
      if (higher !== null) this.scheduler.switchTo(id, higher);
      return;
    }
    this.scheduler.switchTo(id, direct?.block ?? this.scheduler.next(id));
  };

  // System calls

  /** The arguments of an operation as their domains take them. Caller holds: nothing. */
  fit({ operation, args }: Extract<Step, { kind: "kernel" }>): Readonly<Record<string, unknown>> {
    return callFormat(this.instance, operation).fit(args);
  }

  /** The user program traps into the kernel with its arguments in registers and UTCB; it is current, in user mode. Caller holds: no section. */
  trap(thread: Thread, { operation, args }: Extract<Step, { kind: "kernel" }>): void {
    const { cpu } = thread;
    this.#entryOf(operation).format.putArguments(args, thread.ports.user, this.#names[thread.id] as Names);
    cpu.systemCall(cpu.registers[0] as number);
  }

  /** Starts the system call for which the thread has trapped. Caller holds: a section. */
  enterCall(thread: Thread, { operation }: Extract<Step, { kind: "kernel" }>): void {
    const { format, handler } = this.#entryOf(operation);
    const args = format.getArguments(thread.ports.kernel, this.#names[thread.id] as Names);
    thread.call = { format, routine: handler({ thread: thread.id, operation, args }) };
  }

  /** What the kernel's table of system calls has for an operation. */
  #entryOf(operation: OperationDeclaration): Entry {
    const known = this.#entries.get(operation);
    if (known !== undefined) return known;
    const handler = this.paths.map((path) => path.calls[operation.name]).find((found) => found !== undefined);
    if (handler === undefined) throw new NotExecutable(`no executable path handles the operation "${operation.name}"`);
    const entry: Entry = { format: callFormat(this.instance, operation), handler };
    this.#entries.set(operation, entry);
    return entry;
  }

  /** Runs the call of a thread to its next pause, block or end, on its own CPU or on the one that it visits. Caller holds: a section. */
  segment(thread: Thread, why: Resumption): Segment {
    const call = this.#callOf(thread);
    const segment: Segment = { rule: null };
    const point = advance(call.routine, why, segment);
    if (point.kind === "lock") throw new KernelFault(`${point.lock.name} is taken although no other CPU is in the kernel`);
    this.#reached(thread, call, point);
    return segment;
  }

  /** The same as code that stops at locks. Caller holds: a section. */
  *call(thread: Thread, why: Resumption): KernelCode<Segment> {
    const call = this.#callOf(thread);
    const segment: Segment = { rule: null };
    let point = advance(call.routine, why, segment);
    while (point.kind === "lock") {
      thread.isAtLock = true;
      yield point;
      thread.isAtLock = false;
      point = advance(call.routine, "run", segment);
    }
    this.#reached(thread, call, point);
    return segment;
  }

  /** The call of a thread, which runs from now on. */
  #callOf(thread: Thread): Call {
    const { call } = thread;
    if (call === null) throw new KernelFault(`${thread.name} is in no system call`);
    thread.asleep = null;
    thread.arriving = false;
    return call;
  }

  /** The call of a thread has come to a pause, a block or its end. */
  #reached(thread: Thread, call: Call, point: Rest): void {
    const here = this.memory.processor;
    this.#flushWakes();
    // It may have ended itself.
    if (thread.end === "finished") return;
    thread.visits = null;
    switch (point.kind) {
      case "done":
        call.format.putResults(point.results, here === thread.cpu && this.#isCurrent(thread) ? thread.ports.kernel : thread.ports.distant);
        thread.call = null;
        this.completed.push(thread);
        this.#comeHome(thread, here);
        break;
      case "pause":
        if (point.cpu === null || point.cpu === thread.cpu.id) this.#comeHome(thread, here);
        else this.#depart(thread, this.machine.cpu(point.cpu));
        break;
      case "block":
        thread.asleep = point.timer ? timedSleep : sleep;
        this.#setState(thread, "blocked");
        break;
    }
  }

  /**
   * The device behind a background rule raises its line on a CPU: each rule has one, as far as there are lines. Null if no path handles the rule.
   * Caller holds: no section.
   */
  raise(rule: string, cpu: number): { readonly line: number; readonly handler: () => KernelRoutine<void> } | null {
    const handler = this.paths.map((path) => path.interrupts[rule]).find((found) => found !== undefined);
    if (handler === undefined) return null;
    const { interrupts } = this.machine;
    const device = this.paths.flatMap((path) => Object.keys(path.interrupts)).indexOf(rule) % devices;
    interrupts.route(device, cpu);
    interrupts.raise(device);
    return { line: deviceLine(device), handler: () => handler(cpu) };
  }

  /** What a path's routine does that belongs to no thread. Caller holds: a section. */
  background(routine: KernelRoutine<void>): Segment {
    const { done, value } = this.service(routine).next();
    if (done === true) return value;
    throw new KernelFault(`${value.lock.name} is taken although no other CPU is in the kernel`);
  }

  /** The same as code that stops at locks. Caller holds: a section. */
  *service(routine: KernelRoutine<void>): KernelCode<Segment> {
    const segment: Segment = { rule: null };
    for (let point = advance(routine, "run", segment); point.kind === "lock"; point = advance(routine, "run", segment)) yield point;
    this.#flushWakes();
    return segment;
  }

  /** What the call of a thread has left for its program, as the program gets it. Caller holds: no section. */
  results(thread: Thread): Results {
    const { pending, cpu, ports } = thread;
    if (pending?.kind !== "kernel") throw new KernelFault(`${thread.name} is in no system call`);
    const runs = this.memory.cpu === null && cpu.mode === "user" && this.currentOf(cpu) === thread;
    return guardedResult(pending.operation, this.#entryOf(pending.operation).format.getResults(runs ? ports.user : ports.saved));
  }

  /** The call goes on on another CPU: posts it there and tells that CPU. */
  #depart(thread: Thread, to: Cpu): void {
    this.#setState(thread, "away");
    this.withCpu(to, () => this.scheduler.block(to.id).visitors.enqueue(thread.block));
    thread.visits = to;
    this.memory.processor.sendIpi(to.id, Vector.visit);
  }

  /** The first of the threads that visit a CPU and that nothing keeps waiting there. Caller holds: the lock of the CPU. */
  visitor(cpu: Cpu, isKept: (thread: Thread) => boolean): Thread | null {
    for (const block of this.scheduler.block(cpu.id).visitors) {
      const thread = this.#byBlock.get(block);
      if (thread !== undefined && !isKept(thread)) return thread;
    }
    return null;
  }

  /** A device has interrupted, and nobody waits for it. Caller holds: a section. */
  spuriousInterrupt(): void {
    const here = this.memory.processor;
    this.withCpu(here, () => {
      this.scheduler.block(here.id).spurious++;
    });
  }

  /** Takes a visitor in, on the CPU that it visits. Caller holds: a section. */
  receive(thread: Thread): void {
    const here = this.memory.processor;
    this.withCpu(here, () => {
      const { visitors } = this.scheduler.block(here.id);
      visitors.remove(thread.block);
      if (!visitors.isEmpty) here.sendIpi(here.id, Vector.visit);
    });
    this.#setState(thread, "blocked");
  }

  /** The thread can go on on its own CPU, which is told if it is another one. */
  #comeHome(thread: Thread, here: Cpu): void {
    if (this.withCpu(thread.cpu, stateOf, thread.block) === "ready") return;
    this.#makeReady(thread);
    if (here !== thread.cpu) this.tell(thread.cpu);
  }

  // Waking and ending

  #wake(thread: Thread): void {
    // It has been woken already, or its timer has ended its sleep, and will find what has happened since.
    if (thread.asleep === null && (thread.arriving || thread.isAtLock)) return;
    if (thread.asleep === null) throw new Error(`the kernel wakes ${thread.name}, which does not sleep`);
    this.#wakes[this.memory.processor.id]?.push(thread);
  }

  /** Wake-ups take effect when the path has given its locks back, as with Linux's wake queues (kernel/sched/core.c, wake_up_q). */
  #flushWakes(): void {
    const here = this.memory.processor;
    const wakes = this.#wakes[here.id] as Thread[];
    if (wakes.length === 0) return;
    for (let thread = wakes.shift(); thread !== undefined; thread = wakes.shift()) {
      if (thread.end === "finished" || thread.arriving || thread.asleep === null) continue;
      thread.asleep = null;
      thread.arriving = true;
      this.woken.push(thread);
      thread.told = thread.cpu === here;
      if (thread.cpu !== here) {
        this.#makeReady(thread);
        this.tell(thread.cpu);
        continue;
      }
      // The driver switches to it directly, or puts it in line.
      this.#setState(thread, "ready");
    }
  }

  #makeReady({ cpu, block }: Thread): void {
    this.withCpu(cpu, () => {
      block.state = "ready";
      if (this.scheduler.block(cpu.id).current !== block) this.scheduler.enqueue(block);
    });
  }

  /** Interrupts another CPU, so that it looks at its run queue. Caller holds: a section. */
  tell(cpu: Cpu): void {
    this.memory.processor.sendIpi(cpu.id, Vector.reschedule);
  }

  /** Whether a CPU has been told to look at its run queue, and has not yet. Caller holds: nothing. */
  isTold(cpu: Cpu): boolean {
    return this.machine.interrupts.isPending(cpu.id, ipiLine(Vector.reschedule));
  }

  /** A thread that was kept from running can run. Caller holds: a section. */
  resume(thread: Thread): void {
    this.#makeReady(thread);
    if (thread.cpu !== this.memory.processor) this.tell(thread.cpu);
  }

  /** Looks at the machine from outside in the middle of a section. Caller holds: nothing. */
  outside<T>(body: () => T): T {
    const { cpu } = this.memory;
    this.memory.cpu = null;
    try {
      return body();
    } finally {
      this.memory.cpu = cpu;
    }
  }

  /** The timer has ended a thread's sleep. Caller holds: a section. */
  timeOut(thread: Thread): void {
    this.#setState(thread, "ready");
  }

  /** Ends a thread wherever it stands: out of all queues, its call forgotten. Its CPU buries it. Caller holds: a section. */
  kill(thread: Thread): void {
    if (thread.end === "finished") return;
    for (const path of this.paths) path.forget(thread.id);
    if (thread.visits !== null) {
      const at = thread.visits;
      this.withCpu(at, () => this.scheduler.block(at.id).visitors.remove(thread.block));
      thread.visits = null;
    }
    thread.pending = null;
    thread.call = null;
    thread.asleep = null;
    thread.arriving = false;
    this.retire(thread);
    if (thread.cpu !== this.memory.processor) this.tell(thread.cpu);
  }

  /** The thread takes no further step; its CPU gives back what it has when it next leaves the kernel. Caller holds: nothing. */
  retire(thread: Thread): void {
    thread.end = "finished";
    this.#graves.push(thread);
    if (this.memory.cpu !== null) {
      this.#setState(thread, "dead");
    }
  }

  /** Threads that have ended, but still have a space. Caller holds: no section. */
  get unburied(): readonly Thread[] {
    return this.#graves;
  }

  /** Buries the dead of this CPU; what runs on it then. With the lock of the CPU. */
  readonly #reap = (cpu: Cpu): ThreadBlock | null => {
    const { scheduler } = this;
    const block = scheduler.block(cpu.id);
    for (let index = 0; index < this.#graves.length; index++) {
      const thread = this.#graves[index] as Thread;
      if (thread.cpu !== cpu) continue;
      this.#graves.splice(index--, 1);
      thread.block.state = "dead";
      scheduler.dequeue(thread.block);
      if (block.current === thread.block) scheduler.switchTo(cpu.id, scheduler.next(cpu.id));
      if (cpu.root === thread.space.root) cpu.switchAddressSpace(this.#emptySpace.root);
      if (this.machine.profile.tlb.tagged) cpu.flushTlb();
      this.withFrames(() => {
        thread.space.destroy();
        this.frames.free(thread.utcb);
      });
      this.capabilities.revoke(thread.id);
      thread.buried = true;
    }
    return block.current;
  };

  // User memory

  /** Whether an access of the thread's program may fault: not all pages that it hold its memory are mapped. Caller holds: no section. */
  mayFault(thread: Thread): boolean {
    return this.pager.pagesOf((name) => holds(thread.instance, name)).some((page) => !this.pager.isMapped(thread, page));
  }

  /**
   * The protocol's memory as the program of a thread would see it now, without running it: the newest store that its CPU holds back, else memory.
   * Caller holds: no section.
   */
  view(thread: Thread): UserPort {
    const { buffer } = thread.cpu;
    const load = (address: number): number => {
      const physical = this.pager.physical(address);
      const entry = buffer.length === 0 ? -1 : buffer.find(physical);
      return entry < 0 ? this.machine.peek(physical) : buffer.value(entry);
    };
    const refuse = (): never => {
      throw new KernelFault("a condition changes memory");
    };
    return { load, store: refuse, update: refuse, fence: refuse, storeBarrier: refuse, holdsStores: () => false };
  }
}
