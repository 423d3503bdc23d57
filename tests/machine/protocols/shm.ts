/** Futexes and every memory access, in any order, on a few cells that are far enough apart to share hash buckets. */
import { array, choose, int, oneOf, protocol, queue, step, u8 } from "ipc-check";
import * as shm from "ipc-check/kernels/shm";

export default protocol("anything in shared memory", {
  kernel: shm.kernel(),
  memory: { words: array(40, int(-1, 2)), byte: u8, mode: oneOf("idle", "busy", "done"), box: queue(int(0, 3), 2) },
  threads: {
    worker: {
      count: 4,
      *run({ futex, words, byte, mode, box }) {
        while (true) {
          const word = words.at(yield* choose(0, 13, 26, 39));
          const value = yield* choose(-1, 0, 1);
          switch (yield* choose("wait", "wait with a timer", "wake", "write", "add", "byte", "mode", "push", "shift")) {
            case "wait":
              yield* futex.wait(word, value);
              break;
            case "wait with a timer":
              yield* futex.wait(word, value, { timeout: "finite" });
              break;
            case "wake":
              yield* futex.wake(word, yield* choose(1, 2, 3));
              break;
            case "write":
              if ((yield* word.exchange(value)) === 1) yield* word.store(0);
              break;
            case "add":
              if ((yield* word.load()) < 2) yield* word.compareExchange(value, value + 1);
              break;
            case "byte":
              yield* byte.fetchAdd(-100);
              break;
            case "mode":
              yield* mode.write((yield* mode.read()) === "idle" ? "busy" : "done");
              break;
            case "push":
              yield* step({ when: () => box.length < 2, do: () => box.push(value + 1) });
              break;
            case "shift":
              yield* step({ when: () => box.length > 0, do: () => box.shift() });
              break;
          }
        }
      },
    },
  },
});

/** The same with requeue and the end of threads, on cells that share a bucket and others. */
export const requeueing = protocol("anything with requeue", {
  kernel: shm.kernel({ requeue: "counted-late" }),
  memory: { words: array(40, int(0, 31)), list: int(0, 1), pending: int(0, 1) },
  threads: {
    worker: {
      count: 4,
      *run({ futex, words, list, pending }) {
        while (true) {
          const word = words.at(yield* choose(0, 13, 26, 39));
          const other = words.at(yield* choose(0, 13, 26, 39));
          const value = yield* choose(0, 1);
          switch (yield* choose("wait", "wait", "wake", "requeue", "compare", "write", "list", "pending", "exit")) {
            case "wait":
              yield* futex.wait(word, value, { timeout: "finite" });
              break;
            case "wake":
              yield* futex.wake(word, 1);
              break;
            case "requeue":
              yield* futex.requeue(word, other, { wake: value, move: 2 });
              break;
            case "compare":
              yield* futex.requeue(word, other, { wake: 1, move: 1, expected: value });
              break;
            case "write":
              yield* word.store(value === 0 ? 9 : 0);
              break;
            case "list":
              yield* list.store(value);
              break;
            case "pending":
              yield* pending.store(value);
              break;
            case "exit":
              if ((yield* choose(0, 1, 2, 3)) === 0) yield* futex.exit(1, word, { list, pending });
              break;
          }
        }
      },
    },
  },
});
