/** Intel i486DX at 50 MHz, the machine on which L3 and L4 were first measured. */
import type { Profile } from "../profile.ts";
import { estimate, hitIsInInstruction, profile, published, recalled } from "./sourced.ts";

export const i486: Profile = profile({
  name: "i486-50",
  title: "Intel i486DX, 50 MHz",
  pageBytes: 4096,
  megahertz: recalled(50, "i486-hardware", "the fastest i486DX without clock doubling"),
  instructionsPerAccess: published(95 / 34, "mcfarland", "of every 95 instructions executed 22 load and 12 store"),
  ipiDelivery: estimate(50, "one microsecond over the serial bus of the 82489DX interrupt controller"),
  cache: published(
    { lineWords: 4, sets: 128, ways: 4, second: { sets: 16384, ways: 1 } },
    "i486-hardware",
    "section 9.3.1: 8 KB, 4-way, lines of 16 bytes; it is unified and writes through, here it holds data only and writes back; behind it an external cache of 256 KB, as boards of the time had",
  ),
  tlb: published(
    { sets: 8, ways: 4, tagged: false, kernelPageBytes: 4096 },
    "i486-hardware",
    "figure 3-7: 8 sets of 4 ways, flushed when CR3 is loaded; there are no large pages",
  ),
  storeBuffer: recalled({ entries: 4 }, "i486-hardware", "four write buffers"),
  cycles: {
    instruction: recalled(1.95, "crawford", "average over traces of integer programs, cache misses aside"),
    cacheHit: hitIsInInstruction,
    cacheMiss: estimate(11, "a burst of 5-2-2-2 clocks from page-mode memory", "i486-hardware"),
    secondLevel: estimate(5, "a burst of 2-1-1-1 clocks from the external cache", "i486-hardware"),
    cacheTransfer: estimate(19, "the owner writes the line to memory, then it is read from there"),
    invalidation: estimate(4, "a bus write cycle of two clocks and its snoop"),
    writeBack: estimate(8, "four bus writes of two clocks", "i486-hardware"),
    tlbMiss: recalled(13, "i486-prm", "notes to the clock counts: both entries of the walk in the cache"),
    tlbFlush: recalled(12, "i486-prm", "INVLPG"),
    drain: estimate(0, "the write buffers empty beside the instructions"),
    fence: estimate(5, "a locked exchange, for want of a fence instruction", "i486-prm"),
    locked: recalled(5, "i486-prm", "XCHG with memory"),
    fault: published(71, "i486-clocks", "INT through a gate to an inner level"),
    kernelEntry: published(71, "i486-clocks", "INT through a gate to an inner level"),
    kernelExit: recalled(36, "i486-prm", "IRET to an outer level"),
    addressSpaceSwitch: recalled(4, "i486-prm", "MOV CR3; the translations that it drops are missed later"),
    interrupt: estimate(71, "as INT; the acknowledge cycle is not counted", "i486-clocks"),
    ipiSend: estimate(10, "an uncached write to the interrupt controller"),
    copy: recalled(3, "i486-prm", "REP MOVSD: 12 + 3 for each word"),
  },
});
