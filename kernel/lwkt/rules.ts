/**
 * LWKT messages as a model, after sys/kern/lwkt_msgport.c and msgport.9 of DragonFly.
 *
 * A thread port is touched on its owner's CPU only: a put, a reply or an abort from elsewhere travels as an interprocessor
 * interrupt, whose handler is a rule of no thread. A spin port has a lock and any number of receivers; who is woken looks
 * for himself. `reply: "flags"` is the kernel of 2003, whose synchronous reply sets DONE and then tests whether somebody
 * waits, while the waiter tests DONE and then waits; `abort: "reads"` is its abort, which reads the target and then goes
 * there; `drains: false` is a mutant that does not serve its own inbound interrupts while it waits for room.
 */
import type { BackgroundRule, Domain, Operation } from "../../model/language/index.ts";
import { abortOf } from "./aborting.ts";
import { type Delivery, deliveryOf } from "./delivery.ts";
import { waitportOf } from "./receiving.ts";
import { repliesOf } from "./replies.ts";
import { sendingOf } from "./sending.ts";
import type { State } from "./state.ts";

export interface Variant {
  readonly cpus: number;
  readonly reply: "ipi" | "flags";
  readonly abort: "chases" | "reads";
  readonly drains: boolean;
  /** A thread that sends to its own port is served at once, as netisr threads do. */
  readonly netisr: boolean;
  /** Interrupts under way from one CPU to another. */
  readonly ipiq: number;
}
type Domains = Readonly<Record<string, Domain>>;
/** An operation, whatever its arguments. */
export type Call = Operation<Domains, Domains>;
export interface Operations {
  readonly sendmsg: Call;
  readonly domsg: Call;
  readonly waitmsg: Call;
  readonly waitport: Call;
  readonly replymsg: Call;
  readonly forwardmsg: Call;
  readonly dropmsg: Call;
  readonly abortmsg: Call;
  readonly background: Readonly<Record<string, BackgroundRule>>;
}

export function operationsOf<M>(state: State<M>, value: Domain<M>, nothing: M, values: readonly M[], variant: Variant): Operations {
  const delivery: Delivery<M> = deliveryOf(state, variant, () => completed);
  const sending = sendingOf(state, value, values, variant, delivery);
  const waitport = waitportOf(state, value, nothing, delivery);
  const completed = { domsg: sending.domsg, waitmsg: sending.waitmsg, waitport };
  return { ...sending, waitport, ...repliesOf(state, value, variant, delivery), abortmsg: abortOf(state, variant, delivery), background: delivery.background };
}
