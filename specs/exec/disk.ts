/**
 * A disk driver with its interrupt and two clients. The driver's task takes a request from its unit's port, starts the disk,
 * whose interrupt signals it some time later, and replies. One client calls by DoIO; the other has two requests under way at
 * one reply port, takes one of them back, and waits for both.
 */
import { check, int, protocol } from "ipc-check";
import * as exec from "ipc-check/kernels/exec";

const { kernel, port, request, device, interrupt } = exec.system({ value: int(0, 2), signals: 2 });

export default protocol("a disk driver, its interrupt and two clients", {
  kernel,
  objects: {
    unit: port(),
    near: port(),
    far: port(),
    disk: device({ unit: "unit" }),
    call: request({ replyPort: "near" }),
    write: request({ replyPort: "far" }),
    read: request({ replyPort: "far" }),
    ready: interrupt(),
  },
  memory: { busy: int(0, 2) },
  threads: {
    driver: {
      cpu: 0,
      *run({ exec, unit, ready, busy }) {
        const { signal } = yield* unit.create();
        const done = (yield* exec.allocSignal()).signal;
        check(done >= 0 && signal >= 0, "there are signals for both");
        while (true) {
          yield* unit.waitPort();
          const next = yield* unit.getMsg();
          if (next.error === "empty") continue;
          yield* busy.store(next.value);
          yield* ready.cause();
          yield* exec.wait(1);
          yield* exec.replyMsg(next.message, yield* busy.load());
        }
      },
    },
    irq: {
      cpu: 0,
      *run({ exec, ready, busy, threads }) {
        while (true) {
          yield* ready.serve();
          const command = yield* busy.load();
          yield* busy.store(command - 1);
          yield* exec.signal(threads.driver, 1);
        }
      },
    },
    caller: {
      cpu: 0,
      *run({ near, disk, call }) {
        yield* near.create();
        const answer = yield* disk.doIO(call, 2);
        check(answer.error === "none" && answer.value === 1, "the call is answered");
      },
    },
    sender: {
      cpu: 0,
      *run({ exec, far, disk, write, read }) {
        yield* far.create();
        yield* disk.sendIO(write, 1);
        yield* disk.sendIO(read, 2);
        yield* exec.abortIO(read);
        const second = yield* exec.waitIO(read);
        check(second.error === "aborted" || second.value === 1, "the second request is given up, or done");
        const first = yield* exec.waitIO(write);
        check(first.error === "none" && first.value === 0, "the first request is done");
      },
    },
  },
  expect: "holds",
});
