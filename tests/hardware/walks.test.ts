import { expect, it } from "vitest";
import { Cost, execute, Multiprocessor, type Program, unit } from "../../dist/hardware/index.js";
import { addressSpace, frameAllocator } from "./boot.ts";

it("two CPUs walk over more pages than a TLB holds and lose no increment of a shared counter", () => {
  const page = unit.pageBytes;
  const machine = new Multiprocessor({ cpus: 2, memoryBytes: 128 * page });
  const space = addressSpace(machine, frameAllocator(machine));
  for (let index = 0; index < 100; index++) space.map(index * page, (20 + index) * page);
  // Both CPUs walk over a hundred pages (more than the TLB holds) and share one counter.
  const program: Program = Array.from({ length: 100 }, (_, index) => [
    { op: "load", into: 0, address: index * page + 4 } as const,
    { op: "add", into: 0, left: { register: 0 }, right: 1 } as const,
    { op: "store", address: index * page + 8 * (index % 2), value: { register: 0 } } as const,
    { op: "fetchAdd", into: 1, address: 64, amount: 1 } as const,
  ]).flat();
  for (const cpu of machine.cpus) space.enter(cpu);
  const rounds = 20;
  for (let round = 0; round < rounds; round++) {
    for (const cpu of machine.cpus) {
      cpu.pc = 0;
      while (cpu.pc < program.length) execute(cpu, program);
    }
  }
  expect(machine.counters.events(Cost.tlbMiss)).toBeGreaterThan(100);
  expect(machine.counters.events(Cost.invalidation)).toBeGreaterThan(100);
  // The shared counter lies in the first page: two CPUs, a hundred increments a round.
  expect(machine.peek(20 * page + 64)).toBeGreaterThanOrEqual(2 * rounds * 100);
});
