/**
 * A finite transfer timeout can be burnt like a finite send timeout: each client whose buffer is not mapped, and whose pager
 * is slow, costs the server that much time. An honest client behind k of them misses any deadline below k timeouts; transfer
 * timeout zero is the cure. Scenario L4-4, for page faults (M. Brinkmann, J. Shapiro, K. Elphinstone, l4-hackers, 2005-02-23).
 */
import { flag, ghost, int, protocol, type Timeout } from "ipc-check";
import * as l4 from "ipc-check/kernels/l4";

const burning = (name: string, transfer: Timeout, deadline: number, expect: "holds" | { readonly violated: "invariant" }) =>
  protocol(name, {
    scenario: "L4-4",
    kernel: l4.kernel({ cpus: 1, message: int(0, 1), strings: "x2" }),
    parameters: { deadline },
    memory: { waiting: ghost(flag), burnt: ghost(int(0, 8)) },
    threads: {
      server: {
        cpu: 0,
        *run({ ipc, waiting, burnt }) {
          let request = yield* ipc.wait();
          while (true) {
            const next = yield* ipc.replyWait(request.from, request.message, { send: "zero", string: "mapped", transfer });
            if (next.error === "partner-timeout" && transfer === "finite" && waiting.value) burnt.value += 1;
            request = next.error === "none" ? next : yield* ipc.wait();
          }
        },
      },
      attacker: {
        cpu: 0,
        count: 2,
        untrusted: true,
        *run({ ipc, threads }) {
          yield* ipc.call(threads.server, 0, { buffer: "absent", pager: threads.pager });
        },
      },
      pager: {
        cpu: 0,
        untrusted: true,
        *run({ ipc }) {
          while (true) yield* ipc.wait();
        },
      },
      honest: {
        cpu: 0,
        *run({ ipc, threads, waiting }) {
          waiting.value = true;
          yield* ipc.call(threads.server, 1, { buffer: "mapped" });
          waiting.value = false;
        },
      },
    },
    invariants: { inTime: ({ burnt, deadline }) => burnt <= deadline },
    expect,
  });

export const broken = burning("a deadline of one transfer timeout against two attackers", "finite", 1, { violated: "invariant" });
export const patient = burning("a deadline of two transfer timeouts against two attackers", "finite", 2, "holds");
export const repaired = burning("no time for page faults keeps every deadline", "zero", 0, "holds");
