import { describe, expect, it } from "vitest";
import { Cost, frameOf, miniature, Multiprocessor, Page, staleTranslations, Trap, unit } from "../../dist/hardware/index.js";
import { addressSpace, frameAllocator, random } from "./boot.ts";

const page = unit.pageBytes;
const far = 0x8040_0000; // above 2 GiB, in another directory entry than 0

function machineOf(tagged = false): Multiprocessor {
  return new Multiprocessor({ cpus: 2, memoryBytes: 32 * page, profile: { ...unit, tlb: { ...unit.tlb, tagged } } });
}
/** What the access throws. */
function trapOf(access: () => unknown): Trap {
  try {
    access();
  } catch (error) {
    if (error instanceof Trap) return error;
    throw error;
  }
  throw new Error("no trap");
}

describe("translation", () => {
  it("takes a user access through the page tables to its frame, and to no other", () => {
    const machine = machineOf();
    const space = addressSpace(machine, frameAllocator(machine));
    space.map(0, 20 * page);
    space.map(far, 21 * page);
    machine.poke(20 * page + 8, 5);
    machine.poke(21 * page + 8, 6);
    const cpu = machine.cpu(0);
    space.enter(cpu);
    expect([cpu.load(8), cpu.load(far + 8)]).toEqual([5, 6]);
    cpu.store(far + 12, 7);
    cpu.fence();
    expect(machine.peek(21 * page + 12)).toBe(7);
  });

  it("walks once for each page and then finds it in the TLB", () => {
    const machine = machineOf();
    const space = addressSpace(machine, frameAllocator(machine));
    space.map(0, 20 * page);
    const cpu = machine.cpu(0);
    space.enter(cpu);
    for (let word = 0; word < 50; word++) cpu.load(4 * word);
    expect(machine.counters.events(Cost.tlbMiss, 0)).toBe(1);
  });

  it("buffers stores by physical address: two names of one frame are one location", () => {
    const machine = machineOf();
    const space = addressSpace(machine, frameAllocator(machine));
    space.map(0, 20 * page);
    space.map(page, 20 * page);
    const cpu = machine.cpu(0);
    space.enter(cpu);
    cpu.store(4, 9);
    expect(cpu.buffer.length).toBe(1);
    expect(cpu.load(page + 4)).toBe(9);
  });

  it("replaces translations when the TLB is full and goes on translating rightly", () => {
    const machine = new Multiprocessor({ cpus: 1, memoryBytes: 64 * miniature.pageBytes, profile: miniature });
    const allocate = frameAllocator(machine);
    const space = addressSpace(machine, allocate);
    const pages = 3 * miniature.tlb.ways;
    for (let index = 0; index < pages; index++) space.map(index * miniature.pageBytes, (40 + index) * miniature.pageBytes);
    for (let index = 0; index < pages; index++) machine.poke((40 + index) * miniature.pageBytes, index);
    const cpu = machine.cpu(0);
    space.enter(cpu);
    const next = random(7);
    for (let step = 0; step < 1000; step++) {
      const index = next(pages);
      expect(cpu.load(index * miniature.pageBytes)).toBe(index);
      expect(staleTranslations(machine)).toEqual([]);
    }
    expect(machine.counters.events(Cost.tlbMiss)).toBeGreaterThan(pages);
  });

  it("reaches physical address 0 like any other", () => {
    const machine = machineOf();
    const space = addressSpace(machine, frameAllocator(machine));
    space.map(far, 0);
    const cpu = machine.cpu(0);
    space.enter(cpu);
    cpu.store(far, 3);
    cpu.fence();
    expect(machine.peek(0)).toBe(3);
  });

  it("is off with root 0: addresses are physical then", () => {
    const machine = machineOf();
    machine.poke(64, 3);
    machine.cpu(0).enterUser();
    expect(machine.cpu(0).load(64)).toBe(3);
  });
});

describe("a fault", () => {
  it("enters the kernel with reason and address, has no effect, and the access succeeds after repair", () => {
    const machine = machineOf();
    const space = addressSpace(machine, frameAllocator(machine));
    const cpu = machine.cpu(0);
    space.map(0, 20 * page);
    space.enter(cpu);
    const trap = trapOf(() => cpu.store(far, 1));
    expect({ reason: trap.reason, address: trap.address, write: trap.write, cpu: trap.cpu }).toEqual({
      reason: "page-not-present",
      address: far,
      write: true,
      cpu: 0,
    });
    expect(cpu.mode).toBe("kernel");
    expect(cpu.trapFrame).toEqual({ reason: "page-not-present", value: far | 0, mode: "user", interruptsEnabled: true });
    expect(cpu.buffer.length).toBe(0);
    space.map(far, 21 * page);
    cpu.returnFromTrap();
    expect(cpu.mode).toBe("user");
    cpu.store(far, 1);
    expect(cpu.load(far)).toBe(1);
  });

  it.each([
    ["writing a page without the writable bit", Page.user, (address: number) => address, true, "page-protection"],
    ["reading a page without the user bit", Page.writable, (address: number) => address, false, "page-protection"],
    ["reading a page that is not mapped", Page.user, (address: number) => address + page, false, "page-not-present"],
    ["an address that is not a multiple of four", Page.user, (address: number) => address + 2, false, "alignment"],
  ] as const)("comes from %s", (_name, rights, place, write, reason) => {
    const machine = machineOf();
    const space = addressSpace(machine, frameAllocator(machine));
    space.map(far, 20 * page, rights);
    const cpu = machine.cpu(0);
    space.enter(cpu);
    expect(trapOf(() => (write ? cpu.store(place(far), 1) : cpu.load(place(far)))).reason).toBe(reason);
    expect(cpu.mode).toBe("kernel");
  });

  it("comes from a locked operation on a read-only page even if it would write nothing", () => {
    const machine = machineOf();
    const space = addressSpace(machine, frameAllocator(machine));
    space.map(0, 20 * page, Page.user);
    const cpu = machine.cpu(0);
    space.enter(cpu);
    expect(trapOf(() => cpu.compareExchange(0, 5, 6)).reason).toBe("page-protection");
  });

  it("comes from a mapping to where there is no memory", () => {
    const machine = machineOf();
    const space = addressSpace(machine, frameAllocator(machine));
    space.map(0, 1000 * page);
    const cpu = machine.cpu(0);
    space.enter(cpu);
    expect(trapOf(() => cpu.load(0)).reason).toBe("bus-error");
  });

  it("needs the rights of both levels", () => {
    const machine = machineOf();
    const space = addressSpace(machine, frameAllocator(machine));
    space.map(0, 20 * page);
    machine.poke(space.root, machine.peek(space.root) & ~Page.writable);
    const cpu = machine.cpu(0);
    space.enter(cpu);
    expect(cpu.load(0)).toBe(0);
    expect(trapOf(() => cpu.store(0, 1)).reason).toBe("page-protection");
  });

  it("comes to the kernel too when it follows a user's pointer with the user's rights, not with its own", () => {
    const machine = machineOf();
    const space = addressSpace(machine, frameAllocator(machine));
    space.map(0, 20 * page, Page.writable);
    const cpu = machine.cpu(0);
    cpu.switchAddressSpace(space.root);
    cpu.store(0, 4);
    expect(cpu.load(0)).toBe(4);
    expect(trapOf(() => cpu.load(0, true)).reason).toBe("page-protection");
    expect(cpu.trapFrame.mode).toBe("kernel");
  });
});

describe("the TLB", () => {
  it("keeps a translation that the page table no longer has, until it is dropped", () => {
    const machine = machineOf();
    const space = addressSpace(machine, frameAllocator(machine));
    space.map(0, 20 * page);
    const cpu = machine.cpu(0);
    space.enter(cpu);
    cpu.load(0);
    space.unmap(0);
    expect(cpu.load(0)).toBe(0);
    expect(staleTranslations(machine)).toEqual([expect.stringMatching(/^CPU 0 translates page 0 .*, the page table has nothing$/)]);
    cpu.systemCall(0);
    cpu.invalidatePage(0);
    cpu.returnFromTrap();
    expect(staleTranslations(machine)).toEqual([]);
    expect(trapOf(() => cpu.load(0)).reason).toBe("page-not-present");
  });

  it("replaces its entries in turn", () => {
    const machine = new Multiprocessor({ cpus: 1, memoryBytes: 64 * miniature.pageBytes, profile: miniature });
    const space = addressSpace(machine, frameAllocator(machine));
    const { ways } = miniature.tlb;
    for (let index = 0; index < ways + 2; index++) space.map(index * miniature.pageBytes, (40 + index) * miniature.pageBytes);
    const cpu = machine.cpu(0);
    space.enter(cpu);
    for (let index = 0; index < ways + 2; index++) cpu.load(index * miniature.pageBytes);
    expect(cpu.mmu.tlb.contents().map(({ page: held }) => held)).toEqual([ways, ways + 1, 2, 3]);
  });

  it("holds nothing after a flush", () => {
    const machine = machineOf(true);
    const space = addressSpace(machine, frameAllocator(machine));
    space.map(page, 20 * page);
    const cpu = machine.cpu(0);
    cpu.switchAddressSpace(space.root);
    const empty = machine.visibleKey();
    cpu.load(page);
    expect(cpu.mmu.tlb.contents()).toHaveLength(1);
    cpu.flushTlb();
    expect(machine.counters.events(Cost.tlbFlush, 0)).toBe(1);
    expect(cpu.mmu.tlb.contents()).toEqual([]);
    expect(machine.visibleKey()).toBe(empty);
  });

  it.each([
    ["untagged, is flushed at an address-space switch", false, 4],
    ["tagged, keeps the entries of both address spaces", true, 2],
  ] as const)("%s", (_name, tagged, misses) => {
    const machine = machineOf(tagged);
    const allocate = frameAllocator(machine);
    const [one, other] = [addressSpace(machine, allocate), addressSpace(machine, allocate)];
    one.map(0, 20 * page);
    other.map(0, 21 * page);
    machine.poke(20 * page, 1);
    machine.poke(21 * page, 2);
    const cpu = machine.cpu(0);
    for (let round = 0; round < 2; round++) {
      cpu.switchAddressSpace(one.root);
      expect(cpu.load(0)).toBe(1);
      cpu.switchAddressSpace(other.root);
      expect(cpu.load(0)).toBe(2);
    }
    expect(machine.counters.events(Cost.tlbMiss)).toBe(misses);
  });

  it("is filled from the cache: a page table entry in another CPU's store buffer is not seen yet", () => {
    const machine = machineOf();
    const space = addressSpace(machine, frameAllocator(machine));
    space.map(0, 20 * page);
    space.map(page, 21 * page);
    const table = frameOf(machine.peek(space.root), machine.pages);
    const [kernel, user] = [machine.cpu(0), machine.cpu(1)];
    space.enter(user);
    kernel.storePhysical(table + 4, 0);
    expect(user.load(page)).toBe(0);
    kernel.fence();
    expect(staleTranslations(machine)).toHaveLength(1);
    kernel.storePhysical(table + 4, (20 * page) | Page.present);
    kernel.fence();
    expect(staleTranslations(machine)).toEqual([expect.stringContaining(`the page table has 0x${((20 * page) | Page.present).toString(16)}`)]);
  });
});

describe("page tables", () => {
  it("refuse a root in the first frame, addresses between pages, and a space that is too large", () => {
    const machine = new Multiprocessor({ cpus: 1, memoryBytes: 640, profile: miniature });
    const space = addressSpace(machine, frameAllocator(machine));
    expect(() => space.map(4, 64)).toThrow("not the start of a page");
    expect(() => space.map(0, 65)).toThrow("not the start of a page");
    expect(() => space.map(64 * 256, 64)).toThrow("beyond the virtual address space");
    expect(() => addressSpace(machine, () => 0)).toThrow("cannot be the root");
  });
});
