/** Receiving at a port: lwkt_waitport, and lwkt_getport where it polls. */
import { bool, type Domain, int, oneOf, operation, type StateQueue } from "../../model/language/index.ts";
import { type Delivery, type Look, spinNumber } from "./delivery.ts";
import type { Call } from "./rules.ts";
import type { Entry, State } from "./state.ts";

export function waitportOf<M>(state: State<M>, value: Domain<M>, nothing: M, delivery: Delivery<M>): Call {
  const { port, spin, td } = state;
  const { phaseOf, isNew, settle, received, shift, isUnderWay } = delivery;

  const takes = (k: Look): StateQueue<Entry> => k.of(port, k.self).queue;
  return operation({
    name: "lwkt_waitport",
    args: { spin: spinNumber, poll: bool(), idle: bool() },
    result: { error: oneOf("none", "EWOULDBLOCK"), message: int(0, 15), value, what: oneOf("request", "reply", "abort") },
    guarded: { by: "error", ok: "none", fields: ["message", "value", "what"] },
    general: ({ objects }) => [
      { spin: -1, poll: false, idle: true },
      ...objects.filter(({ type }) => type.name === "lwkt.spin").map(({ ref }) => ({ spin: ref.index, poll: false, idle: true })),
    ],
    rules: {
      "take a message": {
        when: (k) => k.args.spin < 0 && isNew(k) && takes(k).length > 0,
        do: (k) => k.complete(k.self, received(k, shift(k, takes(k)))),
      },
      "no message": {
        when: (k) => k.args.poll && isNew(k) && (k.args.spin >= 0 ? k.of(spin, k.args.spin).queue.length === 0 : takes(k).length === 0),
        do: (k) => k.complete(k.self, { error: "EWOULDBLOCK", message: 0, value: nothing, what: "request" }),
      },
      "wait at the port": {
        when: (k) => k.args.spin < 0 && !k.args.poll && isNew(k) && takes(k).length === 0,
        do: (k) => {
          k.of(td, k.self).phase = "waitport";
        },
      },
      "take a message from a spin port": {
        when: (k) => k.args.spin >= 0 && (isNew(k) || phaseOf(k) === "spin-go") && k.of(spin, k.args.spin).queue.length > 0,
        do: (k) => {
          settle(k, k.self);
          k.complete(k.self, received(k, shift(k, k.of(spin, k.args.spin).queue)));
        },
      },
      "wait at a spin port": {
        when: (k) => k.args.spin >= 0 && !k.args.poll && (isNew(k) || phaseOf(k) === "spin-go") && k.of(spin, k.args.spin).queue.length === 0,
        do: (k) => {
          k.of(td, k.self).phase = "spin-wait";
          k.of(spin, k.args.spin).waiters.push(k.self);
        },
      },
    },
    waits: {
      waiting: {
        says: "waiting for a message (lwkt_waitport)",
        kind: "receive",
        wakers: [{ by: ["lwkt_sendmsg", "lwkt_domsg", "lwkt_replymsg", "lwkt_forwardmsg", "lwkt_abortmsg"] }],
        idle: (k) => k.args.idle,
        passing: isUnderWay,
      },
    },
  }) as unknown as Call;
}
