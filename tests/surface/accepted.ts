/**
 * What the surface must accept, held by the type checker alone: a replicated Peterson lock, an arbitrary client,
 * two-phase commit with guarded steps, and a small invented kernel.
 */
import {
  array,
  bool,
  check,
  choose,
  flag,
  ghost,
  int,
  kernel,
  local,
  nobody,
  oneOf,
  type Op,
  operation,
  perCpu,
  perThread,
  protocol,
  queue,
  record,
  step,
  type ThreadId,
  threadId,
  waitUntil,
} from "ipc-check";
import * as l4 from "ipc-check/kernels/l4";

export const peterson = protocol("Peterson", {
  kernel: kernel({ name: "memory", operations: [], api: {} }),
  memory: { interested: array(2, flag), turn: int(0, 1), inside: ghost(int(0, 2)) },
  threads: {
    process: {
      count: 2,
      cpu: (index) => index,
      *run({ interested, turn, inside, index }) {
        while (true) {
          yield* interested.at(index).store(true);
          yield* turn.store(1 - index);
          while ((yield* interested.at(1 - index).load()) && (yield* turn.load()) !== index) {}
          inside.value += 1;
          yield* step({});
          inside.value -= 1;
          yield* interested.at(index).store(false);
        }
      },
    },
  },
  invariants: { exclusion: ({ inside }) => inside < 2 },
});

export const general = protocol("a server against any client", {
  kernel: l4.kernel({ cpus: 1, message: record({ operation: oneOf("open", "close"), argument: int(0, 3) }) }),
  threads: {
    server: {
      cpu: 0,
      *run({ ipc }) {
        while (true) {
          const request = yield* ipc.wait({ idle: true });
          if (request.message.operation === "open") check(request.message.argument < 4);
          yield* ipc.send(request.from, request.message, { send: "zero" });
        }
      },
    },
    client: { cpu: 0, untrusted: "arbitrary", holds: ["server"] },
  },
});

export const commit = protocol("two-phase commit", {
  kernel: kernel({ name: "memory", operations: [], api: {} }),
  parameters: { managers: 3 },
  memory: {
    manager: array(3, oneOf("working", "prepared", "committed", "aborted")),
    prepared: array(3, flag),
    decision: oneOf("none", "commit", "abort"),
    log: queue(int(0, 2), 3),
  },
  threads: {
    coordinator: {
      *run({ decision, prepared }) {
        if (yield* choose(true, false)) {
          yield* step({
            when: () => prepared.at(0).value && prepared.at(1).value && prepared.at(2).value,
            do: () => {
              decision.value = "commit";
            },
          });
        } else
          yield* step({
            do: () => {
              decision.value = "abort";
            },
          });
      },
    },
    manager_: {
      count: "managers",
      *run({ manager, prepared, decision, index, log }) {
        const votes = yield* choose(true, false);
        if (votes) {
          yield* step({
            do: () => {
              manager.at(index).value = "prepared";
              prepared.at(index).value = true;
              log.push(index);
            },
          });
          const outcome = yield* waitUntil(decision, (value) => value !== "none");
          let tries = local(int(0, 3), 0);
          tries = tries + 1;
          yield* manager.at(index).write(outcome === "commit" ? "committed" : "aborted");
        } else yield* manager.at(index).write("aborted");
      },
    },
  },
  invariants: { agreement: ({ manager }) => !(manager.includes("aborted") && manager.includes("committed")) },
});

// A kernel with one mailbox a thread and a bell on every CPU.
const mailbox = perThread("mailbox", { full: bool(), value: int(0, 3), sender: threadId });
const bell = perCpu("bell", { rung: bool() });
const take = operation({
  name: "take",
  args: {},
  result: { value: int(0, 3), sender: threadId },
  rules: {
    take: {
      when: (k) => k.of(mailbox, k.self).full && k.of(bell, k.cpuOf(k.self)).rung,
      do: (k) => {
        const mine = k.of(mailbox, k.self);
        mine.full = false;
        k.complete(k.self, { value: mine.value, sender: mine.sender });
        mine.value = 0;
        mine.sender = nobody;
      },
    },
  },
  waits: { empty: { says: "waiting at an empty mailbox", kind: "receive", wakers: [{ by: ["post"] }], idle: () => true } },
});
const post = operation({
  name: "post",
  args: { to: threadId, value: int(0, 3) },
  result: { stored: bool() },
  rules: {
    post: {
      when: (k) => !k.of(mailbox, k.args.to).full,
      do: (k) => {
        const theirs = k.of(mailbox, k.args.to);
        theirs.full = true;
        theirs.value = k.args.value;
        theirs.sender = k.self;
        k.complete(k.self, { stored: true });
      },
    },
    "mailbox full": { when: (k) => k.of(mailbox, k.args.to).full, do: (k) => k.complete(k.self, { stored: false }) },
  },
});
interface Mail {
  post(to: ThreadId, value: number): Op<{ readonly stored: boolean }>;
  take(): Op<{ readonly value: number; readonly sender: ThreadId }>;
}
const mail: Mail = { post: (to, value) => post({ to, value }), take: () => take({}) };

export const invented = protocol("an invented kernel", {
  kernel: kernel({
    name: "mailboxes",
    cpus: 2,
    state: [mailbox, bell],
    operations: [take, post],
    background: {
      ring: {
        each: "cpu",
        when: (k) => !k.of(bell, k.cpu).rung,
        do: (k) => {
          k.of(bell, k.cpu).rung = true;
        },
      },
    },
    api: { mail },
  }),
  threads: {
    reader: {
      cpu: 0,
      *run({ mail }) {
        while (true) yield* mail.take();
      },
    },
    writer: {
      cpu: 1,
      count: 2,
      *run({ mail, threads, self }) {
        check(threads.writer[0] !== nobody && self !== threads.reader);
        yield* mail.post(threads.reader, 3);
      },
    },
  },
});
