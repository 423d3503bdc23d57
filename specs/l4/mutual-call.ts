/**
 * Two equals use each other's service. If both call at once with infinite timeouts, each waits for the other's receive
 * phase: deadlock. Finite send timeouts end the deadlock, because one side gives up and listens; but both may go on
 * giving up and calling again in step, any number of times. Scenario L4-8.
 */
import { choose, flag, type Ghost, ghost, int, protocol, type ThreadId, type Timeout } from "ipc-check";
import * as l4 from "ipc-check/kernels/l4";

/** Listens for one request and answers it. */
function* listen(ipc: l4.Ipc<number>) {
  const request = yield* ipc.wait();
  yield* ipc.send(request.from, request.message, { send: "zero" });
}

/** Calls or listens, as the work of the day demands. */
function* work(ipc: l4.Ipc<number>, peer: ThreadId, patience: Timeout) {
  while (true) {
    if (yield* choose(true, false)) yield* ipc.call(peer, 1, { send: patience });
    else yield* listen(ipc);
  }
}

export const broken = protocol("both call at once", {
  scenario: "L4-8",
  kernel: l4.kernel({ cpus: 1, message: int(0, 1) }),
  threads: {
    a: {
      cpu: 0,
      *run({ ipc, threads }) {
        yield* work(ipc, threads.b, "infinite");
      },
    },
    b: {
      cpu: 0,
      *run({ ipc, threads }) {
        yield* work(ipc, threads.a, "infinite");
      },
    },
  },
  expect: { violated: "deadlock" },
});

export const repaired = protocol("both call at once and give up in time", {
  scenario: "L4-8",
  kernel: l4.kernel({ cpus: 1, message: int(0, 1) }),
  threads: {
    a: {
      cpu: 0,
      *run({ ipc, threads }) {
        yield* work(ipc, threads.b, "finite");
      },
    },
    b: {
      cpu: 0,
      *run({ ipc, threads }) {
        yield* work(ipc, threads.a, "finite");
      },
    },
  },
  expect: "holds",
});

/** Calls again until the call succeeds, listening for a while between two tries; after that only listens. */
function* insist(ipc: l4.Ipc<number>, peer: ThreadId, inVain: Ghost<number>) {
  let answer = yield* ipc.call(peer, 1, { send: "finite" });
  while (answer.error !== "none") {
    if (inVain.value < 4) inVain.value += 1;
    const request = yield* ipc.wait({ receive: "finite" });
    if (request.error === "none") yield* ipc.send(request.from, request.message, { send: "zero" });
    answer = yield* ipc.call(peer, 1, { send: "finite" });
  }
  inVain.value = 0;
  while (true) yield* listen(ipc);
}

export const retry = protocol("both call again until it works", {
  scenario: "L4-8",
  kernel: l4.kernel({ cpus: 1, message: int(0, 1) }),
  memory: { inVain: ghost(int(0, 4)) },
  threads: {
    a: {
      cpu: 0,
      *run({ ipc, threads, inVain }) {
        yield* insist(ipc, threads.b, inVain);
      },
    },
    b: {
      cpu: 0,
      *run({ ipc, threads, inVain }) {
        yield* insist(ipc, threads.a, inVain);
      },
    },
  },
  expect: "holds",
});

/** The same, asked for more: somebody gets through. Both may call, give up, listen and call again in step for ever. */
export const livelock = protocol("both call again, and nobody need ever get through", {
  scenario: "L4-8",
  kernel: l4.kernel({ cpus: 1, message: int(0, 1) }),
  memory: { through: ghost(flag) },
  threads: {
    a: {
      cpu: 0,
      *run({ ipc, threads, through }) {
        yield* getThrough(ipc, threads.b, through);
      },
    },
    b: {
      cpu: 0,
      *run({ ipc, threads, through }) {
        yield* getThrough(ipc, threads.a, through);
      },
    },
  },
  progress: { goals: { someoneGetsThrough: ({ through }) => through } },
  expect: { violated: "livelock" },
});

/** One side listens for as long as it takes before it calls: the other one gets through. */
export const ordered = protocol("one listens until it was called", {
  scenario: "L4-8",
  kernel: l4.kernel({ cpus: 1, message: int(0, 1) }),
  memory: { through: ghost(flag) },
  threads: {
    a: {
      cpu: 0,
      *run({ ipc, threads, through }) {
        yield* getThrough(ipc, threads.b, through);
      },
    },
    b: {
      cpu: 0,
      *run({ ipc }) {
        while (true) yield* listen(ipc);
      },
    },
  },
  progress: { goals: { someoneGetsThrough: ({ through }) => through } },
  expect: "holds",
});

/** As `insist`, and notes the success. */
function* getThrough(ipc: l4.Ipc<number>, peer: ThreadId, through: Ghost<boolean>) {
  let answer = yield* ipc.call(peer, 1, { send: "finite" });
  while (answer.error !== "none") {
    const request = yield* ipc.wait({ receive: "finite" });
    if (request.error === "none") yield* ipc.send(request.from, request.message, { send: "zero" });
    answer = yield* ipc.call(peer, 1, { send: "finite" });
  }
  through.value = true;
  while (true) yield* listen(ipc);
}
