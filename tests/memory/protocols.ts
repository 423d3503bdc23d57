/** Small protocols whose verdicts depend on the memory model. */
import { check, fence, int, protocol, step } from "ipc-check";
import * as l4 from "ipc-check/kernels/l4";
import * as shm from "ipc-check/kernels/shm";

const words = { x: int(0, 1), y: int(0, 1), both: int(0, 2) };
const notBoth = { atMostOne: ({ both }: { readonly both: number }): boolean => both < 2 };

export const storeBuffering = protocol("store buffering", {
  kernel: shm.kernel(),
  memory: words,
  threads: {
    a: {
      *run({ x, y, both }) {
        yield* x.store(1, "relaxed");
        if ((yield* y.load("relaxed")) === 0) yield* both.fetchAdd(1);
      },
    },
    b: {
      *run({ x, y, both }) {
        yield* y.store(1, "relaxed");
        if ((yield* x.load("relaxed")) === 0) yield* both.fetchAdd(1);
      },
    },
  },
  invariants: notBoth,
});

export const storeBufferingFenced = protocol("store buffering with fences", {
  kernel: shm.kernel(),
  memory: words,
  threads: {
    a: {
      *run({ x, y, both }) {
        yield* x.store(1, "relaxed");
        yield* fence();
        if ((yield* y.load("relaxed")) === 0) yield* both.fetchAdd(1);
      },
    },
    b: {
      *run({ x, y, both }) {
        yield* y.store(1, "relaxed");
        yield* fence();
        if ((yield* x.load("relaxed")) === 0) yield* both.fetchAdd(1);
      },
    },
  },
  invariants: notBoth,
});

export const storeBufferingOneCpu = protocol("store buffering on one CPU", {
  kernel: shm.kernel({ cpus: 1 }),
  memory: words,
  threads: {
    a: {
      cpu: 0,
      *run({ x, y, both }) {
        yield* x.store(1, "relaxed");
        if ((yield* y.load("relaxed")) === 0) yield* both.fetchAdd(1);
      },
    },
    b: {
      cpu: 0,
      *run({ x, y, both }) {
        yield* y.store(1, "relaxed");
        if ((yield* x.load("relaxed")) === 0) yield* both.fetchAdd(1);
      },
    },
  },
  invariants: notBoth,
});

const pair = { data: int(0, 1), ready: int(0, 1) };
const publish = (name: string, order: "relaxed" | "release") =>
  protocol(name, {
    kernel: shm.kernel(),
    memory: pair,
    threads: {
      a: {
        *run({ data, ready }) {
          yield* data.store(1, "relaxed");
          yield* ready.store(1, order);
        },
      },
      b: {
        *run({ data, ready }) {
          while ((yield* ready.load("acquire")) === 0);
          check((yield* data.load("relaxed")) === 1, "what was published is there");
        },
      },
    },
  });
export const publishRelaxed = publish("publish, relaxed", "relaxed");
export const publishRelease = publish("publish, release", "release");

const publishPlainly = (name: string, order: "relaxed" | "release") =>
  protocol(name, {
    kernel: shm.kernel(),
    memory: pair,
    threads: {
      a: {
        *run({ data, ready }) {
          yield* data.write(1);
          yield* ready.store(1, order);
        },
      },
      b: {
        *run({ data, ready }) {
          while ((yield* ready.load("acquire")) === 0);
          check((yield* data.read()) === 1, "what was published is there");
        },
      },
    },
  });
export const publishPlain = publishPlainly("publish plain data", "release");
export const publishPlainRelaxed = publishPlainly("publish plain data, relaxed", "relaxed");

export const readNotOrdered = protocol("a read that the later write is not ordered with", {
  kernel: shm.kernel(),
  memory: pair,
  threads: {
    a: {
      *run({ data, ready }) {
        yield* data.read();
        yield* ready.store(1, "relaxed");
      },
    },
    b: {
      *run({ data, ready }) {
        while ((yield* ready.load("acquire")) === 0);
        yield* data.write(1);
      },
    },
  },
});

export const sendAfterStore = protocol("a message sent after a store", {
  kernel: l4.kernel({ cpus: 2, message: int(0, 1) }),
  memory: { data: int(0, 1) },
  threads: {
    receiver: {
      cpu: 0,
      *run({ ipc, data }) {
        const message = yield* ipc.wait();
        if (message.error === "none") check((yield* data.load("relaxed")) === 1, "what the sender stored is there");
      },
    },
    sender: {
      cpu: 1,
      *run({ ipc, data, threads }) {
        yield* data.store(1, "relaxed");
        yield* ipc.send(threads.receiver, 0);
      },
    },
  },
});

export const signalAfterStore = protocol("a signal after a store", {
  kernel: l4.kernel({ cpus: 2, message: int(0, 1) }),
  objects: { bell: l4.notification({ bits: 1 }) },
  memory: { data: int(0, 1) },
  threads: {
    waiter: {
      cpu: 0,
      *run({ bell, data }) {
        yield* bell.wait();
        check((yield* data.load("relaxed")) === 1, "what the signaller stored is there");
      },
    },
    signaller: {
      cpu: 1,
      *run({ bell, data }) {
        yield* data.store(1, "relaxed");
        yield* bell.signal(1);
      },
    },
  },
});

export const stepAfterStore = protocol("a step after a store", {
  kernel: shm.kernel(),
  memory: { data: int(0, 1), turn: int(0, 1) },
  threads: {
    a: {
      *run({ data, turn }) {
        yield* data.store(1, "relaxed");
        yield* step({ do: () => (turn.value = 1) });
      },
    },
    b: {
      *run({ data, turn }) {
        yield* step({ when: () => turn.value === 1 });
        check((yield* data.load("relaxed")) === 1, "what was stored before the step is there");
      },
    },
  },
});

export const futexWake = protocol("store, then wake", {
  kernel: shm.kernel(),
  memory: { word: int(0, 1) },
  threads: {
    waker: {
      *run({ word, futex }) {
        yield* word.store(1, "relaxed");
        yield* futex.wake(word, 1);
      },
    },
    sleeper: {
      *run({ word, futex }) {
        while ((yield* word.load("relaxed")) === 0) yield* futex.wait(word, 0);
      },
    },
  },
});

export const lastStore = protocol("a wait for a store of a thread that ends", {
  kernel: shm.kernel(),
  memory: { x: int(0, 1) },
  threads: {
    a: {
      *run({ x }) {
        yield* x.store(1, "relaxed");
      },
    },
    b: {
      *run({ x }) {
        while ((yield* x.load("relaxed")) === 0);
      },
    },
  },
});

export const endlessStores = protocol("stores for ever", {
  kernel: shm.kernel(),
  memory: { x: int(0, 1) },
  threads: {
    a: {
      *run({ x }) {
        while (true) {
          yield* x.store(1, "relaxed");
          yield* x.store(0, "relaxed");
        }
      },
    },
    b: {
      *run({ x }) {
        while (true) yield* x.load("relaxed");
      },
    },
  },
});

export const fencedStores = protocol("stores for ever, one at a time", {
  kernel: shm.kernel(),
  memory: { x: int(0, 1) },
  threads: {
    a: {
      *run({ x }) {
        while (true) {
          yield* x.store(1, "relaxed");
          yield* fence();
          yield* x.store(0, "relaxed");
          yield* fence();
        }
      },
    },
    b: {
      *run({ x }) {
        while (true) yield* x.load("relaxed");
      },
    },
  },
});
