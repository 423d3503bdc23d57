/**
 * Faults that a schedule may contain, between two steps: a page that is taken away or moves, interrupts of devices without
 * end, interprocessor interrupts that come late, a thread that is killed. All but the last must not be visible to the
 * protocol at all.
 *
 * Caller holds: no section.
 */
import type { Cpu } from "../../hardware/cpu.ts";
import { deviceLine, ipiLine } from "../../hardware/interrupts.ts";
import type { CellHandle } from "../../model/language/memory.ts";
import { type Microkernel, Vector } from "./microkernel.ts";
import type { Thread } from "./thread.ts";

/**
 * What a killed thread is to the model. `deletion`: what the kernel's own operation of deletion does. `stop`: it stood in
 * its program, and takes no further step. `nothing`: its kernel has no deletion, and the model no such step.
 */
export type KilledAs = "deletion" | "stop" | "nothing";

/** What faults need of the driver. */
export interface Driver {
  /** An interrupt on this CPU whose handler does this. */
  tick(cpu: Cpu, body: () => void): void;
  /** Interrupts that this has set off on other CPUs are handled. */
  settle(): void;
}

/** The device that storms. */
const device = 0;

export class ScheduleFaults {
  readonly #kernel: Microkernel;
  readonly #driver: Driver;

  constructor(kernel: Microkernel, driver: Driver) {
    this.#kernel = kernel;
    this.#driver = driver;
  }

  /** The page of a cell is taken out of the space of `thread`: its next access there faults. Done by `by`. False if it was not mapped. */
  unmap(thread: number, cell: CellHandle, by: number = 0): boolean {
    let wasMapped = false;
    this.#driver.tick(this.#kernel.machine.cpu(by), () => {
      wasMapped = this.#kernel.pager.unmap(this.#kernel.thread(thread), this.#kernel.user.pageOf(cell));
    });
    return wasMapped;
  }

  /** The page of a cell moves to another frame, as if it had been paged out and in again. Done by `by`. */
  move(cell: CellHandle, by: number = 0): void {
    this.#driver.tick(this.#kernel.machine.cpu(by), () => this.#kernel.pager.evict(this.#kernel.user.pageOf(cell)));
  }

  /** A device for which nobody waits interrupts a CPU again and again. */
  storm(cpu: number, times: number): void {
    const on = this.#kernel.machine.cpu(cpu);
    const { interrupts } = this.#kernel.machine;
    interrupts.route(device, cpu);
    for (let time = 0; time < times; time++) {
      interrupts.raise(device);
      on.takeInterrupt(deviceLine(device));
      this.#kernel.section(on, () => this.#kernel.spuriousInterrupt());
    }
  }

  /** Interprocessor interrupts to `cpu` are held back, but for those that the hardware itself needs; off: they can come. */
  slow(cpu: number, isSlow: boolean): void {
    for (const vector of [Vector.reschedule, Vector.visit]) this.#kernel.machine.interrupts.mask(cpu, ipiLine(vector), isSlow);
  }

  /** A thread is killed, on its own CPU or on `by`. */
  kill(id: number, by: number | null = null): KilledAs {
    const thread = this.#kernel.thread(id);
    const deletes = this.#kernel.paths.filter(({ destroy }) => destroy !== undefined);
    const as: KilledAs = deletes.length > 0 ? "deletion" : thread.call === null ? "stop" : "nothing";
    this.#driver.tick(by === null ? thread.cpu : this.#kernel.machine.cpu(by), () => {
      for (const path of deletes) path.destroy?.(id);
      this.#kernel.kill(thread);
    });
    this.#driver.settle();
    if (as === "stop") markStopped(thread);
    return as;
  }
}

/** To the model it has stopped; that its space is gone cannot be seen there. */
function markStopped(thread: Thread): void {
  thread.end = "stopped";
}
