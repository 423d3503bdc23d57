/**
 * L4 X.2 as a model: one system call with a send and a receive phase, after L4Ka::Pistachio's api/v4/ipc.cc.
 *
 * Among threads of one CPU the whole call is one atomic step. Across CPUs it is the kernel's real sequence: the sender
 * posts a request, the request is checked where the receiver lives, and the sender's receive phase starts later, so a
 * reply with timeout zero can fall into the gap. `atomic: true` closes the gap.
 */
import {
  bool,
  type Domain,
  nobody,
  oneOf,
  type Operation,
  operation,
  type Rule,
  type RuleContext,
  type StateContext,
  threadId,
  type ThreadId,
  timeout,
  type Timeout,
  type Wait,
} from "../../model/language/index.ts";
import type { IpcError } from "./index.ts";
import type { Phase, ReceivePhase, StringItem, System } from "./state.ts";
import { type Strings, stringsOf } from "./strings.ts";

/**
 * One call of the kernel: Ipc(to, from, timeouts). `to: nobody` skips the send phase, `next: "none"` the receive phase.
 * The arguments of strings, versions and propagation are declared if the kernel has them.
 */
export type IpcArguments<M> = {
  readonly to: Domain<ThreadId>;
  readonly message: Domain<M>;
  readonly send: Domain<Timeout>;
  readonly next: Domain<ReceivePhase>;
  readonly from: Domain<ThreadId>;
  readonly receive: Domain<Timeout>;
  readonly idle: Domain<boolean>;
  readonly string: Domain<StringItem>;
  readonly buffer: Domain<StringItem>;
  readonly pager: Domain<ThreadId>;
  readonly transfer: Domain<Timeout>;
  readonly toVersion: Domain<number>;
  readonly fromVersion: Domain<number>;
  readonly as: Domain<ThreadId>;
};
export type IpcResult<M> = {
  readonly from: Domain<ThreadId>;
  readonly message: Domain<M>;
  readonly error: Domain<IpcError>;
  readonly phase: Domain<Phase>;
  readonly version: Domain<number>;
  readonly actual: Domain<ThreadId>;
};
type State<M> = StateContext<IpcArguments<M>>;
type Context<M> = RuleContext<IpcArguments<M>, IpcResult<M>>;
type Acting = Pick<RuleContext, "of" | "threads" | "sameCpu" | "priorityOf" | "completeOf">;
export type IpcOperation<M> = Operation<IpcArguments<M>, IpcResult<M>>;

/** What ends calls, for all operations that may. */
export interface Ends<M> {
  fail(k: Acting, thread: ThreadId, error: IpcError, phase: Phase): void;
  /** The receiver has the message, which `sender` sent in its own name unless `as` is a thread. */
  deliver(k: Acting, receiver: ThreadId, sender: ThreadId, as: ThreadId, value: M): void;
}

export interface Ipc<M> extends Ends<M> {
  readonly ipc: IpcOperation<M>;
  readonly strings: Strings<M>;
}

export function ipcOf<M>(system: System<M>): Ipc<M> {
  const { tcb, message, near, accepts, settle, hasStrings, hasVersions, spaces, timerRace, directSwitch } = system;
  const { nothing, switching } = system;

  const fail = (k: Acting, thread: ThreadId, error: IpcError, phase: Phase): void => {
    settle(k, thread);
    switching.wake(k, thread);
    k.completeOf(ipc, thread, { from: nobody, message: nothing, error, phase, version: 0, actual: nobody });
  };
  const deliver = (k: Acting, receiver: ThreadId, sender: ThreadId, as: ThreadId, value: M): void => {
    const author = as === nobody ? sender : as;
    settle(k, receiver);
    k.completeOf(ipc, receiver, {
      from: system.numberOf(k, author),
      message: value,
      error: "none",
      phase: "none",
      version: system.versionOf(k, author),
      actual: as === nobody ? nobody : sender,
    });
  };
  const strings = stringsOf(system, { fail, deliver });

  const isNew = (k: State<M>): boolean => k.of(tcb, k.self).state === "running";
  const sends = (k: State<M>): boolean => isNew(k) && k.args.to !== nobody;
  /** The thread that a send goes to, and whether it is there; with versions nobody if it is not. */
  const addressee = (k: State<M>): ThreadId => (hasVersions ? system.holderOf(k, k.args.to, k.args.toVersion) : k.args.to);
  const exists = (k: State<M>): boolean => (hasVersions ? addressee(k) !== nobody : !k.of(tcb, k.args.to).deleted);
  /** Its requests are checked again on the receiver's CPU. */
  const isPosted = (k: State<M>): boolean => k.of(tcb, k.self).state === "requested";
  /**
   * In whose name a thread sends to `to`: the virtual sender, if both are of one space, or sender and receiver are; else
   * the flag is silently cleared.
   */
  const virtualSender = (k: State<M>, to: ThreadId): ThreadId => {
    if (spaces) {
      const { as } = k.args;
      if (as === nobody || k.of(tcb, as).deleted) return nobody;
      return system.inOneSpace(k, k.self, as) || system.inOneSpace(k, k.self, to) ? as : nobody;
    } else {
      return nobody;
    }
  };
  const isAccepted = (k: State<M>): boolean => accepts(k, addressee(k), k.self, virtualSender(k, addressee(k)));
  /** The same, for a request that has been posted. */
  const isStillAccepted = (k: State<M>): boolean => accepts(k, addressee(k), k.self, spaces ? k.of(tcb, k.self).as : nobody);

  /** Remembers this call in the TCB: its receive phase, and what it sends. */
  const keep = (k: Context<M>, state: "requested" | "polling" | "sent", to: ThreadId): void => {
    const me = k.of(tcb, k.self);
    me.state = state;
    me.partner = to;
    me.next = k.args.next;
    me.from = k.args.from;
    me.receive = k.args.receive;
    me.outgoing = k.args.message;
    if (hasStrings) {
      me.string = k.args.string;
      me.buffer = k.args.buffer;
      me.pager = k.args.pager;
      me.transfer = k.args.transfer;
    }
    if (hasVersions) me.fromVersion = k.args.fromVersion;
  };
  /** The beginning of a send. A virtual sender that waits for the actual one now waits for the receiver. */
  const begin = (k: Context<M>, state: "requested" | "polling" | "sent"): void => {
    if (spaces) {
      const to = addressee(k);
      const as = virtualSender(k, to);
      keep(k, state, to);
      k.of(tcb, k.self).as = as;
      if (as !== nobody && k.of(tcb, as).state === "waiting" && k.of(tcb, as).next === "closed" && system.names(k, as, k.self)) {
        k.of(tcb, as).from = system.numberOf(k, to);
        if (hasVersions) k.of(tcb, as).fromVersion = system.versionOf(k, to);
      }
    } else {
      keep(k, state, addressee(k));
    }
  };
  /** Nothing is left of the send phase. */
  const sent = (k: Acting, thread: ThreadId): void => {
    const me = k.of(tcb, thread);
    me.state = "sent";
    me.partner = nobody;
    me.outgoing = nothing;
    if (hasStrings) me.string = "none";
    if (spaces) me.as = nobody;
  };
  /** The queued thread that a receive phase takes: the first that it is open to, or the one that it names; else nobody. */
  const eligible = (k: Acting, receiver: ThreadId): ThreadId => {
    const me = k.of(tcb, receiver);
    if (me.next === "open") return me.senders.length > 0 ? me.senders.at(0) : nobody;
    if (spaces && me.next === "local") {
      for (const each of me.senders) if (system.inOneSpace(k, receiver, each)) return each;
      return nobody;
    }
    if (hasVersions) {
      const from = system.holderOf(k, me.from, me.fromVersion);
      return from !== nobody && me.senders.includes(from) ? from : nobody;
    } else {
      return me.senders.includes(me.from) ? me.from : nobody;
    }
  };
  /** Runs the receive phase of `receiver` until it ends, waits, or takes a queued sender: that one; else nobody. */
  const receivePhase = (k: Acting, receiver: ThreadId): ThreadId => {
    const me = k.of(tcb, receiver);
    const isGone = hasVersions && me.next === "closed" && system.holderOf(k, me.from, me.fromVersion) === nobody;
    let sender = me.next === "none" || isGone ? nobody : eligible(k, receiver);
    if (sender !== nobody) {
      me.senders.remove(sender);
      if (hasStrings && k.of(tcb, sender).state === "fault-polling") {
        strings.takeFault(k, sender, receiver);
        sender = nobody;
      } else if (timerRace && !near(k, sender, receiver)) {
        me.state = "taking";
        me.partner = sender;
        k.of(tcb, sender).state = "taken";
        sender = nobody;
      }
    } else if (me.next !== "none" && !isGone && me.receive !== "zero") {
      me.state = "waiting";
      me.partner = nobody;
      me.outgoing = nothing;
    } else if (me.next === "none") {
      fail(k, receiver, "none", "none");
    } else {
      fail(k, receiver, isGone ? "non-existing" : "timeout", "receive");
    }
    return sender;
  };
  /**
   * The message of `giver`, whose call is kept, goes over to `taker`, unless they are nobody; then receive phases run to
   * their end, beginning with that of `first`. A thread whose message has gone over to a receiver of its own CPU begins its
   * receive phase at once; on another CPU that is a step of its own. A string goes over as far as it is mapped, and a message
   * to a thread that waits for its pager lets a string go on.
   */
  const proceed = (k: Acting, giver: ThreadId, taker: ThreadId, first: ThreadId): void => {
    let sender = giver;
    let receiver = taker;
    let next = first;
    let last = nobody;
    while (sender !== nobody || next !== nobody) {
      if (sender === nobody) {
        receiver = next;
        next = nobody;
        sender = receivePhase(k, receiver);
      } else if (hasStrings && k.of(tcb, receiver).state === "fault-waiting") {
        sent(k, sender);
        if (near(k, sender, receiver)) last = sender;
        sender = strings.resume(k, receiver);
        receiver = k.of(tcb, sender).partner;
      } else {
        const isOver = hasStrings && k.of(tcb, sender).string !== "none" ? strings.copy(k, sender, receiver) : true;
        if (isOver) {
          deliver(k, receiver, sender, spaces ? k.of(tcb, sender).as : nobody, k.of(tcb, sender).outgoing);
          sent(k, sender);
          if (near(k, sender, receiver)) next = sender;
          else switching.wake(k, sender);
        }
        sender = nobody;
      }
      if (hasStrings && sender === nobody && next === nobody) {
        next = last;
        last = nobody;
      }
    }
  };
  const transfer = (k: Acting, sender: ThreadId, receiver: ThreadId): void => proceed(k, sender, receiver, nobody);
  const enqueue = (k: Context<M>): void => {
    switching.block(k, k.self);
    k.of(tcb, k.self).state = "polling";
    k.of(tcb, hasVersions ? k.of(tcb, k.self).partner : k.args.to).senders.push(k.self);
  };
  /** The thread that was taken is still there to send. */
  const stillTaken = (k: State<M>): boolean => {
    const sender = k.of(tcb, k.self).partner;
    return k.of(tcb, sender).state === "taken" && k.of(tcb, sender).partner === k.self;
  };

  const rules: Readonly<Record<string, Rule<IpcArguments<M>, IpcResult<M>>>> = {
    "send to nobody there": {
      when: (k) => sends(k) && !exists(k),
      do: (k) => fail(k, k.self, "non-existing", "send"),
    },
    transfer: {
      when: (k) => sends(k) && exists(k) && near(k, k.self, addressee(k)) && isAccepted(k),
      do: (k) => {
        begin(k, "sent");
        const to = k.of(tcb, k.self).partner;
        const taken = directSwitch ? eligible(k, k.self) : nobody;
        transfer(k, k.self, to);
        switching.dispatch(k, k.self, k.args.next, to, taken);
      },
    },
    "send timeout zero": {
      when: (k) => k.args.send === "zero" && sends(k) && exists(k) && near(k, k.self, addressee(k)) && !isAccepted(k),
      do: (k) => {
        if (spaces) begin(k, "sent");
        fail(k, k.self, "timeout", "send");
      },
    },
    "queue as sender": {
      when: (k) => k.args.send !== "zero" && sends(k) && exists(k) && near(k, k.self, addressee(k)) && !isAccepted(k),
      do: (k) => {
        begin(k, "polling");
        enqueue(k);
      },
    },
    "request on the other CPU": {
      when: (k) => sends(k) && exists(k) && !near(k, k.self, addressee(k)),
      do: (k) => {
        begin(k, "requested");
        switching.block(k, k.self);
      },
    },
    "remote check: gone": {
      when: (k) => isPosted(k) && !exists(k),
      do: (k) => fail(k, k.self, "non-existing", "send"),
    },
    "remote check: transfer": {
      when: (k) => isPosted(k) && exists(k) && isStillAccepted(k),
      do: (k) => {
        const to = addressee(k);
        if (hasVersions) k.of(tcb, k.self).partner = to;
        if (hasStrings || hasVersions) {
          transfer(k, k.self, to);
        } else {
          deliver(k, to, k.self, spaces ? k.of(tcb, k.self).as : nobody, k.of(tcb, k.self).outgoing);
          sent(k, k.self);
          switching.wake(k, k.self);
        }
        switching.wake(k, to);
      },
    },
    "remote check: timeout zero": {
      when: (k) => k.args.send === "zero" && isPosted(k) && exists(k) && !isStillAccepted(k),
      do: (k) => fail(k, k.self, "timeout", "send"),
    },
    "remote check: queue": {
      when: (k) => k.args.send !== "zero" && isPosted(k) && exists(k) && !isStillAccepted(k),
      do: (k) => {
        if (hasVersions) k.of(tcb, k.self).partner = addressee(k);
        enqueue(k);
      },
    },
    "send timer fires": {
      timer: true,
      when: (k) => k.args.send === "finite" && k.of(tcb, k.self).state === "polling",
      do: (k) => {
        k.of(tcb, k.of(tcb, k.self).partner).senders.remove(k.self);
        fail(k, k.self, "timeout", "send");
      },
    },
    "receive without sending": {
      when: (k) => isNew(k) && k.args.to === nobody,
      do: (k) => {
        keep(k, "sent", nobody);
        const taken = directSwitch ? eligible(k, k.self) : nobody;
        proceed(k, nobody, nobody, k.self);
        switching.dispatch(k, k.self, k.args.next, nobody, taken);
      },
    },
    "begin the receive phase": {
      when: (k) => k.of(tcb, k.self).state === "sent",
      do: (k) => {
        const taken = directSwitch ? eligible(k, k.self) : nobody;
        proceed(k, nobody, nobody, k.self);
        switching.dispatch(k, k.self, k.args.next, nobody, taken);
      },
    },
    "receive timer fires": {
      timer: true,
      when: (k) => k.args.receive === "finite" && k.of(tcb, k.self).state === "waiting",
      do: (k) => fail(k, k.self, "timeout", "receive"),
    },
  };
  /** Pistachio's receiver marks a sender of another CPU and only then tells that CPU, where its timer may be firing. */
  const race: Readonly<Record<string, Rule<IpcArguments<M>, IpcResult<M>>>> = {
    "remote take: transfer": {
      when: (k) => k.of(tcb, k.self).state === "taking" && stillTaken(k),
      do: (k) => transfer(k, k.of(tcb, k.self).partner, k.self),
    },
    "remote take: gone": {
      when: (k) => k.of(tcb, k.self).state === "taking" && !stillTaken(k),
      do: (k) => {
        k.of(tcb, k.self).state = "locked-waiting";
      },
    },
    "send timer fires while taken": {
      timer: true,
      when: (k) => k.args.send === "finite" && k.of(tcb, k.self).state === "taken",
      do: (k) => fail(k, k.self, "timeout", "send"),
    },
  };
  const enders = [{ by: ["cancel", "exchange"] }];
  const waits: Readonly<Record<string, Wait<IpcArguments<M>>>> = {
    polling: {
      when: (k) => k.of(tcb, k.self).state === "polling",
      says: "polling (send phase)",
      kind: "send",
      wakers: [{ by: ["ipc"], when: (k, other) => other === k.of(tcb, k.self).partner }, ...enders],
    },
    closed: {
      when: (k) => k.of(tcb, k.self).state === "waiting" && k.of(tcb, k.self).next === "closed",
      says: "waiting (closed receive)",
      kind: "closed-receive",
      // In the name of the one that is waited for others may send as well, and others may get its id.
      wakers: [{ by: ["ipc"], when: (k, other) => spaces || system.names(k, k.self, other) }, ...(hasVersions ? [{ by: ["create"] }] : []), ...enders],
      idle: (k) => k.args.idle,
    },
    open: {
      when: (k) => k.of(tcb, k.self).state === "waiting",
      says: "waiting (open receive)",
      kind: "receive",
      wakers: [{ by: ["ipc"] }, ...enders],
      idle: (k) => k.args.idle,
    },
  };
  const raceWaits: Readonly<Record<string, Wait<IpcArguments<M>>>> = {
    taken: {
      when: (k) => k.of(tcb, k.self).state === "taken",
      says: "polling (taken by the receiver)",
      kind: "send",
      wakers: [{ by: ["ipc"], when: (k, other) => other === k.of(tcb, k.self).partner }],
    },
    "locked waiting": {
      when: (k) => !hasStrings && k.of(tcb, k.self).state === "locked-waiting",
      says: "locked_waiting (its sender has given up)",
      kind: "closed-receive",
      wakers: [],
    },
  };

  const args = {
    to: threadId,
    message,
    send: timeout,
    next: system.next,
    from: threadId,
    receive: timeout,
    idle: bool(),
    ...(hasStrings ? { string: oneOf("none", "mapped", "absent"), buffer: oneOf("none", "mapped", "absent"), pager: threadId, transfer: timeout } : {}),
    ...(hasVersions ? { toVersion: system.version, fromVersion: system.version } : {}),
    ...(spaces ? { as: threadId } : {}),
  } as unknown as IpcArguments<M>;
  const result = {
    from: threadId,
    message,
    error: hasStrings
      ? oneOf("none", "timeout", "non-existing", "cancelled", "overflow", "transfer-timeout", "partner-timeout", "aborted")
      : oneOf("none", "timeout", "non-existing", "cancelled"),
    phase: oneOf("none", "send", "receive"),
    ...(hasVersions ? { version: system.version } : {}),
    ...(spaces ? { actual: threadId } : {}),
  } as unknown as IpcResult<M>;
  const ipc: IpcOperation<M> = operation<IpcArguments<M>, IpcResult<M>>({
    name: "ipc",
    args,
    result,
    guarded: { by: "error", ok: "none", fields: ["from", "message"] },
    rules: { ...rules, ...(timerRace ? race : {}), ...(hasStrings ? strings.rules : {}) },
    waits: { ...(hasStrings ? strings.waits : {}), ...(timerRace ? raceWaits : {}), ...waits },
  });
  return { ipc, strings, fail, deliver };
}
