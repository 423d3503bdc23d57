/**
 * FairBLock (FairBLock.C): whoever finds the lock taken spins a little, then queues and blocks; the one that releases it
 * hands it to the first in the queue, so that nobody can overtake. The latch of Block and Unblock lets a waiter queue first
 * and block later. In `broken` the release frees the lock and unblocks the first waiter, which takes the lock for its own
 * although another may have been faster. The spinning (100 times in K42) is once here; queue and owner are changed under
 * the lock's own bit, which a guarded step stands for.
 */
import { ghost, int, nobody, protocol, queue, step, threadId } from "ipc-check";
import * as k42 from "ipc-check/kernels/k42";

const { kernel } = k42.system({ message: int(0, 0), buffer: 1 });

const lock = (name: string, handOff: boolean, expect: "holds" | { readonly violated: "invariant" }) =>
  protocol(name, {
    kernel,
    parameters: { users: 3 },
    memory: { owner: threadId, waiters: queue(threadId, 3), inside: ghost(int(0, 3)) },
    threads: {
      user: {
        count: "users",
        *run({ owner, waiters, inside, scheduler, self }) {
          while (true) {
            let mine = (yield* owner.compareExchange(nobody, self)) === nobody;
            if (!mine) {
              mine = yield* step({
                do: () => {
                  if (owner.value === nobody) {
                    owner.value = self;
                    return true;
                  }
                  waiters.push(self);
                  return false;
                },
              });
              if (!mine) yield* scheduler.block();
            }
            inside.value += 1;
            yield* step({});
            inside.value -= 1;
            const next = yield* step({
              do: () => {
                const first = waiters.length > 0 ? waiters.shift() : nobody;
                owner.value = handOff ? first : nobody;
                return first;
              },
            });
            if (next !== nobody) yield* scheduler.unblock(next);
          }
        },
      },
    },
    invariants: { exclusion: ({ inside }) => inside <= 1 },
    expect,
  });

export const broken = lock("a fair lock without hand-off", false, { violated: "invariant" });
export const repaired = lock("a fair lock with hand-off", true, "holds");
