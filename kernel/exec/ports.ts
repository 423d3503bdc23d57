/**
 * Message ports, after the Kernel Manual ("Exec Messages and Ports", "Exec Interrupts") and AROS rom/exec/putmsg.c, getmsg.c,
 * waitport.c, replymsg.c, cause.c: PutMsg links a message into the port's list with interrupts disabled and then does what the
 * port says, which is to signal its task, to cause a soft interrupt, or nothing. A message is its sender's memory until it is
 * put, its receiver's until it is replied to; linked into two lists at once it would destroy both.
 */
import {
  type BackgroundRule,
  bool,
  type Domain,
  int,
  nobody,
  type ObjectRef,
  objectRef,
  oneOf,
  type Op,
  operation,
  type StateQueue,
} from "../../model/language/index.ts";
import type { Held } from "../../model/language/kernel.ts";
import { objectLimit, type MessageType, mostInterrupts, type Role, type State } from "./state.ts";
import { type Look, signallers, type Tasks, type Variant } from "./tasks.ts";

type Call<A, R> = ((args: A) => Op<R>) & { readonly declaration: { readonly name: string } };
export interface Got<M> {
  readonly error: "none" | "empty";
  readonly message: number;
  readonly value: M;
  readonly type: MessageType;
}
export interface Ports<M> {
  /** Links a message into a port's list, and does what the port says. */
  readonly link: (k: Look, to: number, message: number) => void;
  /** Takes a message out of the list that it is in. */
  readonly unlink: (k: Look, message: number) => void;
  /** The message has been served: it goes to its reply port. */
  readonly answer: (k: Look, message: number) => void;
  readonly create: Call<{ readonly object: ObjectRef; readonly signal: number }, { readonly signal: number }>;
  readonly putMsg: Call<{ readonly object: ObjectRef; readonly message: number; readonly value: M; readonly checked: boolean }, object>;
  readonly getMsg: Call<{ readonly object: ObjectRef }, Got<M>>;
  readonly waitPort: Call<{ readonly object: ObjectRef; readonly idle: boolean }, { readonly message: number }>;
  readonly replyMsg: Call<{ readonly message: number; readonly value: M }, object>;
  readonly cause: Call<{ readonly object: ObjectRef }, object>;
  readonly serve: Call<{ readonly object: ObjectRef; readonly idle: boolean }, object>;
  readonly background: Readonly<Record<string, BackgroundRule>>;
}

export const number = int(0, objectLimit - 1) as Domain<number>;

export function portsOf<M>(state: State<M>, tasks: Tasks, variant: Variant, value: Domain<M>, nothing: M, values: readonly M[]): Ports<M> {
  const { task, message, port, interrupt } = state;

  const link = (k: Look, to: number, object: number): void => {
    const p = k.of(port, to);
    p.list.push(object);
    k.of(message, object).list = to;
    if (p.action === "signal" && p.task !== nobody) tasks.raise(k, p.task, 1 << p.bit);
    if (p.action === "softint" && p.interrupt >= 0 && k.objects(interrupt).length > 0) k.of(interrupt, p.interrupt).caused = true;
  };
  const unlink = (k: Look, object: number): void => {
    const m = k.of(message, object);
    k.of(port, m.list).list.remove(object);
    m.list = -1;
  };
  const answer = (k: Look, object: number): void => {
    const m = k.of(message, object);
    if (m.replyPort < 0) m.type = "freemsg";
    else {
      m.type = "replymsg";
      link(k, m.replyPort, object);
    }
  };
  const isLinked = (k: Look, object: number): boolean => k.of(message, object).list >= 0;
  /** The most general client keeps to its own messages: one that has been put is not its own before the reply is taken. */
  const isAway = (k: Look & { readonly args: { readonly message: number; readonly checked: boolean } }): boolean =>
    isLinked(k, k.args.message) || (k.args.checked && k.of(message, k.args.message).type === "message");
  const listOf = (k: Look, object: ObjectRef): StateQueue<number> => k.of(port, object).list;

  /** CreateMsgPort, or a port that is set up by hand with a signal of one's own: its task from now on is the caller. */
  const create = operation({
    name: "CreateMsgPort",
    args: { object: objectRef, signal: int(-1, variant.signals - 1) },
    result: { signal: int(-1, variant.signals - 1) },
    general: false,
    rules: {
      "create the port": {
        when: (k) => k.args.signal >= 0 || tasks.freeSignal(k) >= 0,
        do: (k) => {
          const bit = k.args.signal >= 0 ? k.args.signal : tasks.freeSignal(k);
          const me = k.of(task, k.self);
          if (bit >= 0) {
            if (k.args.signal < 0) tasks.clear(k, 1 << bit);
            me.allocated = me.allocated | (1 << bit);
            k.of(port, k.args.object).task = k.self;
            k.of(port, k.args.object).bit = bit;
          }
          k.complete(k.self, { signal: bit });
        },
      },
      "no signal for the port": {
        when: (k) => k.args.signal < 0 && tasks.freeSignal(k) < 0,
        do: (k) => k.complete(k.self, { signal: -1 }),
      },
    },
  });

  const putMsg = operation({
    name: "PutMsg",
    args: { object: objectRef, message: number, value, checked: bool() },
    result: {},
    general: (held) =>
      messagesOf(held).flatMap(({ object, message: m }) => values.map((each) => ({ object, message: m, value: each, checked: true }))) as never,
    rules: {
      "put the message": {
        when: (k) => !isAway(k),
        do: (k) => {
          const m = k.of(message, k.args.message);
          m.type = "message";
          m.value = k.args.value;
          link(k, k.args.object.index, k.args.message);
          k.complete(k.self, {});
        },
      },
      "message in a list": {
        when: (k) => isAway(k),
        do: (k) => {
          if (k.args.checked) k.complete(k.self, {});
          else k.panic("PutMsg: the message is in a list already");
        },
      },
    },
  });

  const getMsg = operation({
    name: "GetMsg",
    args: { object: objectRef },
    general: repliesOf,
    result: { error: oneOf("none", "empty"), message: int(0, objectLimit), value, type: oneOf("unknown", "message", "replymsg", "freemsg") },
    guarded: { by: "error", ok: "none", fields: ["message", "value", "type"] },
    rules: {
      "get a message": {
        when: (k) => listOf(k, k.args.object).length > 0,
        do: (k) => {
          const object = listOf(k, k.args.object).shift();
          const m = k.of(message, object);
          m.list = -1;
          k.complete(k.self, { error: "none", message: object + 1, value: m.value, type: m.type });
        },
      },
      "no message": {
        when: (k) => listOf(k, k.args.object).length === 0,
        do: (k) => k.complete(k.self, { error: "empty", message: 0, value: nothing, type: "unknown" }),
      },
    },
  });

  const waitPort = operation({
    name: "WaitPort",
    args: { object: objectRef, idle: bool() },
    general: (held) => repliesOf(held).map((each) => ({ ...each, idle: true })),
    result: { message: int(0, objectLimit) },
    rules: {
      "find a message": {
        when: (k) => tasks.runs(k) && listOf(k, k.args.object).length > 0,
        do: (k) => k.complete(k.self, { message: listOf(k, k.args.object).at(0) + 1 }),
      },
      ...tasks.waiting({
        mask: (k: Look & { readonly args: { readonly object: ObjectRef } }) => 1 << k.of(port, k.args.object).bit,
        isDone: (k: Look & { readonly args: { readonly object: ObjectRef } }) => listOf(k, k.args.object).length > 0,
      }),
    },
    waits: {
      waiting: {
        says: "in WaitPort",
        kind: "receive",
        wakers: [{ by: signallers, anywhere: true }],
        idle: (k) => k.args.idle,
        until: (k) => k.of(task, k.self).state === "wait" && listOf(k, k.args.object).length > 0,
      },
    },
  });

  const replyMsg = operation({
    name: "ReplyMsg",
    args: { message: number, value },
    result: {},
    general: false,
    rules: {
      "reply to the message": {
        when: (k) => !isLinked(k, k.args.message),
        do: (k) => {
          k.of(message, k.args.message).value = k.args.value;
          answer(k, k.args.message);
          k.complete(k.self, {});
        },
      },
      "message in a list": {
        when: (k) => isLinked(k, k.args.message),
        do: (k) => k.panic("ReplyMsg: the message is in a list already"),
      },
    },
  });

  /** A soft interrupt that is caused already is not caused again. */
  const cause = operation({
    name: "Cause",
    args: { object: objectRef },
    result: {},
    rules: {
      cause: {
        do: (k) => {
          k.of(interrupt, k.args.object).caused = true;
          k.complete(k.self, {});
        },
      },
    },
  });

  /** The code of an interrupt: the last one ends here, and the next one begins when it is caused. */
  const isServers = (k: Look & { readonly args: { readonly object: ObjectRef } }): boolean => {
    const { server } = k.of(interrupt, k.args.object);
    return server === nobody || server === k.self;
  };
  const roleOf = (k: Look): Role => k.of(task, k.self).role;
  const serve = operation({
    name: "AddIntServer",
    args: { object: objectRef, idle: bool() },
    result: {},
    general: false,
    rules: {
      "add the server": {
        when: (k) => roleOf(k) === "task" && isServers(k),
        do: (k) => {
          k.of(task, k.self).role = "server";
          k.of(interrupt, k.args.object).server = k.self;
        },
      },
      "end the interrupt": {
        when: (k) => roleOf(k) === "handling" && isServers(k),
        do: (k) => {
          k.of(task, k.self).role = "server";
          k.of(interrupt, k.args.object).server = k.self;
        },
      },
      "another serves it": {
        when: (k) => roleOf(k) !== "server" && !isServers(k),
        do: (k) => k.panic("AddIntServer: another thread serves this interrupt"),
      },
      "begin the interrupt": {
        when: (k) => roleOf(k) === "server" && k.of(interrupt, k.args.object).caused,
        do: (k) => {
          k.of(interrupt, k.args.object).caused = false;
          k.of(task, k.self).role = "handling";
          k.complete(k.self, {});
        },
      },
    },
    waits: {
      waiting: {
        says: "waiting for its interrupt",
        kind: "notification",
        wakers: [{ by: ["Cause", ...signallers], anywhere: true }],
        idle: (k) => k.args.idle || k.objects(interrupt).some((each) => k.of(interrupt, each).raises > 0),
      },
    },
  });

  /** The hardware raises an interrupt; one that has not begun is not raised twice. */
  const raised = (place: number): BackgroundRule => ({
    each: "none",
    when: (k) => {
      let seen = 0;
      for (const each of k.objects(interrupt)) {
        if (seen === place && k.of(interrupt, each).raises > 0) return true;
        seen++;
      }
      return false;
    },
    do: (k) => {
      let seen = 0;
      for (const each of k.objects(interrupt)) {
        if (seen === place) {
          k.of(interrupt, each).raises = k.of(interrupt, each).raises - 1;
          k.of(interrupt, each).caused = true;
        }
        seen++;
      }
    },
  });
  const background = Object.fromEntries(Array.from({ length: mostInterrupts }, (_, place) => [`the hardware raises interrupt ${place}`, raised(place)]));

  return { link, unlink, answer, create, putMsg, getMsg, waitPort, replyMsg, cause, serve, background } as unknown as Ports<M>;
}

/** What a general client may put where: its messages to the ports that it holds. */
function messagesOf({ objects }: Held): readonly { readonly object: ObjectRef; readonly message: number }[] {
  const of = (type: string): readonly ObjectRef[] => objects.filter((each) => each.type.name === type).map(({ ref }) => ref);
  return of("exec.port").flatMap((object) => of("exec.message").map(({ index }) => ({ object, message: index })));
}
/** It takes messages from the reply ports of its own. */
function repliesOf({ objects }: Held): readonly { readonly object: ObjectRef }[] {
  const names = objects.map(({ type }) => type.options["replyPort"]);
  return objects.filter(({ ref }) => names.includes(ref.name)).map(({ ref }) => ({ object: ref }));
}
