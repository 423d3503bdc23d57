/**
 * The philosophers of Chandy and Misra (1984), as in the TLA+ examples: a fork has a holder and is clean or dirty. A hungry
 * philosopher hands over a dirty fork, and eats with two clean ones. He always has something to do, if only to look again.
 */
import { array, flag, int, protocol, step } from "ipc-check";
import * as shm from "ipc-check/kernels/shm";

const philosophers = 5;

export default protocol("philosophers who hand over forks", {
  kernel: shm.kernel(),
  memory: {
    at: array(philosophers, int(0, 2)),
    hungry: array(philosophers, flag, [true, true, true, true, true]),
    holder: array(philosophers, int(0, philosophers - 1), [0, 0, 2, 3, 4]),
    clean: array(philosophers, flag),
  },
  threads: {
    philosopher: {
      count: philosophers,
      *run({ index, at, hungry, holder, clean }) {
        const right = (index + 1) % philosophers;
        while (true) {
          yield* step({
            do: () => {
              if (at.at(index).value === 1) {
                hungry.at(index).value = false;
                clean.at(index).value = false;
                clean.at(right).value = false;
                at.at(index).value = 0;
              } else if (at.at(index).value === 2) {
                hungry.at(index).value = true;
                at.at(index).value = 0;
              } else {
                if (holder.at(index).value === index && !clean.at(index).value) {
                  holder.at(index).value = (index + philosophers - 1) % philosophers;
                  clean.at(index).value = true;
                } else if (holder.at(right).value === index && !clean.at(right).value) {
                  holder.at(right).value = right;
                  clean.at(right).value = true;
                }
                if (!hungry.at(index).value) at.at(index).value = 2;
                else if (holder.at(index).value === index && clean.at(index).value && holder.at(right).value === index && clean.at(right).value)
                  at.at(index).value = 1;
              }
            },
          });
        }
      },
    },
  },
});
