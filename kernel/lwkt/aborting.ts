/** Asking for a message back: lwkt_abortmsg. With `abort: "reads"` it reads the target, and goes there when the message may have gone on. */
import { bool, operation } from "../../model/language/index.ts";
import { type Delivery, type Look, number } from "./delivery.ts";
import type { Call, Variant } from "./rules.ts";
import type { State } from "./state.ts";

export function abortOf<M>(state: State<M>, variant: Variant, delivery: Delivery<M>): Call {
  const { message, td } = state;
  const { abort } = variant;
  const { phaseOf, isNew, settle, enqueue, hasRoom, post, interruptible, isReady, waitForRoom, canAbort, isAbortNear, sendAbort } = delivery;

  const isThere = (k: Look): boolean => k.sameCpu(k.self, k.of(td, k.self).target);
  return operation({
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
  }) as unknown as Call;
}
