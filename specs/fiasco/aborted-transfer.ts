/**
 * A session is opened with a capability that the client sends to a server on another CPU, within a time limit. The server takes
 * the message out of its queue and maps the capability, with interrupts open; meanwhile the client's timer fires, and the
 * server's CPU tells it that the transfer is under way. Before commit f72176b5 the client set the flag that it waits for the end of the
 * transfer when it had that answer, and the server could have ended the transfer, and cleared the flag, before. The client then
 * waits for ever. Since that commit the answer sets the flag. Scenario FOC-5.
 */
import { bool, check, protocol } from "ipc-check";
import * as fiasco from "ipc-check/kernels/fiasco";

const opening = (name: string, lateTransferFlag: boolean, expect: "holds" | { readonly violated: "deadlock" }) => {
  const { kernel } = fiasco.system({ cpus: 2, message: bool(), items: true, lateTransferFlag });
  return protocol(name, {
    scenario: "FOC-5",
    kernel,
    memory: { opened: bool() },
    threads: {
      client: {
        cpu: 0,
        *run({ ipc, threads, opened }) {
          const sent = yield* ipc.send(threads.server, true, { send: "finite", items: true });
          const isOpen = yield* opened.load();
          check(sent.error === "none" || !isOpen, "a session that is open has been asked for");
        },
      },
      server: {
        cpu: 1,
        *run({ ipc, opened }) {
          while (true) {
            const request = yield* ipc.wait();
            if (request.error === "none") yield* opened.store(request.message);
          }
        },
      },
    },
    expect,
  });
};

export const broken = opening("an abort that sets its flag late", true, { violated: "deadlock" });
export const repaired = opening("an abort whose answer sets the flag", false, "holds");
