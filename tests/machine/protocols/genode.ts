/** Every Genode operation, in any order, on each core. */
import { choose, int, nobody, protocol, record, threadId } from "ipc-check";
import * as genode from "ipc-check/kernels/genode";

const message = record({ value: int(3, 6), about: threadId });

function anything(core: genode.Core, ends: boolean) {
  const { kernel, entrypoint, signal } = genode.system({ cpus: 2, message, core, counts: 2 });
  return protocol(`anything on ${core}`, {
    kernel,
    objects: { one: entrypoint(), two: entrypoint(), bell: signal(), horn: signal() },
    threads: {
      server: {
        count: 2,
        cpu: (index) => index,
        *run({ one, two, bell, horn, self, index }) {
          const mine = index === 0;
          while (true) {
            switch (yield* choose("serve", "serve", "serve", "manage", "manage", "submit", "call", "dissolve", "destroy")) {
              case "serve":
                if (mine) yield* one.replyAndWait({ value: 4, about: self });
                else yield* two.replyAndWait({ value: 5, about: nobody });
                break;
              case "manage":
                if (mine) yield* bell.manage(one);
                else yield* horn.manage(two);
                break;
              case "submit":
                yield* horn.submit();
                break;
              case "call":
                // Each could call the other, and itself.
                if ((yield* choose(0, 1, 2, 3)) === 0) yield* two.call({ value: 3, about: self });
                break;
              case "dissolve":
                if ((yield* choose(0, 1, 2)) === 0) yield* bell.dissolve();
                break;
              case "destroy":
                if (ends && (yield* choose(0, 1, 2, 3, 4)) === 0) yield* one.destroy();
                break;
            }
          }
        },
      },
      client: {
        count: 2,
        cpu: (index) => index,
        *run({ one, two, bell, horn, threads, self, control }) {
          while (true) {
            switch (yield* choose("call", "call", "submit", "submit", "cancel", "dissolve")) {
              case "call": {
                const value = yield* choose(3, 4);
                if (yield* choose(true, false)) yield* one.call({ value, about: self });
                else yield* two.call({ value, about: nobody });
                break;
              }
              case "submit":
                if (yield* choose(true, false)) yield* bell.submit();
                else yield* horn.submit();
                break;
              case "cancel":
                yield* control.cancel(threads.client[yield* choose(0, 1)] ?? nobody);
                break;
              case "dissolve":
                if ((yield* choose(0, 1, 2, 3)) === 0) yield* horn.dissolve();
                break;
            }
          }
        },
      },
    },
  });
}

export const generic = anything("generic", false);
export const hw = anything("base-hw", true);
export const old = anything("11.11", true);
