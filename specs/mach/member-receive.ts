/**
 * A member of a set is emptied by a direct receive, which XNU permits: then the set has nothing either, and a receive there must
 * wait or time out. On GNU Mach the direct receive is refused, and the message is found at the set.
 */
import { check, int, protocol } from "ipc-check";
import * as mach from "ipc-check/kernels/mach";

const variant = (name: string, personality: "gnu" | "xnu") => {
  const { kernel, port, set, task } = mach.system({ message: int(0, 1), slots: 2, references: 2, personality });
  return protocol(name, {
    kernel,
    objects: { data: port({ limit: 1 }), both: set(), server: task({ receive: ["data", "both"] }), client: task({ send: ["data"] }) },
    threads: {
      receiving: {
        *run({ server, data, both }) {
          yield* server.moveMember(data.name, both.name);
          const direct = yield* server.receive(data.name, { timeout: "zero" });
          const atSet = yield* server.receive(both.name, { timeout: "zero" });
          check(direct.error !== "none" || atSet.error === "receive-timed-out", "one message is received once");
          if (direct.error !== "none" && atSet.error !== "none") yield* server.receive(both.name);
        },
      },
      sending: {
        *run({ client, data }) {
          yield* client.send(data.name, 1);
        },
      },
    },
    expect: "holds",
  });
};

export const xnu = variant("receiving from a member, on XNU", "xnu");
export const gnu = variant("receiving from a member, on GNU Mach", "gnu");
