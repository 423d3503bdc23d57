/**
 * A client awaits an answer from a server that goes away. If the channel is closed, the client is alerted, and the server's peer
 * gets BadState for what it still sends; if the server just ends, the client waits for ever, unless it has set a deadline.
 */
import { check, protocol } from "ipc-check";
import * as nemesis from "ipc-check/kernels/nemesis";

const { kernel, domain, channel } = nemesis.system({ cpus: 1, counts: 2 });

const variant = (
  name: string,
  { closes, deadline }: { readonly closes: boolean; readonly deadline: nemesis.Deadline },
  expect: "holds" | { readonly violated: "deadlock" },
) =>
  protocol(name, {
    kernel,
    objects: { client: domain(), server: domain(), request: channel({ from: "client", to: "server" }), answer: channel({ from: "server", to: "client" }) },
    threads: {
      caller: {
        cpu: 0,
        *run({ client, request, answer }) {
          yield* request.send(1);
          const first = yield* nemesis.awaitCount(client, answer, 0, { deadline });
          check(first.outcome !== "reached" || first.value === 1, "the answer is the first");
          if (first.outcome !== "reached") return;
          const { error } = yield* request.send(2);
          const second = yield* nemesis.awaitCount(client, answer, 1, { deadline });
          check(error === "none" || second.outcome !== "reached", "who is not there does not answer");
        },
      },
      answerer: {
        cpu: 0,
        *run({ server, request, answer }) {
          yield* nemesis.awaitCount(server, request, 0);
          yield* answer.send(1);
          if (!closes) return;
          yield* request.close();
          yield* answer.close();
          yield* answer.close();
        },
      },
    },
    expect,
  });

export const broken = variant("a server that ends", { closes: false, deadline: "none" }, { violated: "deadlock" });
export const repaired = variant("a server that closes its channels", { closes: true, deadline: "none" }, "holds");
export const patient = variant("a client with a deadline", { closes: false, deadline: "some" }, "holds");

/** A domain has one processor: two of its threads cannot both block it. */
export const twice = protocol("two threads block one domain", {
  kernel,
  objects: { one: domain() },
  threads: {
    thread: {
      cpu: 0,
      count: 2,
      *run({ one }) {
        yield* one.block({ idle: true });
      },
    },
  },
  expect: { violated: "assertion" },
});
