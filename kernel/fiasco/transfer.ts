/**
 * Messages with items (capabilities) between CPUs (src/kern/thread-ipc.cpp, receiver.cpp of Fiasco.OC). To map one, locks are
 * taken and interrupts are open, which the handler of a request from another CPU must not do. So the transfer is a step of its
 * own, in the context of one of the two:
 *
 * - a request that finds its receiver ready only prepares it (Thread_ipc_transfer: it receives passively, and nothing ends its
 *   wait), and the sender transfers on its own CPU;
 * - a receiver that finds a sender in its queue transfers the message to itself (Thread_receive_in_progress).
 *
 * A send to another CPU that is cancelled or times out is aborted there. The answer is that the message was still queued, that
 * it has gone over, or that it is going over just now: then the sender waits for the end (Thread_ipc_transfer on its side).
 * Since commit f72176b5 the answer sets that flag on its way. Before, the sender set it when it had the answer, which could be
 * after the end of the transfer had cleared it: it then waits for an end that has been (FOC-5).
 *
 * Among threads of one CPU a transfer is one step. A thread that is deleted meanwhile ends when it leaves the kernel.
 */
import { bool, type Domain, oneOf, perThread, type Rule, type RuleContext, type StateContext, type StateGroup, type Wait } from "../../model/language/index.ts";
import type { System } from "./calls.ts";
import type { IpcArgs, IpcResult } from "./ipc.ts";

export type TransferFields<M> = {
  /** Whether the message of the send under way carries items. */
  readonly items: Domain<boolean>;
  /**
   * Of a send to another CPU that is given up: why, as long as the receiver's CPU has not answered; `told` that the transfer
   * is under way; `waiting` for its end.
   */
  readonly abort: Domain<"none" | "cancelled" | "timeout" | "told" | "waiting">;
  /** To be deleted when it leaves the kernel. */
  readonly dying: Domain<boolean>;
  /** What has come for a thread in the state `received`. */
  readonly label: Domain<number>;
  readonly message: Domain<M>;
};

export function transfersOf<M>(message: Domain<M>, label: Domain<number>): StateGroup<"thread", TransferFields<M>> {
  return perThread("transfer", { items: bool(), abort: oneOf("none", "cancelled", "timeout", "told", "waiting"), dying: bool(), label, message });
}

export interface Transfers<M> {
  readonly rules: Readonly<Record<string, Rule<IpcArgs<M>, IpcResult<M>>>>;
  readonly waits: Readonly<Record<string, Wait<IpcArgs<M>>>>;
}

/** What the IPC system call does more if messages carry items. */
export function itemsOf<M>(
  system: System<M>,
  { handshakes, transfer }: { handshakes(k: StateContext<IpcArgs<M>>): boolean; transfer(k: RuleContext<IpcArgs<M>, IpcResult<M>>): void },
): Transfers<M> {
  const { tcb, transfers, lateTransferFlag } = system;
  type State = StateContext<IpcArgs<M>>;

  const abortOf = (k: State): string => k.of(transfers, k.self).abort;
  const isAsking = (k: State): boolean => abortOf(k) === "cancelled" || abortOf(k) === "timeout";
  const isIn = (k: State, state: string): boolean => k.of(tcb, k.self).state === state;

  return {
    rules: {
      "remote check: handshake": {
        when: (k) => handshakes(k),
        do: (k) => {
          const me = k.of(tcb, k.self);
          k.of(tcb, me.partner).state = "transfer";
          me.state = "transfers";
        },
      },
      "transfer the items": {
        when: (k) => isIn(k, "transfers"),
        do: (k) => {
          system.activate(k, k.of(tcb, k.self).partner);
          transfer(k);
        },
      },
      "receive the items": {
        when: (k) => isIn(k, "receives"),
        do: (k) => system.take(k, k.self),
      },
      "send timer fires: abort": {
        timer: true,
        when: (k) => k.args.send === "finite" && system.isFarSend(k, k.self),
        do: (k) => {
          k.of(transfers, k.self).abort = "timeout";
        },
      },
      "remote abort: dequeued": {
        when: (k) => isAsking(k) && isIn(k, "send-wait"),
        do: (k) => {
          const error = k.of(transfers, k.self).abort === "timeout" ? "timeout" : "cancelled";
          k.of(transfers, k.self).abort = "none";
          k.of(tcb, k.of(tcb, k.self).partner).senders.remove(k.self);
          system.fail(k, k.self, error, "send");
        },
      },
      "remote abort: in progress": {
        when: (k) => isAsking(k) && isIn(k, "taken"),
        do: (k) => {
          k.of(transfers, k.self).abort = lateTransferFlag ? "told" : "waiting";
        },
      },
      "remote abort: done": {
        when: (k) => isAsking(k) && !isIn(k, "send-wait") && !isIn(k, "taken"),
        do: (k) => system.endAbort(k, k.self),
      },
      "end on the way out": {
        when: (k) => system.isDying(k, k.self) && !system.isEngaged(k, k.self),
        do: (k) => {
          k.of(transfers, k.self).dying = false;
          system.kill(k, k.self);
        },
      },
      ...(lateTransferFlag
        ? {
            "set the transfer flag": {
              when: (k: State) => abortOf(k) === "told",
              do: (k: RuleContext<IpcArgs<M>, IpcResult<M>>) => {
                k.of(transfers, k.self).abort = "waiting";
              },
            },
          }
        : {}),
    },
    waits: {
      transfer: {
        when: (k) => isIn(k, "transfer") || isIn(k, "taken"),
        says: "ipc_transfer: the partner transfers the message",
        kind: "receive",
        wakers: [{ by: ["ipc"], anywhere: true }],
        passing: (k) => isIn(k, "transfer") || isIn(k, "taken"),
      },
      ...(lateTransferFlag
        ? {
            flag: {
              when: (k: State) => abortOf(k) === "waiting",
              says: "ipc_transfer: waiting for the end of a transfer that is over",
              kind: "send" as const,
              // A transfer to it would clear the flag as well.
              wakers: [{ by: ["ipc"], anywhere: true, when: (k: State) => isIn(k, "receive-wait") }],
            },
          }
        : {}),
    },
  };
}
