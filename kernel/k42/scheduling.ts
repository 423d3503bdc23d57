/**
 * What a dispatcher does when it is enabled: it processes the soft interrupts that have come meanwhile (retry
 * notifications, messages), and yields, upon which the kernel notifies those whom it has refused (DispatcherDefault.C
 * ProcessIPCRetryNotifs, createAsyncMsgHandler; IPCRetryManager.C notify). All of this comes before any of its threads
 * goes on, so it belongs to the step that enables.
 */
import { type Halt, nobody, type RuleContext } from "../../model/language/index.ts";
import { type DispatcherGroup, thread } from "./state.ts";

type Kernel = Pick<RuleContext, "of" | "threads" | "objects">;

/** A dispatcher in a set of dispatchers. */
export function bitOf(dispatcher: number): number {
  return 1 << dispatcher;
}

export interface Scheduling {
  /** Enables a dispatcher that is disabled. */
  enableNow(k: Kernel, here: number): void;
  /** Schedules a thread to fetch a message, if there is one, and a free thread, and not too many are at it. */
  scheduleHandler(k: Kernel, here: number): void;
}

export function scheduling<M>(dispatcher: DispatcherGroup<M>, handlers: number): Scheduling {
  /** All threads that are parked for a dispatcher of which a notification has come try again. */
  const processNotifications = (k: Kernel, here: number): void => {
    const notified = k.of(dispatcher, here).ipcRetry;
    k.of(dispatcher, here).ipcRetry = 0;
    for (const other of k.threads) {
      const { phase, home, target } = k.of(thread, other);
      if (phase === "retry" && home === here && (notified & bitOf(target)) !== 0) {
        k.of(thread, other).phase = "user";
        k.of(thread, other).target = -1;
      }
    }
  };
  const notify = (k: Kernel, here: number): void => {
    const sources = k.of(dispatcher, here).retrySources;
    k.of(dispatcher, here).retrySources = 0;
    for (const source of k.objects(dispatcher)) {
      if ((sources & bitOf(source.index)) === 0) continue;
      k.of(dispatcher, source).ipcRetry = k.of(dispatcher, source).ipcRetry | bitOf(here);
      if (k.of(dispatcher, source).owner === nobody) processNotifications(k, source.index);
    }
  };
  const scheduleHandler = (k: Kernel, here: number): void => {
    const { owner, readyHandler, busyHandlers, messages, pool } = k.of(dispatcher, here);
    if (owner === nobody && !readyHandler && busyHandlers < handlers && messages.length > 0 && pool.length > 0) {
      const free = pool.shift();
      k.of(thread, free).phase = "handler";
      k.of(dispatcher, here).readyHandler = true;
    }
  };
  const enableNow = (k: Kernel, here: number): void => {
    k.of(dispatcher, here).owner = nobody;
    processNotifications(k, here);
    notify(k, here);
    scheduleHandler(k, here);
  };
  return { enableNow, scheduleHandler };
}

/** A dispatcher runs one thread at a time, and while it is disabled only the one that has disabled it. */
export function haltsOf<M>(dispatcher: DispatcherGroup<M>): Readonly<Record<string, Halt>> {
  return {
    "dispatcher disabled": {
      when: (k) => {
        const { home } = k.of(thread, k.self);
        return k.objects(dispatcher).length > 0 && home >= 0 && k.of(dispatcher, home).owner !== nobody && k.of(dispatcher, home).owner !== k.self;
      },
      says: "not scheduled: its dispatcher is disabled",
      kind: "scheduler",
      wakers: [
        {
          by: ["ppc", "reply", "accept", "enable", "block"],
          anywhere: true,
          when: (k, other) => k.of(dispatcher, k.of(thread, k.self).home).owner === other,
        },
      ],
    },
  };
}
