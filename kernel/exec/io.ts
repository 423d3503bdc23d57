/**
 * Devices and requests, after the Kernel Manual ("Exec Device I/O") and AROS rom/exec/doio.c, sendio.c, waitio.c, checkio.c,
 * abortio.c. A request is a message. BeginIO runs in the caller's context: a device may finish a request there, and where
 * the caller has set IOF_QUICK it is then not replied to; else it clears that flag and queues the request at its unit's port.
 * AbortIO is a wish; whoever sent a request must wait for it all the same, before he may use it again.
 */
import { bool, type Domain, type ObjectRef, objectRef, oneOf, type Op, operation } from "../../model/language/index.ts";
import type { Held } from "../../model/language/kernel.ts";
import { number, type Ports } from "./ports.ts";
import type { State } from "./state.ts";
import { type Look, signallers, type Tasks } from "./tasks.ts";

type Call<A, R> = ((args: A) => Op<R>) & { readonly declaration: { readonly name: string } };
export interface Done<M> {
  readonly error: "none" | "aborted";
  readonly value: M;
}
interface Request<M> {
  readonly object: ObjectRef;
  readonly message: number;
  readonly value: M;
}
export interface Io<M> {
  readonly beginIO: Call<Request<M> & { readonly quick: boolean; readonly checked: boolean }, { readonly quick: boolean }>;
  readonly doIO: Call<Request<M>, Done<M>>;
  readonly waitIO: Call<{ readonly message: number }, Done<M>>;
  readonly checkIO: Call<{ readonly message: number }, { readonly done: boolean }>;
  readonly abortIO: Call<{ readonly message: number }, { readonly error: "none" | "failed" }>;
}

export function ioOf<M>(state: State<M>, tasks: Tasks, { link, unlink, answer }: Ports<M>, value: Domain<M>, values: readonly M[]): Io<M> {
  const { task, message, port, device } = state;
  type Naming = Look & { readonly args: { readonly message: number } };
  type Sending = Naming & { readonly args: { readonly object: ObjectRef; readonly value: M } };

  /** A request that is with a device, or whose reply has not been taken, may not be used. */
  const isActive = (k: Naming): boolean => k.of(message, k.args.message).type === "message" || k.of(message, k.args.message).list >= 0;
  const finishes = (k: Sending): boolean => {
    const { quick, unit } = k.of(device, k.args.object);
    return quick === "always" || (quick === "when-idle" && k.of(port, unit).list.length === 0);
  };
  const prepare = (k: Sending, quick: boolean): void => {
    const m = k.of(message, k.args.message);
    m.type = "unknown";
    m.value = k.args.value;
    m.quick = quick;
    m.aborted = false;
    m.device = k.args.object.index;
  };
  const enqueue = (k: Sending): void => {
    prepare(k, false);
    k.of(message, k.args.message).type = "message";
    link(k, k.of(device, k.args.object).unit, k.args.message);
  };

  const beginIO = operation({
    name: "BeginIO",
    args: { object: objectRef, message: number, value, quick: bool(), checked: bool() },
    result: { quick: bool() },
    general: (held) =>
      requestsOf(held).flatMap((each) => values.flatMap((v) => [false, true].map((quick) => ({ ...each, value: v, quick, checked: true })))) as never,
    rules: {
      "request in use": {
        when: (k) => isActive(k),
        do: (k) => {
          if (k.args.checked) k.complete(k.self, { quick: false });
          else k.panic("BeginIO: the request is in use");
        },
      },
      "finish at once": {
        when: (k) => !isActive(k) && finishes(k) && k.args.quick,
        do: (k) => {
          prepare(k, true);
          k.complete(k.self, { quick: true });
        },
      },
      "finish at once and reply": {
        when: (k) => !isActive(k) && finishes(k) && !k.args.quick,
        do: (k) => {
          prepare(k, false);
          answer(k, k.args.message);
          k.complete(k.self, { quick: false });
        },
      },
      "queue at the unit": {
        when: (k) => !isActive(k) && !finishes(k),
        do: (k) => {
          enqueue(k);
          k.complete(k.self, { quick: false });
        },
      },
    },
  });

  // Waiting for a request: for the signal of its reply port, whoever else's reply that is.

  const isReplied = (k: Naming): boolean => k.of(message, k.args.message).type !== "message" || k.of(message, k.args.message).quick;
  const replySignal = (k: Naming): number => {
    const { replyPort } = k.of(message, k.args.message);
    return replyPort < 0 ? 0 : 1 << k.of(port, replyPort).bit;
  };
  const hasReply = (k: Naming): boolean => k.of(message, k.args.message).type === "replymsg" && !k.of(message, k.args.message).quick;
  const resultOf = (k: Naming) => {
    const m = k.of(message, k.args.message);
    return { error: m.aborted ? ("aborted" as const) : ("none" as const), value: m.value };
  };
  const waiting = {
    says: "waiting for its request (WaitIO)",
    kind: "reply" as const,
    wakers: [{ by: signallers, anywhere: true }],
    until: (k: Naming) => k.of(task, k.self).state === "wait" && isReplied(k),
  };
  const done = { error: oneOf("none", "aborted"), value };
  const guarded = { by: "error", ok: "none", fields: ["value"] } as const;

  const hasBegun = (k: Look): boolean => k.of(task, k.self).began;
  const doIO = operation({
    name: "DoIO",
    args: { object: objectRef, message: number, value },
    result: done,
    guarded,
    general: false,
    rules: {
      "request in use": {
        when: (k) => !hasBegun(k) && isActive(k),
        do: (k) => k.panic("DoIO: the request is in use"),
      },
      "finish at once": {
        when: (k) => !hasBegun(k) && !isActive(k) && finishes(k),
        do: (k) => {
          prepare(k, true);
          k.complete(k.self, resultOf(k) as never);
        },
      },
      "queue at the unit": {
        when: (k) => !hasBegun(k) && !isActive(k) && !finishes(k),
        do: (k) => {
          enqueue(k);
          k.of(task, k.self).began = true;
        },
      },
      "take the reply": {
        when: (k) => hasBegun(k) && tasks.runs(k) && hasReply(k) && k.of(message, k.args.message).list >= 0,
        do: (k) => {
          unlink(k, k.args.message);
          k.of(task, k.self).began = false;
          k.complete(k.self, resultOf(k) as never);
        },
      },
      "the reply is gone": {
        when: (k) => hasBegun(k) && tasks.runs(k) && isReplied(k) && k.of(message, k.args.message).list < 0,
        do: (k) => k.panic("DoIO: the reply is in no list"),
      },
      ...tasks.waiting({ mask: replySignal, isDone: (k: Naming) => !hasBegun(k) || isReplied(k) }),
    },
    waits: { waiting },
  });

  const waitIO = operation({
    name: "WaitIO",
    args: { message: number },
    result: done,
    guarded,
    rules: {
      "nothing to wait for": {
        when: (k) => tasks.runs(k) && isReplied(k) && !hasReply(k),
        do: (k) => k.complete(k.self, resultOf(k) as never),
      },
      "take the reply": {
        when: (k) => tasks.runs(k) && hasReply(k) && k.of(message, k.args.message).list >= 0,
        do: (k) => {
          unlink(k, k.args.message);
          k.complete(k.self, resultOf(k) as never);
        },
      },
      "the reply is gone": {
        when: (k) => tasks.runs(k) && hasReply(k) && k.of(message, k.args.message).list < 0,
        do: (k) => k.panic("WaitIO: the reply is in no list"),
      },
      ...tasks.waiting({ mask: replySignal, isDone: isReplied }),
    },
    waits: { waiting },
    general: false,
  });

  const checkIO = operation({
    name: "CheckIO",
    args: { message: number },
    result: { done: bool() },
    general: false,
    rules: { check: { do: (k) => k.complete(k.self, { done: isReplied(k) }) } },
  });

  /** The device can give up what is still queued at its unit. */
  const isAbortable = (k: Naming): boolean => {
    const { device: at, list, type } = k.of(message, k.args.message);
    if (k.objects(device).length === 0 || at < 0 || list < 0 || type !== "message") return false;
    return k.of(device, at).aborts && k.of(device, at).unit === list;
  };
  const abortIO = operation({
    name: "AbortIO",
    args: { message: number },
    result: { error: oneOf("none", "failed") },
    general: ({ objects }) => objects.filter(({ type }) => type.name === "exec.request").map(({ ref }) => ({ message: ref.index })),
    rules: {
      "abort the request": {
        when: (k) => isAbortable(k),
        do: (k) => {
          unlink(k, k.args.message);
          k.of(message, k.args.message).aborted = true;
          answer(k, k.args.message);
          k.complete(k.self, { error: "none" });
        },
      },
      "nothing to abort": {
        when: (k) => !isAbortable(k),
        do: (k) => k.complete(k.self, { error: "failed" }),
      },
    },
  });

  return { beginIO, doIO, waitIO, checkIO, abortIO } as unknown as Io<M>;
}

/** What a general client may ask of the devices that it holds, with the requests that it holds. */
function requestsOf({ objects }: Held): readonly { readonly object: ObjectRef; readonly message: number }[] {
  const of = (type: string): readonly ObjectRef[] => objects.filter((each) => each.type.name === type).map(({ ref }) => ref);
  return of("exec.device").flatMap((object) => of("exec.request").map(({ index }) => ({ object, message: index })));
}
