/**
 * The executable operations on ports: references given up, ports destroyed, notifications asked for, sets joined, tasks
 * ended (mach_port.c, ipc_right.c, ipc_port.c). The death of a port is one step under its lock; the rest of its burial
 * lets others in between.
 */
import { commit, type KernelHost, type KernelPoint, type KernelRoutine, pause, type Results, type Resumption, type SystemCall } from "../common/path.ts";
import type { Blocks, Entry, Port, Thread } from "./blocks.ts";
import type { MessageQueues, Right } from "./mqueue-path.ts";
import { dead, nameOf, objectLimit, onceNameOf } from "./names.ts";

type Calls = Readonly<Record<string, (call: SystemCall) => KernelRoutine>>;

export function portCalls(host: KernelHost, blocks: Blocks, queues: MessageQueues): Calls {
  const { ports, settings, threads } = blocks;
  const taskOf = ({ args }: SystemCall): number => Number(args["task"]);
  const spaceOf = (call: SystemCall): readonly Entry[] => blocks.spaces.get(taskOf(call)) ?? [];
  const me = ({ thread }: SystemCall): Thread => threads[thread] as Thread;
  const numberOf = (name: number): number => (name > objectLimit ? name - objectLimit - 1 : name - 1);

  /** The right and the entry under a name; null if the task has none. */
  const held = (call: SystemCall, name: number): { readonly entry: Entry; readonly right: Right } | null => {
    if (name === 0 || name === dead) return null;
    const once = name > objectLimit;
    const entry = spaceOf(call)[numberOf(name)];
    const port = ports.get(numberOf(name));
    return entry === undefined || port === undefined || entry[once ? "once" : "send"] === 0 ? null : { entry, right: { port, once } };
  };
  /** The port whose receive right the task has under a name. */
  const received = (call: SystemCall, name: number): Port | null => {
    const port = name > objectLimit ? undefined : ports.get(name - 1);
    return port !== undefined && spaceOf(call)[name - 1]?.receive === true && !blocks.sets.has(port) ? port : null;
  };

  /**
   * Rules (ports.ts): "no such name", "give up a dead name", "destroy a send-once right", "give up a reference of a send right". After mach_port.c,
   * mach_port_deallocate; ipc_right.c, ipc_right_dealloc.
   */
  function* deallocate(call: SystemCall): KernelRoutine {
    const name = Number(call.args["name"]);
    const found = held(call, name);
    if (found === null) {
      yield commit("no such name");
      return { error: "invalid-name" };
    }
    const { entry, right } = found;
    queues.count(entry, right.once ? "once" : "send", -1);
    if (!right.port.active) {
      yield commit("give up a dead name");
    } else if (right.once) {
      queues.notify(right.port, "send-once", 0);
      yield commit("destroy a send-once right");
    } else {
      if (entry.send === 0) {
        queues.cancelRequests(right.port, taskOf(call));
        queues.releaseSend(right.port);
      }
      yield commit("give up a reference of a send right");
    }
    return { error: "none" };
  }

  /** ipc_port_destroy, up to where it gives up the lock of the port. */
  const die = (who: Thread, entries: readonly Entry[], port: Port): void => {
    const entry = entries[blocks.numberOf(port)];
    if (entry !== undefined) entry.receive = false;
    queues.leave(port);
    port.active = false;
    port.count = 0;
    port.srights = 0;
    port.mscount = 0;
    for (const sender of [...port.senders]) {
      queues.awake(port.senders, sender);
      sender.phase = "send-go";
      queues.wake(sender);
    }
    expel(port, settings.gnu ? "receive-port-died" : "receive-port-changed");
    who.phase = "dying";
    who.dying = port;
  };
  /** Ends the receives of those who wait at a port. */
  const expel = (port: Port, outcome: Thread["outcome"]): void => {
    for (const receiver of [...port.receivers]) {
      queues.awake(port.receivers, receiver);
      receiver.phase = "user";
      receiver.outcome = outcome;
      queues.wake(receiver);
    }
  };
  /**
   * The rest of ipc_port_destroy, without the lock; `last` is the rule of its end. Rules (ports.ts): "tell who asked for no-senders", "destroy a
   * queued message", "tell of the dead name". After ipc_port.c, ipc_port_destroy.
   */
  function* bury(who: Thread, port: Port, last: string): Generator<KernelPoint, void, Resumption> {
    yield pause;
    if (port.noSenders !== null) {
      const registrant = port.noSenders;
      port.noSenders = null;
      queues.notify(registrant, "send-once", 0);
      yield commit("tell who asked for no-senders");
      yield pause;
    }
    for (let kmsg = port.messages.dequeue(); kmsg !== null; kmsg = port.messages.dequeue()) {
      queues.destroyRight(kmsg.carried === null ? null : { port: kmsg.carried, once: kmsg.carriedOnce });
      queues.free(kmsg);
      yield commit("destroy a queued message");
      yield pause;
    }
    for (let request = port.requests.dequeue(); request !== null; request = port.requests.dequeue()) {
      const entry = blocks.spaces.get(request.task)?.[blocks.numberOf(port)];
      const notify = ports.get(request.notify);
      blocks.requests.free(request);
      if (entry !== undefined && notify !== undefined && entry.send > 0) {
        queues.count(entry, "send", 1);
        queues.notify(notify, "dead-name", nameOf(blocks.numberOf(port)));
      }
      yield commit("tell of the dead name");
      yield pause;
    }
    who.phase = "user";
    who.dying = null;
    yield commit(last);
  }

  /** Rules (ports.ts): "not a receive right", "the port dies", "the port is destroyed". After mach_port.c, mach_port_destroy. */
  function* destroy(call: SystemCall): KernelRoutine {
    const port = received(call, Number(call.args["name"]));
    if (port === null) {
      yield commit("not a receive right");
      return { error: "invalid-right" };
    }
    die(me(call), spaceOf(call), port);
    yield commit("the port dies");
    yield* bury(me(call), port, "the port is destroyed");
    return { error: "none" };
  }

  const refused: Results = { error: "invalid-right", previous: 0 };
  /** Rules (ports.ts): "no right to ask for no-senders", "no senders already", "ask for no-senders". After ipc_port.c, ipc_port_nsrequest. */
  function* requestNoSenders(call: SystemCall): KernelRoutine {
    const port = received(call, Number(call.args["name"]));
    const notify = received(call, Number(call.args["notify"]));
    if (port === null || notify === null) {
      yield commit("no right to ask for no-senders");
      return refused;
    }
    if (port.srights === 0 && Number(call.args["sync"]) <= port.mscount) {
      queues.notify(notify, "no-senders", port.mscount);
      yield commit("no senders already");
      return { error: "none", previous: 0 };
    }
    const before = port.noSenders;
    port.noSenders = notify;
    let previous = 0;
    if (before !== null) {
      const entry = spaceOf(call)[blocks.numberOf(before)];
      const lives = entry !== undefined && queues.insert(entry, { port: before, once: true });
      previous = lives ? onceNameOf(blocks.numberOf(before)) : dead;
    }
    yield commit("ask for no-senders");
    return { error: "none", previous };
  }

  /**
   * Rules (ports.ts): "no right to ask for the dead name", "ask for the dead name", "the name is dead already". After ipc_right.c,
   * ipc_right_dnrequest.
   */
  function* requestDeadName(call: SystemCall): KernelRoutine {
    const name = Number(call.args["name"]);
    const found = name > objectLimit ? null : held(call, name);
    const notify = received(call, Number(call.args["notify"]));
    if (found === null || notify === null) {
      yield commit("no right to ask for the dead name");
      return refused;
    }
    const { entry, right } = found;
    if (right.port.active) {
      let previous = 0;
      for (const old of [...right.port.requests]) {
        if (old.task !== taskOf(call)) continue;
        const before = ports.get(old.notify);
        const place = spaceOf(call)[old.notify];
        if (before !== undefined && place !== undefined)
          previous = queues.insert(place, { port: before, once: true }) ? onceNameOf(blocks.numberOf(before)) : dead;
        right.port.requests.remove(old);
        blocks.requests.free(old);
      }
      const request = blocks.requests.allocate();
      if (request === null) throw new Error("no dead-name request is left");
      request.task = taskOf(call);
      request.notify = blocks.numberOf(notify);
      right.port.requests.enqueue(request);
      yield commit("ask for the dead name");
      return { error: "none", previous };
    } else {
      queues.count(entry, "send", 1);
      queues.notify(notify, "dead-name", name);
      yield commit("the name is dead already");
    }
    return { error: "none", previous: 0 };
  }

  /** Rules (ports.ts): "no right to the port or the set", "leave the set", "join a set". After mach_port.c, mach_port_move_member. */
  function* moveMember(call: SystemCall): KernelRoutine {
    const port = received(call, Number(call.args["name"]));
    const number = Number(call.args["set"]) - 1;
    const set = number < 0 ? null : ports.get(number);
    const isMine = set !== undefined && (set === null || (blocks.sets.has(set) && spaceOf(call)[number]?.receive === true));
    if (port === null || !isMine) {
      yield commit("no right to the port or the set");
      return { error: "invalid-right" };
    }
    queues.leave(port);
    if (set === null) {
      yield commit("leave the set");
      return { error: "none" };
    }
    if (settings.gnu) expel(port, "receive-port-changed");
    queues.join(port, set);
    yield commit("join a set");
    return { error: "none" };
  }

  /**
   * Rules (ports.ts): "a send-once right goes", "a send right goes", "a receive right goes", "its port is gone", "the task ends". After
   * ipc_space.c, ipc_space_destroy.
   */
  function* terminate(call: SystemCall): KernelRoutine {
    const entries = spaceOf(call);
    for (const [number, entry] of entries.entries()) {
      const port = ports.get(number);
      while (port !== undefined && entry.once > 0) {
        entry.once -= 1;
        queues.notify(port, "send-once", 0);
        yield commit("a send-once right goes");
        yield pause;
      }
    }
    for (const [number, entry] of entries.entries()) {
      const port = ports.get(number);
      if (port === undefined || entry.send === 0) continue;
      entry.send = 0;
      queues.releaseSend(port);
      yield commit("a send right goes");
      yield pause;
    }
    for (const [number, entry] of entries.entries()) {
      const port = ports.get(number);
      if (port === undefined || !entry.receive || blocks.sets.has(port)) continue;
      die(me(call), entries, port);
      yield commit("a receive right goes");
      yield* bury(me(call), port, "its port is gone");
      yield pause;
    }
    host.kill(call.thread);
    yield commit("the task ends");
    return {};
  }

  return {
    mach_port_deallocate: deallocate,
    mach_port_destroy: destroy,
    mach_port_request_notification: requestNoSenders,
    "mach_port_request_notification (dead name)": requestDeadName,
    mach_port_move_member: moveMember,
    task_terminate: terminate,
  };
}
