/** Two domains that pass a count to and fro over two event channels, for ever. */
import { local, protocol, wrapping } from "ipc-check";
import * as nemesis from "ipc-check/kernels/nemesis";

const counts = 0xff;
const { kernel, domain, channel } = nemesis.system({ cpus: 1, counts });

export default protocol("events to and fro", {
  kernel,
  objects: { client: domain(), server: domain(), ask: channel({ from: "client", to: "server" }), tell: channel({ from: "server", to: "client" }) },
  threads: {
    serving: {
      cpu: 0,
      *run({ server, ask, tell }) {
        let last = local(wrapping(counts + 1), 0);
        while (true) {
          let seen = yield* ask.read();
          while (seen.value === last) {
            if (seen.value !== seen.acknowledged) yield* ask.acknowledge(seen.value);
            yield* server.block({ idle: true });
            yield* server.nextEvent();
            seen = yield* ask.read();
          }
          last = seen.value;
          yield* ask.acknowledge(last);
          yield* tell.send(last);
        }
      },
    },
    calling: {
      cpu: 0,
      *run({ client, ask, tell }) {
        let last = local(wrapping(counts + 1), 0);
        while (true) {
          last = (last + 1) & counts;
          yield* ask.send(last);
          let seen = yield* tell.read();
          while (seen.value !== last) {
            if (seen.value !== seen.acknowledged) yield* tell.acknowledge(seen.value);
            yield* client.block();
            yield* client.nextEvent();
            seen = yield* tell.read();
          }
          yield* tell.acknowledge(last);
        }
      },
    },
  },
});
