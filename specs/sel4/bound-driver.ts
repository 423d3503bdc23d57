/**
 * A driver receives its clients' calls on an endpoint and its interrupts from the notification that is bound to it. A signal that
 * is there already comes first, and before the reply: a driver that receives with a caller unanswered loses the caller, whatever
 * it then gets. One that answers with ReplyRecv does not. Without MCS a plain send leaves the caller slot empty.
 */
import { check, int, protocol } from "ipc-check";
import * as sel4 from "ipc-check/kernels/sel4";

const classic = sel4.system({ cpus: 1, message: int(0, 1), badgeBits: 2 });

const driving = (name: string, answers: boolean, expect: "holds" | { readonly violated: "deadlock" }) =>
  protocol(name, {
    kernel: classic.kernel,
    objects: { requests: classic.endpoint(), line: classic.notification() },
    threads: {
      driver: {
        cpu: 0,
        *run({ requests, line, self, ipc }) {
          yield* line.bind(self);
          let event = yield* requests.recv();
          while (true) {
            if (event.badge === 1) {
              if (answers) event = yield* requests.replyRecv(event.message);
              else {
                const next = yield* requests.recv();
                yield* ipc.reply(event.message);
                event = next;
              }
            } else event = yield* requests.recv();
          }
        },
      },
      client: {
        cpu: 0,
        *run({ requests }) {
          const answer = yield* requests.badged(1).call(1);
          check(answer.message === 1, "the answer is to my question");
          yield* requests.badged(3).send(0);
        },
      },
      device: {
        cpu: 0,
        *run({ line }) {
          yield* line.signal(2);
          yield* line.signal(2);
        },
      },
    },
    expect,
  });

export const broken = driving("an interrupt between a call and its answer", false, { violated: "deadlock" });
export const repaired = driving("a call that is answered before the next event", true, "holds");

const mcs = sel4.mcs({ cpus: 1, message: int(0, 1), badgeBits: 2 });

const drivingWithObject = (name: string, answers: boolean, expect: "holds" | { readonly violated: "deadlock" }) =>
  protocol(name, {
    kernel: mcs.kernel,
    objects: { requests: mcs.endpoint(), line: mcs.notification(), masked: mcs.notification(), answer: mcs.reply() },
    threads: {
      driver: {
        cpu: 0,
        *run({ requests, line, answer, self }) {
          yield* line.bind(self);
          let event = yield* requests.recv(answer);
          while (true) {
            if (event.badge === 1 && answers) event = yield* requests.replyRecv(answer, event.message);
            else {
              const next = yield* requests.recv(answer);
              if (event.badge === 1) yield* answer.send(event.message);
              event = next;
            }
          }
        },
      },
      client: {
        cpu: 0,
        *run({ requests }) {
          const reply = yield* requests.badged(1).call(1);
          check(reply.message === 1, "the answer is to my question");
          yield* requests.badged(3, "write").call(0);
        },
      },
      device: {
        cpu: 0,
        *run({ line, masked }) {
          yield* masked.signalWait(line, 2, { idle: true });
        },
      },
    },
    expect,
  });

export const brokenWithObject = drivingWithObject("an interrupt between a call and its answer, with MCS", false, { violated: "deadlock" });
export const withoutRight = drivingWithObject("a last call without the right to be replied to", true, { violated: "deadlock" });
