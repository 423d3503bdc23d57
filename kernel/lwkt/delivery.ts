/**
 * What the operations of LWKT share: waiting and being woken, the queues of thread ports and spin ports, interrupts from one CPU to
 * another, and how a message and an abort are put, after sys/kern/lwkt_msgport.c and lwkt_ipiq.c of DragonFly.
 */
import {
  type BackgroundRule,
  type Domain,
  int,
  type RuleContext,
  type StateContext,
  type StateQueue,
  type ThreadId,
  nobody,
  threadId,
  type Wait,
} from "../../model/language/index.ts";
import type { Operations, Variant } from "./rules.ts";
import type { Entry, Phase, State } from "./state.ts";

export type Look = Pick<StateContext, "of" | "sameCpu" | "cpuOf" | "self" | "threads">;
export type Act = Look & Pick<RuleContext, "completeOf">;

/** The number of a message, and of a spin port or -1. */
export const number: Domain<number> = int(0, 14);
export const spinNumber: Domain<number> = int(-1, 14, -1);
type TargetArgs = { readonly to: Domain<ThreadId>; readonly spin: Domain<number> };
/** Where a message goes: to a thread, or to a spin port. */
export const target: TargetArgs = { to: threadId, spin: spinNumber };
export type Target = StateContext<TargetArgs & { readonly message: Domain<number> }>;

/** What comes out of a port. */
interface Received<M> {
  readonly error: "none";
  readonly message: number;
  readonly value: M;
  readonly what: "abort" | "reply" | "request";
}

export interface Delivery<M> {
  phaseOf(k: Look): Phase;
  isNew(k: Look): boolean;
  settle(k: Look, thread: ThreadId): void;
  /** The message that `thread` waits for is done. */
  finish(k: Act, thread: ThreadId, object: number): void;
  waitsFor(k: Look, thread: ThreadId, object: number): boolean;
  received(k: Look, entry: Entry): Received<M>;
  /** Queues at a thread's port, on its CPU; an owner who waits gets it. */
  enqueue(k: Act, owner: ThreadId, entry: Entry): void;
  shift(k: Look, entries: StateQueue<Entry>): Entry;
  /** The message is done, on the CPU of its sender: the waiter goes on, or the reply is queued. */
  setDone(k: Act, object: number): void;
  /** Whether an interrupt to the CPU of `to` can be sent. */
  hasRoom(k: Look, to: ThreadId): boolean;
  post(k: Look, what: "put" | "reply" | "abort", object: number, to: ThreadId): void;
  /** The kernel has not finished what it began. */
  isUnderWay(k: Look): boolean;
  readonly background: Readonly<Record<string, BackgroundRule>>;
  readonly interruptible: Wait;
  isNear(k: Target): boolean;
  /** At the beginning, or after it has waited for room. */
  isReady(k: Look): boolean;
  waitForRoom(k: Look, to: ThreadId): void;
  /** The agent of the target port finishes the message in the caller's context. */
  isNow(k: Target): boolean;
  aim(k: Target): void;
  put(k: Target & Act): void;
  canAbort(k: Look, object: number): boolean;
  isAbortNear(k: Look, object: number): boolean;
  sendAbort(k: Act, object: number): void;
}

/** `calls`: the operations that it completes, once they are there. */
export function deliveryOf<M>(state: State<M>, variant: Variant, calls: () => Pick<Operations, "domsg" | "waitmsg" | "waitport">): Delivery<M> {
  const { message, port, spin, td, ipi } = state;
  const { abort, drains, netisr, ipiq } = variant;
  const phaseOf = (k: Look) => k.of(td, k.self).phase;
  const isNew = (k: Look): boolean => phaseOf(k) === "user";

  // Waiting and being woken.

  const settle = (k: Look, thread: ThreadId): void => {
    const me = k.of(td, thread);
    me.phase = "user";
    me.message = -1;
    me.deaf = false;
    me.call = "none";
    me.target = nobody;
  };
  /** The message that `thread` waits for is done. */
  const finish = (k: Act, thread: ThreadId, object: number): void => {
    const { call } = k.of(td, thread);
    const result = { value: k.of(message, object).value };
    settle(k, thread);
    if (call === "domsg") k.completeOf(calls().domsg, thread, result);
    else k.completeOf(calls().waitmsg, thread, result);
  };
  const waitsFor = (k: Look, thread: ThreadId, object: number): boolean => k.of(td, thread).phase === "waitmsg" && k.of(td, thread).message === object;

  // Ports.

  /** A priority message goes behind the others of its kind and before the rest. */
  const insert = (k: Look, entries: StateQueue<Entry>, entry: Entry): void => {
    let place = entries.length;
    if (k.of(message, entry.message).priority) {
      place = 0;
      while (place < entries.length && k.of(message, entries.at(place).message).priority) place++;
    }
    entries.insert(place, entry);
  };
  const received = (k: Look, entry: Entry) => {
    const { replied, value: body } = k.of(message, entry.message);
    if (entry.abort) k.of(message, entry.message).aborted = false;
    return {
      error: "none" as const,
      message: entry.message + 1,
      value: body,
      what: entry.abort ? ("abort" as const) : replied ? ("reply" as const) : ("request" as const),
    };
  };
  /** Queues at a thread's port, on its CPU; an owner who waits gets it. */
  const enqueue = (k: Act, owner: ThreadId, entry: Entry): void => {
    if (k.of(td, owner).phase === "waitport") {
      settle(k, owner);
      k.completeOf(calls().waitport, owner, received(k, entry));
    } else {
      insert(k, k.of(port, owner).queue, entry);
      if (!entry.abort) k.of(message, entry.message).queued = true;
    }
  };
  /** Queues at a spin port; all who wait are woken. */
  const enqueueSpin = (k: Look, object: number, entry: Entry): void => {
    const at = k.of(spin, object);
    insert(k, at.queue, entry);
    if (!entry.abort) k.of(message, entry.message).queued = true;
    while (at.waiters.length > 0) k.of(td, at.waiters.shift()).phase = "spin-go";
  };
  const shift = (k: Look, entries: StateQueue<Entry>): Entry => {
    const entry = entries.shift();
    if (!entry.abort) k.of(message, entry.message).queued = false;
    return entry;
  };
  /** The message is done, on the CPU of its sender: the waiter goes on, or the reply is queued. */
  const setDone = (k: Act, object: number): void => {
    const m = k.of(message, object);
    const { sender } = m;
    m.done = true;
    m.replied = true;
    if (waitsFor(k, sender, object)) finish(k, sender, object);
    else if (!m.sync) {
      if (m.replySpin >= 0) enqueueSpin(k, m.replySpin, { message: object, abort: false });
      else enqueue(k, sender, { message: object, abort: false });
    }
  };

  // Interprocessor interrupts.

  /** Interrupts under way from one CPU to another; `ipiq` or more are many. */
  const underWay = (k: Look, cpu: number, source: number): number => {
    const { inbox } = k.of(ipi, cpu);
    let count = 0;
    for (let place = 0; place < inbox.length; place++) if (inbox.at(place).source === source && count < ipiq) count++;
    return count;
  };
  const hasRoom = (k: Look, to: ThreadId): boolean => underWay(k, k.cpuOf(to), k.cpuOf(k.self)) < ipiq;
  const post = (k: Look, what: "put" | "reply" | "abort", object: number, to: ThreadId): void =>
    k.of(ipi, k.cpuOf(to)).inbox.push({ source: k.cpuOf(k.self), what, message: object, to });
  const spins = (k: Look, cpu: number): boolean => k.threads.some((other) => k.cpuOf(other) === cpu && k.of(td, other).phase === "putting");
  const isServed = (k: Look, cpu: number): boolean => drains || !spins(k, cpu);
  /**
   * The kernel has not finished what it began: an interrupt that will be served, a receiver who has been woken. It goes on
   * even if the thread never returns to its program.
   */
  const isUnderWay = (k: Look): boolean =>
    k.threads.some(
      (other) =>
        k.of(td, other).phase === "spin-go" ||
        k.of(td, other).phase === "put-go" ||
        (k.of(ipi, k.cpuOf(other)).inbox.length > 0 && isServed(k, k.cpuOf(other))),
    );

  const handle = (k: Act, cpu: number, source: number): void => {
    const { inbox } = k.of(ipi, cpu);
    let place = 0;
    while (place < inbox.length - 1 && inbox.at(place).source !== source) place++;
    const got = inbox.at(place);
    inbox.remove(got);
    for (const other of k.threads) {
      const waiter = k.of(td, other);
      if (waiter.phase === "putting" && k.cpuOf(other) === source && k.cpuOf(waiter.target) === cpu) waiter.phase = "put-go";
    }
    const m = k.of(message, got.message);
    if (got.what === "put") enqueue(k, got.to, { message: got.message, abort: false });
    else if (got.what === "reply") setDone(k, got.message);
    else if (abort === "reads") enqueue(k, got.to, { message: got.message, abort: true });
    else if (m.done || m.replied) m.aborted = false;
    else {
      // The message may have gone on: the abort follows it.
      if (m.targetSpin >= 0) enqueueSpin(k, m.targetSpin, { message: got.message, abort: true });
      else if (k.cpuOf(m.target) === cpu) enqueue(k, m.target, { message: got.message, abort: true });
      else k.of(ipi, k.cpuOf(m.target)).inbox.push({ source: cpu, what: "abort", message: got.message, to: m.target });
    }
  };
  const cpus = Array.from({ length: variant.cpus }, (_, cpu) => cpu);
  const background = Object.fromEntries(
    cpus.flatMap((source) =>
      cpus
        .filter((cpu) => cpu !== source)
        .map((cpu): [string, BackgroundRule] => [
          `interrupt from CPU ${source} to CPU ${cpu}`,
          {
            each: "none",
            when: (k) => underWay(k, cpu, source) > 0 && isServed(k, cpu),
            do: (k) => handle(k, cpu, source),
          },
        ]),
    ),
  );
  const interruptible = {
    says: "spinning until there is room for an interrupt to another CPU",
    kind: "lock" as const,
    when: (k: Look) => phaseOf(k) === "putting",
    wakers: [],
    passing: isUnderWay,
  };

  // Putting messages and aborts.

  const isNear = (k: Target): boolean => k.args.spin >= 0 || k.sameCpu(k.self, k.args.to);
  /** At the beginning, or after it has waited for room. */
  const isReady = (k: Look): boolean => isNew(k) || phaseOf(k) === "put-go";
  const waitForRoom = (k: Look, to: ThreadId): void => {
    const me = k.of(td, k.self);
    me.phase = "putting";
    me.target = to;
  };
  /** The agent of the target port finishes the message in the caller's context. */
  const isNow = (k: Target): boolean => (k.args.spin >= 0 ? k.of(spin, k.args.spin).now : netisr && k.args.to === k.self);
  const aim = (k: Target): void => {
    const m = k.of(message, k.args.message);
    m.target = k.args.to;
    m.targetSpin = k.args.spin;
  };
  const put = (k: Target & Act): void => {
    aim(k);
    if (k.args.spin >= 0) enqueueSpin(k, k.args.spin, { message: k.args.message, abort: false });
    else enqueue(k, k.args.to, { message: k.args.message, abort: false });
  };
  const canAbort = (k: Look, object: number): boolean => {
    const m = k.of(message, object);
    return m.abortable && !m.aborted && !m.done && !m.replied;
  };
  const isAbortNear = (k: Look, object: number): boolean => k.of(message, object).targetSpin >= 0 || k.sameCpu(k.self, k.of(message, object).target);
  const sendAbort = (k: Act, object: number): void => {
    const m = k.of(message, object);
    m.aborted = true;
    if (m.targetSpin >= 0) enqueueSpin(k, m.targetSpin, { message: object, abort: true });
    else if (k.sameCpu(k.self, m.target)) enqueue(k, m.target, { message: object, abort: true });
    else post(k, "abort", object, m.target);
  };

  return {
    phaseOf,
    isNew,
    settle,
    finish,
    waitsFor,
    received,
    enqueue,
    shift,
    setDone,
    hasRoom,
    post,
    isUnderWay,
    background,
    interruptible,
    isNear,
    isReady,
    waitForRoom,
    isNow,
    aim,
    put,
    canAbort,
    isAbortNear,
    sendAbort,
  };
}
