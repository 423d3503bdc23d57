/** Sending a message, and waiting until it is done: lwkt_sendmsg, lwkt_domsg, lwkt_waitmsg. */
import { bool, type Domain, nobody, oneOf, operation, type StateContext } from "../../model/language/index.ts";
import type { Held } from "../../model/language/kernel.ts";
import { type Act, type Delivery, type Look, number, spinNumber, target } from "./delivery.ts";
import type { Call, Operations, Variant } from "./rules.ts";
import type { State } from "./state.ts";

export function sendingOf<M>(
  state: State<M>,
  value: Domain<M>,
  values: readonly M[],
  variant: Variant,
  delivery: Delivery<M>,
): Pick<Operations, "sendmsg" | "domsg" | "waitmsg"> {
  const { message, port, td } = state;
  const { reply } = variant;
  const { phaseOf, isNew, settle, finish, setDone, hasRoom, post, isUnderWay, interruptible } = delivery;
  const { isNear, isReady, waitForRoom, isNow, aim, put, canAbort, sendAbort } = delivery;

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

  const sendmsg: Call = operation({
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
  }) as unknown as Call;

  const sleepOn = (k: Look, object: number, call: "domsg" | "waitmsg"): void => {
    const me = k.of(td, k.self);
    me.phase = reply === "flags" ? "testing" : "waitmsg";
    me.message = object;
    me.call = call;
    me.target = nobody;
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

  return { sendmsg, domsg, waitmsg };
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
