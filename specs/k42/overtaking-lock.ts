/**
 * A lock whose release frees it and unblocks the first waiter, which then tries once more: whoever comes by in between has it
 * before, and may have it every time. Handing the lock over with the waking is what FairBLock does (fair-lock.ts).
 */
import { ghost, int, nobody, protocol, queue, step, threadId } from "ipc-check";
import * as k42 from "ipc-check/kernels/k42";

const { kernel } = k42.system({ message: int(0, 0), buffer: 1 });

const lock = (name: string, handsOver: boolean, expect: "holds" | { readonly violated: "livelock" }) => {
  return protocol(name, {
    kernel,
    memory: { owner: threadId, waiters: queue(threadId, 2), last: ghost(int(0, 2)) },
    threads: {
      user: {
        count: 2,
        *run({ owner, waiters, last, scheduler, self, index }) {
          while (true) {
            let mine = false;
            while (!mine) {
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
              if (!mine) {
                yield* scheduler.block();
                if (handsOver) mine = true;
              }
            }
            last.value = 1 + index;
            const next = yield* step({
              do: () => {
                const first = waiters.length > 0 ? waiters.shift() : nobody;
                owner.value = handsOver ? first : nobody;
                return first;
              },
            });
            if (next !== nobody) yield* scheduler.unblock(next);
          }
        },
      },
    },
    progress: { goals: { secondGetsIn: ({ last }) => last === 2 } },
    expect,
  });
};

export const broken = lock("a lock that whoever comes by can take", false, { violated: "livelock" });
export const repaired = lock("a lock that is handed over", true, "holds");
