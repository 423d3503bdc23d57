/**
 * Client and server on two CPUs. The kernel of Pistachio wakes the server before the caller has entered its receive
 * phase, so a server that replies with timeout zero can be too early, and the reply is lost although the client used
 * one combined call. Fiasco marks the caller as receiving before it wakes the server; without that, the client
 * asks again when no answer comes, or the server has a thread on each CPU. A finite reply timeout only makes the loss
 * rarer: the timer may fire in the gap. Scenario L4-14 (ipc.cc of L4Ka::Pistachio; `remote_ipc_send` of Fiasco.OC).
 */
import { check, choose, int, protocol, type Timeout } from "ipc-check";
import * as l4 from "ipc-check/kernels/l4";

function* serve(ipc: l4.Ipc<number>, patience: Timeout) {
  let request = yield* ipc.wait();
  while (true) {
    const next = yield* ipc.replyWait(request.from, request.message + 1, { send: patience });
    request = next.error === "none" ? next : yield* ipc.wait();
  }
}

interface Variant {
  readonly atomic?: boolean;
  readonly serverCpu?: number;
  readonly patience?: Timeout;
  readonly expect: "holds" | { readonly violated: "deadlock" };
}
const calling = (name: string, { atomic = false, serverCpu = 1, patience = "zero", expect }: Variant) =>
  protocol(name, {
    scenario: "L4-14",
    kernel: l4.kernel({ cpus: 2, message: int(0, 3), atomic }),
    threads: {
      server: {
        cpu: serverCpu,
        *run({ ipc }) {
          yield* serve(ipc, patience);
        },
      },
      client: {
        cpu: 0,
        *run({ ipc, threads }) {
          while (true) {
            const question = yield* choose(1, 2);
            const answer = yield* ipc.call(threads.server, question);
            check(answer.message === question + 1, "the answer belongs to the question");
          }
        },
      },
    },
    expect,
  });

export const broken = calling("a reply from another CPU", { expect: { violated: "deadlock" } });
export const finite = calling("a reply that waits a little", { patience: "finite", expect: { violated: "deadlock" } });
export const repaired = calling("a call that is one step, as on Fiasco", { atomic: true, expect: "holds" });
export const local = calling("a server thread on the client's CPU", { serverCpu: 0, expect: "holds" });

export const retry = protocol("a client that asks again", {
  scenario: "L4-14",
  kernel: l4.kernel({ cpus: 2, message: int(0, 3) }),
  threads: {
    server: {
      cpu: 1,
      *run({ ipc }) {
        yield* serve(ipc, "zero");
      },
    },
    client: {
      cpu: 0,
      *run({ ipc, threads }) {
        while (true) {
          const question = yield* choose(1, 2);
          const answer = yield* ipc.call(threads.server, question, { receive: "finite" });
          if (answer.error === "none") check(answer.message === question + 1, "an answer to an older question is not taken for this one's");
        }
      },
    },
  },
  expect: "holds",
});
