/**
 * What Nemesis keeps of event channels (Events.if, VP.if, ntsc syscalls.c): for each channel its count as the sender last
 * set it and as the receiver last acknowledged it; for each domain the FIFO of channels with news, who is blocked in it, and, on
 * x86, the ring of sends that the scheduler has not made yet.
 */
import {
  bool,
  type Cell,
  type Domain,
  int,
  oneOf,
  perObject,
  perThread,
  queue,
  type QueueAccess,
  record,
  type StateGroup,
  threadId,
  type ThreadId,
} from "../../model/language/index.ts";
import type { DeclaredObject } from "../../model/language/kernel.ts";

type Of<V> = Domain<V, Cell<V>>;
type Queue<V> = Domain<readonly V[], QueueAccess<V>>;

/** Most objects, and most domains among them, of one protocol. */
export const objectLimit = 15;
export const mostDomains = 6;
/** Sends that a ring has room for at most. */
export const longestRing = 4;

export interface ThreadFields extends Readonly<Record<string, Domain>> {
  /** In its program; in a send whose event is queued and whose value is not stored; asleep in RFABlock. */
  readonly phase: Of<"run" | "queued" | "blocked">;
}
export interface ChannelFields extends Readonly<Record<string, Domain>> {
  readonly value: Of<number>;
  readonly acknowledged: Of<number>;
  readonly dead: Of<boolean>;
  /** The domains that it leads from and to. */
  readonly from: Of<number>;
  readonly to: Of<number>;
}
export interface Deferred {
  readonly channel: number;
  readonly value: number;
}
export interface DomainFields extends Readonly<Record<string, Domain>> {
  readonly fifo: Queue<number>;
  /** The thread that has blocked the domain. */
  readonly blocked: Of<ThreadId>;
  readonly ring: Queue<Deferred>;
  /** The thread whose sends are in the ring. */
  readonly sender: Of<ThreadId>;
}
export interface State {
  readonly vp: StateGroup<"thread", ThreadFields>;
  readonly channel: StateGroup<"object", ChannelFields>;
  readonly domain: StateGroup<"object", DomainFields>;
}
export interface ChannelOptions {
  readonly from: string;
  readonly to: string;
}

function domainNamed(objects: readonly DeclaredObject[], option: "from" | "to", name: string | undefined): number {
  // Of a protocol without channels the ranges are asked for all the same.
  if (name === undefined) return -1;
  const found = objects.find(({ ref }) => ref.name === name);
  if (found?.type.name !== "nemesis.domain") throw new TypeError(`channel({ ${option}: "${name}" }): that is none of the protocol's domains`);
  return found.ref.index;
}

/** `counts`: the highest value of a channel; `slots`: events that a FIFO has room for in the model; `ring`: sends in a ring. */
export function stateOf(counts: number, slots: number, ring: number): State {
  const count = int(0, counts);
  const vp = perThread("vp", { phase: oneOf("run", "queued", "blocked") });
  const channel = perObject("channel", ({ from, to }: ChannelOptions, objects: readonly DeclaredObject[]) => ({
    value: count,
    acknowledged: count,
    dead: bool(),
    from: int(-1, objectLimit - 1, domainNamed(objects, "from", from)),
    to: int(-1, objectLimit - 1, domainNamed(objects, "to", to)),
  }));
  const domain = perObject("domain", (_: object, objects: readonly DeclaredObject[]) => {
    if (objects.length > objectLimit) throw new RangeError(`a Nemesis protocol has at most ${objectLimit} objects`);
    if (objects.filter(({ type }) => type.name === "nemesis.domain").length > mostDomains)
      throw new RangeError(`a Nemesis protocol has at most ${mostDomains} domains`);
    return {
      fifo: queue(int(0, objectLimit - 1), slots),
      blocked: threadId,
      ring: queue(record({ channel: int(0, objectLimit - 1), value: count }), Math.max(1, ring)),
      sender: threadId,
    };
  });
  return { vp, channel, domain } as unknown as State;
}
