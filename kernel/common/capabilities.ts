/**
 * Capability tables: for each thread one, in kernel memory. A program names an object by a slot of its own table, and the
 * kernel looks the slot up at every invocation; what a thread does not hold it cannot name. Threads are named by global
 * numbers, as in L4 X.2.
 *
 * A slot is one word: 0 if it is empty, else the number of the object plus one.
 */
import type { ObjectRef } from "../../model/language/kernel.ts";
import { OutOfRange } from "../../model/language/operation.ts";
import type { Instance, ThreadInstance } from "../../model/language/protocol.ts";
import type { KernelMemory } from "./kernel-memory.ts";

export class Capabilities {
  readonly #memory: KernelMemory;
  readonly #instance: Instance;
  readonly #tables: readonly number[];

  constructor(memory: KernelMemory, instance: Instance) {
    this.#memory = memory;
    this.#instance = instance;
    const { objects } = instance;
    this.#tables = instance.threads.map((thread) => {
      const table = memory.reserve(Math.max(1, objects.length));
      objects.forEach(({ ref }, slot) => {
        if (holds(thread, ref.name)) memory.store(table + 4 * slot, ref.index + 1);
      });
      return table;
    });
  }

  /** The slot by which a program names an object: its place among the objects of the protocol. Caller holds: nothing. */
  slotOf(object: ObjectRef): number {
    return object.index;
  }

  /** The object in a slot of the table of `thread`, as the kernel finds it. Caller holds: a section on the thread's CPU. */
  lookUp(thread: number, slot: number): ObjectRef {
    const { objects, threads } = this.#instance;
    const held = slot < 0 || slot >= objects.length ? 0 : this.#memory.load(this.#at(thread, slot));
    const found = held === 0 ? undefined : objects[held - 1];
    if (found === undefined) throw new OutOfRange(`${threads[thread]?.name ?? thread} holds no capability in slot ${slot}`);
    return found.ref;
  }

  /** Empties the table of a thread that is no more. Caller holds: a section on the thread's CPU. */
  revoke(thread: number): void {
    this.#instance.objects.forEach((_, slot) => {
      this.#memory.store(this.#at(thread, slot), 0);
    });
  }

  /** How many capabilities a thread holds. Caller holds: no section. */
  held(thread: number): number {
    return this.#instance.objects.filter((_, slot) => this.#memory.load(this.#at(thread, slot)) !== 0).length;
  }

  #at(thread: number, slot: number): number {
    return (this.#tables[thread] as number) + 4 * slot;
  }
}

/** Whether a thread may name what the protocol declares under this name: everything, unless it says what it holds. Caller holds: nothing. */
export function holds({ holds: names }: ThreadInstance, name: string): boolean {
  return names === null || names.includes(name);
}
