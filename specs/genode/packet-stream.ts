/**
 * A source submits packets to a sink through a packet stream: a ring of descriptors each way, and four signals. If the
 * source submits all its packets before it takes an acknowledgement, the sink can be blocked at a full ring of
 * acknowledgements while the source is blocked at a full ring of packets: with S and A usable slots that happens with more
 * than S + A + 1 packets, and not with fewer. A source that drains acknowledgements in between has no such limit.
 * Scenario GEN-5 (blocking calls removed in 2b0e64e0).
 */
import { array, int, protocol, record } from "ipc-check";
import * as genode from "ipc-check/kernels/genode";

const { kernel, entrypoint, signal } = genode.system({ cpus: 1, message: int(0, 0), counts: 1 });
const size = 2;
const ring = record({ head: int(0, size - 1), tail: int(0, size - 1), slots: array(size, int(0, 1)) });
const objects = {
  sourceEp: entrypoint(),
  sinkEp: entrypoint(),
  packetAvail: signal(),
  readyToSubmit: signal(),
  ackAvail: signal(),
  readyToAck: signal(),
};

type Signals = Record<"packetAvail" | "readyToSubmit" | "ackAvail" | "readyToAck", genode.Signal>;
type Endpoint = genode.Entrypoint<number>;

/** Both sides know the signals before anything is sent. */
function* connect(sourceEp: Endpoint, sinkEp: Endpoint, { packetAvail, readyToSubmit, ackAvail, readyToAck }: Signals) {
  yield* packetAvail.manage(sinkEp);
  yield* readyToAck.manage(sinkEp);
  yield* readyToSubmit.manage(sourceEp);
  yield* ackAvail.manage(sourceEp);
}
function* sink(submit: genode.Ring, acks: genode.Ring, own: Endpoint, { readyToSubmit, ackAvail }: Signals) {
  while (true) {
    const packet = yield* genode.receive(submit, size, own, readyToSubmit, true);
    yield* genode.transmit(acks, size, packet, own, ackAvail);
  }
}

/** A source that submits all its packets first. */
const submitAll = (packets: number) =>
  protocol(`${packets} packets before the first acknowledgement`, {
    scenario: "GEN-5",
    kernel,
    objects,
    memory: { submit: ring, acks: ring },
    threads: {
      source: {
        cpu: 0,
        *run({ submit, acks, sourceEp, sinkEp, packetAvail, readyToSubmit, ackAvail, readyToAck }) {
          yield* connect(sourceEp, sinkEp, { packetAvail, readyToSubmit, ackAvail, readyToAck });
          for (let i = 0; i < packets; i++) yield* genode.transmit(submit, size, 1, sourceEp, packetAvail);
          for (let i = 0; i < packets; i++) yield* genode.receive(acks, size, sourceEp, readyToAck, false);
        },
      },
      sink: {
        cpu: 0,
        *run({ submit, acks, sinkEp, packetAvail, readyToSubmit, ackAvail, readyToAck }) {
          yield* sink(submit, acks, sinkEp, { packetAvail, readyToSubmit, ackAvail, readyToAck });
        },
      },
    },
    expect: packets > 3 ? { violated: "deadlock" } : "holds",
  });

export const few = submitAll(3);
export const broken = submitAll(4);

export const repaired = protocol("acknowledgements drained between packets", {
  scenario: "GEN-5",
  kernel,
  objects,
  memory: { submit: ring, acks: ring },
  threads: {
    source: {
      cpu: 0,
      *run({ submit, acks, sourceEp, sinkEp, packetAvail, readyToSubmit, ackAvail, readyToAck }) {
        yield* connect(sourceEp, sinkEp, { packetAvail, readyToSubmit, ackAvail, readyToAck });
        while (true) {
          yield* genode.transmit(submit, size, 1, sourceEp, packetAvail);
          yield* genode.receive(acks, size, sourceEp, readyToAck, false);
        }
      },
    },
    sink: {
      cpu: 0,
      *run({ submit, acks, sinkEp, packetAvail, readyToSubmit, ackAvail, readyToAck }) {
        yield* sink(submit, acks, sinkEp, { packetAvail, readyToSubmit, ackAvail, readyToAck });
      },
    },
  },
  expect: "holds",
});
