/**
 * What a process learns of a driver that has died depends on how it turns to it: SEND, SENDREC, SENDNB, NOTIFY and a RECEIVE
 * from it fail with EDEADSRCDST at once. A client that takes SENDNB's failure for "not ready yet" and tries again never
 * gets anywhere, and one that does not look at the error uses an answer that it does not have.
 */
import { check, choose, int, protocol, type ThreadId } from "ipc-check";
import * as minix from "ipc-check/kernels/minix";

const message = int(0, 1);

function* drive(ipc: minix.Ipc<number>) {
  while (true) {
    const request = yield* ipc.receive();
    if (request.call === "SENDREC") yield* ipc.sendnb(request.from, 1);
  }
}

export const broken = protocol("a client that does not expect a death", {
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
        while (true) {
          const answer = yield* ipc.sendrec(threads.driver, 0);
          check(answer.message === 1, "the driver answers");
        }
      },
    },
    rs: {
      cpu: 0,
      *run({ ipc, threads }) {
        yield* ipc.exit(threads.driver);
      },
    },
  },
  expect: { violated: "unhandled-error" },
});

/** Turns to the driver in whatever way, until it hears of the death. */
function* probe(ipc: minix.Ipc<number>, driver: ThreadId) {
  let isAlive = true;
  while (isAlive) {
    switch (yield* choose("SEND", "SENDNB", "NOTIFY", "SENDA", "SENDREC")) {
      case "SEND":
        isAlive = (yield* ipc.send(driver, 0)).error !== "EDEADSRCDST";
        break;
      case "SENDNB":
        isAlive = (yield* ipc.sendnb(driver, 0)).error !== "EDEADSRCDST";
        break;
      case "NOTIFY":
        isAlive = (yield* ipc.notify(driver)).error !== "EDEADSRCDST";
        break;
      case "SENDA":
        isAlive = (yield* ipc.senda(driver, 0)).error !== "EDEADSRCDST";
        // Not a second one before the first is taken: the table is finite.
        if (isAlive) isAlive = (yield* ipc.sendrec(driver, 0)).error !== "EDEADSRCDST";
        break;
      case "SENDREC":
        isAlive = (yield* ipc.sendrec(driver, 0)).error !== "EDEADSRCDST";
        break;
    }
  }
  const { error } = yield* ipc.receiveFrom(driver);
  check(error === "EDEADSRCDST", "nothing comes from the dead");
}

export const repaired = protocol("a client that hears of a death whatever it does", {
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
        yield* probe(ipc, threads.driver);
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
