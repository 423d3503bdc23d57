/** What a receiver does with a message: lwkt_replymsg, lwkt_forwardmsg, lwkt_dropmsg. */
import { type Domain, oneOf, operation, type StateContext } from "../../model/language/index.ts";
import { type Delivery, type Look, number, target } from "./delivery.ts";
import type { Call, Operations, Variant } from "./rules.ts";
import type { State } from "./state.ts";

export function repliesOf<M>(
  state: State<M>,
  value: Domain<M>,
  variant: Variant,
  delivery: Delivery<M>,
): Pick<Operations, "replymsg" | "forwardmsg" | "dropmsg"> {
  const { message, port, td } = state;
  const { reply } = variant;
  const { phaseOf, isNew, settle, finish, waitsFor, setDone, hasRoom, post, interruptible, isNear, isReady, waitForRoom, aim, put } = delivery;

  const isOurs = (k: Look, object: number): boolean => {
    const m = k.of(message, object);
    return !m.done && !m.replied && !m.queued;
  };
  const replying = { message: number, value };
  type Replying = StateContext<typeof replying>;
  const byFlags = (k: Replying): boolean => reply === "flags" && k.of(message, k.args.message).sync;
  const isReplyNear = (k: Replying): boolean => k.of(message, k.args.message).replySpin >= 0 || k.sameCpu(k.self, k.of(message, k.args.message).sender);

  const replymsg: Call = operation({
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
  }) as unknown as Call;

  const forwardmsg: Call = operation({
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
  }) as unknown as Call;

  const dropmsg: Call = operation({
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
  }) as unknown as Call;

  return { replymsg, forwardmsg, dropmsg };
}
