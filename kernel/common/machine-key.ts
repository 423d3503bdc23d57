/**
 * What a machine remembers, as a string: two states with equal keys go on alike. It holds all records of the paths word for
 * word, locks, store buffers, pending interrupts, at which lock the kernel code of each CPU stands, how each thread stands with
 * the kernel and, where the kernel's own scheduler decides, what each CPU runs and the order of its run queues.
 *
 * Left out is what changes from run to run without changing what can happen: cycle counters, the contents of caches and
 * TLBs, which frames are free. Left out as well is what follows from the rest: general registers and message words of
 * threads (the values are those of the pending operation or are picked up by the step that ends it), and the stack of a
 * system call (its arguments and where it stands are there).
 *
 * Caller holds: no section.
 */
import type { Inside } from "./interleaving.ts";
import type { Microkernel } from "./microkernel.ts";

/** What a driver knows besides: kernel code that stands at a lock, and programs that have still to go on. */
export interface UnderWay {
  inside(cpu: number): Inside | null;
  isReturning(thread: number): boolean;
}

/** The key of the state that the machine is in; `driver` null: between two steps of the directed driver nothing is under way. */
export function machineKey(kernel: Microkernel, driver: UnderWay | null): string {
  const { machine } = kernel;
  const parts: (string | number)[] = [];
  const word = (address: number): number => machine.peek(address);
  for (const { record, words } of kernel.pathRecords) for (let at = 0; at < words; at++) parts.push(word(record.address + 4 * at));
  if (driver !== null) parts.push(...kernel.scheduler.key(word));
  for (const cpu of machine.cpus) {
    const { id, buffer } = cpu;
    const inside = driver?.inside(id) ?? null;
    parts.push("cpu", ...machine.interrupts.deliverable(id));
    if (inside !== null) parts.push(inside.kind, inside.thread ?? -1, inside.line ?? -1, inside.at?.lock.address ?? -1, inside.at?.taken === true ? 1 : 0);
    parts.push("holds", ...kernel.allocator.held(id).map(({ address }) => address));
    for (let entry = 0; entry < buffer.length; entry++) parts.push("store", buffer.address(entry), buffer.value(entry));
  }
  for (const thread of kernel.threads) {
    const { asleep, arriving, told, visits, end, call, isAtLock } = thread;
    const flags = [arriving, told, call !== null, isAtLock, driver?.isReturning(thread.id) === true].map(Number).join("");
    parts.push(asleep === null ? "awake" : asleep.timer ? "timed" : "asleep", flags, visits?.id ?? -1, end ?? "");
  }
  return parts.join();
}
