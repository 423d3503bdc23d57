/**
 * A child's last words: it replies to the message that its parent started it with, and ends. The parent then frees the
 * memory that the child still runs in. If the child forbids other tasks before it replies, the parent does not run before the
 * child has ended, which undoes Forbid.
 */
import { check, flag, int, protocol } from "ipc-check";
import * as exec from "ipc-check/kernels/exec";

const { kernel, port, message } = exec.system({ value: int(0, 0), signals: 1 });

const variant = (name: string, forbids: boolean, expect: "holds" | { readonly violated: "assertion" }) =>
  protocol(name, {
    kernel,
    objects: { start: port(), done: port(), words: message({ replyPort: "done" }) },
    memory: { freed: flag },
    threads: {
      parent: {
        cpu: 0,
        *run({ start, done, words, freed }) {
          yield* done.create();
          yield* start.putMsg(words, 0);
          yield* done.waitPort({ idle: false });
          yield* freed.store(true);
        },
      },
      child: {
        cpu: 0,
        *run({ exec, start, freed }) {
          yield* start.create();
          yield* start.waitPort();
          const words = yield* start.getMsg();
          if (forbids) yield* exec.forbid();
          if (words.error === "none") yield* exec.replyMsg(words.message, 0);
          check(!(yield* freed.load()), "the child's memory is there as long as it runs");
        },
      },
    },
    expect,
  });

export const broken = variant("a child that replies and ends", false, { violated: "assertion" });
export const repaired = variant("a child that forbids, replies and ends", true, "holds");
