/**
 * What destroys Exec's lists or its processor: linking a message twice, using a request that is under way, taking a reply twice,
 * Permit without Forbid, waiting in an interrupt. The kernel here says so, where Exec would go on until it meets the guru.
 */
import { choose, int, protocol } from "ipc-check";
import * as exec from "ipc-check/kernels/exec";

const { kernel, port, message, request, device, interrupt } = exec.system({ value: int(0, 0), signals: 1, wait: "exposed" });

export default protocol("every mistake once", {
  kernel,
  objects: {
    unit: port(),
    replies: port(),
    disk: device({ unit: "unit" }),
    io: request({ replyPort: "replies" }),
    note: message(),
    beam: interrupt({ raises: 1 }),
  },
  threads: {
    task: {
      cpu: 0,
      *run({ exec, unit, replies, disk, io, note, beam }) {
        yield* replies.create(0);
        switch (yield* choose("put", "reuse", "twice", "permit", "forbid", "serve")) {
          case "put":
            yield* unit.putMsg(note, 0);
            yield* unit.putMsg(note, 0);
            break;
          case "reuse":
            yield* disk.sendIO(io, 0);
            yield* disk.doIO(io, 0);
            break;
          case "twice":
            yield* disk.doIO(io, 0);
            yield* exec.waitIO(io);
            break;
          case "permit":
            yield* exec.permit();
            break;
          case "forbid":
            for (let depth = 0; depth < 4; depth++) yield* exec.forbid();
            break;
          case "serve":
            yield* beam.serve();
            yield* exec.wait(1);
            break;
        }
      },
    },
    driver: {
      cpu: 0,
      *run({ exec, unit }) {
        yield* unit.create(0);
        yield* unit.waitPort();
        const next = yield* unit.getMsg();
        if (next.error === "none") yield* exec.replyMsg(next.message, 0);
      },
    },
    server: {
      cpu: 0,
      *run({ beam }) {
        while (true) yield* beam.serve();
      },
    },
  },
  expect: { violated: "assertion" },
});
