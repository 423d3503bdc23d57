/** Every QNX operation with every timeout, in any order, on channels of each kind. */
import { choose, int, nobody, protocol, record, threadId } from "ipc-check";
import * as qnx from "ipc-check/kernels/qnx";

const message = record({ value: int(3, 6), about: threadId });
const options = { message, reply: int(0, 2), pulse: int(0, 1), pulses: 1, capacity: 16 };

function anything(
  name: string,
  channels: Record<"one" | "two", ReturnType<typeof qnx.channel<{ value: number; about: import("ipc-check").ThreadId }, number>>>,
  ends: boolean,
) {
  return protocol(name, {
    kernel: qnx.kernel({ cpus: 2 }),
    objects: { one: channels.one, two: channels.two },
    threads: {
      worker: {
        count: 4,
        cpu: (index) => index % 2,
        priority: (index) => index % 3,
        *run({ one, two, threads, signals, self }) {
          let client = nobody;
          while (true) {
            const other = threads.worker[yield* choose(0, 1, 2, 3)] ?? nobody;
            const timeout = yield* choose("infinite", "zero", "finite");
            const first = yield* choose(true, false);
            switch (yield* choose("send", "receive", "receive", "receive", "reply", "error", "info", "pulse", "signal", "end")) {
              case "send": {
                const states = yield* choose("both", "send", "reply");
                if (first) yield* one.send({ value: 4, about: self }, { timeout, states });
                else yield* two.send({ value: 5, about: other }, { timeout, states });
                break;
              }
              case "receive": {
                const got = first ? yield* one.receive({ timeout }) : yield* two.receive({ timeout });
                if (got.error === "none") {
                  client = got.rcvid;
                  if (got.kind === "unblock") yield* two.error(client, "stored");
                }
                break;
              }
              case "reply":
                if (first) yield* one.reply(client, 1);
                else yield* two.reply(client, 2);
                break;
              case "error": {
                const how = yield* choose("EIO", "ERESTART", "stored");
                if (first) yield* one.error(client, how);
                else yield* two.error(client, how);
                break;
              }
              case "info":
                if (first) yield* one.info(client);
                else yield* two.info(client);
                break;
              case "pulse":
                if (first) yield* one.pulse(1);
                else yield* two.pulse(0);
                break;
              case "signal":
                yield* signals.raise(other);
                break;
              case "end":
                // Rarely, or nothing is left after a few steps.
                if (!ends || (yield* choose(0, 1, 2, 3)) !== 0) break;
                switch (yield* choose("kill", "destroy", "detach", "detach")) {
                  case "kill":
                    yield* signals.kill(other);
                    break;
                  case "destroy":
                    if (first) yield* one.destroy();
                    else yield* two.destroy();
                    break;
                  case "detach":
                    if (first) yield* one.detach(other);
                    else {
                      yield* two.detach(other);
                      yield* two.detach(other);
                    }
                    break;
                }
                break;
            }
          }
        },
      },
    },
  });
}

export const lasting = anything(
  "anything on lasting channels",
  { one: qnx.channel(options), two: qnx.channel({ ...options, unblock: true, inheritance: "associated" }) },
  false,
);
export const ending = anything(
  "anything on channels that end",
  { one: qnx.channel({ ...options, inheritance: "none" }), two: qnx.channel({ ...options, unblock: true }) },
  true,
);
