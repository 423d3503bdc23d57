/**
 * A driver receives requests of clients and, from its bound notification, interrupts, and tells them apart by the badge
 * alone. If a client's capability has the badge of the interrupt, a request is taken for an interrupt. Disjoint badges
 * repair it. Scenario SEL4-10 (manual, notifications.tex).
 */
import { check, flag, ghost, int, protocol } from "ipc-check";
import * as sel4 from "ipc-check/kernels/sel4";

const { kernel, endpoint, notification } = sel4.system({ cpus: 1, message: int(0, 1) });
const interrupt = 2;

const driving = (name: string, badge: number, expect: "holds" | { readonly violated: "assertion" }) =>
  protocol(name, {
    scenario: "SEL4-10",
    kernel,
    objects: { requests: endpoint(), line: notification() },
    memory: { raised: ghost(flag) },
    threads: {
      driver: {
        cpu: 0,
        *run({ requests, line, raised, ipc, self }) {
          yield* line.bind(self);
          while (true) {
            const event = yield* requests.recv();
            if (event.badge === interrupt) {
              check(raised.value, "an interrupt is served that there was");
              raised.value = false;
            } else {
              yield* ipc.reply(1);
            }
          }
        },
      },
      device: {
        cpu: 0,
        *run({ line, raised }) {
          while (true) {
            raised.value = true;
            yield* line.signal(interrupt);
          }
        },
      },
      client: {
        cpu: 0,
        *run({ requests }) {
          yield* requests.badged(badge).call(0);
        },
      },
    },
    expect,
  });

export const broken = driving("a client with the badge of the interrupt", interrupt, { violated: "assertion" });
export const repaired = driving("a badge for each source", 1, "holds");
