/** A client that uses a device for ever, and the driver behind its port. */
import { int, protocol } from "ipc-check";
import * as exec from "ipc-check/kernels/exec";

const { kernel, port, request, device } = exec.system({ value: int(0, 7), signals: 2 });

export default protocol("requests to a device", {
  kernel,
  objects: { unit: port(), replies: port(), disk: device({ unit: "unit" }), io: request({ replyPort: "replies" }) },
  threads: {
    driver: {
      cpu: 0,
      *run({ exec, unit }) {
        yield* unit.create();
        while (true) {
          yield* unit.waitPort();
          const next = yield* unit.getMsg();
          if (next.error === "none" && next.type === "message") yield* exec.replyMsg(next.message, next.value);
        }
      },
    },
    client: {
      cpu: 0,
      *run({ disk, replies, io }) {
        yield* replies.create();
        while (true) yield* disk.doIO(io, 3);
      },
    },
  },
});
