/**
 * A server that asks for unblock pulses, against every client there can be: one that waits for data or brings them, gives up when
 * it likes, sends pulses and stops. A client that waits stays REPLY-blocked until the server lets it go, even when its timeout has
 * fired. A server that ignores the pulse keeps it until somebody brings data, and nobody need; one that lets the client go with
 * MsgError(rcvid, -1) holds, whoever else wants to leave at the same time. Scenario QNX-2 against anybody.
 */
import { check, oneOf, protocol } from "ipc-check";
import * as qnx from "ipc-check/kernels/qnx";

const service = qnx.channel({ message: oneOf("wait", "data"), reply: oneOf("data", "busy", "taken"), unblock: true });

const variant = (name: string, obeys: boolean, expect: "holds" | { readonly violated: "unreplied-call" }) =>
  protocol(name, {
    scenario: "QNX-2",
    kernel: qnx.kernel({ cpus: 1 }),
    objects: { service },
    threads: {
      server: {
        cpu: 0,
        *run({ service, self }) {
          let reader = self;
          while (true) {
            const request = yield* service.receive();
            if (request.kind === "unblock") {
              if (!obeys) continue;
              yield* service.error(request.rcvid, "stored");
              if (request.rcvid === reader) reader = self;
            } else if (request.kind === "message") {
              if (request.message === "data") {
                if (reader !== self) yield* service.reply(reader, "data");
                reader = self;
                yield* service.reply(request.rcvid, "taken");
              } else if (reader === self) reader = request.rcvid;
              else yield* service.reply(request.rcvid, "busy");
            }
          }
        },
      },
      client: {
        cpu: 0,
        *run({ service }) {
          while (true) {
            const answer = yield* service.send("wait", { timeout: "finite" });
            if (answer.error === "none") check(answer.reply !== "taken", "the answer is to my request");
            else check(answer.error === "ETIMEDOUT", "the client leaves because its time is up");
          }
        },
      },
      stranger: { cpu: 0, untrusted: "arbitrary", holds: ["service"] },
    },
    expect,
  });

export const broken = variant("unblock pulses of any client that are ignored", false, { violated: "unreplied-call" });
export const repaired = variant("unblock pulses of any client that are obeyed", true, "holds");
