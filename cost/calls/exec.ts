/** A call and its reply on Exec, as `cost --kernels` measures it. */
import * as exec from "../../kernel/exec/index.ts";
import { array, int, protocol } from "../../model/language/index.ts";
import type { Protocol } from "../../model/language/protocol.ts";
import { type Calling, fill, look } from "./call.ts";

export const calling: Calling = {
  name: "exec",
  how: "DoIO to a device, WaitPort, GetMsg and ReplyMsg in its task; the request is memory that both write and read, not copied",
  longest: 4000,
  mostCpus: 1,
  protocol: ({ bytes, calls, received, returned }) => {
    const body = array(bytes / 4, int(0, 0x7fff_ffff));
    const { kernel, port, request, device } = exec.system({ value: int(0, 0) });
    return protocol("DoIO", {
      kernel,
      objects: { unit: port(), replies: port(), disk: device({ unit: "unit" }), call: request({ replyPort: "replies" }) },
      memory: { question: body, answer: body },
      threads: {
        driver: {
          cpu: 0,
          *run({ exec, unit, question, answer }) {
            yield* unit.create();
            while (true) {
              yield* unit.waitPort();
              const next = yield* unit.getMsg();
              if (next.error === "empty") continue;
              yield* look(question);
              received();
              yield* fill(answer);
              yield* exec.replyMsg(next.message, 0);
            }
          },
        },
        caller: {
          cpu: 0,
          *run({ replies, disk, call, question, answer }) {
            yield* replies.create();
            for (let i = 0; i < calls; i++) {
              yield* fill(question);
              yield* disk.doIO(call, 0);
              yield* look(answer);
              returned();
            }
          },
        },
      },
    }) as unknown as Protocol;
  },
};
