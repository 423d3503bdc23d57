import { describe, expect, it } from "vitest";
import { Cost, deviceLine, ipiLine, lineName, Multiprocessor, timerLine, Trap } from "../../dist/hardware/index.js";

function machineOf(cpus = 2): Multiprocessor {
  return new Multiprocessor({ cpus, memoryBytes: 4096 });
}
function interruptSteps(machine: Multiprocessor): string[] {
  return machine.steps().flatMap((step) => (step.kind === "interrupt" ? [`${step.cpu}: ${lineName(step.line)}`] : []));
}

describe("an interprocessor interrupt", () => {
  it("waits until the schedule delivers it, then enters the kernel of the other CPU and is no longer pending", () => {
    const machine = machineOf();
    const [sender, target] = [machine.cpu(0), machine.cpu(1)];
    target.enterUser();
    sender.sendIpi(1, 2);
    expect(target.mode).toBe("user");
    expect(interruptSteps(machine)).toEqual(["1: IPI 2"]);
    machine.perform({ kind: "interrupt", cpu: 1, line: ipiLine(2) });
    expect(target.mode).toBe("kernel");
    expect(target.trapFrame).toEqual({ reason: "interrupt", value: ipiLine(2), mode: "user", interruptsEnabled: true });
    expect(target.interruptsEnabled).toBe(false);
    expect(interruptSteps(machine)).toEqual([]);
    target.returnFromTrap();
    expect([target.mode, target.interruptsEnabled]).toEqual(["user", true]);
    expect(target.trapFrame).toEqual({ reason: "none", value: 0, mode: "kernel", interruptsEnabled: false });
  });

  it("merges with one that is pending on the same line, not with others", () => {
    const machine = machineOf();
    machine.cpu(1).enterUser();
    for (const vector of [3, 3, 0]) machine.cpu(0).sendIpi(1, vector);
    expect(interruptSteps(machine)).toEqual(["1: IPI 0", "1: IPI 3"]);
  });

  it("is not taken while the CPU has interrupts disabled, and is not lost", () => {
    const machine = machineOf();
    const target = machine.cpu(1);
    machine.cpu(0).sendIpi(1, 0);
    expect(interruptSteps(machine)).toEqual([]);
    expect(() => machine.perform({ kind: "interrupt", cpu: 1, line: ipiLine(0) })).toThrow("cannot be delivered now");
    target.interruptsEnabled = true;
    expect(interruptSteps(machine)).toEqual(["1: IPI 0"]);
  });

  it("may overtake the stores that its sender holds back, unless a fence comes first", () => {
    for (const fenced of [false, true]) {
      const machine = machineOf();
      machine.cpu(1).enterUser();
      machine.cpu(0).storePhysical(64, 1);
      if (fenced) machine.cpu(0).fence();
      machine.cpu(0).sendIpi(1, 0);
      machine.perform({ kind: "interrupt", cpu: 1, line: ipiLine(0) });
      expect(machine.cpu(1).loadPhysical(64)).toBe(fenced ? 1 : 0);
    }
  });

  it("wakes a halted CPU, which performs nothing before", () => {
    const machine = machineOf();
    const idle = machine.cpu(1);
    idle.halt();
    expect(() => idle.loadPhysical(0)).toThrow("halted");
    machine.cpu(0).sendIpi(1, 0);
    machine.perform({ kind: "interrupt", cpu: 1, line: ipiLine(0) });
    expect(idle.isHalted).toBe(false);
    expect(idle.loadPhysical(0)).toBe(0);
  });

  it("goes to CPUs and vectors that exist only", () => {
    const machine = machineOf();
    expect(() => machine.cpu(0).sendIpi(2, 0)).toThrow("no CPU 2");
    expect(() => machine.cpu(0).sendIpi(1, 15)).toThrow("vector 15");
  });
});

describe("a device", () => {
  it("interrupts the CPU that its line is routed to", () => {
    const machine = machineOf();
    for (const cpu of machine.cpus) cpu.enterUser();
    machine.interrupts.raise(4);
    expect(interruptSteps(machine)).toEqual(["0: device 4"]);
    machine.perform({ kind: "interrupt", cpu: 0, line: deviceLine(4) });
    machine.interrupts.route(4, 1);
    machine.interrupts.raise(4);
    expect(interruptSteps(machine)).toEqual(["1: device 4"]);
    machine.interrupts.route(4, 0);
    for (const cpu of [-1, 2, 0.5]) expect(() => machine.interrupts.route(4, cpu)).toThrow("there is no CPU");
    for (const device of [-1, 15, 0.5]) expect(() => machine.interrupts.raise(device)).toThrow("is not in 0..14");
  });

  it("in a storm is pending once, and not delivered while its line is masked", () => {
    const machine = machineOf();
    machine.cpu(0).enterUser();
    machine.interrupts.mask(0, deviceLine(0), true);
    expect([deviceLine(0), deviceLine(1)].map((line) => machine.interrupts.isMasked(0, line))).toEqual([true, false]);
    for (let count = 0; count < 1000; count++) machine.interrupts.raise(0);
    expect(interruptSteps(machine)).toEqual([]);
    expect(machine.interrupts.isPending(0, deviceLine(0))).toBe(true);
    machine.interrupts.mask(0, deviceLine(0), false);
    machine.perform({ kind: "interrupt", cpu: 0, line: deviceLine(0) });
    machine.cpu(0).returnFromTrap();
    expect(interruptSteps(machine)).toEqual([]);
  });
});

describe("a description", () => {
  it("says in words what a hardware step does", () => {
    const machine = machineOf();
    machine.cpu(0).storePhysical(64, 7);
    machine.cpu(0).setTimer(1);
    machine.cpu(1).enterUser();
    machine.cpu(0).sendIpi(1, 2);
    expect(machine.steps().map((step) => machine.describe(step))).toEqual([
      "CPU 0: the store of 7 to 0x40 leaves the store buffer",
      "CPU 0: the timer expires",
      "CPU 1: takes the interrupt of IPI 2",
    ]);
  });
});

describe("the timer", () => {
  it("expires when the schedule says so, once for each time it is armed", () => {
    const machine = machineOf();
    const cpu = machine.cpu(0);
    cpu.setTimer(100);
    cpu.enterUser();
    expect(machine.steps()).toEqual([{ kind: "expire", cpu: 0 }]);
    machine.perform({ kind: "expire", cpu: 0 });
    expect(machine.steps()).toEqual([{ kind: "interrupt", cpu: 0, line: timerLine }]);
    machine.perform({ kind: "interrupt", cpu: 0, line: timerLine });
    expect(cpu.trapFrame.value).toBe(timerLine);
    expect(machine.steps()).toEqual([]);
    expect(() => machine.perform({ kind: "expire", cpu: 0 })).toThrow("not running");
  });

  it("is due when the CPU's own clock says so", () => {
    const machine = machineOf();
    const cpu = machine.cpu(0);
    cpu.setTimer(100);
    cpu.enterUser();
    let instructions = 0;
    while (!machine.interrupts.timerIsDue(0)) {
      cpu.load(0);
      instructions++;
    }
    expect(instructions).toBeGreaterThan(40);
    expect(instructions).toBeLessThan(51);
  });
});

describe("an instruction", () => {
  it.each([
    ["load", (machine: Multiprocessor) => machine.cpu(0).load(0)],
    ["store", (machine: Multiprocessor) => machine.cpu(0).store(0, 1)],
    ["locked operation", (machine: Multiprocessor) => machine.cpu(0).exchange(0, 1)],
    ["physical load", (machine: Multiprocessor) => machine.cpu(0).loadPhysical(0)],
    ["physical store", (machine: Multiprocessor) => machine.cpu(0).storePhysical(0, 1)],
    ["physical locked operation", (machine: Multiprocessor) => machine.cpu(0).updatePhysical(0, () => 1)],
    ["fence", (machine: Multiprocessor) => machine.cpu(0).fence()],
    ["store barrier", (machine: Multiprocessor) => machine.cpu(0).storeBarrier()],
    ["address-space switch", (machine: Multiprocessor) => machine.cpu(0).switchAddressSpace(0)],
    ["drop of a translation", (machine: Multiprocessor) => machine.cpu(0).invalidatePage(0)],
    ["TLB flush", (machine: Multiprocessor) => machine.cpu(0).flushTlb()],
    ["system call", (machine: Multiprocessor) => machine.cpu(0).systemCall(0)],
    ["return from a trap", (machine: Multiprocessor) => machine.cpu(0).returnFromTrap()],
    ["interprocessor interrupt", (machine: Multiprocessor) => machine.cpu(0).sendIpi(1, 0)],
    ["arming of the timer", (machine: Multiprocessor) => machine.cpu(0).setTimer(5)],
    ["halt", (machine: Multiprocessor) => machine.cpu(0).halt()],
  ])("is counted once: a %s", (_name, act) => {
    const machine = machineOf();
    act(machine);
    expect(machine.counters.events(Cost.instruction, 0)).toBe(1);
    expect(machine.counters.events(Cost.instruction, 1)).toBe(0);
  });
});

describe("privilege", () => {
  it.each([
    ["physical loads", (machine: Multiprocessor) => machine.cpu(0).loadPhysical(0)],
    ["physical stores", (machine: Multiprocessor) => machine.cpu(0).storePhysical(0, 1)],
    ["physical locked operations", (machine: Multiprocessor) => machine.cpu(0).updatePhysical(0, () => 1)],
    ["loading the page-table root", (machine: Multiprocessor) => machine.cpu(0).switchAddressSpace(0)],
    ["dropping a translation", (machine: Multiprocessor) => machine.cpu(0).invalidatePage(0)],
    ["flushing the TLB", (machine: Multiprocessor) => machine.cpu(0).flushTlb()],
    ["sending an interrupt", (machine: Multiprocessor) => machine.cpu(0).sendIpi(1, 0)],
    ["arming the timer", (machine: Multiprocessor) => machine.cpu(0).setTimer(1)],
    ["halting", (machine: Multiprocessor) => machine.cpu(0).halt()],
    ["returning from a trap", (machine: Multiprocessor) => machine.cpu(0).returnFromTrap()],
    [
      "disabling interrupts",
      (machine: Multiprocessor) => {
        machine.cpu(0).interruptsEnabled = false;
      },
    ],
    [
      "changing the trap frame",
      (machine: Multiprocessor) => {
        machine.cpu(0).trapFrame = machine.cpu(1).trapFrame;
      },
    ],
  ])("keeps user programs from %s", (_name, act) => {
    const machine = machineOf();
    machine.cpu(0).enterUser();
    expect(() => act(machine)).toThrow(Trap);
    expect(machine.cpu(0).trapFrame).toMatchObject({ reason: "privilege", mode: "user", interruptsEnabled: true });
    expect(machine.cpu(0).mode).toBe("kernel");
    expect(machine.peek(0)).toBe(0);
    expect(machine.steps()).toEqual([]);
  });

  it("comes with a system call and goes with the return", () => {
    const machine = machineOf();
    const cpu = machine.cpu(0);
    cpu.enterUser();
    cpu.systemCall(17);
    expect(cpu.trapFrame).toEqual({ reason: "system-call", value: 17, mode: "user", interruptsEnabled: true });
    cpu.storePhysical(8, 1);
    cpu.returnFromTrap();
    expect(cpu.mode).toBe("user");
    expect(() => cpu.storePhysical(8, 2)).toThrow("privilege");
  });

  it("survives a nested trap if the kernel saves the frame", () => {
    const machine = machineOf();
    const cpu = machine.cpu(0);
    cpu.enterUser();
    cpu.systemCall(17);
    const frame = cpu.trapFrame;
    cpu.interruptsEnabled = true;
    machine.cpu(1).sendIpi(0, 1);
    machine.perform({ kind: "interrupt", cpu: 0, line: ipiLine(1) });
    expect(cpu.trapFrame.mode).toBe("kernel");
    cpu.returnFromTrap();
    expect([cpu.mode, cpu.interruptsEnabled]).toEqual(["kernel", true]);
    cpu.trapFrame = frame;
    cpu.returnFromTrap();
    expect(cpu.mode).toBe("user");
  });
});
