/**
 * The benchmark's first protocol: clients work for a while, each with a private counter, then call one server. The model
 * of bench/promela/rpc.pml has the same steps.
 */
import { int, protocol, step } from "ipc-check";
import * as l4 from "ipc-check/kernels/l4";

export default protocol("clients call one server", {
  kernel: l4.kernel({ cpus: 1, message: int(0, 0) }),
  parameters: { clients: 4, work: 38 },
  threads: {
    server: {
      cpu: 0,
      *run({ ipc }) {
        while (true) {
          const { from } = yield* ipc.wait();
          yield* ipc.send(from, 0, { send: "zero" });
        }
      },
    },
    client: {
      cpu: 0,
      count: "clients",
      *run({ ipc, threads, work }) {
        while (true) {
          for (let done = 0; done < work; done++) yield* step({});
          yield* ipc.call(threads.server, 0);
        }
      },
    },
  },
  expect: "holds",
});
