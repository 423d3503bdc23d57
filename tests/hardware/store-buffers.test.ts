import { describe, expect, it } from "vitest";
import { type Cpu, type MemoryModel, miniature, Multiprocessor } from "../../dist/hardware/index.js";
import { random } from "./boot.ts";

const x = 64;
const y = 72;
const z = 80;

function machineOf(memoryModel: MemoryModel, cpus = 2): Multiprocessor {
  return new Multiprocessor({ cpus, memoryBytes: 256, memoryModel, profile: miniature });
}
function drains(machine: Multiprocessor): string[] {
  return machine
    .steps()
    .flatMap((step) =>
      step.kind === "drain" ? [`${step.cpu}:${machine.cpu(step.cpu).buffer.address(step.entry)}=${machine.cpu(step.cpu).buffer.value(step.entry)}`] : [],
    );
}

describe("under sequential consistency", () => {
  it("a store is visible to all at once and nothing is held back", () => {
    const machine = machineOf("sc");
    machine.cpu(0).storePhysical(x, 1);
    expect(machine.cpu(1).loadPhysical(x)).toBe(1);
    expect(machine.steps()).toEqual([]);
  });
});

describe("under total store order", () => {
  it("a store is seen by its own CPU at once and by others when it has left the buffer", () => {
    const machine = machineOf("tso");
    machine.cpu(0).storePhysical(x, 1);
    expect([machine.cpu(0).loadPhysical(x), machine.cpu(1).loadPhysical(x)]).toEqual([1, 0]);
    machine.perform({ kind: "drain", cpu: 0, entry: 0 });
    expect(machine.cpu(1).loadPhysical(x)).toBe(1);
  });

  it("stores leave in program order only", () => {
    const machine = machineOf("tso");
    machine.cpu(0).storePhysical(y, 1);
    machine.cpu(0).storePhysical(x, 2);
    expect(drains(machine)).toEqual([`0:${y}=1`]);
    expect(() => machine.perform({ kind: "drain", cpu: 0, entry: 1 })).toThrow("cannot leave now");
    expect(() => machine.perform({ kind: "drain", cpu: 1, entry: 0 })).toThrow("cannot leave now");
  });

  it("a load takes the newest of several buffered stores to its location", () => {
    const machine = machineOf("tso");
    for (const value of [1, 2, 3]) machine.cpu(0).storePhysical(x, value);
    expect(machine.cpu(0).loadPhysical(x)).toBe(3);
    machine.perform({ kind: "drain", cpu: 0, entry: 0 });
    expect([machine.cpu(0).loadPhysical(x), machine.cpu(1).loadPhysical(x)]).toEqual([3, 1]);
  });
});

describe("under partial store order", () => {
  it("stores to different locations leave in any order, those to one location in program order", () => {
    const machine = machineOf("pso");
    machine.cpu(0).storePhysical(y, 1);
    machine.cpu(0).storePhysical(x, 2);
    machine.cpu(0).storePhysical(y, 3);
    expect(drains(machine).sort()).toEqual([`0:${x}=2`, `0:${y}=1`].sort());
  });

  it("stores after a store barrier wait for those before it, loads do not", () => {
    const machine = machineOf("pso");
    const cpu = machine.cpu(0);
    cpu.storePhysical(y, 1);
    cpu.storePhysical(z, 2);
    cpu.storeBarrier();
    cpu.storePhysical(x, 3);
    expect(cpu.buffer.length).toBe(4);
    expect(drains(machine)).toEqual([`0:${y}=1`, `0:${z}=2`]);
    machine.perform({ kind: "drain", cpu: 0, entry: 1 });
    machine.perform({ kind: "drain", cpu: 0, entry: 0 });
    expect(drains(machine)).toEqual([`0:${x}=3`]);
  });

  it("buffers that behave alike are equal word for word, whatever the order of the stores", () => {
    const [one, other] = [machineOf("pso"), machineOf("pso")];
    for (const [address, value] of [
      [x, 1],
      [y, 2],
      [x, 3],
    ] as const)
      one.cpu(0).storePhysical(address, value);
    for (const [address, value] of [
      [y, 2],
      [x, 1],
      [x, 3],
    ] as const)
      other.cpu(0).storePhysical(address, value);
    expect(one.visibleKey()).toBe(other.visibleKey());
    expect(one.key()).toBe(other.key());
  });
});

describe.each(["tso", "pso"] as const)("under %s", (model) => {
  const ordering: readonly (readonly [string, (cpu: Cpu) => void])[] = [
    ["a fence", (cpu) => cpu.fence()],
    ["an exchange", (cpu) => cpu.exchange(z, 1)],
    ["a compare-exchange that fails", (cpu) => cpu.compareExchange(z, 5, 6)],
    ["a fetch-add", (cpu) => cpu.fetchAdd(z, 1)],
    ["an address-space switch", (cpu) => cpu.switchAddressSpace(0)],
    ["dropping a translation", (cpu) => cpu.invalidatePage(0)],
  ];
  it.each(ordering)("%s makes all earlier stores visible", (_name, act) => {
    const machine = machineOf(model);
    machine.cpu(0).storePhysical(x, 1);
    machine.cpu(0).storePhysical(y, 2);
    act(machine.cpu(0));
    expect([machine.cpu(1).loadPhysical(x), machine.cpu(1).loadPhysical(y)]).toEqual([1, 2]);
    expect(machine.cpu(0).buffer.length).toBe(0);
  });

  it("entering and leaving the kernel does not", () => {
    const machine = machineOf(model);
    machine.cpu(0).enterUser();
    machine.cpu(0).store(x, 1);
    machine.cpu(0).systemCall(3);
    machine.cpu(0).returnFromTrap();
    expect(machine.cpu(0).buffer.length).toBe(1);
  });

  it("a full buffer lets a store leave before it takes another", () => {
    const machine = machineOf(model);
    const cpu = machine.cpu(0);
    for (let count = 0; count <= miniature.storeBuffer.entries; count++) cpu.storePhysical(x, count + 1);
    expect(cpu.buffer.length).toBe(miniature.storeBuffer.entries);
    expect(machine.peek(x)).toBe(1);
  });

  it("random programs and schedules behave as the abstract machine of the papers does", () => {
    // The abstract machine: one memory, and per CPU a plain list of (address, value) in program order.
    const machine = machineOf(model, 3);
    const next = random(2010);
    const memory = new Map<number, number>();
    const buffers: [number, number][][] = [[], [], []];
    const locations = [x, y, z, x + 4];
    const leave = (buffer: [number, number][], at: number): void => {
      const [[address, value] = [0, 0]] = buffer.splice(at, 1);
      memory.set(address, value);
    };
    for (let step = 0; step < 30_000; step++) {
      const id = next(3);
      const cpu = machine.cpu(id);
      const buffer = buffers[id] ?? [];
      const address = locations[next(locations.length)] ?? x;
      const view = buffer.findLast(([at]) => at === address)?.[1] ?? memory.get(address) ?? 0;
      switch (next(6)) {
        case 0:
        case 1:
          if (buffer.length === miniature.storeBuffer.entries) break;
          buffer.push([address, step]);
          cpu.storePhysical(address, step);
          break;
        case 2:
        case 3:
          expect(cpu.loadPhysical(address)).toBe(view);
          break;
        case 4: {
          const possible = machine.steps().filter((drain) => drain.cpu === id);
          const fromModel = buffer.flatMap(([at], place) =>
            (model === "tso" ? place === 0 : buffer.findIndex(([other]) => other === at) === place) ? [place] : [],
          );
          expect(possible.length).toBe(fromModel.length);
          const chosen = possible[next(Math.max(1, possible.length))];
          if (chosen?.kind !== "drain") break;
          const drained = cpu.buffer.address(chosen.entry);
          leave(
            buffer,
            buffer.findIndex(([at]) => at === drained),
          );
          machine.perform(chosen);
          break;
        }
        default:
          if (next(8) !== 0) break;
          while (buffer.length > 0) leave(buffer, 0);
          expect(cpu.exchange(address, -step)).toBe(memory.get(address) ?? 0);
          memory.set(address, -step);
      }
      if (step % 64 === 0) for (const at of locations) expect(machine.peek(at)).toBe(memory.get(at) ?? 0);
    }
  });
});
