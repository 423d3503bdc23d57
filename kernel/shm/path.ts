/**
 * The executable futex, after kernel/futex/waitwake.c: sleepers hang in hash buckets by the address of their cell; WAIT
 * reads the cell again under the bucket's lock before it enqueues, WAKE takes the matching sleepers of one bucket in
 * order of arrival, and neither leaves anything behind for later.
 */
import { address as addressDomain } from "../../model/language/domain.ts";
import { CellHandle } from "../../model/language/memory.ts";
import { OutOfRange } from "../../model/language/operation.ts";
import { block, commit, type KernelHost, type KernelRoutine, type MachinePath, type SystemCall } from "../common/path.ts";
import type { List, ListNode } from "../common/lists.ts";
import { type KernelRecord, layout, links, list, word } from "../common/records.ts";

const bucketCount = 16;

/** Belongs to the bucket that it hangs in while it sleeps, and to its thread otherwise: no lock of its own. */
interface SleeperBlock {
  readonly links: ListNode;
  /** The cell that it sleeps on (-1 while it is awake), and the value that it found there. */
  cell: number;
  expected: number;
}
type Sleeper = SleeperBlock & KernelRecord;
interface Bucket {
  readonly sleepers: List<Sleeper>;
}

const sleeperLayout = layout<SleeperBlock>("sleeper", { links: links(), cell: addressDomain, expected: word() });
const bucketLayout = layout<Bucket>("futex bucket", { sleepers: list<Sleeper>("links", "sleepers") });

function cellOf({ args }: SystemCall): CellHandle {
  const { cell } = args as { readonly cell?: unknown };
  if (!(cell instanceof CellHandle)) throw new OutOfRange("a futex needs a cell");
  return cell;
}

export default function futexPath(host: KernelHost): MachinePath {
  const { cells } = host.instance.memory;
  const sleepers = host.perThread(sleeperLayout, "none");
  const buckets = Array.from({ length: bucketCount }, (_, index) => host.record(bucketLayout, `futex bucket ${index}`, "own"));
  /** Fibonacci hashing, so that neighbouring cells fall into different buckets. */
  const bucketOf = (cell: number): Bucket & KernelRecord => {
    const bucket = buckets[(Math.imul(cell, 0x9e37_79b1) >>> 28) % bucketCount];
    if (bucket === undefined) throw new Error("hash outside the table");
    return bucket;
  };

  function* wait(call: SystemCall): KernelRoutine {
    const cell = cellOf(call);
    const expected = Number(call.args["expected"]);
    const me = sleepers[call.thread];
    if (me === undefined) throw new OutOfRange(`there is no thread ${call.thread}`);
    const bucket = bucketOf(cell.address);
    yield* host.lock(bucket);
    if (host.read(call.thread, cell) !== expected) {
      host.unlock(bucket);
      yield commit("value differs");
      return { outcome: "differs" };
    }
    bucket.sleepers.enqueue(me);
    me.cell = cell.address;
    me.expected = expected;
    host.unlock(bucket);
    yield commit("fall asleep");
    const why = yield block(call.args["timeout"] === "finite");
    if (why === "timer") {
      yield* host.lock(bucket);
      // A waker may have taken it out while it waited for the lock (unqueue_me in kernel/futex/core.c).
      if (me.cell < 0) {
        host.unlock(bucket);
        return { outcome: "woken" };
      }
      bucket.sleepers.remove(me);
      me.cell = -1;
      host.unlock(bucket);
      yield commit("timer fires");
      return { outcome: "timeout" };
    }
    return { outcome: "woken" };
  }

  function* wake(call: SystemCall): KernelRoutine {
    const cell = cellOf(call);
    const bucket = bucketOf(cell.address);
    let woken = 0;
    yield* host.lock(bucket);
    for (const sleeper of [...bucket.sleepers]) {
      if (woken === Number(call.args["count"])) break;
      if (sleeper.cell !== cell.address) continue;
      bucket.sleepers.remove(sleeper);
      sleeper.cell = -1;
      host.wake(sleepers.indexOf(sleeper));
      woken++;
    }
    host.unlock(bucket);
    yield commit("wake");
    return { woken };
  }

  /** All sleepers by address, each address in order of arrival. */
  const inOrder = (): readonly Sleeper[] => buckets.flatMap((bucket) => [...bucket.sleepers]).sort((a, b) => a.cell - b.cell);

  return {
    locking: "own",
    calls: { "futex.wait": wait, "futex.wake": wake },
    interrupts: {},
    project: () => ({
      "futex.address": sleepers.map(({ cell }) => cell),
      "futex.sleepers": [inOrder().map((sleeper) => host.threads[sleepers.indexOf(sleeper)])],
    }),
    forget: (thread) => {
      const me = sleepers[thread];
      if (me === undefined || me.cell < 0) return;
      const bucket = bucketOf(me.cell);
      host.locked(() => bucket.sleepers.remove(me), bucket);
      me.cell = -1;
    },
    blocking: (thread) => {
      const me = sleepers[thread];
      const cell = me === undefined ? undefined : cells[me.cell];
      if (me === undefined || cell === undefined) return null;
      const queue = inOrder().filter((other) => other.cell === me.cell);
      return {
        queue: `place ${queue.indexOf(me) + 1} of ${queue.length} among the sleepers on ${cell.variable}`,
        on: [],
        until: host.read(thread, cell) !== me.expected,
      };
    },
    audit: (asleep) => [
      ...buckets.filter((bucket) => !bucket.sleepers.consistent(sleepers.length)).map(({ name }) => `the links of ${name} are broken`),
      ...sleepers.flatMap((me, thread) => {
        const { name, cell } = me;
        if (cell < 0) return me.links.isQueued() ? [`${name} is awake but still queued`] : [];
        if (!bucketOf(cell).sleepers.has(me)) return [`${name} sleeps but is in no bucket of its cell`];
        return asleep(thread) ? [] : [`${name} is queued on ${cells[cell]?.variable ?? cell} but not blocked`];
      }),
    ],
  };
}
