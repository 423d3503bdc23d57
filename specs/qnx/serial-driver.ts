/**
 * A serial driver: an interrupt thread tells of received characters by pulses, two clients read. The driver keeps one
 * character and the receive identifiers of the readers that wait for one, and lets a reader go that asks for it.
 */
import { check, int, nobody, protocol } from "ipc-check";
import * as qnx from "ipc-check/kernels/qnx";

export const driver = protocol("a serial driver with two readers", {
  kernel: qnx.kernel({ cpus: 1 }),
  objects: { device: qnx.channel({ message: int(0, 0), reply: int(0, 1), unblock: true, pulses: 1 }) },
  threads: {
    interrupt: {
      cpu: 0,
      *run({ device }) {
        // A pulse that finds no room in the pool is a character that the driver was too slow for.
        while (true) yield* device.pulse(0);
      },
    },
    driver: {
      cpu: 0,
      *run({ device }) {
        let full = false;
        let first = nobody;
        let second = nobody;
        while (true) {
          const request = yield* device.receive();
          switch (request.kind) {
            case "pulse":
              if (first === nobody) full = true;
              else {
                yield* device.reply(first, 1);
                first = second;
                second = nobody;
              }
              break;
            case "message":
              if (full) {
                full = false;
                yield* device.reply(request.rcvid, 1);
              } else if (first === nobody) first = request.rcvid;
              else second = request.rcvid;
              break;
            case "unblock":
              yield* device.error(request.rcvid, "stored");
              if (first === request.rcvid) {
                first = second;
                second = nobody;
              } else if (second === request.rcvid) second = nobody;
              break;
          }
        }
      },
    },
    reader: {
      cpu: 0,
      count: 2,
      *run({ device }) {
        while (true) {
          const { error } = yield* device.send(0, { timeout: "finite" });
          check(error === "none" || error === "ETIMEDOUT", "a read ends with a character or with the timeout");
        }
      },
    },
  },
  expect: "holds",
});
