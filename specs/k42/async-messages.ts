/**
 * Asynchronous messages are copied to a small buffer at the target; while that is full, the sender gets EBUSY and has to deal
 * with it. One that takes every message for delivered loses some, and a receiver that counts on all of them waits for ever.
 * A sender that tries again until it is taken pushes the waiting back to where it belongs.
 */
import { int, protocol } from "ipc-check";
import * as k42 from "ipc-check/kernels/k42";

const { kernel, dispatcher } = k42.system({ message: int(0, 1), buffer: 1, handlers: 1 });
const objects = { source: dispatcher(), sink: dispatcher() };

const variant = (name: string, insists: boolean, expect: "holds" | { readonly violated: "deadlock" }) =>
  protocol(name, {
    kernel,
    objects,
    parameters: { messages: 3 },
    threads: {
      sender: {
        *run({ source, sink, messages }) {
          for (let i = 0; i < messages; i++) {
            let sent = yield* source.send(sink, i % 2);
            while (insists && sent.error === "EBUSY") sent = yield* source.send(sink, i % 2);
          }
        },
      },
      receiver: {
        *run({ sink, messages }) {
          for (let i = 0; i < messages; i++) yield* sink.accept({ idle: false });
        },
      },
      helper: {
        *run({ sink }) {
          // Its critical sections keep messages in the buffer.
          yield* sink.disable();
          yield* sink.enable();
        },
      },
    },
    expect,
  });

export const broken = variant("a sender that does not look", false, { violated: "deadlock" });
export const repaired = variant("a sender that tries again", true, "holds");

const two = k42.system({ message: int(0, 1), buffer: 2, handlers: 2 });

/** The last free thread may find that a busy one has fetched its message. */
export const handlers = protocol("two threads for two messages", {
  kernel: two.kernel,
  objects: { source: two.dispatcher(), sink: two.dispatcher() },
  threads: {
    sender: {
      *run({ source, sink }) {
        while ((yield* source.send(sink, 0)).error === "EBUSY") {}
        while ((yield* source.send(sink, 1)).error === "EBUSY") {}
      },
    },
    receiver: {
      count: 2,
      *run({ sink }) {
        while (true) yield* sink.accept();
      },
    },
  },
  expect: "holds",
});
