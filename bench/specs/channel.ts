/** The benchmark's third protocol: clients send to a QNX channel that takes pulses as well; the server notes what they ask. */
import { check, choose, int, protocol } from "ipc-check";
import * as qnx from "ipc-check/kernels/qnx";

export default protocol("clients and a device at one channel", {
  kernel: qnx.kernel({ cpus: 1 }),
  parameters: { clients: 4 },
  objects: { service: qnx.channel({ message: int(0, 4), pulse: int(0, 1) }) },
  threads: {
    server: {
      cpu: 0,
      *run({ service }) {
        while (true) {
          const request = yield* service.receive({ idle: true });
          if (request.kind === "message") yield* service.reply(request.rcvid, request.message + 1);
        }
      },
    },
    device: {
      cpu: 0,
      *run({ service }) {
        while (true) yield* service.pulse(1);
      },
    },
    client: {
      cpu: 0,
      count: "clients",
      *run({ service }) {
        while (true) {
          const question = yield* choose(0, 1, 2, 3);
          const { reply } = yield* service.send(question);
          check(reply === question + 1, "the reply answers my request");
        }
      },
    },
  },
  expect: "holds",
});
