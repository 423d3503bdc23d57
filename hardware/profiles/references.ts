/**
 * What the numbers of the machine profiles were taken from. None of these works is a source of the figures that
 * docs/cost.md compares predictions with; a test holds the two lists apart.
 */
export interface Reference {
  readonly title: string;
  readonly authors: string;
  readonly where: string;
}

const works = {
  "i486-prm": { title: "i486 Microprocessor Programmer's Reference Manual", authors: "Intel", where: "1990, chapter 26 and appendix E: clock counts" },
  "i486-clocks": { title: "Opcode list: INT", authors: "InternetNightmare", where: "asm.inightmare.org/opcodelst, 2005; repeats Intel's clock counts" },
  "i486-hardware": { title: "Embedded Intel486 Processor Hardware Reference Manual", authors: "Intel", where: "order number 273025, 1997" },
  crawford: { title: "The i486 CPU: executing instructions in one clock cycle", authors: "J. Crawford", where: "IEEE Micro 10(1), 1990" },
  "pentium-manual": { title: "Pentium Processor Family Developer's Manual, volume 3", authors: "Intel", where: "1995, appendix F: clock counts" },
  alpert: { title: "Architecture of the Pentium microprocessor", authors: "D. Alpert, D. Avnon", where: "IEEE Micro 13(3), 1993" },
  "agner-tables": { title: "Instruction tables", authors: "A. Fog", where: "agner.org/optimize/instruction_tables.pdf" },
  "hennessy-patterson": {
    title: "Computer Architecture: a Quantitative Approach, 5th edition",
    authors: "J. Hennessy, D. Patterson",
    where: "2012, appendix A, figures A.13 and A.27",
  },
  mcfarland: { title: "Microprocessor Design", authors: "G. McFarland", where: "2006, table 4-2: common x86 instructions" },
  "alpha-21064": { title: "DECchip 21064-AA Microprocessor Hardware Reference Manual", authors: "Digital Equipment Corporation", where: "EC-N0079-72, 1992" },
  "alpha-21164": {
    title: "Internal organization of the Alpha 21164, a 300-MHz 64-bit quad-issue CMOS RISC microprocessor",
    authors: "J. Edmondson and others",
    where: "Digital Technical Journal 7(1), 1995",
  },
  "alphaserver-4100": {
    title: "AlphaServer 4100 performance characterization",
    authors: "Z. Cvetanovic, D. Donaldson",
    where: "Digital Technical Journal 8(4), 1996",
  },
  "alphaserver-8200": {
    title: "AlphaServer 8000 series installation and service: memory subsystem",
    authors: "Digital Equipment Corporation",
    where: "EK-SWRA2-IG, section 4.1",
  },
  "a57-trm": { title: "Cortex-A57 MPCore Processor Technical Reference Manual", authors: "ARM", where: "DDI 0488, chapters 5 to 7" },
  "llvm-a57": { title: "AArch64SchedA57.td", authors: "LLVM project", where: "lib/Target/AArch64: issue width and misprediction penalty" },
  "7cpu-a15": { title: "ARM Cortex-A15", authors: "I. Pavlov", where: "7-cpu.com/cpu/Cortex-A15.html" },
  "7cpu-haswell": { title: "Intel Haswell", authors: "I. Pavlov", where: "7-cpu.com/cpu/Haswell.html" },
  "7cpu-skylake": { title: "Intel Skylake", authors: "I. Pavlov", where: "7-cpu.com/cpu/Skylake.html" },
  "mynavi-haswell": { title: "Haswell: D-TLB size and latency", authors: "Mynavi News", where: "2013-06-21, graphs 105 to 107" },
  "intel-optimisation": { title: "Intel 64 and IA-32 Architectures Optimization Reference Manual", authors: "Intel", where: "order number 248966, chapter 2" },
  "spec2017-haswell": { title: "A workload characterization of the SPEC CPU2017 benchmark suite", authors: "A. Limaye, T. Adegbija", where: "ISPASS 2018" },
  "spec2017-skylake": {
    title: "Wait of a decade: did SPEC CPU 2017 broaden the performance horizon?",
    authors: "R. Panda and others",
    where: "HPCA 2018, table 2",
  },
  skybridge: {
    title: "SkyBridge: fast and secure inter-process communication for microkernels",
    authors: "Z. Mi and others",
    where: "EuroSys 2019, section 2: cost of single instructions",
  },
  "mode-switch-stat": { title: "mode-switch-stat: result list", authors: "eecheng87 and others", where: "github.com/eecheng87/mode-switch-stat/issues/1" },
} as const;

export type ReferenceName = keyof typeof works;
export const references: Readonly<Record<ReferenceName, Reference>> = works;
