/**
 * A server is deleted while a client waits for its answer, and a new thread gets its number. A closed receive names an id, a
 * number with a version: if the new thread has the same version, the client takes its message for the server's answer. A
 * fresh version tells them apart, as thread ids are meant to (X.2 manual, ThreadControl). Scenario L4-7.
 *
 * The program of a thread that is created later begins with the receive of the start message from its pager.
 */
import { check, int, protocol } from "ipc-check";
import * as l4 from "ipc-check/kernels/l4";

const reusing = (name: string, version: number, expect: "holds" | { readonly violated: "assertion" }) =>
  protocol(name, {
    scenario: "L4-7",
    kernel: l4.kernel({ cpus: 1, message: int(0, 3), versions: 2 }),
    threads: {
      server: {
        cpu: 0,
        *run({ ipc }) {
          while (true) {
            const request = yield* ipc.wait();
            yield* ipc.send(request.from, request.message + 1, { send: "zero" });
          }
        },
      },
      client: {
        cpu: 0,
        *run({ ipc, threads }) {
          const answer = yield* ipc.call(threads.server, 1, { send: "finite", receive: "finite" });
          if (answer.error === "none") check(answer.message === 2, "the answer is the server's");
          const again = yield* ipc.receive(threads.server, { receive: "finite", version: 1 });
          check(again.error !== "cancelled", "nobody cancels");
        },
      },
      manager: {
        cpu: 0,
        *run({ ipc, threads }) {
          const early = yield* ipc.create(threads.newcomer, { as: threads.server, version });
          check(early.error === "unavailable-thread", "the number is the server's while that lives");
          yield* ipc.delete(threads.server);
          yield* ipc.create(threads.newcomer, { as: threads.server, version });
          yield* ipc.send(threads.server, 0, { version });
        },
      },
      newcomer: {
        cpu: 0,
        *run({ ipc, threads }) {
          yield* ipc.receive(threads.manager, { idle: true });
          yield* ipc.send(threads.client, 3, { send: "zero" });
        },
      },
    },
    expect,
  });

export const broken = reusing("a number and a version used again", 0, { violated: "assertion" });
export const repaired = reusing("a number with a fresh version", 1, "holds");
