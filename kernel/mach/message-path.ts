/**
 * The executable `mach_msg`: copies the message into a kernel buffer with its rights, queues it or hands it over, and
 * copies what is received out again (mach_msg_trap, ipc_mqueue_send, ipc_mqueue_receive; the fast RPC path of GNU Mach).
 * A woken thread looks at the queue again when it runs, not when it is woken.
 */
import { block, commit, type KernelHost, type KernelRoutine, pause, type Results, type SystemCall } from "../common/path.ts";
import type { Blocks, Entry, Kmsg, Port, Thread } from "./blocks.ts";
import type { MessageError } from "./message.ts";
import type { MessageQueues, Right } from "./mqueue-path.ts";
import { dead, nameOf, objectLimit, onceNameOf } from "./names.ts";
import type { Disposition } from "./rights.ts";
import type { MessageId } from "./state.ts";

/** One call under way. */
interface Call {
  readonly me: Thread;
  readonly entries: readonly Entry[];
  readonly args: SystemCall["args"];
  /** Where it receives. */
  readonly from: number;
}

/**
 * Rules (message.ts): "invalid destination", "invalid right", "hand off directly", "send", "queue full, timeout zero", "wait for room". After
 * mach_msg.c, mach_msg_trap.
 */
export function messageCall(host: KernelHost, blocks: Blocks, queues: MessageQueues, nothing: unknown): (call: SystemCall) => KernelRoutine {
  const { settings, threads, ports } = blocks;
  const isAlone = host.instance.threads.every(({ cpu }) => cpu === host.instance.threads[0]?.cpu);

  const failure = (error: MessageError, right = 0): Results => ({ error, id: "message", message: nothing, data: 0, right, port: 0, authentic: false });
  const done = (me: Thread): void => {
    me.phase = "user";
    me.kmsg = null;
    me.counted = false;
  };
  /** The right under a name of the caller, or null. */
  const lookUp = (entries: readonly Entry[], name: number): Right | null => {
    if (name === 0 || name === dead) return null;
    const once = name > objectLimit;
    const number = once ? name - objectLimit - 1 : name - 1;
    const entry = entries[number];
    const port = ports.get(number);
    return entry === undefined || port === undefined || entry[once ? "once" : "send"] === 0 ? null : { port, once };
  };
  const entryOf = (entries: readonly Entry[], port: Port): Entry => {
    const entry = entries[blocks.numberOf(port)];
    if (entry === undefined) throw new Error(`no entry for ${port.name}`);
    return entry;
  };
  const nameFor = ({ port, once }: Right): number => (once ? onceNameOf(blocks.numberOf(port)) : nameOf(blocks.numberOf(port)));

  /** Puts a right into the caller's space; its name there. */
  const copyOutRight = (entries: readonly Entry[], right: Right | null): number => {
    if (right === null) return 0;
    return queues.insert(entryOf(entries, right.port), right) ? nameFor(right) : dead;
  };
  /** The right that a message is to carry, if the caller may put it in: its port and how many references the destination takes of the same name. */
  const checkCarried = ({ entries, args }: Call): Right | "none" | null => {
    const how = args["how"] as Disposition;
    const name = Number(args["right"]);
    if (how === "none") return "none";
    const once = name > objectLimit;
    if (name === 0 || name === dead || once !== (how === "move-send-once")) return null;
    const number = once ? name - objectLimit - 1 : name - 1;
    const port = ports.get(number);
    const entry = entries[number];
    if (port === undefined || entry === undefined) return null;
    if (how === "make-send" || how === "make-send-once")
      return entry.receive && port.active && !blocks.sets.has(port) ? { port, once: how === "make-send-once" } : null;
    const taken = name === Number(args["to"]) && (once || args["move"] === true) ? 1 : 0;
    return entry[once ? "once" : "send"] > taken ? { port, once } : null;
  };
  /** ipc_kmsg_get and ipc_kmsg_copyin: the body and the rights go into a buffer. */
  const copyIn = ({ me, entries, args }: Call, to: Right, carried: Right | "none"): Kmsg => {
    const kmsg = queues.buffer();
    me.kmsg = kmsg;
    kmsg.port = to.port;
    kmsg.once = to.once;
    kmsg.id = args["id"] as MessageId;
    kmsg.kernel = false;
    kmsg.data = Number(args["data"]);
    kmsg.body = args["message"];
    kmsg.carried = carried === "none" ? null : carried.port;
    kmsg.carriedOnce = carried !== "none" && carried.once;
    if (carried !== "none") {
      const entry = entryOf(entries, carried.port);
      switch (args["how"] as Disposition) {
        case "make-send":
          carried.port.srights += 1;
          if (settings.makes > 0) carried.port.mscount += 1;
          break;
        case "copy-send":
          if (carried.port.active) carried.port.srights += 1;
          break;
        case "move-send":
          queues.takeSend(entry, carried.port);
          break;
        case "move-send-once":
          queues.count(entry, "once", -1);
          break;
        case "make-send-once":
        case "none":
          break;
      }
    }
    const entry = entryOf(entries, to.port);
    if (to.once) queues.count(entry, "once", -1);
    else if (args["move"] === true) queues.takeSend(entry, to.port);
    else to.port.srights += 1;
    return kmsg;
  };
  const carriedBy = (kmsg: Kmsg): Right | null => (kmsg.carried === null ? null : { port: kmsg.carried, once: kmsg.carriedOnce });

  /** ipc_kmsg_copyout_pseudo: the message comes back to its sender. */
  const giveBack = ({ me, entries }: Call, kmsg: Kmsg): Results => {
    if (kmsg.port !== null) copyOutRight(entries, { port: kmsg.port, once: kmsg.once });
    const right = copyOutRight(entries, carriedBy(kmsg));
    queues.free(kmsg);
    done(me);
    return failure("send-timed-out", right);
  };
  /** ipc_kmsg_copyout and ipc_kmsg_put. */
  const copyOut = ({ me, entries }: Call, kmsg: Kmsg): Results => {
    const { port, once } = kmsg;
    if (port === null) throw new Error("a message without a destination");
    const right = copyOutRight(entries, carriedBy(kmsg));
    me.body = kmsg.body;
    const results = {
      error: "none",
      id: kmsg.id,
      message: me.body,
      data: kmsg.data,
      right,
      port: nameOf(blocks.numberOf(port)),
      authentic: kmsg.kernel,
    };
    queues.free(kmsg);
    done(me);
    if (!once) queues.releaseSend(port);
    return results;
  };

  /**
   * Sleeps for a message, and takes what was handed over when it runs again. Rules (message.ts): "receive timer fires", "take what was handed
   * over". After ipc_mqueue.c, ipc_mqueue_receive.
   */
  function* awaitMessage(call: Call, from: Port): KernelRoutine {
    const { me, args } = call;
    const why = yield block(args["receive"] === "finite");
    if (why === "timer") {
      queues.awake(from.receivers, me);
      done(me);
      yield commit("receive timer fires");
      return failure("receive-timed-out");
    }
    const { outcome } = me;
    if (outcome !== "none") {
      me.outcome = "none";
      return failure(outcome);
    }
    yield pause;
    const { kmsg } = me;
    if (kmsg === null) throw new Error(`${me.name} was woken without a message`);
    if (me.counted && kmsg.port?.active === true) queues.roomFreed(kmsg.port);
    const results = copyOut(call, kmsg);
    yield commit("take what was handed over");
    return results;
  }
  const sleep = (me: Thread, from: Port): void => {
    me.phase = "receive-wait";
    me.kmsg = null;
    queues.sleep(from.receivers, me, from);
  };
  /**
   * The receive half: as the end of the send half whose rule is `sent`, or by itself. Rules (message.ts): "no such receive right", "receive from a
   * member of a set", "receive", "no message, timeout zero", "wait for a message". After ipc_mqueue.c, ipc_mqueue_receive.
   */
  function* receive(call: Call, sent: string | null): KernelRoutine {
    const { me, args } = call;
    const from = ports.get(call.from);
    if (from === undefined || !from.active || call.entries[call.from]?.receive !== true) {
      done(me);
      yield commit(sent ?? "no such receive right");
      return failure("receive-invalid-name");
    }
    if (settings.gnu && from.set !== null) {
      done(me);
      yield commit(sent ?? "receive from a member of a set");
      return failure("receive-in-set");
    }
    if (queues.hasMessage(from)) {
      const kmsg = queues.dequeue(from);
      me.kmsg = kmsg;
      if (kmsg.port !== null) queues.roomFreed(kmsg.port);
      const results = copyOut(call, kmsg);
      yield commit(sent ?? "receive");
      return results;
    }
    if (args["receive"] === "zero") {
      done(me);
      yield commit(sent ?? "no message, timeout zero");
      return failure("receive-timed-out");
    }
    sleep(me, from);
    yield commit(sent ?? "wait for a message");
    return yield* awaitMessage(call, from);
  }
  /** The send half is over, as the effect of `rule`. */
  function* afterSend(call: Call, rule: string): KernelRoutine {
    const { me } = call;
    me.kmsg = null;
    if (call.from < 0) {
      done(me);
      yield commit(rule);
      return failure("none");
    }
    if (isAlone) return yield* receive(call, rule);
    me.phase = "receive";
    yield commit(rule);
    yield pause;
    return yield* receive(call, null);
  }

  /**
   * Sleeps among the blocked senders until there is room, the timer fires or the port dies. Rules (message.ts): "send timer fires", "send timer
   * fires, and there is room", "send to a port that has died", "send after all", "no room after all". After ipc_mqueue.c, ipc_mqueue_send.
   */
  function* awaitRoom(call: Call, kmsg: Kmsg, port: Port): KernelRoutine {
    const { me, args } = call;
    for (;;) {
      const why = yield block(args["send"] === "finite");
      if (why === "timer") {
        queues.awake(port.senders, me);
        if (queues.isFull(port)) {
          const results = giveBack(call, kmsg);
          yield commit("send timer fires");
          return results;
        }
        queues.post(kmsg, false);
        return yield* afterSend(call, "send timer fires, and there is room");
      }
      yield pause;
      if (!port.active) {
        queues.destroyRight(carriedBy(kmsg));
        queues.free(kmsg);
        return yield* afterSend(call, "send to a port that has died");
      }
      if (!settings.gnu || !queues.isFull(port)) {
        queues.post(kmsg, !settings.gnu);
        return yield* afterSend(call, "send after all");
      }
      me.phase = "send-wait";
      queues.sleep(port.senders, me, port);
      yield commit("no room after all");
    }
  }

  /** The fast RPC path applies: somebody waits there, and here nothing is to be received yet. */
  const isFast = ({ entries, args, from }: Call, to: Port): boolean => {
    const mine = ports.get(from);
    return (
      settings.gnu &&
      mine !== undefined &&
      args["send"] === "infinite" &&
      args["receive"] === "infinite" &&
      queues.receiversOf(to) !== null &&
      mine.active &&
      entries[from]?.receive === true &&
      mine.set === null &&
      !queues.hasMessage(mine)
    );
  };

  return function* machMsg({ thread, args }: SystemCall): KernelRoutine {
    const me = threads[thread] as Thread;
    const call: Call = { me, args, entries: blocks.spaces.get(Number(args["task"])) ?? [], from: Number(args["from"]) - 1 };
    const name = Number(args["to"]);
    if (name === 0) return yield* receive(call, null);
    const to = lookUp(call.entries, name);
    if (to === null || !to.port.active) {
      yield commit("invalid destination");
      return failure("send-invalid-dest");
    }
    const carried = checkCarried(call);
    if (carried === null) {
      yield commit("invalid right");
      return failure("send-invalid-right");
    }
    const mine = ports.get(call.from);
    const waiting = queues.receiversOf(to.port);
    if (mine !== undefined && waiting !== null && isFast(call, to.port)) {
      const kmsg = copyIn(call, to, carried);
      queues.handOver(kmsg, waiting, false);
      sleep(me, mine);
      yield commit("hand off directly");
      return yield* awaitMessage(call, mine);
    }
    const kmsg = copyIn(call, to, carried);
    if (to.once || !queues.isFull(to.port)) {
      queues.post(kmsg, false);
      return yield* afterSend(call, "send");
    }
    if (args["send"] === "zero") {
      const results = giveBack(call, kmsg);
      yield commit("queue full, timeout zero");
      return results;
    }
    me.phase = "send-wait";
    queues.sleep(to.port.senders, me, to.port);
    yield commit("wait for room");
    return yield* awaitRoom(call, kmsg, to.port);
  };
}
