/**
 * The queue of interrupts between two CPUs has room for one. Whoever sends, replies, forwards or aborts across CPUs waits
 * for room and takes in what comes for its own CPU meanwhile, so nobody waits for ever. Beside it, messages that are used
 * while they are still under way: the kernel notices both.
 */
import { int, protocol } from "ipc-check";
import * as lwkt from "ipc-check/kernels/lwkt";

const { kernel, message } = lwkt.system({ cpus: 3, value: int(0, 1), ipiq: 1, slots: 4 });

export default protocol("sending, forwarding, aborting and replying through queues of one place", {
  kernel,
  objects: { first: message(), second: message(), third: message() },
  threads: {
    client: {
      cpu: 0,
      *run({ lwkt, threads, first, second, third }) {
        yield* lwkt.sendmsg(threads.router, first.number, 0, { abortable: true });
        yield* lwkt.abortmsg(first.number);
        yield* lwkt.sendmsg(threads.router, second.number, 1);
        yield* lwkt.domsg(threads.router, third.number, 1);
        yield* lwkt.waitmsg(first.number);
        yield* lwkt.waitmsg(second.number);
      },
    },
    router: {
      cpu: 1,
      *run({ lwkt, threads }) {
        while (true) {
          const next = yield* lwkt.waitport();
          if (next.what === "request") yield* lwkt.forwardmsg(next.message, threads.server);
        }
      },
    },
    server: {
      cpu: 2,
      *run({ lwkt }) {
        while (true) {
          const next = yield* lwkt.waitport();
          if (next.what === "request") yield* lwkt.replymsg(next.message, next.value);
        }
      },
    },
  },
  expect: "holds",
});

export const sentTwice = protocol("a message that is sent again before its reply", {
  kernel,
  objects: { first: message() },
  threads: {
    client: {
      cpu: 0,
      *run({ lwkt, threads, first }) {
        yield* lwkt.sendmsg(threads.server, first.number, 0);
        yield* lwkt.domsg(threads.server, first.number, 1);
      },
    },
    server: {
      cpu: 2,
      *run({ lwkt }) {
        while (true) {
          const next = yield* lwkt.waitport();
          yield* lwkt.replymsg(next.message, next.value);
        }
      },
    },
  },
  expect: { violated: "assertion" },
});

export const passedOnAfterReply = protocol("a message that is passed on after its reply", {
  kernel,
  objects: { first: message() },
  threads: {
    client: {
      cpu: 2,
      *run({ lwkt, threads, first }) {
        yield* lwkt.domsg(threads.router, first.number, 0);
      },
    },
    router: {
      cpu: 1,
      *run({ lwkt, threads }) {
        const next = yield* lwkt.waitport();
        yield* lwkt.replymsg(next.message, 1);
        yield* lwkt.forwardmsg(next.message, threads.server);
      },
    },
    server: {
      cpu: 1,
      *run({ lwkt }) {
        yield* lwkt.waitport();
      },
    },
  },
  expect: { violated: "assertion" },
});
