/**
 * Two senders that give up in time, and a slow receiver. On GNU Mach a sender whose timer fires looks once more and may
 * find the room that another was just woken for, who then waits again; on XNU the room is reserved for the one that was
 * woken. Either way a send is made or given up, and what is given up leaves no rights behind.
 */
import { check, ghost, int, protocol } from "ipc-check";
import * as mach from "ipc-check/kernels/mach";

const variant = (name: string, personality: "gnu" | "xnu") => {
  const { kernel, port, task } = mach.system({ message: int(0, 1), slots: 1, personality });
  return protocol(name, {
    kernel,
    objects: { service: port({ limit: 1 }), server: task({ receive: ["service"] }), a: task({ send: ["service"] }), b: task({ send: ["service"] }) },
    memory: { sent: ghost(int(0, 3)), received: ghost(int(0, 3)) },
    // A message can be received before its sender has been told.
    invariants: { nothingTwice: ({ sent, received }) => received <= sent + 2 },
    threads: {
      serving: {
        *run({ server, service, received }) {
          while (true) {
            yield* server.receive(service.name, { idle: true });
            received.value += 1;
          }
        },
      },
      first: {
        *run({ a, service, sent }) {
          yield* a.send(service.name, 0);
          sent.value += 1;
          const outcome = yield* a.send(service.name, 0, { timeout: "finite" });
          if (outcome.error === "none") sent.value += 1;
          else yield* a.deallocate(service.name);
        },
      },
      second: {
        *run({ b, service, sent }) {
          const outcome = yield* b.send(service.name, 1, { timeout: "finite" });
          if (outcome.error === "none") sent.value += 1;
          else yield* b.deallocate(service.name);
          yield* b.deallocate(service.name);
          const left = yield* b.send(service.name, 1, { timeout: "zero" });
          check(left.error === "send-invalid-dest", "no right is left");
        },
      },
    },
    expect: "holds",
  });
};

export const gnu = variant("two senders that give up, on GNU Mach", "gnu");
export const xnu = variant("two senders that give up, on XNU", "xnu");
