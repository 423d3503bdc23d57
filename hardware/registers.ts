/**
 * The registers of one CPU: general ones for programs, control registers for privilege, interrupts, paging and traps.
 *
 * A trap saves one level only, as RISC-V's supervisor status does (Waterman, Asanović, Hauser: "The RISC-V Instruction Set
 * Manual, volume II", register sstatus): a kernel that allows traps while it runs keeps the {@link TrapFrame} elsewhere.
 */
import { trapCodes, type TrapReason, trapReasons } from "./trap.ts";

export type Mode = "kernel" | "user";

/** What a trap saved: where to go back to, and why it came. */
export interface TrapFrame {
  readonly reason: TrapReason;
  /** Fault: the address. Interrupt: the line. System call: its number. */
  readonly value: number;
  readonly mode: Mode;
  readonly interruptsEnabled: boolean;
}

/** How many general registers there are. */
export const registerCount = 16;
/** Places of the control registers, after the general ones. A CPU starts with all of them zero: in kernel mode, interrupts disabled. */
const pc = registerCount;
const mode = registerCount + 1;
const enabled = registerCount + 2;
const halted = registerCount + 3;
const root = registerCount + 4;
const trapReason = registerCount + 5;
const trapValue = registerCount + 6;
const trapMode = registerCount + 7;
const trapEnabled = registerCount + 8;

export class Registers {
  readonly general: Int32Array;
  readonly #words: Int32Array;

  static readonly size: number = registerCount + 9;

  constructor(words: Int32Array) {
    this.#words = words;
    this.general = words.subarray(0, registerCount);
  }

  get pc(): number {
    return this.#words[pc] as number;
  }
  set pc(value: number) {
    this.#words[pc] = value;
  }

  /** In kernel mode, and not halted: it can perform an instruction of the kernel. */
  get isKernelRunning(): boolean {
    return ((this.#words[mode] as number) | (this.#words[halted] as number)) === 0;
  }

  get inUserMode(): boolean {
    return this.#words[mode] !== 0;
  }

  get interruptsEnabled(): boolean {
    return this.#words[enabled] !== 0;
  }
  set interruptsEnabled(value: boolean) {
    this.#words[enabled] = value ? 1 : 0;
  }

  get isHalted(): boolean {
    return this.#words[halted] !== 0;
  }
  set isHalted(value: boolean) {
    this.#words[halted] = value ? 1 : 0;
  }

  /** Physical address of the page directory; 0: paging is off. */
  get root(): number {
    return this.#words[root] as number;
  }
  set root(value: number) {
    this.#words[root] = value;
  }

  get trapFrame(): TrapFrame {
    return {
      reason: trapReasons[this.#words[trapReason] as number] ?? "none",
      value: this.#words[trapValue] as number,
      mode: this.#words[trapMode] === 0 ? "kernel" : "user",
      interruptsEnabled: this.#words[trapEnabled] !== 0,
    };
  }
  set trapFrame(frame: TrapFrame) {
    this.#words[trapReason] = trapCodes[frame.reason];
    this.#words[trapValue] = frame.value;
    this.#words[trapMode] = frame.mode === "kernel" ? 0 : 1;
    this.#words[trapEnabled] = frame.interruptsEnabled ? 1 : 0;
  }

  /** Saves mode and interrupt flag, and goes on in the kernel with interrupts disabled. */
  enterKernel(reason: TrapReason, value: number): void {
    const words = this.#words;
    words[trapMode] = words[mode] as number;
    words[trapEnabled] = words[enabled] as number;
    words[trapReason] = trapCodes[reason];
    words[trapValue] = value;
    words[mode] = 0;
    words[enabled] = 0;
  }

  /** As if a trap had come from user mode with interrupts enabled. */
  prepareUser(): void {
    const words = this.#words;
    words[trapReason] = 0;
    words[trapValue] = 0;
    words[trapMode] = 1;
    words[trapEnabled] = 1;
  }

  /** Back to the saved mode and interrupt flag. */
  leaveKernel(): void {
    const words = this.#words;
    words[mode] = words[trapMode] as number;
    words[enabled] = words[trapEnabled] as number;
    words[trapReason] = 0;
    words[trapValue] = 0;
    words[trapMode] = 0;
    words[trapEnabled] = 0;
  }
}
