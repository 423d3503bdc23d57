import { describe, expect, it } from "vitest";
import {
  exhaust,
  ipiLine,
  miniature,
  Multiprocessor,
  Page,
  Shootdown,
  type Snapshot,
  staleTranslations,
  Trap,
  type Explorable,
  type HardwareStep,
} from "../../dist/hardware/index.js";
import { addressSpace, frameAllocator } from "./boot.ts";

const page = miniature.pageBytes;
const vector = 5;
const oldFrame = 10 * page;
const newFrame = 11 * page;

type Step = { readonly kind: "initiate" | "wait" | "use"; readonly cpu: number } | HardwareStep;

/**
 * CPU 0 takes the frame away from the page that both CPUs use, and gives it to somebody else once the shootdown is done;
 * CPU 1 reads the page at any time. Program counters, kept in CPU registers: how far CPU 0 has got, how often CPU 1 read.
 */
class Remapping implements Explorable<Snapshot, Step> {
  readonly machine: Multiprocessor;
  readonly #shootdown: Shootdown;
  readonly #root: number;
  /** Values that CPU 1 read after the frame had been given away. */
  readonly readLate: Set<number | string> = new Set();

  constructor(skipTlbShootdown: boolean) {
    this.machine = new Multiprocessor({ cpus: 2, memoryBytes: 12 * page, profile: miniature, faults: { skipTlbShootdown } });
    const machine = this.machine;
    const space = addressSpace(machine, frameAllocator(machine));
    this.#root = space.root;
    this.#shootdown = new Shootdown(machine.cpus, 0, vector, machine.faults);
    space.map(0, oldFrame);
    machine.poke(oldFrame, 1);
    machine.poke(newFrame, 2);
    for (const cpu of machine.cpus) {
      space.enter(cpu);
      cpu.load(0);
    }
    machine.cpu(0).systemCall(0);
  }

  choices(): readonly Step[] {
    const [kernel, user] = this.machine.cpus;
    if (kernel === undefined || user === undefined) throw new Error("two CPUs");
    const steps: Step[] = [];
    if (kernel.pc === 0) steps.push({ kind: "initiate", cpu: 0 });
    if (kernel.pc === 1) steps.push({ kind: "wait", cpu: 0 });
    if (user.pc < 3) steps.push({ kind: "use", cpu: 1 });
    return [...steps, ...this.machine.steps()];
  }

  perform(step: Step): void {
    const cpu = this.machine.cpu(step.cpu);
    switch (step.kind) {
      case "initiate": {
        const table = cpu.loadPhysical(this.#root) & -page;
        cpu.storePhysical(table, newFrame | Page.present | Page.user | Page.writable);
        cpu.fence();
        expect(this.#shootdown.start(cpu, this.#root, 0, 0b11)).toBe(true);
        cpu.pc = 1;
        break;
      }
      case "wait":
        if (!this.#shootdown.finish(cpu)) break;
        expect(this.machine.faults.skipTlbShootdown ? [] : staleTranslations(this.machine)).toEqual([]);
        cpu.storePhysical(oldFrame, 99); // the frame has a new owner
        cpu.fence();
        cpu.pc = 2;
        break;
      case "use": {
        const value = cpu.load(0);
        if (this.machine.cpu(0).pc === 2) this.readLate.add(value);
        cpu.pc++;
        break;
      }
      default:
        this.machine.perform(step);
        if (step.kind === "interrupt" && step.line === ipiLine(vector)) {
          this.#shootdown.answer(cpu);
          cpu.returnFromTrap();
        }
    }
  }

  save(): Snapshot {
    return this.machine.save();
  }
  restore(state: Snapshot): void {
    this.machine.restore(state);
  }
  key(): string {
    return this.machine.key();
  }
}

describe("a TLB shootdown", () => {
  it("under every schedule keeps a CPU from using a frame after it was given away", () => {
    const remapping = new Remapping(false);
    const { states, complete } = exhaust(remapping);
    expect(complete).toBe(true);
    expect(states).toBeGreaterThan(20);
    expect([...remapping.readLate]).toEqual([2]);
  });

  it("when CPUs answer without dropping the translation, lets one read the new owner's data", () => {
    const remapping = new Remapping(true);
    exhaust(remapping);
    expect(remapping.readLate).toContain(99);
  });

  it("lets one CPU at a time initiate; the other answers first", () => {
    const machine = new Multiprocessor({ cpus: 2, memoryBytes: 12 * page, profile: miniature });
    const shootdown = new Shootdown(machine.cpus, 0, vector, machine.faults);
    const [first, second] = [machine.cpu(0), machine.cpu(1)];
    expect(shootdown.start(first, page, 0, 0b11)).toBe(true);
    expect(shootdown.start(second, page, 0, 0b11)).toBe(false);
    expect(shootdown.finish(first)).toBe(false);
    shootdown.answer(second);
    expect(shootdown.finish(first)).toBe(true);
    first.fence();
    expect(shootdown.start(second, page, 0, 0b11)).toBe(true);
  });

  it("asks nobody if nobody else uses the address space", () => {
    const machine = new Multiprocessor({ cpus: 2, memoryBytes: 12 * page, profile: miniature });
    const shootdown = new Shootdown(machine.cpus, 0, vector, machine.faults);
    machine.cpu(1).interruptsEnabled = true;
    expect(shootdown.start(machine.cpu(0), page, 0, 0b01)).toBe(true);
    expect(machine.steps().filter(({ kind }) => kind === "interrupt")).toEqual([]);
    expect(shootdown.finish(machine.cpu(0))).toBe(true);
  });

  it("of a page that was unmapped makes the other CPU fault", () => {
    const machine = new Multiprocessor({ cpus: 2, memoryBytes: 12 * page, profile: miniature });
    const space = addressSpace(machine, frameAllocator(machine));
    const shootdown = new Shootdown(machine.cpus, 0, vector, machine.faults);
    space.map(0, oldFrame);
    const user = machine.cpu(1);
    space.enter(user);
    user.store(0, 4);
    space.unmap(0);
    shootdown.start(machine.cpu(0), space.root, 0, 0b10);
    machine.perform({ kind: "interrupt", cpu: 1, line: ipiLine(vector) });
    shootdown.answer(user);
    user.returnFromTrap();
    expect(() => user.store(0, 5)).toThrow(Trap);
    expect(machine.peek(oldFrame)).toBe(4);
  });
});
