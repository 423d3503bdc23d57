/**
 * Two threads send each other a synchronous message. `lwkt_waitmsg` waits for its own message and for nothing else, so
 * neither serves the other: deadlock. Messages that are sent asynchronously are served while one waits for their reply.
 * Scenario LWKT-1.
 */
import { int, protocol, type ThreadId } from "ipc-check";
import * as lwkt from "ipc-check/kernels/lwkt";

const { kernel, message } = lwkt.system({ cpus: 2, value: int(0, 1) });
const objects = { fromA: message(), fromB: message() };

export const broken = protocol("two threads that wait for each other's reply", {
  scenario: "LWKT-1",
  kernel,
  objects,
  threads: {
    a: {
      cpu: 0,
      *run({ lwkt, threads, fromA }) {
        yield* lwkt.domsg(threads.b, fromA.number, 0);
        const request = yield* lwkt.waitport({ idle: false });
        yield* lwkt.replymsg(request.message, 1);
      },
    },
    b: {
      cpu: 1,
      *run({ lwkt, threads, fromB }) {
        yield* lwkt.domsg(threads.a, fromB.number, 0);
        const request = yield* lwkt.waitport({ idle: false });
        yield* lwkt.replymsg(request.message, 1);
      },
    },
  },
  expect: { violated: "deadlock" },
});

/** Sends its message, and serves and is served in whatever order messages come. */
function* exchange(lwkt: lwkt.Lwkt<number>, peer: ThreadId, mine: number) {
  yield* lwkt.sendmsg(peer, mine, 0);
  for (let got = 0; got < 2; got++) {
    const next = yield* lwkt.waitport({ idle: false });
    if (next.what === "request") yield* lwkt.replymsg(next.message, 1);
  }
}
export const repaired = protocol("two threads that serve while they wait", {
  scenario: "LWKT-1",
  kernel,
  objects,
  threads: {
    a: {
      cpu: 0,
      *run({ lwkt, threads, fromA }) {
        yield* exchange(lwkt, threads.b, fromA.number);
      },
    },
    b: {
      cpu: 1,
      *run({ lwkt, threads, fromB }) {
        yield* exchange(lwkt, threads.a, fromB.number);
      },
    },
  },
  expect: "holds",
});
