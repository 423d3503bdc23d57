/** What the hardware charges beyond the accesses themselves: instructions, copies, the second level, the kernel's window. */
import { describe, expect, it } from "vitest";
import { Multiprocessor } from "../../dist/hardware/multiprocessor.js";
import { Cost, type Profile, unit } from "../../dist/hardware/profile.js";

function machine(profile: Partial<Profile>, cpus = 1): Multiprocessor {
  return new Multiprocessor({ cpus, memoryBytes: 1 << 16, memoryModel: "sc", profile: { ...unit, ...profile } });
}

describe("instructions", () => {
  it("an access stands for as many as the profile says, an instruction without access for itself", () => {
    const { counters, cpus } = machine({ instructionsPerAccess: 2.5 });
    cpus[0]?.loadPhysical(64);
    cpus[0]?.storePhysical(64, 1);
    expect(counters.events(Cost.instruction)).toBe(5);
    cpus[0]?.fence();
    expect(counters.events(Cost.instruction)).toBe(6);
  });

  it("moved in bulk, a load and a store are one word copied and no instructions", () => {
    const { counters, cpus } = machine({ instructionsPerAccess: 3 });
    cpus[0]?.doing("copy", () => cpus[0]?.storePhysical(128, cpus[0].loadPhysical(64)));
    expect(counters.events(Cost.copy)).toBe(1);
    expect(counters.events(Cost.instruction)).toBe(0);
    cpus[0]?.loadPhysical(64);
    expect(counters.events(Cost.instruction)).toBe(3);
  });

  it("of the scheduler are charged to it, also when it throws", () => {
    const { counters, cpus } = machine({ instructionsPerAccess: 3 });
    expect(() =>
      cpus[0]?.doing("schedule", () => {
        cpus[0]?.loadPhysical(64);
        throw new Error("inside");
      }),
    ).toThrow("inside");
    cpus[0]?.loadPhysical(64);
    expect(counters.events(Cost.schedule)).toBe(3);
    expect(counters.events(Cost.instruction)).toBe(3);
  });
});

describe("the second level", () => {
  // First level: one set of two lines. Second: one set of four.
  const cache = { lineWords: 8, sets: 1, ways: 2, second: { sets: 1, ways: 4 } };
  const line = (index: number): number => 32 * (index + 1);
  const reach = ({ cpus }: Multiprocessor, ...lines: readonly number[]): void => {
    for (const each of lines) cpus[0]?.loadPhysical(line(each));
  };

  it("has what the first level has lost, until it loses it too", () => {
    const small = machine({ cache });
    reach(small, 0, 1, 2, 3);
    expect(small.counters.events(Cost.cacheMiss)).toBe(4);
    reach(small, 0, 1);
    expect(small.counters.events(Cost.secondLevel)).toBe(2);
    expect(small.counters.events(Cost.cacheMiss)).toBe(4);
    // A fifth line takes the place of the longest unused, which is 2.
    reach(small, 4, 2);
    expect(small.counters.events(Cost.cacheMiss)).toBe(6);
    expect(small.counters.events(Cost.secondLevel)).toBe(2);
  });

  it("gives a line up that another CPU writes", () => {
    const two = machine({ cache }, 2);
    reach(two, 0);
    two.cpu(1).storePhysical(line(0), 1);
    two.cpu(1).loadPhysical(line(5));
    two.cpu(1).loadPhysical(line(6));
    expect(two.bus.seconds[0]?.contents()).toEqual([]);
    expect(two.bus.seconds[1]?.contents()).toHaveLength(3);
    expect(two.cpu(0).loadPhysical(line(0))).toBe(1);
  });

  it("belongs to a snapshot", () => {
    const small = machine({ cache });
    reach(small, 0, 1, 2);
    const before = small.save();
    reach(small, 3, 4, 5);
    small.restore(before);
    reach(small, 0);
    expect(small.counters.events(Cost.secondLevel)).toBe(1);
  });

  it("changes nothing that can be read", () => {
    const [with2, without] = [machine({ cache }), machine({ cache: { ...cache, second: null } })];
    for (const each of [with2, without])
      for (let round = 0; round < 50; round++) {
        const address = line((round * round) % 7);
        each.cpu(0).storePhysical(address, each.cpu(0).loadPhysical(address) + round);
      }
    expect(with2.visibleKey()).toBe(without.visibleKey());
    expect(with2.counters.events(Cost.secondLevel)).toBeGreaterThan(5);
  });
});

describe("the kernel's window", () => {
  const tlb = { sets: 1, ways: 2, tagged: false, kernelPageBytes: 4096 };

  it("takes translations while paging is on, and loses them with the address space", () => {
    const { counters, cpus } = machine({ tlb });
    const [cpu] = cpus;
    cpu?.loadPhysical(64);
    expect(counters.events(Cost.tlbMiss)).toBe(0);
    cpu?.switchAddressSpace(4096);
    cpu?.loadPhysical(64);
    cpu?.loadPhysical(128);
    expect(counters.events(Cost.tlbMiss)).toBe(1);
    cpu?.loadPhysical(8192);
    expect(counters.events(Cost.tlbMiss)).toBe(2);
    cpu?.switchAddressSpace(4096);
    cpu?.loadPhysical(64);
    expect(counters.events(Cost.tlbMiss)).toBe(3);
    expect(cpu?.mmu.tlb.contents()).toEqual([]);
    expect(cpu?.mmu.tlb.kernelPages()).toEqual([0]);
  });

  it("costs nothing where the kernel is never missed", () => {
    const { counters, cpus } = machine({ tlb: { ...tlb, kernelPageBytes: null } });
    cpus[0]?.switchAddressSpace(4096);
    for (let page = 0; page < 8; page++) cpus[0]?.loadPhysical(4096 * page);
    expect(counters.events(Cost.tlbMiss)).toBe(0);
  });
});
