/**
 * AbortIO is a wish. Whether the device gives the request up or is already at work on it, the request comes back by its reply
 * port, and may not be used before. Who sends it anew right after AbortIO uses a request that the device has, or whose reply
 * lies in a list.
 */
import { check, int, protocol } from "ipc-check";
import * as exec from "ipc-check/kernels/exec";

const { kernel, port, request, device } = exec.system({ value: int(0, 2), signals: 2 });

const variant = (name: string, waits: boolean, expect: "holds" | { readonly violated: "assertion" }) =>
  protocol(name, {
    kernel,
    objects: { unit: port(), replies: port(), serial: device({ unit: "unit" }), read: request({ replyPort: "replies" }) },
    threads: {
      client: {
        cpu: 0,
        *run({ exec, replies, serial, read }) {
          yield* replies.create();
          yield* serial.sendIO(read, 1);
          const early = yield* exec.checkIO(read);
          if (!early.done) yield* exec.abortIO(read);
          if (waits) {
            const first = yield* exec.waitIO(read);
            check(first.error === "aborted" || first.value === 2, "the request is given up, or done");
            check(!early.done || first.error === "none", "what is done cannot be given up");
          }
          const second = yield* serial.doIO(read, 1);
          check(second.error === "none" && second.value === 2, "the request is done");
        },
      },
      driver: {
        cpu: 0,
        *run({ exec, unit }) {
          yield* unit.create();
          while (true) {
            yield* unit.waitPort();
            const next = yield* unit.getMsg();
            if (next.error === "none") yield* exec.replyMsg(next.message, next.value + 1);
          }
        },
      },
    },
    expect,
  });

export const broken = variant("a request is used again after AbortIO", false, { violated: "assertion" });
export const repaired = variant("after AbortIO comes WaitIO", true, "holds");
