/**
 * Replies. Without MCS the capability to reply lies in the caller slot of the thread that received the call; SaveCaller
 * moves it to a slot of a capability table. With MCS it is a reply object (src/object/reply.c). A reply never blocks, and
 * one to nobody does nothing.
 */
import { bool, type Domain, nobody, type ObjectRef, objectRef, type Operation, operation } from "../../model/language/index.ts";
import { removeCall } from "./contexts.ts";
import type { Ipc } from "./ipc.ts";
import { callerSlot, replyObject, savedSlot } from "./state.ts";
import type { System } from "./threads.ts";

type Nothing = Readonly<Record<never, Domain>>;
type OfObject = { readonly object: Domain<ObjectRef> };
type OfMessage<M> = { readonly object: Domain<ObjectRef>; readonly message: Domain<M> };

export interface CallerSlots<M> {
  readonly reply: Operation<{ readonly message: Domain<M> }, Nothing>;
  readonly save: Operation<OfObject, { readonly saved: Domain<boolean> }>;
  readonly replyTo: Operation<OfMessage<M>, Nothing>;
  readonly drop: Operation<OfObject, Nothing>;
}
export interface ReplyObjects<M> {
  readonly send: Operation<OfMessage<M>, Nothing>;
  readonly remove: Operation<OfObject, Nothing>;
}

/** Without MCS. */
export function callerSlotsOf<M>({ message }: System<M>, ipc: Ipc<M>): CallerSlots<M> {
  const reply = operation({
    name: "reply",
    args: { message },
    result: {},
    rules: {
      reply: {
        when: (k) => k.of(callerSlot, k.self).caller !== nobody,
        do: (k) => {
          const { caller } = k.of(callerSlot, k.self);
          k.of(callerSlot, k.self).caller = nobody;
          ipc.answer(k, caller, k.args.message);
          k.complete(k.self, {});
        },
      },
      "reply to nobody": {
        when: (k) => k.of(callerSlot, k.self).caller === nobody,
        do: (k) => k.complete(k.self, {}),
      },
    },
  });
  /** CNode_SaveCaller fails if the slot is full; without a caller it moves nothing. */
  const save = operation({
    name: "saved.save",
    args: { object: objectRef },
    result: { saved: bool() },
    rules: {
      "save the caller": {
        when: (k) => k.of(savedSlot, k.args.object).caller === nobody,
        do: (k) => {
          const mine = k.of(callerSlot, k.self);
          k.of(savedSlot, k.args.object).caller = mine.caller;
          mine.caller = nobody;
          k.complete(k.self, { saved: true });
        },
      },
      "fail to save the caller": {
        when: (k) => k.of(savedSlot, k.args.object).caller !== nobody,
        do: (k) => k.complete(k.self, { saved: false }),
      },
    },
  });
  const replyTo = operation({
    name: "saved.reply",
    args: { object: objectRef, message },
    result: {},
    rules: {
      "reply to the saved caller": {
        when: (k) => k.of(savedSlot, k.args.object).caller !== nobody,
        do: (k) => {
          const { caller } = k.of(savedSlot, k.args.object);
          k.of(savedSlot, k.args.object).caller = nobody;
          ipc.answer(k, caller, k.args.message);
          k.complete(k.self, {});
        },
      },
      "reply to an empty slot": {
        when: (k) => k.of(savedSlot, k.args.object).caller === nobody,
        do: (k) => k.complete(k.self, {}),
      },
    },
  });
  /** Deleting a reply capability does nothing to the caller, who waits on. */
  const drop = operation({
    name: "saved.delete",
    args: { object: objectRef },
    result: {},
    rules: {
      "delete the saved capability": {
        do: (k) => {
          k.of(savedSlot, k.args.object).caller = nobody;
          k.complete(k.self, {});
        },
      },
    },
  });
  return { reply, save, replyTo, drop };
}

/** With MCS. */
export function replyObjectsOf<M>(system: System<M>, ipc: Ipc<M>): ReplyObjects<M> {
  const { message, tcb } = system;
  const send: ReplyObjects<M>["send"] = operation({
    name: "reply.send",
    args: { object: objectRef, message },
    result: {},
    rules: {
      reply: {
        when: (k) => k.of(replyObject, k.args.object).tcb !== nobody && k.of(tcb, k.of(replyObject, k.args.object).tcb).state === "blocked-on-reply",
        do: (k) => {
          const caller = k.of(replyObject, k.args.object).tcb;
          removeCall(k, k.args.object);
          ipc.answer(k, caller, k.args.message);
          k.complete(k.self, {});
        },
      },
      "reply to nobody": {
        when: (k) => k.of(replyObject, k.args.object).tcb === nobody || k.of(tcb, k.of(replyObject, k.args.object).tcb).state !== "blocked-on-reply",
        do: (k) => k.complete(k.self, {}),
      },
    },
  });
  /** finaliseCap of the last capability: a caller is suspended, and so is a receiver that waits with the object. */
  const remove: ReplyObjects<M>["remove"] = operation({
    name: "reply.delete",
    args: { object: objectRef },
    result: {},
    general: false,
    rules: {
      "delete an unused reply object": {
        when: (k) => k.of(replyObject, k.args.object).tcb === nobody,
        do: (k) => {
          k.of(replyObject, k.args.object).deleted = true;
          k.complete(k.self, {});
        },
      },
      "delete the reply object of a caller": {
        when: (k) => k.of(replyObject, k.args.object).tcb !== nobody && k.of(tcb, k.of(replyObject, k.args.object).tcb).state === "blocked-on-reply",
        do: (k) => {
          const caller = k.of(replyObject, k.args.object).tcb;
          removeCall(k, k.args.object);
          system.stop(k, caller);
          k.of(replyObject, k.args.object).deleted = true;
          k.complete(k.self, {});
        },
      },
      "delete the reply object of a receiver": {
        when: (k) => k.of(replyObject, k.args.object).tcb !== nobody && k.of(tcb, k.of(replyObject, k.args.object).tcb).state !== "blocked-on-reply",
        do: (k) => {
          const receiver = k.of(replyObject, k.args.object).tcb;
          if (!system.leavesReceiverQueued) system.cancel(k, receiver);
          k.of(replyObject, k.args.object).tcb = nobody;
          system.stop(k, receiver);
          k.of(replyObject, k.args.object).deleted = true;
          k.complete(k.self, {});
        },
      },
    },
  });
  return { send, remove };
}
