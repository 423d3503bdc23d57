/**
 * A server without MCS receives a call and, before it has answered, receives again. The right to reply lay in its caller
 * slot, the second receive deletes it, and the caller stays blocked on a reply that nobody can send any more. SaveCaller
 * moves the right to a slot of its own first. Scenario SEL4-1 (src/api/syscall.c, src/object/objecttype.c).
 */
import { check, int, protocol } from "ipc-check";
import * as sel4 from "ipc-check/kernels/sel4";

const { kernel, endpoint, slot } = sel4.system({ cpus: 1, message: int(0, 3) });

export const broken = protocol("receiving twice before replying", {
  scenario: "SEL4-1",
  kernel,
  objects: { service: endpoint() },
  threads: {
    server: {
      cpu: 0,
      *run({ service, ipc }) {
        while (true) {
          yield* service.recv();
          const second = yield* service.recv();
          yield* ipc.reply(second.message);
        }
      },
    },
    client: {
      cpu: 0,
      count: 2,
      *run({ service, index }) {
        while (true) {
          const answer = yield* service.badged(index + 1).call(index);
          check(answer.message === index, "the answer is to my question");
        }
      },
    },
  },
  expect: { violated: "deadlock" },
});

export const repaired = protocol("saving the first caller", {
  scenario: "SEL4-1",
  kernel,
  objects: { service: endpoint(), first: slot() },
  threads: {
    server: {
      cpu: 0,
      *run({ service, first, ipc }) {
        while (true) {
          const one = yield* service.recv();
          yield* first.save();
          const other = yield* service.recv({ idle: true });
          yield* ipc.reply(other.message);
          yield* first.reply(one.message);
        }
      },
    },
    client: {
      cpu: 0,
      count: 2,
      *run({ service, index }) {
        while (true) {
          const answer = yield* service.badged(index + 1).call(index);
          check(answer.message === index, "the answer is to my question");
        }
      },
    },
  },
  expect: "holds",
});
