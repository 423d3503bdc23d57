/**
 * A client whose capability has neither Grant nor GrantReply calls. The message arrives, but nobody can answer, so the
 * kernel suspends the caller for good. Minting the capability with GrantReply repairs it. Scenario SEL4-3 (manual, ipc.tex).
 */
import { check, int, protocol } from "ipc-check";
import * as sel4 from "ipc-check/kernels/sel4";

const { kernel, endpoint } = sel4.system({ cpus: 1, message: int(0, 3) });

const asking = (name: string, rights: sel4.Rights, expect: "holds" | { readonly violated: "deadlock" }) =>
  protocol(name, {
    scenario: "SEL4-3",
    kernel,
    objects: { service: endpoint() },
    threads: {
      server: {
        cpu: 0,
        *run({ service }) {
          let request = yield* service.recv();
          while (true) request = yield* service.replyRecv(request.message + 1);
        },
      },
      client: {
        cpu: 0,
        count: 2,
        *run({ service, index }) {
          while (true) {
            const answer = yield* service.badged(index + 1, rights).call(index);
            check(answer.message === index + 1, "the answer is to my question");
          }
        },
      },
    },
    expect,
  });

export const broken = asking("calling without the right to be replied to", "write", { violated: "deadlock" });
export const repaired = asking("calling with GrantReply", "grantReply", "holds");
