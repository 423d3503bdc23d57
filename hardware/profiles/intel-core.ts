/** Intel Haswell (i7-4770, 3.4 GHz) and Skylake (i7-6700, 4.0 GHz), without mitigations of speculation. */
import type { Profile } from "../profile.ts";
import { estimate, hitIsInInstruction, profile, published, recalled } from "./sourced.ts";

const mix = published(95 / 34, "mcfarland", "of every 95 instructions executed 22 load and 12 store");
const copy = estimate(0.25, "REP MOVSB in the first-level cache: 16 bytes a cycle", "intel-optimisation");
const entry = recalled(108, "skybridge", "SYSCALL 82, SWAPGS 26 on Skylake");
const exit = published(102, "mode-switch-stat", "entry and exit take 210 together on an i7-9700, a core of the same design; less 108 for the entry");

export const haswell: Profile = profile({
  name: "haswell",
  title: "Intel Core i7-4770 (Haswell), 3.4 GHz",
  pageBytes: 4096,
  megahertz: published(3400, "7cpu-haswell", "i7-4770"),
  instructionsPerAccess: mix,
  ipiDelivery: estimate(1600, "1913 cycles on Skylake, by the ratio of the clocks", "skybridge"),
  cache: published(
    { lineWords: 16, sets: 64, ways: 8, second: { sets: 512, ways: 8 } },
    "7cpu-haswell",
    "32 KB of data and 256 KB, both 8-way, lines of 64 bytes; the third level is left out",
  ),
  tlb: recalled(
    { sets: 128, ways: 8, tagged: true, kernelPageBytes: null },
    "intel-optimisation",
    "the second level: 1024 entries, 8-way, with process context identifiers",
  ),
  storeBuffer: recalled({ entries: 42 }, "intel-optimisation", "section on Haswell"),
  cycles: {
    instruction: recalled(0.58, "spec2017-haswell", "average of the integer programs: 1.724 instructions a cycle"),
    cacheHit: hitIsInInstruction,
    secondLevel: published(12, "7cpu-haswell", "latency of the second level"),
    cacheMiss: published(230, "7cpu-haswell", "36 cycles and 57 ns"),
    cacheTransfer: estimate(70, "a hit in the third level (36 cycles) and the owner's first level there and back", "7cpu-haswell"),
    invalidation: estimate(36, "one round to the third level", "7cpu-haswell"),
    writeBack: estimate(0, "to the second level, beside the instructions"),
    tlbMiss: published(20, "mynavi-haswell", "beyond the second-level TLB, page table in a cache"),
    tlbFlush: recalled(120, "agner-tables", "INVLPG, by order of magnitude"),
    drain: estimate(0, "the store buffer empties beside the instructions"),
    fence: recalled(33, "agner-tables", "MFENCE"),
    locked: recalled(19, "agner-tables", "LOCK CMPXCHG"),
    fault: estimate(300, "an exception through the interrupt descriptor table: about three times SYSCALL"),
    kernelEntry: { ...entry, source: { ...entry.source, basis: "estimate", note: `taken over from Skylake: ${entry.source.note}` } },
    kernelExit: { ...exit, source: { ...exit.source, basis: "estimate", note: `taken over from Skylake: ${exit.source.note}` } },
    addressSpaceSwitch: estimate(186, "taken over from Skylake: write to CR3 with process context identifiers", "skybridge"),
    interrupt: estimate(300, "as a fault"),
    ipiSend: estimate(100, "a write to the local interrupt controller"),
    copy,
  },
});

export const skylake: Profile = profile({
  name: "skylake",
  title: "Intel Core i7-6700 (Skylake), 4.0 GHz",
  pageBytes: 4096,
  megahertz: published(4000, "7cpu-skylake", "i7-6700 as measured there"),
  instructionsPerAccess: mix,
  ipiDelivery: recalled(1913, "skybridge", "interprocessor interrupt"),
  cache: published(
    { lineWords: 16, sets: 64, ways: 8, second: { sets: 1024, ways: 4 } },
    "intel-optimisation",
    "Skylake client: 32 KB of data, 8-way, and 256 KB, 4-way, lines of 64 bytes; the third level is left out",
  ),
  tlb: recalled(
    { sets: 128, ways: 12, tagged: true, kernelPageBytes: null },
    "intel-optimisation",
    "the second level: 1536 entries, 12-way, with process context identifiers",
  ),
  storeBuffer: recalled({ entries: 56 }, "intel-optimisation", "section on Skylake"),
  cycles: {
    instruction: recalled(0.75, "spec2017-skylake", "mean over the integer programs"),
    cacheHit: hitIsInInstruction,
    secondLevel: published(12, "intel-optimisation", "Skylake client: latency of the second level"),
    cacheMiss: published(248, "7cpu-skylake", "44 cycles of the third level and 51 ns of memory at 4.0 GHz"),
    cacheTransfer: estimate(80, "a hit in the third level (44 cycles) and the owner's first level there and back", "intel-optimisation"),
    invalidation: estimate(44, "one round to the third level", "intel-optimisation"),
    writeBack: estimate(0, "to the second level, beside the instructions"),
    tlbMiss: estimate(20, "taken over from Haswell", "mynavi-haswell"),
    tlbFlush: recalled(120, "agner-tables", "INVLPG, by order of magnitude"),
    drain: estimate(0, "the store buffer empties beside the instructions"),
    fence: recalled(33, "agner-tables", "MFENCE"),
    locked: recalled(18, "agner-tables", "LOCK CMPXCHG"),
    fault: estimate(300, "an exception through the interrupt descriptor table: about three times SYSCALL"),
    kernelEntry: entry,
    kernelExit: exit,
    addressSpaceSwitch: recalled(186, "skybridge", "write to CR3 with process context identifiers"),
    interrupt: estimate(300, "as a fault"),
    ipiSend: estimate(100, "a write to the local interrupt controller"),
    copy,
  },
});
