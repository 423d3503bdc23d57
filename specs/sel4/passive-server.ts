/**
 * A passive server has no scheduling context of its own: once it has said that it is ready, its parent takes the context
 * away, and it runs on that of whoever calls it. Send and NBSend do not hand the sender's context on. So a client that
 * sends leaves the server with a message, Running and without a context, and nobody can call it any more. Scenario SEL4-5
 * (issue 1616 of seL4, open). With Call the context goes with the message and comes back with the reply. Clients that
 * call before the parent has taken the context away are in trouble too: the server loses it while it works for them.
 */
import { check, flag, int, protocol, waitUntil } from "ipc-check";
import * as sel4 from "ipc-check/kernels/sel4";

const { kernel, endpoint, notification, reply } = sel4.mcs({ cpus: 1, message: int(0, 3) });
const objects = { service: endpoint(), answer: reply(), ready: notification() };

function* serve(service: sel4.McsEndpoint<number>, answer: sel4.Reply<number>, ready: sel4.Notification) {
  let request = yield* service.signalRecv(ready, 1, answer);
  while (true) request = yield* service.replyRecv(answer, request.message + 1);
}

const sending = (name: string, blocking: boolean) =>
  protocol(name, {
    scenario: "SEL4-5",
    kernel,
    objects,
    memory: { open: flag },
    threads: {
      parent: {
        cpu: 0,
        *run({ ready, context, threads, open }) {
          yield* ready.wait();
          yield* context.unbind(threads.server);
          yield* open.store(true);
        },
      },
      server: {
        cpu: 0,
        *run({ service, answer, ready }) {
          yield* serve(service, answer, ready);
        },
      },
      client: {
        cpu: 0,
        *run({ service, open }) {
          yield* waitUntil(open, (value) => value);
          while (true) {
            if (blocking) yield* service.send(1);
            else yield* service.nbSend(1);
          }
        },
      },
    },
    expect: { violated: "deadlock" },
  });

export const broken = sending("sending to a passive server", true);
export const dropped = sending("sending to a passive server without blocking", false);

const calling = (name: string, early: boolean, expect: "holds" | { readonly violated: "deadlock" }) =>
  protocol(name, {
    scenario: "SEL4-5",
    kernel,
    objects,
    memory: { open: flag },
    threads: {
      parent: {
        cpu: 0,
        *run({ ready, context, threads, open }) {
          yield* ready.wait();
          yield* context.unbind(threads.server);
          yield* open.store(true);
        },
      },
      server: {
        cpu: 0,
        *run({ service, answer, ready }) {
          yield* serve(service, answer, ready);
        },
      },
      client: {
        cpu: 0,
        count: 2,
        *run({ service, open, index }) {
          if (!early) yield* waitUntil(open, (value) => value);
          while (true) {
            const { message } = yield* service.call(index);
            check(message === index + 1, "the answer is to my question");
          }
        },
      },
    },
    expect,
  });

export const early = calling("calling a server that is not passive yet", true, { violated: "deadlock" });
export const repaired = calling("calling a passive server", false, "holds");
