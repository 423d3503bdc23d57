import { describe, expect, it } from "vitest";
import {
  brokenInvariants,
  checkProfile,
  Cost,
  costNames,
  type CostName,
  exhaust,
  type Explorable,
  miniature,
  Multiprocessor,
  type MultiprocessorOptions,
  type Profile,
  unit,
} from "../../dist/hardware/index.js";
import { addressSpace, frameAllocator, random } from "./boot.ts";

/** Performs random instructions and hardware steps; gives back everything that the programs could see. */
function runRandomly(machine: Multiprocessor, steps: number, seed: number): number[] {
  const next = random(seed);
  const seen: number[] = [];
  for (let count = 0; count < steps; count++) {
    const cpu = machine.cpu(next(machine.cpus.length));
    const address = 4 * next(32);
    const possible = machine.steps();
    if (possible.length > 0 && next(3) === 0) {
      const step = possible[next(possible.length)];
      if (step === undefined) throw new Error("no step");
      machine.perform(step);
      if (step.kind === "interrupt") {
        seen.push(-step.line);
        machine.cpu(step.cpu).returnFromTrap();
      }
      continue;
    }
    switch (next(7)) {
      case 0:
      case 1:
        cpu.store(address, next(100));
        break;
      case 2:
        seen.push(cpu.fetchAdd(address, 1));
        break;
      case 3:
        cpu.systemCall(1);
        cpu.setTimer(10);
        cpu.sendIpi(next(machine.cpus.length), next(3));
        cpu.returnFromTrap();
        break;
      default:
        seen.push(cpu.load(address));
    }
  }
  return seen;
}

function running(options: Partial<MultiprocessorOptions> = {}): Multiprocessor {
  const machine = new Multiprocessor({ cpus: 3, memoryBytes: 16 * 64, memoryModel: "pso", profile: miniature, ...options });
  const space = addressSpace(machine, frameAllocator(machine));
  for (const virtual of [0, 64]) space.map(virtual, 8 * 64 + virtual);
  for (const cpu of machine.cpus) space.enter(cpu);
  return machine;
}

describe("a snapshot", () => {
  it("brings back everything: what follows it is the same again", () => {
    const machine = running();
    runRandomly(machine, 500, 1);
    const middle = machine.save();
    const key = machine.key();
    const first = runRandomly(machine, 500, 2);
    const [firstKey, firstClock] = [machine.key(), machine.cpus.map(({ clock }) => clock)];
    machine.restore(middle);
    expect(machine.key()).toBe(key);
    expect(runRandomly(machine, 500, 2)).toEqual(first);
    expect(machine.key()).toBe(firstKey);
    expect(machine.cpus.map(({ clock }) => clock)).toEqual(firstClock);
  });

  it("is plain data that another machine with the same options can go on from", () => {
    const [one, other] = [running(), running()];
    runRandomly(one, 300, 3);
    other.restore(structuredClone(one.save()));
    expect(runRandomly(other, 300, 4)).toEqual(runRandomly(one, 300, 4));
    expect(() => other.restore(new Multiprocessor({ cpus: 1, memoryBytes: 4096 }).save())).toThrow("other options");
  });

  it("is not changed by what happens afterwards", () => {
    const machine = running();
    const snapshot = machine.save();
    const copy = structuredClone(snapshot);
    runRandomly(machine, 300, 5);
    expect(snapshot).toEqual(copy);
  });
});

describe("a key", () => {
  it("tells all states apart that differ in a word, and the visible key those that programs can tell apart", () => {
    const machine = running({ memoryModel: "tso" });
    const keys = new Map<string, string>();
    const next = random(6);
    for (let round = 0; round < 300; round++) {
      runRandomly(machine, 3, next(1_000_000) + 1);
      const words = machine.save().words.join();
      const known = keys.get(machine.key());
      if (known !== undefined) expect(words).toBe(known);
      keys.set(machine.key(), words);
    }
    expect(new Set(keys.values()).size).toBe(keys.size);
    expect(keys.size).toBeGreaterThan(200);
  });

  it("that is visible does not look at caches, but at what they hold", () => {
    const machine = new Multiprocessor({ cpus: 2, memoryBytes: 256, memoryModel: "sc", profile: miniature });
    const [visible, full] = [machine.visibleKey(), machine.key()];
    machine.cpu(0).loadPhysical(64);
    expect(machine.visibleKey()).toBe(visible);
    expect(machine.key()).not.toBe(full);
    machine.cpu(0).storePhysical(64, 1);
    expect(machine.memory.read(64)).toBe(0);
    expect(machine.visibleKey()).not.toBe(visible);
  });
});

describe("random runs", () => {
  it.each(["sc", "tso", "pso"] as const)("under %s break no invariant", (memoryModel) => {
    const machine = running({ memoryModel });
    const next = random(8);
    for (let round = 0; round < 1000; round++) {
      runRandomly(machine, 5, next(1_000_000) + 1);
      expect(brokenInvariants(machine)).toEqual([]);
    }
  });

  it("show their programs the same, whatever the events cost and however large the caches are", () => {
    const prices = Object.fromEntries(costNames.map((name, index) => [name, 3 * index])) as Record<CostName, number>;
    const dear: Profile = { ...miniature, name: "dear", cycles: prices };
    const roomy: Profile = {
      ...miniature,
      name: "roomy",
      cache: { lineWords: 4, sets: 8, ways: 4, second: { sets: 8, ways: 2 } },
      tlb: { sets: 2, ways: 8, tagged: true, kernelPageBytes: 64 },
    };
    const seen = [miniature, dear, roomy].map((profile) => runRandomly(running({ profile }), 2000, 9));
    expect(seen[1]).toEqual(seen[0]);
    expect(seen[2]).toEqual(seen[0]);
  });
});

describe("the counters", () => {
  it("add up: the clock is the sum of all causes, at the price of each", () => {
    const prices = Object.fromEntries(costNames.map((name, index) => [name, index + 2])) as Record<CostName, number>;
    const machine = running({ profile: { ...miniature, cycles: prices } });
    runRandomly(machine, 3000, 10);
    for (const { id, clock } of machine.cpus) {
      const table = Object.entries(machine.counters.table(id));
      expect(table.reduce((sum, [, { cycles }]) => sum + cycles, 0)).toBe(clock);
      for (const [name, { events, cycles }] of table) expect(cycles).toBe(events * prices[name as CostName]);
      expect(table.length).toBeGreaterThan(10);
    }
    expect(machine.counters.events(Cost.copy)).toBe(0);
    machine.cpu(1).charge(Cost.copy, 4);
    expect(machine.counters.cycles(Cost.copy)).toBe(4 * prices.copy);
    expect(machine.counters.events(Cost.copy, 0)).toBe(0);
  });
});

describe("options", () => {
  it.each([
    [{ cpus: 0 }, "1 to 31 CPUs"],
    [{ cpus: 32 }, "1 to 31 CPUs"],
    [{ memoryBytes: 100 }, "whole pages"],
    [{ memoryBytes: 2 ** 31 }, "whole pages"],
    [{ profile: { ...miniature, pageBytes: 96 } }, "not a power of two"],
    [{ profile: { ...miniature, pageBytes: 32 } }, "at least 64 bytes"],
    [{ profile: { ...miniature, cache: { ...miniature.cache, ways: 0 } } }, "not a positive number"],
    [{ profile: { ...miniature, cache: { ...miniature.cache, lineWords: 32 } } }, "longer than a page"],
  ] as const)("%o are refused: %s", (options, message) => {
    expect(() => new Multiprocessor({ cpus: 1, memoryBytes: 4096, ...options })).toThrow(message);
  });

  it("of the profiles given here are sound", () => {
    for (const profile of [unit, miniature]) checkProfile(profile);
  });
});

/** `digits` numbers that each count up to `limit`: (limit + 1) ** digits states. */
class Odometer implements Explorable<readonly number[], number> {
  digits: number[];
  readonly #limit: number;
  constructor(digits: number, limit: number) {
    this.digits = new Array<number>(digits).fill(0);
    this.#limit = limit;
  }
  choices(): readonly number[] {
    return this.digits.flatMap((digit, index) => (digit < this.#limit ? [index] : []));
  }
  perform(index: number): void {
    this.digits[index] = (this.digits[index] ?? 0) + 1;
  }
  save(): readonly number[] {
    return [...this.digits];
  }
  restore(digits: readonly number[]): void {
    this.digits = [...digits];
  }
  key(): string {
    return this.digits.join();
  }
}

describe("exhausting", () => {
  it("visits every state once, performs every choice once, and finds every end", () => {
    const odometer = new Odometer(4, 5);
    const visited: string[] = [];
    const ends: string[] = [];
    const result = exhaust(odometer, { onState: () => visited.push(odometer.key()), onEnd: () => ends.push(odometer.key()) });
    expect(result).toEqual({ states: 6 ** 4, steps: 4 * 5 * 6 ** 3, complete: true });
    expect(new Set(visited).size).toBe(visited.length);
    expect(ends).toEqual(["5,5,5,5"]);
    expect(odometer.key()).toBe("0,0,0,0");
  });

  it("says when a bound kept it from visiting all", () => {
    expect(exhaust(new Odometer(4, 5), { maxStates: 100 })).toMatchObject({ states: 100, complete: false });
    expect(exhaust(new Odometer(2, 1), { maxStates: 4 })).toMatchObject({ states: 4, complete: true });
  });
});
