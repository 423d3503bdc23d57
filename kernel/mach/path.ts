/**
 * The executable Mach kernel: `mach_msg` (message-path.ts), operations on ports (ports-path.ts), queues and rights
 * (mqueue-path.ts) over control blocks in kernel memory (blocks.ts). Messages are copied twice, into a kernel buffer and
 * out of it.
 */
import type { Domain, DomainShape } from "../../model/language/domain.ts";
import type { Blocking, KernelHost, MachinePath } from "../common/path.ts";
import { initialValue } from "../common/words.ts";
import { type Kmsg, makeBlocks, type Port, type Thread } from "./blocks.ts";
import { messageCall } from "./message-path.ts";
import { MessageQueues } from "./mqueue-path.ts";
import { nameOf, onceNameOf } from "./names.ts";
import { portCalls } from "./ports-path.ts";

function messageDomain(host: KernelHost): DomainShape {
  const send = host.instance.protocol.kernel.operations.find(({ declaration }) => declaration.name === "mach_msg");
  const message = (send?.declaration.args as Readonly<Record<string, DomainShape>> | undefined)?.["message"];
  if (message === undefined) throw new TypeError("a Mach kernel without the operation mach_msg");
  return message;
}

export default function machPath(host: KernelHost): MachinePath {
  const domain = messageDomain(host);
  const nothing = initialValue(domain);
  const blocks = makeBlocks(host, domain as Domain);
  const queues = new MessageQueues(host, blocks, nothing);
  const { threads, ports, spaces } = blocks;
  const { objects } = host.instance;

  const envelope = (kmsg: Kmsg | null): unknown => {
    if (kmsg?.port == null) return { to: 0, id: "message", kernel: false, data: 0, value: nothing, right: 0 };
    const { port, once, carried, carriedOnce, id, kernel, data, body } = kmsg;
    const name = (to: Port, isOnce: boolean): number => (isOnce ? onceNameOf(blocks.numberOf(to)) : nameOf(blocks.numberOf(to)));
    return { to: name(port, once), id, kernel, data, value: body, right: carried === null ? 0 : name(carried, carriedOnce) };
  };
  const handle = (who: Thread): unknown => host.threads[threads.indexOf(who)];
  const ofPorts = (value: (port: Port, index: number) => unknown): readonly unknown[] =>
    objects.map(({ ref }) => {
      const port = ports.get(ref.index);
      return port === undefined ? null : value(port, ref.index);
    });
  const nameOrNone = (port: Port | null): number => (port === null ? 0 : nameOf(blocks.numberOf(port)));
  const ofSpaces = (kind: "receive" | "send" | "once"): readonly unknown[] =>
    objects.map(({ ref }) => spaces.get(ref.index)?.map((entry) => entry[kind]) ?? null);

  const blocking = (thread: number): Blocking | null => {
    const me = threads[thread];
    if (me?.at == null) return null;
    const isSender = me.at.senders.has(me);
    const queue = [...(isSender ? me.at.senders : me.at.receivers)];
    return {
      queue: `place ${queue.indexOf(me) + 1} of ${queue.length} among the ${isSender ? "blocked senders" : "waiting receivers"} of ${me.at.name}`,
      on: [],
      until: null,
    };
  };
  return {
    calls: {
      mach_msg: messageCall(host, blocks, queues, nothing),
      ...portCalls(host, blocks, queues),
    },
    interrupts: {},
    project: () => ({
      "mach.phase": threads.map(({ phase }) => phase),
      "mach.message": threads.map(({ phase, kmsg }) => envelope(phase === "handed" ? kmsg : null)),
      "mach.counted": threads.map(({ counted }) => counted),
      "mach.dying": threads.map(({ dying }) => nameOrNone(dying)),
      "port.active": ofPorts(({ active }) => active),
      "port.isSet": ofPorts((port) => blocks.sets.has(port)),
      "port.limit": ofPorts((_, index) => blocks.limits.get(index)),
      "port.count": ofPorts(({ count }) => count),
      "port.queue": ofPorts(({ messages }) => Array.from(messages, envelope)),
      "port.senders": ofPorts(({ senders }) => Array.from(senders, handle)),
      "port.receivers": ofPorts(({ receivers }) => Array.from(receivers, handle)),
      "port.set": ofPorts(({ set }) => nameOrNone(set)),
      "port.ready": ofPorts(({ ready }) => Array.from(ready, (port) => blocks.numberOf(port))),
      "port.srights": ofPorts(({ srights }) => srights),
      "port.mscount": ofPorts(({ mscount }) => mscount),
      "port.nsrequest": ofPorts(({ noSenders }) => nameOrNone(noSenders)),
      "port.dnrequests": ofPorts(({ requests }) => Array.from(requests, ({ task, notify }) => ({ task, notify }))),
      "space.receive": ofSpaces("receive"),
      "space.send": ofSpaces("send"),
      "space.once": ofSpaces("once"),
    }),
    forget: (thread) => {
      const me = threads[thread];
      if (me === undefined) return;
      const { at } = me;
      if (at !== null) queues.awake(at.senders.has(me) ? at.senders : at.receivers, me);
    },
    blocking,
    audit: (asleep) => [
      ...[...ports.values()].flatMap((port) =>
        [port.messages, port.senders, port.receivers, port.ready, port.requests]
          .filter((list) => !list.consistent(64))
          .map(({ name }) => `the links of the ${name} are broken`),
      ),
      ...threads.flatMap((me, thread) => {
        if (me.at === null) return me.links.isQueued() ? [`${me.name} is queued but waits nowhere`] : [];
        return asleep(thread) ? [] : [`${me.name} waits at ${me.at.name} but is not blocked`];
      }),
    ],
  };
}
