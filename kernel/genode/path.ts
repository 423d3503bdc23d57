/**
 * The executable Genode, after base (rpc_dispatch_loop.cc, signal.cc) and base-hw (ipc_node.cc, signal.cc): entrypoints with
 * their queues, core's signal contexts, and the signal proxies, which are no threads of the protocol but run in the kernel
 * calls that concern them.
 */
import type { DomainShape } from "../../model/language/domain.ts";
import type { ObjectRef } from "../../model/language/kernel.ts";
import { OutOfRange } from "../../model/language/operation.ts";
import { block, type Blocking, commit, type KernelHost, type KernelRoutine, type MachinePath, type Results, type SystemCall } from "../common/path.ts";
import { perObject } from "../common/projection.ts";
import { threadNumber } from "../common/words.ts";
import { Blocks, type Content, type Context, type Entrypoint, type Thread } from "./blocks.ts";

function messageDomain(host: KernelHost): DomainShape {
  const operations = host.instance.objects.flatMap(({ type }) => type.operations);
  const call = operations.find(({ declaration }) => declaration.name === "call");
  // Without an entrypoint nobody says anything.
  return (call?.declaration.args as Readonly<Record<string, DomainShape>> | undefined)?.["message"] ?? { kind: "boolean", init: false };
}

export default function genodePath(host: KernelHost): MachinePath {
  const core = host.instance.protocol.kernel.options["core"];
  const most = Number(host.instance.protocol.kernel.options["counts"]);
  const blocks = new Blocks(host, messageDomain(host));
  const { threads, entrypoints, contexts } = blocks;

  const named = <T>(objects: ReadonlyMap<number, T>, ref: unknown): T => {
    const { name, index } = ref as ObjectRef;
    const found = objects.get(index);
    if (found === undefined) throw new OutOfRange(`${name} is none`);
    return found;
  };
  const threadOf = (number: number): Thread => {
    const found = threads[number];
    if (found === undefined) throw new OutOfRange("nobody is no thread");
    return found;
  };
  const wake = (thread: Thread): void => host.wake(blocks.numberOf(thread));
  const settle = (thread: Thread): void => {
    thread.state = "none";
    thread.at = null;
  };

  const answered = (me: Thread): Results => ({ error: me.failed ? "ipc-error" : "none", reply: me.failed ? blocks.nothing : me.reply });
  const request = (me: Thread): Results => ({
    kind: me.context === null ? "rpc" : "signal",
    caller: blocks.handleOf(me.caller),
    message: me.message,
    context: blocks.indexOf(me.context),
    count: me.count,
  });

  /** The entrypoint's thread gets a request to work on. */
  const dispatch = (entrypoint: Entrypoint, server: Thread, { caller, message, context, count }: Content): void => {
    entrypoint.serving = context === null ? "rpc" : "signal";
    entrypoint.caller = caller;
    entrypoint.context = context;
    entrypoint.server = null;
    server.caller = caller;
    server.message = message;
    server.context = context;
    server.count = count;
    settle(server);
  };
  /** Somebody calls the entrypoint: a client, or its signal proxy. */
  const arrive = (entrypoint: Entrypoint, content: Content): void => {
    const { server } = entrypoint;
    if (server === null) {
      blocks.enqueue(entrypoint, content);
      return;
    }
    dispatch(entrypoint, server, content);
    wake(server);
  };
  /** Core answers the proxy's wait_for_signal; the proxy calls the entrypoint. */
  const deliver = (entrypoint: Entrypoint, context: Context): void => {
    const count = context.submits;
    context.submits = 0;
    context.outstanding = true;
    entrypoint.proxyWaits = false;
    arrive(entrypoint, { caller: null, message: blocks.nothing, context, count });
  };
  /** No delivery of the context is outstanding any more: whoever dissolves it goes on. */
  const handled = (context: Context): void => {
    context.outstanding = false;
    for (const thread of threads) {
      if (thread.dissolving !== context) continue;
      thread.dissolving = null;
      settle(thread);
      wake(thread);
    }
  };
  /** The proxy's call returns: it asks core for the next signal. */
  const proxyReturns = (entrypoint: Entrypoint): void => {
    const { context } = entrypoint;
    if (context !== null) {
      handled(context);
      if (core === "base-hw" && context.submits > 0 && context.managedBy === entrypoint) blocks.makeDeliverable(entrypoint, context);
    }
    entrypoint.proxyWaits = true;
    const next = entrypoint.deliverable.dequeue();
    if (next !== null) deliver(entrypoint, next);
  };

  /** Rules (rules.ts): "call an entrypoint that is gone", "call". After ipc_node.cc. */
  function* call({ thread, args }: SystemCall): KernelRoutine {
    const me = threadOf(thread);
    const entrypoint = named(entrypoints, args["object"]);
    if (entrypoint.destroyed) {
      yield commit("call an entrypoint that is gone");
      return { error: "ipc-error", reply: blocks.nothing };
    }
    me.state = "calling";
    me.at = entrypoint;
    arrive(entrypoint, { caller: me, message: args["message"], context: null, count: 0 });
    yield commit("call");
    yield block(false);
    return answered(me);
  }

  /** Rules (rules.ts): "reply and wait", "acknowledge and wait", "wait for the first request". After rpc_dispatch_loop.cc and ipc_node.cc. */
  function* replyAndWait({ thread, args }: SystemCall): KernelRoutine {
    const me = threadOf(thread);
    const entrypoint = named(entrypoints, args["object"]);
    const { serving, caller } = entrypoint;
    if (serving === "rpc" && caller !== null) {
      caller.failed = false;
      caller.reply = args["reply"];
      settle(caller);
      wake(caller);
    }
    if (serving === "signal") proxyReturns(entrypoint);
    entrypoint.serving = "nothing";
    entrypoint.caller = null;
    entrypoint.context = null;
    const { head } = entrypoint.queue;
    if (head === null) {
      entrypoint.server = me;
      me.state = "waiting";
      me.at = entrypoint;
    } else dispatch(entrypoint, me, blocks.dequeue(entrypoint, head));
    yield commit(serving === "rpc" ? "reply and wait" : serving === "signal" ? "acknowledge and wait" : "wait for the first request");
    if (head === null) yield block(false);
    return request(me);
  }

  /** Rules (rules.ts): "submit to an invalid capability", "submit". After signal.cc of base-hw. */
  function* submit({ args }: SystemCall): KernelRoutine {
    const context = named(contexts, args["object"]);
    const to = context.managedBy;
    if (to === null) {
      yield commit("submit to an invalid capability");
      return {};
    }
    const count = (): void => {
      context.submits = Math.min(context.submits + 1, most);
    };
    if (core === "base-hw" && context.outstanding) count();
    else if (!to.proxyWaits) {
      count();
      blocks.makeDeliverable(to, context);
    } else if (core === "11.11") {
      // The proxy is answered with the count as it was; then the signal is counted and queued all the same.
      deliver(to, context);
      count();
      blocks.makeDeliverable(to, context);
    } else {
      count();
      deliver(to, context);
    }
    yield commit("submit");
    return {};
  }

  /** Rules (rules.ts): "managed already", "manage". After signal.cc of base. */
  function* manage({ args }: SystemCall): KernelRoutine {
    const context = named(contexts, args["object"]);
    const isManaged = context.managedBy !== null || context.outstanding;
    if (!isManaged) context.managedBy = named(entrypoints, args["entrypoint"]);
    yield commit(isManaged ? "managed already" : "manage");
    return {};
  }

  /** Rules (rules.ts): "invalid already", "invalidate". After signal.cc of base. */
  function* dissolve({ thread, args }: SystemCall): KernelRoutine {
    const me = threadOf(thread);
    const context = named(contexts, args["object"]);
    const from = context.managedBy;
    if (from !== null) {
      if (from.deliverable.has(context)) from.deliverable.remove(context);
      context.managedBy = null;
      context.submits = 0;
    }
    const waits = context.outstanding;
    if (waits) {
      me.state = "dissolving";
      me.dissolving = context;
    }
    yield commit(from === null ? "invalid already" : "invalidate");
    if (waits) yield block(false);
    return {};
  }

  /** Rules (rules.ts): "nothing to cancel", "cancel a call". After ipc_node.cc. */
  function* cancel({ args }: SystemCall): KernelRoutine {
    const target = threadOf(threadNumber(args["target"], "target"));
    const { at } = target;
    if (target.state !== "calling" || at === null) {
      yield commit("nothing to cancel");
      return {};
    }
    const queued = [...at.queue].find(({ caller }) => caller === target);
    if (queued !== undefined) blocks.dequeue(at, queued);
    else at.caller = null;
    target.failed = true;
    settle(target);
    wake(target);
    yield commit("cancel a call");
    return {};
  }

  /** Rules (rules.ts): "destroy". After ipc_node.cc. */
  function* destroy({ args }: SystemCall): KernelRoutine {
    const entrypoint = named(entrypoints, args["object"]);
    entrypoint.destroyed = true;
    entrypoint.caller = null;
    for (const queued of [...entrypoint.queue]) {
      const { context } = blocks.dequeue(entrypoint, queued);
      if (context === null) continue;
      handled(context);
      entrypoint.proxyWaits = true;
    }
    while (entrypoint.deliverable.dequeue() !== null);
    for (const context of contexts.values()) {
      if (context.managedBy !== entrypoint) continue;
      context.managedBy = null;
      context.submits = 0;
    }
    for (const thread of threads) {
      if (thread.state !== "calling" || thread.at !== entrypoint) continue;
      thread.failed = true;
      settle(thread);
      wake(thread);
    }
    yield commit("destroy");
    return {};
  }

  const blocking = (number: number): Blocking | null => {
    const me = threads[number];
    if (me === undefined) return null;
    if (me.dissolving !== null) return { queue: `waiting for the acknowledgement of ${me.dissolving.name}`, on: [], until: null };
    const { at } = me;
    if (at === null) return null;
    if (me.state === "waiting") return { queue: `waiting for a request or a signal at ${at.name}`, on: [], until: null };
    const place = [...at.queue].findIndex(({ caller }) => caller === me);
    return { queue: place < 0 ? `in an RPC that ${at.name} is working on` : `in an RPC, place ${place + 1} in the ${at.queue.name}`, on: [], until: null };
  };

  const each = <T>(objects: ReadonlyMap<number, T>, value: (object: T) => unknown): readonly unknown[] => perObject(host.instance, objects, value);
  return {
    calls: { call, reply_and_wait: replyAndWait, submit, manage, dissolve, cancel_blocking: cancel, destroy },
    interrupts: {},
    blocking,
    // Nothing of this kernel ends a thread.
    forget: () => {},
    project: () => ({
      "rpc.state": threads.map(({ state }) => state),
      "rpc.object": threads.map(({ at, dissolving }) => blocks.indexOf(at ?? dissolving)),
      ...(entrypoints.size === 0
        ? {}
        : {
            "entrypoint.queue": each(entrypoints, ({ queue }) =>
              Array.from(queue, ({ caller, message, context, count }) => ({
                caller: blocks.handleOf(caller),
                message,
                context: blocks.indexOf(context),
                count,
              })),
            ),
            "entrypoint.serving": each(entrypoints, ({ serving }) => serving),
            "entrypoint.caller": each(entrypoints, ({ caller }) => blocks.handleOf(caller)),
            "entrypoint.context": each(entrypoints, ({ context }) => blocks.indexOf(context)),
            "entrypoint.server": each(entrypoints, ({ server }) => blocks.handleOf(server)),
            "entrypoint.deliverable": each(entrypoints, ({ deliverable }) => Array.from(deliverable, (context) => blocks.indexOf(context))),
            "entrypoint.proxy": each(entrypoints, ({ proxyWaits }) => !proxyWaits),
            "entrypoint.destroyed": each(entrypoints, ({ destroyed }) => destroyed),
          }),
      ...(contexts.size === 0
        ? {}
        : {
            "context.entrypoint": each(contexts, ({ managedBy }) => blocks.indexOf(managedBy)),
            "context.submits": each(contexts, ({ submits }) => submits),
            "context.outstanding": each(contexts, ({ outstanding }) => outstanding),
          }),
    }),
    audit: (asleep) => [
      ...[...entrypoints.values()].flatMap(({ name, queue, free, deliverable, server }) => [
        ...[queue, free].filter((requests) => !requests.consistent(threads.length)).map((requests) => `the links of the ${requests.name} are broken`),
        ...(deliverable.consistent(contexts.size) ? [] : [`the links of the ${deliverable.name} are broken`]),
        ...([...queue].length + [...free].length === threads.length ? [] : [`${name} has lost a request`]),
        ...(server !== null && queue.head !== null ? [`${name} waits although requests are queued`] : []),
      ]),
      ...threads.flatMap((thread, number) => (thread.state === "none" || asleep(number) ? [] : [`${thread.name} is ${thread.state} but runs`])),
    ],
  };
}
