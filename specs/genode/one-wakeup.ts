/**
 * A peer that works in batches wakes the other side once: if both an acknowledgement and a free slot are there, it sends the
 * signal for the acknowledgement alone. A client with one handler for each does not learn of the free slot; one that does
 * all there is to do on any signal does. Scenario GEN-8 (6a308dac, 3ea910bf, #4555).
 */
import { flag, int, protocol } from "ipc-check";
import * as genode from "ipc-check/kernels/genode";

const { kernel, entrypoint, signal } = genode.system({ cpus: 1, message: int(0, 0), counts: 1 });
const objects = { mine: entrypoint(), ackAvail: signal(), readyToSubmit: signal() };
const memory = { acknowledged: flag, slotFree: flag };

export const broken = protocol("two handlers for one wake-up", {
  scenario: "GEN-8",
  kernel,
  objects,
  memory,
  threads: {
    client: {
      cpu: 0,
      *run({ mine, ackAvail, readyToSubmit, acknowledged, slotFree }) {
        yield* ackAvail.manage(mine);
        yield* readyToSubmit.manage(mine);
        let done = 0;
        while (done < 2) {
          const request = yield* mine.wait({ idle: false });
          if (request.context === ackAvail.id && (yield* acknowledged.exchange(false))) done++;
          if (request.context === readyToSubmit.id && (yield* slotFree.exchange(false))) done++;
        }
      },
    },
    peer: {
      cpu: 0,
      *run({ ackAvail, readyToSubmit, acknowledged, slotFree }) {
        yield* acknowledged.store(true);
        yield* slotFree.store(true);
        // wakeup()
        if (yield* acknowledged.load()) yield* ackAvail.submit();
        else yield* readyToSubmit.submit();
      },
    },
  },
  expect: { violated: "deadlock" },
});

export const repaired = protocol("one handler for all that a wake-up may mean", {
  scenario: "GEN-8",
  kernel,
  objects,
  memory,
  threads: {
    client: {
      cpu: 0,
      *run({ mine, ackAvail, readyToSubmit, acknowledged, slotFree }) {
        yield* ackAvail.manage(mine);
        yield* readyToSubmit.manage(mine);
        let done = 0;
        while (done < 2) {
          if (yield* acknowledged.exchange(false)) done++;
          else if (yield* slotFree.exchange(false)) done++;
          else yield* mine.wait({ idle: false });
        }
      },
    },
    peer: {
      cpu: 0,
      *run({ ackAvail, readyToSubmit, acknowledged, slotFree }) {
        yield* acknowledged.store(true);
        yield* slotFree.store(true);
        if (yield* acknowledged.load()) yield* ackAvail.submit();
        else yield* readyToSubmit.submit();
      },
    },
  },
  expect: "holds",
});
