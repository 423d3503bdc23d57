import { expect, it } from "vitest";
import { Cost, execute, Multiprocessor, type Program, unit } from "../../dist/hardware/index.js";
import { addressSpace, frameAllocator } from "./boot.ts";

it("simulates at least 200,000 instructions a second, with paging, TLB, store buffer and caches on", () => {
  const page = unit.pageBytes;
  const machine = new Multiprocessor({ cpus: 2, memoryBytes: 128 * page });
  const space = addressSpace(machine, frameAllocator(machine));
  for (let index = 0; index < 100; index++) space.map(index * page, (20 + index) * page);
  // Both CPUs walk over a hundred pages (more than the TLB holds) and share one counter.
  const program: Program = Array.from({ length: 100 }, (_, index) => [
    { op: "load", into: 0, address: index * page + 4 } as const,
    { op: "add", into: 0, left: { register: 0 }, right: 1 } as const,
    { op: "store", address: index * page + 8 * (index % 2), value: { register: 0 } } as const,
    { op: "fetchAdd", into: 1, address: 0, amount: 1 } as const,
  ]).flat();
  for (const cpu of machine.cpus) space.enter(cpu);
  const start = performance.now();
  let instructions = 0;
  while (performance.now() - start < 200) {
    for (const cpu of machine.cpus) {
      cpu.pc = 0;
      while (cpu.pc < program.length) execute(cpu, program);
    }
    instructions += 2 * program.length;
  }
  const perSecond = (1000 * instructions) / (performance.now() - start);
  expect(machine.counters.events(Cost.tlbMiss)).toBeGreaterThan(100);
  expect(machine.counters.events(Cost.invalidation)).toBeGreaterThan(100);
  expect(machine.peek(20 * page)).toBeGreaterThan(0);
  expect(perSecond).toBeGreaterThan(200_000);
  if (process.env["SPEED"] !== undefined) console.log(`${Math.round(perSecond)} instructions/s`);
});
