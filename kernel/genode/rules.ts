/**
 * RPC and signals of Genode as a model. The one thread of an entrypoint replies to the last request and takes the next one
 * in the order of their coming; a caller is blocked until it is answered, without a timeout. A signal has no payload and
 * never blocks who submits it; what core does with several before one is taken depends on core:
 *
 * - generic: counts them, and hands the count to the proxy as soon as that asks;
 * - base-hw: the same, but no second delivery of a context before the first is acknowledged;
 * - 11.11: a proxy that is waiting gets the old count, and then the signal once more.
 */
import {
  bool,
  type Domain,
  initialOf,
  nobody,
  type ObjectRef,
  objectRef,
  oneOf,
  operation,
  int,
  type RuleContext,
  threadId,
  type ThreadId,
} from "../../model/language/index.ts";
import type { Call } from "../../model/language/operation.ts";
import type { Answer, Request } from "./index.ts";
import { type Core, groupsOf, rpc } from "./state.ts";

type Kernel = Pick<RuleContext, "of" | "threads" | "objects" | "completeOf">;

export interface Operations<M> {
  readonly groups: ReturnType<typeof groupsOf<M>>;
  readonly call: Call<{ readonly object: ObjectRef; readonly message: M }, Answer<M>>;
  readonly next: Call<{ readonly object: ObjectRef; readonly reply: M; readonly idle: boolean }, Request<M>>;
  readonly submit: Call<{ readonly object: ObjectRef }, object>;
  readonly manage: Call<{ readonly object: ObjectRef; readonly entrypoint: ObjectRef }, object>;
  readonly dissolve: Call<{ readonly object: ObjectRef }, object>;
  readonly cancel: Call<{ readonly target: ThreadId }, object>;
  readonly destroy: Call<{ readonly object: ObjectRef }, object>;
}

/** Builds the operations of a system. */
export function operations<M>(message: Domain<M>, core: Core, most: number): Operations<M> {
  const groups = groupsOf(message, most);
  const { entrypoints, contexts } = groups;
  const nothing = initialOf(message);

  /** The entrypoint's thread has a request. */
  const serve = (k: Kernel, entrypoint: number, server: ThreadId, caller: ThreadId, value: M, context: number, count: number): void => {
    const here = k.of(entrypoints, entrypoint);
    here.serving = context < 0 ? "rpc" : "signal";
    here.caller = caller;
    here.context = context;
    here.server = nobody;
    k.of(rpc, server).state = "none";
    k.of(rpc, server).object = -1;
    k.completeOf(next, server, { kind: context < 0 ? "rpc" : "signal", caller, message: value, context, count });
  };
  const arrive = (k: Kernel, entrypoint: number, caller: ThreadId, value: M, context: number, count: number): void => {
    const here = k.of(entrypoints, entrypoint);
    if (here.server === nobody) here.queue.push({ caller, message: value, context, count });
    else serve(k, entrypoint, here.server, caller, value, context, count);
  };
  /** Core hands a signal to the proxy, which calls the entrypoint. */
  const deliver = (k: Kernel, entrypoint: number, context: number): void => {
    const { submits } = k.of(contexts, context);
    k.of(entrypoints, entrypoint).proxy = true;
    k.of(contexts, context).outstanding = true;
    k.of(contexts, context).submits = 0;
    arrive(k, entrypoint, nobody, nothing, context, submits);
  };
  /** The proxy asks for the next signal. */
  const ask = (k: Kernel, entrypoint: number): void => {
    const here = k.of(entrypoints, entrypoint);
    here.proxy = false;
    if (here.deliverable.length > 0) {
      const context = here.deliverable.shift();
      deliver(k, entrypoint, context);
    }
  };
  const enqueue = (k: Kernel, entrypoint: number, context: number): void => {
    const { deliverable } = k.of(entrypoints, entrypoint);
    if (!deliverable.includes(context)) deliverable.push(context);
  };
  /** A signal is submitted. */
  const arouse = (k: Kernel, object: ObjectRef): void => {
    const context = k.of(contexts, object);
    const to = context.entrypoint;
    const isHeld = core === "base-hw" && context.outstanding;
    const isAsked = !k.of(entrypoints, to).proxy;
    if (core === "11.11" && isAsked) deliver(k, to, object.index);
    context.submits = Math.min(context.submits + 1, most);
    if (core !== "11.11" && isAsked && !isHeld) deliver(k, to, object.index);
    else if (!isHeld) enqueue(k, to, object.index);
  };
  /** No delivery of the context is outstanding any more. */
  const settle = (k: Kernel, context: number): void => {
    k.of(contexts, context).outstanding = false;
    for (const thread of k.threads) {
      if (k.of(rpc, thread).state === "dissolving" && k.of(rpc, thread).object === context) {
        release(k, thread);
        k.completeOf(dissolve, thread, {});
      }
    }
  };
  const awaitSettled = (k: Pick<RuleContext, "of">, thread: ThreadId, context: ObjectRef): void => {
    k.of(rpc, thread).state = "dissolving";
    k.of(rpc, thread).object = context.index;
  };
  /** The dispatched signal has been handled. */
  const acknowledge = (k: Kernel, entrypoint: number): void => {
    const { context } = k.of(entrypoints, entrypoint);
    settle(k, context);
    if (core === "base-hw" && k.of(contexts, context).submits > 0 && k.of(contexts, context).entrypoint === entrypoint) enqueue(k, entrypoint, context);
    ask(k, entrypoint);
  };
  const release = (k: Kernel, thread: ThreadId): void => {
    k.of(rpc, thread).state = "none";
    k.of(rpc, thread).object = -1;
  };
  const takeNext = (k: Kernel, entrypoint: number, server: ThreadId): void => {
    const here = k.of(entrypoints, entrypoint);
    here.serving = "nothing";
    here.caller = nobody;
    here.context = -1;
    if (here.queue.length > 0) {
      const request = here.queue.shift();
      serve(k, entrypoint, server, request.caller, request.message, request.context, request.count);
    } else {
      here.server = server;
      k.of(rpc, server).state = "waiting";
      k.of(rpc, server).object = entrypoint;
    }
  };

  const call = operation({
    name: "call",
    args: { object: objectRef, message },
    result: { error: oneOf("none", "ipc-error"), reply: message },
    guarded: { by: "error", ok: "none", fields: ["reply"] },
    rules: {
      "call an entrypoint that is gone": {
        when: (k) => k.of(rpc, k.self).state === "none" && k.of(entrypoints, k.args.object).destroyed,
        do: (k) => k.complete(k.self, { error: "ipc-error", reply: nothing }),
      },
      call: {
        when: (k) => k.of(rpc, k.self).state === "none" && !k.of(entrypoints, k.args.object).destroyed,
        do: (k) => {
          k.of(rpc, k.self).state = "calling";
          k.of(rpc, k.self).object = k.args.object.index;
          arrive(k, k.args.object.index, k.self, k.args.message, -1, 0);
        },
      },
    },
    waits: {
      calling: { says: "blocked in an RPC", kind: "reply", wakers: [{ by: ["reply_and_wait", "destroy"] }, { by: ["cancel_blocking"] }] },
    },
  });

  const next = operation({
    name: "reply_and_wait",
    args: { object: objectRef, reply: message, idle: bool() },
    result: { kind: oneOf("rpc", "signal"), caller: threadId, message, context: int(-1, 62), count: int(0, most) },
    general: false,
    rules: {
      "wait for the first request": {
        when: (k) => k.of(rpc, k.self).state === "none" && k.of(entrypoints, k.args.object).serving === "nothing",
        do: (k) => takeNext(k, k.args.object.index, k.self),
      },
      "reply and wait": {
        when: (k) => k.of(rpc, k.self).state === "none" && k.of(entrypoints, k.args.object).serving === "rpc",
        do: (k) => {
          const { caller } = k.of(entrypoints, k.args.object);
          if (caller !== nobody) {
            release(k, caller);
            k.completeOf(call, caller, { error: "none", reply: k.args.reply });
          }
          takeNext(k, k.args.object.index, k.self);
        },
      },
      "acknowledge and wait": {
        when: (k) => k.of(rpc, k.self).state === "none" && k.of(entrypoints, k.args.object).serving === "signal",
        do: (k) => {
          if (k.objects(contexts).length > 0) acknowledge(k, k.args.object.index);
          takeNext(k, k.args.object.index, k.self);
        },
      },
    },
    waits: {
      waiting: {
        says: "waiting for a request or a signal",
        kind: "receive",
        wakers: [{ by: ["call"] }, { by: ["submit"], anywhere: true }],
        idle: (k) => k.args.idle,
      },
    },
  });

  const submit = operation({
    name: "submit",
    args: { object: objectRef },
    result: {},
    rules: {
      "submit to an invalid capability": {
        when: (k) => k.of(contexts, k.args.object).entrypoint < 0,
        do: (k) => k.complete(k.self, {}),
      },
      submit: {
        when: (k) => k.of(contexts, k.args.object).entrypoint >= 0,
        do: (k) => {
          if (k.objects(entrypoints).length > 0) arouse(k, k.args.object);
          k.complete(k.self, {});
        },
      },
    },
  });

  /** The context is handed to an entrypoint's receiver: from now on its capability is valid. */
  const manage = operation({
    name: "manage",
    args: { object: objectRef, entrypoint: objectRef },
    result: {},
    general: false,
    rules: {
      manage: {
        when: (k) => k.of(contexts, k.args.object).entrypoint < 0 && !k.of(contexts, k.args.object).outstanding,
        do: (k) => {
          k.of(contexts, k.args.object).entrypoint = k.args.entrypoint.index;
          k.complete(k.self, {});
        },
      },
      "managed already": {
        when: (k) => k.of(contexts, k.args.object).entrypoint >= 0 || k.of(contexts, k.args.object).outstanding,
        do: (k) => k.complete(k.self, {}),
      },
    },
  });

  /** The capability becomes invalid at once; the call returns when no delivery is outstanding any more. */
  const dissolve = operation({
    name: "dissolve",
    args: { object: objectRef },
    result: {},
    general: false,
    rules: {
      invalidate: {
        when: (k) => k.of(rpc, k.self).state === "none" && k.of(contexts, k.args.object).entrypoint >= 0,
        do: (k) => {
          const context = k.of(contexts, k.args.object);
          if (k.objects(entrypoints).length > 0) k.of(entrypoints, context.entrypoint).deliverable.remove(k.args.object.index);
          context.entrypoint = -1;
          context.submits = 0;
          if (context.outstanding) awaitSettled(k, k.self, k.args.object);
          else k.complete(k.self, {});
        },
      },
      "invalid already": {
        when: (k) => k.of(rpc, k.self).state === "none" && k.of(contexts, k.args.object).entrypoint < 0,
        do: (k) => {
          if (k.of(contexts, k.args.object).outstanding) awaitSettled(k, k.self, k.args.object);
          else k.complete(k.self, {});
        },
      },
    },
    waits: {
      outstanding: {
        says: "waiting for the acknowledgement of a signal",
        kind: "lock",
        wakers: [{ by: ["reply_and_wait"], anywhere: true }],
      },
    },
  });

  const withdraw = (k: Kernel, thread: ThreadId): void => {
    const here = k.of(entrypoints, k.of(rpc, thread).object);
    let place = 0;
    while (place < here.queue.length && here.queue.at(place).caller !== thread) place++;
    if (place < here.queue.length) here.queue.remove(here.queue.at(place));
    // The request that is being processed is completed, and its reply is swallowed.
    else here.caller = nobody;
  };
  const cancel = operation({
    name: "cancel_blocking",
    args: { target: threadId },
    result: {},
    general: false,
    rules: {
      "cancel a call": {
        when: (k) => k.of(rpc, k.args.target).state === "calling",
        do: (k) => {
          if (k.objects(entrypoints).length > 0) withdraw(k, k.args.target);
          release(k, k.args.target);
          k.completeOf(call, k.args.target, { error: "ipc-error", reply: nothing });
          k.complete(k.self, {});
        },
      },
      "nothing to cancel": {
        when: (k) => k.of(rpc, k.args.target).state !== "calling",
        do: (k) => k.complete(k.self, {}),
      },
    },
  });

  /** The entrypoint goes: callers get an Ipc_error, its signals' capabilities become invalid. Its thread, if it waits there, is not told. */
  const destroy = operation({
    name: "destroy",
    args: { object: objectRef },
    result: {},
    general: false,
    rules: {
      destroy: {
        do: (k) => {
          const here = k.of(entrypoints, k.args.object);
          here.destroyed = true;
          here.caller = nobody;
          while (here.queue.length > 0) {
            const request = here.queue.shift();
            // The proxy's call fails too, and with that the signal has been handled.
            if (k.objects(contexts).length > 0 && request.context >= 0) {
              settle(k, request.context);
              here.proxy = false;
            }
          }
          while (here.deliverable.length > 0) here.deliverable.shift();
          for (const context of k.objects(contexts)) {
            if (k.of(contexts, context).entrypoint !== k.args.object.index) continue;
            k.of(contexts, context).entrypoint = -1;
            k.of(contexts, context).submits = 0;
          }
          for (const thread of k.threads) {
            if (k.of(rpc, thread).state === "calling" && k.of(rpc, thread).object === k.args.object.index) {
              release(k, thread);
              k.completeOf(call, thread, { error: "ipc-error", reply: nothing });
            }
          }
          k.complete(k.self, {});
        },
      },
    },
  });
  return { groups, call, next, submit, manage, dissolve, cancel, destroy };
}
