/**
 * The other operations of Fiasco.OC: binding and deleting gates (src/kern/ipc_gate.cpp), interrupts (irq.cpp), semaphores
 * (semaphore.cpp), and what ex_regs and deletion do to a thread (thread.cpp).
 */
import {
  bool,
  type Domain,
  nobody,
  type ObjectRef,
  objectRef,
  oneOf,
  type Operation,
  operation,
  type RuleContext,
  type StateContext,
  threadId,
  type ThreadId,
  timeout,
  type Timeout,
} from "../../model/language/index.ts";
import type { Acting, System } from "./calls.ts";
import { gate, irq, semaphore } from "./state.ts";

type Nothing = Readonly<Record<never, Domain>>;
type BindArgs = { readonly object: Domain<ObjectRef>; readonly thread: Domain<ThreadId>; readonly label: Domain<number> };
type OfObject = { readonly object: Domain<ObjectRef> };
type TriggerArgs = { readonly object: Domain<ObjectRef>; readonly isLevel: Domain<boolean> };
type OfThread = { readonly target: Domain<ThreadId> };
type DownArgs = { readonly object: Domain<ObjectRef>; readonly timeout: Domain<Timeout>; readonly idle: Domain<boolean> };

export interface Operations {
  readonly bindGate: Operation<BindArgs, Nothing>;
  readonly deleteGate: Operation<OfObject, Nothing>;
  readonly notifyDeletion: Operation<{ readonly object: Domain<ObjectRef>; readonly irq: Domain<ObjectRef> }, Nothing>;
  readonly bindIrq: Operation<BindArgs, Nothing>;
  readonly trigger: Operation<TriggerArgs, Nothing>;
  readonly unmask: Operation<OfObject, Nothing>;
  readonly up: Operation<OfObject, Nothing>;
  readonly down: Operation<DownArgs, { readonly error: Domain<"none" | "timeout"> }>;
  readonly cancel: Operation<OfThread, { readonly acted: Domain<boolean> }>;
  readonly remove: Operation<OfThread, Nothing>;
}

export function operationsOf<M>(system: System<M>): Operations {
  const { tcb, label } = system;

  const bindGate = operation({
    name: "gate.bind",
    args: { object: objectRef, thread: threadId, label },
    result: {},
    general: false,
    rules: {
      "bind the gate": {
        do: (k) => {
          const mine = k.of(gate, k.args.object);
          mine.thread = k.args.thread;
          mine.label = k.args.label;
          // They send once more, now to the thread.
          while (mine.waiters.length > 0) {
            const waiter = mine.waiters.shift();
            if (system.staysAtGate && k.of(tcb, waiter).state !== "gate-wait") k.panic("a thread in the queue of a gate does not wait there");
            k.of(tcb, waiter).state = "running";
          }
          k.complete(k.self, {});
        },
      },
    },
  });

  /** An interrupt comes up at a line that is bound. */
  const raise = (k: Acting, object: ObjectRef): void => {
    const line = k.of(irq, object);
    if (line.thread === nobody) line.pending = true;
    else if (!line.queued) system.hit(k, object);
  };
  const deleteGate = operation({
    name: "gate.delete",
    args: { object: objectRef },
    result: {},
    general: false,
    rules: {
      "delete the gate": {
        do: (k) => {
          const mine = k.of(gate, k.args.object);
          while (mine.waiters.length > 0) system.fail(k, mine.waiters.shift(), "not-existent", "send");
          if (!system.lateSenders) {
            for (const each of k.threads) {
              const sender = k.of(tcb, each);
              if (sender.state !== "send-wait" || sender.gate !== k.args.object.index) continue;
              k.of(tcb, sender.partner).senders.remove(each);
              system.fail(k, each, "not-existent", "send");
            }
          }
          mine.deleted = true;
          for (const each of k.objects(irq)) if (each.index === mine.deletion) raise(k, each);
          k.complete(k.self, {});
        },
      },
    },
  });
  const notifyDeletion = operation({
    name: "gate.notifyDeletion",
    args: { object: objectRef, irq: objectRef },
    result: {},
    general: false,
    rules: {
      "register the deletion interrupt": {
        do: (k) => {
          k.of(gate, k.args.object).deletion = k.args.irq.index;
          k.complete(k.self, {});
        },
      },
    },
  });

  /** Rebinding takes a message that is queued back and sends it to the new thread. */
  const bindIrq = operation({
    name: "irq.bind",
    args: { object: objectRef, thread: threadId, label },
    result: {},
    general: false,
    rules: {
      "bind the interrupt": {
        do: (k) => {
          const line = k.of(irq, k.args.object);
          const again = line.queued || line.pending;
          if (line.queued) k.of(tcb, line.thread).irqs.remove(k.args.object.index);
          line.queued = false;
          line.pending = false;
          line.thread = k.args.thread;
          line.label = k.args.label;
          if (again) system.hit(k, k.args.object);
          k.complete(k.self, {});
        },
      },
    },
  });
  const isWaiting = (k: Pick<StateContext, "of">, thread: ThreadId): boolean =>
    thread !== nobody && k.of(tcb, thread).state === "receive-wait" && k.of(tcb, thread).next === "open";
  const bound = (k: StateContext<TriggerArgs>): ThreadId => k.of(irq, k.args.object).thread;
  const isIdle = (k: StateContext<TriggerArgs>): boolean => !k.of(irq, k.args.object).masked && !k.of(irq, k.args.object).queued && bound(k) !== nobody;
  const comeUp = (k: RuleContext<TriggerArgs, Nothing>): void => {
    if (k.args.isLevel) k.of(irq, k.args.object).masked = true;
    system.hit(k, k.args.object);
    k.complete(k.self, {});
  };
  /** Edge-triggered lines coalesce; a level-triggered one is masked at each hit, until the thread unmasks it. */
  const trigger: Operations["trigger"] = operation({
    name: "irq.trigger",
    args: { object: objectRef, isLevel: bool() },
    result: {},
    general: ({ objects }) =>
      objects.filter(({ type }) => type.name === "irq").map(({ ref, type }) => ({ object: ref, isLevel: type.options["level"] === true })),
    rules: {
      "deliver the interrupt": {
        when: (k) => isIdle(k) && isWaiting(k, bound(k)),
        do: (k) => comeUp(k),
      },
      "queue the interrupt": {
        when: (k) => isIdle(k) && !isWaiting(k, bound(k)),
        do: (k) => comeUp(k),
      },
      "coalesce the interrupt": {
        when: (k) => k.of(irq, k.args.object).masked || k.of(irq, k.args.object).queued,
        do: (k) => k.complete(k.self, {}),
      },
      "interrupt at an unbound line": {
        when: (k) => !k.of(irq, k.args.object).masked && !k.of(irq, k.args.object).queued && bound(k) === nobody,
        do: (k) => {
          if (!k.args.isLevel) k.of(irq, k.args.object).pending = true;
          k.complete(k.self, {});
        },
      },
    },
  });
  const unmask = operation({
    name: "irq.unmask",
    args: { object: objectRef },
    result: {},
    rules: {
      "unmask the interrupt": {
        do: (k) => {
          k.of(irq, k.args.object).masked = false;
          k.complete(k.self, {});
        },
      },
    },
  });

  const down: Operations["down"] = operation({
    name: "semaphore.down",
    args: { object: objectRef, timeout, idle: bool() },
    result: { error: oneOf("none", "timeout") },
    rules: {
      "count down": {
        when: (k) => k.of(semaphore, k.args.object).count > 0 && !k.of(semaphore, k.args.object).waiters.includes(k.self),
        do: (k) => {
          k.of(semaphore, k.args.object).count -= 1;
          k.complete(k.self, { error: "none" });
        },
      },
      "wait at the semaphore": {
        when: (k) => k.args.timeout !== "zero" && k.of(semaphore, k.args.object).count === 0 && !k.of(semaphore, k.args.object).waiters.includes(k.self),
        do: (k) => system.enqueue(k, k.of(semaphore, k.args.object).waiters, k.self),
      },
      "semaphore timeout zero": {
        when: (k) => k.args.timeout === "zero" && k.of(semaphore, k.args.object).count === 0,
        do: (k) => k.complete(k.self, { error: "timeout" }),
      },
      "semaphore timer fires": {
        timer: true,
        when: (k) => k.args.timeout === "finite" && k.of(semaphore, k.args.object).waiters.includes(k.self),
        do: (k) => {
          k.of(semaphore, k.args.object).waiters.remove(k.self);
          k.complete(k.self, { error: "timeout" });
        },
      },
    },
    waits: { down: { says: "waiting at a semaphore", kind: "lock", wakers: [{ by: ["semaphore.up"] }], idle: (k) => k.args.idle } },
  });
  const up = operation({
    name: "semaphore.up",
    args: { object: objectRef },
    result: {},
    rules: {
      "wake at the semaphore": {
        when: (k) => k.of(semaphore, k.args.object).waiters.length > 0,
        do: (k) => {
          const waiter = k.of(semaphore, k.args.object).waiters.shift();
          k.completeOf(down, waiter, { error: "none" });
          k.complete(k.self, {});
        },
      },
      "count up": {
        when: (k) => k.of(semaphore, k.args.object).waiters.length === 0,
        do: (k) => {
          k.of(semaphore, k.args.object).count += 1;
          k.complete(k.self, {});
        },
      },
    },
  });

  const stateOf = (k: StateContext<OfThread>): string => k.of(tcb, k.args.target).state;
  const isFarSend = (k: StateContext<OfThread>): boolean => system.isFarSend(k, k.args.target);
  const isAborting = (k: StateContext<OfThread>): boolean => system.isAborting(k, k.args.target);
  const cancel = operation({
    name: "cancel",
    args: { target: threadId },
    result: { acted: bool() },
    general: false,
    rules: {
      "cancel at a gate": {
        when: (k) => stateOf(k) === "gate-wait",
        do: (k) => {
          if (!system.staysAtGate) for (const each of k.objects(gate)) k.of(gate, each).waiters.remove(k.args.target);
          system.fail(k, k.args.target, "cancelled", "send");
          k.complete(k.self, { acted: true });
        },
      },
      "cancel a send": {
        when: (k) => stateOf(k) === "send-wait" && !isFarSend(k) && !isAborting(k),
        do: (k) => {
          k.of(tcb, k.of(tcb, k.args.target).partner).senders.remove(k.args.target);
          system.fail(k, k.args.target, "cancelled", "send");
          k.complete(k.self, { acted: true });
        },
      },
      "cancel a receive": {
        when: (k) => stateOf(k) === "receive-wait" && !isAborting(k),
        do: (k) => {
          system.fail(k, k.args.target, "cancelled", "receive");
          k.complete(k.self, { acted: true });
        },
      },
      "nothing to cancel": {
        when: (k) => isAborting(k) || (!isFarSend(k) && stateOf(k) !== "gate-wait" && stateOf(k) !== "send-wait" && stateOf(k) !== "receive-wait"),
        do: (k) => k.complete(k.self, { acted: false }),
      },
      ...(system.items
        ? {
            "abort a send": {
              when: (k: StateContext<OfThread>) => isFarSend(k),
              do: (k: RuleContext<OfThread, { readonly acted: Domain<boolean> }>) => {
                k.of(system.transfers, k.args.target).abort = "cancelled";
                k.complete(k.self, { acted: true });
              },
            },
          }
        : {}),
    },
  });
  const remove = operation({
    name: "delete",
    args: { target: threadId },
    result: {},
    general: false,
    rules: {
      "delete the thread": {
        when: (k) => !system.isEngaged(k, k.args.target),
        do: (k) => {
          system.kill(k, k.args.target);
          if (k.args.target !== k.self) k.complete(k.self, {});
        },
      },
      ...(system.items
        ? {
            "delete a thread in a transfer": {
              when: (k: StateContext<OfThread>) => system.isEngaged(k, k.args.target),
              do: (k: RuleContext<OfThread, Nothing>) => {
                k.of(system.transfers, k.args.target).dying = true;
                k.complete(k.self, {});
              },
            },
          }
        : {}),
    },
  });
  return { bindGate, deleteGate, notifyDeletion, bindIrq, trigger, unmask, up, down, cancel, remove };
}
