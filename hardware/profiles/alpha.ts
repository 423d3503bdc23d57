/** Alpha 21064 at 133 MHz (DEC 3000/400) and 21164 at 433 MHz. Kernel entry is PALcode; the TLB is tagged and filled by PALcode. */
import type { Profile } from "../profile.ts";
import { estimate, hitIsInInstruction, profile, published, recalled } from "./sourced.ts";

const mix = recalled(1 / 0.36, "hennessy-patterson", "figure A.27, a load-store machine: of the instructions executed 26 % load and 10 % store");

export const alpha21064: Profile = profile({
  name: "alpha-21064",
  title: "Alpha 21064, 133 MHz (DEC 3000/400)",
  pageBytes: 8192,
  megahertz: recalled(133, "alpha-21064", "clock of the DEC 3000/400"),
  instructionsPerAccess: mix,
  ipiDelivery: estimate(133, "one microsecond over the system bus"),
  cache: recalled(
    { lineWords: 8, sets: 256, ways: 1, second: { sets: 16384, ways: 1 } },
    "alpha-21064",
    "8 KB of data, direct-mapped, lines of 32 bytes; it writes through, here it writes back; a board cache of 512 KB",
  ),
  tlb: recalled({ sets: 1, ways: 32, tagged: true, kernelPageBytes: null }, "alpha-21064", "32 data entries, fully associative, with address space numbers"),
  storeBuffer: recalled({ entries: 4 }, "alpha-21064", "four entries"),
  cycles: {
    instruction: estimate(1.3, "two in-order pipelines that rarely issue together on integer code, loads with a latency of three cycles"),
    cacheHit: hitIsInInstruction,
    cacheMiss: estimate(40, "300 ns to memory behind the board cache", "alpha-21064"),
    secondLevel: estimate(10, "75 ns to the board cache", "alpha-21064"),
    cacheTransfer: estimate(50, "the owner writes the line to memory first"),
    invalidation: estimate(20, "a bus transaction"),
    writeBack: estimate(10, "a line through the write buffer to the board cache"),
    tlbMiss: estimate(30, "a PALcode routine of about 20 instructions and two pipeline flushes", "alpha-21064"),
    tlbFlush: estimate(20, "a PALcode routine"),
    drain: estimate(0, "the write buffer empties beside the instructions"),
    fence: estimate(10, "MB waits for the write buffer"),
    locked: estimate(20, "load locked, store conditional and a barrier through the board cache"),
    fault: estimate(20, "entry to PALcode and from there to the kernel: two pipeline flushes of seven stages and the saving of state"),
    kernelEntry: estimate(14, "CALL_PAL: a pipeline flush of seven stages and as many instructions", "alpha-21064"),
    kernelExit: estimate(14, "HW_REI: likewise", "alpha-21064"),
    addressSpaceSwitch: estimate(10, "address space number and page table base are internal registers"),
    interrupt: estimate(20, "as a fault"),
    ipiSend: estimate(30, "an uncached write to the system bus"),
    copy: estimate(1, "a load and a store of eight bytes for two words, issued in turn"),
  },
});

export const alpha21164: Profile = profile({
  name: "alpha-21164",
  title: "Alpha 21164, 433 MHz",
  pageBytes: 8192,
  megahertz: recalled(433, "alpha-21164", "a later clock of the same design, described at 300 MHz"),
  instructionsPerAccess: mix,
  ipiDelivery: estimate(433, "one microsecond over the system bus"),
  cache: published(
    { lineWords: 8, sets: 256, ways: 1, second: { sets: 1024, ways: 3 } },
    "alphaserver-8200",
    "section 4.1.2: 8 KB of data, direct-mapped, lines of 32 bytes; it writes through, here it writes back, with the second level, 96 KB, 3-way, on the chip; the board cache is left out",
  ),
  tlb: recalled({ sets: 1, ways: 64, tagged: true, kernelPageBytes: null }, "alpha-21164", "64 data entries, fully associative, with address space numbers"),
  storeBuffer: recalled({ entries: 6 }, "alpha-21164", "write buffer of six entries"),
  cycles: {
    instruction: estimate(0.9, "four-issue in order, of which two for integers; loads with a latency of two cycles"),
    cacheHit: hitIsInInstruction,
    cacheMiss: estimate(50, "120 ns from the system's memory, at 433 MHz", "alphaserver-4100"),
    secondLevel: recalled(8, "alpha-21164", "latency of the second level"),
    cacheTransfer: estimate(70, "the owner supplies the line over the bus", "alphaserver-4100"),
    invalidation: estimate(30, "a bus transaction"),
    writeBack: estimate(8, "a line to the second-level cache"),
    tlbMiss: estimate(30, "a PALcode routine of about 20 instructions and two pipeline flushes", "alpha-21164"),
    tlbFlush: estimate(20, "a PALcode routine"),
    drain: estimate(0, "the write buffer empties beside the instructions"),
    fence: estimate(10, "MB waits for the write buffer"),
    locked: estimate(20, "load locked, store conditional and a barrier"),
    fault: estimate(20, "entry to PALcode and from there to the kernel"),
    kernelEntry: estimate(14, "CALL_PAL: a pipeline flush of seven stages and as many instructions", "alpha-21164"),
    kernelExit: estimate(14, "HW_REI: likewise", "alpha-21164"),
    addressSpaceSwitch: estimate(10, "address space number and page table base are internal registers"),
    interrupt: estimate(20, "as a fault"),
    ipiSend: estimate(50, "an uncached write to the system bus"),
    copy: estimate(0.5, "a load and a store of eight bytes for two words, both in one cycle"),
  },
});
