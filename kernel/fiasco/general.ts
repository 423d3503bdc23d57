/** What a thread without a program can do with the IPC system call, given what it holds: threads, gates and reply slots. */
import { type Held, nobody, type ObjectRef, type Timeout, type Values } from "../../model/language/index.ts";
import { messagesOf } from "../../model/language/messages.ts";
import type { System } from "./calls.ts";
import type { IpcArgs } from "./ipc.ts";

type Row<M> = Values<IpcArgs<M>>;
const timeouts: readonly Timeout[] = ["infinite", "zero", "finite"];

export function everything<M>(held: Held, { message, nothing, staleReplies, labels, items }: System<M>): readonly Row<M>[] {
  const named = (type: string): readonly ObjectRef[] => held.objects.filter((each) => each.type.name === type).map(({ ref }) => ref);
  const idle = {
    kind: "none",
    to: nobody,
    gate: null,
    slot: null,
    message: nothing,
    send: "infinite",
    next: "none",
    from: nobody,
    isCall: false,
    receive: "infinite",
    store: null,
    forged: 0,
    ...(items ? { items: false } : {}),
    idle: true,
  } as Row<M>;
  const partners: readonly Row<M>[] = [
    ...held.threads.map((to) => ({ ...idle, kind: "thread" as const, to })),
    ...named("gate").map((gate) => ({ ...idle, kind: "gate" as const, gate })),
  ];
  const labelled = Array.from({ length: staleReplies ? labels : 1 }, (_, forged) => forged);
  const replies: readonly Row<M>[] = [{ ...idle, kind: "reply" as const }, ...named("slot").map((slot) => ({ ...idle, kind: "slot" as const, slot }))].flatMap(
    (row) => labelled.map((forged) => ({ ...row, forged })),
  );
  const waits = timeouts.flatMap((receive) => [null, ...named("slot")].map((store) => ({ next: "open" as const, receive, store })));
  const carried = items ? [false, true] : [false];
  const sending = (rows: readonly Row<M>[]): readonly Row<M>[] =>
    rows.flatMap((row) =>
      messagesOf(message, held.threads).flatMap((value) =>
        timeouts.flatMap((send) => carried.map((each) => ({ ...row, message: value, send, ...(items ? { items: each } : {}) }))),
      ),
    );
  return [
    ...sending(partners),
    ...sending(partners).flatMap((row) => timeouts.map((receive) => ({ ...row, isCall: true, next: "closed" as const, receive }))),
    ...sending(replies),
    ...sending(replies).flatMap((row) => waits.map((wait) => ({ ...row, ...wait }))),
    ...waits.map((wait) => ({ ...idle, ...wait })),
    ...held.threads.flatMap((from) => timeouts.map((receive) => ({ ...idle, next: "closed" as const, from, receive }))),
  ];
}
