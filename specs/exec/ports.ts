/**
 * What messages, ports and signals do beside the calls: a soft interrupt takes messages as they come and passes them on; a
 * port that ignores its messages is polled; a message without a reply port is only marked; signals run out and are given back.
 */
import { check, int, protocol } from "ipc-check";
import * as exec from "ipc-check/kernels/exec";

const { kernel, port, message, request, device, interrupt } = exec.system({ value: int(0, 1), signals: 2 });

export default protocol("soft interrupts, polled ports, signals", {
  kernel,
  objects: {
    soft: port({ action: "softint", interrupt: "handler" }),
    polled: port({ action: "ignore" }),
    replies: port(),
    handler: interrupt(),
    note: message({ replyPort: "replies" }),
    slip: message(),
    ram: device({ unit: "polled", quick: "always" }),
    quick: request({ replyPort: "replies" }),
  },
  threads: {
    task: {
      cpu: 0,
      *run({ exec, soft, polled, replies, note, slip, ram, quick }) {
        const { signal } = yield* replies.create();
        yield* soft.putMsg(note, 1);
        yield* soft.putMsg(slip, 0);
        yield* replies.waitPort({ idle: false });
        const answer = yield* replies.getMsg();
        check(answer.error === "none" && answer.type === "replymsg" && answer.value === 0, "the interrupt has answered");
        const none = yield* polled.getMsg();
        const slipped = none.error === "none" ? none : yield* polled.getMsg();
        check(slipped.error === "none" || slipped.error === "empty", "polling does not wait");

        const at = yield* ram.doIO(quick, 1);
        check(at.error === "none" && at.value === 1, "the device is quick");
        const known = yield* exec.waitIO(quick);
        check(known.error === "none", "there is nothing to wait for");
        yield* ram.sendIO(quick, 0);
        yield* exec.abortIO(quick);
        const sent = yield* exec.waitIO(quick);
        check(sent.error === "none", "what is done cannot be given up");

        const free = yield* exec.allocSignal();
        check(free.signal >= 0 && free.signal !== signal, "one signal is left");
        const more = yield* exec.allocSignal();
        check(more.signal < 0, "then none");
        const late = yield* polled.create();
        check(late.signal < 0, "nor for a port");
        yield* exec.freeSignal(free.signal);
        yield* exec.setSignal(0, 3);
        const before = yield* exec.setSignal(3, 1);
        check(before.signals === 0, "no signal was set");
        yield* exec.wait(1);
      },
    },
    softint: {
      cpu: 0,
      *run({ exec, soft, polled, handler }) {
        while (true) {
          yield* handler.serve();
          let next = yield* soft.getMsg();
          while (next.error === "none") {
            if (next.value === 1) yield* exec.replyMsg(next.message, 0);
            else {
              yield* polled.forward(next.message, 1);
              const slip = yield* polled.getMsg();
              if (slip.error === "none") yield* exec.replyMsg(slip.message, 0);
            }
            next = yield* soft.getMsg();
          }
        }
      },
    },
  },
  expect: "holds",
});
