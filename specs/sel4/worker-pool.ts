/**
 * Two workers receive on one endpoint. Each call goes to one of them, and a caller that waits for its reply does not call again, however
 * many workers are free. With a slot or a reply object for each caller, what happens to one caller leaves the other's alone: the
 * parent deletes an endpoint at which a worker waits, or signals a worker that is bound to a notification.
 */
import { check, int, protocol } from "ipc-check";
import * as sel4 from "ipc-check/kernels/sel4";

const classic = sel4.system({ cpus: 1, message: int(0, 2) });

export default protocol("two workers at one endpoint", {
  kernel: classic.kernel,
  objects: { service: classic.endpoint() },
  threads: {
    worker: {
      cpu: 0,
      count: 2,
      *run({ service }) {
        let request = yield* service.recv();
        while (true) request = yield* service.replyRecv(request.message + 1);
      },
    },
    client: {
      cpu: 0,
      *run({ service }) {
        while (true) {
          const answer = yield* service.call(1);
          check(answer.message === 2, "the answer is to my question");
        }
      },
    },
  },
  expect: "holds",
});

const { kernel, endpoint, notification, reply } = sel4.mcs({ cpus: 1, message: int(0, 2) });

const disturbing = (name: string, how: "deletes" | "signals", expect: "holds" | { readonly violated: "deadlock" }) =>
  protocol(name, {
    kernel,
    objects: { service: endpoint(), other: endpoint(), bell: notification(), mine: reply(), yours: reply() },
    threads: {
      worker: {
        cpu: 0,
        *run({ service, mine }) {
          let request = yield* service.recv(mine);
          while (true) request = yield* service.replyRecv(mine, request.message + 1);
        },
      },
      waiter: {
        cpu: 0,
        *run({ other, bell, yours, self }) {
          yield* bell.bind(self);
          while (true) yield* other.recv(yours);
        },
      },
      client: {
        cpu: 0,
        *run({ service }) {
          const answer = yield* service.call(1);
          check(answer.message === 2, "the answer is to my question");
        },
      },
      parent: {
        cpu: 0,
        *run({ other, bell }) {
          if (how === "deletes") yield* other.delete();
          else yield* bell.signal(1);
        },
      },
    },
    expect,
  });

export const deleting = disturbing("an endpoint that is deleted beside a call", "deletes", { violated: "deadlock" });
export const signalling = disturbing("a signal beside a call", "signals", "holds");
