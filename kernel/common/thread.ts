/** A thread of the protocol on the machine: its program, the system call that it is in, its space, and its block in kernel memory. */
import type { Cpu } from "../../hardware/cpu.ts";
import type { Step } from "../../model/language/operation.ts";
import type { ThreadInstance } from "../../model/language/protocol.ts";
import type { AddressSpace } from "./address-space.ts";
import type { Microkernel } from "./microkernel.ts";
import type { KernelRoutine } from "./path.ts";
import { DistantMessage, KernelMessage, KernelPort, ProgramPort, SavedMessage, UserMessage } from "./ports.ts";
import type { ThreadBlock } from "./scheduler.ts";
import type { CallFormat } from "./system-calls.ts";

/** A system call under way: its coroutine stands where the thread's kernel stack would. */
export interface Call {
  readonly format: CallFormat;
  readonly routine: KernelRoutine;
}

/** How its words are reached (ports.ts): `program` and `physical` those of the protocol's memory, the others those of a message. */
export interface Ports {
  readonly program: ProgramPort;
  readonly physical: KernelPort;
  readonly user: UserMessage;
  readonly saved: SavedMessage;
  readonly kernel: KernelMessage;
  readonly distant: DistantMessage;
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
  readonly ports: Ports;
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
    kernel: Microkernel,
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
    const port = new ProgramPort(kernel, this);
    const near = new KernelMessage(kernel, this);
    this.ports = {
      program: port,
      physical: new KernelPort(kernel, this),
      user: new UserMessage(this, port, kernel.frames.bytes),
      saved: new SavedMessage(kernel, this),
      kernel: near,
      distant: new DistantMessage(kernel, this, near),
    };
  }
}
