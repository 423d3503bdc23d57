/** Traps: why a CPU left its program and entered the kernel. */

/** In the order of the codes that the CPU keeps in its trap register. */
export const trapReasons = ["none", "system-call", "interrupt", "page-not-present", "page-protection", "alignment", "bus-error", "privilege"] as const;
export type TrapReason = (typeof trapReasons)[number];
/** Their codes by name. */
export const trapCodes: Readonly<Record<TrapReason, number>> = Object.fromEntries(trapReasons.map((reason, code) => [reason, code])) as Record<
  TrapReason,
  number
>;
export type FaultReason = Exclude<TrapReason, "none" | "system-call" | "interrupt">;

/**
 * Thrown by an instruction that faults, after the CPU has entered the kernel. The instruction has had no effect: the
 * kernel may repair the cause and let the program perform it again.
 */
export class Trap extends Error {
  readonly cpu: number;
  readonly reason: FaultReason;
  /** The virtual (or, for a bus error, physical) address. */
  readonly address: number;
  readonly write: boolean;

  constructor(cpu: number, reason: FaultReason, address: number, write: boolean) {
    super(`CPU ${cpu}: ${reason} at 0x${address.toString(16)}${write ? ", writing" : ""}`);
    this.cpu = cpu;
    this.reason = reason;
    this.address = address;
    this.write = write;
  }
}
