/** Every MINIX operation, in any order, on the kernel as it is and with each of its repairs. */
import { choose, int, nobody, protocol, record, threadId } from "ipc-check";
import * as minix from "ipc-check/kernels/minix";

const message = record({ value: int(3, 6), about: threadId });
type Message = { readonly value: number; readonly about: import("ipc-check").ThreadId };

function anything(name: string, kernel: ReturnType<typeof minix.kernel<Message>>, ends: boolean) {
  return protocol(name, {
    kernel,
    threads: {
      worker: {
        count: 4,
        cpu: (index) => index % 2,
        *run({ ipc, sys, threads, self }) {
          let last = nobody;
          while (true) {
            const to = threads.worker[yield* choose(0, 1, 2, 3)] ?? nobody;
            const value = yield* choose(3, 4);
            switch (yield* choose("send", "sendnb", "sendrec", "receive", "receive", "receive from", "reply", "notify", "senda", "rare", "rare", "rare")) {
              case "send":
                yield* ipc.send(to, { value, about: self });
                break;
              case "sendnb":
                yield* ipc.sendnb(to, { value, about: to });
                break;
              case "sendrec": {
                const answer = yield* ipc.sendrec(to, { value, about: self });
                if (answer.error === "none") last = answer.message.about;
                break;
              }
              case "receive": {
                const got = yield* ipc.receive();
                if (got.error === "none") last = got.from;
                break;
              }
              case "receive from":
                yield* ipc.receiveFrom(to);
                break;
              case "reply":
                yield* ipc.sendnb(last, { value, about: last });
                break;
              case "notify":
                yield* ipc.notify(to);
                break;
              case "senda":
                // More than two that nobody takes would fill the table.
                if ((yield* choose(0, 1)) === 0) yield* ipc.senda(to, { value, about: nobody }, { noReply: yield* choose(true, false) });
                break;
              case "rare":
                switch (yield* choose("memory", "vmctl", "vmctl", "quantum", "schedule", "schedule", "filter", "no filter", "exit")) {
                  case "memory":
                    yield* sys.memory(to);
                    break;
                  case "vmctl":
                    yield* sys.vmctl(to);
                    break;
                  case "quantum":
                    yield* sys.quantum(to, { value, about: self });
                    break;
                  case "schedule":
                    yield* sys.schedule(to);
                    break;
                  case "filter":
                    yield* sys.filter(to);
                    break;
                  case "no filter":
                    yield* sys.filter(nobody);
                    break;
                  case "exit":
                    if (ends && (yield* choose(0, 1)) === 0) yield* ipc.exit(to);
                    break;
                }
                break;
            }
          }
        },
      },
    },
  });
}

export const original = anything("anything on the kernel as it is", minix.kernel({ cpus: 2, message, table: 4 }), false);
export const mortal = anything("anything with deaths", minix.kernel({ cpus: 2, message, table: 4 }), true);
export const repaired = anything(
  "anything on a repaired kernel",
  minix.kernel({ cpus: 2, message, table: 4, clearReplyPend: true, scanPastFilter: true }),
  true,
);
export const old = anything("anything on an old kernel", minix.kernel({ cpus: 2, message, table: 4, earlyCheck: true }), true);
