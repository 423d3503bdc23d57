/**
 * A device that finishes a request in BeginIO, because IOF_QUICK allows it, does not reply to it. Who waits at his reply port
 * for every request waits for ever; he must look at the flag, as DoIO and WaitIO do.
 */
import { int, protocol } from "ipc-check";
import * as exec from "ipc-check/kernels/exec";

const { kernel, port, request, device } = exec.system({ value: int(0, 1), signals: 2 });

const variant = (name: string, looks: boolean, expect: "holds" | { readonly violated: "deadlock" }) =>
  protocol(name, {
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
          const begun = yield* timer.beginIO(mine, 1);
          if (looks && begun.quick) return;
          yield* replies.waitPort({ idle: false });
          yield* replies.getMsg();
        },
      },
      driver: {
        cpu: 0,
        *run({ exec, timer, unit, others }) {
          yield* unit.create();
          // Its own request, replied to at once, lies at its port for a while: meanwhile the unit is busy.
          yield* timer.sendIO(others, 0);
          while (true) {
            yield* unit.waitPort();
            const next = yield* unit.getMsg();
            if (next.error === "none" && next.type === "message") yield* exec.replyMsg(next.message, next.value);
          }
        },
      },
    },
    expect,
  });

export const broken = variant("a reply is awaited for a request that was quick", false, { violated: "deadlock" });
export const repaired = variant("the flag is looked at before a reply is awaited", true, "holds");
