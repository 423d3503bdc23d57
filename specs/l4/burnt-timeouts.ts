/**
 * A server that replies with a finite timeout can be robbed of that time by every client that does not receive: k bad
 * clients burn k timeouts, and an honest client behind them misses any deadline below k of them. A long enough deadline
 * or a reply with timeout zero is the cure. The ghost `burnt` counts the timers that fire while the honest client waits.
 * Scenario L4-4 (M. Brinkmann, J. Shapiro, K. Elphinstone, l4-hackers, 2005-02-23).
 *
 * Each bad client sends once, so that the count does not depend on how long the honest client is kept from its first
 * step. A timeout of zero takes no time and is not counted.
 */
import { type Ghost, ghost, flag, int, protocol, type Timeout } from "ipc-check";
import * as l4 from "ipc-check/kernels/l4";

function* serve(ipc: l4.Ipc<number>, patience: Timeout, waiting: Ghost<boolean>, burnt: Ghost<number>) {
  let request = yield* ipc.wait();
  while (true) {
    const next = yield* ipc.replyWait(request.from, request.message, { send: patience });
    if (next.error === "none") {
      request = next;
    } else {
      if (waiting.value && patience === "finite") burnt.value += 1;
      request = yield* ipc.wait();
    }
  }
}

const variant = (name: string, patience: "finite" | "zero", deadline: number, expect: "holds" | { readonly violated: "invariant" }) =>
  protocol(name, {
    scenario: "L4-4",
    kernel: l4.kernel({ cpus: 1, message: int(0, 1) }),
    parameters: { attackers: 3, deadline },
    memory: { waiting: ghost(flag), burnt: ghost(int(0, 64)) },
    threads: {
      server: {
        cpu: 0,
        *run({ ipc, waiting, burnt }) {
          yield* serve(ipc, patience, waiting, burnt);
        },
      },
      attacker: {
        cpu: 0,
        count: "attackers",
        untrusted: true,
        *run({ ipc, threads }) {
          yield* ipc.send(threads.server, 0);
        },
      },
      honest: {
        cpu: 0,
        *run({ ipc, threads, waiting }) {
          waiting.value = true;
          yield* ipc.call(threads.server, 1);
          waiting.value = false;
        },
      },
    },
    invariants: { inTime: ({ burnt, deadline }) => burnt <= deadline },
    expect,
  });

export const broken = variant("a deadline of two timeouts against three attackers", "finite", 2, { violated: "invariant" });
export const patient = variant("a deadline of three timeouts against three attackers", "finite", 3, "holds");
export const repaired = variant("reply with timeout zero keeps every deadline", "zero", 0, "holds");
