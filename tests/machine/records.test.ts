/** Kernel memory: records, lists, pools and locks as words of simulated memory. */
import { describe, expect, test } from "vitest";
import { Multiprocessor } from "../../dist/hardware/index.js";
import { Allocator, type Locking } from "../../dist/kernel/common/allocation.js";
import { KernelMemory } from "../../dist/kernel/common/kernel-memory.js";
import type { List, ListNode } from "../../dist/kernel/common/lists.js";
import { type KernelRecord, layout, link, links, list, word } from "../../dist/kernel/common/records.js";
import * as shm from "../../dist/kernel/shm/index.js";
import { bool, int, oneOf, protocol, threadId } from "../../dist/model/language/index.js";
import { instantiate } from "../../dist/model/language/protocol.js";

interface Item {
  state: "new" | "used";
  on: boolean;
  count: number;
  owner: unknown;
  peer: (Item & KernelRecord) | null;
  raw: number;
  readonly links: ListNode;
}
interface Box {
  readonly items: List<Item & KernelRecord>;
}
const itemLayout = layout<Item>("item", {
  state: oneOf("new", "used"),
  on: bool(),
  count: int(3, 9),
  owner: threadId,
  peer: link<Item & KernelRecord>(),
  raw: word(),
  links: links(),
});
const boxLayout = layout<Box>("box", { items: list<Item & KernelRecord>("links", "items") });

function setUp(locking: Locking = "big") {
  const instance = instantiate(
    protocol("p", {
      kernel: shm.kernel({ cpus: 2 }),
      threads: {
        a: { cpu: 0, *run() {} },
        b: { cpu: 1, *run() {} },
      },
    }),
  );
  const machine = new Multiprocessor({ cpus: 2, memoryBytes: 1 << 16, memoryModel: "sc" });
  const memory = new KernelMemory(machine, 4096, 1 << 16);
  const allocator = new Allocator(memory, instance, locking);
  return { machine, memory, allocator, services: allocator.services, threads: instance.threads.map(({ handle }) => handle) };
}

describe("records", () => {
  test("are words of simulated memory, and start with their domains' initial values", () => {
    const { machine, services, threads } = setUp();
    const [a, b] = services.perThread(itemLayout);
    if (a === undefined || b === undefined) throw new Error("no records");
    expect({ ...a.links, ...a, state: a.state, count: a.count, owner: a.owner, peer: a.peer }).toMatchObject({
      state: "new",
      count: 3,
      owner: { id: -1 },
      peer: null,
    });
    a.state = "used";
    a.on = true;
    a.count = 7;
    a.owner = threads[1];
    a.peer = b;
    a.raw = -5;
    expect([0, 1, 2, 3, 4, 5].map((place) => machine.peek(a.address + 4 * place))).toEqual([1, 1, 7, 1, b.address, -5]);
    expect([a.state, a.on, a.count, a.owner, a.peer, a.raw, b.state]).toEqual(["used", true, 7, threads[1], b, -5, "new"]);
    expect(() => (a.count = 10)).toThrow("item.count = 10 is outside 3..9");
  });

  test("go through the cache of the CPU that runs the kernel", () => {
    const { machine, memory, allocator, services } = setUp();
    const item = services.record(itemLayout, "item");
    memory.cpu = machine.cpu(1);
    allocator.kernelLock.tryAcquire();
    item.raw = 5;
    memory.cpu = null;
    expect(machine.memory.read(item.address + 20)).toBe(0);
    expect(item.raw).toBe(5);
  });

  test("a link to where nothing lies is an error of the kernel", () => {
    const { machine, services } = setUp();
    const item = services.record(itemLayout, "item");
    machine.poke(item.address + 16, 0x44);
    expect(() => item.peer).toThrow("a link leads to 0x44, where nothing lies");
  });
});

describe("lists", () => {
  test("keep order, give up members from anywhere, and know whether their links agree", () => {
    const { machine, services } = setUp();
    const box = services.record(boxLayout, "box");
    const items = Array.from({ length: 4 }, (_, index) => services.record(itemLayout, `item ${index}`));
    const names = () => Array.from(box.items, ({ name }) => name.slice(5)).join("");
    const [first, second, third, fourth] = items;
    if (first === undefined || second === undefined || third === undefined || fourth === undefined) throw new Error("no records");
    box.items.enqueue(first);
    box.items.enqueue(second);
    box.items.insert(third, first);
    box.items.insert(fourth, second);
    expect(names()).toBe("2031");
    box.items.remove(first);
    expect(names()).toBe("231");
    expect([first.links.isQueued(), second.links.isQueued(), box.items.tail]).toEqual([false, true, second]);
    expect(() => box.items.enqueue(second)).toThrow("already in a list");
    expect(() => box.items.remove(first)).toThrow("it is not there");
    expect(box.items.consistent(3)).toBe(true);
    expect(box.items.consistent(2)).toBe(false);
    machine.poke(fourth.links.address + 4, 0);
    expect(box.items.consistent(9)).toBe(false);
    expect([box.items.dequeue(), box.items.dequeue(), box.items.isEmpty]).toEqual([third, fourth, false]);
  });
});

describe("pools", () => {
  test("hand out each record once, and say what was not given back", () => {
    const { allocator, services } = setUp();
    const pool = services.pool(itemLayout, 2, "buffers");
    const one = pool.allocate();
    const two = pool.allocate();
    expect([one === two, pool.allocate(), pool.inUse().length]).toEqual([false, null, 2]);
    if (one === null || two === null) throw new Error("no records");
    pool.free(one);
    expect(allocator.inUse()).toEqual([{ name: "buffers", records: [two] }]);
    expect([allocator.isFree(one), allocator.isFree(two)]).toEqual([true, false]);
    expect(() => pool.free(one)).toThrow("not in use");
    expect(pool.allocate()).toBe(one);
  });
});

describe("locks", () => {
  const onCpu = ({ machine, memory }: ReturnType<typeof setUp>, cpu: number): void => {
    memory.cpu = machine.cpu(cpu);
  };

  test("an access without the lock fails at once", () => {
    const kernel = setUp("per-object");
    const item = kernel.services.record(itemLayout, "x", "own");
    const box = kernel.services.record(boxLayout, "y", "own");
    onCpu(kernel, 0);
    expect(() => item.raw).toThrow("CPU 0 reaches x without holding the lock of item x");
    expect(() => box.items.head).toThrow("without holding the lock of box y");
    expect([...kernel.services.lock(item)]).toEqual([]);
    item.raw = 1;
    onCpu(kernel, 1);
    expect(() => item.raw).toThrow("CPU 1 reaches x without holding");
  });

  test("another CPU spins until the lock is free", () => {
    const kernel = setUp("per-object");
    const item = kernel.services.record(itemLayout, "x", "own");
    onCpu(kernel, 0);
    kernel.services.lock(item).next();
    onCpu(kernel, 1);
    const taking = kernel.services.lock(item);
    const point = { kind: "lock", lock: item.lock, taken: false };
    expect([taking.next().value, taking.next().value]).toEqual([point, point]);
    onCpu(kernel, 0);
    kernel.services.unlock(item);
    onCpu(kernel, 1);
    expect(taking.next().done).toBe(true);
    expect(kernel.machine.peek(item.lock?.address ?? 0)).toBe(2);
  });

  test("locks are taken in one order, whatever order they are named in", () => {
    const kernel = setUp("per-object");
    const a = kernel.services.record(itemLayout, "a", "own");
    const b = kernel.services.record(itemLayout, "b", "own");
    onCpu(kernel, 0);
    expect([...kernel.services.lock(b, a, b)]).toEqual([]);
    kernel.services.unlock(a, b);
    kernel.services.lock(b).next();
    expect(() => kernel.services.lock(a).next()).toThrow("that order can deadlock");
  });

  test("with one big lock, records of their own lock are under it", () => {
    const kernel = setUp("big");
    const item = kernel.services.record(itemLayout, "x", "own");
    onCpu(kernel, 0);
    expect(() => item.raw).toThrow("without holding the kernel lock");
    kernel.allocator.kernelLock.tryAcquire();
    expect([...kernel.services.lock(item)]).toEqual([]);
    expect(item.raw).toBe(0);
  });
});
