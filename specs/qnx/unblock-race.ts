/**
 * Two threads serve one channel. One has just replied to a client whose timeout has fired; the unblock pulse is still
 * queued, and the other thread obeys it by a reply of its own. By then the client may be REPLY-blocked again, for its
 * next request, and takes that reply for the answer. If only the thread that has the request replies to it, with
 * MsgError(rcvid, -1) where the client wants to leave, the pulse is no more than a hint; MsgInfo tells whether it is stale.
 */
import { check, ghost, oneOf, protocol } from "ipc-check";
import * as qnx from "ipc-check/kernels/qnx";

const service = qnx.channel({ message: oneOf("read", "write"), reply: oneOf("interrupted", "read", "write"), unblock: true });
type Service = qnx.Channel<"read" | "write", "interrupted" | "read" | "write">;

function* ask(service: Service) {
  const first = yield* service.send("read", { timeout: "finite", states: "reply" });
  if (first.error === "none") check(first.reply !== "write", "the reply is none to a later request");
  const second = yield* service.send("write");
  check(second.error === "none" && second.reply === "write", "nobody interrupts a request without a timeout");
}

export const broken = protocol("an unblock pulse that comes too late", {
  kernel: qnx.kernel({ cpus: 1 }),
  objects: { service },
  threads: {
    worker: {
      cpu: 0,
      count: 2,
      *run({ service }) {
        while (true) {
          const request = yield* service.receive();
          if (request.kind === "unblock") yield* service.reply(request.rcvid, "interrupted");
          else yield* service.reply(request.rcvid, request.message);
        }
      },
    },
    client: {
      cpu: 0,
      *run({ service }) {
        yield* ask(service);
      },
    },
  },
  expect: { violated: "assertion" },
});

export const repaired = protocol("an unblock pulse that acts on nobody", {
  kernel: qnx.kernel({ cpus: 1 }),
  objects: { service },
  memory: { late: ghost(oneOf("unknown", "yes", "no")) },
  threads: {
    worker: {
      cpu: 0,
      count: 2,
      *run({ service, late }) {
        while (true) {
          const request = yield* service.receive();
          if (request.kind === "unblock") {
            const { error, unblockRequested } = yield* service.info(request.rcvid);
            late.value = error === "none" && unblockRequested ? "no" : "yes";
          } else {
            const { error } = yield* service.error(request.rcvid, "stored");
            if (error === "EINVAL") yield* service.reply(request.rcvid, request.message);
          }
        }
      },
    },
    client: {
      cpu: 0,
      *run({ service }) {
        yield* ask(service);
      },
    },
  },
  expect: "holds",
});
