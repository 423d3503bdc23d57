/**
 * The executable futex, after kernel/futex/waitwake.c: sleepers hang in hash buckets by the address of their cell; WAIT
 * reads the cell again under the bucket's lock before it enqueues, WAKE takes the matching sleepers of one bucket in
 * order of arrival, and neither leaves anything behind for later. The end of a thread looks after its robust futex
 * (kernel/futex/core.c).
 */
import { CellHandle } from "../../model/language/memory.ts";
import { OutOfRange } from "../../model/language/operation.ts";
import { block, commit, type KernelHost, type KernelRoutine, type MachinePath, type SystemCall } from "../common/path.ts";
import { Buckets } from "./buckets.ts";
import { Requeue } from "./requeue-path.ts";

function cellOf({ args }: SystemCall, name = "cell"): CellHandle {
  const cell = args[name];
  if (!(cell instanceof CellHandle)) throw new OutOfRange("a futex needs a cell");
  return cell;
}

export default function futexPath(host: KernelHost): MachinePath {
  const { cells } = host.instance.memory;
  const buckets = new Buckets(host);
  const { sleepers } = buckets;
  const requeue = host.instance.protocol.kernel.options["requeue"] === undefined ? null : new Requeue(host, buckets);

  /** Takes the lock of an address's bucket. "left": there is nothing to do, and it has not been taken. */
  function* enter(thread: number, address: number, mayLeave = false): KernelRoutine<"entered" | "left"> {
    if (requeue !== null) return yield* requeue.enter(thread, address, mayLeave);
    yield* host.lock(buckets.of(address));
    return "entered";
  }
  const leave = (address: number): void => {
    if (requeue === null) host.unlock(buckets.of(address));
    else requeue.leave(address);
  };

  /** Rules (rules.ts): "value differs", "fall asleep", "timer fires". After waitwake.c, futex_wait. */
  function* wait(call: SystemCall): KernelRoutine {
    const cell = cellOf(call);
    const expected = Number(call.args["expected"]);
    const me = buckets.sleeper(call.thread);
    yield* enter(call.thread, cell.address);
    if (host.read(call.thread, cell) !== expected) {
      leave(cell.address);
      yield commit("value differs");
      return { outcome: "differs" };
    }
    buckets.of(cell.address).sleepers.enqueue(me);
    me.cell = cell.address;
    me.first = cell.address;
    me.expected = expected;
    leave(cell.address);
    yield commit("fall asleep");
    const why = yield block(call.args["timeout"] === "finite");
    if (why === "timer") {
      // A waker may take it out, or a requeue move it, while it waits for the lock (unqueue_me in kernel/futex/core.c).
      while (me.cell >= 0) {
        const { cell: now } = me;
        yield* host.lock(buckets.of(now));
        const isThere = me.cell === now;
        if (isThere) {
          buckets.of(now).sleepers.remove(me);
          me.cell = -1;
        }
        host.unlock(buckets.of(now));
        if (!isThere) continue;
        yield commit("timer fires");
        return { outcome: "timeout" };
      }
    }
    return { outcome: "woken" };
  }

  /** Rules (rules.ts): "no waiters", "wake". After waitwake.c, futex_wake. */
  function* wake(call: SystemCall): KernelRoutine {
    const { address } = cellOf(call);
    if ((yield* enter(call.thread, address, true)) === "left") {
      yield commit("no waiters");
      return { woken: 0 };
    }
    const woken = buckets.wakeFirst(address, Number(call.args["count"]));
    leave(address);
    yield commit("wake");
    return { woken };
  }

  /** Rules (rules.ts): "exit". After core.c, handle_futex_death. */
  function* exit(call: SystemCall): KernelRoutine {
    const cell = cellOf(call);
    const isSet = (name: string): boolean => host.read(call.thread, cellOf(call, name)) !== 0;
    yield* enter(call.thread, cell.address);
    const isPending = isSet("pending");
    const futex = Number(host.read(call.thread, cell));
    const flags = futex & 8;
    if ((isPending || isSet("list")) && futex % 8 === call.args["tid"]) {
      host.write(call.thread, cell, flags + 16);
      if (flags !== 0) buckets.wakeFirst(cell.address, 1);
    } else if (futex === 0 && isPending) buckets.wakeFirst(cell.address, 1);
    leave(cell.address);
    host.kill(call.thread);
    yield commit("exit");
    return {};
  }

  return {
    locking: "own",
    calls: {
      "futex.wait": wait,
      "futex.wake": wake,
      "futex.exit": exit,
      ...(requeue === null ? {} : { "futex.requeue": (call: SystemCall) => requeue.requeue(call, cellOf(call), cellOf(call, "target")) }),
    },
    interrupts: {},
    project: () => ({
      "futex.address": sleepers.map(({ cell }) => cell),
      "futex.sleepers": [buckets.inOrder().map((sleeper) => host.threads[sleepers.indexOf(sleeper)])],
      ...(requeue === null ? {} : requeue.project()),
    }),
    forget: (thread) => {
      requeue?.forget(thread);
      const me = sleepers[thread];
      if (me === undefined || me.cell < 0) return;
      const bucket = buckets.of(me.cell);
      host.locked(() => bucket.sleepers.remove(me), bucket);
      me.cell = -1;
    },
    blocking: (thread) => {
      const me = sleepers[thread];
      const awaited = cells[requeue?.blockedOn(thread) ?? -1];
      if (awaited !== undefined) return { queue: `waiting for the bucket of ${awaited.variable}`, on: [], until: null };
      const cell = me === undefined ? undefined : cells[me.cell];
      if (me === undefined || cell === undefined) return null;
      const queue = buckets.inOrder().filter((other) => other.cell === me.cell);
      return {
        queue: `place ${queue.indexOf(me) + 1} of ${queue.length} among the sleepers on ${cell.variable}`,
        on: [],
        until: me.cell === me.first ? host.read(thread, cell) !== me.expected : null,
      };
    },
    audit: (asleep) => [
      ...buckets.all.filter((bucket) => !bucket.sleepers.consistent(sleepers.length)).map(({ name }) => `the links of ${name} are broken`),
      ...sleepers.flatMap((me, thread) => {
        const { name, cell } = me;
        if (cell < 0) return me.links.isQueued() ? [`${name} is awake but still queued`] : [];
        if (!buckets.of(cell).sleepers.has(me)) return [`${name} sleeps but is in no bucket of its cell`];
        return asleep(thread) ? [] : [`${name} is queued on ${cells[cell]?.variable ?? cell} but not blocked`];
      }),
    ],
  };
}
