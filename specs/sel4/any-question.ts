/**
 * A server with reply objects that has a question before it answers, against every client there can be. The right to reply lies
 * in the object, so a caller can be kept waiting at no cost but that of the object. A server that calls its client back is
 * that client's hostage, with everybody else. One that puts the question without waiting, keeps the caller in its object and goes on
 * to serve others with another one holds: what the client has to say comes as its next message, or never.
 */
import { check, int, protocol } from "ipc-check";
import * as sel4 from "ipc-check/kernels/sel4";

const { kernel, endpoint, reply } = sel4.mcs({ cpus: 1, message: int(0, 1), badgeBits: 2 });

const variant = (name: string, waits: boolean, expect: "holds" | { readonly violated: "unreplied-call" }) =>
  protocol(name, {
    kernel,
    objects: {
      service: endpoint({ client: { badge: 1, rights: "grantReply" } }),
      question: endpoint(),
      asked: reply(),
      direct: reply(),
    },
    threads: {
      server: {
        cpu: 0,
        *run({ service, question, asked, direct }) {
          let keeps = false;
          while (true) {
            const { badge, message } = keeps ? yield* service.recv(direct, { idle: true }) : yield* service.recv(asked, { idle: true });
            if (badge !== 1) {
              if (keeps) yield* direct.send(message);
              else yield* asked.send(message);
            } else if (keeps) {
              yield* direct.send(0);
              yield* asked.send(0);
              keeps = false;
            } else if (waits) {
              yield* question.call(0);
              yield* asked.send(0);
            } else {
              yield* question.nbSend(0);
              keeps = true;
            }
          }
        },
      },
      honest: {
        cpu: 0,
        *run({ service }) {
          while (true) {
            const answer = yield* service.badged(2).call(1);
            check(answer.message === 1, "the answer is to my question");
          }
        },
      },
      anyone: { cpu: 0, untrusted: "arbitrary", holds: ["service", "question"] },
    },
    expect,
  });
export const broken = variant("a server that calls any client back before it replies", true, { violated: "unreplied-call" });
export const repaired = variant("a server that keeps any client in a reply object", false, "holds");
