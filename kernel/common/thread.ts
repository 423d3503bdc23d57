/** A thread of the protocol on the machine: its program, the system call that it is in, its space, and its block in kernel memory. */
import type { Cpu } from "../../hardware/cpu.ts";
import type { Step } from "../../model/language/operation.ts";
import type { ThreadInstance } from "../../model/language/protocol.ts";
import type { AddressSpace } from "./address-space.ts";
import type { KernelRoutine } from "./path.ts";
import type { ThreadBlock } from "./scheduler.ts";
import type { CallFormat } from "./system-calls.ts";

/** A system call under way: its coroutine stands where the thread's kernel stack would. */
export interface Call {
  readonly format: CallFormat;
  readonly routine: KernelRoutine;
}

export class Thread {
  readonly instance: ThreadInstance;
  readonly id: number;
  readonly name: string;
  readonly cpu: Cpu;
  readonly block: ThreadBlock;
  readonly space: AddressSpace;
  /** The frame of its message registers. */
  readonly utcb: number;
  readonly program: Generator<Step, void, unknown>;
  /** The operation at which it stands; null once it has ended. */
  pending: Step | null = null;
  call: Call | null = null;
  /** Asleep in the kernel, and whether a timer can end that. */
  asleep: { readonly timer: boolean } | null = null;
  /** The CPU that its call visits. */
  visits: Cpu | null = null;
  /** Woken, but it has not run since; and whether its CPU has been told. */
  arriving = false;
  told = false;
  /** Its call stands at a lock. */
  isAtLock = false;
  end: "finished" | "stopped" | null = null;
  /** Its space and its capabilities have been given back. */
  buried = false;

  constructor(
    instance: ThreadInstance,
    program: Generator<Step, void, unknown>,
    place: { readonly cpu: Cpu; readonly block: ThreadBlock; readonly space: AddressSpace; readonly utcb: number },
  ) {
    this.instance = instance;
    this.id = instance.handle.id;
    this.name = instance.name;
    this.program = program;
    this.cpu = place.cpu;
    this.block = place.block;
    this.space = place.space;
    this.utcb = place.utcb;
  }
}
