/**
 * Two servers each have a caller. One of the callers is suspended, and the right to reply to it is gone from the caller slot, or from
 * the slot where it was saved; the other's stays where it is. The suspended one calls again when it is resumed, to a server that
 * has to be there to receive: one that answers each client once only is not.
 */
import { check, int, protocol } from "ipc-check";
import * as sel4 from "ipc-check/kernels/sel4";

const { kernel, endpoint, slot } = sel4.system({ cpus: 1, message: int(0, 2) });

const suspending = (name: string, saves: boolean, again: boolean, expect: "holds" | { readonly violated: "deadlock" }) =>
  protocol(name, {
    kernel,
    objects: { left: endpoint(), right: endpoint(), mine: slot(), yours: slot() },
    threads: {
      leftServer: {
        cpu: 0,
        *run({ left, mine, ipc }) {
          do {
            yield* left.recv();
            if (saves) {
              yield* mine.save();
              // The caller slot is empty now.
              yield* ipc.reply(0);
              yield* mine.reply(1);
            } else yield* ipc.reply(1);
          } while (again);
        },
      },
      rightServer: {
        cpu: 0,
        *run({ right, yours, ipc }) {
          yield* right.recv();
          if (saves) {
            yield* yours.save();
            yield* yours.reply(2);
          } else yield* ipc.reply(2);
        },
      },
      leftClient: {
        cpu: 0,
        *run({ left }) {
          const answer = yield* left.call(0);
          check(answer.message === 1, "the answer is from the left");
        },
      },
      rightClient: {
        cpu: 0,
        *run({ right }) {
          const answer = yield* right.call(0);
          check(answer.message === 2, "the answer is from the right");
        },
      },
      parent: {
        cpu: 0,
        *run({ tcb, threads }) {
          yield* tcb.suspend(threads.leftClient);
          yield* tcb.resume(threads.leftClient);
        },
      },
    },
    expect,
  });

export const broken = suspending("a server that answers once", false, false, { violated: "deadlock" });
export const repaired = suspending("a server that answers again", false, true, "holds");
export const saved = suspending("a server that answers again from a slot", true, true, "holds");
