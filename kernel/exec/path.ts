/**
 * The executable Exec, after the Kernel Manual and AROS rom/exec: library calls that run in the caller's context, Signal and
 * the lists that others touch too with interrupts disabled. DoIO, WaitIO and WaitPort are loops around Wait, as there.
 */
import type { DomainShape } from "../../model/language/domain.ts";
import type { ObjectRef } from "../../model/language/kernel.ts";
import { CheckFailed, OutOfRange } from "../../model/language/operation.ts";
import { block, type Blocking, commit, type KernelHost, type KernelRoutine, type MachinePath, pause, type Results, type SystemCall } from "../common/path.ts";
import { perObject } from "../common/projection.ts";
import { initialValue, threadNumber } from "../common/words.ts";
import { Blocks, type Device, type Interrupt, known, type Message, type Port, type Task } from "./blocks.ts";

function valueDomain(host: KernelHost): DomainShape {
  const reply = host.instance.protocol.kernel.operations.find(({ declaration }) => declaration.name === "ReplyMsg");
  const value = (reply?.declaration.args as Readonly<Record<string, DomainShape>> | undefined)?.["value"];
  if (value === undefined) throw new TypeError("an Exec without ReplyMsg");
  return value;
}
const deepest = 3;

export default function execPath(host: KernelHost): MachinePath {
  const domain = valueDomain(host);
  const nothing = initialValue(domain);
  const { options } = host.instance.protocol.kernel;
  const slots = Number(options["slots"]);
  const signals = Number(options["signals"]);
  const blocks = new Blocks(host, domain);
  const { tasks, messages, ports, devices, interrupts } = blocks;

  const panic = (text: string): never => {
    throw new CheckFailed(text);
  };
  const meOf = ({ thread }: SystemCall): Task => blocks.task(thread);
  const objectOf = ({ args }: SystemCall): number => (args["object"] as ObjectRef).index;
  const portOf = (call: SystemCall): Port => known(ports, objectOf(call), "port");
  const messageOf = ({ args }: SystemCall): Message => known(messages, Number(args["message"]), "message");

  // Signals

  const signal = (task: Task, mask: number): void => {
    task.received |= mask;
    if (task.state !== "wait" || (task.received & task.awaited) === 0) return;
    task.state = "ready";
    host.wake(blocks.numberOf(task));
  };
  const take = (me: Task, mask: number): number => {
    const taken = me.received & mask;
    me.received &= ~taken;
    return taken;
  };
  /**
   * Wait: takes the signals of `mask` that are set, if need be when some are. The last step is not committed. Rules (tasks.ts): "wait for a
   * signal", "fall asleep", "wait in an interrupt". After AROS wait.c.
   */
  function* wait(me: Task, mask: number): KernelRoutine<number> {
    if (me.role === "handling") panic("Wait: an interrupt cannot wait");
    if ((me.received & mask) === 0) {
      me.awaited = mask;
      if (options["wait"] !== "disabled") {
        me.state = "tested";
        yield commit("wait for a signal");
        yield pause;
        const isLate = options["wait"] === "retested" && (me.received & mask) !== 0;
        me.state = isLate ? "ready" : "wait";
        yield commit("fall asleep");
      } else {
        me.state = "wait";
        yield commit("wait for a signal");
      }
      while (me.state === "wait") yield block(false);
      yield pause;
      me.awaited = 0;
      me.state = "run";
    }
    return take(me, mask);
  }
  /** What a loop around Wait does for its next round. Rules (tasks.ts): "clear an old signal", "return from Wait". After AROS waitport.c. */
  function* waitAgain(me: Task, mask: number): KernelRoutine<void> {
    const isSet = (me.received & mask) !== 0;
    yield* wait(me, mask);
    yield commit(isSet ? "clear an old signal" : "return from Wait");
    yield pause;
  }
  const highestFree = (me: Task): number => {
    for (let bit = signals - 1; bit >= 0; bit--) if ((me.allocated & (1 << bit)) === 0) return bit;
    return -1;
  };
  const allocate = (me: Task): number => {
    const bit = highestFree(me);
    if (bit >= 0) {
      me.allocated |= 1 << bit;
      take(me, 1 << bit);
    }
    return bit;
  };

  // Messages and interrupts

  const causeInterrupt = (interrupt: Interrupt): void => {
    if (interrupt.caused) return;
    interrupt.caused = true;
    const { server } = interrupt;
    if (server !== null && server.role === "server" && server.serves === interrupt) host.wake(blocks.numberOf(server));
  };
  const put = (port: Port, message: Message): void => {
    if ([...port.list].length === slots) throw new OutOfRange(`the ${port.list.name} is full`);
    port.list.enqueue(message);
    message.list = port;
    switch (port.action) {
      case "signal":
        if (port.task !== null) signal(port.task, 1 << port.bit);
        break;
      case "softint":
        if (port.interrupt !== null) causeInterrupt(port.interrupt);
        break;
      case "ignore":
        break;
    }
  };
  const remove = (message: Message): void => {
    message.list?.list.remove(message);
    message.list = null;
  };
  const reply = (message: Message): void => {
    const { replyPort } = message;
    if (replyPort === null) message.type = "freemsg";
    else {
      message.type = "replymsg";
      put(replyPort, message);
    }
  };

  // Requests

  const resultOf = ({ aborted, value }: Message): Results => ({ error: aborted ? "aborted" : "none", value });
  const isInUse = (message: Message): boolean => message.type === "message" || message.list !== null;
  /** The device's own BeginIO; true if it has finished the request. */
  const beginIO = (device: Device, request: Message, value: unknown, quick: boolean): boolean => {
    request.type = "unknown";
    request.value = value;
    request.quick = quick;
    request.aborted = false;
    request.device = device;
    const { unit } = device;
    if (unit === null) throw new OutOfRange(`${device.name} has no unit`);
    if (device.quick === "always" || (device.quick === "when-idle" && unit.list.isEmpty)) {
      if (!quick) reply(request);
      return true;
    }
    request.quick = false;
    request.type = "message";
    put(unit, request);
    return false;
  };
  /** WaitIO, to the step that takes the reply. Rules (io.ts): "take the reply", "nothing to wait for", "the reply is gone". After AROS waitio.c. */
  function* finishIO(name: string, me: Task, request: Message): KernelRoutine {
    while (request.type === "message" && !request.quick) yield* waitAgain(me, request.replyPort === null ? 0 : 1 << request.replyPort.bit);
    if (request.type === "replymsg" && !request.quick) {
      if (request.list === null) panic(`${name}: the reply is in no list`);
      remove(request);
      me.began = false;
      yield commit("take the reply");
    } else {
      // Nobody can wait for the answer of one who has no reply port.
      if (name === "DoIO") panic("DoIO: the reply is in no list");
      yield commit("nothing to wait for");
    }
    return resultOf(request);
  }

  const isRunning = (task: Task): boolean =>
    !host.hasEnded(blocks.numberOf(task)) && task.role !== "server" && (task.state === "run" || task.state === "tested");
  const halted = (thread: number): Blocking | null => {
    const me = blocks.task(thread);
    if (me.state === "wait") return null;
    const by = (holds: (task: Task) => boolean, queue: string): Blocking | null => {
      const holder = tasks.findIndex((task) => task !== me && isRunning(task) && holds(task));
      return holder < 0 ? null : { queue, on: [holder], until: null };
    };
    return (
      by(({ role }) => role === "handling", "held up by an interrupt") ??
      by(({ disables }) => disables > 0, "held up by Disable") ??
      (me.role === "task" ? by(({ forbids }) => forbids > 0, "held up by Forbid") : null)
    );
  };
  const blocking = (thread: number): Blocking | null => {
    const me = blocks.task(thread);
    if (me.state === "wait") return { queue: `in Wait for the signals ${me.awaited}`, on: [], until: null };
    if (me.role === "server") return { queue: `waiting for ${me.serves?.name ?? "its interrupt"}`, on: [], until: null };
    return null;
  };

  const nest = (name: string, rule: string, field: "forbids" | "disables") =>
    function* (call: SystemCall): KernelRoutine {
      const me = meOf(call);
      if (me[field] === deepest) panic(`${name}: nested more than ${deepest} deep`);
      me[field]++;
      yield commit(rule);
      return {};
    };
  const leave = (name: string, rule: string, field: "forbids" | "disables", opposite: string) =>
    function* (call: SystemCall): KernelRoutine {
      const me = meOf(call);
      if (me[field] === 0) panic(`${name}: without ${opposite}`);
      me[field]--;
      yield commit(rule);
      return {};
    };

  const calls: MachinePath["calls"] = {
    /** Rules (tasks.ts): "signal". After AROS signal.c. */
    *Signal({ args }) {
      signal(blocks.task(threadNumber(args["to"], "to")), Number(args["mask"]));
      yield commit("signal");
      return {};
    },
    /** Rules (tasks.ts): "take signals", "return from Wait". After AROS wait.c. */
    *Wait(call) {
      const me = meOf(call);
      const mask = Number(call.args["mask"]);
      const isSet = (me.received & mask) !== 0;
      const taken = yield* wait(me, mask);
      yield commit(isSet ? "take signals" : "return from Wait");
      return { signals: taken };
    },
    /** Rules (tasks.ts): "set signals". After AROS setsignal.c. */
    *SetSignal(call) {
      const me = meOf(call);
      const { received } = me;
      const mask = Number(call.args["mask"]);
      me.received = (received & ~mask) | (Number(call.args["signals"]) & mask);
      yield commit("set signals");
      return { signals: received };
    },
    /** Rules (tasks.ts): "no signal left", "allocate a signal". After AROS allocsignal.c. */
    *AllocSignal(call) {
      const found = allocate(meOf(call));
      yield commit(found < 0 ? "no signal left" : "allocate a signal");
      return { signal: found };
    },
    /** Rules (tasks.ts): "free the signal". After AROS freesignal.c. */
    *FreeSignal(call) {
      meOf(call).allocated &= ~(1 << Number(call.args["signal"]));
      yield commit("free the signal");
      return {};
    },
    /** Rules (tasks.ts): "forbid", "nested too deeply". After AROS forbid.c. */
    Forbid: nest("Forbid", "forbid", "forbids"),
    /** Rules (tasks.ts): "permit", "not nested". After AROS permit.c. */
    Permit: leave("Permit", "permit", "forbids", "Forbid"),
    /** Rules (tasks.ts): "disable", "nested too deeply". After AROS disable.c. */
    Disable: nest("Disable", "disable", "disables"),
    /** Rules (tasks.ts): "enable", "not nested". After AROS enable.c. */
    Enable: leave("Enable", "enable", "disables", "Disable"),

    /** Rules (ports.ts): "no signal for the port", "create the port". After AROS createmsgport.c. */
    *CreateMsgPort(call) {
      const me = meOf(call);
      const given = Number(call.args["signal"]);
      const bit = given < 0 ? allocate(me) : given;
      if (bit < 0) {
        yield commit("no signal for the port");
        return { signal: -1 };
      }
      me.allocated |= 1 << bit;
      const port = portOf(call);
      port.task = me;
      port.bit = bit;
      yield commit("create the port");
      return { signal: bit };
    },
    /** Rules (ports.ts): "message in a list", "put the message". After AROS putmsg.c. */
    *PutMsg(call) {
      const message = messageOf(call);
      const isChecked = call.args["checked"] === true;
      if (message.list !== null || (isChecked && message.type === "message")) {
        if (!isChecked) panic("PutMsg: the message is in a list already");
        yield commit("message in a list");
        return {};
      }
      message.type = "message";
      message.value = call.args["value"];
      put(portOf(call), message);
      yield commit("put the message");
      return {};
    },
    /** Rules (ports.ts): "no message", "get a message". After AROS getmsg.c. */
    *GetMsg(call) {
      const message = portOf(call).list.dequeue();
      if (message !== null) message.list = null;
      yield commit(message === null ? "no message" : "get a message");
      return message === null
        ? { error: "empty", message: 0, value: nothing, type: "unknown" }
        : { error: "none", message: blocks.numberOf(message) + 1, value: message.value, type: message.type };
    },
    /** Rules (ports.ts): "find a message". After AROS waitport.c. */
    *WaitPort(call) {
      const port = portOf(call);
      while (port.list.isEmpty) yield* waitAgain(meOf(call), 1 << port.bit);
      const { head } = port.list;
      yield commit("find a message");
      return { message: blocks.numberOf(head) + 1 };
    },
    /** Rules (ports.ts): "reply to the message", "message in a list". After AROS replymsg.c. */
    *ReplyMsg(call) {
      const message = messageOf(call);
      if (message.list !== null) panic("ReplyMsg: the message is in a list already");
      message.value = call.args["value"];
      reply(message);
      yield commit("reply to the message");
      return {};
    },

    /**
     * Rules (io.ts): "request in use", "finish at once", "finish at once and reply", "queue at the unit". After AROS sendio.c; Kernel Manual, "Exec
     * Device I/O".
     */
    *BeginIO(call) {
      const request = messageOf(call);
      if (isInUse(request)) {
        if (call.args["checked"] !== true) panic("BeginIO: the request is in use");
        yield commit("request in use");
        return { quick: false };
      }
      const quick = call.args["quick"] === true;
      const isFinished = beginIO(known(devices, objectOf(call), "device"), request, call.args["value"], quick);
      const result = { quick: request.quick };
      yield commit(isFinished ? (quick ? "finish at once" : "finish at once and reply") : "queue at the unit");
      return result;
    },
    /** Rules (io.ts): "finish at once", "queue at the unit", "request in use". After AROS doio.c. */
    *DoIO(call) {
      const me = meOf(call);
      const request = messageOf(call);
      if (isInUse(request)) panic("DoIO: the request is in use");
      if (beginIO(known(devices, objectOf(call), "device"), request, call.args["value"], true)) {
        const result = resultOf(request);
        yield commit("finish at once");
        return result;
      }
      me.began = true;
      yield commit("queue at the unit");
      yield pause;
      return yield* finishIO("DoIO", me, request);
    },
    WaitIO: (call) => finishIO("WaitIO", meOf(call), messageOf(call)),
    /** Rules (io.ts): "check". After AROS checkio.c. */
    *CheckIO(call) {
      const { quick, type } = messageOf(call);
      yield commit("check");
      return { done: quick || type !== "message" };
    },
    /** Rules (io.ts): "nothing to abort", "abort the request". After AROS abortio.c. */
    *AbortIO(call) {
      const request = messageOf(call);
      const { device, list } = request;
      if (request.type !== "message" || device === null || list === null || !device.aborts || device.unit !== list) {
        yield commit("nothing to abort");
        return { error: "failed" };
      }
      remove(request);
      request.aborted = true;
      reply(request);
      yield commit("abort the request");
      return { error: "none" };
    },

    /** Rules (ports.ts): "cause". After AROS cause.c. */
    *Cause(call) {
      causeInterrupt(known(interrupts, objectOf(call), "interrupt"));
      yield commit("cause");
      return {};
    },
    /** Rules (ports.ts): "end the interrupt", "add the server", "begin the interrupt", "another serves it". After AROS addintserver.c. */
    *AddIntServer(call) {
      const me = meOf(call);
      const interrupt = known(interrupts, objectOf(call), "interrupt");
      if (interrupt.server !== null && interrupt.server !== me) panic("AddIntServer: another thread serves this interrupt");
      const rule = me.role === "handling" ? "end the interrupt" : "add the server";
      interrupt.server = me;
      me.role = "server";
      me.serves = interrupt;
      yield commit(rule);
      while (!interrupt.caused) yield block(false);
      yield pause;
      interrupt.caused = false;
      me.role = "handling";
      me.serves = null;
      yield commit("begin the interrupt");
      return {};
    },
  };

  /** Rules (ports.ts): "the hardware raises interrupt N". After Kernel Manual, "Exec Interrupts". */
  const raisers = [...interrupts.values()].map((interrupt, place): [string, (cpu: number) => KernelRoutine<void>] => [
    `the hardware raises interrupt ${place}`,
    function* () {
      interrupt.raises--;
      causeInterrupt(interrupt);
      yield commit(`the hardware raises interrupt ${place}`);
    },
  ]);

  const each = <T>(all: ReadonlyMap<number, T>, value: (object: T) => unknown): readonly unknown[] => perObject(host.instance, all, value);
  const fields = <T extends object>(group: string, all: ReadonlyMap<number, T>, values: Readonly<Record<string, (object: T) => unknown>>) =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [`${group}.${name}`, each(all, value)]));
  return {
    calls,
    interrupts: Object.fromEntries(raisers),
    blocking,
    halted,
    // Nothing of this kernel ends a thread; its messages are memory, which stays.
    forget: () => {},
    project: () => ({
      ...Object.fromEntries(
        (["state", "role", "allocated", "received", "awaited", "forbids", "disables", "began"] as const).map((name) => [
          `task.${name}`,
          tasks.map((task) => task[name]),
        ]),
      ),
      ...fields("message", messages, {
        type: ({ type }) => type,
        list: ({ list }) => blocks.numberOf(list),
        replyPort: ({ replyPort }) => blocks.numberOf(replyPort),
        value: ({ value }) => value,
        quick: ({ quick }) => quick,
        aborted: ({ aborted }) => aborted,
        device: ({ device }) => blocks.numberOf(device),
      }),
      ...fields("port", ports, {
        list: ({ list }) => Array.from(list, (message) => blocks.numberOf(message)),
        task: ({ task }) => blocks.handleOf(task),
        bit: ({ bit }) => bit,
        action: ({ action }) => action,
        interrupt: ({ interrupt }) => blocks.numberOf(interrupt),
      }),
      ...fields("device", devices, { unit: ({ unit }) => blocks.numberOf(unit), quick: ({ quick }) => quick, aborts: ({ aborts }) => aborts }),
      ...fields("interrupt", interrupts, {
        caused: ({ caused }) => caused,
        server: ({ server }) => blocks.handleOf(server),
        raises: ({ raises }) => raises,
      }),
    }),
    audit: (asleep) => [
      ...[...ports.values()].flatMap((port) => [
        ...(port.list.consistent(messages.size) ? [] : [`the links of the ${port.list.name} are broken`]),
        ...[...port.list].filter(({ list }) => list !== port).map(({ name }) => `${name} is in the ${port.list.name} and does not know it`),
      ]),
      ...[...messages.values()].filter((m) => m.list !== null && !m.list.list.has(m)).map(({ name }) => `${name} is not in the list that it names`),
      ...tasks.flatMap((task, number) => {
        const sleeps = task.state === "wait" || (task.role === "server" && task.serves?.caused === false);
        return sleeps === asleep(number) ? [] : [`${task.name} ${sleeps ? "sleeps but runs" : "is awake but does not run"}`];
      }),
    ],
  };
}
