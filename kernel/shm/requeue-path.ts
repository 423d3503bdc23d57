/**
 * The executable FUTEX_REQUEUE (kernel/futex/requeue.c): it holds two buckets from the comparison until the last sleeper has
 * been moved, and others come in between on their way to the locks. Who finds a bucket held waits until it is given back.
 */
import { address as addressDomain, bool } from "../../model/language/domain.ts";
import type { CellHandle } from "../../model/language/memory.ts";
import { OutOfRange } from "../../model/language/operation.ts";
import { block, commit, type KernelHost, type KernelRoutine, pause, type Projection, type SystemCall } from "../common/path.ts";
import { type KernelRecord, layout, word } from "../common/records.ts";
import type { Buckets } from "./buckets.ts";

interface RequeueBlock {
  /** The address whose bucket it waits for. */
  contends: number;
  moving: boolean;
  woken: number;
}
interface HeldBlock {
  from: number;
  to: number;
}

export class Requeue {
  readonly #host: KernelHost;
  readonly #buckets: Buckets;
  readonly #threads: readonly (RequeueBlock & KernelRecord)[];
  readonly #held: HeldBlock & KernelRecord;
  readonly #countsEarly: boolean;

  constructor(host: KernelHost, buckets: Buckets) {
    this.#host = host;
    this.#buckets = buckets;
    this.#countsEarly = host.instance.protocol.kernel.options["requeue"] === "counted-early";
    this.#threads = host.perThread(layout<RequeueBlock>("requeue", { contends: addressDomain, moving: bool(), woken: word() }), "none");
    this.#held = host.record(layout<HeldBlock>("held buckets", { from: addressDomain, to: addressDomain }), "held buckets", "own");
  }

  #of(thread: number): RequeueBlock {
    const found = this.#threads[thread];
    if (found === undefined) throw new OutOfRange(`there is no thread ${thread}`);
    return found;
  }
  /** Until the buckets are given back. Rules (rules.ts): "wait for the bucket". */
  *#sleeps(me: RequeueBlock): KernelRoutine<void> {
    yield commit("wait for the bucket");
    while (me.contends !== -1) yield block(false);
    yield pause;
  }

  /** Takes the bucket of an address, with the lock that says which ones are held; or, with `mayLeave`, nothing if nobody is counted there. */
  *enter(thread: number, address: number, mayLeave = false): KernelRoutine<"entered" | "left"> {
    const me = this.#of(thread);
    const bucket = this.#buckets.of(address);
    for (;;) {
      yield* this.#host.lock(this.#held, bucket);
      if (this.#held.from !== address && this.#held.to !== address) return "entered";
      const leaves = mayLeave && !this.#counts(address);
      if (!leaves) me.contends = address;
      this.#host.unlock(this.#held, bucket);
      if (leaves) return "left";
      yield* this.#sleeps(me);
    }
  }
  leave(address: number): void {
    this.#host.unlock(this.#held, this.#buckets.of(address));
  }
  /** Whether anybody sleeps on a cell, or is on the way to it. */
  #counts(address: number): boolean {
    if (this.#countsEarly && this.#held.to === address) return true;
    return this.#buckets.sleepers.some(({ cell }) => cell === address) || this.#threads.some(({ contends }) => contends === address);
  }

  /** Rules (rules.ts): "value differs", "wake", "hold both buckets and wake", "move the others". After requeue.c, futex_requeue. */
  *requeue({ thread, args }: SystemCall, from: CellHandle, to: CellHandle): KernelRoutine {
    const me = this.#of(thread);
    const held = this.#held;
    const source = this.#buckets.of(from.address);
    const target = this.#buckets.of(to.address);
    const both = source === target ? [source] : [source, target];
    yield* this.#host.lock(held, ...both);
    while (held.from !== -1) {
      me.contends = from.address;
      this.#host.unlock(held, ...both);
      yield* this.#sleeps(me);
      yield* this.#host.lock(held, ...both);
    }
    if (args["compares"] === true && this.#host.read(thread, from) !== args["expected"]) {
      this.#host.unlock(held, ...both);
      yield commit("value differs");
      return { outcome: "differs", woken: 0, moved: 0 };
    }
    held.from = from.address;
    held.to = to.address;
    const woken = this.#buckets.wakeFirst(from.address, Number(args["wake"]));
    me.moving = true;
    me.woken = woken;
    this.#host.unlock(held, ...both);
    yield commit("hold both buckets and wake");
    yield pause;
    yield* this.#host.lock(held, ...both);
    let moved = 0;
    for (const sleeper of [...source.sleepers]) {
      if (moved === Number(args["move"])) break;
      if (sleeper.cell !== from.address) continue;
      moved++;
      if (from.address === to.address) continue;
      source.sleepers.remove(sleeper);
      sleeper.cell = to.address;
      target.sleepers.enqueue(sleeper);
    }
    held.from = -1;
    held.to = -1;
    me.moving = false;
    me.woken = 0;
    this.#threads.forEach((other, number) => {
      if (other.contends === -1) return;
      other.contends = -1;
      this.#host.wake(number);
    });
    this.#host.unlock(held, ...both);
    yield commit("move the others");
    return { outcome: "done", woken, moved };
  }

  blockedOn(thread: number): number {
    return this.#of(thread).contends;
  }
  forget(thread: number): void {
    this.#of(thread).contends = -1;
  }
  project(): Projection {
    return {
      "requeue.bucket": this.#threads.map(({ contends }) => contends),
      "requeue.moving": this.#threads.map(({ moving }) => moving),
      "requeue.woken": this.#threads.map(({ woken }) => woken),
      "requeue.from": [this.#held.from],
      "requeue.to": [this.#held.to],
    };
  }
}
