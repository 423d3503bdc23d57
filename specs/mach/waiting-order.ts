/**
 * Who of several threads that wait at one port gets the message. GNU Mach takes the one that came last, or first before 2012, and
 * looks at no priority; XNU the one of the highest priority. A thread for urgent work that relies on its priority is wrong on
 * GNU Mach.
 */
import { check, int, protocol } from "ipc-check";
import * as mach from "ipc-check/kernels/mach";

const variant = (name: string, options: Partial<mach.Options<number>>, expect: "holds" | { readonly violated: "assertion" }) => {
  const { kernel, port, task } = mach.system({ message: int(0, 1), slots: 2, references: 2, ...options });
  return protocol(name, {
    kernel,
    scheduling: "priority",
    objects: { work: port({ limit: 2 }), server: task({ receive: ["work"] }), client: task({ send: ["work"] }) },
    threads: {
      patient: {
        cpu: 0,
        priority: 2,
        *run({ server, work }) {
          const first = yield* server.receive(work.name);
          check(first.error === "none" && first.message === 0, "what is not urgent is left for me");
        },
      },
      urgent: {
        cpu: 0,
        priority: 3,
        *run({ server, work }) {
          const first = yield* server.receive(work.name);
          check(first.error === "none" && first.message === 1, "what is urgent is for me");
        },
      },
      sending: {
        cpu: 0,
        priority: 1,
        *run({ client, work }) {
          yield* client.send(work.name, 1);
          yield* client.send(work.name, 0);
        },
      },
    },
    expect,
  });
};

export const broken = variant("relying on priority, on GNU Mach", {}, { violated: "assertion" });
export const arrival = variant("coming first, on GNU Mach before 2012", { order: "fifo" }, "holds");
export const repaired = variant("relying on priority, on XNU", { personality: "xnu" }, "holds");
