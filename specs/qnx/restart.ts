/**
 * A disk driver whose device is being reset has requests that it cannot serve now. With MsgError(rcvid, EIO) the client
 * sees the reset as an error of the disk; with MsgError(rcvid, ERESTART) the kernel makes the client send again, and it
 * never knows. An unreadable block stays an error.
 */
import { check, oneOf, protocol } from "ipc-check";
import * as qnx from "ipc-check/kernels/qnx";

const disk = qnx.channel({ message: oneOf("good block", "bad block"), reply: oneOf("data"), unblock: true });
type Disk = qnx.Channel<"good block" | "bad block", "data">;

function* drive(disk: Disk, inReset: "EIO" | "ERESTART") {
  let isReady = false;
  while (true) {
    const request = yield* disk.receive();
    if (request.kind === "unblock") continue;
    if (request.kind === "pulse") isReady = true;
    else if (!isReady) yield* disk.error(request.rcvid, inReset);
    else if (request.message === "bad block") yield* disk.error(request.rcvid, "EIO");
    else yield* disk.reply(request.rcvid, "data");
  }
}

function* read(disk: Disk) {
  const { error } = yield* disk.send("good block");
  check(error === "none", "a good block can be read");
}

export const broken = protocol("a reset that looks like a broken disk", {
  kernel: qnx.kernel({ cpus: 1 }),
  objects: { disk },
  threads: {
    driver: {
      cpu: 0,
      *run({ disk }) {
        yield* drive(disk, "EIO");
      },
    },
    device: {
      cpu: 0,
      *run({ disk }) {
        yield* disk.pulse(0);
      },
    },
    fileSystem: {
      cpu: 0,
      *run({ disk }) {
        yield* read(disk);
      },
    },
  },
  expect: { violated: "assertion" },
});

export const repaired = protocol("a reset that nobody sees", {
  kernel: qnx.kernel({ cpus: 1 }),
  objects: { disk },
  threads: {
    driver: {
      cpu: 0,
      *run({ disk }) {
        yield* drive(disk, "ERESTART");
      },
    },
    device: {
      cpu: 0,
      *run({ disk }) {
        yield* disk.pulse(0);
      },
    },
    fileSystem: {
      cpu: 0,
      *run({ disk }) {
        yield* read(disk);
      },
    },
    checker: {
      cpu: 0,
      *run({ disk }) {
        const { error } = yield* disk.send("bad block");
        check(error === "EIO", "a bad block cannot be read");
      },
    },
  },
  expect: "holds",
});
