/**
 * A driver dies while a client waits for its asynchronous answer in RECEIVE from ANY: those who wait for ANY learn nothing
 * of the death of an endpoint. Either the client subscribes to such events, or it uses SENDREC, which ends with
 * EDEADSRCDST. Scenario MINIX-12 (system.c, clear_endpoint).
 */
import { check, oneOf, protocol, type ThreadId } from "ipc-check";
import * as minix from "ipc-check/kernels/minix";

const message = oneOf("read", "data");
type Ipc = minix.Ipc<"read" | "data">;

function* drive(ipc: Ipc) {
  while (true) {
    const request = yield* ipc.receive();
    if (request.call === "SENDREC") yield* ipc.sendnb(request.from, "data");
    else yield* ipc.senda(request.from, "data");
  }
}
/** Reads asynchronously, and waits for whatever comes. */
function* read(ipc: Ipc, driver: ThreadId) {
  const { error } = yield* ipc.senda(driver, "read");
  if (error === "none") yield* ipc.receive({ idle: false });
}

export const broken = protocol("a death that nobody hears of", {
  scenario: "MINIX-12",
  kernel: minix.kernel({ cpus: 1, message }),
  threads: {
    driver: {
      cpu: 0,
      *run({ ipc }) {
        yield* drive(ipc);
      },
    },
    client: {
      cpu: 0,
      *run({ ipc, threads }) {
        yield* read(ipc, threads.driver);
      },
    },
    rs: {
      cpu: 0,
      *run({ ipc, threads }) {
        yield* ipc.exit(threads.driver);
      },
    },
  },
  expect: { violated: "deadlock" },
});

export const repaired = protocol("a death that is announced", {
  scenario: "MINIX-12",
  kernel: minix.kernel({ cpus: 1, message }),
  threads: {
    driver: {
      cpu: 0,
      *run({ ipc }) {
        yield* drive(ipc);
      },
    },
    client: {
      cpu: 0,
      *run({ ipc, threads }) {
        yield* read(ipc, threads.driver);
      },
    },
    rs: {
      cpu: 0,
      *run({ ipc, threads }) {
        yield* ipc.exit(threads.driver);
        yield* ipc.notify(threads.client);
      },
    },
  },
  expect: "holds",
});

export const synchronous = protocol("a call that ends with the driver", {
  scenario: "MINIX-12",
  kernel: minix.kernel({ cpus: 1, message }),
  threads: {
    driver: {
      cpu: 0,
      *run({ ipc }) {
        yield* drive(ipc);
      },
    },
    client: {
      cpu: 0,
      *run({ ipc, threads }) {
        const { error } = yield* ipc.sendrec(threads.driver, "read");
        check(error === "none" || error === "EDEADSRCDST", "the call ends with data or with the driver");
      },
    },
    rs: {
      cpu: 0,
      *run({ ipc, threads }) {
        yield* ipc.exit(threads.driver);
      },
    },
  },
  expect: "holds",
});
