/**
 * Two clients send strings from memory that is not mapped, to servers of their own, and have one pager. Their page faults queue at
 * the pager like messages, in the order in which they came; a pager that takes the first for that of the client of higher
 * priority is right only if that one has come first.
 */
import { check, int, protocol } from "ipc-check";
import * as l4 from "ipc-check/kernels/l4";

const paging = (name: string, early: "first" | "second", expect: "holds" | { readonly violated: "assertion" }) =>
  protocol(name, {
    kernel: l4.kernel({ cpus: 1, message: int(0, 1), strings: "x2" }),
    scheduling: "priority",
    threads: {
      one: {
        cpu: 0,
        priority: 5,
        *run({ ipc }) {
          yield* ipc.wait({ buffer: "mapped" });
        },
      },
      other: {
        cpu: 0,
        priority: 5,
        *run({ ipc }) {
          yield* ipc.wait({ buffer: "mapped" });
        },
      },
      first: {
        cpu: 0,
        priority: early === "first" ? 4 : 3,
        *run({ ipc, threads }) {
          yield* ipc.send(threads.one, 0, { string: "absent", pager: threads.pager });
        },
      },
      second: {
        cpu: 0,
        priority: early === "first" ? 3 : 4,
        *run({ ipc, threads }) {
          yield* ipc.send(threads.other, 1, { string: "absent", pager: threads.pager });
        },
      },
      pager: {
        cpu: 0,
        priority: 2,
        *run({ ipc, threads }) {
          const fault = yield* ipc.wait();
          check(fault.from === threads.first, "the first client's page is asked for first");
          yield* ipc.send(fault.from, 0);
          const next = yield* ipc.wait();
          yield* ipc.send(next.from, 0);
        },
      },
    },
    expect,
  });

export const broken = paging("the second client faults first", "second", { violated: "assertion" });
export const repaired = paging("the first client faults first", "first", "holds");
