/**
 * What a run has not given back: frames, capabilities, queue entries, locks, pool records, interrupts. For the end of a run.
 */
import type { Microkernel } from "./microkernel.ts";

/** The leaks, in words; empty if there are none. */
export function leaks(kernel: Microkernel): readonly string[] {
  return [
    ...frames(kernel),
    ...threads(kernel),
    ...locks(kernel),
    ...kernel.allocator.inUse().map(({ name, used }) => `${used} records of the ${name} were not given back`),
  ];
}

/** Every frame in use belongs to somebody, and to one only. */
function frames(kernel: Microkernel): string[] {
  const inUse = new Set(kernel.frames.inUse());
  const found: string[] = [];
  const claim = (owner: string, owned: readonly number[]): void => {
    for (const frame of owned) if (!inUse.delete(frame)) found.push(`the frame 0x${frame.toString(16)} of ${owner} is free, or somebody else's`);
  };
  claim("the kernel", kernel.owned);
  claim("the protocol's memory", kernel.pager.owned);
  for (const thread of kernel.threads) if (!thread.buried) claim(thread.name, [...thread.space.owned, thread.utcb]);
  for (const frame of inUse) found.push(`the frame 0x${frame.toString(16)} is in use, but nobody has it`);
  return found;
}

function threads({ threads, capabilities, scheduler, machine }: Microkernel): string[] {
  return threads.flatMap((thread) => {
    const { name, block, end } = thread;
    if (end !== "finished") return [];
    return [
      ...(thread.buried ? [] : [`${name} has ended, but still has an address space`]),
      ...(capabilities.held(thread.id) === 0 ? [] : [`${name} has ended, but still holds capabilities`]),
      ...(block.links.isQueued() ? [`${name} has ended, but is still in a run queue`] : []),
      ...(block.visit.isQueued() ? [`${name} has ended, but still visits a CPU`] : []),
      ...(machine.cpus.some(({ id }) => scheduler.block(id).current === block) ? [`${name} has ended, but still runs`] : []),
    ];
  });
}

function locks({ allocator }: Microkernel): string[] {
  return allocator.locks.filter((lock) => lock.isHeld).map(({ name }) => `${name} is held`);
}
