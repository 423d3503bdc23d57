/**
 * A message belongs to whoever has received it, until it is replied to or passed on. Who does either a second time has the
 * message no more, and the kernel stops: on the own CPU, by an interrupt to another one, and in the older reply that sets
 * flags. A thread that passes on what it cannot answer, once, does no harm (lwkt_msgport.c: the assertions of
 * lwkt_replymsg and lwkt_forwardmsg).
 */
import { check, int, protocol } from "ipc-check";
import * as lwkt from "ipc-check/kernels/lwkt";

const value = int(0, 1);

const replied = (name: string, reply: "ipi" | "flags", cpus: number, times: 1 | 2) => {
  const { kernel, message } = lwkt.system({ cpus, value, reply });
  return protocol(name, {
    kernel,
    objects: { request: message() },
    threads: {
      server: {
        cpu: 0,
        *run({ lwkt }) {
          const next = yield* lwkt.waitport();
          yield* lwkt.replymsg(next.message, 1);
          if (times === 2) yield* lwkt.replymsg(next.message, 0);
        },
      },
      client: {
        cpu: cpus - 1,
        *run({ lwkt, threads, request }) {
          const answer = yield* lwkt.domsg(threads.server, request.number, 0);
          check(answer.value === 1, "the first reply is the answer");
        },
      },
    },
    expect: times === 2 ? { violated: "assertion" } : "holds",
  });
};

const passed = (name: string, times: 1 | 2) => {
  const { kernel, message } = lwkt.system({ cpus: 2, value });
  return protocol(name, {
    kernel,
    objects: { request: message() },
    threads: {
      server: {
        cpu: 0,
        *run({ lwkt, threads }) {
          const next = yield* lwkt.waitport();
          yield* lwkt.forwardmsg(next.message, threads.helper);
          if (times === 2) yield* lwkt.forwardmsg(next.message, threads.helper);
        },
      },
      helper: {
        cpu: 1,
        *run({ lwkt }) {
          const next = yield* lwkt.waitport();
          yield* lwkt.replymsg(next.message, 1);
        },
      },
      client: {
        cpu: 0,
        *run({ lwkt, threads, request }) {
          const answer = yield* lwkt.domsg(threads.server, request.number, 0);
          check(answer.value === 1, "the helper has answered");
        },
      },
    },
    expect: times === 2 ? { violated: "assertion" } : "holds",
  });
};

export const broken = replied("a message that is replied to twice", "ipi", 1, 2);
export const brokenFar = replied("a message from another CPU that is replied to twice", "ipi", 2, 2);
export const brokenFlags = replied("a reply by flags, twice", "flags", 1, 2);
export const brokenForward = passed("a message that is passed on twice", 2);
export const repaired = replied("a message that is replied to once", "ipi", 2, 1);
export const repairedForward = passed("a message that is passed on once", 1);
