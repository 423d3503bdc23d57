/**
 * The interrupt controller: for each CPU a set of pending and a set of masked lines. Line 0 is the CPU's own timer, lines
 * 1 to 15 are interprocessor interrupts, lines 16 to 30 devices, each routed to one CPU. A line that is raised while it is
 * pending stays pending: interrupts merge, as in the request register of the local APIC (Intel SDM, volume 3, "Advanced
 * programmable interrupt controller").
 *
 * Nothing arrives by itself: an armed timer expires, and a pending interrupt is taken, when the schedule says so. A slow
 * interprocessor interrupt is one whose delivery the schedule puts off.
 */
import type { Counters } from "./counters.ts";
import type { Faults } from "./faults.ts";
import { Cost } from "./profile.ts";

export const timerLine = 0;
const vectors = 15;
/** How many devices there are. */
export const devices = 15;
const lines = 1 + vectors + devices;

/** The line of interprocessor vector 0 to 14. */
export function ipiLine(vector: number): number {
  if (!Number.isInteger(vector) || vector < 0 || vector >= vectors) throw new RangeError(`interprocessor vector ${vector} is not in 0..${vectors - 1}`);
  return 1 + vector;
}

/** The line of device 0 to 14. */
export function deviceLine(device: number): number {
  if (!Number.isInteger(device) || device < 0 || device >= devices) throw new RangeError(`device ${device} is not in 0..${devices - 1}`);
  return 1 + vectors + device;
}

/** `timer`, `IPI 3`, `device 0`. */
export function lineName(line: number): string {
  if (line === timerLine) return "timer";
  return line <= vectors ? `IPI ${line - 1}` : `device ${line - 1 - vectors}`;
}

export class InterruptController {
  readonly #cpus: number;
  readonly #pending: Int32Array;
  readonly #masked: Int32Array;
  readonly #armed: Int32Array;
  readonly #route: Int32Array;
  /** Per CPU, the clock at which the armed timer is due. Time does not belong to the identity of a state. */
  readonly #due: Float64Array;
  readonly #counters: Counters;
  readonly #faults: Faults;

  static size(cpus: number): number {
    return 3 * cpus + devices;
  }

  constructor(words: Int32Array, due: Float64Array, cpus: number, counters: Counters, faults: Faults) {
    this.#cpus = cpus;
    this.#pending = words.subarray(0, cpus);
    this.#masked = words.subarray(cpus, 2 * cpus);
    this.#armed = words.subarray(2 * cpus, 3 * cpus);
    this.#route = words.subarray(3 * cpus);
    this.#due = due;
    this.#counters = counters;
    this.#faults = faults;
  }

  /** A device raises its line. */
  raise(device: number): void {
    const line = deviceLine(device);
    this.#set(this.#route[device] as number, line);
  }

  /** Where the line of a device goes; CPU 0 at the start. */
  route(device: number, cpu: number): void {
    deviceLine(device);
    if (!Number.isInteger(cpu) || cpu < 0 || cpu >= this.#cpus) throw new RangeError(`there is no CPU ${cpu}`);
    this.#route[device] = cpu;
  }

  /** One CPU interrupts another (or itself). */
  sendIpi(from: number, to: number, vector: number): void {
    const line = ipiLine(vector);
    if (!Number.isInteger(to) || to < 0 || to >= this.#cpus) throw new RangeError(`there is no CPU ${to}`);
    this.#counters.charge(from, Cost.ipiSend);
    if (!this.#faults.dropIpi) this.#set(to, line);
  }

  /** Arms the timer of a CPU: due after so many of its cycles, once. Arming again replaces. */
  armTimer(cpu: number, cycles: number): void {
    this.#armed[cpu] = 1;
    this.#due[cpu] = this.#counters.clock(cpu) + cycles;
  }

  disarmTimer(cpu: number): void {
    this.#armed[cpu] = 0;
  }

  /** Whether the timer of a CPU can expire: time is abstract to whoever exhausts schedules. */
  timerCanExpire(cpu: number): boolean {
    return this.#armed[cpu] === 1 && !this.#faults.stuckTimer;
  }

  /** Whether it should have expired by the CPU's own clock, for runs in which time passes. */
  timerIsDue(cpu: number): boolean {
    return this.timerCanExpire(cpu) && this.#counters.clock(cpu) >= (this.#due[cpu] as number);
  }

  expireTimer(cpu: number): void {
    if (!this.timerCanExpire(cpu)) throw new RangeError(`the timer of CPU ${cpu} is not running`);
    this.disarmTimer(cpu);
    this.#set(cpu, timerLine);
  }

  /** A masked line stays pending until it is unmasked. */
  mask(cpu: number, line: number, masked: boolean): void {
    const bit = 1 << line;
    this.#masked[cpu] = masked ? (this.#masked[cpu] as number) | bit : (this.#masked[cpu] as number) & ~bit;
  }

  isMasked(cpu: number, line: number): boolean {
    return ((this.#masked[cpu] as number) & (1 << line)) !== 0;
  }

  isPending(cpu: number, line: number): boolean {
    return ((this.#pending[cpu] as number) & (1 << line)) !== 0;
  }

  /** The lines that could be delivered to a CPU that has interrupts enabled, lowest first. */
  deliverable(cpu: number): readonly number[] {
    const masked = this.#faults.ignoreMask ? 0 : (this.#masked[cpu] as number);
    let bits = (this.#pending[cpu] as number) & ~masked;
    const found: number[] = [];
    for (let line = 0; bits !== 0; line++, bits >>>= 1) if ((bits & 1) !== 0) found.push(line);
    return found;
  }

  /** Whether this line could be delivered to a CPU that has interrupts enabled. */
  isDeliverable(cpu: number, line: number): boolean {
    return this.isPending(cpu, line) && (this.#faults.ignoreMask || !this.isMasked(cpu, line));
  }

  /** A CPU takes the interrupt: it is no longer pending. */
  acknowledge(cpu: number, line: number): void {
    this.#pending[cpu] = (this.#pending[cpu] as number) & ~(1 << line);
  }

  /** Pending lines that do not exist; for invariants. */
  hasStrayBits(cpu: number): boolean {
    return (((this.#pending[cpu] as number) | (this.#masked[cpu] as number)) & ~((1 << lines) - 1)) !== 0;
  }

  #set(cpu: number, line: number): void {
    this.#pending[cpu] = (this.#pending[cpu] as number) | (1 << line);
  }
}
