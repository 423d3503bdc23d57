/**
 * Whose transfer timeout bounds a page fault. In X.2 that of either partner does, so a sender that gives no time breaks off
 * its own string when its memory is absent. In V2 a thread trusts its own pager: only the receiver's timeout bounds a fault in
 * the sender's memory, and only the sender's one in the buffer (X.2 manual, IPC; L4 Reference Manual 2.0, section 2.4).
 */
import { check, int, protocol, type Timeout } from "ipc-check";
import * as l4 from "ipc-check/kernels/l4";

type Strings = { readonly strings: "v2" };

const limiting = (
  name: string,
  strings: "x2" | "v2",
  { where, mine, other }: { readonly where: "string" | "buffer"; readonly mine: Timeout; readonly other: Timeout },
  expect: "holds" | { readonly violated: "assertion" },
) =>
  protocol(name, {
    kernel: l4.kernel({ cpus: 1, message: int(0, 1), strings }) as ReturnType<typeof l4.kernel<number, Strings>>,
    threads: {
      server: {
        cpu: 0,
        *run({ ipc, threads }) {
          yield* ipc.wait({ buffer: where === "buffer" ? "absent" : "mapped", transfer: other, pager: threads.pager });
        },
      },
      client: {
        cpu: 0,
        *run({ ipc, threads }) {
          const { error } = yield* ipc.send(threads.server, 1, { string: where === "string" ? "absent" : "mapped", transfer: mine, pager: threads.pager });
          check(error === "none", "the pager brings the page");
        },
      },
      pager: {
        cpu: 0,
        *run({ ipc }) {
          const fault = yield* ipc.wait({ idle: true });
          yield* ipc.send(fault.from, 0, { send: "zero" });
        },
      },
    },
    expect,
  });

export const broken = limiting("no time for one's own page", "x2", { where: "string", mine: "zero", other: "infinite" }, { violated: "assertion" });
export const repaired = limiting("time for both partners' pages", "x2", { where: "string", mine: "infinite", other: "infinite" }, "holds");
export const trusting = limiting("no time for one's own page, in V2", "v2", { where: "string", mine: "zero", other: "infinite" }, "holds");
export const distrusting = limiting(
  "no time for the partner's page, in V2",
  "v2",
  { where: "buffer", mine: "zero", other: "infinite" },
  { violated: "assertion" },
);
