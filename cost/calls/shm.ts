/** A ring of one slot each way in shared memory, with a doorbell: a futex for whoever sleeps, after it has said so. */
import * as shm from "../../kernel/shm/index.ts";
import { array, type Cell, int, protocol, wrapping } from "../../model/language/index.ts";
import type { Protocol } from "../../model/language/protocol.ts";
import { type Buffer, type Calling, fill, look } from "./call.ts";

/** One direction: a slot, a count of what has been put there, and whether the taker sleeps. */
interface Direction {
  readonly slot: Buffer;
  readonly count: Cell<number>;
  readonly asleep: Cell<number>;
}

/** Fills the slot, publishes it, and rings if the taker has said that it sleeps. */
function* put({ slot, count, asleep }: Direction, next: number, futex: shm.Futex) {
  yield* fill(slot);
  yield* count.store(next);
  if ((yield* asleep.exchange(0)) === 1) yield* futex.wake(asleep, 1);
}

/** Waits until the slot has been filled, first awake and then asleep, and takes what is in it. */
function* take({ slot, count, asleep }: Direction, last: number, futex: shm.Futex) {
  while ((yield* count.load()) === last) {
    yield* asleep.store(1);
    if ((yield* count.load()) === last) yield* futex.wait(asleep, 1);
    else yield* asleep.store(0);
  }
  yield* look(slot);
}

const modulus = 1 << 16;

export const calling: Calling = {
  name: "shm",
  how: "a ring in shared memory with a doorbell: whoever finds it empty says so, looks again and sleeps on a futex",
  longest: 4000,
  protocol: ({ bytes, cpus, calls, received, returned }) => {
    const slot = array(bytes / 4, int(0, 0x7fff_ffff));
    return protocol("ring with doorbell", {
      kernel: shm.kernel({ cpus }),
      memory: {
        requests: slot,
        replies: slot,
        asked: wrapping(modulus),
        answered: wrapping(modulus),
        serverSleeps: wrapping(2),
        clientSleeps: wrapping(2),
      },
      threads: {
        server: {
          cpu: 0,
          *run({ requests, replies, asked, answered, serverSleeps, clientSleeps, futex }) {
            for (let served = 0; ; served++) {
              yield* take({ slot: requests, count: asked, asleep: serverSleeps }, served % modulus, futex);
              received();
              yield* put({ slot: replies, count: answered, asleep: clientSleeps }, (served + 1) % modulus, futex);
            }
          },
        },
        client: {
          cpu: cpus - 1,
          *run({ requests, replies, asked, answered, serverSleeps, clientSleeps, futex }) {
            for (let i = 0; i < calls; i++) {
              yield* put({ slot: requests, count: asked, asleep: serverSleeps }, (i + 1) % modulus, futex);
              yield* take({ slot: replies, count: answered, asleep: clientSleeps }, i % modulus, futex);
              returned();
            }
          },
        },
      },
    }) as unknown as Protocol;
  },
};
