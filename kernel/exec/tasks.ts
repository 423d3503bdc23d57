/**
 * Tasks and their signals, after the Kernel Manual (RKM Libraries, "Exec Signals", "Exec Tasks") and AROS rom/exec/signal.c,
 * wait.c, setsignal.c, forbid.c: signals are bits that are ORed, so two of one kind are one; Wait takes those of its mask
 * that are set. A task that is signalled runs on in Wait later, and takes what has come by then.
 *
 * There is one processor. While a task has forbidden the others, no other task runs; while it has disabled interrupts, nothing
 * does. Wait suspends both until the task runs again. An interrupt runs before every task, to its end.
 */
import {
  bool,
  type Domain,
  type Halt,
  int,
  type Op,
  operation,
  type RuleContext,
  type StateContext,
  type ThreadId,
  threadId,
} from "../../model/language/index.ts";
import { deepest, type State } from "./state.ts";

/** How Wait tests and sleeps: "disabled" as it must; "exposed" tests before it disables; "retested": the switch tests again. */
export type WaitTest = "disabled" | "exposed" | "retested";
export interface Variant {
  readonly signals: number;
  readonly wait: WaitTest;
}
type Call<A, R> = ((args: A) => Op<R>) & { readonly declaration: { readonly name: string } };
export type Look = Pick<StateContext, "of" | "self" | "threads" | "objects" | "isFinished">;

/** What a call of Exec's waits for: the signals that it sleeps with, and whether it need not. */
export interface Awaited<K extends Look = Look> {
  readonly mask: (k: K) => number;
  readonly isDone: (k: K) => boolean;
}
interface WaitRule {
  readonly when: (k: Look) => boolean;
  readonly do: (k: RuleContext) => void;
}
export interface Tasks {
  /** ORs signals into a task's word; one that waits for any of them is made ready. */
  readonly raise: (k: Look, to: ThreadId, mask: number) => void;
  /** Takes signals out of the own word. */
  readonly clear: (k: Look, mask: number) => void;
  readonly isRunning: (k: Look, thread: ThreadId) => boolean;
  /** In no wait. */
  readonly runs: (k: Look) => boolean;
  readonly isHandler: (k: Look) => boolean;
  /** The rules of a call that loops "test; Wait": the test and the beginning of Wait are one step, since nothing can tell. */
  readonly waiting: (awaited: Awaited<never>) => Readonly<Record<string, WaitRule>>;
  /** The highest signal that is not allocated; -1 if there is none. */
  readonly freeSignal: (k: Look) => number;
  readonly signal: Call<{ readonly to: ThreadId; readonly mask: number }, object>;
  readonly wait: Call<{ readonly mask: number; readonly idle: boolean }, { readonly signals: number }>;
  readonly setSignal: Call<{ readonly signals: number; readonly mask: number }, { readonly signals: number }>;
  readonly allocSignal: Call<object, { readonly signal: number }>;
  readonly freeSignalOf: Call<{ readonly signal: number }, object>;
  readonly forbid: Call<object, object>;
  readonly permit: Call<object, object>;
  readonly disable: Call<object, object>;
  readonly enable: Call<object, object>;
  readonly halts: Readonly<Record<string, Halt>>;
}

/** The operations that send signals, for whoever waits for one. */
export const signallers = ["Signal", "PutMsg", "ReplyMsg", "BeginIO", "DoIO", "AbortIO"] as const;

export function tasksOf<M>(state: State<M>, { signals: count, wait: test }: Variant): Tasks {
  const { task, port } = state;
  const all = 2 ** count - 1;
  const mask = int(0, all) as Domain<number>;

  const runs = (k: Look): boolean => k.of(task, k.self).state === "run";
  const isHandler = (k: Look): boolean => k.of(task, k.self).role === "handling";
  const isRunning = (k: Look, thread: ThreadId): boolean => {
    const { state: at, role } = k.of(task, thread);
    return !k.isFinished(thread) && role !== "server" && (at === "run" || at === "tested");
  };
  const raise = (k: Look, to: ThreadId, bits: number): void => {
    const t = k.of(task, to);
    t.received = t.received | bits;
    if (t.state === "wait" && (t.received & t.awaited) !== 0) t.state = "ready";
  };
  const isSet = (k: Look, bits: number): boolean => (k.of(task, k.self).received & bits) !== 0;
  const clear = (k: Look, bits: number): void => {
    const me = k.of(task, k.self);
    me.received = me.received & (all ^ bits);
  };
  const sleep = (k: Look, bits: number): void => {
    const me = k.of(task, k.self);
    me.awaited = bits;
    me.state = test === "disabled" ? "wait" : "tested";
  };
  const resume = (k: Look): void => {
    const me = k.of(task, k.self);
    me.state = "run";
    me.awaited = 0;
  };
  const fallAsleep: WaitRule = {
    when: (k) => k.of(task, k.self).state === "tested",
    do: (k) => {
      const me = k.of(task, k.self);
      me.state = test === "retested" && (me.received & me.awaited) !== 0 ? "ready" : "wait";
    },
  };
  const panics = (isDone: (k: never) => boolean): WaitRule => ({
    when: (k) => runs(k) && isHandler(k) && !isDone(k as never),
    do: (k) => k.panic("Wait: an interrupt cannot wait"),
  });

  const waiting = ({ mask: bits, isDone }: Awaited<never>): Readonly<Record<string, WaitRule>> => ({
    "wait in an interrupt": panics(isDone),
    "clear an old signal": {
      when: (k) => runs(k) && !isHandler(k) && !isDone(k as never) && isSet(k, bits(k as never)),
      do: (k) => clear(k, bits(k as never)),
    },
    "wait for a signal": {
      when: (k) => runs(k) && !isHandler(k) && !isDone(k as never) && !isSet(k, bits(k as never)),
      do: (k) => sleep(k, bits(k as never)),
    },
    ...(test === "disabled" ? {} : { "fall asleep": fallAsleep }),
    "return from Wait": {
      when: (k) => k.of(task, k.self).state === "ready",
      do: (k) => {
        clear(k, k.of(task, k.self).awaited);
        resume(k);
      },
    },
  });

  /** Asleep although a signal that it waits for is set, or a port that gives one holds a message. */
  const isMissed = (k: Look): boolean => {
    const { state: at, received, awaited } = k.of(task, k.self);
    if (at !== "wait") return false;
    if ((received & awaited) !== 0) return true;
    return k.objects(port).some((each) => {
      const p = k.of(port, each);
      return p.task === k.self && p.list.length > 0 && (awaited & (1 << p.bit)) !== 0;
    });
  };

  const signal = operation({
    name: "Signal",
    args: { to: threadId, mask },
    result: {},
    general: ({ threads }) => threads.flatMap((to) => Array.from({ length: all }, (_, bits) => ({ to, mask: bits + 1 }))),
    rules: {
      signal: {
        do: (k) => {
          raise(k, k.args.to, k.args.mask);
          k.complete(k.self, {});
        },
      },
    },
  });

  const wait = operation({
    name: "Wait",
    args: { mask, idle: bool() },
    result: { signals: mask },
    rules: {
      "wait in an interrupt": panics(() => false),
      "take signals": {
        when: (k) => runs(k) && !isHandler(k) && isSet(k, k.args.mask),
        do: (k) => {
          const taken = k.of(task, k.self).received & k.args.mask;
          clear(k, taken);
          k.complete(k.self, { signals: taken });
        },
      },
      "wait for a signal": {
        when: (k) => runs(k) && !isHandler(k) && !isSet(k, k.args.mask),
        do: (k) => sleep(k, k.args.mask),
      },
      ...(test === "disabled" ? {} : { "fall asleep": fallAsleep }),
      "return from Wait": {
        when: (k) => k.of(task, k.self).state === "ready",
        do: (k) => {
          const taken = k.of(task, k.self).received & k.args.mask;
          clear(k, taken);
          resume(k);
          k.complete(k.self, { signals: taken });
        },
      },
    },
    waits: {
      waiting: {
        says: "in Wait",
        kind: "notification",
        wakers: [{ by: signallers, anywhere: true }],
        idle: (k) => k.args.idle,
        until: isMissed,
      },
    },
  });

  const setSignal = operation({
    name: "SetSignal",
    args: { signals: mask, mask },
    result: { signals: mask },
    rules: {
      "set signals": {
        do: (k) => {
          const me = k.of(task, k.self);
          const before = me.received;
          me.received = (before & (all ^ k.args.mask)) | (k.args.signals & k.args.mask);
          k.complete(k.self, { signals: before });
        },
      },
    },
  });

  const freeSignal = (k: Look): number => {
    const { allocated } = k.of(task, k.self);
    let found = -1;
    for (let bit = 0; bit < count; bit++) if ((allocated & (1 << bit)) === 0) found = bit;
    return found;
  };
  const allocSignal = operation({
    name: "AllocSignal",
    args: {},
    result: { signal: int(-1, count - 1) },
    rules: {
      "allocate a signal": {
        when: (k) => k.of(task, k.self).allocated !== all,
        do: (k) => {
          const bit = freeSignal(k);
          if (bit >= 0) {
            k.of(task, k.self).allocated = k.of(task, k.self).allocated | (1 << bit);
            clear(k, 1 << bit);
          }
          k.complete(k.self, { signal: bit });
        },
      },
      "no signal left": {
        when: (k) => k.of(task, k.self).allocated === all,
        do: (k) => k.complete(k.self, { signal: -1 }),
      },
    },
  });
  const freeSignalOf = operation({
    name: "FreeSignal",
    args: { signal: int(0, count - 1) },
    result: {},
    rules: {
      "free the signal": {
        do: (k) => {
          const me = k.of(task, k.self);
          me.allocated = me.allocated & (all ^ (1 << k.args.signal));
          k.complete(k.self, {});
        },
      },
    },
  });

  // Exec protects nobody from a task that stops all others: the most general client leaves these alone.
  interface Nesting {
    readonly name: string;
    readonly depth: (k: Look) => number;
    readonly set: (k: Look, depth: number) => void;
  }
  const nest = ({ name, depth, set }: Nesting, rule: string) =>
    operation({
      name,
      args: {},
      result: {},
      general: false,
      rules: {
        [rule]: {
          when: (k: StateContext) => depth(k) < deepest,
          do: (k: RuleContext<Record<never, never>, Record<never, never>>) => {
            set(k, depth(k) + 1);
            k.complete(k.self, {});
          },
        },
        "nested too deeply": {
          when: (k: StateContext) => depth(k) === deepest,
          do: (k: RuleContext) => k.panic(`${name}: nested more than ${deepest} deep`),
        },
      },
    });
  const leave = ({ name, depth, set }: Nesting, rule: string, opposite: string) =>
    operation({
      name,
      args: {},
      result: {},
      general: false,
      rules: {
        [rule]: {
          when: (k: StateContext) => depth(k) > 0,
          do: (k: RuleContext<Record<never, never>, Record<never, never>>) => {
            set(k, depth(k) - 1);
            k.complete(k.self, {});
          },
        },
        "not nested": {
          when: (k: StateContext) => depth(k) === 0,
          do: (k: RuleContext) => k.panic(`${name}: without ${opposite}`),
        },
      },
    });
  const forbids = {
    depth: (k: Look) => k.of(task, k.self).forbids,
    set: (k: Look, depth: number) => {
      k.of(task, k.self).forbids = depth;
    },
  };
  const disables = {
    depth: (k: Look) => k.of(task, k.self).disables,
    set: (k: Look, depth: number) => {
      k.of(task, k.self).disables = depth;
    },
  };

  const isForbidding = (k: Look, other: ThreadId): boolean => other !== k.self && isRunning(k, other) && k.of(task, other).forbids > 0;
  const isDisabling = (k: Look, other: ThreadId): boolean => other !== k.self && isRunning(k, other) && k.of(task, other).disables > 0;
  const isInterrupting = (k: Look, other: ThreadId): boolean => other !== k.self && isRunning(k, other) && k.of(task, other).role === "handling";
  const isAwake = (k: Look): boolean => k.of(task, k.self).state !== "wait";
  const halts: Readonly<Record<string, Halt>> = {
    interrupted: {
      when: (k) => isAwake(k) && k.threads.some((other) => isInterrupting(k, other)),
      says: "held up by an interrupt",
      kind: "scheduler",
      wakers: [{ by: "anything", when: isInterrupting }],
    },
    disabled: {
      when: (k) => isAwake(k) && k.threads.some((other) => isDisabling(k, other)),
      says: "held up by Disable",
      kind: "scheduler",
      wakers: [{ by: "anything", when: isDisabling }],
    },
    forbidden: {
      when: (k) => isAwake(k) && k.of(task, k.self).role === "task" && k.threads.some((other) => isForbidding(k, other)),
      says: "held up by Forbid",
      kind: "scheduler",
      wakers: [{ by: "anything", when: isForbidding }],
    },
  };

  return {
    raise,
    clear,
    isRunning,
    runs,
    isHandler,
    waiting,
    freeSignal,
    signal,
    wait,
    setSignal,
    allocSignal,
    freeSignalOf,
    forbid: nest({ name: "Forbid", ...forbids }, "forbid"),
    permit: leave({ name: "Permit", ...forbids }, "permit", "Forbid"),
    disable: nest({ name: "Disable", ...disables }, "disable"),
    enable: leave({ name: "Enable", ...disables }, "enable", "Disable"),
    halts,
  } as unknown as Tasks;
}
