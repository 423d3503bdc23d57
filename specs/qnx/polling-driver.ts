/**
 * A driver of high priority looks after its device by polling, and a client of low priority on the same CPU is to start the
 * device. Without a pause between two looks the client never runs, and so the device never has anything to say. A receive
 * with a timeout is the pause: the driver sleeps, the client runs, and the timer interrupts it for the next look.
 */
import { flag, int, protocol } from "ipc-check";
import * as qnx from "ipc-check/kernels/qnx";

/** Where the driver waits; nobody has a command for it here. */
const commands = qnx.channel({ message: int(0, 0) });

export const broken = protocol("a driver that polls without a pause", {
  kernel: qnx.kernel({ cpus: 1 }),
  scheduling: "priority",
  objects: { commands },
  memory: { started: flag, handled: flag },
  threads: {
    driver: {
      cpu: 0,
      priority: 2,
      *run({ commands, started, handled }) {
        while (!(yield* started.load())) yield* commands.receive({ timeout: "zero" });
        yield* handled.store(true);
      },
    },
    client: {
      cpu: 0,
      priority: 1,
      *run({ started }) {
        yield* started.store(true);
      },
    },
  },
  expect: { violated: "deadlock" },
});

export const repaired = protocol("a driver that sleeps between two looks", {
  kernel: qnx.kernel({ cpus: 1 }),
  scheduling: "priority",
  objects: { commands },
  memory: { started: flag, handled: flag },
  threads: {
    driver: {
      cpu: 0,
      priority: 2,
      *run({ commands, started, handled }) {
        while (!(yield* started.load())) yield* commands.receive({ timeout: "finite" });
        yield* handled.store(true);
      },
    },
    client: {
      cpu: 0,
      priority: 1,
      *run({ started }) {
        yield* started.store(true);
      },
    },
  },
  expect: "holds",
});
