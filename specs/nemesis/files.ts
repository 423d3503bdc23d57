/**
 * A file server between two clients and a disk driver, each a domain of its own. Calls are what Nemesis's own inter-domain calls
 * are: a buffer for arguments that one side writes, one for results that the other writes, and two event channels. The file
 * server has one thread: it serves whoever has an event, and awaits the disk meanwhile.
 */
import { check, int, local, protocol } from "ipc-check";
import * as nemesis from "ipc-check/kernels/nemesis";

const { kernel, domain, channel } = nemesis.system({ cpus: 2, counts: 2, slots: 6 });

export default protocol("a file server, a disk and two clients", {
  kernel,
  objects: {
    files: domain(),
    disk: domain(),
    first: domain(),
    second: domain(),
    askFirst: channel({ from: "first", to: "files" }),
    tellFirst: channel({ from: "files", to: "first" }),
    askSecond: channel({ from: "second", to: "files" }),
    tellSecond: channel({ from: "files", to: "second" }),
    read: channel({ from: "files", to: "disk" }),
    data: channel({ from: "disk", to: "files" }),
  },
  memory: { wantFirst: int(0, 2), gotFirst: int(0, 3), wantSecond: int(0, 2), gotSecond: int(0, 3), block: int(0, 2), content: int(0, 3) },
  threads: {
    server: {
      cpu: 0,
      *run({ files, askFirst, tellFirst, askSecond, tellSecond, read, data, wantFirst, gotFirst, wantSecond, gotSecond, block, content }) {
        let reads = local(int(0, 2), 0);
        while (true) {
          let served = false;
          const one = yield* askFirst.read();
          if (one.value !== one.acknowledged) {
            yield* askFirst.acknowledge(one.value);
            yield* block.write(yield* wantFirst.read());
            reads++;
            yield* read.send(reads);
            yield* nemesis.awaitCount(files, data, reads - 1);
            yield* gotFirst.write(yield* content.read());
            yield* tellFirst.send(one.value);
            served = true;
          }
          const two = yield* askSecond.read();
          if (two.value !== two.acknowledged) {
            yield* askSecond.acknowledge(two.value);
            yield* block.write(yield* wantSecond.read());
            reads++;
            yield* read.send(reads);
            yield* nemesis.awaitCount(files, data, reads - 1);
            yield* gotSecond.write(yield* content.read());
            yield* tellSecond.send(two.value);
            served = true;
          }
          if (!served) {
            yield* files.block({ idle: true });
            yield* files.nextEvent();
          }
        }
      },
    },
    driver: {
      cpu: 1,
      *run({ disk, read, data, block, content }) {
        for (let done = 0; done < 2; done++) {
          yield* nemesis.awaitCount(disk, read, done, { idle: true });
          yield* content.write((yield* block.read()) + 1);
          yield* data.send(done + 1);
        }
      },
    },
    one: {
      cpu: 0,
      *run({ first, askFirst, tellFirst, wantFirst, gotFirst }) {
        yield* wantFirst.write(1);
        yield* askFirst.send(1);
        yield* nemesis.awaitCount(first, tellFirst, 0);
        check((yield* gotFirst.read()) === 2, "the first client gets its block");
      },
    },
    two: {
      cpu: 1,
      *run({ second, askSecond, tellSecond, wantSecond, gotSecond }) {
        yield* wantSecond.write(2);
        yield* askSecond.send(1);
        yield* nemesis.awaitCount(second, tellSecond, 0);
        check((yield* gotSecond.read()) === 3, "the second client gets its block");
      },
    },
  },
  expect: "holds",
});
