/**
 * A debugger halts a thread of its space with ExchangeRegisters, looks at it, and lets it run on. If the thread is inside an
 * IPC, Pistachio does not know what to do; by the X.2 manual the halt takes effect when the IPC is over. A thread of another
 * space cannot be touched. (exregs.cc of L4Ka::Pistachio.)
 */
import { check, int, protocol } from "ipc-check";
import * as l4 from "ipc-check/kernels/l4";

const halting = (
  name: string,
  how: "unimplemented" | "deferred",
  resumes: boolean,
  together: boolean,
  expect: "holds" | { readonly violated: "assertion" | "deadlock" },
) =>
  protocol(name, {
    kernel: l4.kernel({ cpus: 1, message: int(0, 1), spaces: true, halting: how }),
    threads: {
      debugger: {
        cpu: 0,
        *run({ ipc, threads, self }) {
          if (together) yield* ipc.move(threads.client, self);
          const before = yield* ipc.exchange(threads.client, { H: "halt" });
          check(!before.H, "nobody else halts it");
          check((before.error === "none") === together, "only threads of one's own space");
          if (resumes) {
            const after = yield* ipc.exchange(threads.client, { H: "resume" });
            check(after.H === together, "it was halted");
          }
        },
      },
      client: {
        cpu: 0,
        *run({ ipc, threads }) {
          for (let i = 0; i < 2; i++) yield* ipc.call(threads.server, 1);
        },
      },
      server: {
        cpu: 0,
        *run({ ipc }) {
          let request = yield* ipc.wait();
          while (true) request = yield* ipc.replyWait(request.from, request.message);
        },
      },
    },
    expect,
  });

export const broken = halting("a thread halted inside an IPC", "unimplemented", true, true, { violated: "assertion" });
export const repaired = halting("a halt at the end of the IPC", "deferred", true, true, "holds");
export const forgotten = halting("a thread that is never resumed", "deferred", false, true, { violated: "deadlock" });
export const foreign = halting("a thread of another space", "unimplemented", true, false, "holds");
