/**
 * LWKT messages as a model, after sys/kern/lwkt_msgport.c and msgport.9 of DragonFly.
 *
 * A thread port is touched on its owner's CPU only: a put, a reply or an abort from elsewhere travels as an interprocessor
 * interrupt, whose handler is a rule of no thread. A spin port has a lock and any number of receivers; who is woken looks
 * for himself. `reply: "flags"` is the kernel of 2003, whose synchronous reply sets DONE and then tests whether somebody
 * waits, while the waiter tests DONE and then waits; `abort: "reads"` is its abort, which reads the target and then goes
 * there; `drains: false` is a mutant that does not serve its own inbound interrupts while it waits for room.
 */
import {
  type BackgroundRule,
  bool,
  type Domain,
  int,
  nobody,
  oneOf,
  type Operation,
  operation,
  type RuleContext,
  type StateContext,
  type StateQueue,
  type ThreadId,
  threadId,
} from "../../model/language/index.ts";
import type { Held } from "../../model/language/kernel.ts";
import type { Entry, State } from "./state.ts";

export interface Variant {
  readonly cpus: number;
  readonly reply: "ipi" | "flags";
  readonly abort: "chases" | "reads";
  readonly drains: boolean;
  /** A thread that sends to its own port is served at once, as netisr threads do. */
  readonly netisr: boolean;
  /** Interrupts under way from one CPU to another. */
  readonly ipiq: number;
}
type Domains = Readonly<Record<string, Domain>>;
type Call = Operation<Domains, Domains>;
export interface Operations {
  readonly sendmsg: Call;
  readonly domsg: Call;
  readonly waitmsg: Call;
  readonly waitport: Call;
  readonly replymsg: Call;
  readonly forwardmsg: Call;
  readonly dropmsg: Call;
  readonly abortmsg: Call;
  readonly background: Readonly<Record<string, BackgroundRule>>;
}
type Look = Pick<StateContext, "of" | "sameCpu" | "cpuOf" | "self" | "threads">;
type Act = Look & Pick<RuleContext, "completeOf">;

export function operationsOf<M>(state: State<M>, value: Domain<M>, nothing: M, values: readonly M[], variant: Variant): Operations {
  const { message, port, spin, td, ipi } = state;
  const { reply, abort, drains, netisr, ipiq } = variant;
  const number = int(0, 14);
  const spinNumber = int(-1, 14, -1);
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
    if (call === "domsg") k.completeOf(domsg, thread, result);
    else k.completeOf(waitmsg, thread, result);
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
      k.completeOf(waitport, owner, received(k, entry));
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

  // Sending.

  const target = { to: threadId, spin: spinNumber };
  type Target = StateContext<typeof target & { readonly message: typeof number }>;
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

  const sending = { message: number, ...target, value, replySpin: spinNumber, priority: bool(), abortable: bool(), checked: bool() };
  type Sending = StateContext<typeof sending>;
  const isFree = (k: Sending): boolean => k.of(message, k.args.message).done && !k.of(message, k.args.message).queued;
  const prepare = (k: Sending, sync: boolean): void => {
    const m = k.of(message, k.args.message);
    m.done = false;
    m.replied = false;
    m.sync = sync;
    m.abortable = k.args.abortable;
    m.priority = k.args.priority;
    m.sender = k.self;
    m.replySpin = k.args.replySpin;
    m.value = k.args.value;
  };

  const sendmsg = operation({
    name: "lwkt_sendmsg",
    args: sending,
    result: { error: oneOf("none", "EBUSY") },
    general: (held) => anySend(held, values) as never,
    rules: {
      "message in use": {
        when: (k) => isReady(k) && !isFree(k),
        do: (k) => {
          settle(k, k.self);
          if (k.args.checked) k.complete(k.self, { error: "EBUSY" });
          else k.panic("lwkt_sendmsg: the message is in use");
        },
      },
      "finished by the agent": {
        when: (k) => isNew(k) && isFree(k) && isNow(k),
        do: (k) => {
          prepare(k, false);
          aim(k);
          setDone(k, k.args.message);
          k.complete(k.self, { error: "none" });
        },
      },
      "put the message": {
        when: (k) => isNew(k) && isFree(k) && !isNow(k) && isNear(k),
        do: (k) => {
          prepare(k, false);
          put(k);
          k.complete(k.self, { error: "none" });
        },
      },
      "put by interrupt": {
        when: (k) => isReady(k) && isFree(k) && !isNow(k) && !isNear(k) && hasRoom(k, k.args.to),
        do: (k) => {
          prepare(k, false);
          aim(k);
          post(k, "put", k.args.message, k.args.to);
          settle(k, k.self);
          k.complete(k.self, { error: "none" });
        },
      },
      "no room for an interrupt": {
        when: (k) => isReady(k) && isFree(k) && !isNow(k) && !isNear(k) && !hasRoom(k, k.args.to),
        do: (k) => waitForRoom(k, k.args.to),
      },
    },
    waits: { interruptible },
  });

  // Waiting for one message.

  const sleepOn = (k: Look, object: number, call: "domsg" | "waitmsg"): void => {
    const me = k.of(td, k.self);
    me.phase = reply === "flags" ? "testing" : "waitmsg";
    me.message = object;
    me.call = call;
    me.target = nobody;
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
  /** The rules of a wait: with flags the test and the sleep are two steps; a signal aborts once. */
  const catching = { catch: bool() };
  const waiting = {
    "find it done": {
      when: (k: Look) => phaseOf(k) === "testing" && k.of(message, k.of(td, k.self).message).done,
      do: (k: Act) => finish(k, k.self, k.of(td, k.self).message),
    },
    "find it not done": {
      when: (k: Look) => phaseOf(k) === "testing" && !k.of(message, k.of(td, k.self).message).done,
      do: (k: Act) => {
        k.of(td, k.self).phase = "tested";
      },
    },
    "fall asleep": {
      when: (k: Look) => phaseOf(k) === "tested",
      do: (k: Act) => {
        k.of(td, k.self).phase = "waitmsg";
      },
    },
    "a signal aborts": {
      timer: true,
      when: (k: StateContext<typeof catching>) => k.args.catch && phaseOf(k) === "waitmsg" && !k.of(td, k.self).deaf,
      do: (k: Act) => {
        const object = k.of(td, k.self).message;
        k.of(td, k.self).deaf = true;
        if (canAbort(k, object)) sendAbort(k, object);
      },
    },
  };
  const asleep = {
    when: (k: Look) => phaseOf(k) === "waitmsg",
    says: "waiting for the reply to its message (lwkt_waitmsg)",
    kind: "reply" as const,
    wakers: [{ by: ["lwkt_replymsg"] }],
    passing: isUnderWay,
    until: (k: Look) => k.of(message, k.of(td, k.self).message).done,
  };

  const domsg: Call = operation({
    name: "lwkt_domsg",
    args: { ...sending, ...catching },
    result: { value },
    general: false,
    rules: {
      "message in use": {
        when: (k) => isReady(k) && !isFree(k),
        do: (k) => k.panic("lwkt_domsg: the message is in use"),
      },
      "finished by the agent": {
        when: (k) => isNew(k) && isFree(k) && isNow(k),
        do: (k) => {
          prepare(k, true);
          aim(k);
          k.of(message, k.args.message).done = true;
          k.of(message, k.args.message).replied = true;
          k.complete(k.self, { value: k.args.value });
        },
      },
      "put the message and wait": {
        when: (k) => isNew(k) && isFree(k) && !isNow(k) && isNear(k),
        do: (k) => {
          prepare(k, true);
          put(k);
          sleepOn(k, k.args.message, "domsg");
        },
      },
      "put by interrupt and wait": {
        when: (k) => isReady(k) && isFree(k) && !isNow(k) && !isNear(k) && hasRoom(k, k.args.to),
        do: (k) => {
          prepare(k, true);
          aim(k);
          post(k, "put", k.args.message, k.args.to);
          sleepOn(k, k.args.message, "domsg");
        },
      },
      "no room for an interrupt": {
        when: (k) => isReady(k) && isFree(k) && !isNow(k) && !isNear(k) && !hasRoom(k, k.args.to),
        do: (k) => waitForRoom(k, k.args.to),
      },
      ...waiting,
    },
    waits: { interruptible, asleep },
  }) as unknown as Call;

  const waitmsg: Call = operation({
    name: "lwkt_waitmsg",
    args: { message: number, ...catching },
    result: { value },
    general: false,
    rules: {
      "done already": {
        when: (k) => isNew(k) && k.of(message, k.args.message).done,
        do: (k) => {
          const m = k.of(message, k.args.message);
          if (m.queued) k.of(port, k.self).queue.remove({ message: k.args.message, abort: false });
          m.queued = false;
          k.complete(k.self, { value: m.value });
        },
      },
      "wait for the message": {
        when: (k) => isNew(k) && !k.of(message, k.args.message).done,
        do: (k) => sleepOn(k, k.args.message, "waitmsg"),
      },
      ...waiting,
    },
    waits: { asleep },
  }) as unknown as Call;

  // Receiving at a port.

  const takes = (k: Look): StateQueue<Entry> => k.of(port, k.self).queue;
  const waitport: Call = operation({
    name: "lwkt_waitport",
    args: { spin: spinNumber, poll: bool(), idle: bool() },
    result: { error: oneOf("none", "EWOULDBLOCK"), message: int(0, 15), value, what: oneOf("request", "reply", "abort") },
    guarded: { by: "error", ok: "none", fields: ["message", "value", "what"] },
    general: ({ objects }) => [
      { spin: -1, poll: false, idle: true },
      ...objects.filter(({ type }) => type.name === "lwkt.spin").map(({ ref }) => ({ spin: ref.index, poll: false, idle: true })),
    ],
    rules: {
      "take a message": {
        when: (k) => k.args.spin < 0 && isNew(k) && takes(k).length > 0,
        do: (k) => k.complete(k.self, received(k, shift(k, takes(k)))),
      },
      "no message": {
        when: (k) => k.args.poll && isNew(k) && (k.args.spin >= 0 ? k.of(spin, k.args.spin).queue.length === 0 : takes(k).length === 0),
        do: (k) => k.complete(k.self, { error: "EWOULDBLOCK", message: 0, value: nothing, what: "request" }),
      },
      "wait at the port": {
        when: (k) => k.args.spin < 0 && !k.args.poll && isNew(k) && takes(k).length === 0,
        do: (k) => {
          k.of(td, k.self).phase = "waitport";
        },
      },
      "take a message from a spin port": {
        when: (k) => k.args.spin >= 0 && (isNew(k) || phaseOf(k) === "spin-go") && k.of(spin, k.args.spin).queue.length > 0,
        do: (k) => {
          settle(k, k.self);
          k.complete(k.self, received(k, shift(k, k.of(spin, k.args.spin).queue)));
        },
      },
      "wait at a spin port": {
        when: (k) => k.args.spin >= 0 && !k.args.poll && (isNew(k) || phaseOf(k) === "spin-go") && k.of(spin, k.args.spin).queue.length === 0,
        do: (k) => {
          k.of(td, k.self).phase = "spin-wait";
          k.of(spin, k.args.spin).waiters.push(k.self);
        },
      },
    },
    waits: {
      waiting: {
        says: "waiting for a message (lwkt_waitport)",
        kind: "receive",
        wakers: [{ by: ["lwkt_sendmsg", "lwkt_domsg", "lwkt_replymsg", "lwkt_forwardmsg", "lwkt_abortmsg"] }],
        idle: (k) => k.args.idle,
        passing: isUnderWay,
      },
    },
  }) as unknown as Call;

  // Replying, passing on, dropping, aborting.

  const isOurs = (k: Look, object: number): boolean => {
    const m = k.of(message, object);
    return !m.done && !m.replied && !m.queued;
  };
  const replying = { message: number, value };
  type Replying = StateContext<typeof replying>;
  const byFlags = (k: Replying): boolean => reply === "flags" && k.of(message, k.args.message).sync;
  const isReplyNear = (k: Replying): boolean => k.of(message, k.args.message).replySpin >= 0 || k.sameCpu(k.self, k.of(message, k.args.message).sender);

  const replymsg = operation({
    name: "lwkt_replymsg",
    args: replying,
    result: {},
    general: false,
    rules: {
      "message not ours": {
        when: (k) => isReady(k) && !isOurs(k, k.args.message),
        do: (k) => k.panic("lwkt_replymsg: the message has been replied to, or is queued"),
      },
      reply: {
        when: (k) => isReady(k) && isOurs(k, k.args.message) && !byFlags(k) && isReplyNear(k),
        do: (k) => {
          k.of(message, k.args.message).value = k.args.value;
          settle(k, k.self);
          setDone(k, k.args.message);
          k.complete(k.self, {});
        },
      },
      "reply by interrupt": {
        when: (k) => isReady(k) && isOurs(k, k.args.message) && !byFlags(k) && !isReplyNear(k) && hasRoom(k, k.of(message, k.args.message).sender),
        do: (k) => {
          const m = k.of(message, k.args.message);
          m.value = k.args.value;
          m.replied = true;
          post(k, "reply", k.args.message, m.sender);
          settle(k, k.self);
          k.complete(k.self, {});
        },
      },
      "no room for an interrupt": {
        when: (k) => isReady(k) && isOurs(k, k.args.message) && !byFlags(k) && !isReplyNear(k) && !hasRoom(k, k.of(message, k.args.message).sender),
        do: (k) => waitForRoom(k, k.of(message, k.args.message).sender),
      },
      "set DONE": {
        when: (k) => isReady(k) && isOurs(k, k.args.message) && byFlags(k),
        do: (k) => {
          const m = k.of(message, k.args.message);
          m.value = k.args.value;
          m.done = true;
          m.replied = true;
          k.of(td, k.self).phase = "replying";
        },
      },
      "wake the waiter": {
        when: (k) => phaseOf(k) === "replying" && waitsFor(k, k.of(message, k.args.message).sender, k.args.message),
        do: (k) => {
          finish(k, k.of(message, k.args.message).sender, k.args.message);
          settle(k, k.self);
          k.complete(k.self, {});
        },
      },
      "nobody waits": {
        when: (k) => phaseOf(k) === "replying" && !waitsFor(k, k.of(message, k.args.message).sender, k.args.message),
        do: (k) => {
          settle(k, k.self);
          k.complete(k.self, {});
        },
      },
    },
    waits: { interruptible },
  });

  const forwardmsg = operation({
    name: "lwkt_forwardmsg",
    args: { message: number, ...target },
    result: {},
    general: false,
    rules: {
      "message not ours": {
        when: (k) => isReady(k) && !isOurs(k, k.args.message),
        do: (k) => k.panic("lwkt_forwardmsg: the message has been replied to, or is queued"),
      },
      "pass the message on": {
        when: (k) => isNew(k) && isOurs(k, k.args.message) && isNear(k),
        do: (k) => {
          put(k);
          k.complete(k.self, {});
        },
      },
      "pass it on by interrupt": {
        when: (k) => isReady(k) && isOurs(k, k.args.message) && !isNear(k) && hasRoom(k, k.args.to),
        do: (k) => {
          aim(k);
          post(k, "put", k.args.message, k.args.to);
          settle(k, k.self);
          k.complete(k.self, {});
        },
      },
      "no room for an interrupt": {
        when: (k) => isReady(k) && isOurs(k, k.args.message) && !isNear(k) && !hasRoom(k, k.args.to),
        do: (k) => waitForRoom(k, k.args.to),
      },
    },
    waits: { interruptible },
  });

  const dropmsg = operation({
    name: "lwkt_dropmsg",
    args: { message: number },
    result: { error: oneOf("none", "ENOENT") },
    general: false,
    rules: {
      "drop the message": {
        when: (k) => k.of(port, k.self).queue.includes({ message: k.args.message, abort: false }) && !k.of(message, k.args.message).replied,
        do: (k) => {
          const m = k.of(message, k.args.message);
          k.of(port, k.self).queue.remove({ message: k.args.message, abort: false });
          m.queued = false;
          m.done = true;
          k.complete(k.self, { error: "none" });
        },
      },
      "nothing to drop": {
        when: (k) => !k.of(port, k.self).queue.includes({ message: k.args.message, abort: false }) || k.of(message, k.args.message).replied,
        do: (k) => k.complete(k.self, { error: "ENOENT" }),
      },
    },
  });

  const isThere = (k: Look): boolean => k.sameCpu(k.self, k.of(td, k.self).target);
  const abortmsg = operation({
    name: "lwkt_abortmsg",
    args: { message: number },
    result: { sent: bool() },
    general: ({ objects }) => objects.filter(({ type }) => type.name === "lwkt.message").map(({ ref }) => ({ message: ref.index })),
    rules: {
      "too late to abort": {
        when: (k) => isReady(k) && !canAbort(k, k.args.message),
        do: (k) => {
          settle(k, k.self);
          k.complete(k.self, { sent: false });
        },
      },
      "send the abort": {
        when: (k) => {
          if (!isReady(k) || !canAbort(k, k.args.message)) return false;
          const near = isAbortNear(k, k.args.message);
          return near
            ? abort === "chases" || k.of(message, k.args.message).targetSpin >= 0
            : abort === "chases" && hasRoom(k, k.of(message, k.args.message).target);
        },
        do: (k) => {
          sendAbort(k, k.args.message);
          settle(k, k.self);
          k.complete(k.self, { sent: true });
        },
      },
      "no room for an interrupt": {
        when: (k) =>
          abort === "chases" &&
          isReady(k) &&
          canAbort(k, k.args.message) &&
          !isAbortNear(k, k.args.message) &&
          !hasRoom(k, k.of(message, k.args.message).target),
        do: (k) => waitForRoom(k, k.of(message, k.args.message).target),
      },
      "read the target": {
        when: (k) => abort === "reads" && isNew(k) && canAbort(k, k.args.message) && k.of(message, k.args.message).targetSpin < 0,
        do: (k) => {
          const me = k.of(td, k.self);
          k.of(message, k.args.message).aborted = true;
          me.phase = "aborting";
          me.target = k.of(message, k.args.message).target;
        },
      },
      "abort at the target that was read": {
        when: (k) => phaseOf(k) === "aborting" && (isThere(k) || hasRoom(k, k.of(td, k.self).target)),
        do: (k) => {
          const me = k.of(td, k.self);
          const where = me.target;
          const near = isThere(k);
          settle(k, k.self);
          if (near) enqueue(k, where, { message: k.args.message, abort: true });
          else post(k, "abort", k.args.message, where);
          k.complete(k.self, { sent: true });
        },
      },
    },
    waits: { interruptible },
  });
  return { sendmsg, domsg, waitmsg, waitport, replymsg, forwardmsg, dropmsg, abortmsg, background } as unknown as Operations;
}

/** What a general client may send: its messages, to whom it holds, with checks in place of assertions. */
function anySend({ objects, threads }: Held, values: readonly unknown[]): readonly Readonly<Record<string, unknown>>[] {
  const messages = objects.filter(({ type }) => type.name === "lwkt.message").map(({ ref }) => ref.index);
  const spins = objects.filter(({ type }) => type.name === "lwkt.spin").map(({ ref }) => ref.index);
  const targets = [...threads.map((to) => ({ to, spin: -1 })), ...spins.map((spin) => ({ to: nobody, spin }))];
  return messages.flatMap((message) =>
    targets.flatMap((each) =>
      values.flatMap((value) => [false, true].map((abortable) => ({ message, ...each, value, replySpin: -1, priority: false, abortable, checked: true }))),
    ),
  );
}
