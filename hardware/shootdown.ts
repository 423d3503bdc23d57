/**
 * TLB shootdown: dropping a translation from the TLBs of other CPUs, which hardware does not do by itself. Follows Black,
 * Rashid, Golub, Hill and Baron, "Translation lookaside buffer consistency: a software approach" (ASPLOS 1989): the
 * initiator posts the page, interrupts the others, and goes on only when each has answered. Until then it must not give
 * the frame to anybody else.
 *
 * The mailbox lies in simulated memory: | initiator + 1 | page | root | CPUs that have not answered |.
 */
import type { Cpu } from "./cpu.ts";
import type { Faults } from "./faults.ts";

export class Shootdown {
  readonly #cpus: readonly Cpu[];
  readonly #mailbox: number;
  readonly #vector: number;
  readonly #faults: Faults;

  static readonly bytes: number = 16;

  /** `mailbox`: physical address of four zeroed words; `vector`: the interprocessor interrupt that it uses. */
  constructor(cpus: readonly Cpu[], mailbox: number, vector: number, faults: Faults) {
    this.#cpus = cpus;
    this.#mailbox = mailbox;
    this.#vector = vector;
    this.#faults = faults;
  }

  /**
   * The page table under `root` no longer maps the page as it did: `cpu` drops its own translation and asks `targets`
   * (bits by CPU number) to do so. False if another shootdown is under way; then the caller answers it, and tries again.
   */
  start(cpu: Cpu, root: number, page: number, targets: number): boolean {
    if (cpu.updatePhysical(this.#mailbox, (owner) => (owner === 0 ? cpu.id + 1 : undefined)) !== 0) return false;
    const others = targets & ~(1 << cpu.id);
    cpu.storePhysical(this.#mailbox + 4, page);
    cpu.storePhysical(this.#mailbox + 8, root);
    cpu.storePhysical(this.#mailbox + 12, others);
    cpu.fence();
    cpu.invalidatePage(page, root);
    for (const other of this.#cpus) if ((others & (1 << other.id)) !== 0) cpu.sendIpi(other.id, this.#vector);
    return true;
  }

  /** What a CPU does when the interrupt comes. */
  answer(cpu: Cpu): void {
    const bit = 1 << cpu.id;
    if ((cpu.loadPhysical(this.#mailbox + 12) & bit) === 0) return;
    const page = cpu.loadPhysical(this.#mailbox + 4);
    const root = cpu.loadPhysical(this.#mailbox + 8);
    if (!this.#faults.skipTlbShootdown) cpu.invalidatePage(page, root);
    cpu.updatePhysical(this.#mailbox + 12, (waiting) => waiting & ~bit);
  }

  /** Whether all have answered; then the mailbox is free again. Asked by the initiator. */
  finish(cpu: Cpu): boolean {
    if (cpu.loadPhysical(this.#mailbox + 12) !== 0) return false;
    cpu.storePhysical(this.#mailbox, 0);
    return true;
  }
}
