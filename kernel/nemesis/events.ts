/**
 * What Nemesis does in user mode with event channels (events.c): Advance and Await. Before it blocks, Await looks without the
 * kernel, and acknowledges what it has seen until nothing new has come in between: from then on a send queues an event. The
 * activation takes one event after each block; one whose count has been acknowledged before costs a round.
 */
import type { Step } from "../../model/language/index.ts";
import type { Channel, Domain } from "./index.ts";

/** How an Await ends: the count is higher than asked for, the channel is dead, or the deadline has passed. */
export interface Awaited {
  readonly outcome: "reached" | "alerted" | "late";
  readonly value: number;
}
/** Until when: for ever, not at all, or to some time that may pass at any moment. */
export type Deadline = "none" | "past" | "some";

/** Waits until a channel's count is higher than `value`. */
export function* awaitCount(
  own: Domain,
  channel: Channel,
  value: number,
  { deadline = "none", idle = false }: { readonly deadline?: Deadline; readonly idle?: boolean } = {},
): Generator<Step, Awaited, unknown> {
  let seen = yield* channel.read();
  while (seen.state === "connected" && seen.value <= value) {
    if (seen.value !== seen.acknowledged) yield* channel.acknowledge(seen.value);
    else if (deadline === "past") return { outcome: "late", value: seen.value };
    else {
      const { late } = yield* own.block({ deadline: deadline === "some", idle, awaited: channel });
      if (late) return { outcome: "late", value: seen.value };
      yield* own.nextEvent();
    }
    seen = yield* channel.read();
  }
  return { outcome: seen.state === "dead" ? "alerted" : "reached", value: seen.value };
}
