/**
 * What is always true of a sound machine, between any two steps. Tests evaluate it after every step of random runs; a
 * machine with a fault switched on shows up here, or in wrong values.
 */
import { Mesi, mesiNames } from "./cache.ts";
import type { Multiprocessor } from "./multiprocessor.ts";
import { frameOf, PageTables } from "./page-table.ts";

/** The broken invariants, in words; empty if there are none. */
export function brokenInvariants(machine: Multiprocessor): readonly string[] {
  return [...coherence(machine), ...buffers(machine), ...interrupts(machine)];
}

/** At most one cache may write a line, and then no other has it; what is not modified equals memory. */
function coherence(machine: Multiprocessor): string[] {
  const broken: string[] = [];
  const holders = new Map<number, { readonly cpu: number; readonly state: number }[]>();
  machine.bus.caches.forEach((cache, cpu) => {
    const seen = new Set<number>();
    for (let slot = 0; slot < cache.slots; slot++) {
      const state = cache.states[slot] as number;
      if (state === Mesi.invalid) continue;
      const line = cache.lines[slot] as number;
      if (seen.has(line)) broken.push(`CPU ${cpu} has line ${line} twice`);
      seen.add(line);
      const ways = slot - cache.setOf(line);
      if (ways < 0 || ways >= machine.profile.cache.ways) broken.push(`CPU ${cpu} has line ${line} in a set where it does not belong`);
      const holding = holders.get(line) ?? [];
      holders.set(line, [...holding, { cpu, state }]);
      if (state === Mesi.modified) continue;
      for (let word = 0; word < cache.lineWords; word++) {
        const address = (line * cache.lineWords + word) * 4;
        if (cache.data[slot * cache.lineWords + word] !== machine.memory.read(address))
          broken.push(`CPU ${cpu} has an unmodified copy of 0x${address.toString(16)} that differs from memory`);
      }
    }
  });
  for (const [line, holding] of holders) {
    const alone = holding.some(({ state }) => state === Mesi.exclusive || state === Mesi.modified);
    if (alone && holding.length > 1)
      broken.push(`line ${line} should have one holder, it has ${holding.map(({ cpu, state }) => `CPU ${cpu} (${mesiNames[state]})`).join(", ")}`);
  }
  return broken;
}

/** Buffered stores are to words that exist; under sequential consistency there are none. */
function buffers({ cpus, memory, memoryModel }: Multiprocessor): string[] {
  const broken: string[] = [];
  for (const { id, buffer } of cpus) {
    if (buffer.length > buffer.capacity) broken.push(`CPU ${id} buffers ${buffer.length} stores in ${buffer.capacity} places`);
    if (memoryModel === "sc" && buffer.length > 0) broken.push(`CPU ${id} buffers stores under sequential consistency`);
    for (let entry = 0; entry < buffer.length; entry++) {
      const address = buffer.address(entry);
      if (address !== -1 && !memory.contains(address)) broken.push(`CPU ${id} buffers a store to 0x${address.toString(16)}, where there is no memory`);
    }
  }
  return broken;
}

function interrupts({ cpus, interrupts }: Multiprocessor): string[] {
  return cpus.filter(({ id }) => interrupts.hasStrayBits(id)).map(({ id }) => `CPU ${id} has an interrupt pending or masked on a line that does not exist`);
}

/**
 * Translations in TLBs that the page tables in memory no longer give. Not an invariant: between a change and the end of
 * its shootdown they are expected, and afterwards they are an error.
 */
export function staleTranslations(machine: Multiprocessor): readonly string[] {
  const stale: string[] = [];
  for (const { id, mmu, root: current } of machine.cpus) {
    for (const { root: tag, page, entry } of mmu.tlb.contents()) {
      const root = tag === 0 ? current : tag;
      if (root === 0) continue; // paging is off
      const now = new PageTables(machine.console, root, machine.pages).lookup(page << machine.pages.pageShift);
      if (now !== entry)
        stale.push(
          `CPU ${id} translates page ${page} of address space 0x${root.toString(16)} to frame 0x${frameOf(entry, machine.pages).toString(16)}, the page table has ${now === 0 ? "nothing" : `0x${now.toString(16)}`}`,
        );
    }
  }
  return stale;
}
