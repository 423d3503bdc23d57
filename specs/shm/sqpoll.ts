/**
 * io_uring with a thread that polls the submission queue (SQPOLL): the application fills an entry, publishes the tail, and
 * enters the kernel only if the poller has set NEED_WAKEUP; the poller, before it sleeps, sets the flag and looks at the tail
 * again. Store then load on both sides, so both need a full fence (liburing 541, tokio-rs/io-uring 197); and the tail must
 * be published with release, or the poller reads an entry that is not there yet.
 */
import { array, check, fence, int, type Order, protocol } from "ipc-check";
import * as shm from "ipc-check/kernels/shm";

interface Variant {
  readonly memoryModel: "sc" | "tso" | "pso" | "ra";
  readonly application?: "fence" | "none";
  readonly poller?: "fence" | "none";
  readonly publish?: Order;
}
type Kind = "deadlock" | "assertion" | "data-race" | "lost-wakeup";

const queue = (
  name: string,
  { memoryModel, application: applicationFence = "fence", poller: pollerFence = "fence", publish = "release" }: Variant,
  expect: "holds" | { readonly violated: Kind },
) =>
  protocol(name, {
    kernel: shm.kernel(),
    memoryModel: memoryModel === "ra" ? { model: "ra", messages: 8 } : memoryModel,
    parameters: { entries: 2 },
    /** `wakeups`: what enter(IORING_ENTER_SQ_WAKEUP) leaves in the poller's wait queue. */
    memory: { submissions: array(2, int(0, 2)), tail: int(0, 2), needWakeup: int(0, 1), wakeups: int(0, 2) },
    threads: {
      application: {
        *run({ submissions, tail, needWakeup, wakeups, futex, entries }) {
          for (let entry = 0; entry < entries; entry++) {
            yield* submissions.at(entry).write(entry + 1);
            yield* tail.store(entry + 1, publish);
            if (applicationFence === "fence") yield* fence();
            if ((yield* needWakeup.load("relaxed")) === 1) {
              yield* wakeups.fetchAdd(1);
              yield* futex.wake(wakeups, 1);
            }
          }
        },
      },
      poller: {
        *run({ submissions, tail, needWakeup, wakeups, futex, entries }) {
          let head = 0;
          while (head < entries) {
            if ((yield* tail.load("acquire")) > head) {
              check((yield* submissions.at(head).read()) === head + 1, "the entry has been filled");
              head += 1;
            } else {
              const before = yield* wakeups.load("relaxed");
              yield* needWakeup.store(1, "relaxed");
              if (pollerFence === "fence") yield* fence();
              if ((yield* tail.load("acquire")) === head) yield* futex.wait(wakeups, before);
              yield* needWakeup.store(0, "relaxed");
            }
          }
        },
      },
    },
    expect,
  });

export const onSc = queue("SQPOLL without fences, sequentially consistent", { memoryModel: "sc", application: "none", poller: "none" }, "holds");
export const onTso = queue("SQPOLL on TSO", { memoryModel: "tso" }, "holds");
export const applicationUnfenced = queue("SQPOLL on TSO, no fence in the application", { memoryModel: "tso", application: "none" }, { violated: "deadlock" });
export const pollerUnfenced = queue("SQPOLL on TSO, no fence in the poller", { memoryModel: "tso", poller: "none" }, { violated: "deadlock" });
export const onPso = queue("SQPOLL on PSO", { memoryModel: "pso" }, "holds");
export const publishedRelaxed = queue("SQPOLL on PSO, tail published without release", { memoryModel: "pso", publish: "relaxed" }, { violated: "assertion" });
export const onRa = queue("SQPOLL on release/acquire", { memoryModel: "ra" }, "holds");
export const applicationUnfencedOnRa = queue(
  "SQPOLL on release/acquire, no fence in the application",
  { memoryModel: "ra", application: "none" },
  { violated: "deadlock" },
);
export const publishedRelaxedOnRa = queue(
  "SQPOLL on release/acquire, tail published without release",
  { memoryModel: "ra", publish: "relaxed" },
  { violated: "data-race" },
);
