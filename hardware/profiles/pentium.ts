/** Intel Pentium at 133 MHz (P54C), the machine of L4's and L4Linux's measurements of 1996 and 1997. */
import type { Profile } from "../profile.ts";
import { estimate, hitIsInInstruction, profile, published, recalled } from "./sourced.ts";

export const pentium: Profile = profile({
  name: "pentium-133",
  title: "Intel Pentium (P54C), 133 MHz",
  pageBytes: 4096,
  megahertz: recalled(133, "pentium-manual", "P54C"),
  instructionsPerAccess: published(95 / 34, "mcfarland", "of every 95 instructions executed 22 load and 12 store"),
  ipiDelivery: estimate(133, "one microsecond over the serial bus of the interrupt controller"),
  cache: recalled(
    { lineWords: 8, sets: 128, ways: 2, second: { sets: 8192, ways: 1 } },
    "alpert",
    "8 KB of data, 2-way, lines of 32 bytes; behind it an external cache of 256 KB, as boards of the time had",
  ),
  tlb: recalled(
    { sets: 16, ways: 4, tagged: false, kernelPageBytes: 4 * 1024 * 1024 },
    "alpert",
    "64 data entries, 4-way, flushed when CR3 is loaded; the kernel in one page of 4 MB",
  ),
  storeBuffer: recalled({ entries: 2 }, "alpert", "one write buffer for each pipeline"),
  cycles: {
    instruction: estimate(1.1, "1.95 of the i486, over the factor of about 1.8 that two pipelines and branch prediction gave", "alpert"),
    cacheHit: hitIsInInstruction,
    cacheMiss: estimate(20, "from memory at a 66 MHz bus: ten bus clocks for the first eight bytes"),
    secondLevel: estimate(8, "the first eight bytes after three clocks of a 66 MHz bus, and the restart"),
    cacheTransfer: estimate(30, "the owner writes the line to memory first"),
    invalidation: estimate(8, "an invalidating bus cycle and its snoop"),
    writeBack: estimate(8, "a burst of four into the bus's write buffer"),
    tlbMiss: estimate(10, "two dependent reads of the data cache and the restart"),
    tlbFlush: recalled(25, "pentium-manual", "INVLPG"),
    drain: estimate(0, "the write buffers empty beside the instructions"),
    fence: estimate(13, "CPUID, which serialises", "pentium-manual"),
    locked: recalled(9, "agner-tables", "LOCK ADD with memory, first-generation Pentium"),
    fault: recalled(48, "pentium-manual", "INT through a gate to an inner level"),
    kernelEntry: recalled(48, "pentium-manual", "INT through a gate to an inner level"),
    kernelExit: recalled(27, "pentium-manual", "IRET to an outer level"),
    addressSpaceSwitch: recalled(22, "pentium-manual", "MOV CR3; the translations that it drops are missed later"),
    interrupt: estimate(48, "as INT", "pentium-manual"),
    ipiSend: estimate(20, "an uncached write to the local interrupt controller"),
    copy: recalled(1, "pentium-manual", "REP MOVSD: 13 + 1 for each word"),
  },
});
