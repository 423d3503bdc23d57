/**
 * The executable K42: PPCs from dispatcher to dispatcher on one processor, their refusal and retry, asynchronous messages,
 * and the user-level scheduler's Block and Unblock (ExceptionExp.C, DispatcherDefaultExp.C, DispatcherDefault.C).
 */
import type { DomainShape } from "../../model/language/domain.ts";
import { CheckFailed } from "../../model/language/operation.ts";
import { block, type Blocking, commit, type KernelHost, type KernelRoutine, type MachinePath, pause, type Results, type SystemCall } from "../common/path.ts";
import { perObject } from "../common/projection.ts";
import { threadNumber } from "../common/words.ts";
import { Blocks, type Dispatcher, type Thread } from "./blocks.ts";
import { Dispatch } from "./dispatch.ts";

function messageDomain(host: KernelHost): DomainShape {
  const operations = host.instance.objects.flatMap(({ type }) => type.operations);
  const call = operations.find(({ declaration }) => declaration.name === "ppc");
  // Without a dispatcher nobody says anything.
  return (call?.declaration.args as Readonly<Record<string, DomainShape>> | undefined)?.["message"] ?? { kind: "boolean", init: false };
}

export default function k42Path(host: KernelHost): MachinePath {
  const room = Number(host.instance.protocol.kernel.options["buffer"]);
  const blocks = new Blocks(host, messageDomain(host), room);
  const dispatch = new Dispatch(host, blocks);
  const { threads, dispatchers } = blocks;

  /**
   * The thread and its own dispatcher, on which its first operation makes it start. Rules (rules.ts): "start on the dispatcher". After
   * DispatcherDefaultExp.C.
   */
  function* enter({ thread, args }: SystemCall): KernelRoutine<{ readonly me: Thread; readonly own: Dispatcher }> {
    const me = blocks.threadOf(thread);
    const own = blocks.dispatcherOf(args["object"]);
    if (me.dispatcher !== own) {
      if (me.dispatcher !== null) throw new CheckFailed("a thread runs on one dispatcher only");
      me.dispatcher = own;
      yield commit("start on the dispatcher");
      yield pause;
    }
    return { me, own };
  }
  /**
   * Turned away: handles the fault, and sleeps until the target has yielded. Rules (rules.ts): "park for a retry". After IPCRetryManager.C, and
   * ExceptionExp.C, requestNotification.
   */
  function* waitToRetry(rule: string, me: Thread, own: Dispatcher, target: Dispatcher): KernelRoutine<void> {
    dispatch.refuse(me, own, target);
    yield commit(rule);
    yield pause;
    dispatch.park(me, own);
    yield commit("park for a retry");
    while (me.state === "refused") yield block(false);
    yield pause;
  }

  /** Rules (rules.ts): "PPC while disabled", "PPC is refused", "no thread for the call", "PPC". After ExceptionExp.C. */
  function* call(system: SystemCall): KernelRoutine {
    const { me, own } = yield* enter(system);
    const target = blocks.dispatcherOf(system.args["target"]);
    const fails = (error: "ENOMEM" | "disabled"): Results => ({ error, reply: blocks.nothing });
    if (own.disabledBy === me) {
      yield commit("PPC while disabled");
      return fails("disabled");
    }
    while (target.disabledBy !== null) yield* waitToRetry("PPC is refused", me, own, target);
    const server = target.free.dequeue();
    if (server === null) {
      yield commit("no thread for the call");
      return fails("ENOMEM");
    }
    server.state = "running";
    server.caller = me;
    server.message = system.args["message"];
    dispatch.wake(server, me);
    me.state = "calling";
    me.target = target;
    yield commit("PPC");
    while (me.state === "calling") yield block(false);
    return { error: "none", reply: me.answer };
  }

  /**
   * Replies, up to the commit, which is the caller's; what came of it. A caller whose dispatcher is disabled refuses. Rules (rules.ts): "reply is
   * refused". After ExceptionExp.C.
   */
  function* answer({ args }: SystemCall, me: Thread, own: Dispatcher, to: unknown): KernelRoutine<"sent" | "refused"> {
    const caller = blocks.threadOf(threadNumber(to, "caller"));
    for (;;) {
      const home = caller.dispatcher;
      if (home === null || home.disabledBy === null) break;
      if (args["retry"] !== true) return "refused";
      yield* waitToRetry("reply is refused", me, own, home);
    }
    if (caller.state === "calling" && caller.target === own) {
      caller.answer = args["message"];
      caller.state = "running";
      caller.target = null;
      dispatch.wake(caller, me);
    }
    return "sent";
  }
  /** Rules (rules.ts): "reply", "reply is given up". After ExceptionExp.C. */
  function* reply(system: SystemCall): KernelRoutine {
    const { me, own } = yield* enter(system);
    const outcome = yield* answer(system, me, own, system.args["caller"]);
    yield commit(outcome === "sent" ? "reply" : "reply is given up");
    return { outcome };
  }

  const fetch = (own: Dispatcher): Results => {
    const message = own.buffer.dequeue();
    if (message === null) throw new Error(`${own.buffer.name} has lost a message`);
    const { body } = message;
    own.fill--;
    blocks.messages.free(message);
    return { kind: "message", caller: blocks.handleOf(null), message: body };
  };
  /** Rules (rules.ts): "fetch another message", "become free", "find no message", "fetch a message". After DispatcherDefaultExp.C. */
  function* accept(system: SystemCall): KernelRoutine {
    const { me, own } = yield* enter(system);
    if (threadNumber(system.args["answer"], "answer") >= 0) yield* answer(system, me, own, system.args["answer"]);
    if (me.handling && own.fill > 0) {
      if (own.disabledBy === me) dispatch.enable(own, me);
      const fetched = fetch(own);
      yield commit("fetch another message");
      return fetched;
    }
    if (me.handling) own.handlers--;
    me.handling = false;
    let rule = "become free";
    for (;;) {
      me.state = "free";
      own.free.insert(me, own.free.head);
      if (own.disabledBy === me) dispatch.enable(own, me);
      dispatch.schedule(own, me);
      yield commit(rule);
      while (me.state === "free") yield block(false);
      if (me.state === "running") return { kind: "call", caller: blocks.handleOf(me.caller), message: me.message };
      yield pause;
      own.handlerScheduled = false;
      if (own.fill > 0) break;
      rule = "find no message";
    }
    const fetched = fetch(own);
    own.handlers++;
    me.handling = true;
    me.state = "running";
    dispatch.schedule(own, me);
    yield commit("fetch a message");
    return fetched;
  }

  /** Rules (rules.ts): "the buffer is full", "send a message". After DispatcherDefaultExp.C. */
  function* send(system: SystemCall): KernelRoutine {
    const { me } = yield* enter(system);
    const target = blocks.dispatcherOf(system.args["target"]);
    if (target.fill === room) {
      yield commit("the buffer is full");
      return { error: "EBUSY" };
    }
    const message = blocks.messages.allocate();
    if (message === null) throw new Error("a buffer has room, but there is no message left");
    message.body = system.args["message"];
    target.buffer.enqueue(message);
    target.fill++;
    dispatch.schedule(target, me);
    yield commit("send a message");
    return { error: "none" };
  }

  /** Rules (rules.ts): "disable". After DispatcherDefaultExp.C. */
  function* disable(system: SystemCall): KernelRoutine {
    const { me, own } = yield* enter(system);
    own.disabledBy = me;
    yield commit("disable");
    return {};
  }
  /** Rules (rules.ts): "enable". After DispatcherDefaultExp.C. */
  function* enable(system: SystemCall): KernelRoutine {
    const { me, own } = yield* enter(system);
    if (own.disabledBy === me) dispatch.enable(own, me);
    yield commit("enable");
    return {};
  }

  /** Rules (rules.ts): "unblocked already", "block". */
  function* blockSelf({ thread }: SystemCall): KernelRoutine {
    const me = blocks.threadOf(thread);
    if (me.wasUnblocked) {
      me.wasUnblocked = false;
      yield commit("unblocked already");
      return {};
    }
    me.state = "blocked";
    const { dispatcher } = me;
    if (dispatcher !== null && dispatcher.disabledBy === me) dispatch.enable(dispatcher, me);
    yield commit("block");
    while (me.state === "blocked") yield block(false);
    return {};
  }
  /** Rules (rules.ts): "unblock". */
  function* unblock({ thread, args }: SystemCall): KernelRoutine {
    const target = blocks.threadOf(threadNumber(args["target"], "target"));
    if (target.state === "blocked") {
      target.state = "running";
      dispatch.wake(target, blocks.threadOf(thread));
    } else target.wasUnblocked = true;
    yield commit("unblock");
    return {};
  }

  const disabler = (thread: Thread): Thread | null => {
    const by = thread.dispatcher?.disabledBy ?? null;
    return by === thread ? null : by;
  };
  const blocking = (number: number): Blocking | null => {
    const me = threads[number];
    if (me === undefined) return null;
    const { state, target, dispatcher } = me;
    switch (state) {
      case "calling":
        return { queue: `PPC_BLOCKED, calls ${target?.name}`, on: [], until: null };
      case "refused": {
        const by = target?.disabledBy ?? null;
        return { queue: `IPC_RETRY_BLOCKED, refused by ${target?.name}`, on: by === null ? [] : [blocks.numberOf(by)], until: by === null };
      }
      case "blocked":
        return { queue: "BLOCKED", on: [], until: null };
      case "free":
        return { queue: `free on ${dispatcher?.name}`, on: [], until: null };
      case "running":
      case "scheduled":
      case "faulted":
        return null;
    }
  };

  const phases = { running: "user", free: "pool", scheduled: "handler", faulted: "refused", refused: "retry", calling: "ppc", blocked: "blocked" };
  const each = (value: (dispatcher: Dispatcher) => unknown): readonly unknown[] => perObject(host.instance, dispatchers, value);
  return {
    calls: { ppc: call, reply, accept, send, disable, enable, block: blockSelf, unblock },
    interrupts: {},
    blocking,
    halted: (number) => {
      const me = threads[number];
      const by = me === undefined ? null : disabler(me);
      return by === null ? null : { queue: `not scheduled: ${me?.dispatcher?.name} is disabled`, on: [blocks.numberOf(by)], until: null };
    },
    // Nothing of this kernel ends a thread.
    forget: () => {},
    project: () => ({
      "thread.phase": threads.map(({ state }) => phases[state]),
      "thread.home": threads.map(({ dispatcher }) => blocks.indexOf(dispatcher)),
      "thread.target": threads.map(({ target }) => blocks.indexOf(target)),
      "thread.unblocked": threads.map(({ wasUnblocked }) => wasUnblocked),
      "thread.busy": threads.map(({ handling }) => handling),
      ...(dispatchers.size === 0
        ? {}
        : {
            "dispatcher.owner": each(({ disabledBy }) => blocks.handleOf(disabledBy)),
            "dispatcher.retrySources": each(({ retrySources }) => retrySources),
            "dispatcher.ipcRetry": each(({ retryNotified }) => retryNotified),
            "dispatcher.pool": each(({ free }) => Array.from(free, (thread) => blocks.handleOf(thread))),
            "dispatcher.messages": each(({ buffer }) => Array.from(buffer, ({ body }) => body)),
            "dispatcher.readyHandler": each(({ handlerScheduled }) => handlerScheduled),
            "dispatcher.busyHandlers": each(({ handlers }) => handlers),
          }),
    }),
    audit: (asleep) => [
      ...[...dispatchers.values()].flatMap(({ name, free, refused, buffer, fill }) => [
        ...[free, refused].filter((line) => !line.consistent(threads.length)).map((line) => `the links of the ${line.name} are broken`),
        ...(buffer.consistent(room) ? [] : [`the links of the ${buffer.name} are broken`]),
        ...([...buffer].length === fill ? [] : [`${name} has miscounted its messages`]),
      ]),
      ...threads.flatMap((thread, number) => {
        const { name, state, dispatcher } = thread;
        const sleeps = state === "free" || state === "refused" || state === "calling" || state === "blocked";
        const isListed = state === "free" ? dispatcher?.free.has(thread) : state === "refused" ? dispatcher?.refused.has(thread) : !thread.links.isQueued();
        return [
          ...(sleeps && !asleep(number) ? [`${name} is ${state} but runs`] : []),
          ...(isListed === true ? [] : [`${name} is ${state} but in a wrong list`]),
        ];
      }),
    ],
  };
}
