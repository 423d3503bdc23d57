/**
 * A request is used again once its reply has been taken, or once it was quick. Nothing of the first use is left: a request
 * that was queued the first time can be quick the second time, and then has no reply.
 */
import { check, int, protocol } from "ipc-check";
import * as exec from "ipc-check/kernels/exec";

const { kernel, port, request, device } = exec.system({ value: int(0, 1), signals: 2 });

export default protocol("a request that is used twice", {
  kernel,
  objects: {
    unit: port(),
    replies: port(),
    timer: device({ unit: "unit", quick: "when-idle" }),
    mine: request({ replyPort: "replies" }),
    others: request({ replyPort: "unit" }),
  },
  threads: {
    client: {
      cpu: 0,
      *run({ timer, replies, mine }) {
        yield* replies.create();
        const first = yield* timer.beginIO(mine, 1);
        if (!first.quick) {
          yield* replies.waitPort({ idle: false });
          yield* replies.getMsg();
        }
        const second = yield* timer.beginIO(mine, 1);
        if (!second.quick) {
          yield* replies.waitPort({ idle: false });
          yield* replies.getMsg();
        }
        const left = yield* replies.getMsg();
        check(left.error === "empty", "no reply is left");
      },
    },
    driver: {
      cpu: 0,
      *run({ exec, timer, unit, others }) {
        yield* unit.create();
        yield* timer.sendIO(others, 0);
        while (true) {
          yield* unit.waitPort();
          const next = yield* unit.getMsg();
          if (next.error === "none" && next.type === "message") yield* exec.replyMsg(next.message, next.value);
        }
      },
    },
  },
  expect: "holds",
});
