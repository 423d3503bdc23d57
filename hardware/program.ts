/**
 * The smallest user programs: lists of instructions whose program counter and operands are the CPU's own, so that a
 * snapshot of the machine holds the whole run. They serve to exhaust the machine's schedules on litmus tests and to
 * measure it; protocols run as generators instead.
 */
import type { Cpu } from "./cpu.ts";
import type { Explorable } from "./exhaust.ts";
import type { HardwareStep, Multiprocessor, Snapshot } from "./multiprocessor.ts";
import { Cost } from "./profile.ts";

/** A number or the contents of a register. */
export type Operand = number | { readonly register: number };

export type Instruction =
  | { readonly op: "load"; readonly into: number; readonly address: number }
  | { readonly op: "store"; readonly address: number; readonly value: Operand }
  | { readonly op: "exchange"; readonly into: number; readonly address: number; readonly value: Operand }
  | { readonly op: "compareExchange"; readonly into: number; readonly address: number; readonly expected: Operand; readonly desired: Operand }
  | { readonly op: "fetchAdd"; readonly into: number; readonly address: number; readonly amount: Operand }
  | { readonly op: "fence" }
  | { readonly op: "storeBarrier" }
  | { readonly op: "set"; readonly into: number; readonly value: Operand }
  | { readonly op: "add"; readonly into: number; readonly left: Operand; readonly right: Operand }
  | { readonly op: "jump"; readonly to: number }
  | { readonly op: "branch"; readonly left: Operand; readonly is: "==" | "!="; readonly right: Operand; readonly to: number }
  /** A load that repeats itself until the condition holds. */
  | { readonly op: "await"; readonly address: number; readonly is: "==" | "!="; readonly value: Operand };

export type Program = readonly Instruction[];

/** Performs the instruction at the CPU's program counter. A {@link Trap} leaves the program counter where it is. */
export function execute(cpu: Cpu, program: Program): void {
  const instruction = program[cpu.pc];
  if (instruction === undefined) throw new RangeError(`CPU ${cpu.id}: the program has ended`);
  const { registers } = cpu;
  if (usesRegistersOnly(instruction)) cpu.charge(Cost.instruction);
  const value = (operand: Operand): number => (typeof operand === "number" ? operand : (registers[operand.register] as number));
  let next = cpu.pc + 1;
  switch (instruction.op) {
    case "load":
      registers[instruction.into] = cpu.load(instruction.address);
      break;
    case "store":
      cpu.store(instruction.address, value(instruction.value));
      break;
    case "exchange":
      registers[instruction.into] = cpu.exchange(instruction.address, value(instruction.value));
      break;
    case "compareExchange":
      registers[instruction.into] = cpu.compareExchange(instruction.address, value(instruction.expected), value(instruction.desired));
      break;
    case "fetchAdd":
      registers[instruction.into] = cpu.fetchAdd(instruction.address, value(instruction.amount));
      break;
    case "fence":
      cpu.fence();
      break;
    case "storeBarrier":
      cpu.storeBarrier();
      break;
    case "set":
      registers[instruction.into] = value(instruction.value);
      break;
    case "add":
      registers[instruction.into] = value(instruction.left) + value(instruction.right);
      break;
    case "jump":
      next = instruction.to;
      break;
    case "branch":
      if ((value(instruction.left) === value(instruction.right)) === (instruction.is === "==")) next = instruction.to;
      break;
    case "await":
      if ((cpu.load(instruction.address) === value(instruction.value)) !== (instruction.is === "==")) next = cpu.pc;
      break;
  }
  cpu.pc = next;
}

/** The others are counted by the CPU itself. */
function usesRegistersOnly({ op }: Instruction): boolean {
  return op === "set" || op === "add" || op === "jump" || op === "branch";
}

export type ProgramStep = { readonly kind: "instruction"; readonly cpu: number } | HardwareStep;

export interface ProgramRunOptions {
  readonly reduce?: boolean;
  readonly watch?: readonly number[];
  readonly fullKey?: boolean;
}

/** Program i on CPU i, all started; a schedule chooses among the next instructions and the hardware's own steps. */
export class ProgramRun implements Explorable<Snapshot, ProgramStep> {
  readonly machine: Multiprocessor;
  readonly programs: readonly Program[];
  readonly #reduce: boolean;
  readonly #watch: readonly number[];
  readonly #fullKey: boolean;

  /**
   * `reduce`: an instruction that no other CPU can see and that no step of another CPU can change is not interleaved with
   * other steps. The outcomes are the same, the states fewer. It needs programs that leave page tables alone.
   * `watch`: registers that the caller looks at in every state, not only at the end; a change of one is interleaved.
   * `fullKey`: states are told apart by caches too, not only by what programs can see.
   */
  constructor(machine: Multiprocessor, programs: readonly Program[], options: ProgramRunOptions = {}) {
    if (programs.length > machine.cpus.length) throw new RangeError(`${programs.length} programs do not fit on ${machine.cpus.length} CPUs`);
    this.machine = machine;
    this.programs = programs;
    this.#reduce = options.reduce ?? false;
    this.#watch = options.watch ?? [];
    this.#fullKey = options.fullKey ?? false;
  }

  /** All programs have ended, all store buffers are empty. */
  get isFinished(): boolean {
    return this.programs.every((program, id) => this.machine.cpu(id).pc >= program.length) && this.machine.cpus.every(({ buffer }) => buffer.length === 0);
  }

  choices(): readonly ProgramStep[] {
    const steps: ProgramStep[] = [];
    for (let id = 0; id < this.programs.length; id++) {
      const cpu = this.machine.cpu(id);
      const program = this.programs[id] as Program;
      const instruction = program[cpu.pc];
      if (instruction === undefined) continue;
      const step: ProgramStep = { kind: "instruction", cpu: id };
      if (this.#reduce && isLocal(instruction, cpu, this.#watch)) return [step];
      steps.push(step);
    }
    return [...steps, ...this.machine.steps()];
  }

  perform(step: ProgramStep): void {
    if (step.kind === "instruction") execute(this.machine.cpu(step.cpu), this.programs[step.cpu] as Program);
    else this.machine.perform(step);
  }

  save(): Snapshot {
    return this.machine.save();
  }

  restore(snapshot: Snapshot): void {
    this.machine.restore(snapshot);
  }

  key(): string {
    return this.#fullKey ? this.machine.key() : this.machine.visibleKey();
  }
}

/**
 * Commutes with every step of other CPUs and with the draining of its own store buffer, so it is a persistent set by
 * itself (Godefroid, "Partial-order methods for the verification of concurrent systems", 1996). Backward jumps are left
 * out, so that each cycle has a state in which all steps are tried.
 */
function isLocal(instruction: Instruction, { buffer, pc }: Cpu, watch: readonly number[]): boolean {
  switch (instruction.op) {
    case "store":
    case "storeBarrier":
      return buffer.model !== "sc" && !buffer.isFull;
    case "fence":
      return buffer.length === 0;
    case "set":
    case "add":
      return !watch.includes(instruction.into);
    case "jump":
    case "branch":
      return instruction.to > pc;
    case "load":
    case "exchange":
    case "compareExchange":
    case "fetchAdd":
    case "await":
      return false;
  }
}
