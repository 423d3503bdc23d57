/** ARM Cortex-A57, as in the machine of seL4's published measurements; clock as of the Juno and Tegra X1 boards. */
import type { Profile } from "../profile.ts";
import { estimate, hitIsInInstruction, profile, published, recalled } from "./sourced.ts";

export const cortexA57: Profile = profile({
  name: "cortex-a57",
  title: "ARM Cortex-A57, 1.9 GHz",
  pageBytes: 4096,
  megahertz: estimate(1900, "Tegra X1; boards differ between 0.9 and 1.9 GHz"),
  instructionsPerAccess: recalled(1 / 0.36, "hennessy-patterson", "figure A.27, a load-store machine: of the instructions executed 26 % load and 10 % store"),
  ipiDelivery: estimate(500, "about a quarter of a microsecond through the interrupt controller"),
  cache: recalled(
    { lineWords: 16, sets: 256, ways: 2, second: { sets: 2048, ways: 16 } },
    "a57-trm",
    "32 KB of data, 2-way, lines of 64 bytes; the second level, 2 MB, 16-way, is shared there and private here",
  ),
  tlb: recalled(
    { sets: 256, ways: 4, tagged: true, kernelPageBytes: null },
    "a57-trm",
    "the second level: 1024 entries, 4-way, with address space identifiers",
  ),
  storeBuffer: estimate({ entries: 16 }, "the store queue's size is not documented"),
  cycles: {
    instruction: estimate(0.8, "three-wide; between a third (the width) and what the misprediction penalty leaves of it on branchy code", "llvm-a57"),
    cacheHit: hitIsInInstruction,
    cacheMiss: estimate(230, "21 cycles and 110 ns, as measured on the Cortex-A15, which has the same kind of memory system", "7cpu-a15"),
    secondLevel: published(21, "7cpu-a15", "latency of the second level on the Cortex-A15"),
    cacheTransfer: estimate(60, "through the shared second level, whose latency is 21 cycles on the Cortex-A15, and the owner's first level", "7cpu-a15"),
    invalidation: estimate(40, "through the shared second level and back", "7cpu-a15"),
    writeBack: estimate(0, "to the second level, beside the instructions"),
    tlbMiss: estimate(30, "a miss of the second level on the Cortex-A15, page table in the cache", "7cpu-a15"),
    tlbFlush: estimate(40, "TLBI and DSB"),
    drain: estimate(0, "the store queue empties beside the instructions"),
    fence: estimate(20, "DMB with the stores in the first level"),
    locked: estimate(20, "exclusive load and store with acquire and release"),
    fault: estimate(45, "as a system call, and the syndrome registers"),
    kernelEntry: estimate(30, "SVC: two refills of the pipeline, of 14 cycles each", "llvm-a57"),
    kernelExit: estimate(30, "ERET: likewise", "llvm-a57"),
    addressSpaceSwitch: estimate(20, "TTBR0 and ISB: a refill of the pipeline", "llvm-a57"),
    interrupt: estimate(150, "entry, and reading the acknowledge register of the interrupt controller"),
    ipiSend: estimate(50, "a write to the interrupt controller"),
    copy: estimate(0.5, "load and store of pairs of registers: 16 bytes in two cycles"),
  },
});
