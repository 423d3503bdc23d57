/**
 * What the owner of threads and endpoints does to them: suspending, resuming, deleting and revoking (src/object/tcb.c,
 * src/object/cnode.c, cancelAllIPC and cancelBadgedSends in src/object/endpoint.c), and with MCS moving scheduling contexts.
 * A thread that is restarted performs its system call once more.
 */
import {
  bool,
  type Domain,
  nobody,
  type ObjectRef,
  objectRef,
  type Operation,
  operation,
  type StateContext,
  threadId,
  type ThreadId,
} from "../../model/language/index.ts";
import { contextOf, donate, isUnused, unbind } from "./contexts.ts";
import { endpoint, notification, replyObject } from "./state.ts";
import type { System } from "./threads.ts";

type Nothing = Readonly<Record<never, Domain>>;
type OfThread = { readonly target: Domain<ThreadId> };
type OfBadge = { readonly object: Domain<ObjectRef>; readonly badge: Domain<number> };

export interface Administration {
  readonly suspend: Operation<OfThread, Nothing>;
  readonly resume: Operation<OfThread, Nothing>;
  readonly remove: Operation<{ readonly object: Domain<ObjectRef> }, Nothing>;
  readonly revoke: Operation<OfBadge, Nothing>;
  readonly cancelBadgedSends: Operation<OfBadge, Nothing>;
}
export interface Contexts {
  readonly unbind: Operation<OfThread, Nothing>;
  readonly bind: Operation<OfThread, { readonly bound: Domain<boolean> }>;
  readonly bindNotification: Operation<{ readonly object: Domain<ObjectRef>; readonly owner: Domain<ThreadId> }, { readonly bound: Domain<boolean> }>;
}

export function administrationOf<M>(system: System<M>): Administration {
  const { tcb, badge } = system;
  const suspend = operation({
    name: "tcb.suspend",
    args: { target: threadId },
    result: {},
    general: false,
    rules: {
      suspend: {
        do: (k) => {
          system.cancel(k, k.args.target);
          system.stop(k, k.args.target);
          if (k.args.target !== k.self) k.complete(k.self, {});
        },
      },
    },
  });
  const resume = operation({
    name: "tcb.resume",
    args: { target: threadId },
    result: {},
    general: false,
    rules: {
      "restart a thread": {
        when: (k) => !system.isRunning(k, k.args.target),
        do: (k) => {
          system.cancel(k, k.args.target);
          system.release(k, k.args.target);
          k.complete(k.self, {});
        },
      },
      "resume a running thread": {
        when: (k) => system.isRunning(k, k.args.target),
        do: (k) => k.complete(k.self, {}),
      },
    },
  });
  const remove = operation({
    name: "endpoint.delete",
    args: { object: objectRef },
    result: {},
    general: false,
    rules: {
      "delete the endpoint": {
        do: (k) => {
          const { senders, receivers } = k.of(endpoint, k.args.object);
          while (senders.length > 0) system.release(k, senders.shift());
          while (receivers.length > 0) {
            const receiver = receivers.shift();
            for (const each of k.objects(replyObject)) if (k.of(replyObject, each).tcb === receiver) k.of(replyObject, each).tcb = nobody;
            system.release(k, receiver);
          }
          k.of(endpoint, k.args.object).deleted = true;
          k.complete(k.self, {});
        },
      },
    },
  });
  const revoke = operation({
    name: "endpoint.revoke",
    args: { object: objectRef, badge },
    result: {},
    general: false,
    rules: {
      "revoke the capabilities": {
        do: (k) => {
          const mine = k.of(endpoint, k.args.object);
          mine.revoked = mine.revoked | (1 << k.args.badge);
          k.complete(k.self, {});
        },
      },
    },
  });
  const cancelBadgedSends = operation({
    name: "endpoint.cancelBadgedSends",
    args: { object: objectRef, badge },
    result: {},
    general: false,
    rules: {
      "restart the senders": {
        do: (k) => {
          const { senders } = k.of(endpoint, k.args.object);
          let place = 0;
          while (place < senders.length) {
            const sender = senders.at(place);
            if (k.of(tcb, sender).badge === k.args.badge) {
              senders.remove(sender);
              system.release(k, sender);
            } else {
              place++;
            }
          }
          k.complete(k.self, {});
        },
      },
    },
  });
  return { suspend, resume, remove, revoke, cancelBadgedSends };
}

/** MCS: SchedContext_Unbind and SchedContext_Bind, for the context that was made for a thread. */
export function contextsOf<M>({ cores }: System<M>): Contexts {
  /** Bound neither to a thread nor to a notification. */
  const isUnbound = (k: Pick<StateContext, "of" | "threads" | "objects">, owner: ThreadId): boolean => {
    for (const each of k.objects(notification)) if (k.of(notification, each).context === owner) return false;
    return isUnused(k, owner);
  };
  const isFree = (k: StateContext<OfThread>): boolean => isUnbound(k, k.args.target) && contextOf(k, k.args.target) === nobody;
  const unbindOperation = operation({
    name: "context.unbind",
    args: { target: threadId },
    result: {},
    general: false,
    rules: {
      "unbind the context": {
        do: (k) => {
          unbind(k, k.args.target);
          for (const each of k.objects(notification)) if (k.of(notification, each).context === k.args.target) k.of(notification, each).context = nobody;
          k.complete(k.self, {});
        },
      },
    },
  });
  const bind = operation({
    name: "context.bind",
    args: { target: threadId },
    result: { bound: bool() },
    general: false,
    rules: {
      "bind the context": {
        when: (k) => isFree(k),
        do: (k) => {
          donate(k, k.args.target, k.args.target);
          cores.told(k, k.args.target);
          k.complete(k.self, { bound: true });
        },
      },
      "fail to bind the context": {
        when: (k) => !isFree(k),
        do: (k) => k.complete(k.self, { bound: false }),
      },
    },
  });
  const bindNotification = operation({
    name: "context.bindNotification",
    args: { object: objectRef, owner: threadId },
    result: { bound: bool() },
    general: false,
    rules: {
      "bind the context to the notification": {
        when: (k) => k.of(notification, k.args.object).context === nobody && isUnbound(k, k.args.owner),
        do: (k) => {
          k.of(notification, k.args.object).context = k.args.owner;
          k.complete(k.self, { bound: true });
        },
      },
      "fail to bind the context to the notification": {
        when: (k) => k.of(notification, k.args.object).context !== nobody || !isUnbound(k, k.args.owner),
        do: (k) => k.complete(k.self, { bound: false }),
      },
    },
  });
  return { unbind: unbindOperation, bind, bindNotification };
}
