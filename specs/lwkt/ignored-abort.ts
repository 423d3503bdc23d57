/**
 * A client waits for its message and lets signals in. A signal sends an abort to the target once, and from then on the
 * client sleeps uninterruptibly: a target that ignores the abort and never replies keeps it for ever. Targets must reply to
 * what they are asked to abort. Scenario LWKT-6.
 */
import { choose, int, protocol } from "ipc-check";
import * as lwkt from "ipc-check/kernels/lwkt";

const { kernel, message } = lwkt.system({ cpus: 2, value: int(0, 1) });
const objects = { request: message() };

export const broken = protocol("a target that ignores the abort", {
  scenario: "LWKT-6",
  kernel,
  objects,
  threads: {
    client: {
      cpu: 0,
      *run({ lwkt, threads, request }) {
        yield* lwkt.domsg(threads.target, request.number, 0, { abortable: true, catch: true });
      },
    },
    target: {
      cpu: 1,
      untrusted: true,
      *run({ lwkt }) {
        while (true) {
          const next = yield* lwkt.waitport();
          if (next.what === "request" && (yield* choose(false, true))) yield* lwkt.replymsg(next.message, 1);
        }
      },
    },
  },
  expect: { violated: "unreplied-call" },
});

export const repaired = protocol("a target that replies to aborts", {
  scenario: "LWKT-6",
  kernel,
  objects,
  threads: {
    client: {
      cpu: 0,
      untrusted: true,
      *run({ lwkt, threads, request }) {
        yield* lwkt.domsg(threads.target, request.number, 0, { abortable: true, catch: true });
      },
    },
    target: {
      cpu: 1,
      *run({ lwkt }) {
        // It holds a message until it is asked to give it up; an abort that comes after the reply is no harm.
        let held = 0;
        while (true) {
          const next = yield* lwkt.waitport();
          if (next.what === "request") held = next.message;
          else if (next.what === "abort" && held === next.message) {
            yield* lwkt.replymsg(held, 1);
            held = 0;
          }
        }
      },
    },
  },
  expect: "holds",
});
