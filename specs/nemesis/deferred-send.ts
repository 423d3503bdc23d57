/**
 * On x86 a send goes into a ring, and the scheduler makes it when it takes the sender off the processor. A domain that sends and
 * then spins for the answer, on a processor that nobody takes from it, waits for what it has not sent. It has to yield first;
 * or it waits until its time is up. Scenario NEM-4.
 */
import { flag, protocol, waitUntil } from "ipc-check";
import * as nemesis from "ipc-check/kernels/nemesis";

const variant = (
  name: string,
  { preempts, yields }: { readonly preempts: boolean; readonly yields: boolean },
  expect: "holds" | { readonly violated: "deadlock" },
) => {
  const { kernel, domain, channel } = nemesis.system({ cpus: 2, counts: 2, ring: 1, preempts });
  return protocol(name, {
    scenario: "NEM-4",
    kernel,
    objects: { client: domain(), server: domain(), request: channel({ from: "client", to: "server" }), done: channel({ from: "server", to: "client" }) },
    memory: { answered: flag },
    threads: {
      caller: {
        cpu: 0,
        *run({ client, request, answered }) {
          yield* request.send(1);
          if (yields) yield* client.yield();
          yield* waitUntil(answered, (yes) => yes);
          // Room for one: the ring is emptied before the second is put there.
          yield* request.send(1);
          yield* request.send(2);
        },
      },
      answerer: {
        cpu: 1,
        *run({ server, request, done, answered }) {
          yield* nemesis.awaitCount(server, request, 0);
          yield* answered.store(true);
          yield* nemesis.awaitCount(server, request, 1);
          yield* done.send(1);
        },
      },
    },
    expect,
  });
};

export const broken = variant("a sender that spins and is not preempted", { preempts: false, yields: false }, { violated: "deadlock" });
export const repaired = variant("a sender that yields before it spins", { preempts: false, yields: true }, "holds");
export const preempted = variant("a sender that spins and is preempted", { preempts: true, yields: false }, "holds");

const six = nemesis.system({ counts: 1, ring: 2 });
/** A ring of six domains, each of which tells the next and ends: what an ended domain has sent is delivered. */
export const relay = protocol("six domains that send and end", {
  kernel: six.kernel,
  objects: {
    d0: six.domain(),
    d1: six.domain(),
    d2: six.domain(),
    d3: six.domain(),
    d4: six.domain(),
    d5: six.domain(),
    c0: six.channel({ from: "d0", to: "d1" }),
    c1: six.channel({ from: "d1", to: "d2" }),
    c2: six.channel({ from: "d2", to: "d3" }),
    c3: six.channel({ from: "d3", to: "d4" }),
    c4: six.channel({ from: "d4", to: "d5" }),
    c5: six.channel({ from: "d5", to: "d0" }),
  },
  threads: {
    first: {
      *run({ d0, c0, c5 }) {
        yield* c0.send(1);
        yield* nemesis.awaitCount(d0, c5, 0);
      },
    },
    second: {
      *run({ d1, d2, d3, c0, c1, c2, c3 }) {
        yield* nemesis.awaitCount(d1, c0, 0);
        yield* c1.send(1);
        yield* nemesis.awaitCount(d2, c1, 0);
        yield* c2.send(1);
        yield* nemesis.awaitCount(d3, c2, 0);
        yield* c3.send(1);
      },
    },
    third: {
      *run({ d4, d5, c3, c4, c5 }) {
        yield* nemesis.awaitCount(d4, c3, 0);
        yield* c4.send(1);
        yield* nemesis.awaitCount(d5, c4, 0);
        yield* c5.send(1);
      },
    },
  },
  expect: "holds",
});
