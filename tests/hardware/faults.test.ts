/** Each part of the machine, broken: what goes wrong then, and does not when it is sound. The shootdown is in shootdown.test.ts. */
import { describe, expect, it } from "vitest";
import { brokenInvariants, type Faults, ipiLine, miniature, Multiprocessor, noFaults, Page, timerLine } from "../../dist/hardware/index.js";
import { addressSpace, frameAllocator } from "./boot.ts";

const page = miniature.pageBytes;

function machineOf(faults: Partial<Faults>): Multiprocessor {
  return new Multiprocessor({ cpus: 2, memoryBytes: 32 * page, memoryModel: "tso", profile: miniature, faults });
}

/** For each fault: what a machine shows with it, and without. */
const effects: Readonly<
  Record<Exclude<keyof Faults, "skipTlbShootdown">, readonly [says: string, observe: (machine: Multiprocessor) => unknown, sound: unknown, broken: unknown]>
> = {
  skipCacheInvalidation: [
    "a CPU goes on reading its old copy of a line that another has written",
    (machine) => {
      machine.cpu(1).loadPhysical(64);
      machine.cpu(0).storePhysical(64, 1);
      machine.cpu(0).fence();
      return [machine.cpu(1).loadPhysical(64), brokenInvariants(machine).length > 0];
    },
    [1, false],
    [0, true],
  ],
  loseWriteBack: [
    "a value is gone when its line has left the cache",
    (machine) => {
      const cpu = machine.cpu(0);
      cpu.storePhysical(0, 5);
      cpu.fence();
      for (let address = 64; address < 32 * page; address += 4) cpu.loadPhysical(address);
      return cpu.loadPhysical(0);
    },
    5,
    0,
  ],
  noStoreForwarding: [
    "a CPU does not read what it has just written",
    (machine) => {
      machine.cpu(0).storePhysical(64, 1);
      return machine.cpu(0).loadPhysical(64);
    },
    1,
    0,
  ],
  weakFence: [
    "two CPUs that each write, fence and read both miss the other's write",
    (machine) => {
      for (const [cpu, own, other] of [
        [machine.cpu(0), 64, 128],
        [machine.cpu(1), 128, 64],
      ] as const) {
        cpu.storePhysical(own, 1);
        cpu.fence();
        cpu.registers[0] = cpu.loadPhysical(other);
      }
      return machine.cpus.map(({ registers }) => registers[0]);
    },
    [0, 1],
    [0, 0],
  ],
  dropIpi: [
    "a halted CPU is never woken by another",
    (machine) => {
      machine.cpu(1).halt();
      machine.cpu(0).sendIpi(1, 0);
      for (const step of machine.steps()) machine.perform(step);
      return machine.cpu(1).isHalted;
    },
    false,
    true,
  ],
  stuckTimer: [
    "a user program that does not call the kernel keeps its CPU for ever",
    (machine) => {
      const cpu = machine.cpu(0);
      cpu.setTimer(50);
      cpu.enterUser();
      for (let instructions = 0; instructions < 1000 && cpu.mode === "user"; instructions++) {
        cpu.load(64);
        if (machine.interrupts.timerIsDue(0)) machine.perform({ kind: "expire", cpu: 0 });
        if (machine.steps().some(({ kind }) => kind === "interrupt")) machine.perform({ kind: "interrupt", cpu: 0, line: timerLine });
      }
      return cpu.mode;
    },
    "kernel",
    "user",
  ],
  ignoreMask: [
    "an interrupt comes through a masked line",
    (machine) => {
      machine.interrupts.mask(0, ipiLine(0), true);
      machine.cpu(0).enterUser();
      machine.cpu(1).sendIpi(0, 0);
      return machine.steps().filter(({ kind }) => kind === "interrupt").length;
    },
    0,
    1,
  ],
  ignoreProtection: [
    "a user program writes a read-only page of the kernel",
    (machine) => {
      const space = addressSpace(machine, frameAllocator(machine));
      space.map(0, 20 * page, Page.present);
      const cpu = machine.cpu(0);
      space.enter(cpu);
      try {
        cpu.store(0, 1);
        return "written";
      } catch (trap) {
        return (trap as { reason?: string }).reason;
      }
    },
    "page-protection",
    "written",
  ],
  keepTlbAtSwitch: [
    "a program reads another address space's page",
    (machine) => {
      const allocate = frameAllocator(machine);
      const [one, other] = [addressSpace(machine, allocate), addressSpace(machine, allocate)];
      one.map(0, 20 * page);
      other.map(0, 21 * page);
      machine.poke(20 * page, 1);
      machine.poke(21 * page, 2);
      const cpu = machine.cpu(0);
      cpu.switchAddressSpace(one.root);
      cpu.load(0);
      cpu.switchAddressSpace(other.root);
      return cpu.load(0);
    },
    2,
    1,
  ],
};

describe("a machine in which a part is broken", () => {
  it.each(Object.entries(effects))("with %s: %s", (fault, [, observe, sound, broken]) => {
    expect(observe(machineOf({}))).toEqual(sound);
    expect(observe(machineOf({ [fault]: true }))).toEqual(broken);
  });

  it("is tried for every fault there is", () => {
    expect([...Object.keys(effects), "skipTlbShootdown"].sort()).toEqual(Object.keys(noFaults).sort());
  });
});
