/**
 * The executable Nemesis, after ntsc/ix86/intel/syscalls.c and events.c: endpoints in memory that domains share with the kernel,
 * FIFOs of pending events, RFABlock, and the rings that the scheduler empties when it deschedules a domain.
 */
import { bool, int, nobody } from "../../model/language/domain.ts";
import type { ObjectRef } from "../../model/language/kernel.ts";
import { CheckFailed, OutOfRange } from "../../model/language/operation.ts";
import type { List, ListNode } from "../common/lists.ts";
import { block, type Blocking, commit, type KernelHost, type KernelRoutine, type MachinePath, pause, type SystemCall } from "../common/path.ts";
import { perObject } from "../common/projection.ts";
import { type KernelRecord, layout, link, links, list, word } from "../common/records.ts";

interface ThreadBlock {
  /** Between the two halves of a split send. */
  sending: boolean;
  /** The domain that it has blocked. */
  blocks: DomainRecord | null;
}
type Thread = ThreadBlock & KernelRecord;
interface EventBlock {
  readonly links: ListNode;
  channel: ChannelRecord | null;
  value: number;
}
type Event = EventBlock & KernelRecord;
interface ChannelBlock {
  value: number;
  acknowledged: number;
  dead: boolean;
  from: DomainRecord | null;
  to: DomainRecord | null;
}
type ChannelRecord = ChannelBlock & KernelRecord;
interface DomainBlock {
  /** Pending events, and free places for more. */
  readonly fifo: List<Event>;
  readonly free: List<Event>;
  sleeper: Thread | null;
  readonly ring: List<Event>;
  readonly unused: List<Event>;
  sender: Thread | null;
}
type DomainRecord = DomainBlock & KernelRecord;

export default function nemesisPath(host: KernelHost): MachinePath {
  const { options } = host.instance.protocol.kernel;
  const counts = Number(options["counts"]);
  const threads = host.perThread(layout<ThreadBlock>("virtual processor", { sending: bool(), blocks: link<DomainRecord>() }));
  const domains = host.perObject(
    "nemesis.domain",
    layout<DomainBlock>("domain", {
      fifo: list<Event>("links", "event FIFO"),
      free: list<Event>("links", "free events"),
      sleeper: link<Thread>(),
      ring: list<Event>("links", "ring of sends"),
      unused: list<Event>("links", "free sends"),
      sender: link<Thread>(),
    }),
  );
  const channels = host.perObject(
    "nemesis.channel",
    layout<ChannelBlock>("channel", { value: int(0, 255), acknowledged: int(0, 255), dead: bool(), from: link<DomainRecord>(), to: link<DomainRecord>() }),
  );
  const eventLayout = layout<EventBlock>("event", { links: links(), channel: link<ChannelRecord>(), value: word() });
  const numbers = new Map<KernelRecord, number>([
    ...threads.map((thread, number): [KernelRecord, number] => [thread, number]),
    ...[...domains].map(([number, each]): [KernelRecord, number] => [each, number]),
    ...[...channels].map(([number, each]): [KernelRecord, number] => [each, number]),
  ]);
  const numberOf = (record: KernelRecord | null): number => (record === null ? -1 : (numbers.get(record) ?? -1));
  const handleOf = (thread: Thread | null): unknown => (thread === null ? nobody : host.threads[numberOf(thread)]);

  // The binder has made the connections before anything runs.
  for (const domain of domains.values()) {
    for (let place = 0; place < Number(options["slots"]); place++) domain.free.enqueue(host.record(eventLayout, `event ${place} of ${domain.name}`));
    for (let place = 0; place < Number(options["ring"]); place++) domain.unused.enqueue(host.record(eventLayout, `send ${place} of ${domain.name}`));
  }
  for (const { ref, type } of host.instance.objects) {
    const channel = channels.get(ref.index);
    if (channel === undefined) continue;
    const named = (name: unknown): DomainRecord | null => {
      const found = host.instance.objects.find((each) => each.ref.name === name);
      return found === undefined ? null : (domains.get(found.ref.index) ?? null);
    };
    channel.from = named(type.options["from"]);
    channel.to = named(type.options["to"]);
  }

  const known = <T>(all: ReadonlyMap<number, T>, { args }: SystemCall): T => {
    const { name, index } = args["object"] as ObjectRef;
    const found = all.get(index);
    if (found === undefined) throw new OutOfRange(`${name} is none`);
    return found;
  };
  const end = (domain: DomainRecord | null): DomainRecord => {
    if (domain === null) throw new OutOfRange("a channel without an end");
    return domain;
  };
  const meOf = ({ thread }: SystemCall): Thread => threads[thread] as Thread;
  const counted = (value: unknown): number => {
    const number = Number(value);
    if (number < 0 || number > counts) throw new OutOfRange(`a count is 0 to ${counts}`);
    return number;
  };

  const queueEvent = (channel: ChannelRecord): void => {
    if (channel.value !== channel.acknowledged) return;
    const { fifo, free } = end(channel.to);
    if ([...fifo].some((queued) => queued.channel === channel)) return;
    const event = free.dequeue();
    if (event === null) throw new OutOfRange(`the ${fifo.name} is full`);
    event.channel = channel;
    fifo.enqueue(event);
  };
  /** `falling` is about to sleep, and has nobody to wake it yet. */
  const makeRunnable = (domain: DomainRecord, falling: Thread | null = null): void => {
    const { sleeper } = domain;
    if (sleeper === null) return;
    domain.sleeper = null;
    sleeper.blocks = null;
    if (sleeper !== falling) host.wake(numberOf(sleeper));
  };
  const sendNow = (channel: ChannelRecord, value: number, falling: Thread | null = null): void => {
    queueEvent(channel);
    channel.value = value;
    makeRunnable(end(channel.to), falling);
  };
  /** The scheduler takes the domain off its processor. */
  const deschedule = (domain: DomainRecord, falling: Thread | null = null): void => {
    for (let event = domain.ring.dequeue(); event !== null; event = domain.ring.dequeue()) {
      const { channel, value } = event;
      domain.unused.enqueue(event);
      if (channel !== null && !channel.dead) sendNow(channel, value, falling);
    }
    domain.sender = null;
  };

  /**
   * Rules (rules.ts): "bad state", "defer the send", "yield until there is room", "send", "queue the event", "store the value". After ntsc
   * syscalls.c.
   */
  function* send(call: SystemCall): KernelRoutine {
    const channel = known(channels, call);
    const value = counted(call.args["value"]);
    for (;;) {
      if (channel.dead) {
        yield commit("bad state");
        return { error: "BadState" };
      }
      if (Number(options["ring"]) > 0) {
        const from = end(channel.from);
        const event = from.unused.dequeue();
        if (event !== null) {
          event.channel = channel;
          event.value = value;
          from.ring.enqueue(event);
          from.sender = meOf(call);
          yield commit("defer the send");
          return { error: "none" };
        }
        deschedule(from);
        yield commit("yield until there is room");
        yield pause;
        continue;
      }
      if (options["send"] === "split") {
        const me = meOf(call);
        queueEvent(channel);
        makeRunnable(end(channel.to));
        me.sending = true;
        yield commit("queue the event");
        yield pause;
        channel.value = value;
        me.sending = false;
        yield commit("store the value");
        return { error: "none" };
      }
      sendNow(channel, value);
      yield commit("send");
      return { error: "none" };
    }
  }

  const calls: MachinePath["calls"] = {
    send,
    /** Rules (rules.ts): "read the endpoint". After VP.if. */
    *read_endpoint(call) {
      const { value, acknowledged, dead } = known(channels, call);
      yield commit("read the endpoint");
      return { state: dead ? "dead" : "connected", value, acknowledged };
    },
    /** Rules (rules.ts): "acknowledge". After VP.if. */
    *acknowledge(call) {
      known(channels, call).acknowledged = counted(call.args["value"]);
      yield commit("acknowledge");
      return {};
    },
    /** Rules (rules.ts): "closed already", "close". After Events.if. */
    *close(call) {
      const channel = known(channels, call);
      if (channel.dead) {
        yield commit("closed already");
        return {};
      }
      queueEvent(channel);
      channel.dead = true;
      makeRunnable(end(channel.to));
      yield commit("close");
      return {};
    },
    /** Rules (rules.ts): "events are pending", "block", "the deadline passes", "the domain is blocked already". After VP.if, RFABlock. */
    *RFABlock(call) {
      const domain = known(domains, call);
      if (!domain.fifo.isEmpty) {
        yield commit("events are pending");
        return { late: false };
      }
      if (domain.sleeper !== null) throw new CheckFailed("RFABlock: another thread has blocked this domain");
      const me = meOf(call);
      domain.sleeper = me;
      me.blocks = domain;
      deschedule(domain, me);
      yield commit("block");
      while (me.blocks !== null) {
        if ((yield block(call.args["deadline"] === true)) === "run") continue;
        domain.sleeper = null;
        me.blocks = null;
        yield commit("the deadline passes");
        return { late: true };
      }
      return { late: false };
    },
    /** Rules (rules.ts): "no event", "take an event". After VP.if. */
    *next_event(call) {
      const { fifo, free } = known(domains, call);
      const event = fifo.dequeue();
      if (event === null) {
        yield commit("no event");
        return { error: "empty", channel: 0 };
      }
      const channel = numberOf(event.channel);
      free.enqueue(event);
      yield commit("take an event");
      return { error: "none", channel };
    },
    /** Rules (rules.ts): "yield". After ntsc syscalls.c. */
    *yield(call) {
      deschedule(known(domains, call));
      yield commit("yield");
      return {};
    },
  };

  const each = <T>(all: ReadonlyMap<number, T>, value: (object: T) => unknown): readonly unknown[] => perObject(host.instance, all, value);
  return {
    calls,
    /** Rules (rules.ts): "domain N is descheduled". */
    interrupts: Object.fromEntries(
      [...domains.values()].map((domain, place): [string, (cpu: number) => KernelRoutine<void>] => [
        `domain ${place} is descheduled`,
        function* () {
          // Another CPU may have done so while this one waited for the lock.
          if (domain.ring.isEmpty) return;
          deschedule(domain);
          yield commit(`domain ${place} is descheduled`);
        },
      ]),
    ),
    // Nothing of this kernel ends a thread.
    forget: () => {},
    blocking: (thread) => {
      const { blocks } = threads[thread] as Thread;
      return blocks === null ? null : ({ queue: `blocked until ${blocks.name} has an event`, on: [], until: null } satisfies Blocking);
    },
    project: () => ({
      "vp.phase": threads.map(({ sending, blocks }) => (sending ? "queued" : blocks === null ? "run" : "blocked")),
      "channel.value": each(channels, ({ value }) => value),
      "channel.acknowledged": each(channels, ({ acknowledged }) => acknowledged),
      "channel.dead": each(channels, ({ dead }) => dead),
      "channel.from": each(channels, ({ from }) => numberOf(from)),
      "channel.to": each(channels, ({ to }) => numberOf(to)),
      "domain.fifo": each(domains, ({ fifo }) => Array.from(fifo, ({ channel }) => numberOf(channel))),
      "domain.blocked": each(domains, ({ sleeper }) => handleOf(sleeper)),
      "domain.ring": each(domains, ({ ring }) => Array.from(ring, ({ channel, value }) => ({ channel: numberOf(channel), value }))),
      "domain.sender": each(domains, ({ sender }) => handleOf(sender)),
    }),
    audit: (asleep) => [
      ...[...domains.values()].flatMap(({ name, fifo, free, ring, unused, sleeper }) => [
        ...[fifo, free, ring, unused].filter((events) => !events.consistent(16)).map((events) => `the links of the ${events.name} are broken`),
        ...([...fifo].length + [...free].length === Number(options["slots"]) ? [] : [`${name} has lost an event`]),
        ...([...ring].length + [...unused].length === Number(options["ring"]) ? [] : [`${name} has lost a send`]),
        ...(sleeper !== null && !fifo.isEmpty ? [`${name} is blocked although events are pending`] : []),
      ]),
      ...threads.flatMap((thread, number) =>
        (thread.blocks !== null) === asleep(number) ? [] : [`${thread.name} sleeps and its domain does not, or the reverse`],
      ),
    ],
  };
}
