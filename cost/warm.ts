/** Warm machines: caches and TLBs that begin a run with what they held at the end of the one before. */
import type { Multiprocessor } from "../hardware/multiprocessor.ts";
import { Mesi } from "../hardware/cache.ts";

/** Lets every CPU of `machine` touch the lines and pages that it held on `used`, which was set up alike. The cycles count; measure differences. */
export function warmUp(machine: Multiprocessor, used: Multiprocessor): void {
  const lineBytes = 4 * used.profile.cache.lineWords;
  for (const { id } of machine.cpus) {
    const old = used.cpu(id).mmu.tlb.contents();
    for (const { root, page } of old) machine.cpu(id).mmu.translate(root, page << used.pages.pageShift, false, false);
    for (const page of used.cpu(id).mmu.tlb.kernelPages()) machine.cpu(id).mmu.reachKernel(page * (used.profile.tlb.kernelPageBytes ?? 0));
    for (const line of used.bus.seconds[id]?.contents() ?? []) machine.bus.seconds[id]?.fetch(line);
    const cache = used.bus.caches[id];
    if (cache === undefined) continue;
    // The longest unused first, so that the order of replacement is the same.
    const slots = Array.from(cache.states.keys()).filter((slot) => cache.states[slot] !== Mesi.invalid);
    slots.sort((a, b) => (cache.ranks[b] as number) - (cache.ranks[a] as number));
    for (const slot of slots) machine.bus.read(id, (cache.lines[slot] as number) * lineBytes);
  }
}
