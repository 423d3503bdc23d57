/**
 * The mirror image: a client sends a string from memory that is not mapped, and the server, which has received everything
 * else, waits in the middle of the transfer for the client's pager. A server that accepts strings from strangers needs a
 * transfer timeout too; in V2 its own receive-pagefault timeout is the only one that counts. Without a buffer it refuses all
 * strings. Scenario L4-3, the other phase.
 */
import { check, int, protocol, type Timeout } from "ipc-check";
import * as l4 from "ipc-check/kernels/l4";

type Strings = { readonly strings: "v2" };

const receiving = (
  name: string,
  strings: "x2" | "v2",
  transfer: Timeout,
  buffer: "mapped" | "none",
  expect: "holds" | { readonly violated: "unreplied-call" },
) =>
  protocol(name, {
    scenario: "L4-3",
    kernel: l4.kernel({ cpus: 2, message: int(0, 1), strings }) as ReturnType<typeof l4.kernel<number, Strings>>,
    threads: {
      server: {
        cpu: 0,
        *run({ ipc }) {
          while (true) {
            const request = yield* ipc.wait({ buffer, transfer });
            if (request.error === "none") yield* ipc.send(request.from, request.message, { send: "finite" });
            else check(request.error === "partner-timeout" || request.error === "overflow", "only the client is to blame");
          }
        },
      },
      attacker: {
        cpu: 0,
        untrusted: true,
        *run({ ipc, threads }) {
          yield* ipc.send(threads.server, 1, { string: "absent", pager: threads.pager });
        },
      },
      pager: {
        cpu: 1,
        untrusted: true,
        *run({ ipc }) {
          const fault = yield* ipc.wait();
          yield* ipc.send(fault.from, 0);
        },
      },
      honest: {
        cpu: 0,
        *run({ ipc, threads }) {
          yield* ipc.send(threads.server, 0, { string: buffer });
        },
      },
    },
    expect,
  });

export const broken = receiving("a string from a page that never comes", "x2", "infinite", "mapped", { violated: "unreplied-call" });
export const repaired = receiving("a little time for a page of the client's", "x2", "finite", "mapped", "holds");
export const version2 = receiving("a little time for a page of the client's, as in V2", "v2", "finite", "mapped", "holds");
export const impatient = receiving("no time for a page of the client's", "x2", "zero", "mapped", "holds");
export const refusing = receiving("no buffer for strings", "x2", "infinite", "none", "holds");
