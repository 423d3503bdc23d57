/**
 * Nemesis: domains, event channels between them, and, in user mode, eventcounts and IO channels over shared memory.
 * `import * as nemesis from "ipc-check/kernels/nemesis"`.
 *
 *     const { kernel, domain, channel } = nemesis.system();
 *     protocol("…", { kernel, objects: { here: domain(), there: domain(), request: channel({ from: "here", to: "there" }) }, … })
 */
import { type Kernel, kernel as declareKernel, type ObjectType, objectType, type Op } from "../../model/language/index.ts";
import { onlyOptions } from "../../model/language/names.ts";
import { operationsOf, type Seen, type Variant } from "./rules.ts";
import { longestRing, stateOf } from "./state.ts";

export { awaitCount, type Awaited, type Deadline } from "./events.ts";
export { awaitFreeSlots, type Fifo, getPacket, type Packet, packetSlots, putPacket } from "./io-channel.ts";
export type { Seen } from "./rules.ts";

/** A domain, as its own thread uses it. */
export interface Domain {
  /**
   * RFABlock: sleeps until there is an event, unless there is one; with a deadline, perhaps not as long (`late`). `awaited` says
   * whose news the sleep is for: to sleep on while that channel has some is a lost wake-up.
   */
  block(options?: { readonly deadline?: boolean; readonly idle?: boolean; readonly awaited?: { readonly id: number } }): Op<{ readonly late: boolean }>;
  /** Takes an event out of the FIFO: the `id` of a channel with news. */
  nextEvent(): Op<{ readonly error: "none" | "empty"; readonly channel: number }>;
  /** Gives up the processor: what has been sent is delivered. */
  yield(): Op<object>;
}
/** An event channel: a count that one side sets and the other reads. */
export interface Channel {
  /** Sets the count. Never blocks. */
  send(value: number): Op<{ readonly error: "none" | "BadState" }>;
  /** The receiver looks at the count, and at what it has acknowledged of it. */
  read(): Op<Seen>;
  /** From now on a send of another value queues an event. */
  acknowledge(value: number): Op<object>;
  /** Disconnects it: senders get BadState, waiters are alerted. */
  close(): Op<object>;
  /** As events name it. */
  readonly id: number;
}

const nothing = { id: -1 } as const;

export interface Options {
  readonly cpus?: number;
  /** The highest count; default 7. */
  readonly counts?: number;
  /** Events that a domain's FIFO has room for in the model; default 4. */
  readonly slots?: number;
  /** Sends that a domain's ring defers until it is descheduled; default 0: a send is a system call. */
  readonly ring?: number;
  /** The scheduler takes domains off the processor at any time; default true. It matters where sends are deferred. */
  readonly preempts?: boolean;
  /** "split": a send queues its event in one step and stores its value in another. Default "atomic". */
  readonly send?: "atomic" | "split";
}
export interface System {
  readonly kernel: Kernel<object>;
  domain(): ObjectType<Domain>;
  /** From one domain to another, by the names of objects. */
  channel(options: { readonly from: string; readonly to: string }): ObjectType<Channel>;
}

/** Declares a system. */
export function system(options: Options = {}): System {
  onlyOptions("nemesis.system", options, ["cpus", "counts", "slots", "ring", "preempts", "send"]);
  const { counts = 7, slots = 4, ring = 0, preempts = true, send: how = "atomic" } = options;
  if (!Number.isInteger(counts) || counts < 1 || counts > 255) throw new RangeError(`nemesis.system({ counts: ${counts} }): give 1 to 255`);
  if (!Number.isInteger(ring) || ring < 0 || ring > longestRing) throw new RangeError(`nemesis.system({ ring: ${ring} }): give 0 to ${longestRing}`);
  if (ring > 0 && how === "split") throw new TypeError('nemesis.system(): with a ring, sends are made by the scheduler; leave out send: "split"');
  const variant: Variant = { counts, ring, preempts, send: how };
  const state = stateOf(counts, slots, ring);
  const { send, read, acknowledge, close, block, nextEvent, yieldTo, background } = operationsOf(state, variant);
  const machine = () => import("./path.ts");
  const kernel = declareKernel({
    name: "nemesis",
    options: { counts, slots, ring, preempts, send: how },
    ...(options.cpus === undefined ? {} : { cpus: options.cpus }),
    state: [state.vp, state.channel, state.domain],
    operations: [],
    background,
    api: {},
    machine,
  });
  return {
    kernel,
    domain: () =>
      objectType({
        name: "nemesis.domain",
        state: [state.vp, state.domain],
        operations: [block, nextEvent, yieldTo],
        api: (object): Domain => ({
          block: ({ deadline = false, idle = false, awaited = nothing } = {}) => block({ object, deadline, idle, awaited: awaited.id }),
          nextEvent: () => nextEvent({ object }),
          yield: () => yieldTo({ object }),
        }),
        machine,
      }),
    channel: (given) => {
      onlyOptions("channel", given, ["from", "to"]);
      const { from, to } = given;
      return objectType({
        name: "nemesis.channel",
        options: { from, to },
        state: [state.channel],
        operations: [send, read, acknowledge, close],
        api: (object): Channel => ({
          send: (value) => send({ object, value }),
          read: () => read({ object }),
          acknowledge: (value) => acknowledge({ object, value }),
          close: () => close({ object }),
          id: object.index,
        }),
        machine,
      });
    },
  };
}
