/**
 * A back end and a front end that it does not trust: the front end may write any index and any descriptor at any moment.
 * A back end that takes as many requests as the index says runs over the end of its own list; one that checks a
 * descriptor's length in shared memory and then reads it there again copies more than it has room for. It must hold the
 * index against the size of the ring, and take a copy before it checks. Scenario SHM-16 (RING_REQUEST_PROD_OVERFLOW and
 * RING_COPY_REQUEST in Xen's ring.h).
 */
import { array, type Cell, type CellArray, check, choose, int, protocol, wrapping } from "ipc-check";
import * as shm from "ipc-check/kernels/shm";

const size = 2;

const memory = { producer: wrapping(4), lengths: array(size, int(0, 1)) };

/** Indices can be ahead by more than the ring has. Of a descriptor only its length is there: 0 fits, 1 does not. */
function* serve(producer: Cell<number>, lengths: CellArray<Cell<number>>, bounded: boolean, copies: boolean, futex: shm.Futex) {
  let consumer = 0;
  while (true) {
    const published = yield* producer.load();
    const waiting = (published - consumer + 4) % 4;
    if (waiting === 0) yield* futex.wait(producer, published, { idle: true });
    if (bounded && waiting > size) return;
    for (let taken = 0; taken < waiting; taken++) {
      check(taken < size, "there is room for as many requests as the ring has");
      const length = yield* lengths.at(consumer % size).load();
      if (length === 0) {
        const copied = copies ? length : yield* lengths.at(consumer % size).load();
        check(copied === 0, "the copy fits");
      }
      consumer = (consumer + 1) % 4;
    }
  }
}

/** Against a front end that goes wrong in some ways. */
const hostile = (name: string, bounded: boolean, copies: boolean, expect: "holds" | { readonly violated: "assertion" }) =>
  protocol(name, {
    scenario: "SHM-16",
    kernel: shm.kernel(),
    memory,
    threads: {
      backEnd: {
        *run({ producer, lengths, futex }) {
          yield* serve(producer, lengths, bounded, copies, futex);
        },
      },
      frontEnd: {
        untrusted: true,
        *run({ producer, lengths, futex }) {
          while (true) {
            yield* producer.store(yield* choose(1, 2, 3));
            yield* futex.wake(producer, 1);
            yield* lengths.at(0).store(yield* choose(0, 1));
          }
        },
      },
    },
    expect,
  });
export const overrun = hostile("a back end that believes the index", false, true, { violated: "assertion" });
export const fetchedTwice = hostile("a back end that fetches twice", true, false, { violated: "assertion" });
export const repaired = hostile("a back end that checks its own copies", true, true, "holds");

/** Against every front end there can be. */
const any = (name: string, bounded: boolean, copies: boolean, expect: "holds" | { readonly violated: "assertion" }) =>
  protocol(name, {
    scenario: "SHM-16",
    kernel: shm.kernel(),
    memory,
    threads: {
      backEnd: {
        *run({ producer, lengths, futex }) {
          yield* serve(producer, lengths, bounded, copies, futex);
        },
      },
      frontEnd: { untrusted: "arbitrary", holds: ["producer", "lengths"] },
    },
    expect,
  });
export const overrunByAny = any("a back end that believes the index, and any front end", false, true, { violated: "assertion" });
export const fetchedTwiceByAny = any("a back end that fetches twice, and any front end", true, false, { violated: "assertion" });
export const repairedForAny = any("a back end that checks its own copies, and any front end", true, true, "holds");
