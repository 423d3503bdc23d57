/** The executable L4 kernel: IPC (path-ipc.ts), strings (path-strings.ts), ExchangeRegisters and ThreadControl (path-control.ts), seen from outside. */
import type { Domain, DomainShape } from "../../model/language/domain.ts";
import type { Blocking, KernelHost, MachinePath } from "../common/path.ts";
import { ControlPath } from "./path-control.ts";
import { IpcPath } from "./path-ipc.ts";
import { type Tcb, Tcbs } from "./tcb.ts";

function messageDomain(host: KernelHost): DomainShape {
  const ipc = host.instance.protocol.kernel.operations.find(({ declaration }) => declaration.name === "ipc");
  const message = (ipc?.declaration.args as Readonly<Record<string, DomainShape>> | undefined)?.["message"];
  if (message === undefined) throw new TypeError("an L4 kernel without the operation ipc");
  return message;
}

export default function l4Path(host: KernelHost): MachinePath {
  const tcbs = new Tcbs(host, messageDomain(host) as Domain);
  const ipc = new IpcPath(host, tcbs);
  const control = new ControlPath(host, tcbs, ipc);
  const { hasStrings, hasVersions, build } = tcbs;

  const placeIn = (queueOf: Tcb, me: Tcb): string => {
    const queue = [...queueOf.sendQueue];
    return queueOf.sendQueue.has(me)
      ? `place ${queue.indexOf(me) + 1} of ${queue.length} in the ${queueOf.sendQueue.name}`
      : `unlinked from the ${queueOf.sendQueue.name}, which was deleted`;
  };
  const waitsFor = (other: Tcb | null, queue: string): Blocking => ({ queue, on: other === null ? [] : [tcbs.indexOf(other)], until: null });

  const blocking = (thread: number): Blocking | null => {
    const me = tcbs.all[thread];
    if (me === undefined) return null;
    const { state, partner, from } = me;
    switch (state) {
      case "polling":
        return partner === null ? null : waitsFor(partner, placeIn(partner, me));
      case "waiting":
        if (me.next === "closed") return waitsFor(from, `waiting for a message from ${from?.name ?? "nobody"}`);
        return waitsFor(null, `waiting for a message from anyone${me.next === "local" ? " in its space" : ""}`);
      case "taken":
        return waitsFor(partner, `taken by ${partner?.name}, which has still to come`);
      case "locked-waiting":
        return waitsFor(partner, `locked_waiting for ${partner?.name}`);
      case "tunneled-fault":
        return waitsFor(partner?.pager ?? null, `waiting_tunneled_pf for the pager of ${partner?.name}`);
      case "fault-polling":
        return me.pager === null ? null : waitsFor(me.pager, `page fault, ${placeIn(me.pager, me)}`);
      case "fault-waiting":
        return waitsFor(me.pager, `page fault, waiting for ${me.pager?.name}`);
      default:
        return null;
    }
  };
  const isBlocked = ({ state }: Tcb): boolean => !["running", "requested", "sent", "taking"].includes(state);
  const all = (value: (tcb: Tcb) => unknown): readonly unknown[] => tcbs.all.map(value);

  return {
    calls: {
      ipc: (call) => ipc.ipc(call),
      cancel: (call) => control.cancel(call),
      exchange: (call) => control.exchange(call),
      delete: (call) => control.remove(call),
      create: (call) => control.create(call),
      move: (call) => control.move(call),
    },
    interrupts: {},
    blocking,
    halted: (thread) => {
      const me = tcbs.all[thread];
      return build.halting !== "none" && me?.halted === true && me.state === "running" ? { queue: "halted", on: [], until: null } : null;
    },
    destroy: (thread) => {
      const me = tcbs.all[thread];
      if (me === undefined) return;
      control.destroy(me);
      ipc.done(null, "delete");
    },
    forget: (thread) => {
      const me = tcbs.all[thread];
      if (me === undefined) return;
      ipc.unlink(me);
      tcbs.reset(me);
      ipc.switching.block(me);
    },
    project: () => ({
      "ipc.state": all(({ state }) => state),
      "ipc.next": all(({ next }) => next),
      "ipc.partner": all(({ partner }) => tcbs.threadOf(partner)),
      "ipc.from": all(({ from }) => tcbs.threadOf(from)),
      "ipc.receive": all(({ receive }) => receive),
      "ipc.outgoing": all(({ outgoing }) => outgoing),
      "ipc.senders": all(({ sendQueue }) => Array.from(sendQueue, (sender) => tcbs.threadOf(sender))),
      "ipc.deleted": all(({ deleted }) => deleted),
      ...(hasStrings
        ? {
            "ipc.string": all(({ string }) => string),
            "ipc.buffer": all(({ buffer }) => buffer),
            "ipc.pager": all(({ pager }) => tcbs.threadOf(pager)),
            "ipc.transfer": all(({ transfer }) => transfer),
          }
        : {}),
      ...(hasVersions
        ? {
            "ipc.fromVersion": all(({ fromVersion }) => fromVersion),
            "id.number": all(({ number }) => tcbs.threadOf(number)),
            "id.version": all(({ version }) => version),
          }
        : {}),
      ...(build.spaces ? { "ipc.as": all(({ as }) => tcbs.threadOf(as)), "space.of": all(({ space }) => tcbs.threadOf(space)) } : {}),
      ...(build.halting === "none" ? {} : { "registers.halted": all(({ halted }) => halted) }),
      ...(build.directSwitch ? { "schedule.slice": all((tcb) => ipc.switching.slice(tcb)) } : {}),
    }),
    audit: (asleep) =>
      tcbs.all.flatMap((me, id) => {
        const faults: string[] = [];
        const { name, state, partner, sendQueue } = me;
        if (!sendQueue.consistent(tcbs.all.length)) faults.push(`the links of the ${sendQueue.name} are broken`);
        else
          for (const sender of sendQueue) {
            const polls = (sender.state === "polling" && sender.partner === me) || (sender.state === "fault-polling" && sender.pager === me);
            if (!polls) faults.push(`${sender.name} is in the ${sendQueue.name} but ${sender.state}`);
          }
        const receiver = state === "polling" ? partner : state === "fault-polling" ? me.pager : null;
        if (receiver !== null && !receiver.deleted && !receiver.sendQueue.has(me)) faults.push(`${name} polls but is in no send queue`);
        if (me.deleted && (state !== "running" || sendQueue.head !== null)) faults.push(`${name} was deleted but is still ${state} or sent to`);
        if (isBlocked(me) && !asleep(id)) faults.push(`${name} is ${state} but not blocked`);
        return faults;
      }),
  };
}
