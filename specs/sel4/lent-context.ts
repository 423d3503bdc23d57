/**
 * Where a scheduling context is. A passive server has its own taken away and runs on that of whoever wakes it: of a caller until
 * it replies, of the notification that is bound to it until it blocks in a receive. A send lends nothing, except in NBSendRecv, which hands
 * on the sender's own context to a receiver that has none (manual, section 6.1.5 and 6.1.7; src/object/notification.c).
 */
import { check, int, protocol } from "ipc-check";
import * as sel4 from "ipc-check/kernels/sel4";

const { kernel, endpoint, notification, reply } = sel4.mcs({ cpus: 1, message: int(0, 1), badgeBits: 2 });

const waking = (name: string, lends: boolean, expect: "holds" | { readonly violated: "deadlock" }) =>
  protocol(name, {
    kernel,
    objects: { requests: endpoint(), line: notification(), ready: notification(), open: notification(), answer: reply() },
    threads: {
      driver: {
        cpu: 0,
        *run({ requests, line, ready, answer, self }) {
          yield* line.bind(self);
          let event = yield* requests.signalRecv(ready, 1, answer);
          while (true) event = event.badge === 1 ? yield* requests.replyRecv(answer, 1) : yield* requests.recv(answer);
        },
      },
      parent: {
        cpu: 0,
        *run({ line, ready, open, context, threads }) {
          yield* ready.wait();
          yield* context.unbind(threads.driver);
          if (lends) {
            const { bound } = yield* context.bindNotification(line, threads.driver);
            check(bound, "the context was free");
            const again = yield* context.bindNotification(line, threads.driver);
            check(!again.bound, "it is bound already");
          }
          yield* open.signal();
          yield* line.signal(2);
          yield* line.signal(2);
        },
      },
      client: {
        cpu: 0,
        *run({ requests, open }) {
          yield* open.wait();
          const { message } = yield* requests.badged(1).call(0);
          check(message === 1, "the answer is to my question");
        },
      },
    },
    expect,
  });

export const broken = waking("a signal for a driver without a context", false, { violated: "deadlock" });
export const repaired = waking("a context that comes with the signal", true, "holds");

const handing = (name: string, isPassive: boolean) =>
  protocol(name, {
    kernel,
    objects: { work: endpoint(), back: endpoint(), ready: notification(), one: reply(), other: reply() },
    threads: {
      worker: {
        cpu: 0,
        *run({ work, back, ready, one }) {
          const job = yield* work.signalRecv(ready, 1, one);
          // A context that has come goes back the way it came; one's own stays.
          if (isPassive) yield* work.nbSendRecv(back, job.message, one, { idle: true });
          else yield* back.send(job.message);
        },
      },
      giver: {
        cpu: 0,
        *run({ work, back, ready, other, context, threads }) {
          yield* ready.wait();
          if (isPassive) yield* context.unbind(threads.worker);
          const result = yield* back.nbSendRecv(work, 1, other);
          check(result.message === 1, "the result is that of the job");
          yield* ready.signal();
        },
      },
    },
    expect: "holds",
  });

export const passive = handing("a context that goes with a job and comes back", true);
export const active = handing("two threads that keep their contexts", false);

/** The context of a notification that a thread is not bound to stays with it when it blocks elsewhere. */
export const kept = protocol("a context that stays with who was woken", {
  kernel,
  objects: { line: notification(), ready: notification(), work: endpoint() },
  threads: {
    worker: {
      cpu: 0,
      *run({ line, ready, work }) {
        yield* line.signalWait(ready, 1);
        const { message } = yield* work.wait({ idle: false });
        check(message === 1, "it has the job");
        yield* ready.signal();
      },
    },
    parent: {
      cpu: 0,
      *run({ line, ready, work, context, threads }) {
        yield* ready.wait();
        yield* context.unbind(threads.worker);
        yield* context.bindNotification(line, threads.worker);
        yield* line.signal(1);
        yield* work.send(1);
      },
    },
  },
  expect: "holds",
});

/** A reply from the middle: who answers the first caller while the second call is under way cuts it off from its context. */
export const cut = protocol("a caller that is answered by somebody else", {
  kernel,
  objects: { sockets: endpoint(), card: endpoint(), ready: notification(), up: notification(), open: notification(), toStack: reply(), toClient: reply() },
  threads: {
    driver: {
      cpu: 0,
      *run({ card, up, open, toStack, toClient }) {
        const packet = yield* card.signalRecv(up, 1, toStack);
        yield* toClient.send(packet.message);
        yield* open.signal();
        yield* toStack.send(packet.message);
      },
    },
    stack: {
      cpu: 0,
      *run({ sockets, card, ready, toClient }) {
        const request = yield* sockets.signalRecv(ready, 1, toClient);
        yield* card.call(request.message);
      },
    },
    client: {
      cpu: 0,
      untrusted: true,
      *run({ sockets, open }) {
        yield* open.wait();
        const answer = yield* sockets.call(1);
        check(answer.message === 1, "the answer is to my packet");
        yield* open.wait();
      },
    },
    parent: {
      cpu: 0,
      *run({ ready, up, open, context, threads }) {
        yield* up.wait();
        yield* context.unbind(threads.driver);
        yield* ready.wait();
        yield* context.unbind(threads.stack);
        yield* open.signal();
      },
    },
  },
  expect: "holds",
});

const binding = (name: string, rebinds: boolean) =>
  protocol(name, {
    kernel,
    objects: { sockets: endpoint(), card: endpoint(), ready: notification(), up: notification(), open: notification(), toStack: reply(), toClient: reply() },
    threads: {
      driver: {
        cpu: 0,
        *run({ card, up, toStack }) {
          const packet = yield* card.signalRecv(up, 1, toStack);
          yield* toStack.send(packet.message);
        },
      },
      stack: {
        cpu: 0,
        *run({ sockets, card, ready, toClient }) {
          const request = yield* sockets.signalRecv(ready, 1, toClient);
          const sent = yield* card.call(request.message);
          check(sent.error === "none", "the driver answers");
          yield* toClient.send(sent.error === "none" ? sent.message : 0);
        },
      },
      client: {
        cpu: 0,
        *run({ sockets, open }) {
          yield* open.wait();
          const answer = yield* sockets.call(1);
          check(answer.message === 1, "the answer is to my packet");
        },
      },
      parent: {
        cpu: 0,
        *run({ ready, up, open, context, threads }) {
          yield* up.wait();
          yield* context.unbind(threads.driver);
          yield* ready.wait();
          yield* context.unbind(threads.stack);
          yield* open.signal();
          if (rebinds) yield* context.bind(threads.stack);
        },
      },
    },
    expect: "holds",
  });

export const rebound = binding("a passive server that is made active again", true);
export const onLoan = binding("passive servers that end", false);
