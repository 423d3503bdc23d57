/**
 * With MCS a reply object names one thread at a time: the receiver that waits with it, or the caller that waits for it. Who
 * receives with one that is in use suspends the thread that it names, a caller as well as another server (src/object/endpoint.c,
 * reply_remove_tcb; MCS's counterpart of SEL4-1). A caller that is restarted leaves its reply object, and calls once more.
 */
import { check, int, protocol } from "ipc-check";
import * as sel4 from "ipc-check/kernels/sel4";

const { kernel, endpoint, notification, reply } = sel4.mcs({ cpus: 1, message: int(0, 2) });

const serving = (name: string, how: "one object" | "two objects" | "one object, and a signal", expect: "holds" | { readonly violated: "deadlock" }) =>
  protocol(name, {
    kernel,
    objects: { service: endpoint(), bell: notification(), first: reply(), second: reply() },
    threads: {
      server: {
        cpu: 0,
        *run({ service, bell, first, second }) {
          while (true) {
            const one = yield* service.recv(first);
            const next = how === "two objects" ? second : first;
            const other = how === "one object, and a signal" ? yield* service.signalRecv(bell, 1, next) : yield* service.recv(next, { idle: true });
            yield* next.send(other.message + 1);
            yield* first.send(one.message + 1);
          }
        },
      },
      client: {
        cpu: 0,
        count: 2,
        *run({ service, index }) {
          while (true) {
            const answer = yield* service.badged(index + 1).call(index);
            check(answer.message === index + 1, "the answer is to my question");
          }
        },
      },
    },
    expect,
  });

export const broken = serving("a reply object for two callers", "one object", { violated: "deadlock" });
export const signalling = serving("a reply object for two callers, received with a signal", "one object, and a signal", { violated: "deadlock" });
export const repaired = serving("a reply object for each caller", "two objects", "holds");

const sharing = (name: string, shares: boolean, expect: "holds" | { readonly violated: "deadlock" }) =>
  protocol(name, {
    kernel,
    objects: { service: endpoint(), urgent: endpoint(), ready: notification(), first: reply(), second: reply() },
    threads: {
      server: {
        cpu: 0,
        *run({ service, first, ready }) {
          let request = yield* service.signalRecv(ready, 1, first);
          while (true) request = yield* service.replyRecv(first, request.message);
        },
      },
      helper: {
        cpu: 0,
        *run({ urgent, first, second, ready }) {
          yield* ready.wait();
          const mine = shares ? first : second;
          let request = yield* urgent.recv(mine);
          while (true) request = yield* urgent.replyRecv(mine, request.message);
        },
      },
      client: {
        cpu: 0,
        *run({ service, urgent }) {
          const now = yield* urgent.call(2);
          check(now.message === 2, "the helper answers");
          const later = yield* service.call(1);
          check(later.message === 1, "the server answers");
        },
      },
    },
    expect,
  });

export const shared = sharing("two servers with one reply object", true, { violated: "deadlock" });
export const own = sharing("two servers with a reply object each", false, "holds");

export const restarted = protocol("a caller that is restarted", {
  kernel,
  objects: { service: endpoint(), answer: reply() },
  threads: {
    server: {
      cpu: 0,
      *run({ service, answer }) {
        while (true) {
          const request = yield* service.recv(answer);
          yield* answer.send(request.message + 1);
        }
      },
    },
    client: {
      cpu: 0,
      *run({ service }) {
        const { message } = yield* service.call(1);
        check(message === 2, "the answer is to my question");
      },
    },
    parent: {
      cpu: 0,
      *run({ tcb, threads }) {
        yield* tcb.suspend(threads.client);
        yield* tcb.resume(threads.client);
      },
    },
  },
  expect: "holds",
});

/** Who is suspended so has left the queue of its endpoint: a later message finds nobody there. */
export const taken = protocol("a reply object that is taken from a waiting server", {
  kernel,
  objects: { service: endpoint(), urgent: endpoint(), ready: notification(), done: notification(), answer: reply() },
  threads: {
    server: {
      cpu: 0,
      untrusted: true,
      *run({ service, answer, ready }) {
        const { message } = yield* service.signalRecv(ready, 1, answer);
        check(message !== 1, "who is suspended gets nothing");
      },
    },
    helper: {
      cpu: 0,
      *run({ urgent, answer, ready, done }) {
        yield* ready.wait({ idle: true });
        yield* urgent.nbRecv(answer);
        yield* done.signal();
      },
    },
    client: {
      cpu: 0,
      *run({ service, done }) {
        yield* done.wait({ idle: true });
        yield* service.nbSend(1);
      },
    },
  },
  expect: "holds",
});

/** Deleting the endpoint frees the reply object of who waited there, before that thread runs and faults. */
export const inherited = protocol("a reply object that another server takes over", {
  kernel,
  objects: { service: endpoint(), urgent: endpoint(), ready: notification(), answer: reply() },
  threads: {
    server: {
      cpu: 0,
      *run({ service, answer, ready }) {
        yield* service.signalRecv(ready, 1, answer);
      },
    },
    helper: {
      cpu: 0,
      *run({ service, urgent, answer, ready }) {
        yield* ready.wait();
        yield* service.delete();
        const request = yield* urgent.recv(answer);
        yield* answer.send(request.message);
      },
    },
    client: {
      cpu: 0,
      *run({ urgent }) {
        const { message } = yield* urgent.call(2);
        check(message === 2, "the helper answers");
      },
    },
  },
  expect: { violated: "deadlock" },
});
