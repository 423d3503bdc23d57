/**
 * A network stack: two clients on CPUs of their own send to a protocol thread, which passes packets on to a driver thread
 * behind a spin port; the driver replies to the clients directly. Urgent packets overtake others; a client that changes its
 * mind takes its packet back while it is still queued. Every packet is answered once.
 */
import { check, int, protocol } from "ipc-check";
import * as lwkt from "ipc-check/kernels/lwkt";

const { kernel, message, spinPort } = lwkt.system({ cpus: 2, value: int(0, 2) });

export default protocol("two clients, a protocol thread and two driver threads", {
  kernel,
  objects: { packetA: message(), packetB: message(), ring: spinPort(), replies: spinPort(), discard: spinPort({ agent: "now" }) },
  threads: {
    stack: {
      cpu: 0,
      *run({ lwkt, ring }) {
        while (true) {
          const packet = yield* lwkt.waitport();
          if (packet.value === 2) yield* lwkt.replymsg(packet.message, 0);
          else yield* lwkt.forwardmsgTo(packet.message, ring.number);
        }
      },
    },
    driver: {
      cpu: (index) => index,
      count: 2,
      *run({ lwkt, ring }) {
        while (true) {
          const packet = yield* lwkt.waitportOf(ring.number);
          yield* lwkt.replymsg(packet.message, packet.value + 1);
        }
      },
    },
    near: {
      cpu: 0,
      *run({ lwkt, self, threads, packetA, discard }) {
        const thrown = yield* lwkt.domsgTo(discard.number, packetA.number, 1);
        check(thrown.value === 1, "the agent of this port finishes messages at once");
        const answer = yield* lwkt.domsg(threads.stack, packetA.number, 1, { priority: true });
        check(answer.value === 2, "the driver has answered");
        const more = yield* lwkt.getport();
        check(more.error === "EWOULDBLOCK", "a synchronous message is not queued when it is done");
        yield* lwkt.sendmsg(self, packetA.number, 0);
        const taken = yield* lwkt.dropmsg(packetA.number);
        const again = yield* lwkt.dropmsg(packetA.number);
        check(taken.error === "none" && again.error === "ENOENT", "a queued message can be taken back once");
      },
    },
    far: {
      cpu: 1,
      *run({ lwkt, threads, packetB, replies }) {
        yield* lwkt.sendmsg(threads.stack, packetB.number, 0, { replyPort: replies.number });
        const answer = yield* lwkt.waitportOf(replies.number, { idle: false });
        check(answer.what === "reply" && answer.value === 1, "the reply comes to the port that was named");
      },
    },
  },
  expect: "holds",
});
