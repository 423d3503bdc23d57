/** Small protocols with items, deletion, cancellation and timers on two CPUs, whose schedules are exhausted in the deeper runs. */
import { int, protocol } from "ipc-check";
import * as fiasco from "ipc-check/kernels/fiasco";

const { kernel } = fiasco.system({ cpus: 2, message: int(0, 3), items: true, lateTransferFlag: true });
const fixed = fiasco.system({ cpus: 2, message: int(0, 3), items: true });

/** A caller with timers, cancelled like its server. */
export const calls = protocol("calls", {
  kernel,
  threads: {
    a: {
      cpu: 0,
      *run({ ipc, threads }) {
        yield* ipc.call(threads.b, 1, { items: true, send: "finite", receive: "finite" });
        yield* ipc.send(threads.b, 2, { items: true, send: "zero" });
      },
    },
    b: {
      cpu: 1,
      *run({ ipc }) {
        let request = yield* ipc.wait();
        while (true) request = request.error === "none" ? yield* ipc.replyWait(3, { items: true, receive: "finite" }) : yield* ipc.wait();
      },
    },
    c: {
      cpu: 0,
      *run({ ipc, threads }) {
        yield* ipc.cancel(threads.a);
        yield* ipc.cancel(threads.b);
      },
    },
  },
});

/** Both sides of a transfer are deleted while it lasts. */
export const deletions = protocol("deletions", {
  kernel,
  threads: {
    a: {
      cpu: 0,
      *run({ ipc, threads }) {
        yield* ipc.send(threads.b, 1, { items: true, send: "finite" });
        yield* ipc.wait({ receive: "finite" });
      },
    },
    b: {
      cpu: 1,
      *run({ ipc, threads }) {
        yield* ipc.receive(threads.a);
        yield* ipc.send(threads.a, 3, { items: true, send: "zero" });
      },
    },
    c: {
      cpu: 0,
      *run({ ipc, threads }) {
        yield* ipc.delete(threads.b);
        yield* ipc.cancel(threads.a);
      },
    },
    d: {
      cpu: 1,
      *run({ ipc, threads }) {
        yield* ipc.delete(threads.a);
      },
    },
  },
});

/** A gate that is deleted under its sender, an explicit slot, and an interrupt. */
export const gates = protocol("gates", {
  kernel: fixed.kernel,
  objects: { door: fixed.gate(), saved: fixed.slot(), line: fixed.irq() },
  threads: {
    a: {
      cpu: 0,
      *run({ door }) {
        yield* door.call(1, { items: true, send: "finite", receive: "zero" });
        yield* door.send(2, { items: true, send: "finite" });
      },
    },
    b: {
      cpu: 1,
      *run({ ipc, door, saved, threads, line }) {
        yield* door.bind(threads.b, 1);
        yield* line.bind(threads.b, 2);
        yield* ipc.wait({ slot: saved });
        yield* saved.reply(2, { items: true });
        yield* ipc.wait();
      },
    },
    c: {
      cpu: 0,
      *run({ door, line, ipc, threads }) {
        yield* line.trigger();
        yield* ipc.cancel(threads.a);
        yield* door.delete();
      },
    },
  },
});
