/**
 * A server against a client that does anything with its channel and with the memory that they share. A count is what the client
 * says it is: it can go back, or jump ahead. A server that takes it for the number of new records reads what is not there; one that
 * takes it for a hint, and copies what it looks at, holds.
 */
import { check, int, protocol } from "ipc-check";
import * as nemesis from "ipc-check/kernels/nemesis";

const { kernel, domain, channel } = nemesis.system({ cpus: 1, counts: 3 });
const slots = 2;
const variant = (name: string, careful: boolean, expect: "holds" | { readonly violated: "assertion" }) =>
  protocol(name, {
    kernel,
    objects: { server: domain(), client: domain(), filled: channel({ from: "client", to: "server" }), emptied: channel({ from: "server", to: "client" }) },
    memory: { record: int(0, 3) },
    threads: {
      worker: {
        cpu: 0,
        *run({ server, filled, emptied, record }) {
          let served = 0;
          while (true) {
            const seen = yield* filled.read();
            if (seen.state === "dead") return;
            if (seen.value === seen.acknowledged) {
              yield* server.block({ idle: true });
              yield* server.nextEvent();
              continue;
            }
            yield* filled.acknowledge(seen.value);
            const news = seen.value - served;
            if (careful && (news < 0 || news > slots)) return;
            check(news >= 0 && news <= slots, "there are as many records as the count says");
            for (let n = 0; n < news; n++) {
              const copied = yield* record.load();
              if (copied > 2) return;
            }
            served = seen.value;
            yield* emptied.send(served);
          }
        },
      },
      anyone: { cpu: 0, untrusted: "arbitrary", holds: ["client", "filled", "record"] },
    },
    expect,
  });

export const broken = variant("a server that believes the count", false, { violated: "assertion" });
export const repaired = variant("a server that takes the count for a hint", true, "holds");
