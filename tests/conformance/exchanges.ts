/**
 * For each kernel and variant a protocol of one exchange between two threads, mostly on two CPUs: small enough that all
 * schedules of the machine are tried, with kernel code interleaved at locks.
 */
import { int, protocol } from "ipc-check";
import * as exec from "ipc-check/kernels/exec";
import * as fiasco from "ipc-check/kernels/fiasco";
import * as genode from "ipc-check/kernels/genode";
import * as k42 from "ipc-check/kernels/k42";
import * as l4 from "ipc-check/kernels/l4";
import * as lwkt from "ipc-check/kernels/lwkt";
import * as mach from "ipc-check/kernels/mach";
import * as minix from "ipc-check/kernels/minix";
import * as nemesis from "ipc-check/kernels/nemesis";
import * as qnx from "ipc-check/kernels/qnx";
import * as sel4 from "ipc-check/kernels/sel4";
import * as shm from "ipc-check/kernels/shm";

const cpus = 2;
const message = int(0, 1);

/** One L4 thread calls the other, which replies. */
const l4Call = (name: string, kernel: ReturnType<typeof l4.kernel<number, object>>) =>
  protocol(name, {
    kernel,
    threads: {
      server: {
        cpu: 0,
        *run({ ipc }) {
          const request = yield* ipc.wait();
          yield* ipc.send(request.from, 1, { send: "zero" });
        },
      },
      client: {
        cpu: 1,
        *run({ ipc, threads }) {
          yield* ipc.call(threads.server, 0);
        },
      },
    },
  });
export const l4Split = l4Call("l4", l4.kernel({ cpus, message }));
export const l4Atomic = l4Call("l4, atomic", l4.kernel({ cpus, message, atomic: true }));
export const l4Direct = l4Call("l4 X.2, direct switches", l4.kernel({ cpus, message, atomic: true, directSwitch: true }));

/** A send whose timer may fire. */
const l4Timed = (name: string, kernel: ReturnType<typeof l4.kernel<number, object>>) =>
  protocol(name, {
    kernel,
    threads: {
      receiver: {
        cpu: 0,
        *run({ ipc, threads }) {
          yield* ipc.receive(threads.sender);
        },
      },
      sender: {
        cpu: 1,
        *run({ ipc, threads }) {
          yield* ipc.send(threads.receiver, 0, { send: "finite" });
        },
      },
    },
  });
export const l4Timeout = l4Timed("l4, with a timeout", l4.kernel({ cpus, message, atomic: true }));
export const l4Race = l4Timed("l4 X.2, a timer that races", l4.kernel({ cpus, message, timerRace: true }));

/** A string whose page is absent. */
const l4String = (name: string, strings: "x2" | "v2") =>
  protocol(name, {
    kernel: l4.kernel({ cpus, message, strings }),
    threads: {
      receiver: {
        cpu: 0,
        *run({ ipc, threads }) {
          yield* ipc.wait({ buffer: "absent", pager: threads.sender, transfer: "zero" });
        },
      },
      sender: {
        cpu: 1,
        *run({ ipc, threads }) {
          yield* ipc.send(threads.receiver, 0, { string: "mapped", pager: threads.receiver });
        },
      },
    },
  });
export const l4Strings = l4String("l4 X.2, strings", "x2");
export const l4StringsV2 = l4String("l4 X.2, strings of version 2", "v2");

export const l4Spaces = protocol("l4 X.2, spaces", {
  kernel: l4.kernel({ cpus, message, spaces: true, halting: "deferred", atomic: true }),
  threads: {
    debugger: {
      cpu: 0,
      *run({ ipc, threads, self }) {
        yield* ipc.move(threads.waiter, self);
        yield* ipc.exchange(threads.waiter, { H: "halt" });
        yield* ipc.send(threads.waiter, 0);
      },
    },
    waiter: {
      cpu: 1,
      *run({ ipc }) {
        yield* ipc.wait();
      },
    },
  },
});

export const l4Versions = protocol("l4 X.2, versions", {
  kernel: l4.kernel({ cpus, message, versions: 2, atomic: true }),
  threads: {
    sender: {
      cpu: 0,
      *run({ ipc, threads }) {
        yield* ipc.send(threads.receiver, 0, { version: 1, send: "zero" });
        yield* ipc.send(threads.receiver, 0, { version: 0 });
      },
    },
    receiver: {
      cpu: 1,
      *run({ ipc }) {
        yield* ipc.wait();
      },
    },
  },
});

export const l4Notification = protocol("l4, a notification", {
  kernel: l4.kernel({ cpus, message }),
  objects: { bell: l4.notification({ bits: 2 }) },
  threads: {
    waiter: {
      cpu: 0,
      *run({ bell }) {
        yield* bell.wait();
      },
    },
    signaller: {
      cpu: 1,
      *run({ bell }) {
        yield* bell.signal(1);
        yield* bell.signal(2);
      },
    },
  },
});

export const shmFutex = protocol("shm", {
  kernel: shm.kernel({ cpus }),
  memory: { flag: int(0, 1) },
  threads: {
    sleeper: {
      cpu: 0,
      *run({ futex, flag }) {
        yield* futex.wait(flag, 0);
      },
    },
    waker: {
      cpu: 1,
      *run({ futex, flag }) {
        yield* flag.store(1);
        yield* futex.wake(flag, 1);
      },
    },
  },
});

export const shmRequeue = protocol("shm with requeue", {
  kernel: shm.kernel({ cpus, requeue: "counted-early" }),
  memory: { from: int(0, 1), to: int(0, 1) },
  threads: {
    sleeper: {
      cpu: 0,
      *run({ futex, from }) {
        yield* futex.wait(from, 0);
      },
    },
    mover: {
      cpu: 1,
      *run({ futex, from, to }) {
        yield* futex.requeue(from, to, { wake: 0, move: 1 });
        yield* futex.wake(to, 1);
      },
    },
  },
});

export const qnxSend = protocol("qnx", {
  kernel: qnx.kernel({ cpus }),
  objects: { front: qnx.channel({ message, pulse: int(0, 1), capacity: 1, unblock: false }) },
  threads: {
    server: {
      cpu: 0,
      *run({ front, threads }) {
        yield* front.receive();
        yield* front.reply(threads.client, 1);
      },
    },
    client: {
      cpu: 1,
      *run({ front }) {
        yield* front.send(0);
      },
    },
  },
});

const endpoints = sel4.system({ cpus, message });
export const sel4Call = protocol("sel4", {
  kernel: endpoints.kernel,
  objects: { front: endpoints.endpoint() },
  threads: {
    server: {
      cpu: 0,
      *run({ front, ipc }) {
        yield* front.recv();
        yield* ipc.reply(1);
      },
    },
    client: {
      cpu: 1,
      *run({ front }) {
        yield* front.call(0);
      },
    },
  },
});

const contexts = sel4.mcs({ cpus, message });
export const sel4McsCall = protocol("sel4 with MCS", {
  kernel: contexts.kernel,
  objects: { front: contexts.endpoint(), answer: contexts.reply() },
  threads: {
    server: {
      cpu: 0,
      *run({ front, answer }) {
        yield* front.recv(answer);
        yield* answer.send(1);
      },
    },
    client: {
      cpu: 1,
      *run({ front }) {
        yield* front.call(0);
      },
    },
  },
});

/** A message that waits in its port. */
const machSend = (name: string, rights: mach.System<number>) =>
  protocol(name, {
    kernel: rights.kernel,
    objects: { service: rights.port({ limit: 1 }), server: rights.task({ receive: ["service"] }), client: rights.task({ send: ["service"] }) },
    threads: {
      serving: {
        cpu: 0,
        *run({ server, service }) {
          yield* server.receive(service.name);
        },
      },
      calling: {
        cpu: 1,
        *run({ client, service }) {
          yield* client.send(service.name, 0);
        },
      },
    },
  });
export const machGnu = machSend("mach", mach.system({ cpus, message, slots: 1, references: 1, makes: 1 }));
export const machXnu = machSend("mach, XNU", mach.system({ cpus, message, slots: 1, references: 1, makes: 1, personality: "xnu" }));

export const minixSendrec = protocol("minix", {
  kernel: minix.kernel({ cpus, message }),
  threads: {
    server: {
      cpu: 0,
      *run({ ipc, threads }) {
        yield* ipc.receive();
        yield* ipc.sendnb(threads.client, 1);
      },
    },
    client: {
      cpu: 1,
      *run({ ipc, threads }) {
        yield* ipc.sendrec(threads.server, 0);
      },
    },
  },
});

/** A call of an entrypoint. */
const genodeCall = (name: string, entrypoints: ReturnType<typeof genode.system<number>>) =>
  protocol(name, {
    kernel: entrypoints.kernel,
    objects: { main: entrypoints.entrypoint() },
    threads: {
      server: {
        cpu: 0,
        *run({ main }) {
          yield* main.wait();
          yield* main.replyAndWait(1);
        },
      },
      client: {
        cpu: 1,
        *run({ main }) {
          yield* main.call(0);
        },
      },
    },
  });
export const genodeGeneric = genodeCall("genode", genode.system({ cpus, message, counts: 1 }));
export const genodeHw = genodeCall("genode on base-hw", genode.system({ cpus, message, counts: 1, core: "base-hw" }));

export const fiascoAtomic = protocol("fiasco, atomic", {
  kernel: fiasco.system({ cpus, message, atomic: true }).kernel,
  threads: {
    server: {
      cpu: 0,
      *run({ ipc }) {
        yield* ipc.wait();
        yield* ipc.reply(1);
      },
    },
    client: {
      cpu: 1,
      *run({ ipc, threads }) {
        yield* ipc.call(threads.server, 0);
      },
    },
  },
});

/** A message whose request and transfer are steps of their own, on two CPUs. */
const fiascoSend = (name: string, { kernel }: fiasco.System<number>) =>
  protocol(name, {
    kernel,
    threads: {
      server: {
        cpu: 0,
        *run({ ipc }) {
          yield* ipc.wait();
        },
      },
      client: {
        cpu: 1,
        *run({ ipc, threads }) {
          yield* ipc.send(threads.server, 0);
        },
      },
    },
  });
export const fiascoSplit = fiascoSend("fiasco", fiasco.system({ cpus, message }));
export const fiascoDeferred = fiascoSend("fiasco, deferred", fiasco.system({ cpus, message, deferred: true }));

/** A message and its reply by interprocessor interrupts. */
const lwktCall = (name: string, lightweight: lwkt.System<number>) =>
  protocol(name, {
    kernel: lightweight.kernel,
    objects: { request: lightweight.message() },
    threads: {
      server: {
        cpu: 0,
        *run({ lwkt }) {
          const next = yield* lwkt.waitport();
          yield* lwkt.replymsg(next.message, 1);
        },
      },
      client: {
        cpu: 1,
        *run({ lwkt, threads, request }) {
          yield* lwkt.domsg(threads.server, request.number, 0);
        },
      },
    },
  });
export const lwktNow = lwktCall("lwkt", lwkt.system({ cpus, value: message, slots: 2, ipiq: 1 }));
export const lwktFlags = lwktCall("lwkt, replies by flags", lwkt.system({ cpus, value: message, slots: 2, ipiq: 1, reply: "flags" }));

/** A protected procedure call. */
const k42Call = (name: string, dispatchers: k42.System<number>) =>
  protocol(name, {
    kernel: dispatchers.kernel,
    objects: { server: dispatchers.dispatcher(), client: dispatchers.dispatcher() },
    threads: {
      worker: {
        cpu: 0,
        *run({ server, threads }) {
          yield* server.accept();
          yield* server.reply(threads.user, 1);
        },
      },
      user: {
        cpu: 1,
        *run({ client, server }) {
          yield* client.call(server, 0);
        },
      },
    },
  });
export const k42Plain = k42Call("k42", k42.system({ cpus, message, buffer: 1 }));
export const k42Handlers = k42Call("k42 with handlers", k42.system({ cpus, message, buffer: 1, handlers: 1 }));

/** A message to a port and its reply. */
const execCall = (name: string, tasks: exec.System<number>) =>
  protocol(name, {
    kernel: tasks.kernel,
    objects: { inbox: tasks.port(), answers: tasks.port(), letter: tasks.message({ replyPort: "answers" }) },
    threads: {
      server: {
        cpu: 0,
        *run({ exec, inbox }) {
          yield* inbox.create();
          yield* inbox.waitPort();
          const got = yield* inbox.getMsg();
          if (got.error === "none") yield* exec.replyMsg(got.message, 1);
        },
      },
      client: {
        cpu: 0,
        *run({ inbox, answers, letter }) {
          yield* answers.create();
          yield* inbox.putMsg(letter, 0);
          yield* answers.waitPort();
        },
      },
    },
  });
export const execDisabled = execCall("exec", exec.system({ value: message, signals: 1 }));
export const execExposed = execCall("exec, exposed test", exec.system({ value: message, signals: 1, wait: "exposed" }));

/** An event and its acknowledgement. */
const nemesisEvent = (name: string, events: nemesis.System) =>
  protocol(name, {
    kernel: events.kernel,
    objects: { left: events.domain(), right: events.domain(), bell: events.channel({ from: "left", to: "right" }) },
    threads: {
      sender: {
        cpu: 0,
        *run({ bell }) {
          yield* bell.send(1);
        },
      },
      receiver: {
        cpu: 1,
        *run({ right, bell }) {
          yield* right.block({ awaited: bell });
          yield* bell.acknowledge(1);
        },
      },
    },
  });
export const nemesisAtomic = nemesisEvent("nemesis", nemesis.system({ cpus, counts: 2, slots: 1 }));
export const nemesisSplit = nemesisEvent("nemesis, split sends", nemesis.system({ cpus, counts: 2, slots: 1, send: "split" }));
export const nemesisRing = nemesisEvent("nemesis, deferred sends", nemesis.system({ cpus, counts: 2, slots: 1, ring: 1, preempts: false }));
