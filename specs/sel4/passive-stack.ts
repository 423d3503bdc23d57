/**
 * A network stack of passive servers: two clients call the stack, which calls the card's driver for each packet, all on the
 * scheduling contexts of the clients; the context goes down with the calls and comes back with the replies. The reply
 * objects make a chain. Of use only when the servers are passive, so the parent opens the service after it has taken
 * their contexts away.
 */
import { check, flag, int, protocol, waitUntil } from "ipc-check";
import * as sel4 from "ipc-check/kernels/sel4";

const { kernel, endpoint, notification, reply } = sel4.mcs({ cpus: 1, message: int(0, 3) });

export default protocol("a network stack of passive servers", {
  kernel,
  objects: { sockets: endpoint(), card: endpoint(), toClient: reply(), toStack: reply(), ready: notification(), up: notification() },
  memory: { open: flag },
  threads: {
    parent: {
      cpu: 0,
      *run({ ready, up, context, threads, open }) {
        yield* up.wait();
        yield* context.unbind(threads.driver);
        yield* ready.wait();
        yield* context.unbind(threads.stack);
        yield* open.store(true);
      },
    },
    driver: {
      cpu: 0,
      *run({ card, toStack, up }) {
        let packet = yield* card.signalRecv(up, 1, toStack);
        while (true) packet = yield* card.replyRecv(toStack, packet.message + 1);
      },
    },
    stack: {
      cpu: 0,
      *run({ sockets, card, toClient, ready }) {
        let request = yield* sockets.signalRecv(ready, 1, toClient);
        while (true) {
          const sent = yield* card.badged(1).call(request.message);
          check(sent.error === "none", "the driver answers");
          request = yield* sockets.replyRecv(toClient, request.message + 2);
        }
      },
    },
    client: {
      cpu: 0,
      count: 2,
      *run({ sockets, open, index }) {
        yield* waitUntil(open, (value) => value);
        while (true) {
          const answer = yield* sockets.badged(index + 1).call(index);
          check(answer.message === index + 2, "the answer is to my packet");
        }
      },
    },
  },
  expect: "holds",
});
