/**
 * What else the MINIX 3 kernel does with processes and their messages (minix/kernel/system.c, proc.c): the death of an
 * endpoint, waiting for the virtual memory server, the end of a quantum, and IPC filters.
 */
import { type Domain, nobody, operation, type StateContext, threadId, type ThreadId } from "../../model/language/index.ts";
import type { Call } from "../../model/language/operation.ts";
import type { Messages } from "./rules.ts";
import type { Processes, Variant } from "./state.ts";

export interface System<M> {
  readonly exit: Call<{ readonly target: ThreadId }, object>;
  readonly memory: Call<{ readonly vm: ThreadId }, object>;
  readonly vmctl: Call<{ readonly target: ThreadId }, object>;
  readonly quantum: Call<{ readonly scheduler: ThreadId; readonly message: M }, object>;
  readonly schedule: Call<{ readonly target: ThreadId }, object>;
  readonly filter: Call<{ readonly rejected: ThreadId }, object>;
}

/** Builds the operations for one message domain. */
export function system<M>(
  message: Domain<M>,
  { group, willReceive, deadlock, settle }: Processes<M>,
  { deliver, tell, abandon }: Messages<M>,
  { earlyCheck }: Variant,
): System<M> {
  /**
   * clear_endpoint: the process is gone. Pending bits and asynchronous messages to and from it are dropped, and who is
   * blocked on it gets EDEADSRCDST. Who waits for ANY learns nothing.
   */
  const exit = operation({
    name: "exit",
    args: { target: threadId },
    result: {},
    general: false,
    rules: {
      "clear the endpoint": {
        do: (k) => {
          const target = k.of(group, k.args.target);
          target.dead = true;
          target.replyPend = false;
          target.filter = nobody;
          settle(k, k.args.target);
          while (target.callers.length > 0) target.callers.shift();
          while (target.notified.length > 0) target.notified.shift();
          while (target.table.length > 0) target.table.shift();
          for (const other of k.threads) {
            const process = k.of(group, other);
            const { table } = process;
            let place = 0;
            while (place < table.length) {
              if (table.at(place).to === k.args.target) table.remove(table.at(place));
              else place++;
            }
            if (process.sending ? process.sendto === k.args.target : process.receiving && process.getfrom === k.args.target) {
              // Whose scheduler is gone is left to the kernel's own scheduling.
              if (process.call === "quantum") {
                settle(k, other);
                k.completeOf(quantum, other, {});
              } else abandon(k, other);
            }
          }
          k.terminate(k.args.target);
          if (k.args.target !== k.self) k.complete(k.self, {});
        },
      },
    },
  });

  /** The process touches memory that VM must first provide: VM is told, and the process waits. No edge of the deadlock check. */
  const memory = operation({
    name: "memory",
    args: { vm: threadId },
    result: {},
    general: false,
    rules: {
      "wait for memory": {
        when: (k) => k.of(group, k.self).call === "none",
        do: (k) => {
          k.of(group, k.self).call = "memory";
          tell(k, k.args.vm, k.self);
        },
      },
    },
    waits: { memory: { says: "waiting for VM (VMREQUEST)", kind: "pager", wakers: [{ by: ["vmctl"] }] } },
  });
  const vmctl = operation({
    name: "vmctl",
    args: { target: threadId },
    result: {},
    general: false,
    rules: {
      "memory is there": {
        when: (k) => k.of(group, k.args.target).call === "memory",
        do: (k) => {
          settle(k, k.args.target);
          k.completeOf(memory, k.args.target, {});
          k.complete(k.self, {});
        },
      },
      "nobody waits for memory": {
        when: (k) => k.of(group, k.args.target).call !== "memory",
        do: (k) => k.complete(k.self, {}),
      },
    },
  });

  /** notify_scheduler: the quantum is used up. The kernel SENDs on the process's behalf, and cannot bear an error. */
  const refused = (k: Pick<StateContext, "of" | "threads" | "self">, scheduler: ThreadId): boolean =>
    (earlyCheck || !willReceive(k, k.self, scheduler)) && deadlock(k, true, k.self, scheduler);
  const quantum = operation({
    name: "quantum",
    args: { scheduler: threadId, message },
    result: {},
    general: false,
    rules: {
      "no scheduler any more": {
        when: (k) => k.of(group, k.self).call === "none" && k.of(group, k.args.scheduler).dead,
        do: (k) => k.complete(k.self, {}),
      },
      "the kernel panics": {
        when: (k) => k.of(group, k.self).call === "none" && !k.of(group, k.args.scheduler).dead && refused(k, k.args.scheduler),
        do: (k) => k.panic("notify_scheduler: the message to the scheduler fails with ELOCKED"),
      },
      "tell the scheduler": {
        when: (k) =>
          k.of(group, k.self).call === "none" &&
          !k.of(group, k.args.scheduler).dead &&
          !refused(k, k.args.scheduler) &&
          willReceive(k, k.self, k.args.scheduler),
        do: (k) => {
          k.of(group, k.self).call = "quantum";
          k.of(group, k.args.scheduler).replyPend = false;
          deliver(k, k.args.scheduler, k.self, k.args.message, k.of(group, k.self).replyPend ? "SENDREC" : "SEND");
        },
      },
      "queue for the scheduler": {
        when: (k) =>
          k.of(group, k.self).call === "none" &&
          !k.of(group, k.args.scheduler).dead &&
          !refused(k, k.args.scheduler) &&
          !willReceive(k, k.self, k.args.scheduler),
        do: (k) => {
          const me = k.of(group, k.self);
          me.call = "quantum";
          me.sending = true;
          me.sendto = k.args.scheduler;
          me.message = k.args.message;
          k.of(group, k.args.scheduler).callers.push(k.self);
        },
      },
    },
    waits: {
      sending: {
        when: (k) => k.of(group, k.self).sending,
        says: "SENDING to the scheduler (NO_QUANTUM)",
        kind: "scheduler",
        wakers: [{ by: ["RECEIVE", "SENDREC"], when: (k, other) => other === k.args.scheduler }, { by: ["exit"] }],
      },
      waiting: { says: "without a quantum (NO_QUANTUM)", kind: "scheduler", wakers: [{ by: ["schedule"] }] },
    },
  });
  const schedule = operation({
    name: "schedule",
    args: { target: threadId },
    result: {},
    general: false,
    rules: {
      "give a quantum": {
        when: (k) => k.of(group, k.args.target).call === "quantum" && !k.of(group, k.args.target).sending,
        do: (k) => {
          settle(k, k.args.target);
          k.completeOf(quantum, k.args.target, {});
          k.complete(k.self, {});
        },
      },
      "it has a quantum": {
        when: (k) => k.of(group, k.args.target).call !== "quantum" || k.of(group, k.args.target).sending,
        do: (k) => k.complete(k.self, {}),
      },
    },
  });

  /** statectl: from now on nothing is received from one process; nobody: no filter. */
  const filter = operation({
    name: "filter",
    args: { rejected: threadId },
    result: {},
    general: false,
    rules: {
      "set the filter": {
        do: (k) => {
          k.of(group, k.self).filter = k.args.rejected;
          k.complete(k.self, {});
        },
      },
    },
  });
  return { exit, memory, vmctl, quantum, schedule, filter };
}
