/** The executable Fiasco.OC: IPC (path-ipc.ts), gates, interrupts, semaphores, ex_regs and deletion; and how all of it looks from outside. */
import { CheckFailed, OutOfRange } from "../../model/language/operation.ts";
import {
  type Blocking,
  commit,
  type KernelHost,
  type KernelRoutine,
  type MachinePath,
  type Projection,
  type Results,
  type SystemCall,
} from "../common/path.ts";
import { fieldsPerObject } from "../common/projection.ts";
import { type IrqObject, Objects, type SemaphoreObject, type Thread } from "./objects.ts";
import { IpcPath } from "./path-ipc.ts";

type Handler = (call: SystemCall) => KernelRoutine;
/** A system call that never blocks: it names its rule and its results. */
function simple(perform: (args: SystemCall["args"]) => { readonly rule: string; readonly results?: Results }): Handler {
  return function* handle({ args }): KernelRoutine {
    const { rule, results = {} } = perform(args);
    yield commit(rule);
    return results;
  };
}

export default function fiascoPath(host: KernelHost): MachinePath {
  const objects = new Objects(host);
  const ipc = new IpcPath(host, objects);
  const { threads } = objects;
  const { options } = host.instance.protocol.kernel;
  const staysAtGate = options["staysAtGate"] === true;
  const lateSenders = options["lateSenders"] === true;

  /**
   * Rules (objects-rules.ts): "coalesce the interrupt", "interrupt at an unbound line", "queue the interrupt", "deliver the interrupt". After
   * irq.cpp.
   */
  const trigger = (line: IrqObject, isLevel: boolean): string => {
    if (line.masked || line.queued) return "coalesce the interrupt";
    if (line.thread === null) {
      if (!isLevel) line.pending = true;
      return "interrupt at an unbound line";
    }
    line.masked = isLevel;
    ipc.hit(line);
    return line.queued ? "queue the interrupt" : "deliver the interrupt";
  };
  const limitOf = (args: SystemCall["args"]): number => {
    const found = host.instance.objects.find(({ ref }) => ref === args["object"] || ref.index === (args["object"] as { readonly index: number }).index);
    return Number(found?.type.options["limit"]);
  };

  /** Rules (objects-rules.ts): "count down", "semaphore timeout zero", "wait at the semaphore", "semaphore timer fires". After semaphore.cpp. */
  function* down({ thread, args }: SystemCall): KernelRoutine {
    const me = threads[thread] as Thread;
    const semaphore = objects.semaphore(args["object"]);
    if (semaphore.count > 0) {
      semaphore.count -= 1;
      yield commit("count down");
      return { error: "none" };
    }
    if (args["timeout"] === "zero") {
      yield commit("semaphore timeout zero");
      return { error: "timeout" };
    }
    ipc.insert(semaphore.waiters, me);
    yield commit("wait at the semaphore");
    if (!(yield* ipc.sleep(me, args["timeout"] === "finite"))) return { error: "none" };
    semaphore.waiters.remove(me);
    yield commit("semaphore timer fires");
    return { error: "timeout" };
  }

  const calls: Readonly<Record<string, Handler>> = {
    ipc: (call) => ipc.call(call),
    /** Rules (objects-rules.ts): "bind the gate". After ipc_gate.cpp. */
    "gate.bind": simple((args) => {
      const gate = objects.gate(args["object"]);
      gate.thread = objects.threadOrNull(args["thread"], "thread");
      gate.label = Number(args["label"]);
      for (let waiter = gate.waiters.dequeue(); waiter !== null; waiter = gate.waiters.dequeue()) {
        if (staysAtGate && waiter.state !== "gate-wait") throw new CheckFailed("a thread in the queue of a gate does not wait there");
        waiter.state = "running";
        ipc.wake(waiter);
      }
      return { rule: "bind the gate" };
    }),
    /** Rules (objects-rules.ts): "delete the gate". After ipc_gate.cpp. */
    "gate.delete": simple((args) => {
      const gate = objects.gate(args["object"]);
      for (let waiter = gate.waiters.dequeue(); waiter !== null; waiter = gate.waiters.dequeue()) ipc.fail(waiter, "not-existent", "send");
      for (const thread of lateSenders ? [] : threads) {
        if (thread.state !== "send-wait" || thread.gate !== gate) continue;
        thread.partner?.senders.remove(thread);
        ipc.fail(thread, "not-existent", "send");
      }
      gate.deleted = true;
      const { deletion } = gate;
      if (deletion !== null && deletion.thread === null) deletion.pending = true;
      else if (deletion !== null && !deletion.queued) ipc.hit(deletion);
      return { rule: "delete the gate" };
    }),
    /** Rules (objects-rules.ts): "register the deletion interrupt". After ipc_gate.cpp. */
    "gate.notifyDeletion": simple((args) => {
      objects.gate(args["object"]).deletion = objects.irq(args["irq"]);
      return { rule: "register the deletion interrupt" };
    }),
    /** Rules (objects-rules.ts): "bind the interrupt". After irq.cpp. */
    "irq.bind": simple((args) => {
      const line = objects.irq(args["object"]);
      const again = line.queued || line.pending;
      if (line.queued) line.thread?.irqs.remove(line);
      line.queued = false;
      line.pending = false;
      line.thread = objects.thread(args["thread"], "thread");
      line.label = Number(args["label"]);
      if (again) ipc.hit(line);
      return { rule: "bind the interrupt" };
    }),
    "irq.trigger": simple((args) => ({ rule: trigger(objects.irq(args["object"]), args["isLevel"] === true) })),
    /** Rules (objects-rules.ts): "unmask the interrupt". After irq.cpp. */
    "irq.unmask": simple((args) => {
      objects.irq(args["object"]).masked = false;
      return { rule: "unmask the interrupt" };
    }),
    "semaphore.down": down,
    /** Rules (objects-rules.ts): "wake at the semaphore", "count up". After semaphore.cpp. */
    "semaphore.up": simple((args) => {
      const semaphore: SemaphoreObject = objects.semaphore(args["object"]);
      const waiter = semaphore.waiters.dequeue();
      if (waiter !== null) {
        ipc.wake(waiter);
        return { rule: "wake at the semaphore" };
      }
      if (semaphore.count >= limitOf(args)) throw new OutOfRange(`${semaphore.name}.count = ${semaphore.count + 1} is outside 0..${limitOf(args)}`);
      semaphore.count += 1;
      return { rule: "count up" };
    }),
    /** Rules (objects-rules.ts): "cancel at a gate", "cancel a send", "abort a send", "cancel a receive", "nothing to cancel". After thread.cpp, ex_regs. */
    cancel: simple((args) => {
      const thread = objects.thread(args["target"], "target");
      if (ipc.transfers.isAborting(thread)) return { rule: "nothing to cancel", results: { acted: false } };
      if (ipc.transfers.isFar(thread)) {
        ipc.transfers.ask(thread, "cancelled");
        ipc.wake(thread);
        return { rule: "abort a send", results: { acted: true } };
      }
      switch (thread.state) {
        case "gate-wait":
          if (!staysAtGate) for (const gate of objects.gates.values()) if (gate.waiters.has(thread)) gate.waiters.remove(thread);
          ipc.fail(thread, "cancelled", "send");
          return { rule: "cancel at a gate", results: { acted: true } };
        case "send-wait":
          thread.partner?.senders.remove(thread);
          ipc.fail(thread, "cancelled", "send");
          return { rule: "cancel a send", results: { acted: true } };
        case "receive-wait":
          ipc.fail(thread, "cancelled", "receive");
          return { rule: "cancel a receive", results: { acted: true } };
        case "running":
        case "requested":
        case "sent":
        case "transfers":
        case "transfer":
        case "taken":
        case "receives":
        case "received":
          return { rule: "nothing to cancel", results: { acted: false } };
      }
    }),
    /** Rules (objects-rules.ts): "delete the thread". After thread.cpp. */
    delete: simple((args) => {
      const thread = objects.thread(args["target"], "target");
      if (ipc.transfers.isEngaged(thread)) return { rule: ipc.transfers.condemn(thread) };
      ipc.remove(thread);
      return { rule: "delete the thread" };
    }),
  };

  const forget = (number: number): void => {
    const thread = threads[number] as Thread;
    if (thread.state === "send-wait") thread.partner?.senders.remove(thread);
    for (const gate of objects.gates.values()) if (gate.waiters.has(thread)) gate.waiters.remove(thread);
    for (const { waiters } of objects.semaphores.values()) if (waiters.has(thread)) waiters.remove(thread);
    thread.sleeping = false;
    if (ipc.transfers.isOn) {
      thread.abort = "none";
      thread.asks = null;
      thread.dying = false;
    }
    ipc.reset(thread);
  };

  const line = (list: Iterable<Thread>): unknown => Array.from(list, (thread) => objects.handleOf(thread));
  const perObject = <T>(records: ReadonlyMap<number, T>, fields: Readonly<Record<string, (record: T) => unknown>>): Projection =>
    fieldsPerObject(host.instance, records, fields);
  const project = (): Projection => ({
    "ipc.state": threads.map(({ state }) => state),
    "ipc.partner": threads.map(({ partner }) => objects.handleOf(partner)),
    "ipc.gate": threads.map(({ gate }) => objects.numberOf(gate)),
    "ipc.outgoing": threads.map(({ outgoing }) => outgoing),
    "ipc.label": threads.map(({ label }) => label),
    "ipc.isCall": threads.map(({ isCall }) => isCall),
    "ipc.isReply": threads.map(({ isReply }) => isReply),
    "ipc.next": threads.map(({ next }) => next),
    "ipc.from": threads.map(({ from }) => objects.handleOf(from)),
    "ipc.receive": threads.map(({ receive }) => receive),
    "ipc.slot": threads.map(({ slot }) => objects.numberOf(slot)),
    "ipc.senders": threads.map(({ senders }) => line(senders)),
    "ipc.irqs": threads.map(({ irqs }) => Array.from(irqs, (each) => objects.numberOf(each))),
    "ipc.caller": threads.map(({ caller }) => objects.handleOf(caller)),
    "ipc.deleted": threads.map(({ deleted }) => deleted),
    ...(ipc.transfers.isOn
      ? {
          "transfer.items": threads.map(({ items }) => items),
          "transfer.abort": threads.map(({ abort }) => abort),
          "transfer.dying": threads.map(({ dying }) => dying),
          "transfer.label": threads.map(({ heldLabel }) => heldLabel),
          "transfer.message": threads.map(({ heldMessage }) => heldMessage),
        }
      : {}),
    ...perObject(objects.gates, {
      "gate.thread": ({ thread }) => objects.handleOf(thread),
      "gate.label": ({ label }) => label,
      "gate.waiters": ({ waiters }) => line(waiters),
      "gate.deleted": ({ deleted }) => deleted,
      "gate.deletion": ({ deletion }) => objects.numberOf(deletion),
    }),
    ...perObject(objects.slots, { "slot.caller": ({ caller }) => objects.handleOf(caller) }),
    ...perObject(objects.irqs, {
      "irq.thread": ({ thread }) => objects.handleOf(thread),
      "irq.label": ({ label }) => label,
      "irq.queued": ({ queued }) => queued,
      "irq.masked": ({ masked }) => masked,
      "irq.pending": ({ pending }) => pending,
    }),
    ...perObject(objects.semaphores, { "semaphore.count": ({ count }) => count, "semaphore.waiters": ({ waiters }) => line(waiters) }),
  });

  const place = (list: Iterable<Thread>, thread: Thread, name: string): string => {
    const all = [...list];
    return `place ${all.indexOf(thread) + 1} of ${all.length} in the ${name}`;
  };
  const blocking = (number: number): Blocking | null => {
    const thread = threads[number] as Thread;
    const waits = (queue: string, on: readonly (Thread | null)[] = []): Blocking => ({
      queue,
      on: on.flatMap((each) => (each === null ? [] : [objects.numberOf(each)])),
      until: null,
    });
    for (const { waiters } of [...objects.semaphores.values(), ...objects.gates.values()])
      if (waiters.has(thread)) return waits(place(waiters, thread, waiters.name));
    const { state, partner, from } = thread;
    if (state === "transfer" || state === "taken") return waits("ipc_transfer: the partner transfers the message", [partner]);
    if (ipc.transfers.isAborting(thread) && thread.abort === "waiting") return waits("ipc_transfer, which is cleared at the end of a transfer", [partner]);
    if (state === "send-wait" && partner !== null) return waits(place(partner.senders, thread, partner.senders.name), [partner]);
    if (state !== "receive-wait") return null;
    if (thread.next === "open") return waits("receive-wait, open");
    return waits(`receive-wait for ${thread.isCall ? "a reply of " : ""}${from?.name ?? "nobody"}`, [from]);
  };

  return {
    calls,
    interrupts: {},
    project,
    forget,
    blocking,
    halted: (number) => {
      const me = threads[number];
      const by = me === undefined ? null : ipc.delayedBy(me);
      return by === null ? null : { queue: `its request waits until ${me?.partner?.name} is scheduled`, on: [objects.numberOf(by)], until: null };
    },
    audit: (asleep) =>
      threads.flatMap((thread, number) => {
        const faults: string[] = [];
        if (!thread.senders.consistent(threads.length)) faults.push(`the links of the ${thread.senders.name} are broken`);
        for (const sender of thread.senders)
          if (sender.state !== "send-wait" || sender.partner !== thread) faults.push(`${sender.name} is in the ${thread.senders.name} but ${sender.state}`);
        if (thread.state === "send-wait" && !ipc.transfers.isAborting(thread) && thread.partner?.senders.has(thread) !== true)
          faults.push(`${thread.name} sends but is in no list`);
        const sleeps = ["gate-wait", "send-wait", "receive-wait", "transfer", "taken"].includes(thread.state) && !ipc.transfers.hasToGoOn(thread);
        if (sleeps && !asleep(number)) faults.push(`${thread.name} is ${thread.state} but not asleep`);
        if (thread.deleted && (thread.state !== "running" || !thread.senders.isEmpty))
          faults.push(`${thread.name} was deleted but is still ${thread.state} or sent to`);
        return faults;
      }),
  };
}
