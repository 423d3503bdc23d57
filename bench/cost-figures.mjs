// Figures that others have measured, which docs/cost.md sets beside our predictions. None of these works is a source of a
// machine's numbers (hardware/profiles/references.ts); tests/cost/document.test.ts holds the two lists apart.

export const works = {
  "liedtke-1993": { title: "Improving IPC by kernel design", authors: "J. Liedtke", where: "SOSP 1993, abstract" },
  "hotos-1997": { title: "Achieved IPC performance", authors: "J. Liedtke and others", where: "HotOS 1997, abstract" },
};

const written =
  "the path is written field by field after the kernel's rules and keeps in memory what the measured one, coded by hand for this case, keeps in registers";

/**
 * What is compared. `part`: of a measured call and its reply (cost/compare.ts) the way there, the way back, half of both, or
 * both, or `direct`: half of both without cache and TLB misses. `because` explains a miss by more than a quarter, and must not be there without one.
 */
export const figures = [
  {
    work: "liedtke-1993",
    what: "L3, short message, one way",
    machine: "i486-50",
    kernel: "l4",
    bytes: 8,
    part: "half",
    value: 5,
    unit: "µs",
    because: `${written}; the scheduler's share alone is 68 cycles, where the measured path does not enter it`,
  },
  {
    work: "hotos-1997",
    what: "L4, short message, one way, caches and TLB aside",
    machine: "pentium-133",
    kernel: "l4",
    bytes: 8,
    part: "direct",
    value: 121,
    unit: "cycles",
    because: written,
  },
  {
    work: "hotos-1997",
    what: "L4, short message, one way, caches and TLB aside",
    machine: "alpha-21164",
    kernel: "l4",
    bytes: 8,
    part: "direct",
    value: 45,
    unit: "cycles",
    because: written,
  },
];
export const ratios = [];
