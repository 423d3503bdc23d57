/** The executable L4 kernel alone, against section 1 of the reference: send, receive, timeouts, cancel, delete. */
import { describe, expect, test } from "vitest";
import * as l4 from "../../dist/kernel/l4/index.js";
import { int, nobody, protocol, record, threadId } from "../../dist/model/language/index.js";
import { drive, outcome } from "./drive.ts";

const message = int(0, 9);
const one = () => l4.kernel({ cpus: 1, message });
const two = (atomic = false) => l4.kernel({ cpus: 2, message, atomic });

describe("rendezvous on one CPU", () => {
  test("a send waits for its receiver and delivers the message", async () => {
    const log: unknown[] = [];
    const m = await drive(
      protocol("p", {
        kernel: one(),
        threads: {
          sender: {
            cpu: 0,
            *run({ ipc, threads }) {
              log.push(outcome(yield* ipc.send(threads.receiver, 7)));
            },
          },
          receiver: {
            cpu: 0,
            *run({ ipc, threads }) {
              const got = yield* ipc.wait();
              log.push(got.message, got.from === threads.sender);
            },
          },
        },
      }),
    );
    expect(m.run("sender")).toEqual(["queue as sender"]);
    expect(m.status("sender")).toBe("blocked");
    expect(m.queue("sender")).toBe("place 1 of 1 in the send queue of receiver");
    const report = m.step("receiver");
    expect(report).toMatchObject({ rule: "receive without sending", completed: [1, 0], violation: null });
    expect(log).toEqual([7, true, "none"]);
    expect([m.status("sender"), m.status("receiver")]).toEqual(["finished", "finished"]);
  });

  test("a receiver that waits is served in the sender's step", async () => {
    const log: unknown[] = [];
    const m = await drive(
      protocol("p", {
        kernel: one(),
        threads: {
          receiver: {
            cpu: 0,
            *run({ ipc, threads }) {
              log.push((yield* ipc.receive(threads.sender)).message);
            },
          },
          sender: {
            cpu: 0,
            *run({ ipc, threads }) {
              yield* ipc.send(threads.receiver, 3);
              log.push("sent");
            },
          },
        },
      }),
    );
    expect(m.run("receiver", "sender")).toEqual(["receive without sending", "transfer"]);
    expect(log).toEqual(["sent", 3]);
  });

  test("records travel as values", async () => {
    const log: unknown[] = [];
    const m = await drive(
      protocol("p", {
        kernel: l4.kernel({ cpus: 1, message: record({ what: int(3, 5), whom: threadId }) }),
        threads: {
          receiver: {
            cpu: 0,
            *run({ ipc, threads }) {
              const got = yield* ipc.wait();
              log.push(got.message.what, got.message.whom === threads.sender, Object.isFrozen(got.message));
            },
          },
          sender: {
            cpu: 0,
            *run({ ipc, threads, self }) {
              yield* ipc.send(threads.receiver, { what: 4, whom: self });
            },
          },
        },
      }),
    );
    m.run("receiver", "sender");
    expect(log).toEqual([4, true, true]);
  });

  test("senders are served first in, first out, whatever their numbers", async () => {
    const order: number[] = [];
    const m = await drive(
      protocol("p", {
        kernel: one(),
        threads: {
          receiver: {
            cpu: 0,
            *run({ ipc }) {
              for (let i = 0; i < 3; i++) order.push((yield* ipc.wait()).message);
            },
          },
          sender: {
            cpu: 0,
            count: 3,
            *run({ ipc, threads, index }) {
              yield* ipc.send(threads.receiver, index);
            },
          },
        },
      }),
    );
    m.run("sender[2]", "sender[0]", "sender[1]");
    expect(m.executor.project()["ipc.senders"]?.[0]).toMatchObject([{ name: "sender[2]" }, { name: "sender[0]" }, { name: "sender[1]" }]);
    expect(m.queue("sender[1]")).toBe("place 3 of 3 in the send queue of receiver");
    m.run("receiver", "receiver", "receiver");
    expect(order).toEqual([2, 0, 1]);
  });

  test("a closed receive takes its sender out of the middle of the queue", async () => {
    const order: number[] = [];
    const m = await drive(
      protocol("p", {
        kernel: one(),
        threads: {
          receiver: {
            cpu: 0,
            *run({ ipc, threads }) {
              order.push((yield* ipc.receive(threads.sender[1] ?? nobody)).message, (yield* ipc.wait()).message, (yield* ipc.wait()).message);
            },
          },
          sender: {
            cpu: 0,
            count: 3,
            *run({ ipc, threads, index }) {
              yield* ipc.send(threads.receiver, index);
            },
          },
        },
      }),
    );
    m.run("sender[0]", "sender[1]", "sender[2]", "receiver", "receiver", "receiver");
    expect(order).toEqual([1, 0, 2]);
  });

  test("a call's receive phase begins in the step that serves its send", async () => {
    const log: unknown[] = [];
    const m = await drive(
      protocol("p", {
        kernel: one(),
        threads: {
          client: {
            cpu: 0,
            *run({ ipc, threads }) {
              log.push((yield* ipc.call(threads.server, 4)).message);
            },
          },
          server: {
            cpu: 0,
            *run({ ipc }) {
              const request = yield* ipc.wait();
              log.push(outcome(yield* ipc.send(request.from, request.message + 1, { send: "zero" })));
            },
          },
        },
      }),
    );
    expect(m.run("client", "server")).toEqual(["queue as sender", "receive without sending"]);
    expect(m.queue("client")).toBe("waiting for a message from server");
    expect(m.run("server")).toEqual(["transfer"]);
    expect(log).toEqual(["none", 5]);
  });

  test("reply and wait takes the next sender in the same step", async () => {
    const log: unknown[] = [];
    const m = await drive(
      protocol("p", {
        kernel: one(),
        threads: {
          server: {
            cpu: 0,
            *run({ ipc }) {
              let request = yield* ipc.wait();
              for (let i = 0; i < 2; i++) {
                log.push(request.message);
                request = yield* ipc.replyWait(request.from, 9, { send: "zero" });
              }
            },
          },
          client: {
            cpu: 0,
            count: 2,
            *run({ ipc, threads, index }) {
              yield* ipc.call(threads.server, index);
              log.push(`answered ${index}`);
            },
          },
        },
      }),
    );
    expect(m.run("client[1]", "client[0]", "server", "server")).toEqual(["queue as sender", "queue as sender", "receive without sending", "transfer"]);
    expect(log).toEqual([1, 0, "answered 1"]);
    m.run("server");
    expect(log.at(-1)).toBe("answered 0");
    expect(m.queue("server")).toBe("waiting for a message from anyone");
  });
});

describe("timeouts and errors", () => {
  test("timeout zero fails in its phase when the partner is not ready", async () => {
    const log: string[] = [];
    const m = await drive(
      protocol("p", {
        kernel: one(),
        threads: {
          a: {
            cpu: 0,
            *run({ ipc, threads }) {
              log.push(
                outcome(yield* ipc.send(threads.b, 1, { send: "zero" })),
                outcome(yield* ipc.receive(threads.b, { receive: "zero" })),
                outcome(yield* ipc.wait({ receive: "zero" })),
              );
            },
          },
          b: {
            cpu: 0,
            *run({ ipc }) {
              yield* ipc.wait();
            },
          },
        },
      }),
    );
    expect(m.run("a", "a", "a")).toEqual(["send timeout zero", "receive without sending", "receive without sending"]);
    expect(log).toEqual(["timeout (send)", "timeout (receive)", "timeout (receive)"]);
  });

  test("the receive phase is not attempted after a send error", async () => {
    const log: string[] = [];
    const m = await drive(
      protocol("p", {
        kernel: one(),
        threads: {
          a: {
            cpu: 0,
            *run({ ipc, threads }) {
              log.push(outcome(yield* ipc.replyWait(threads.b, 1, { send: "zero" })));
            },
          },
          b: {
            cpu: 0,
            *run({ ipc, threads }) {
              yield* ipc.send(threads.a, 1);
            },
          },
        },
      }),
    );
    m.run("b", "a");
    expect(log).toEqual(["timeout (send)"]);
    expect(m.status("b")).toBe("blocked");
  });

  test("a finite timer may fire while its thread polls, and leaves the queue in order", async () => {
    const log: unknown[] = [];
    const m = await drive(
      protocol("p", {
        kernel: one(),
        threads: {
          a: {
            cpu: 0,
            *run({ ipc, threads }) {
              log.push(outcome(yield* ipc.send(threads.b, 1, { send: "finite" })));
            },
          },
          b: {
            cpu: 0,
            *run({ ipc }) {
              log.push((yield* ipc.wait()).message);
            },
          },
          c: {
            cpu: 0,
            *run({ ipc, threads }) {
              yield* ipc.send(threads.b, 2);
            },
          },
        },
      }),
    );
    m.run("a", "c");
    expect(m.status("a")).toBe("timed");
    expect(m.run("a")).toEqual(["send timer fires"]);
    m.run("b");
    expect(log).toEqual(["timeout (send)", 2]);
  });

  test("a finite timer may fire while its thread waits", async () => {
    const log: unknown[] = [];
    const m = await drive(
      protocol("p", {
        kernel: one(),
        threads: {
          a: {
            cpu: 0,
            *run({ ipc }) {
              log.push(outcome(yield* ipc.wait({ receive: "finite" })));
            },
          },
        },
      }),
    );
    expect(m.run("a", "a")).toEqual(["receive without sending", "receive timer fires"]);
    expect(log).toEqual(["timeout (receive)"]);
  });

  test("a thread without a timer that is blocked cannot be stepped", async () => {
    const m = await drive(
      protocol("p", {
        kernel: one(),
        threads: {
          a: {
            cpu: 0,
            *run({ ipc }) {
              yield* ipc.wait();
            },
          },
        },
      }),
    );
    m.run("a");
    expect(() => m.step("a")).toThrow("thread a is blocked: waiting for a message from anyone");
  });

  test("reading the message after an error is an unhandled error", async () => {
    const m = await drive(
      protocol("p", {
        kernel: one(),
        threads: {
          a: {
            cpu: 0,
            *run({ ipc }) {
              const got = yield* ipc.wait({ receive: "zero" });
              void got.message;
            },
          },
        },
      }),
    );
    expect(m.step("a")).toMatchObject({ violation: { kind: "unhandled-error", thread: 0 } });
    expect(() => m.step("a")).toThrow("the run has ended with a violation");
  });

  test("a message outside its domain is found by the step that brings the thread there", async () => {
    const m = await drive(
      protocol("p", {
        kernel: one(),
        threads: {
          a: {
            cpu: 0,
            *run({ ipc, threads }) {
              const got = yield* ipc.wait({ receive: "zero" });
              yield* ipc.send(threads.a, got.error === "timeout" ? 10 : 1);
            },
          },
        },
      }),
    );
    expect(m.step("a")).toMatchObject({ violation: { kind: "out-of-range", thread: 0 } });
  });
});

describe("cancel and delete", () => {
  test("cancel ends a send, a receive, and nothing else", async () => {
    const log: unknown[] = [];
    const m = await drive(
      protocol("p", {
        kernel: one(),
        threads: {
          sender: {
            cpu: 0,
            *run({ ipc, threads }) {
              log.push(outcome(yield* ipc.send(threads.other, 1)));
              yield* ipc.wait();
            },
          },
          receiver: {
            cpu: 0,
            *run({ ipc }) {
              log.push(outcome(yield* ipc.wait()));
            },
          },
          other: {
            cpu: 0,
            *run({ ipc }) {
              yield* ipc.wait();
            },
          },
          supervisor: {
            cpu: 0,
            *run({ ipc, threads }) {
              log.push((yield* ipc.cancel(threads.sender)).acted, (yield* ipc.cancel(threads.receiver)).acted, (yield* ipc.cancel(threads.other)).acted);
            },
          },
        },
      }),
    );
    expect(m.run("sender", "receiver", "supervisor", "supervisor", "supervisor")).toEqual([
      "queue as sender",
      "receive without sending",
      "cancel a send",
      "cancel a receive",
      "nothing to cancel",
    ]);
    expect(log).toEqual(["cancelled (send)", "cancelled (receive)", true, true, false]);
    expect(m.executor.project()["ipc.senders"]?.[2]).toEqual([]);
  });

  test("cancel of nobody is out of range", async () => {
    const m = await drive(
      protocol("p", {
        kernel: one(),
        threads: {
          a: {
            cpu: 0,
            *run({ ipc }) {
              yield* ipc.cancel(nobody);
            },
          },
        },
      }),
    );
    expect(m.step("a").violation?.kind).toBe("out-of-range");
  });

  test("deletion unwinds the thread and leaves its senders polling, untold", async () => {
    const log: unknown[] = [];
    const m = await drive(
      protocol("p", {
        kernel: one(),
        threads: {
          a: {
            cpu: 0,
            *run({ ipc, threads }) {
              yield* ipc.send(threads.b, 1);
            },
          },
          b: {
            cpu: 0,
            *run({ ipc, threads }) {
              yield* ipc.send(threads.c, 1);
            },
          },
          c: {
            cpu: 0,
            *run({ ipc }) {
              yield* ipc.wait({ receive: "zero" });
              log.push("still there");
              yield* ipc.wait();
            },
          },
          d: {
            cpu: 0,
            *run({ ipc, threads }) {
              yield* ipc.delete(threads.b);
              log.push(outcome(yield* ipc.send(threads.b, 1)));
              yield* ipc.cancel(threads.a);
            },
          },
        },
      }),
    );
    expect(m.run("a", "b", "d", "d")).toEqual(["queue as sender", "queue as sender", "delete", "send to nobody there"]);
    expect(log).toEqual(["non-existing (send)"]);
    expect(m.status("b")).toBe("finished");
    expect(m.queue("a")).toBe("unlinked from the send queue of b, which was deleted");
    expect(m.executor.project()["ipc.senders"]?.[2]).toEqual([]);
    expect(m.run("d")).toEqual(["cancel a send"]);
    expect(m.run("c")).toEqual(["receive without sending"]);
  });

  test("a thread can delete itself", async () => {
    const m = await drive(
      protocol("p", {
        kernel: one(),
        threads: {
          a: {
            cpu: 0,
            *run({ ipc, self }) {
              yield* ipc.delete(self);
              throw new Error("runs on");
            },
          },
        },
      }),
    );
    expect(m.step("a")).toMatchObject({ rule: "delete", completed: [] });
    expect(m.status("a")).toBe("finished");
  });
});

describe("across CPUs", () => {
  const call = (kernel: ReturnType<typeof two>, log: unknown[]) =>
    protocol("p", {
      kernel,
      threads: {
        client: {
          cpu: 0,
          *run({ ipc, threads }) {
            log.push((yield* ipc.call(threads.server, 4)).message);
          },
        },
        server: {
          cpu: 1,
          *run({ ipc }) {
            const request = yield* ipc.wait();
            log.push(outcome(yield* ipc.send(request.from, 5, { send: "zero" })));
          },
        },
      },
    });

  test("request, remote check and completion are separate steps, and a reply with timeout zero falls into the gap", async () => {
    const log: unknown[] = [];
    const m = await drive(call(two(), log));
    expect(m.run("server", "client", "client", "server", "server")).toEqual([
      "receive without sending",
      "request on the other CPU",
      "remote check: transfer",
      "request on the other CPU",
      "remote check: timeout zero",
    ]);
    expect(m.run("client")).toEqual(["begin the receive phase"]);
    expect(log).toEqual(["timeout (send)"]);
    expect(m.queue("client")).toBe("waiting for a message from server");
  });

  test("the reply arrives if the caller waits already", async () => {
    const log: unknown[] = [];
    const m = await drive(call(two(), log));
    m.run("server", "client", "client", "client", "server");
    expect(m.run("server", "server")).toEqual(["remote check: transfer", "begin the receive phase"]);
    expect(log).toEqual([5, "none"]);
  });

  test("with atomic: true the gap is closed", async () => {
    const log: unknown[] = [];
    const m = await drive(call(two(true), log));
    expect(m.run("server", "client", "server")).toEqual(["receive without sending", "transfer", "transfer"]);
    expect(log).toEqual(["none", 5]);
  });

  test("a queued caller of another CPU begins its receive phase in a step of its own", async () => {
    const log: unknown[] = [];
    const m = await drive(call(two(), log));
    expect(m.run("client", "client", "server")).toEqual(["request on the other CPU", "remote check: queue", "receive without sending"]);
    expect(m.status("client")).toBe("ready");
    expect(m.executor.project()["ipc.state"]).toEqual(["sent", "running"]);
    expect(m.run("client")).toEqual(["begin the receive phase"]);
  });

  test("a receiver that is deleted between request and check is gone", async () => {
    const log: unknown[] = [];
    const m = await drive(
      protocol("p", {
        kernel: two(),
        threads: {
          client: {
            cpu: 0,
            *run({ ipc, threads }) {
              log.push(outcome(yield* ipc.send(threads.server, 4)));
            },
          },
          server: {
            cpu: 1,
            *run({ ipc }) {
              yield* ipc.wait();
            },
          },
          killer: {
            cpu: 0,
            *run({ ipc, threads }) {
              yield* ipc.delete(threads.server);
            },
          },
        },
      }),
    );
    expect(m.run("client", "killer", "client")).toEqual(["request on the other CPU", "delete", "remote check: gone"]);
    expect(log).toEqual(["non-existing (send)"]);
  });
});
