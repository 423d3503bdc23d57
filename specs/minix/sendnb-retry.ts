/**
 * Two servers that never wait: each sends with SENDNB, and tries again until the other one receives. Neither does while it is
 * trying, so both try for ever: a deadlock in which nobody is blocked. One of them has to listen first.
 */
import { flag, ghost, int, protocol, type ThreadId } from "ipc-check";
import * as minix from "ipc-check/kernels/minix";

type Ipc = minix.Ipc<number>;

/** Tries until it is taken. */
function* insist(ipc: Ipc, to: ThreadId) {
  while ((yield* ipc.sendnb(to, 0)).error !== "none") {}
}

const servers = (name: string, waits: boolean, expect: "holds" | { readonly violated: "deadlock" }) =>
  protocol(name, {
    kernel: minix.kernel({ cpus: 1, message: int(0, 0) }),
    memory: { turn: ghost(flag) },
    threads: {
      a: {
        cpu: 0,
        *run({ ipc, threads, turn }) {
          while (true) {
            yield* insist(ipc, threads.b);
            turn.value = true;
            yield* ipc.receive();
          }
        },
      },
      b: {
        cpu: 0,
        *run({ ipc, threads, turn }) {
          while (true) {
            if (waits) {
              yield* ipc.receive();
              yield* insist(ipc, threads.a);
            } else {
              yield* insist(ipc, threads.a);
              yield* ipc.receive();
            }
            turn.value = false;
          }
        },
      },
    },
    progress: { goals: { aGetsThrough: ({ turn }) => turn, bGetsThrough: ({ turn }) => !turn } },
    expect,
  });

export const broken = servers("two that send before they listen", false, { violated: "deadlock" });
export const repaired = servers("one listens first", true, "holds");
