/**
 * The executable seL4 kernel, after the kernel's own sources: every system call runs to its end under the one lock, and a
 * thread that is restarted performs its system call once more. Here is what can be seen of it from outside.
 */
import type { Blocking, KernelHost, MachinePath, Projection } from "../common/path.ts";
import { fieldsPerObject } from "../common/projection.ts";
import { contextOfCall } from "./chain.ts";
import { type EndpointObject, type NotificationObject, Objects, type ReplyObject, type SchedContextObject, type Tcb } from "./objects.ts";
import { IpcPath } from "./path-ipc.ts";
import { objectCalls } from "./path-objects.ts";
import { ThreadOperations } from "./path-threads.ts";

export default function sel4Path(host: KernelHost): MachinePath {
  const objects = new Objects(host);
  const threads = new ThreadOperations(host, objects);
  const ipc = new IpcPath(host, objects, threads);
  const { mcs, leavesReceiverQueued, missingInterrupt } = objects.build;
  const { tcbs, contexts } = objects;

  const perObject = <T>(records: ReadonlyMap<number, T>, fields: Readonly<Record<string, (record: T) => unknown>>): Projection =>
    fieldsPerObject(host.instance, records, fields);
  const queue = (line: Iterable<Tcb>): unknown => Array.from(line, (tcb) => objects.threadOf(tcb));
  const calls = ({ head }: SchedContextObject): readonly number[] => {
    const found: number[] = [];
    for (let call: ReplyObject | null = head; call !== null; call = call.previous) found.unshift(objects.numberOf(call));
    return found;
  };
  const runsOn = ({ context }: Tcb, thread: number): string => (context === null ? "none" : objects.numberOf(context) === thread ? "own" : "lent");

  const project = (): Projection => ({
    "tcb.state": tcbs.map(({ state }) => state),
    "tcb.message": tcbs.map(({ message }) => message),
    "tcb.badge": tcbs.map(({ badge }) => badge),
    "tcb.isCall": tcbs.map(({ isCall }) => isCall),
    "tcb.canReply": tcbs.map(({ canReply }) => canReply),
    ...(mcs
      ? {
          "context.runsOn": tcbs.map(runsOn),
          "context.lender": tcbs.map((tcb, thread) => objects.threadOf(runsOn(tcb, thread) === "lent" ? tcb.context : null)),
          "context.calls": contexts.map(calls),
          ...(missingInterrupt ? { "core.unseen": tcbs.map(({ arrival }) => arrival.isQueued()) } : {}),
        }
      : { "slot.caller": tcbs.map(({ caller }) => objects.threadOf(caller)) }),
    ...perObject(objects.endpoints, {
      "endpoint.senders": ({ senders }) => queue(senders),
      "endpoint.receivers": ({ receivers }) => queue(receivers),
      "endpoint.deleted": ({ deleted }) => deleted,
      "endpoint.revoked": ({ revoked }) => revoked,
    }),
    ...perObject(objects.notifications, {
      "notification.active": ({ active }) => active,
      "notification.word": ({ word }) => word,
      "notification.waiters": ({ waiters }) => queue(waiters),
      "notification.tcb": ({ tcb }) => objects.threadOf(tcb),
      "notification.context": ({ context }) => objects.threadOf(context),
    }),
    ...perObject(objects.slots, { "saved.caller": ({ caller }) => objects.threadOf(caller) }),
    ...perObject(objects.replies, {
      "reply.tcb": ({ tcb }) => objects.threadOf(tcb),
      "reply.context": (reply) => objects.threadOf(contextOfCall(reply)),
      "reply.deleted": ({ deleted }) => deleted,
    }),
  });

  const place = (line: Iterable<Tcb>, tcb: Tcb, name: string): string => {
    const all = [...line];
    return `place ${all.indexOf(tcb) + 1} of ${all.length} in the ${name}`;
  };
  /** Who can reply to a caller: the thread that received the call, as far as the kernel knows. */
  const repliers = (caller: Tcb): readonly number[] => tcbs.flatMap((tcb, thread) => (tcb.caller === caller ? [thread] : []));
  const blocking = (thread: number): Blocking | null => {
    const tcb = tcbs[thread] as Tcb;
    const waits = (line: string, on: readonly number[] = []): Blocking => ({ queue: line, on, until: null });
    switch (tcb.state) {
      case "blocked-on-send": {
        const { senders } = tcb.blockedOn as EndpointObject;
        return waits(`BlockedOnSend, ${place(senders, tcb, senders.name)}`);
      }
      case "blocked-on-receive": {
        const { receivers } = tcb.blockedOn as EndpointObject;
        return waits(`BlockedOnReceive, ${place(receivers, tcb, receivers.name)}`);
      }
      case "blocked-on-notification": {
        const { waiters } = tcb.blockedOn as NotificationObject;
        return waits(`BlockedOnNotification, ${place(waiters, tcb, waiters.name)}`);
      }
      case "blocked-on-reply": {
        const saved = [...objects.slots.values()].find(({ caller }) => caller === tcb);
        const by = tcb.reply ?? saved;
        const on = repliers(tcb);
        if (by !== undefined) return waits(`BlockedOnReply, which ${by.name} can send`, on);
        return waits(on.length > 0 ? "BlockedOnReply" : "BlockedOnReply, and no capability to reply is left", on);
      }
      case "running":
      case "inactive":
        return null;
    }
  };

  return {
    calls: { "endpoint.send": (call) => ipc.send(call), "endpoint.receive": (call) => ipc.receive(call), ...objectCalls(objects, threads, ipc) },
    interrupts: {},
    project,
    blocking,
    halted: (thread) => {
      const { state, context, arrival } = tcbs[thread] as Tcb;
      if (state === "inactive") return { queue: "Inactive", on: [], until: null };
      if (mcs && state === "running" && context === null) return { queue: "Running without a scheduling context", on: [], until: null };
      if (missingInterrupt && state === "running" && arrival.isQueued())
        return { queue: `Running, in the ready queue of core ${objects.coreOf(context)}, which is idle and has not been told`, on: [], until: null };
      return null;
    },
    forget: (thread) => {
      threads.cancel(tcbs[thread] as Tcb);
      threads.depart(tcbs[thread] as Tcb);
    },
    audit: (asleep) => [
      ...tcbs.flatMap((tcb, thread) => {
        const faults: string[] = [];
        const sleeps = tcb.state !== "running" && tcb.state !== "inactive";
        if (sleeps !== asleep(thread)) faults.push(`${tcb.name} is ${tcb.state} ${sleeps ? "but not asleep" : "but asleep"}`);
        if (!sleeps && tcb.place.isQueued() && !leavesReceiverQueued) faults.push(`${tcb.name} is ${tcb.state} but queued`);
        if (tcb.reply !== null && tcb.reply.tcb !== tcb) faults.push(`${tcb.name} and ${tcb.reply.name} do not name each other`);
        if (tcb.context !== null && tcb.context.tcb !== tcb) faults.push(`${tcb.name} and its scheduling context do not name each other`);
        if (tcb.bound !== null && tcb.bound.tcb !== tcb) faults.push(`${tcb.name} and ${tcb.bound.name} do not name each other`);
        return faults;
      }),
      ...[...objects.endpoints.values()].flatMap(({ senders, receivers }) => [
        ...[senders, receivers].filter((line) => !line.consistent(tcbs.length)).map(({ name }) => `the links of the ${name} are broken`),
        ...(senders.isEmpty || receivers.isEmpty ? [] : [`both the ${senders.name} and the ${receivers.name} hold threads`]),
      ]),
      ...[...objects.notifications.values()].flatMap(({ active, waiters, name }) => [
        ...(waiters.consistent(tcbs.length) ? [] : [`the links of the ${waiters.name} are broken`]),
        ...(active && !waiters.isEmpty ? [`${name} is active although somebody waits`] : []),
      ]),
      ...[...objects.replies.values()].flatMap((reply) =>
        reply.previous !== null && reply.previous.next !== reply ? [`the chain of calls at ${reply.name} is broken`] : [],
      ),
    ],
  };
}
