/**
 * The executable LWKT kernel: sending, waiting, replying, passing on, dropping and aborting messages, each in the caller's
 * context as far as its CPU goes, and by interrupt beyond (lwkt_msgport.c). Ports and interrupts are in ports-path.ts.
 */
import { nobody, type Domain, type DomainShape, type ThreadId } from "../../model/language/domain.ts";
import { CheckFailed } from "../../model/language/operation.ts";
import { block, commit, type Blocking, type KernelHost, type KernelRoutine, type MachinePath, pause, type Results, type SystemCall } from "../common/path.ts";
import { initialValue } from "../common/words.ts";
import { makeBlocks, type Message, type Port, type Thread } from "./blocks.ts";
import { Ports } from "./ports-path.ts";

function valueDomain(host: KernelHost): DomainShape {
  const send = host.instance.protocol.kernel.operations.find(({ declaration }) => declaration.name === "lwkt_sendmsg");
  const value = (send?.declaration.args as Readonly<Record<string, DomainShape>> | undefined)?.["value"];
  if (value === undefined) throw new TypeError("an LWKT kernel without the operation lwkt_sendmsg");
  return value;
}

export default function lwktPath(host: KernelHost): MachinePath {
  const domain = valueDomain(host);
  const nothing = initialValue(domain);
  const blocks = makeBlocks(host, domain as Domain);
  const ports = new Ports(host, blocks);
  const { options } = host.instance.protocol.kernel;
  const flags = options["reply"] === "flags";
  const chases = options["abort"] === "chases";
  const { objects } = host.instance;
  const cpus = Array.from({ length: host.instance.protocol.kernel.cpus }, (_, cpu) => cpu);
  const agents = new Set(objects.filter(({ type }) => type.options["now"] === true).map(({ ref }) => ref.index));

  const meOf = ({ thread }: SystemCall): Thread => blocks.threads[thread] as Thread;
  const idOf = (who: Thread): ThreadId => host.threads[ports.numberOf(who)] as unknown as ThreadId;
  const messageOf = ({ args }: SystemCall): Message => {
    const found = blocks.messages.get(Number(args["message"]));
    if (found === undefined) throw new RangeError(`there is no message ${String(args["message"])}`);
    return found;
  };
  const sameCpu = (a: Thread, b: Thread): boolean => ports.cpuOf(a) === ports.cpuOf(b);
  const spinOf = ({ args }: SystemCall): number => Number(args["spin"]);
  const isNear = (call: SystemCall): boolean => spinOf(call) >= 0 || sameCpu(meOf(call), ports.thread(call.args["to"] as ThreadId));
  const panic = (text: string): never => {
    throw new CheckFailed(text);
  };

  /**
   * Waits until there is room for an interrupt to `to`; `isOver` may end the wait. Rules (sending.ts): "no room for an interrupt". After lwkt_ipiq.c.
   */
  function* awaitRoom(me: Thread, to: () => Thread, needs: () => boolean): Generator<ReturnType<typeof commit>, void, "run" | "timer"> {
    while (needs() && !ports.hasRoom(me, to())) {
      me.phase = "putting";
      me.target = idOf(to());
      yield commit("no room for an interrupt");
      yield block(false);
      yield pause;
    }
  }

  const isFree = (message: Message): boolean => message.done && !message.queued;
  const prepare = (call: SystemCall, sync: boolean): Message => {
    const message = messageOf(call);
    const { args } = call;
    message.done = false;
    message.replied = false;
    message.sync = sync;
    message.abortable = args["abortable"] === true;
    message.priority = args["priority"] === true;
    message.sender = idOf(meOf(call));
    message.replySpin = Number(args["replySpin"]);
    message.value = args["value"];
    return message;
  };
  const aim = (call: SystemCall, message: Message): void => {
    message.target = call.args["to"] as ThreadId;
    message.targetSpin = spinOf(call);
  };
  /** mp_putport of the target: here, or by interrupt. */
  const put = (call: SystemCall, message: Message): void => {
    aim(call, message);
    if (spinOf(call) >= 0) ports.queueAtSpin(spinOf(call), message, false);
    else {
      const to = ports.thread(call.args["to"] as ThreadId);
      if (isNear(call)) ports.queueAt(to, message, false);
      else ports.interrupt(ports.cpuOf(meOf(call)), "put", message, to);
    }
  };
  const hasAgent = (call: SystemCall): boolean =>
    spinOf(call) >= 0 ? agents.has(spinOf(call)) : options["netisr"] === true && ports.thread(call.args["to"] as ThreadId) === meOf(call);

  /** Rules (sending.ts): "finished by the agent", "message in use", "put the message", "put by interrupt". After lwkt_msgport.c, lwkt_sendmsg. */
  function* sendmsg(call: SystemCall): KernelRoutine {
    const me = meOf(call);
    const wanted = messageOf(call);
    if (isFree(wanted) && hasAgent(call)) {
      const message = prepare(call, false);
      aim(call, message);
      ports.done(message);
      yield commit("finished by the agent");
      return { error: "none" };
    }
    const to = (): Thread => ports.thread(call.args["to"] as ThreadId);
    yield* awaitRoom(me, to, () => isFree(wanted) && !isNear(call));
    if (!isFree(wanted)) {
      ports.reset(me);
      if (call.args["checked"] !== true) panic("lwkt_sendmsg: the message is in use");
      yield commit("message in use");
      return { error: "EBUSY" };
    }
    ports.reset(me);
    put(call, prepare(call, false));
    yield commit(isNear(call) ? "put the message" : "put by interrupt");
    return { error: "none" };
  }

  /**
   * Sleeps until the message is done; `rule` is the step that begins it. Rules (sending.ts): "find it done", "find it not done", "fall asleep", "a
   * signal aborts". After lwkt_msgport.c, lwkt_thread_waitmsg.
   */
  function* sleepOn(call: SystemCall, message: Message, kind: "domsg" | "waitmsg", rule: string): KernelRoutine {
    const me = meOf(call);
    me.target = nobody;
    me.phase = flags ? "testing" : "waitmsg";
    me.message = message;
    me.call = kind;
    yield commit(rule);
    if (flags) {
      yield pause;
      if (message.done) {
        ports.reset(me);
        const { value } = message;
        yield commit("find it done");
        return { value };
      }
      me.phase = "tested";
      yield commit("find it not done");
      yield pause;
      me.phase = "waitmsg";
      yield commit("fall asleep");
    }
    for (;;) {
      const why = yield block(call.args["catch"] === true && !me.deaf);
      if (why === "run") {
        me.got = null;
        return { value: message.value };
      }
      me.deaf = true;
      if (canAbort(message)) sendAbort(me, message);
      yield commit("a signal aborts");
    }
  }
  /**
   * Rules (sending.ts): "finished by the agent", "put the message and wait", "put by interrupt and wait", "message in use". After lwkt_msgport.c,
   * lwkt_domsg.
   */
  function* domsg(call: SystemCall): KernelRoutine {
    const me = meOf(call);
    const wanted = messageOf(call);
    if (isFree(wanted) && hasAgent(call)) {
      const message = prepare(call, true);
      aim(call, message);
      message.done = true;
      message.replied = true;
      yield commit("finished by the agent");
      return { value: message.value };
    }
    const to = (): Thread => ports.thread(call.args["to"] as ThreadId);
    yield* awaitRoom(me, to, () => isFree(wanted) && !isNear(call));
    if (!isFree(wanted)) panic("lwkt_domsg: the message is in use");
    const message = prepare(call, true);
    put(call, message);
    return yield* sleepOn(call, message, "domsg", isNear(call) ? "put the message and wait" : "put by interrupt and wait");
  }
  /** Rules (sending.ts): "wait for the message", "done already". After lwkt_msgport.c, lwkt_thread_waitmsg. */
  function* waitmsg(call: SystemCall): KernelRoutine {
    const message = messageOf(call);
    if (!message.done) return yield* sleepOn(call, message, "waitmsg", "wait for the message");
    const port = blocks.ports[call.thread] as Port;
    const entry = message.queued ? ports.find(port, message) : null;
    if (entry !== null) {
      port.entries.remove(entry);
      ports.free(entry);
    }
    message.queued = false;
    const { value } = message;
    yield commit("done already");
    return { value };
  }

  const numberOf = (message: Message): number => objects.find(({ ref }) => blocks.messages.get(ref.index) === message)?.ref.index ?? -1;
  const received = (message: Message, abort: boolean): Results => ({
    error: "none",
    message: numberOf(message) + 1,
    value: message.value,
    what: abort ? "abort" : message.replied ? "reply" : "request",
  });
  const wouldBlock: Results = { error: "EWOULDBLOCK", message: 0, value: nothing, what: "request" };
  /**
   * Rules (receiving.ts): "take a message from a spin port", "no message", "wait at a spin port". After lwkt_msgport.c, lwkt_spin_waitport and
   * lwkt_spin_getport.
   */
  function* waitSpin(call: SystemCall, port: Port): KernelRoutine {
    const me = meOf(call);
    for (;;) {
      const next = ports.dequeue(port);
      if (next !== null) {
        ports.reset(me);
        const results = received(next.message, next.abort);
        yield commit("take a message from a spin port");
        return results;
      }
      if (call.args["poll"] === true) {
        yield commit("no message");
        return wouldBlock;
      }
      me.phase = "spin-wait";
      me.at = port;
      port.waiters.enqueue(me);
      yield commit("wait at a spin port");
      yield block(false);
      yield pause;
    }
  }
  /** Rules (receiving.ts): "take a message", "no message", "wait at the port". After lwkt_msgport.c, lwkt_thread_waitport and lwkt_thread_getport. */
  function* waitport(call: SystemCall): KernelRoutine {
    const spin = blocks.spins.get(spinOf(call));
    if (spin !== undefined) return yield* waitSpin(call, spin);
    const me = meOf(call);
    const next = ports.dequeue(blocks.ports[call.thread] as Port);
    if (next !== null) {
      const results = received(next.message, next.abort);
      yield commit("take a message");
      return results;
    }
    if (call.args["poll"] === true) {
      yield commit("no message");
      return wouldBlock;
    }
    me.phase = "waitport";
    yield commit("wait at the port");
    yield block(false);
    const { got, gotAbort } = me;
    if (got === null) throw new Error(`${me.name} was woken without a message`);
    me.got = null;
    me.gotAbort = false;
    return received(got, gotAbort);
  }

  const isOurs = (message: Message): boolean => !message.done && !message.replied && !message.queued;
  /**
   * Rules (replies.ts): "set DONE", "wake the waiter", "nobody waits", "reply", "reply by interrupt", "message not ours". After lwkt_msgport.c,
   * lwkt_thread_replyport.
   */
  function* replymsg(call: SystemCall): KernelRoutine {
    const me = meOf(call);
    const message = messageOf(call);
    if (!isOurs(message)) panic("lwkt_replymsg: the message has been replied to, or is queued");
    const sender = ports.thread(message.sender);
    const byFlags = flags && message.sync;
    const near = message.replySpin >= 0 || sameCpu(me, sender);
    yield* awaitRoom(
      me,
      () => sender,
      () => isOurs(message) && !byFlags && !near,
    );
    if (!isOurs(message)) panic("lwkt_replymsg: the message has been replied to, or is queued");
    ports.reset(me);
    message.value = call.args["value"];
    if (byFlags) {
      message.done = true;
      message.replied = true;
      me.phase = "replying";
      yield commit("set DONE");
      yield pause;
      const waiter = ports.thread(message.sender);
      const sleeps = waiter.phase === "waitmsg" && waiter.message === message;
      if (sleeps) {
        ports.reset(waiter);
        ports.wake(waiter);
      }
      ports.reset(me);
      yield commit(sleeps ? "wake the waiter" : "nobody waits");
    } else if (near) {
      ports.done(message);
      yield commit("reply");
    } else {
      message.replied = true;
      ports.interrupt(ports.cpuOf(me), "reply", message, sender);
      yield commit("reply by interrupt");
    }
    return {};
  }

  /** Rules (replies.ts): "pass the message on", "pass it on by interrupt", "message not ours". After lwkt_msgport.c, lwkt_forwardmsg. */
  function* forwardmsg(call: SystemCall): KernelRoutine {
    const me = meOf(call);
    const message = messageOf(call);
    const to = (): Thread => ports.thread(call.args["to"] as ThreadId);
    yield* awaitRoom(me, to, () => isOurs(message) && !isNear(call));
    if (!isOurs(message)) panic("lwkt_forwardmsg: the message has been replied to, or is queued");
    ports.reset(me);
    put(call, message);
    yield commit(isNear(call) ? "pass the message on" : "pass it on by interrupt");
    return {};
  }

  /** Rules (replies.ts): "nothing to drop", "drop the message". After lwkt_msgport.c, lwkt_thread_dropmsg. */
  function* dropmsg(call: SystemCall): KernelRoutine {
    const message = messageOf(call);
    const port = blocks.ports[call.thread] as Port;
    const entry = ports.find(port, message);
    if (entry === null || message.replied) {
      yield commit("nothing to drop");
      return { error: "ENOENT" };
    }
    port.entries.remove(entry);
    ports.free(entry);
    message.queued = false;
    message.done = true;
    yield commit("drop the message");
    return { error: "none" };
  }

  const canAbort = (message: Message): boolean => message.abortable && !message.aborted && !message.done && !message.replied;
  /** Asks the target for the message, wherever that is. */
  const sendAbort = (me: Thread, message: Message): void => {
    message.aborted = true;
    if (message.targetSpin >= 0) {
      ports.queueAtSpin(message.targetSpin, message, true);
      return;
    }
    const target = ports.thread(message.target);
    if (sameCpu(me, target)) ports.queueAt(target, message, true);
    else ports.interrupt(ports.cpuOf(me), "abort", message, target);
  };
  /**
   * Rules (aborting.ts): "read the target", "abort at the target that was read", "too late to abort", "send the abort". After lwkt_msgport.c,
   * lwkt_abortmsg.
   */
  function* abortmsg(call: SystemCall): KernelRoutine {
    const me = meOf(call);
    const message = messageOf(call);
    if (canAbort(message) && !chases && message.targetSpin < 0) {
      message.aborted = true;
      me.phase = "aborting";
      me.target = message.target;
      yield commit("read the target");
      yield pause;
      const there = ports.thread(me.target);
      ports.reset(me);
      if (sameCpu(me, there)) ports.queueAt(there, message, true);
      else ports.interrupt(ports.cpuOf(me), "abort", message, there);
      yield commit("abort at the target that was read");
      return { sent: true };
    }
    const to = (): Thread => ports.thread(message.target);
    yield* awaitRoom(me, to, () => canAbort(message) && message.targetSpin < 0 && !sameCpu(me, to()));
    ports.reset(me);
    if (!canAbort(message)) {
      yield commit("too late to abort");
      return { sent: false };
    }
    sendAbort(me, message);
    yield commit("send the abort");
    return { sent: true };
  }

  const ofMessages = (value: (message: Message) => unknown): readonly unknown[] =>
    objects.map(({ ref }) => {
      const message = blocks.messages.get(ref.index);
      return message === undefined ? null : value(message);
    });
  const ofSpins = (value: (port: Port, index: number) => unknown): readonly unknown[] =>
    objects.map(({ ref }) => {
      const port = blocks.spins.get(ref.index);
      return port === undefined ? null : value(port, ref.index);
    });
  const entriesOf = (port: Port): readonly unknown[] =>
    Array.from(port.entries, ({ message, abort }) => ({ message: message === null ? -1 : numberOf(message), abort }));

  const says: Readonly<Partial<Record<Thread["phase"], string>>> = {
    putting: "waiting for room for an interrupt to another CPU",
    waitport: "waiting at its port",
    waitmsg: "waiting for its message",
    "spin-wait": "waiting at a spin port",
  };
  return {
    calls: {
      lwkt_sendmsg: sendmsg,
      lwkt_domsg: domsg,
      lwkt_waitmsg: waitmsg,
      lwkt_waitport: waitport,
      lwkt_replymsg: replymsg,
      lwkt_forwardmsg: forwardmsg,
      lwkt_dropmsg: dropmsg,
      lwkt_abortmsg: abortmsg,
    },
    interrupts: Object.fromEntries(cpus.flatMap((source) => cpus.map((cpu) => [`interrupt from CPU ${source} to CPU ${cpu}`, () => ports.serve(cpu, source)]))),
    project: () => ({
      "td.phase": blocks.threads.map(({ phase }) => phase),
      "td.message": blocks.threads.map(({ message }) => (message === null ? -1 : numberOf(message))),
      "td.target": blocks.threads.map(({ target }) => target),
      "td.deaf": blocks.threads.map(({ deaf }) => deaf),
      "td.call": blocks.threads.map(({ call }) => call),
      "port.queue": blocks.ports.map(entriesOf),
      "ipi.inbox": blocks.inboxes.map(({ inbox }) =>
        Array.from(inbox, ({ source, what, message, to }) => ({ source, what, message: message === null ? -1 : numberOf(message), to })),
      ),
      "message.done": ofMessages(({ done }) => done),
      "message.replied": ofMessages(({ replied }) => replied),
      "message.queued": ofMessages(({ queued }) => queued),
      "message.sync": ofMessages(({ sync }) => sync),
      "message.abortable": ofMessages(({ abortable }) => abortable),
      "message.aborted": ofMessages(({ aborted }) => aborted),
      "message.priority": ofMessages(({ priority }) => priority),
      "message.target": ofMessages(({ target }) => target),
      "message.targetSpin": ofMessages(({ targetSpin }) => targetSpin),
      "message.sender": ofMessages(({ sender }) => sender),
      "message.replySpin": ofMessages(({ replySpin }) => replySpin),
      "message.value": ofMessages(({ value }) => value),
      "spin.queue": ofSpins(entriesOf),
      "spin.waiters": ofSpins(({ waiters }) => Array.from(waiters, (who) => host.threads[ports.numberOf(who)])),
      "spin.now": ofSpins((_, index) => agents.has(index)),
    }),
    forget: (thread) => {
      const me = blocks.threads[thread];
      if (me?.at == null) return;
      me.at.waiters.remove(me);
      me.at = null;
    },
    blocking: (thread): Blocking | null => {
      const me = blocks.threads[thread];
      const queue = me === undefined ? undefined : says[me.phase];
      return me === undefined || queue === undefined ? null : { queue, on: [], until: me.phase === "waitmsg" ? me.message?.done === true : null };
    },
    audit: (asleep) => [
      ...[...blocks.ports, ...blocks.spins.values()]
        .filter((port) => !port.entries.consistent(64))
        .map((port) => `the links of the ${port.entries.name} are broken`),
      ...blocks.threads.filter((me, thread) => me.at !== null && !asleep(thread)).map((me) => `${me.name} waits at a spin port but is not blocked`),
    ],
  };
}
