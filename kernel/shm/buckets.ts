/** The executable futex's hash buckets, and the records of those who sleep in them. */
import { address as addressDomain } from "../../model/language/domain.ts";
import { OutOfRange } from "../../model/language/operation.ts";
import type { List, ListNode } from "../common/lists.ts";
import type { KernelHost } from "../common/path.ts";
import { type KernelRecord, layout, links, list, word } from "../common/records.ts";

const bucketCount = 16;

/** Belongs to the bucket that it hangs in while it sleeps, and to its thread otherwise: no lock of its own. */
interface SleeperBlock {
  readonly links: ListNode;
  /** The cell that it sleeps on (-1 while it is awake). */
  cell: number;
  /** The cell that it fell asleep on, and the value that it found there. */
  first: number;
  expected: number;
}
export type Sleeper = SleeperBlock & KernelRecord;
interface BucketBlock {
  readonly sleepers: List<Sleeper>;
}
export type Bucket = BucketBlock & KernelRecord;

const sleeperLayout = layout<SleeperBlock>("sleeper", { links: links(), cell: addressDomain, first: addressDomain, expected: word() });
const bucketLayout = layout<BucketBlock>("futex bucket", { sleepers: list<Sleeper>("links", "sleepers") });

export class Buckets {
  readonly sleepers: readonly Sleeper[];
  readonly all: readonly Bucket[];
  readonly #host: KernelHost;

  constructor(host: KernelHost) {
    this.#host = host;
    this.sleepers = host.perThread(sleeperLayout, "none");
    this.all = Array.from({ length: bucketCount }, (_, index) => host.record(bucketLayout, `futex bucket ${index}`, "own"));
  }

  /** Fibonacci hashing, so that neighbouring cells fall into different buckets. */
  of(cell: number): Bucket {
    const bucket = this.all[(Math.imul(cell, 0x9e37_79b1) >>> 28) % bucketCount];
    if (bucket === undefined) throw new Error("hash outside the table");
    return bucket;
  }

  sleeper(thread: number): Sleeper {
    const found = this.sleepers[thread];
    if (found === undefined) throw new OutOfRange(`there is no thread ${thread}`);
    return found;
  }

  /** Wakes the first of those who sleep on a cell; its bucket's lock is held. */
  wakeFirst(cell: number, most: number): number {
    const bucket = this.of(cell);
    let woken = 0;
    for (const sleeper of [...bucket.sleepers]) {
      if (woken === most) break;
      if (sleeper.cell !== cell) continue;
      bucket.sleepers.remove(sleeper);
      sleeper.cell = -1;
      this.#host.wake(this.sleepers.indexOf(sleeper));
      woken++;
    }
    return woken;
  }

  /** All sleepers by address, each address in order of arrival. */
  inOrder(): readonly Sleeper[] {
    return this.all.flatMap((bucket) => [...bucket.sleepers]).sort((a, b) => a.cell - b.cell);
  }
}
