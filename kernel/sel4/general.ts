/**
 * What a thread without a program can do with the capabilities that it holds. Whoever holds an endpoint as such can mint
 * any badge and receive from it; of an endpoint declared with `client` a thread holds only that capability: one badge, and
 * no right to receive.
 */
import type { Held, ObjectRef, Values } from "../../model/language/index.ts";
import { messagesOf } from "../../model/language/messages.ts";
import type { ReceiveArgs, Rights, SendArgs } from "./ipc.ts";
import type { System } from "./threads.ts";

/** A minted capability. */
export interface Capability {
  readonly badge: number;
  readonly rights: Rights;
}

const objectsOf = ({ objects }: Held, type: string): readonly ObjectRef[] => objects.filter((each) => each.type.name === type).map(({ ref }) => ref);
const allBadges = (badges: number): readonly number[] => Array.from({ length: badges }, (_, badge) => badge);
const allRights: readonly Rights[] = ["grant", "grantReply", "write", "read"];

/** Send, NBSend and Call with every capability held. */
export function sends<M>(held: Held, { message, badges }: System<M>): readonly Values<SendArgs<M>>[] {
  const endpoints = held.objects.filter(({ type }) => type.name === "endpoint");
  return endpoints.flatMap(({ ref: object, type }) => {
    const client = type.options["client"] as Capability | null;
    const capabilities = client === null ? allBadges(badges).flatMap((badge) => allRights.map((rights) => ({ badge, rights }))) : [client];
    return capabilities.flatMap(({ badge, rights }) =>
      messagesOf(message, held.threads).flatMap((value) =>
        [
          { isCall: false, isBlocking: true },
          { isCall: false, isBlocking: false },
          { isCall: true, isBlocking: true },
        ].map((how) => ({ object, message: value, badge, rights, ...how })),
      ),
    );
  });
}

/** Recv, NBRecv, ReplyRecv and, with MCS, Wait, NBWait and NBSendRecv on every endpoint held as such. */
export function receives<M>(held: Held, { message, badges, mcs, nothing }: System<M>): readonly Values<ReceiveArgs<M>>[] {
  const endpoints = held.objects.filter(({ type }) => type.name === "endpoint" && type.options["client"] === null).map(({ ref }) => ref);
  const replies = mcs ? [...objectsOf(held, "reply"), null] : [null];
  const none = { badge: 0, message: nothing, to: null, signal: null };
  const firsts = [
    { ...none, first: "nothing" as const },
    ...messagesOf(message, held.threads).map((value) => ({ ...none, first: "reply" as const, message: value })),
    ...(mcs
      ? allBadges(badges).flatMap((badge) => [
          ...objectsOf(held, "notification").map((signal) => ({ ...none, first: "send" as const, badge, signal })),
          ...endpoints.flatMap((to) => messagesOf(message, held.threads).map((value) => ({ ...none, first: "send" as const, badge, message: value, to }))),
        ])
      : []),
  ];
  return endpoints.flatMap((object) =>
    replies.flatMap((reply) =>
      firsts
        .filter(({ first }) => first !== "reply" || !mcs || reply !== null)
        .flatMap((each) => (each.first === "reply" ? [true] : [true, false]).map((isBlocking) => ({ object, reply, ...each, isBlocking, idle: true }))),
    ),
  );
}
