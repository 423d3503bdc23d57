/**
 * What threads do to threads: ExchangeRegisters (exregs.cc) ends IPCs and halts, ThreadControl (thread.cc) deletes, creates
 * under an id, and moves into a space.
 */
import {
  bool,
  type Domain,
  type Halt,
  nobody,
  oneOf,
  type Operation,
  operation,
  type Rule,
  type RuleContext,
  type StateContext,
  threadId,
  type ThreadId,
} from "../../model/language/index.ts";
import type { Ipc } from "./rules.ts";
import type { Phase, System } from "./state.ts";

type Nothing = Readonly<Record<never, Domain>>;
type OfThread = { readonly target: Domain<ThreadId> };
export type Halting = "keep" | "halt" | "resume";
type ExchangeArguments = OfThread & { readonly S: Domain<boolean>; readonly R: Domain<boolean>; readonly H: Domain<Halting> };
type ExchangeResult = {
  readonly error: Domain<"none" | "no-privilege">;
  readonly S: Domain<boolean>;
  readonly R: Domain<boolean>;
  readonly H: Domain<boolean>;
};
type CreateArguments = OfThread & { readonly as: Domain<ThreadId>; readonly version: Domain<number> };

export interface Control {
  readonly cancel: Operation<OfThread, { readonly acted: Domain<boolean> }>;
  readonly exchange: Operation<ExchangeArguments, ExchangeResult>;
  readonly remove: Operation<OfThread, Nothing>;
  readonly create: Operation<CreateArguments, { readonly error: Domain<"none" | "unavailable-thread"> }>;
  readonly move: Operation<OfThread & { readonly into: Domain<ThreadId> }, Nothing>;
  readonly halts: Readonly<Record<string, Halt>>;
}

export function controlOf<M>(system: System<M>, { strings, fail }: Ipc<M>): Control {
  const { tcb, hasStrings, spaces, halting, timerRace, settle } = system;

  const unqueue = (k: RuleContext, thread: ThreadId): void => k.of(tcb, k.of(tcb, thread).partner).senders.remove(thread);
  /** The phase of an IPC, still without a partner at work, that `thread` is blocked in. */
  const isIn = (k: Pick<StateContext, "of">, thread: ThreadId, state: "polling" | "waiting"): boolean => k.of(tcb, thread).state === state;
  /** A string is under way, and the thread itself is one that the S and R bits find: it does not wait in its partner's fault. */
  const isAborted = (k: Pick<StateContext, "of">, thread: ThreadId, phase: Phase): boolean => {
    const { state } = k.of(tcb, thread);
    return phase === "send" ? state === "fault-polling" : state === "fault-waiting" || state === "locked-waiting";
  };
  const abort = (k: RuleContext, thread: ThreadId): void => strings.abort(k, strings.senderOf(k, thread), "aborted", "aborted");

  const abortRule: Readonly<Record<string, Rule<OfThread, { readonly acted: Domain<boolean> }>>> = {
    "abort a transfer": {
      when: (k) => isAborted(k, k.args.target, "send") || isAborted(k, k.args.target, "receive"),
      do: (k) => {
        abort(k as unknown as RuleContext, k.args.target);
        k.complete(k.self, { acted: true });
      },
    },
  };
  /** ExchangeRegisters with the S and R bits, for whoever asks: ends the IPC that the target is blocked in. */
  const cancel = operation({
    name: "cancel",
    args: { target: threadId },
    result: { acted: bool() },
    general: false,
    rules: {
      "cancel a send": {
        when: (k) => isIn(k, k.args.target, "polling"),
        do: (k) => {
          unqueue(k as unknown as RuleContext, k.args.target);
          fail(k, k.args.target, "cancelled", "send");
          k.complete(k.self, { acted: true });
        },
      },
      "cancel a receive": {
        when: (k) => isIn(k, k.args.target, "waiting"),
        do: (k) => {
          fail(k, k.args.target, "cancelled", "receive");
          k.complete(k.self, { acted: true });
        },
      },
      ...(hasStrings ? abortRule : {}),
      "nothing to cancel": {
        when: (k) =>
          !isIn(k, k.args.target, "polling") &&
          !isIn(k, k.args.target, "waiting") &&
          !(hasStrings && (isAborted(k, k.args.target, "send") || isAborted(k, k.args.target, "receive"))),
        do: (k) => k.complete(k.self, { acted: false }),
      },
    },
  });

  type Exchanging = StateContext<ExchangeArguments>;
  const mayExchange = (k: Exchanging): boolean => !spaces || system.inOneSpace(k, k.self, k.args.target);
  /** Halting a thread inside an IPC that goes on is not implemented (exregs.cc). */
  const isUnimplemented = (k: Exchanging): boolean =>
    halting === "unimplemented" &&
    k.args.H === "halt" &&
    k.of(tcb, k.args.target).state !== "running" &&
    !(k.args.S && isIn(k, k.args.target, "polling")) &&
    !(k.args.R && isIn(k, k.args.target, "waiting")) &&
    !isAborting(k);
  const isAborting = (k: Exchanging): boolean =>
    hasStrings && ((k.args.S && isAborted(k, k.args.target, "send")) || (k.args.R && isAborted(k, k.args.target, "receive")));
  const acts = (k: Exchanging): boolean => mayExchange(k) && !isUnimplemented(k);
  /** The old state of the target, and its halt bit as it shall be. */
  const finish = (k: RuleContext<ExchangeArguments, ExchangeResult>, S: boolean, R: boolean): void => {
    if (halting === "none") {
      k.complete(k.self, { error: "none", S, R, H: false });
    } else {
      const target = k.of(system.registers, k.args.target);
      const H = target.halted;
      if (k.args.H === "halt") target.halted = true;
      if (k.args.H === "resume") target.halted = false;
      k.complete(k.self, { error: "none", S, R, H });
    }
  };
  const isSending = (k: Exchanging): boolean => {
    const { state } = k.of(tcb, k.args.target);
    if (hasStrings && strings.isInTransfer(k, k.args.target)) return strings.senderOf(k, k.args.target) === k.args.target;
    return state === "requested" || state === "polling" || (timerRace && state === "taken");
  };
  const isReceiving = (k: Exchanging): boolean => {
    const { state } = k.of(tcb, k.args.target);
    if (hasStrings && strings.isInTransfer(k, k.args.target)) return strings.senderOf(k, k.args.target) !== k.args.target;
    return state === "waiting" || (timerRace && (state === "taking" || state === "locked-waiting"));
  };
  const refusals: Readonly<Record<string, Rule<ExchangeArguments, ExchangeResult>>> = {
    "exchange without privilege": {
      when: (k) => !mayExchange(k),
      do: (k) => k.complete(k.self, { error: "no-privilege", S: false, R: false, H: false }),
    },
  };
  const unimplemented: Readonly<Record<string, Rule<ExchangeArguments, ExchangeResult>>> = {
    "halt inside an IPC": {
      when: (k) => mayExchange(k) && isUnimplemented(k),
      do: (k) => k.panic("halting a thread inside an IPC is not implemented"),
    },
  };
  const aborting: Readonly<Record<string, Rule<ExchangeArguments, ExchangeResult>>> = {
    "exchange: abort the transfer": {
      when: (k) => acts(k) && isAborting(k),
      do: (k) => {
        const S = isSending(k);
        const R = isReceiving(k);
        abort(k as unknown as RuleContext, k.args.target);
        finish(k, S, R);
      },
    },
  };
  const exchange = operation<ExchangeArguments, ExchangeResult>({
    name: "exchange",
    args: { target: threadId, S: bool(), R: bool(), H: oneOf("keep", "halt", "resume") },
    result: { error: oneOf("none", "no-privilege"), S: bool(), R: bool(), H: bool() },
    general: false,
    rules: {
      "exchange: cancel the send": {
        when: (k) => acts(k) && k.args.S && isIn(k, k.args.target, "polling"),
        do: (k) => {
          unqueue(k as unknown as RuleContext, k.args.target);
          fail(k, k.args.target, "cancelled", "send");
          finish(k, true, false);
        },
      },
      "exchange: cancel the receive": {
        when: (k) => acts(k) && k.args.R && isIn(k, k.args.target, "waiting"),
        do: (k) => {
          fail(k, k.args.target, "cancelled", "receive");
          finish(k, false, true);
        },
      },
      ...(hasStrings ? aborting : {}),
      "exchange: leave the IPC": {
        when: (k) => acts(k) && !(k.args.S && isIn(k, k.args.target, "polling")) && !(k.args.R && isIn(k, k.args.target, "waiting")) && !isAborting(k),
        do: (k) => finish(k, isSending(k), isReceiving(k)),
      },
      ...(spaces ? refusals : {}),
      ...(halting === "unimplemented" ? unimplemented : {}),
    },
  });

  /**
   * ThreadControl deletion: the target is unwound, and with it a transfer that it takes part in; its queued senders are
   * unlinked and keep polling; nobody is told.
   */
  const remove = operation({
    name: "delete",
    args: { target: threadId },
    result: {},
    general: false,
    rules: {
      delete: {
        do: (k) => {
          const target = k.of(tcb, k.args.target);
          if (target.state === "polling") k.of(tcb, target.partner).senders.remove(k.args.target);
          if (hasStrings && strings.isInTransfer(k, k.args.target)) strings.release(k, k.args.target);
          if (timerRace && target.state === "taking" && k.of(tcb, target.partner).state === "taken") k.of(tcb, target.partner).state = "polling";
          while (target.senders.length > 0) target.senders.shift();
          settle(k, k.args.target);
          system.switching.block(k, k.args.target);
          target.deleted = true;
          k.terminate(k.args.target);
          if (k.args.target !== k.self) k.complete(k.self, {});
        },
      },
    },
  });

  type Creating = StateContext<CreateArguments>;
  const isFree = (k: Creating): boolean => {
    if (k.of(tcb, k.args.target).deleted) return false;
    for (const each of k.threads) if (each !== k.args.target && !k.of(tcb, each).deleted && system.numberOf(k, each) === k.args.as) return false;
    return true;
  };
  /** ThreadControl creation: the program of `target` is from now on the thread of this number and version. */
  const create = operation<CreateArguments, { readonly error: Domain<"none" | "unavailable-thread"> }>({
    name: "create",
    args: { target: threadId, as: threadId, version: system.version },
    result: { error: oneOf("none", "unavailable-thread") },
    general: false,
    rules: {
      create: {
        when: (k) => isFree(k),
        do: (k) => {
          k.of(system.id, k.args.target).number = k.args.as === k.args.target ? nobody : k.args.as;
          k.of(system.id, k.args.target).version = k.args.version;
          k.complete(k.self, { error: "none" });
        },
      },
      "create: number in use": {
        when: (k) => !isFree(k),
        do: (k) => k.complete(k.self, { error: "unavailable-thread" }),
      },
    },
  });

  /** ThreadControl with a space specifier: `target` moves into the space of another thread. */
  const move = operation<OfThread & { readonly into: Domain<ThreadId> }, Nothing>({
    name: "move",
    args: { target: threadId, into: threadId },
    result: {},
    general: false,
    rules: {
      move: {
        do: (k) => {
          const space = system.spaceOf(k, k.args.into);
          k.of(system.space, k.args.target).of = space === k.args.target ? nobody : space;
          k.complete(k.self, {});
        },
      },
    },
  });
  const halted: Halt = {
    when: (k) => k.of(system.registers, k.self).halted && k.of(tcb, k.self).state === "running",
    says: "halted",
    kind: "scheduler",
    wakers: [{ by: ["exchange"] }],
  };
  return { cancel, exchange, remove, create, move, halts: halting === "none" ? {} : { halted } };
}
