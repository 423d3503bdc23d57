// Figures that others have measured, which docs/cost.md sets beside our predictions. None of these works is a source of a
// machine's numbers (hardware/profiles/references.ts); tests/cost/doc.test.ts holds the two lists apart.

export const works = {
  "liedtke-1993": { title: "Improving IPC by kernel design", authors: "J. Liedtke", where: "SOSP 1993, abstract" },
  "hotos-1997": { title: "Achieved IPC performance", authors: "J. Liedtke and others", where: "HotOS 1997, abstract" },
  "elphinstone-2013": {
    title: "From L3 to seL4: what have we learnt in 20 years of L4 microkernels?",
    authors: "K. Elphinstone, G. Heiser",
    where: "SOSP 2013",
  },
  "sel4-benchmarks": { title: "seL4 benchmarks", authors: "seL4 Foundation", where: "github.com/seL4/website, _data/benchmarks.json" },
  "sel4-2024": { title: "Question about benchmark results", authors: "G. Heiser", where: "github.com/seL4/sel4bench/issues/41, February 2024" },
  "leslie-1996": {
    title: "The design and implementation of an operating system to support distributed multimedia applications",
    authors: "I. Leslie and others",
    where: "IEEE JSAC, section on inter-domain communication",
  },
};

const slower =
  "our path is written field by field against the kernel's rules; the measured kernel's is hand-written for this case, with registers for all that ours keeps in memory";

// `predict`: what of a measured call (cost/compare.ts) the figure is of. `because` is asked for where we miss by more than 25 %.
export const figures = [
  {
    work: "liedtke-1993",
    what: "L3/L4, short message, one way",
    machine: "i486-50",
    kernel: "l4",
    bytes: 8,
    unit: "µs",
    value: 5,
    predict: "half",
    because: slower,
  },
  {
    work: "hotos-1997",
    what: "L4, short message, one way",
    machine: "pentium-133",
    kernel: "l4",
    bytes: 8,
    unit: "cycles",
    value: 121,
    predict: "half",
    because: slower,
  },
  {
    work: "hotos-1997",
    what: "L4, short message, one way",
    machine: "alpha-21164",
    kernel: "l4",
    bytes: 8,
    unit: "cycles",
    value: 45,
    predict: "half",
    because: slower,
  },
];
