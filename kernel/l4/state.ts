/**
 * What the rules of L4 keep of each thread, and the small questions that several rules ask of it: who is addressed, who
 * accepts whom, who is in whose space. Parts of X.2 that a protocol does not use are not in its state.
 */
import {
  bool,
  type Domain,
  initialOf,
  int,
  nobody,
  oneOf,
  perThread,
  queue,
  type RuleContext,
  type StateContext,
  type StateGroup,
  type StateQueue,
  threadId,
  type ThreadId,
  timeout,
  type Timeout,
} from "../../model/language/index.ts";
import { type Switching, switchingOf } from "./switching.ts";

/** Which parts of the kernel a protocol uses, and how they behave. */
export interface Variant {
  readonly atomic: boolean;
  /** Whose transfer timeout bounds a page fault: in X.2 that of either partner, in Liedtke's V2 that of the other one. */
  readonly strings: "none" | "x2" | "v2";
  readonly spaces: boolean;
  /** Versions that a thread number can have; 1: ids are not told apart. */
  readonly versions: number;
  /** What ExchangeRegisters does when it is to halt a thread inside an IPC: fail, or wait for its end. */
  readonly halting: "none" | "unimplemented" | "deferred";
  readonly timerRace: boolean;
  /** Whoever sends and then waits gives the CPU to its partner, whatever the priorities. */
  readonly directSwitch: boolean;
}

/**
 * `requested`: posted to another CPU; `polling`: in the receiver's send queue; `sent`: send phase done, receive phase not
 * begun. `taking` and `taken`: a receiver has chosen a sender of another CPU and asks there for the transfer.
 * Of a string that is being copied: `locked-waiting` is its receiver while the sender faults, `tunneled-fault` its sender
 * while the receiver faults; `fault-polling` and `fault-waiting` is who faults, before and after the pager takes the fault.
 */
export type State =
  | "running"
  | "requested"
  | "polling"
  | "sent"
  | "waiting"
  | "taking"
  | "taken"
  | "locked-waiting"
  | "tunneled-fault"
  | "fault-polling"
  | "fault-waiting";
export type Phase = "none" | "send" | "receive";
export type ReceivePhase = "none" | "open" | "local" | "closed";
export type StringItem = "none" | "mapped" | "absent";

/** Fields of a TCB. Those of strings, versions and propagation are there if the kernel has them. */
export type TcbFields<M> = {
  readonly state: Domain<State>;
  readonly next: Domain<ReceivePhase>;
  readonly partner: Domain<ThreadId>;
  readonly from: Domain<ThreadId>;
  readonly receive: Domain<Timeout>;
  readonly outgoing: Domain<M>;
  readonly senders: Domain<readonly ThreadId[], StateQueue<ThreadId>>;
  readonly deleted: Domain<boolean>;
  readonly string: Domain<StringItem>;
  readonly buffer: Domain<StringItem>;
  readonly pager: Domain<ThreadId>;
  readonly transfer: Domain<Timeout>;
  readonly fromVersion: Domain<number>;
  readonly as: Domain<ThreadId>;
};
/** The id of a thread: whose number it has (nobody: its own), and which version. */
type IdFields = { readonly number: Domain<ThreadId>; readonly version: Domain<number> };
type SpaceFields = { readonly of: Domain<ThreadId> };
type RegisterFields = { readonly halted: Domain<boolean> };

type Looking = Pick<StateContext, "of" | "threads">;

/** What all operations of one kernel share. */
export interface System<M> extends Variant {
  /** What a message holds where there is none. */
  readonly nothing: M;
  readonly hasStrings: boolean;
  readonly hasVersions: boolean;
  readonly message: Domain<M>;
  readonly next: Domain<ReceivePhase>;
  readonly version: Domain<number>;
  readonly tcb: StateGroup<"thread", TcbFields<M>>;
  readonly id: StateGroup<"thread", IdFields>;
  readonly space: StateGroup<"thread", SpaceFields>;
  readonly registers: StateGroup<"thread", RegisterFields>;
  /** The state that the kernel declares. */
  readonly groups: readonly StateGroup[];
  readonly switching: Switching;
  /** Both on one CPU, or the kernel is declared to behave as if they were. */
  near(k: Pick<StateContext, "sameCpu">, a: ThreadId, b: ThreadId): boolean;
  /** Whose number a thread has. */
  numberOf(k: Looking, thread: ThreadId): ThreadId;
  versionOf(k: Looking, thread: ThreadId): number;
  /** The thread that has this id; nobody if there is none. */
  holderOf(k: Looking, number: ThreadId, version: number): ThreadId;
  /** The thread in whose name the space of `thread` is kept. */
  spaceOf(k: Looking, thread: ThreadId): ThreadId;
  inOneSpace(k: Looking, a: ThreadId, b: ThreadId): boolean;
  /** Whether the closed receive of `receiver` names `sender`. */
  names(k: Looking, receiver: ThreadId, sender: ThreadId): boolean;
  /** Whether `receiver` waits for a message that `sender` sends, in the name of `as` unless that is nobody. */
  accepts(k: Looking, receiver: ThreadId, sender: ThreadId, as: ThreadId): boolean;
  /** The call of a thread is over: a running thread has one representation. */
  settle(k: Pick<RuleContext, "of">, thread: ThreadId): void;
}

/** Builds the state for one message domain. Messages and state groups depend on it, so each kernel has its own. */
export function systemOf<M>(message: Domain<M>, variant: Variant): System<M> {
  const { atomic, strings, spaces, versions, halting, timerRace, directSwitch } = variant;
  const nothing = initialOf(message);
  const hasStrings = strings !== "none";
  const hasVersions = versions > 1;
  const version = int(0, versions - 1);
  const states = [
    ...(["running", "requested", "polling", "sent", "waiting"] as const),
    ...(timerRace ? (["taking", "taken"] as const) : []),
    ...(hasStrings || timerRace ? (["locked-waiting"] as const) : []),
    ...(hasStrings ? (["tunneled-fault", "fault-polling", "fault-waiting"] as const) : []),
  ] as readonly [State, ...State[]];
  const next = (spaces ? oneOf("none", "open", "local", "closed") : oneOf("none", "open", "closed")) as Domain<ReceivePhase>;
  const item = oneOf("none", "mapped", "absent");
  /** `next`, `from` and `receive` keep the receive phase for whoever completes the send. */
  const tcb = perThread("ipc", {
    state: oneOf(...states),
    next,
    partner: threadId,
    from: threadId,
    receive: timeout,
    outgoing: message,
    senders: queue(threadId),
    deleted: bool(),
    ...(hasStrings ? { string: item, buffer: item, pager: threadId, transfer: timeout } : {}),
    ...(hasVersions ? { fromVersion: version } : {}),
    ...(spaces ? { as: threadId } : {}),
  }) as unknown as StateGroup<"thread", TcbFields<M>>;
  const id = perThread("id", { number: threadId, version });
  const space = perThread("space", { of: threadId });
  const registers = perThread("registers", { halted: bool() });
  const switching = switchingOf(tcb, directSwitch);

  const numberOf = (k: Looking, thread: ThreadId): ThreadId => {
    if (hasVersions) {
      const { number } = k.of(id, thread);
      return number === nobody ? thread : number;
    } else {
      return thread;
    }
  };
  const versionOf = (k: Looking, thread: ThreadId): number => (hasVersions ? k.of(id, thread).version : 0);
  const holderOf = (k: Looking, number: ThreadId, wanted: number): ThreadId => {
    if (hasVersions) {
      for (const each of k.threads) if (!k.of(tcb, each).deleted && numberOf(k, each) === number && versionOf(k, each) === wanted) return each;
      return nobody;
    } else {
      return k.of(tcb, number).deleted ? nobody : number;
    }
  };
  const spaceOf = (k: Looking, thread: ThreadId): ThreadId => (k.of(space, thread).of === nobody ? thread : k.of(space, thread).of);
  const inOneSpace = (k: Looking, a: ThreadId, b: ThreadId): boolean => spaceOf(k, a) === spaceOf(k, b);
  const names = (k: Looking, receiver: ThreadId, sender: ThreadId): boolean =>
    hasVersions
      ? k.of(tcb, receiver).from === numberOf(k, sender) && k.of(tcb, receiver).fromVersion === versionOf(k, sender)
      : k.of(tcb, receiver).from === sender;
  const accepts = (k: Looking, receiver: ThreadId, sender: ThreadId, as: ThreadId): boolean => {
    const to = k.of(tcb, receiver);
    if (hasStrings && to.state === "fault-waiting") return to.pager === sender;
    return (
      to.state === "waiting" &&
      (to.next === "open" ||
        (spaces && to.next === "local" && inOneSpace(k, receiver, sender)) ||
        (to.next === "closed" && (names(k, receiver, sender) || (spaces && as !== nobody && names(k, receiver, as)))))
    );
  };
  const settle = (k: Pick<RuleContext, "of">, thread: ThreadId): void => {
    const me = k.of(tcb, thread);
    me.state = "running";
    me.next = "none";
    me.partner = nobody;
    me.from = nobody;
    me.receive = "infinite";
    me.outgoing = nothing;
    if (hasStrings) {
      me.string = "none";
      me.buffer = "none";
      me.pager = nobody;
      me.transfer = "infinite";
    }
    if (hasVersions) me.fromVersion = 0;
    if (spaces) me.as = nobody;
  };
  return {
    ...variant,
    nothing,
    hasStrings,
    hasVersions,
    message,
    next,
    version,
    tcb,
    id,
    space,
    registers,
    groups: [tcb, ...(hasVersions ? [id] : []), ...(spaces ? [space] : []), ...(halting === "none" ? [] : [registers]), ...switching.groups],
    switching,
    near: (k, a, b) => atomic || k.sameCpu(a, b),
    numberOf,
    versionOf,
    holderOf,
    spaceOf,
    inOneSpace,
    names,
    accepts,
    settle,
  };
}
