/**
 * A server against every process there can be. A system process may use SEND, SENDNB, SENDREC, RECEIVE and NOTIFY: one that sends its
 * request with SEND need not be there for the answer, and a server that answers with SEND is its hostage; SENDNB is lost on it. A
 * user process may use SENDREC only, so that whoever is served by SEND is waiting for it; but a server that calls its client
 * back with SENDREC is lost. Scenario MINIX-7 against anybody.
 */
import { int, protocol } from "ipc-check";
import * as minix from "ipc-check/kernels/minix";

type Verdict = "holds" | { readonly violated: "unreplied-call" };
const message = int(0, 1);

const variant = (name: string, mayCall: "user" | "system", how: "SEND" | "SENDNB", expect: Verdict) =>
  protocol(name, {
    scenario: "MINIX-7",
    kernel: minix.kernel({ cpus: 1, message, mayCall }),
    threads: {
      server: {
        cpu: 0,
        *run({ ipc }) {
          while (true) {
            const { from, call } = yield* ipc.receive();
            if (call === "NOTIFY") continue;
            if (how === "SEND") yield* ipc.send(from, 1);
            else yield* ipc.sendnb(from, 1);
          }
        },
      },
      client: {
        cpu: 0,
        *run({ ipc, threads }) {
          while (true) yield* ipc.sendrec(threads.server, 0);
        },
      },
      stranger: {
        cpu: 0,
        untrusted: "arbitrary",
        holds: ["server"],
        *correct({ ipc, threads }) {
          while (true) yield* ipc.sendrec(threads.server, 0);
        },
      },
    },
    expect,
  });

export const broken = variant("a blocking reply to any system process", "system", "SEND", { violated: "unreplied-call" });
export const repaired = variant("a reply that never blocks to any system process", "system", "SENDNB", "holds");
export const masked = variant("a blocking reply to any user process", "user", "SEND", "holds");

export const callsBack = protocol("a server that calls any user process back", {
  kernel: minix.kernel({ cpus: 1, message }),
  threads: {
    server: {
      cpu: 0,
      *run({ ipc, threads }) {
        while (true) {
          const { from } = yield* ipc.receive();
          if (from === threads.stranger) yield* ipc.sendrec(from, 0);
          else yield* ipc.sendnb(from, 1);
        }
      },
    },
    client: {
      cpu: 0,
      *run({ ipc, threads }) {
        while (true) yield* ipc.sendrec(threads.server, 0);
      },
    },
    stranger: { cpu: 0, untrusted: "arbitrary", holds: ["server"] },
  },
  expect: { violated: "unreplied-call" },
});
