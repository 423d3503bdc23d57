// Figures that others have measured, which docs/cost.md sets beside our predictions. None of these works is a source of a
// machine's numbers (hardware/profiles/references.ts); tests/cost/document.test.ts holds the two lists apart.

export const works = {
  "liedtke-1993": { title: "Improving IPC by kernel design", authors: "J. Liedtke", where: "SOSP 1993, abstract" },
  "hotos-1997": { title: "Achieved IPC performance", authors: "J. Liedtke and others", where: "HotOS 1997, abstract" },
  "sel4-benchmarks": { title: "seL4 benchmarks", authors: "seL4 Foundation", where: "github.com/seL4/website, _data/benchmarks.json" },
  "sel4-2024": { title: "Question about benchmark results", authors: "G. Heiser", where: "github.com/seL4/sel4bench/issues/41, February 2024" },
  "leslie-1996": {
    title: "The design and implementation of an operating system to support distributed multimedia applications",
    authors: "I. Leslie and others",
    where: "IEEE JSAC 14(7), section on inter-domain communication",
  },
  "haertig-1997": { title: "The performance of µ-kernel-based systems", authors: "H. Härtig and others", where: "SOSP 1997, abstract" },
  "anderson-1991": {
    title: "The interaction of architecture and operating system design",
    authors: "T. Anderson and others",
    where: "ASPLOS 1991, table of what applications ask of the system; recalled, looked for again without finding the table",
  },
};

const written =
  "the path is written field by field after the kernel's rules: it keeps in memory what the measured one, coded by hand for this case, keeps in registers, and passes through the scheduler, which the measured one avoids";
const fast =
  "nothing overlaps in the model, but nothing goes wrong in it either: no branch is mispredicted, no instruction is missed in a cache, and system registers cost only what their own instructions take";
const arm = `the machine's entry and exit, 60 cycles together, are estimates from the depth of the pipeline, and too low: null system calls of 138 and 230 cycles are published for its relatives Cortex-A76 and Cortex-A53. ${fast[0].toUpperCase()}${fast.slice(1)}`;
const twice =
  "measurements of the same kernel on the same processor differ as much: 383 and 389 cycles in February 2024, 718 and 576 in the present list; the prediction lies between";
const mach =
  "the executable path performs Mach's rules (names, rights, queues, copying in and out) and nothing else: not the parsing of typed messages, not the allocation of kernel buffers, not the locks, continuations and general scheduling around them, nor the instruction cache that thousands of instructions fill. What the measured systems spend is not in the rules, and no rule of counting brings it back";

/**
 * What is compared. `part`: of a measured call and its reply (cost/compare.ts) the way there, the way back, half of both, or
 * both, or `direct`: half of both without cache and TLB misses. `because` explains a miss by more than a quarter; of a
 * figure that is met it is left out.
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
    because: written,
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
    because: `${written}; on this machine it ran as PALcode, below any system call`,
  },
  { work: "sel4-benchmarks", what: "seL4 Call", machine: "cortex-a57", kernel: "sel4", bytes: 8, part: "there", value: 413, unit: "cycles", because: arm },
  { work: "sel4-benchmarks", what: "seL4 ReplyRecv", machine: "cortex-a57", kernel: "sel4", bytes: 8, part: "back", value: 426, unit: "cycles", because: arm },
  { work: "sel4-benchmarks", what: "seL4 Call", machine: "haswell", kernel: "sel4", bytes: 8, part: "there", value: 775, unit: "cycles", because: fast },
  { work: "sel4-benchmarks", what: "seL4 ReplyRecv", machine: "haswell", kernel: "sel4", bytes: 8, part: "back", value: 646, unit: "cycles", because: fast },
  { work: "sel4-benchmarks", what: "seL4 Call", machine: "skylake", kernel: "sel4", bytes: 8, part: "there", value: 718, unit: "cycles", because: twice },
  { work: "sel4-benchmarks", what: "seL4 ReplyRecv", machine: "skylake", kernel: "sel4", bytes: 8, part: "back", value: 576, unit: "cycles" },
  {
    work: "sel4-2024",
    what: "seL4 Call, February 2024",
    machine: "skylake",
    kernel: "sel4",
    bytes: 8,
    part: "there",
    value: 383,
    unit: "cycles",
    because: "the measured kernel takes its fast path, coded for this case and without the scheduler; ours takes the only one it has",
  },
  { work: "sel4-2024", what: "seL4 ReplyRecv, February 2024", machine: "skylake", kernel: "sel4", bytes: 8, part: "back", value: 389, unit: "cycles" },
  {
    work: "liedtke-1993",
    what: "kernels of the time, one way",
    machine: "i486-50",
    kernel: "mach",
    bytes: 8,
    part: "half",
    value: 100,
    unit: "µs",
    because: mach,
  },
  { work: "leslie-1996", what: "Mach, null RPC", machine: "alpha-21064", kernel: "mach", bytes: 8, part: "both", value: 88, unit: "µs", because: mach },
  {
    work: "leslie-1996",
    what: "Nemesis, null RPC",
    machine: "alpha-21064",
    kernel: "nemesis",
    bytes: 8,
    part: "both",
    value: 30,
    unit: "µs",
    because:
      "the executable path has the event channels and the blocking of domains, and not the activation of a domain through its user-level scheduler, which runs at each of them, nor the marshalling of a call",
  },
];

/** How many times longer the second kernel takes than the first. */
export const ratios = [
  { work: "liedtke-1993", what: "Mach beside L3, 8 bytes", machine: "i486-50", kernels: ["l4", "mach"], bytes: 8, value: 22, because: mach },
  {
    work: "liedtke-1993",
    what: "Mach beside L3, 4 KB",
    machine: "i486-50",
    kernels: ["l4", "mach"],
    bytes: 4000,
    value: 3,
    because:
      "L3 moves such a message once, from space to space; the executable path moves it five times (into the message registers, into the control block, across, out again, and the emptied block is cleared, so that the projection has no stale words), more often than Mach's, which copies in and out",
  },
];

const server =
  "a system call of the mix is one call of the server and nothing more, where the measured systems also send page faults, signals, and the copying of data through their microkernel, lose the processor's caches to it, and run a server that was not written for it";

/**
 * What of a load's throughput is lost where each of its system calls becomes a call of a server. The mix is that of the
 * andrew-local load on Mach 2.5, a kernel of one piece, on a processor of 25 MHz: it does file operations and compiles, as
 * the measured AIM loads do, and was counted before any of the predicted systems existed. `without`: causes that calls in
 * one address space do not have.
 */
export const mix = { work: "anderson-1991", systemCalls: 35_168, seconds: 73.9, megahertz: 25 };
export const loads = [
  { work: "haertig-1997", what: "L4Linux, throughput lost", machine: "pentium-133", kernel: "l4", without: [], value: 0.05, because: server },
  {
    work: "haertig-1997",
    what: "MkLinux in the kernel, throughput lost",
    machine: "pentium-133",
    kernel: "mach",
    without: ["address space", "TLB misses"],
    value: 0.25,
    because: `${server}; and a call is predicted far too cheap, as above`,
  },
  {
    work: "haertig-1997",
    what: "MkLinux at user level, throughput lost",
    machine: "pentium-133",
    kernel: "mach",
    without: [],
    value: 0.35,
    because: `${server}; and a call is predicted far too cheap, as above`,
  },
];

/** Published, and not predicted. */
export const unpredicted = ["figures for processors without a profile (Cortex-A53 and A76, Neoverse N1, U54), and for kernels without an executable path"];
