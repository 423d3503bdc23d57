/**
 * Event channels of Nemesis as a model, after VP.if, Events.if, events.c and ntsc/ix86/intel/syscalls.c. A send stores a count; if the
 * receiver had acknowledged the last one, the channel is queued in its domain's FIFO; a blocked domain is made runnable. RFABlock
 * blocks the domain if its FIFO is empty, in one step. Reading and acknowledging are accesses to memory that the domain shares
 * with the kernel.
 *
 * `ring`: sends go to a ring that the scheduler empties when it takes the sender off the processor, as on x86.
 * `send: "split"`: a mutant for several processors, which queues the event (and wakes) first and stores the count in another step.
 */
import {
  type BackgroundRule,
  bool,
  int,
  nobody,
  type ObjectRef,
  objectRef,
  oneOf,
  type Op,
  operation,
  type RuleContext,
  type StateContext,
} from "../../model/language/index.ts";
import { mostDomains, objectLimit, type State } from "./state.ts";

export interface Variant {
  readonly counts: number;
  readonly ring: number;
  readonly preempts: boolean;
  readonly send: "atomic" | "split";
}
type Call<A, R> = ((args: A) => Op<R>) & { readonly declaration: { readonly name: string } };
type Look = Pick<StateContext, "of" | "self" | "objects" | "isFinished">;
type Act = Look & Pick<RuleContext, "completeOf">;

/** What a channel's endpoint says: the count, and what of it has been acknowledged. */
export interface Seen {
  readonly state: "connected" | "dead";
  readonly value: number;
  readonly acknowledged: number;
}
export interface Operations {
  readonly send: Call<{ readonly object: ObjectRef; readonly value: number }, { readonly error: "none" | "BadState" }>;
  readonly read: Call<{ readonly object: ObjectRef }, Seen>;
  readonly acknowledge: Call<{ readonly object: ObjectRef; readonly value: number }, object>;
  readonly close: Call<{ readonly object: ObjectRef }, object>;
  readonly block: Call<
    { readonly object: ObjectRef; readonly deadline: boolean; readonly idle: boolean; readonly awaited: number },
    { readonly late: boolean }
  >;
  readonly nextEvent: Call<{ readonly object: ObjectRef }, { readonly error: "none" | "empty"; readonly channel: number }>;
  readonly yieldTo: Call<{ readonly object: ObjectRef }, object>;
  readonly background: Readonly<Record<string, BackgroundRule>>;
}

export function operationsOf({ vp, channel, domain }: State, { counts, ring, preempts, send: how }: Variant): Operations {
  const count = int(0, counts);

  const isRunning = (k: Look): boolean => k.of(vp, k.self).phase === "run";
  /** A domain that is blocked runs on. */
  const wake = (k: Act, to: number): void => {
    const { blocked } = k.of(domain, to);
    if (blocked === nobody) return;
    k.of(domain, to).blocked = nobody;
    k.of(vp, blocked).phase = "run";
    k.completeOf(block, blocked, { late: false });
  };
  /** A channel whose last event nobody has taken is not queued again: that would tell the domain no more. */
  const notify = (k: Look, object: number): void => {
    const c = k.of(channel, object);
    if (c.value === c.acknowledged && !k.of(domain, c.to).fifo.includes(object)) k.of(domain, c.to).fifo.push(object);
  };
  /** The kernel's send. */
  const deliver = (k: Act, object: number, value: number): void => {
    notify(k, object);
    k.of(channel, object).value = value;
    wake(k, k.of(channel, object).to);
  };
  /** The scheduler makes the sends of a domain that it takes off the processor; those of dead channels are dropped. */
  const flush = (k: Act, from: number): void => {
    const { ring: sends } = k.of(domain, from);
    while (sends.length > 0) {
      const next = sends.shift();
      if (k.objects(channel).length > 0 && !k.of(channel, next.channel).dead) deliver(k, next.channel, next.value);
    }
    k.of(domain, from).sender = nobody;
  };
  const isDead = (k: Look & { readonly args: { readonly object: ObjectRef } }): boolean => k.of(channel, k.args.object).dead;
  const hasRoom = (k: Look & { readonly args: { readonly object: ObjectRef } }): boolean => k.of(domain, k.of(channel, k.args.object).from).ring.length < ring;

  const directly = {
    send: {
      when: (k: StateContext<{ readonly object: typeof objectRef; readonly value: typeof count }>) => !isDead(k),
      do: (k: RuleContext<{ readonly object: typeof objectRef; readonly value: typeof count }>) => {
        deliver(k, k.args.object.index, k.args.value);
        k.complete(k.self, { error: "none" });
      },
    },
  };
  const inTwoSteps = {
    "queue the event": {
      when: (k: StateContext<{ readonly object: typeof objectRef; readonly value: typeof count }>) => !isDead(k) && isRunning(k),
      do: (k: RuleContext<{ readonly object: typeof objectRef; readonly value: typeof count }>) => {
        notify(k, k.args.object.index);
        wake(k, k.of(channel, k.args.object).to);
        k.of(vp, k.self).phase = "queued";
      },
    },
    "store the value": {
      when: (k: StateContext<{ readonly object: typeof objectRef; readonly value: typeof count }>) => k.of(vp, k.self).phase === "queued",
      do: (k: RuleContext<{ readonly object: typeof objectRef; readonly value: typeof count }>) => {
        k.of(channel, k.args.object).value = k.args.value;
        k.of(vp, k.self).phase = "run";
        k.complete(k.self, { error: "none" });
      },
    },
  };
  const deferred = {
    "defer the send": {
      when: (k: StateContext<{ readonly object: typeof objectRef; readonly value: typeof count }>) => !isDead(k) && hasRoom(k),
      do: (k: RuleContext<{ readonly object: typeof objectRef; readonly value: typeof count }>) => {
        const from = k.of(domain, k.of(channel, k.args.object).from);
        from.ring.push({ channel: k.args.object.index, value: k.args.value });
        from.sender = k.self;
        k.complete(k.self, { error: "none" });
      },
    },
    "yield until there is room": {
      when: (k: StateContext<{ readonly object: typeof objectRef; readonly value: typeof count }>) => !isDead(k) && !hasRoom(k),
      do: (k: RuleContext<{ readonly object: typeof objectRef; readonly value: typeof count }>) => flush(k, k.of(channel, k.args.object).from),
    },
  };
  const send = operation({
    name: "send",
    args: { object: objectRef, value: count },
    result: { error: oneOf("none", "BadState") },
    rules: {
      "bad state": {
        when: (k) => isDead(k) && isRunning(k),
        do: (k) => k.complete(k.self, { error: "BadState" }),
      },
      ...(ring > 0 ? deferred : how === "split" ? inTwoSteps : directly),
    },
  });

  const read = operation({
    name: "read_endpoint",
    args: { object: objectRef },
    result: { state: oneOf("connected", "dead"), value: count, acknowledged: count },
    rules: {
      "read the endpoint": {
        do: (k) => {
          const c = k.of(channel, k.args.object);
          k.complete(k.self, { state: c.dead ? "dead" : "connected", value: c.value, acknowledged: c.acknowledged });
        },
      },
    },
  });
  const acknowledge = operation({
    name: "acknowledge",
    args: { object: objectRef, value: count },
    result: {},
    general: false,
    rules: {
      acknowledge: {
        do: (k) => {
          k.of(channel, k.args.object).acknowledged = k.args.value;
          k.complete(k.self, {});
        },
      },
    },
  });
  /** The channel goes; its receiver learns of it by an event. */
  const close = operation({
    name: "close",
    args: { object: objectRef },
    result: {},
    rules: {
      close: {
        when: (k) => !isDead(k),
        do: (k) => {
          notify(k, k.args.object.index);
          k.of(channel, k.args.object).dead = true;
          wake(k, k.of(channel, k.args.object).to);
          k.complete(k.self, {});
        },
      },
      "closed already": { when: (k) => isDead(k), do: (k) => k.complete(k.self, {}) },
    },
  });

  /** Sends that the scheduler will make by itself. */
  const isUnderWay = (k: Look): boolean =>
    k.objects(domain).some((each) => {
      const { ring: sends, sender } = k.of(domain, each);
      return sends.length > 0 && (preempts || (sender !== nobody && k.isFinished(sender)));
    });
  const block = operation({
    name: "RFABlock",
    args: { object: objectRef, deadline: bool(), idle: bool(), awaited: int(-1, objectLimit - 1) },
    result: { late: bool() },
    general: false,
    rules: {
      "events are pending": {
        when: (k) => isRunning(k) && k.of(domain, k.args.object).fifo.length > 0,
        do: (k) => k.complete(k.self, { late: false }),
      },
      "the domain is blocked already": {
        when: (k) => isRunning(k) && k.of(domain, k.args.object).fifo.length === 0 && k.of(domain, k.args.object).blocked !== nobody,
        do: (k) => k.panic("RFABlock: another thread has blocked this domain"),
      },
      block: {
        when: (k) => isRunning(k) && k.of(domain, k.args.object).fifo.length === 0 && k.of(domain, k.args.object).blocked === nobody,
        do: (k) => {
          k.of(domain, k.args.object).blocked = k.self;
          k.of(vp, k.self).phase = "blocked";
          flush(k, k.args.object.index);
        },
      },
      "the deadline passes": {
        timer: true,
        when: (k) => k.of(vp, k.self).phase === "blocked" && k.args.deadline,
        do: (k) => {
          k.of(domain, k.args.object).blocked = nobody;
          k.of(vp, k.self).phase = "run";
          k.complete(k.self, { late: true });
        },
      },
    },
    waits: {
      blocked: {
        says: "blocked (RFABlock)",
        kind: "notification",
        wakers: [{ by: ["send", "close", "yield", "RFABlock"], anywhere: true }],
        idle: (k) => k.args.idle,
        passing: isUnderWay,
        until: (k) =>
          k.args.awaited >= 0 && !k.of(channel, k.args.awaited).dead && k.of(channel, k.args.awaited).value !== k.of(channel, k.args.awaited).acknowledged,
      },
    },
  });

  const nextEvent = operation({
    name: "next_event",
    args: { object: objectRef },
    result: { error: oneOf("none", "empty"), channel: int(0, objectLimit - 1) },
    guarded: { by: "error", ok: "none", fields: ["channel"] },
    general: false,
    rules: {
      "take an event": {
        when: (k) => k.of(domain, k.args.object).fifo.length > 0,
        do: (k) => k.complete(k.self, { error: "none", channel: k.of(domain, k.args.object).fifo.shift() }),
      },
      "no event": {
        when: (k) => k.of(domain, k.args.object).fifo.length === 0,
        do: (k) => k.complete(k.self, { error: "empty", channel: 0 }),
      },
    },
  });

  const yieldTo = operation({
    name: "yield",
    args: { object: objectRef },
    result: {},
    general: false,
    rules: {
      yield: {
        do: (k) => {
          flush(k, k.args.object.index);
          k.complete(k.self, {});
        },
      },
    },
  });

  /** The scheduler takes a domain off the processor: when its time is up, or when its thread has ended. */
  const descheduled = (place: number): BackgroundRule => ({
    each: "none",
    when: (k) => {
      let seen = 0;
      for (const each of k.objects(domain)) {
        const { ring: sends, sender } = k.of(domain, each);
        if (seen === place && sends.length > 0 && (preempts || (sender !== nobody && k.isFinished(sender)))) return true;
        seen++;
      }
      return false;
    },
    do: (k) => {
      let seen = 0;
      for (const each of k.objects(domain)) {
        if (seen === place) flush(k, each.index);
        seen++;
      }
    },
  });
  const background =
    ring > 0 ? Object.fromEntries(Array.from({ length: mostDomains }, (_, place) => [`domain ${place} is descheduled`, descheduled(place)])) : {};
  return { send, read, acknowledge, close, block, nextEvent, yieldTo, background } as unknown as Operations;
}
