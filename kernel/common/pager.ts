/**
 * Paging. The pages of the protocol's memory are backed by frames that a table names; which thread may map which page
 * follows from what it holds. A user program that touches a page which is not mapped faults; the kernel sends the fault as
 * a message to a pager, a user-level thread of the machine's own on that CPU, which looks the page up in the table and
 * answers with a mapping (L4's page fault protocol: Liedtke, "On µ-kernel construction", SOSP 1995, section 2.1). Then the
 * access is performed again. All this lies inside one step of the protocol and cannot be seen in it.
 *
 * A page can be taken away again: from one space, or from all together with its frame, as when memory is paged out. Then
 * stale translations are shot down (hardware/shootdown.ts).
 */
import type { Cpu } from "../../hardware/cpu.ts";
import { ipiLine } from "../../hardware/interrupts.ts";
import { Shootdown } from "../../hardware/shootdown.ts";
import { Trap } from "../../hardware/trap.ts";
import { AddressSpace, memoryPage } from "./address-space.ts";
import { holds } from "./capabilities.ts";
import { KernelFault } from "./kernel-memory.ts";
import { type Microkernel, Vector } from "./microkernel.ts";
import type { ThreadBlock } from "./scheduler.ts";
import type { Thread } from "./thread.ts";
import type { MemoryPage } from "./user-memory.ts";

/** System calls of the machine's own. */
const mapCall = -1;

/** The pager of one CPU. */
interface PagerThread {
  readonly block: ThreadBlock;
  readonly space: AddressSpace;
}

export class Pager {
  readonly #kernel: Microkernel;
  readonly #pages: readonly MemoryPage[];
  /** Frames of the table, which names the frame behind each page; the pagers map them, for reading, where other threads have the pages themselves. */
  readonly #table: readonly number[];
  /** The same, for looking at the machine from outside. */
  readonly #frames: number[];
  readonly #shootdown: Shootdown;
  readonly #threads: (PagerThread | undefined)[] = [];
  /** Faults that pagers have answered. */
  faults = 0;

  constructor(kernel: Microkernel, pages: readonly MemoryPage[]) {
    this.#kernel = kernel;
    this.#pages = pages;
    const { frames, memory, machine } = kernel;
    this.#table = Array.from({ length: Math.ceil((4 * pages.length) / frames.bytes) }, () => frames.allocate());
    this.#frames = pages.map(() => frames.allocate());
    this.#frames.forEach((frame, page) => {
      memory.store(this.#entry(page), frame);
    });
    this.#shootdown = new Shootdown(machine.cpus, memory.reserve(Shootdown.bytes / 4), Vector.shootdown, machine.faults);
  }

  /** The frame behind a page, as a debugger sees it. Caller holds: no section. */
  frameOf(page: number): number {
    return this.#frames[page] as number;
  }

  /** Frames that back pages, and those of the pagers themselves. Caller holds: no section. */
  get owned(): readonly number[] {
    return [...this.#table, ...this.#frames, ...this.#threads.flatMap((thread) => (thread === undefined ? [] : thread.space.owned))];
  }

  /** Pages with a variable that passes. Caller holds: nothing. */
  pagesOf(passes: (variable: string) => boolean): readonly number[] {
    return this.#pages.flatMap(({ variables, isGhost }, page) => (!isGhost && [...variables].some(passes) ? [page] : []));
  }

  /** Caller holds: no section. */
  mapInto(space: AddressSpace, page: number): void {
    space.map(memoryPage + page, this.frameOf(page), true);
  }

  /** The root of a pager's space. Caller holds: a section. */
  rootOf(block: ThreadBlock): number {
    const found = this.#threads.find((thread) => thread?.block === block);
    if (found === undefined) throw new KernelFault(`${block.name} has no space`);
    return found.space.root;
  }

  /** A user program's access has failed. Repairs the cause, so that it can be performed again, or throws. Caller holds: no section. */
  handle(thread: Thread, error: unknown): void {
    if (!(error instanceof Trap)) throw error;
    if (error.reason !== "page-not-present") throw new KernelFault(`${thread.name}: ${error.message}`);
    const { scheduler } = this.#kernel;
    const { cpu } = thread;
    const pager = this.#threadOn(cpu);
    this.#kernel.section(cpu, () => {
      this.#kernel.withCpu(cpu, () => {
        pager.block.state = "ready";
        scheduler.switchTo(cpu.id, pager.block);
        thread.block.state = "blocked";
      });
      cpu.registers[0] = error.address;
    });
    this.#answer(cpu);
    this.#kernel.section(cpu, () => {
      this.#kernel.withFrames(() => this.#map(thread, error.address, cpu.registers[0] as number));
      this.#kernel.withCpu(cpu, () => {
        pager.block.state = "blocked";
        thread.block.state = "ready";
        scheduler.switchTo(cpu.id, thread.block);
      });
    });
    this.faults++;
  }

  /** The pager's own program, in user mode: looks the page up and asks the kernel to map what it found. */
  #answer(cpu: Cpu): void {
    const page = this.#pageAt(cpu.registers[0] as number);
    cpu.registers[0] = page < 0 ? 0 : cpu.load(memoryPage * this.#kernel.frames.bytes + 4 * page);
    cpu.systemCall(mapCall);
  }

  /** The page of the protocol's memory at a virtual address; -1: none. */
  #pageAt(address: number): number {
    const page = Math.floor((address >>> 0) / this.#kernel.frames.bytes) - memoryPage;
    return page >= 0 && page < this.#pages.length && this.#pages[page]?.isGhost === false ? page : -1;
  }

  /** The kernel's side of the pager's call: maps the frame, if the thread may have the page. */
  #map(thread: Thread, address: number, frame: number): void {
    const page = this.#pageAt(address);
    const variables = [...(this.#pages[page]?.variables ?? [])];
    if (frame === 0 || page < 0) throw new KernelFault(`${thread.name} reaches 0x${address.toString(16)}, where it has no memory`);
    if (!variables.some((name) => holds(thread.instance, name)))
      throw new KernelFault(`${thread.name} reaches ${variables.join(", ")}, which it does not hold`);
    thread.space.map(memoryPage + page, frame, true);
  }

  /** The physical address behind a virtual one of `thread`, for the kernel, which maps what is missing by itself. Caller holds: a section. */
  translate(thread: Thread, address: number): number {
    const { frames, machine, memory } = this.#kernel;
    const page = Math.floor(address / frames.bytes);
    let frame = thread.space.frameAt(page, machine.pages);
    if (frame === 0) {
      const entry = this.#pageAt(address);
      this.#kernel.withFrames(() => this.#map(thread, address, entry < 0 ? 0 : memory.load(this.#entry(entry))));
      frame = thread.space.frameAt(page, machine.pages);
    }
    return frame + (address % frames.bytes);
  }

  /** The physical address behind a virtual one of the protocol's memory, as a debugger sees it. Caller holds: no section. */
  physical(address: number): number {
    const { bytes } = this.#kernel.frames;
    return this.frameOf(this.#pageAt(address)) + (address % bytes);
  }

  /** Whether the thread's space has a page of the protocol's memory, as seen from outside. Caller holds: no section. */
  isMapped(thread: Thread, page: number): boolean {
    return thread.space.frameAt(memoryPage + page, this.#kernel.machine.pages) !== 0;
  }

  /** Takes a page out of the space of a thread; whether it was there. Caller holds: a section. */
  unmap(thread: Thread, page: number): boolean {
    return this.#kernel.withFrames(() => this.#unmap(thread, page));
  }

  #unmap(thread: Thread, page: number): boolean {
    if (thread.buried || !thread.space.unmap(memoryPage + page)) return false;
    const { memory } = this.#kernel;
    const here = memory.processor;
    here.fence();
    const { root } = thread.space;
    if (!this.#shootdown.start(here, root, (memoryPage + page) * this.#kernel.frames.bytes, 1 << thread.cpu.id))
      throw new KernelFault("another shootdown is under way");
    if (thread.cpu !== here) this.#interrupt(thread.cpu, ipiLine(Vector.shootdown), () => this.#shootdown.answer(thread.cpu));
    if (!this.#shootdown.finish(here)) throw new KernelFault(`CPU ${thread.cpu.id} does not answer a shootdown`);
    return true;
  }

  /** Moves a page to another frame, as if it had been paged out and in again: no space maps it any more. Caller holds: a section. */
  evict(page: number): void {
    this.#kernel.withFrames(() => this.#evict(page));
  }

  #evict(page: number): void {
    const { frames, memory, threads } = this.#kernel;
    for (const thread of threads) this.#unmap(thread, page);
    const old = memory.load(this.#entry(page));
    const fresh = frames.allocate();
    for (let word = 0; word < frames.bytes; word += 4) memory.store(fresh + word, memory.load(old + word));
    memory.store(this.#entry(page), fresh);
    this.#frames[page] = fresh;
    frames.free(old);
  }

  #entry(page: number): number {
    const perFrame = this.#kernel.frames.bytes / 4;
    return (this.#table[Math.floor(page / perFrame)] as number) + 4 * (page % perFrame);
  }

  /** An interrupt that the kernel handles without looking at its data, whatever the CPU is doing. */
  #interrupt(cpu: Cpu, line: number, handler: () => void): void {
    const { isHalted, mode } = cpu;
    if (!this.#kernel.machine.interrupts.isPending(cpu.id, line)) return;
    cpu.takeInterrupt(line);
    handler();
    if (isHalted) cpu.halt();
    else if (mode === "user") cpu.returnFromTrap();
    else cpu.interruptsEnabled = true;
  }

  /** The pager of a CPU, set up when it is first needed. */
  #threadOn(cpu: Cpu): PagerThread {
    const known = this.#threads[cpu.id];
    if (known !== undefined) return known;
    const { memory, frames, scheduler } = this.#kernel;
    const space = new AddressSpace(memory, frames);
    this.#table.forEach((frame, index) => {
      space.map(memoryPage + index, frame, false);
    });
    const made: PagerThread = { block: scheduler.adopt(`pager of CPU ${cpu.id}`, cpu.id), space };
    this.#threads[cpu.id] = made;
    return made;
  }
}
