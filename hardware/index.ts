/**
 * The simulated multiprocessor: what kernels, replay and tests import. Start reading at {@link Multiprocessor}, then
 * {@link Cpu}; a user access goes through tlb.ts, mmu.ts, store-buffer.ts, cache.ts and bus.ts to memory.ts.
 */
export { Cache, Mesi, mesiNames, type MesiState } from "./cache.ts";
export { Counters } from "./counters.ts";
export { Cpu } from "./cpu.ts";
export { exhaust, type Exhausted, type ExhaustOptions, type Explorable } from "./exhaust.ts";
export { type Faults, noFaults } from "./faults.ts";
export { deviceLine, InterruptController, ipiLine, lineName, timerLine } from "./interrupts.ts";
export { brokenInvariants, staleTranslations } from "./invariants.ts";
export { type HardwareStep, Multiprocessor, type MultiprocessorOptions, type Snapshot } from "./multiprocessor.ts";
export { frameOf, Page, type PageGeometry, pageGeometry, PageTables, type WordPort } from "./page-table.ts";
export { checkProfile, Cost, type CostIndex, type CostName, costNames, miniature, type Profile, unit } from "./profile.ts";
export { execute, type Instruction, type Operand, type Program, ProgramRun, type ProgramRunOptions, type ProgramStep } from "./program.ts";
export { type Mode, registerCount, type TrapFrame } from "./registers.ts";
export { Shootdown } from "./shootdown.ts";
export { type MemoryModel, StoreBuffer } from "./store-buffer.ts";
export { type FaultReason, Trap, type TrapReason, trapReasons } from "./trap.ts";
