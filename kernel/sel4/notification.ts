/**
 * Notifications (src/object/notification.c): a word that signals OR their badges into, a queue of waiters, and perhaps one
 * thread that is bound to it. A signal reaches a bound thread that is blocked on receive on any endpoint, and the bound
 * thread alone may wait for it.
 */
import {
  bool,
  type Domain,
  nobody,
  type ObjectRef,
  objectRef,
  objectRefOrNull,
  type Operation,
  operation,
  type RuleContext,
  type StateContext,
  threadId,
  type ThreadId,
} from "../../model/language/index.ts";
import { contextOf, giveBack, lend } from "./contexts.ts";
import type { Ipc } from "./ipc.ts";
import { notification } from "./state.ts";
import type { System } from "./threads.ts";

type WaitArgs = {
  readonly object: Domain<ObjectRef>;
  /** MCS: what is signalled first, in the same system call, and with which badge. */
  readonly signal: Domain<ObjectRef | null>;
  readonly badge: Domain<number>;
  readonly isBlocking: Domain<boolean>;
  readonly idle: Domain<boolean>;
};
type SignalArgs = { readonly object: Domain<ObjectRef>; readonly badge: Domain<number> };
type BindArgs = { readonly object: Domain<ObjectRef>; readonly target: Domain<ThreadId> };
type Nothing = Readonly<Record<never, Domain>>;
type Acting = Pick<RuleContext, "self" | "of" | "objects" | "threads" | "priorityOf" | "completeOf" | "panic" | "cpuOf" | "isFinished">;

export interface Signals {
  readonly wait: Operation<WaitArgs, { readonly badge: Domain<number> }>;
  /** sendSignal: whichever of the next three it is. */
  signal(k: Acting, object: ObjectRef, badge: number): void;
  /** Hands the badge to the first of the waiters. */
  wake(k: Acting, object: ObjectRef, badge: number): void;
  reaches(k: Pick<StateContext, "of">, object: ObjectRef): boolean;
  /** Hands the badge to the bound thread, which is blocked on receive. */
  reach(k: Acting, object: ObjectRef, badge: number): void;
  set(k: Pick<RuleContext, "of">, object: ObjectRef, badge: number): void;
}
export interface Notifications {
  readonly signal: Operation<SignalArgs, Nothing>;
  readonly bind: Operation<BindArgs, { readonly bound: Domain<boolean> }>;
  readonly unbind: Operation<{ readonly object: Domain<ObjectRef> }, Nothing>;
}

/** `ipc` is there when a rule runs; the two need each other. */
export function signalsOf<M>(system: System<M>, ipc: () => Ipc<M>): Signals {
  const { tcb, badge, nothing, mcs } = system;
  const isFresh = (k: StateContext<WaitArgs>): boolean => k.args.signal === null && system.isRunning(k, k.self);
  type Waiting = RuleContext<WaitArgs, { readonly badge: Domain<number> }>;
  const mayWait = (k: StateContext<WaitArgs>): boolean => {
    const { tcb: bound } = k.of(notification, k.args.object);
    return bound === nobody || bound === k.self;
  };
  const take = (k: Waiting): void => {
    const bell = k.of(notification, k.args.object);
    const { word } = bell;
    bell.active = false;
    bell.word = 0;
    if (mcs) lend(k, k.args.object, k.self);
    k.complete(k.self, { badge: word });
  };
  const queue = (k: Waiting): void => {
    k.of(tcb, k.self).state = "blocked-on-notification";
    if (mcs) giveBack(k, k.args.object, k.self);
    system.enqueue(k, k.of(notification, k.args.object).waiters, k.self);
  };
  const wait: Signals["wait"] = operation({
    name: "notification.wait",
    args: { object: objectRef, signal: objectRefOrNull, badge, isBlocking: bool(), idle: bool() },
    result: { badge },
    general: mcs
      ? true
      : ({ objects }) =>
          objects
            .filter(({ type }) => type.name === "notification")
            .flatMap(({ ref: object }) => [true, false].map((isBlocking) => ({ object, signal: null, badge: 0, isBlocking, idle: true }))),
    rules: {
      "fault in wait": {
        when: (k) => isFresh(k) && !mayWait(k),
        do: (k) => system.stop(k, k.self),
      },
      "take the word": {
        when: (k) => isFresh(k) && mayWait(k) && k.of(notification, k.args.object).active,
        do: (k) => take(k),
      },
      "wait for a signal": {
        when: (k) => k.args.isBlocking && isFresh(k) && mayWait(k) && !k.of(notification, k.args.object).active,
        do: (k) => queue(k),
      },
      "poll without a signal": {
        when: (k) => !k.args.isBlocking && isFresh(k) && mayWait(k) && !k.of(notification, k.args.object).active,
        do: (k) => k.complete(k.self, { badge: 0 }),
      },
      "signal and wait": {
        when: (k) => k.args.signal !== null && system.isRunning(k, k.self),
        do: (k) => {
          if (k.args.signal !== null) signal(k, k.args.signal, k.args.badge);
          if (!mayWait(k)) system.stop(k, k.self);
          else if (k.of(notification, k.args.object).active) take(k);
          else if (k.args.isBlocking) queue(k);
          else k.complete(k.self, { badge: 0 });
        },
      },
    },
    waits: {
      waiting: {
        says: "BlockedOnNotification",
        kind: "notification",
        wakers: [{ by: ["notification.signal"] }, { by: ["endpoint.receive", "notification.wait"], anywhere: true }, { by: ["tcb.resume"] }],
        idle: (k) => k.args.idle,
      },
    },
  });
  /** Lends the notification's context to a thread that is woken, which thereby may come to another core. */
  const lendFrom = (k: Acting, object: ObjectRef, thread: ThreadId): void => {
    if (contextOf(k, thread) !== nobody) return;
    lend(k, object, thread);
    system.cores.moved(k, thread, system.cores.coreOf(k, k.self));
  };
  const wake = (k: Acting, object: ObjectRef, by: number): void => {
    const waiter = k.of(notification, object).waiters.shift();
    system.release(k, waiter);
    if (mcs) lendFrom(k, object, waiter);
    k.completeOf(wait, waiter, { badge: by });
  };
  const reaches = (k: Pick<StateContext, "of">, object: ObjectRef): boolean => {
    const bell = k.of(notification, object);
    return !bell.active && bell.tcb !== nobody && k.of(tcb, bell.tcb).state === "blocked-on-receive";
  };
  const reach = (k: Acting, object: ObjectRef, by: number): void => {
    const bound = k.of(notification, object).tcb;
    system.leaveReceivers(k, bound);
    system.release(k, bound);
    if (mcs) lendFrom(k, object, bound);
    k.completeOf(ipc().receive, bound, { badge: by, message: nothing });
  };
  const set = (k: Pick<RuleContext, "of">, object: ObjectRef, by: number): void => {
    const bell = k.of(notification, object);
    bell.active = true;
    bell.word = bell.word | by;
  };
  const signal = (k: Acting, object: ObjectRef, by: number): void => {
    if (k.of(notification, object).waiters.length > 0) wake(k, object, by);
    else if (reaches(k, object)) reach(k, object, by);
    else set(k, object, by);
  };
  return { wait, wake, reaches, reach, set, signal };
}

/** The operations on notifications that nobody is blocked in. */
export function notificationsOf<M>(system: System<M>, signals: Signals): Notifications {
  const { badge } = system;
  const hasWaiters = (k: StateContext<SignalArgs>): boolean => k.of(notification, k.args.object).waiters.length > 0;
  const signal = operation({
    name: "notification.signal",
    args: { object: objectRef, badge },
    result: {},
    rules: {
      "wake a waiter": {
        when: (k) => hasWaiters(k),
        do: (k) => {
          signals.wake(k, k.args.object, k.args.badge);
          k.complete(k.self, {});
        },
      },
      "reach the bound thread": {
        when: (k) => !hasWaiters(k) && signals.reaches(k, k.args.object),
        do: (k) => {
          signals.reach(k, k.args.object, k.args.badge);
          k.complete(k.self, {});
        },
      },
      "set the word": {
        when: (k) => !hasWaiters(k) && !signals.reaches(k, k.args.object),
        do: (k) => {
          signals.set(k, k.args.object, k.args.badge);
          k.complete(k.self, {});
        },
      },
    },
  });
  /** TCB_BindNotification fails if either is bound already, or somebody waits. */
  const isTaken = (k: StateContext<BindArgs>): boolean => {
    for (const each of k.objects(notification)) if (k.of(notification, each).tcb === k.args.target) return true;
    return k.of(notification, k.args.object).tcb !== nobody || k.of(notification, k.args.object).waiters.length > 0;
  };
  const bind = operation({
    name: "notification.bind",
    args: { object: objectRef, target: threadId },
    result: { bound: bool() },
    general: false,
    rules: {
      bind: {
        when: (k) => !isTaken(k),
        do: (k) => {
          k.of(notification, k.args.object).tcb = k.args.target;
          k.complete(k.self, { bound: true });
        },
      },
      "fail to bind": {
        when: (k) => isTaken(k),
        do: (k) => k.complete(k.self, { bound: false }),
      },
    },
  });
  const unbind = operation({
    name: "notification.unbind",
    args: { object: objectRef },
    result: {},
    general: false,
    rules: {
      unbind: {
        do: (k) => {
          k.of(notification, k.args.object).tcb = nobody;
          k.complete(k.self, {});
        },
      },
    },
  });
  return { signal, bind, unbind };
}
