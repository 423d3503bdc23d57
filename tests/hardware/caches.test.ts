import { describe, expect, it } from "vitest";
import { brokenInvariants, Cost, Mesi, type MesiState, miniature, Multiprocessor } from "../../dist/hardware/index.js";
import { random } from "./boot.ts";

const { lineWords, sets, ways } = miniature.cache;
const lineBytes = 4 * lineWords;

function machineOf(cpus: number): Multiprocessor {
  return new Multiprocessor({ cpus, memoryBytes: 512, memoryModel: "sc", profile: miniature });
}
/** State of the line at `address` in each cache. */
function states(machine: Multiprocessor, address: number): MesiState[] {
  return machine.bus.caches.map((cache) => {
    const slot = cache.find(Math.floor(address / lineBytes));
    return slot < 0 ? Mesi.invalid : (cache.states[slot] as MesiState);
  });
}

describe("the Illinois protocol", () => {
  it("gives the first reader a line exclusively and shares it with the second", () => {
    const machine = machineOf(3);
    machine.cpu(0).loadPhysical(64);
    expect(states(machine, 64)).toEqual([Mesi.exclusive, Mesi.invalid, Mesi.invalid]);
    machine.cpu(1).loadPhysical(64);
    expect(states(machine, 64)).toEqual([Mesi.shared, Mesi.shared, Mesi.invalid]);
    expect(machine.counters.events(Cost.cacheMiss)).toBe(1);
    expect(machine.counters.events(Cost.cacheTransfer, 1)).toBe(1);
  });

  it("invalidates and counts every other copy when a shared line is written", () => {
    const machine = machineOf(3);
    for (const cpu of machine.cpus) cpu.loadPhysical(64);
    machine.cpu(1).storePhysical(64, 7);
    expect(states(machine, 64)).toEqual([Mesi.invalid, Mesi.modified, Mesi.invalid]);
    expect(machine.counters.events(Cost.invalidation)).toBe(2);
    expect(machine.counters.events(Cost.invalidation, 1)).toBe(2);
  });

  it("writes an exclusive line without asking anybody", () => {
    const machine = machineOf(2);
    machine.cpu(0).loadPhysical(64);
    machine.cpu(0).storePhysical(64, 7);
    expect(states(machine, 64)).toEqual([Mesi.modified, Mesi.invalid]);
    expect(machine.counters.events(Cost.invalidation)).toBe(0);
    expect(machine.memory.read(64)).toBe(0);
    expect(machine.peek(64)).toBe(7);
  });

  it("supplies a modified line to a reader and writes it to memory", () => {
    const machine = machineOf(2);
    machine.cpu(0).storePhysical(64, 7);
    expect(machine.cpu(1).loadPhysical(64)).toBe(7);
    expect(states(machine, 64)).toEqual([Mesi.shared, Mesi.shared]);
    expect(machine.memory.read(64)).toBe(7);
    expect(machine.counters.events(Cost.writeBack)).toBe(1);
  });

  it("takes a modified line away from its holder for a writer, with the holder's data", () => {
    const machine = machineOf(2);
    machine.cpu(0).storePhysical(64, 7);
    machine.cpu(1).storePhysical(68, 8); // the other word of the line
    expect(states(machine, 64)).toEqual([Mesi.invalid, Mesi.modified]);
    expect([machine.cpu(1).loadPhysical(64), machine.cpu(1).loadPhysical(68)]).toEqual([7, 8]);
  });

  it("leaves a line exclusive, not modified, after a locked operation that writes nothing", () => {
    const machine = machineOf(2);
    machine.cpu(0).storePhysical(64, 7);
    expect(machine.cpu(1).compareExchange(64, 6, 9)).toBe(7);
    expect(states(machine, 64)).toEqual([Mesi.invalid, Mesi.exclusive]);
    expect(brokenInvariants(machine)).toEqual([]);
  });

  it("writes a modified line back when its place is needed, the least recently used first", () => {
    const machine = machineOf(1);
    const cpu = machine.cpu(0);
    const sameSet = Array.from({ length: ways + 1 }, (_, index) => index * sets * lineBytes);
    const [first = 0, second = 0, third = 0] = sameSet;
    cpu.storePhysical(first, 1);
    cpu.storePhysical(second, 2);
    cpu.loadPhysical(first);
    cpu.loadPhysical(third);
    expect(states(machine, first)).toEqual([Mesi.modified]);
    expect(states(machine, second)).toEqual([Mesi.invalid]);
    expect(machine.memory.read(second)).toBe(2);
    expect(machine.memory.read(first)).toBe(0);
    expect(cpu.loadPhysical(second)).toBe(2);
  });

  it("reads what one memory would give, and breaks no invariant, under random accesses of four CPUs", () => {
    const machine = machineOf(4);
    const next = random(1984);
    const memory = new Int32Array(128);
    for (let step = 0; step < 20_000; step++) {
      const cpu = machine.cpu(next(4));
      // Few enough words for lines to be fought over, enough for them to be evicted.
      const word = next(4) === 0 ? next(128) : next(8);
      const old = memory[word];
      switch (next(4)) {
        case 0:
          memory[word] = step;
          cpu.storePhysical(4 * word, step);
          break;
        case 1:
          memory[word] = (old ?? 0) + 3;
          expect(cpu.fetchAdd(4 * word, 3)).toBe(old);
          break;
        default:
          expect(cpu.loadPhysical(4 * word)).toBe(old);
      }
      if (step % 16 === 0) expect(brokenInvariants(machine)).toEqual([]);
      if (step % 256 === 0) expect(Array.from(memory, (_, at) => machine.peek(4 * at))).toEqual([...memory]);
    }
    for (const cost of [Cost.cacheHit, Cost.cacheMiss, Cost.cacheTransfer, Cost.invalidation, Cost.writeBack])
      expect(machine.counters.events(cost)).toBeGreaterThan(100);
  });
});

describe("the invariants", () => {
  it("notice a buffered store to where there is no memory, but not a store barrier", () => {
    const machine = new Multiprocessor({ cpus: 1, memoryBytes: 512, memoryModel: "pso", profile: miniature });
    const { buffer } = machine.cpu(0);
    buffer.push(64, 1);
    buffer.pushBarrier();
    expect(brokenInvariants(machine)).toEqual([]);
    buffer.push(512, 1);
    expect(brokenInvariants(machine)).toEqual([expect.stringContaining("0x200, where there is no memory")]);
  });

  it("notice a store held back under sequential consistency", () => {
    const machine = machineOf(1);
    machine.cpu(0).buffer.push(64, 1);
    expect(brokenInvariants(machine)).toEqual([expect.stringContaining("under sequential consistency")]);
  });

  it("notice a line held twice, and one in the wrong set", () => {
    const machine = machineOf(1);
    machine.cpu(0).loadPhysical(0);
    const [cache] = machine.bus.caches;
    if (cache === undefined) throw new Error("no cache");
    cache.states[1] = Mesi.exclusive; // line 0 in the other way of set 0
    expect(brokenInvariants(machine)).toEqual([expect.stringContaining("line 0 twice"), expect.stringContaining("should have one holder")]);
    cache.clear(1);
    cache.states[ways] = Mesi.exclusive; // line 0 in set 1
    cache.clear(0);
    expect(brokenInvariants(machine)).toEqual([expect.stringContaining("in a set where it does not belong")]);
  });

  it("notice a copy that differs from memory", () => {
    const machine = machineOf(2);
    machine.cpu(0).loadPhysical(64);
    machine.memory.write(64, 5);
    expect(brokenInvariants(machine)).toEqual([expect.stringContaining("differs from memory")]);
  });

  it("notice two caches that both hold a line alone", () => {
    const machine = machineOf(2);
    machine.cpu(0).loadPhysical(64);
    machine.cpu(1).loadPhysical(64);
    const [cache] = machine.bus.caches;
    if (cache === undefined) throw new Error("no cache");
    cache.states[cache.find(64 / lineBytes)] = Mesi.exclusive;
    expect(brokenInvariants(machine)).toEqual([expect.stringContaining("CPU 0 (exclusive), CPU 1 (shared)")]);
  });
});
