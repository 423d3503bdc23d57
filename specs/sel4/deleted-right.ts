/**
 * A server without MCS saves its callers to answer them later. It has one slot: saving a second caller fails, and the
 * capability stays in the caller slot, which the next receive empties. Deleting a saved capability does nothing to its
 * caller either, who waits on (src/object/objecttype.c, finaliseCap of a reply capability). A server that answers before it
 * deletes leaves nobody behind.
 */
import { int, protocol } from "ipc-check";
import * as sel4 from "ipc-check/kernels/sel4";

const { kernel, endpoint, slot } = sel4.system({ cpus: 1, message: int(0, 1) });

const serving = (name: string, answers: boolean, expect: "holds" | { readonly violated: "deadlock" }) =>
  protocol(name, {
    kernel,
    objects: { service: endpoint(), later: slot() },
    threads: {
      server: {
        cpu: 0,
        *run({ service, later, ipc }) {
          while (true) {
            yield* service.recv();
            const { saved } = yield* later.save();
            if (saved) {
              yield* service.recv();
              const second = yield* later.save();
              // The slot is full, so the second caller is answered at once.
              if (!second.saved) yield* ipc.reply(1);
            }
            if (answers) yield* later.reply(1);
            yield* later.delete();
            // To an empty slot: nothing happens.
            yield* later.reply(0);
          }
        },
      },
      client: {
        cpu: 0,
        count: 2,
        *run({ service }) {
          while (true) yield* service.call(0);
        },
      },
    },
    expect,
  });

export const broken = serving("deleting the right to answer", false, { violated: "deadlock" });
export const repaired = serving("answering, then deleting", true, "holds");
