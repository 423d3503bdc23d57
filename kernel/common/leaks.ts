/**
 * What a run has not given back: frames, capabilities, queue entries, locks, pool records, interrupts. For the end of a run.
 *
 * Caller holds: no section.
 */
import { List } from "./lists.ts";
import type { Microkernel } from "./microkernel.ts";

/** The leaks, in words; empty if there are none. */
export function leaks(kernel: Microkernel): readonly string[] {
  return [...frames(kernel), ...threads(kernel), ...locks(kernel), ...pools(kernel)];
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

/**
 * Pool records in use that nothing leads to, found as a tracing collector would: roots are all records that are laid out
 * for good. Nothing is told while a system call is under way, because its kernel stack may hold a record.
 */
function pools({ allocator, threads: all }: Microkernel): string[] {
  const inUse = allocator.inUse();
  if (inUse.length === 0 || all.some(({ call, end }) => call !== null && end !== "finished")) return [];
  const described = new Map(allocator.records.map((each) => [each.record.address, each]));
  const isPooled = new Set(inUse.flatMap(({ records }) => records.map(({ address }) => address)));
  const reached = new Set<number>();
  const open = allocator.records.filter(({ record }) => !isPooled.has(record.address) && !allocator.isFree(record)).map(({ record }) => record.address);
  for (let address = open.pop(); address !== undefined; address = open.pop()) {
    const each = described.get(address);
    if (each === undefined || reached.has(address)) continue;
    reached.add(address);
    for (const field of each.fields) open.push(...addresses((each.record as unknown as Readonly<Record<string, unknown>>)[field]));
  }
  return inUse.flatMap(({ name, records }) =>
    records.filter(({ address }) => !reached.has(address)).map(() => `a record of the ${name} was not given back, and nothing leads to it`),
  );
}

/** Where a link, or a queue, leads. */
function addresses(value: unknown): readonly number[] {
  if (typeof value !== "object" || value === null) return [];
  if (value instanceof List) return [...value].map(({ address }) => address);
  return "address" in value && typeof value.address === "number" && !("isQueued" in value) ? [value.address] : [];
}
