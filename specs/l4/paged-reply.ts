/**
 * A client receives a string into a buffer that is not mapped, and names a pager that never answers. A server that replies
 * without a transfer timeout stays in waiting_tunneled_pf, and with it everybody whom it should serve. With transfer timeout
 * zero it aborts such replies at once; clients must then keep their buffers mapped, or get no answer. Somebody in the right
 * position may also end the client's receive, and the transfer with it.
 * Scenario L4-3 (M. Brinkmann and J. Shapiro, l4-hackers, 2005-02-23).
 */
import { check, int, protocol, type Timeout } from "ipc-check";
import * as l4 from "ipc-check/kernels/l4";

type Strings = { readonly strings: "x2" };

function* serve(ipc: l4.Ipc<number, Strings>, transfer: Timeout) {
  let request = yield* ipc.wait();
  while (true) {
    const next = yield* ipc.replyWait(request.from, request.message + 1, { send: "zero", string: "mapped", transfer });
    request = next.error === "none" ? next : yield* ipc.wait();
  }
}

interface Variant {
  readonly transfer: Timeout;
  readonly strings?: "x2" | "v2";
  readonly buffer?: "mapped" | "absent";
  /** Ends the client's receive, now and then: with cancel, or with the R bit of ExchangeRegisters. */
  readonly supervisor?: "cancel" | "exchange" | "none";
  readonly expect: "holds" | { readonly violated: "unreplied-call" | "assertion" };
}
const replying = (name: string, { transfer, strings = "x2", buffer = "mapped", supervisor = "none", expect }: Variant) =>
  protocol(name, {
    scenario: "L4-3",
    kernel: l4.kernel({ cpus: 1, message: int(0, 3), strings }) as ReturnType<typeof l4.kernel<number, Strings>>,
    threads: {
      server: {
        cpu: 0,
        *run({ ipc }) {
          yield* serve(ipc, transfer);
        },
      },
      attacker: {
        cpu: 0,
        untrusted: true,
        *run({ ipc, threads }) {
          yield* ipc.call(threads.server, 1, { buffer: "absent", pager: threads.pager });
        },
      },
      pager: {
        cpu: 0,
        untrusted: true,
        *run({ ipc }) {
          while (true) {
            const fault = yield* ipc.wait();
            yield* ipc.send(fault.from, 0, { send: "zero" });
          }
        },
      },
      honest: {
        cpu: 0,
        *run({ ipc, threads }) {
          const answer = yield* ipc.call(threads.server, 2, { buffer, pager: threads.pager });
          check(answer.error === "none" && answer.message === 3, "the answer arrives");
        },
      },
      supervisor: {
        cpu: 0,
        count: supervisor === "none" ? 0 : 1,
        *run({ ipc, threads }) {
          while (true) {
            yield* ipc.wait({ receive: "finite" });
            if (supervisor === "cancel") yield* ipc.cancel(threads.attacker);
            else yield* ipc.exchange(threads.attacker, { S: true, R: true });
          }
        },
      },
    },
    expect,
  });

export const broken = replying("a string into a page that never comes", { transfer: "infinite", expect: { violated: "unreplied-call" } });
export const repaired = replying("no time for page faults, and a buffer that is mapped", { transfer: "zero", expect: "holds" });
export const unwired = replying("no time for page faults, and a buffer that is not mapped", {
  transfer: "zero",
  buffer: "absent",
  expect: { violated: "assertion" },
});
export const finite = replying("some time for page faults", { transfer: "finite", expect: "holds" });
export const version2 = replying("no time for a page fault in the partner's space, as in V2", { transfer: "zero", strings: "v2", expect: "holds" });
export const cancelled = replying("a supervisor that ends the client's wait", { transfer: "infinite", supervisor: "cancel", expect: "holds" });
export const exchanged = replying("a supervisor that ends the client's receive", { transfer: "infinite", supervisor: "exchange", expect: "holds" });
