/**
 * K42's protected procedure calls as a model (ExceptionExp.C, DispatcherDefaultExp.C, IPCRetryManager.C). A PPC hands the
 * processor to the target's dispatcher, where a fresh thread runs it; without a free thread it fails with ENOMEM. A disabled
 * dispatcher takes nothing in: PPCs to it and replies to its threads are refused. The kernel then notes the source at the
 * target, the source's dispatcher, disabled since the fault, puts the thread on its retry list, and when the target yields,
 * the source is notified and the thread tries again. A reply that matches no call is dropped.
 *
 * Refusal and parking are two steps, as others run between them. `faultEntry: "enabled"` is the mutant in which the
 * dispatcher is not disabled there.
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
  type RuleContext,
  type StateContext,
  threadId,
  type ThreadId,
  type Wait,
} from "../../model/language/index.ts";
import type { Call } from "../../model/language/operation.ts";
import type { DeclaredObject, Held } from "../../model/language/kernel.ts";
import type { Answer, Request } from "./index.ts";
import { bitOf, scheduling } from "./scheduling.ts";
import { type DispatcherGroup, dispatchersOf, thread } from "./state.ts";

type Kernel = Pick<RuleContext, "of" | "threads" | "objects" | "self">;

export interface Variant {
  readonly faultEntry: "disabled" | "enabled";
  readonly handlers: number;
  readonly buffer: number;
}
export interface Operations<M> {
  readonly dispatcher: DispatcherGroup<M>;
  readonly call: Call<{ readonly object: ObjectRef; readonly target: ObjectRef; readonly message: M }, Answer<M>>;
  readonly reply: Call<
    { readonly object: ObjectRef; readonly caller: ThreadId; readonly message: M; readonly retry: boolean },
    { readonly outcome: "sent" | "refused" }
  >;
  readonly accept: Call<
    { readonly object: ObjectRef; readonly idle: boolean; readonly answer: ThreadId; readonly message: M; readonly retry: boolean },
    Request<M>
  >;
  readonly send: Call<{ readonly object: ObjectRef; readonly target: ObjectRef; readonly message: M }, { readonly error: "none" | "EBUSY" }>;
  readonly disable: Call<{ readonly object: ObjectRef }, object>;
  readonly enable: Call<{ readonly object: ObjectRef }, object>;
  readonly block: Call<{ readonly idle: boolean }, object>;
  readonly unblock: Call<{ readonly target: ThreadId }, object>;
}

/** The most general client runs on the first dispatcher that it holds, and calls the others. */
function parties({ objects }: Held): { readonly own: readonly ObjectRef[]; readonly others: readonly ObjectRef[] } {
  const all = objects.filter(({ type }: DeclaredObject) => type.name === "dispatcher").map(({ ref }) => ref);
  return { own: all.slice(0, 1), others: all.slice(1) };
}

/** Builds the operations of a system. `values`: what the most general client says. */
export function operationsOf<M>(message: Domain<M>, values: readonly M[], variant: Variant): Operations<M> {
  const { faultEntry, handlers, buffer } = variant;
  const dispatcher = dispatchersOf(message, buffer, handlers);
  const nothing = initialOf(message);
  const { enableNow, scheduleHandler } = scheduling(dispatcher, handlers);

  type Own = { readonly args: { readonly object: ObjectRef } };
  /** It runs on the dispatcher whose operation this is. */
  const isHere = (k: Pick<StateContext, "of" | "self"> & Own): boolean => k.of(thread, k.self).home === k.args.object.index;
  const isUser = (k: Pick<StateContext, "of" | "self"> & Own): boolean => isHere(k) && k.of(thread, k.self).phase === "user";
  const isEnabled = (k: Pick<StateContext, "of">, object: number): boolean => k.of(dispatcher, object).owner === nobody;
  const isOwner = (k: Pick<StateContext, "of" | "self"> & Own): boolean => k.of(dispatcher, k.args.object).owner === k.self;

  /** A thread belongs to the dispatcher that it first does something on. */
  const start = {
    when: (k: StateContext<{ readonly object: typeof objectRef }>) => !isHere(k),
    do: (k: RuleContext<{ readonly object: typeof objectRef }>) => {
      if (k.of(thread, k.self).home >= 0) k.panic("a thread runs on one dispatcher only");
      k.of(thread, k.self).home = k.args.object.index;
    },
  };
  const leaveDisabled = (k: Kernel & Own): void => {
    if (isOwner(k)) enableNow(k, k.args.object.index);
  };
  const run = (k: Pick<RuleContext, "of">, who: ThreadId): void => {
    k.of(thread, who).phase = "user";
    k.of(thread, who).target = -1;
  };

  /** requestNotification, and the fault entry of the source. */
  const refuse = (k: Kernel & Own, target: number): void => {
    k.of(dispatcher, target).retrySources = k.of(dispatcher, target).retrySources | bitOf(k.args.object.index);
    k.of(thread, k.self).phase = "refused";
    k.of(thread, k.self).target = target;
    if (faultEntry === "disabled") k.of(dispatcher, k.args.object).owner = k.self;
  };
  /** IPCFaultOnThread: on the list, and on to the next thread. */
  const park = {
    when: (k: StateContext<{ readonly object: typeof objectRef }>) => isHere(k) && k.of(thread, k.self).phase === "refused",
    do: (k: RuleContext<{ readonly object: typeof objectRef }>) => {
      k.of(thread, k.self).phase = "retry";
      leaveDisabled(k);
    },
  };
  const isElsewhere = (k: StateContext, other: ThreadId, object: number): boolean => {
    const { home } = k.of(thread, other);
    return home === object || home < 0;
  };
  const retrying: Wait = {
    when: (k) => k.of(thread, k.self).phase === "retry",
    says: "IPC_RETRY_BLOCKED (refused, until the target yields)",
    kind: "send",
    wakers: [
      {
        by: ["ppc", "reply", "accept", "enable", "block"],
        anywhere: true,
        when: (k, other) => isElsewhere(k, other, k.of(thread, k.self).target) || k.of(thread, other).home === k.of(thread, k.self).home,
      },
    ],
    until: (k) => isEnabled(k, k.of(thread, k.self).target),
  };

  /** The dispatcher of the caller refuses the reply. */
  const isRefused = (k: Pick<StateContext, "of">, caller: ThreadId): boolean => k.of(thread, caller).home >= 0 && !isEnabled(k, k.of(thread, caller).home);
  /** A reply that matches no call is dropped: whoever waits for somebody else, or for nobody, does not see it. */
  const answer = (k: RuleContext & Own, to: ThreadId, value: M): void => {
    const caller = k.of(thread, to);
    if (caller.phase === "ppc" && caller.target === k.args.object.index) {
      run(k, to);
      k.completeOf(call, to, { error: "none", reply: value });
    }
  };

  const acceptArguments = { object: objectRef, idle: bool(), answer: threadId, message, retry: bool() };
  type Accepting = StateContext<typeof acceptArguments>;
  /** First it has to reply, and that is refused. */
  const isTurnedAway = (k: Accepting): boolean => k.args.answer !== nobody && k.args.retry && isRefused(k, k.args.answer);
  const answerFirst = (k: RuleContext<typeof acceptArguments>): void => {
    if (k.args.answer !== nobody && !isRefused(k, k.args.answer)) answer(k as never, k.args.answer, k.args.message);
  };
  const accept = operation({
    name: "accept",
    args: acceptArguments,
    result: { kind: oneOf("call", "message"), caller: threadId, message },
    general: (held) => parties(held).own.map((object) => ({ object, idle: true, answer: nobody, message: nothing, retry: true })),
    rules: {
      "start on the dispatcher": start,
      "reply is refused": {
        when: (k) => isUser(k) && isTurnedAway(k),
        do: (k) => refuse(k, k.of(thread, k.args.answer).home),
      },
      "park for a retry": park,
      "fetch another message": {
        when: (k) => isUser(k) && !isTurnedAway(k) && k.of(thread, k.self).busy && k.of(dispatcher, k.args.object).messages.length > 0,
        do: (k) => {
          answerFirst(k);
          leaveDisabled(k);
          k.complete(k.self, { kind: "message", caller: nobody, message: k.of(dispatcher, k.args.object).messages.shift() });
        },
      },
      "become free": {
        when: (k) => isUser(k) && !isTurnedAway(k) && !(k.of(thread, k.self).busy && k.of(dispatcher, k.args.object).messages.length > 0),
        do: (k) => {
          answerFirst(k);
          const here = k.of(dispatcher, k.args.object);
          if (k.of(thread, k.self).busy) here.busyHandlers -= 1;
          k.of(thread, k.self).busy = false;
          k.of(thread, k.self).phase = "pool";
          here.pool.insert(0, k.self);
          leaveDisabled(k);
          scheduleHandler(k, k.args.object.index);
        },
      },
      "fetch a message": {
        when: (k) => isHere(k) && k.of(thread, k.self).phase === "handler" && k.of(dispatcher, k.args.object).messages.length > 0,
        do: (k) => {
          const here = k.of(dispatcher, k.args.object);
          const fetched = here.messages.shift();
          here.readyHandler = false;
          here.busyHandlers += 1;
          k.of(thread, k.self).busy = true;
          run(k, k.self);
          scheduleHandler(k, k.args.object.index);
          k.complete(k.self, { kind: "message", caller: nobody, message: fetched });
        },
      },
      "find no message": {
        when: (k) => isHere(k) && k.of(thread, k.self).phase === "handler" && k.of(dispatcher, k.args.object).messages.length === 0,
        do: (k) => {
          k.of(dispatcher, k.args.object).readyHandler = false;
          k.of(thread, k.self).phase = "pool";
          k.of(dispatcher, k.args.object).pool.insert(0, k.self);
        },
      },
    },
    waits: {
      retrying,
      free: {
        says: "free, for a call or a message",
        kind: "receive",
        wakers: [{ by: ["ppc", "send"], anywhere: true }],
        idle: (k) => k.args.idle,
      },
    },
  });

  const call = operation({
    name: "ppc",
    args: { object: objectRef, target: objectRef, message },
    result: { error: oneOf("none", "ENOMEM", "disabled"), reply: message },
    guarded: { by: "error", ok: "none", fields: ["reply"] },
    general: (held) => {
      const { own, others } = parties(held);
      return own.flatMap((object) => others.flatMap((target) => values.map((value) => ({ object, target, message: value }))));
    },
    rules: {
      "start on the dispatcher": start,
      "PPC while disabled": {
        when: (k) => isUser(k) && isOwner(k),
        do: (k) => k.complete(k.self, { error: "disabled", reply: nothing }),
      },
      PPC: {
        when: (k) => isUser(k) && !isOwner(k) && isEnabled(k, k.args.target.index) && k.of(dispatcher, k.args.target).pool.length > 0,
        do: (k) => {
          const server = k.of(dispatcher, k.args.target).pool.shift();
          k.of(thread, k.self).phase = "ppc";
          k.of(thread, k.self).target = k.args.target.index;
          run(k, server);
          k.completeOf(accept, server, { kind: "call", caller: k.self, message: k.args.message });
        },
      },
      "no thread for the call": {
        when: (k) => isUser(k) && !isOwner(k) && isEnabled(k, k.args.target.index) && k.of(dispatcher, k.args.target).pool.length === 0,
        do: (k) => k.complete(k.self, { error: "ENOMEM", reply: nothing }),
      },
      "PPC is refused": {
        when: (k) => isUser(k) && !isOwner(k) && !isEnabled(k, k.args.target.index),
        do: (k) => refuse(k, k.args.target.index),
      },
      "park for a retry": park,
    },
    waits: {
      retrying,
      replied: {
        says: "PPC_BLOCKED (until the reply)",
        kind: "reply",
        wakers: [{ by: ["reply", "accept"], anywhere: true, when: (k, other) => isElsewhere(k, other, k.of(thread, k.self).target) }],
      },
    },
  });

  const reply = operation({
    name: "reply",
    args: { object: objectRef, caller: threadId, message, retry: bool() },
    result: { outcome: oneOf("sent", "refused") },
    general: (held) =>
      parties(held).own.flatMap((object) => held.threads.flatMap((caller) => values.map((value) => ({ object, caller, message: value, retry: true })))),
    rules: {
      "start on the dispatcher": start,
      reply: {
        when: (k) => isUser(k) && !isRefused(k, k.args.caller),
        do: (k) => {
          answer(k as never, k.args.caller, k.args.message);
          k.complete(k.self, { outcome: "sent" });
        },
      },
      "reply is refused": {
        when: (k) => isUser(k) && isRefused(k, k.args.caller) && k.args.retry,
        do: (k) => refuse(k, k.of(thread, k.args.caller).home),
      },
      "reply is given up": {
        when: (k) => isUser(k) && isRefused(k, k.args.caller) && !k.args.retry,
        do: (k) => k.complete(k.self, { outcome: "refused" }),
      },
      "park for a retry": park,
    },
    waits: { retrying },
  });

  const send = operation({
    name: "send",
    args: { object: objectRef, target: objectRef, message },
    result: { error: oneOf("none", "EBUSY") },
    general: (held) => {
      const { own, others } = parties(held);
      return own.flatMap((object) => others.flatMap((target) => values.map((value) => ({ object, target, message: value }))));
    },
    rules: {
      "start on the dispatcher": start,
      "send a message": {
        when: (k) => isUser(k) && k.of(dispatcher, k.args.target).messages.length < buffer,
        do: (k) => {
          k.of(dispatcher, k.args.target).messages.push(k.args.message);
          scheduleHandler(k, k.args.target.index);
          k.complete(k.self, { error: "none" });
        },
      },
      "the buffer is full": {
        when: (k) => isUser(k) && k.of(dispatcher, k.args.target).messages.length === buffer,
        do: (k) => k.complete(k.self, { error: "EBUSY" }),
      },
    },
  });

  const disable = operation({
    name: "disable",
    args: { object: objectRef },
    result: {},
    general: (held) => parties(held).own.map((object) => ({ object })),
    rules: {
      "start on the dispatcher": start,
      disable: {
        when: isUser,
        do: (k) => {
          k.of(dispatcher, k.args.object).owner = k.self;
          k.complete(k.self, {});
        },
      },
    },
  });
  /** The preemption that a refusal has requested happens now: the dispatcher yields, and who was refused is notified. */
  const enable = operation({
    name: "enable",
    args: { object: objectRef },
    result: {},
    general: (held) => parties(held).own.map((object) => ({ object })),
    rules: {
      "start on the dispatcher": start,
      enable: {
        when: isUser,
        do: (k) => {
          leaveDisabled(k);
          k.complete(k.self, {});
        },
      },
    },
  });

  /** A latch of one bit: an Unblock before the Block is not lost, a second one is. */
  const block = operation({
    name: "block",
    args: { idle: bool() },
    result: {},
    general: false,
    rules: {
      "unblocked already": {
        when: (k) => k.of(thread, k.self).phase === "user" && k.of(thread, k.self).unblocked,
        do: (k) => {
          k.of(thread, k.self).unblocked = false;
          k.complete(k.self, {});
        },
      },
      block: {
        when: (k) => k.of(thread, k.self).phase === "user" && !k.of(thread, k.self).unblocked,
        do: (k) => {
          const { home } = k.of(thread, k.self);
          k.of(thread, k.self).phase = "blocked";
          if (k.objects(dispatcher).length > 0 && home >= 0 && k.of(dispatcher, home).owner === k.self) enableNow(k, home);
        },
      },
    },
    waits: {
      blocked: { says: "BLOCKED (in Block, until Unblock)", kind: "sleep", wakers: [{ by: ["unblock"] }], idle: (k) => k.args.idle },
    },
  });
  const unblock = operation({
    name: "unblock",
    args: { target: threadId },
    result: {},
    general: false,
    rules: {
      unblock: {
        do: (k) => {
          const target = k.of(thread, k.args.target);
          if (target.phase === "blocked") {
            target.phase = "user";
            k.completeOf(block, k.args.target, {});
          } else target.unblocked = true;
          k.complete(k.self, {});
        },
      },
    },
  });
  return { dispatcher, call, reply, accept, send, disable, enable, block, unblock };
}
