/**
 * The executable futex, after kernel/futex/waitwake.c: sleepers hang in hash buckets by the address of their cell; WAIT
 * reads the cell again under the bucket's lock before it enqueues, WAKE takes the matching sleepers of one bucket in
 * order of arrival, and neither leaves anything behind for later.
 */
import { CellHandle } from "../../model/language/memory.ts";
import { OutOfRange } from "../../model/language/operation.ts";
import { block, commit, type KernelHost, type KernelRoutine, type MachinePath, type SystemCall } from "../common/path.ts";
import { Queue, type Queued } from "../common/queue.ts";

const bucketCount = 16;

class Sleeper implements Queued {
  links: Queued["links"] = null;
  readonly thread: number;
  /** What it sleeps on, and the value that it found there; null while it is awake. */
  wait: { readonly cell: CellHandle; readonly expected: number } | null = null;
  constructor(thread: number) {
    this.thread = thread;
  }
}

function cellOf({ args }: SystemCall): CellHandle {
  const { cell } = args as { readonly cell?: unknown };
  if (!(cell instanceof CellHandle)) throw new OutOfRange("a futex needs a cell");
  return cell;
}

export default function futexPath(host: KernelHost): MachinePath {
  const sleepers = host.threads.map(({ id }) => new Sleeper(id));
  const buckets = Array.from({ length: bucketCount }, (_, index) => new Queue<Sleeper>(`futex bucket ${index}`));
  /** Fibonacci hashing, so that neighbouring cells fall into different buckets. */
  const bucketOf = (cell: CellHandle): Queue<Sleeper> => {
    const bucket = buckets[(Math.imul(cell.address, 0x9e37_79b1) >>> 28) % bucketCount];
    if (bucket === undefined) throw new Error("hash outside the table");
    return bucket;
  };

  function* wait(call: SystemCall): KernelRoutine {
    const cell = cellOf(call);
    const expected = Number(call.args["expected"]);
    const me = sleepers[call.thread];
    if (me === undefined) throw new OutOfRange(`there is no thread ${call.thread}`);
    if (host.read(call.thread, cell) !== expected) {
      yield commit("value differs");
      return { outcome: "differs" };
    }
    const bucket = bucketOf(cell);
    bucket.enqueue(me);
    me.wait = { cell, expected };
    yield commit("fall asleep");
    const why = yield block(call.args["timeout"] === "finite");
    if (why === "timer") {
      bucket.remove(me);
      me.wait = null;
      yield commit("timer fires");
      return { outcome: "timeout" };
    }
    return { outcome: "woken" };
  }

  function* wake(call: SystemCall): KernelRoutine {
    const cell = cellOf(call);
    const bucket = bucketOf(cell);
    let woken = 0;
    for (const sleeper of [...bucket]) {
      if (woken === Number(call.args["count"])) break;
      if (sleeper.wait?.cell !== cell) continue;
      bucket.remove(sleeper);
      sleeper.wait = null;
      host.wake(sleeper.thread);
      woken++;
    }
    yield commit("wake");
    return { woken };
  }

  /** All sleepers by address, each address in order of arrival. */
  const inOrder = (): readonly Sleeper[] =>
    buckets.flatMap((bucket) => [...bucket]).sort((a, b) => (a.wait?.cell.address ?? -1) - (b.wait?.cell.address ?? -1));

  return {
    calls: { "futex.wait": wait, "futex.wake": wake },
    interrupts: {},
    project: () => ({
      "futex.address": sleepers.map(({ wait }) => wait?.cell.address ?? -1),
      "futex.sleepers": [inOrder().map(({ thread }) => host.threads[thread])],
    }),
    forget: (thread) => {
      const me = sleepers[thread];
      if (me?.wait == null) return;
      bucketOf(me.wait.cell).remove(me);
      me.wait = null;
    },
    blocking: (thread) => {
      const me = sleepers[thread];
      if (me?.wait == null) return null;
      const { cell, expected } = me.wait;
      const queue = inOrder().filter((other) => other.wait?.cell === cell);
      return {
        queue: `place ${queue.indexOf(me) + 1} of ${queue.length} among the sleepers on ${cell.variable}`,
        on: [],
        until: host.read(thread, cell) !== expected,
      };
    },
    audit: (asleep) => [
      ...buckets.filter((bucket) => !bucket.consistent(sleepers.length)).map(({ name }) => `the links of ${name} are broken`),
      ...sleepers.flatMap((sleeper) => {
        const name = host.threads[sleeper.thread]?.name ?? `${sleeper.thread}`;
        if (sleeper.wait === null) return sleeper.links === null ? [] : [`${name} is awake but still queued`];
        if (!bucketOf(sleeper.wait.cell).has(sleeper)) return [`${name} sleeps but is in no bucket of its cell`];
        return asleep(sleeper.thread) ? [] : [`${name} is queued on ${sleeper.wait.cell.variable} but not blocked`];
      }),
    ],
  };
}
