/**
 * Lamport's bakery (1974) with tickets up to a greatest one, as in the BEEM models: each process has its place, the index
 * `at` of the process that it looks at, and the greatest ticket seen, which keep their values until they are set again. Two of the
 * models compare the tickets the wrong way round, so that two processes get in; their states are counted all the same.
 */
import { array, assume, flag, int, protocol, step } from "ipc-check";
import * as shm from "ipc-check/kernels/shm";

/** What a process does next. */
const [outside, drawing, looking, waiting, inside] = [0, 1, 2, 3, 4];

function bakery(processes: number, greatest: number, first: "smaller" | "greater") {
  return protocol(`the bakery, ${processes} processes, tickets up to ${greatest}, ${first} first`, {
    kernel: shm.kernel(),
    memory: {
      place: array(processes, int(0, 4)),
      choosing: array(processes, flag),
      ticket: array(processes, int(0, greatest)),
      at: array(processes, int(0, processes)),
      most: array(processes, int(0, greatest)),
    },
    threads: {
      process: {
        count: processes,
        *run({ index, place, choosing, ticket, at, most }) {
          while (true) {
            yield* step({
              do: () => {
                const [here, other] = [place.at(index), at.at(index)];
                const [mine, seen] = [ticket.at(index), most.at(index)];
                switch (here.value) {
                  case outside:
                    choosing.at(index).value = true;
                    other.value = 0;
                    seen.value = 0;
                    here.value = drawing;
                    break;
                  case drawing:
                    if (other.value < processes) {
                      if (ticket.at(other.value).value > seen.value) seen.value = ticket.at(other.value).value;
                      other.value += 1;
                    } else {
                      assume(seen.value < greatest);
                      mine.value = seen.value + 1;
                      other.value = 0;
                      choosing.at(index).value = false;
                      here.value = looking;
                    }
                    break;
                  case looking:
                    if (other.value < processes) {
                      assume(!choosing.at(other.value).value);
                      here.value = waiting;
                    } else here.value = inside;
                    break;
                  case waiting: {
                    const theirs = ticket.at(other.value).value;
                    const later = first === "smaller" ? theirs > mine.value : theirs < mine.value;
                    assume(theirs === 0 || later || (theirs === mine.value && index <= other.value));
                    other.value += 1;
                    here.value = looking;
                    break;
                  }
                  default:
                    mine.value = 0;
                    here.value = outside;
                }
              },
            });
          }
        },
      },
    },
  });
}

export const one = bakery(2, 9, "smaller");
export const two = bakery(2, 6, "greater");
export const three = bakery(3, 4, "smaller");
export const four = bakery(3, 6, "greater");
