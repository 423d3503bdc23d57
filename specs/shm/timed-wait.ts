/**
 * A wait for a futex with a timeout: the waker may come too late, or not at all, and the waiter must look at the word
 * again before it believes that the timeout has told it anything. Taking "timed out" for "nothing has come" forgets an item
 * that was there.
 */
import { check, int, protocol } from "ipc-check";
import * as shm from "ipc-check/kernels/shm";

const variant = (name: string, looksAgain: boolean, expect: "holds" | { readonly violated: "assertion" }) =>
  protocol(name, {
    kernel: shm.kernel(),
    memory: { items: int(0, 1) },
    threads: {
      producer: {
        *run({ futex, items }) {
          yield* items.store(1);
          yield* futex.wake(items, 1);
        },
      },
      consumer: {
        *run({ futex, items }) {
          const { outcome } = yield* futex.wait(items, 0, { timeout: "finite" });
          if (outcome !== "timeout") return;
          if (looksAgain && (yield* items.load()) === 1) return;
          check((yield* items.load()) === 0 || looksAgain, "who gives up has missed nothing");
        },
      },
    },
    expect,
  });

export const broken = variant("a timeout that is believed", false, { violated: "assertion" });
export const repaired = variant("a timeout after which the word is looked at", true, "holds");
