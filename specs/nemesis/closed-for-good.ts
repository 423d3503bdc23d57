/**
 * The receiver closes a channel while its peer sends. The next send sees it, says BadState and is not made, so who counts what it
 * has sent must look at the error. Where sends are deferred that does not help: one that went well is dropped later.
 */
import { check, int, protocol } from "ipc-check";
import * as nemesis from "ipc-check/kernels/nemesis";

const variant = (
  name: string,
  options: nemesis.Options,
  counts: "all sends" | "sends that were made",
  expect: "holds" | { readonly violated: "assertion" },
) => {
  const { kernel, domain, channel } = nemesis.system({ cpus: 2, counts: 2, ...options });
  return protocol(name, {
    kernel,
    objects: { producer: domain(), consumer: domain(), data: channel({ from: "producer", to: "consumer" }) },
    memory: { made: int(0, 2) },
    threads: {
      sender: {
        cpu: 0,
        *run({ data, made }) {
          for (let count = 1; count <= 2; count++) {
            const { error } = yield* data.send(count);
            if (counts === "all sends" || error === "none") yield* made.store(count);
          }
          const { state, value } = yield* data.read();
          const sent = yield* made.load();
          check(state === "connected" || value >= sent, "a dead channel has the last count that was sent");
        },
      },
      receiver: {
        cpu: 1,
        *run({ data }) {
          yield* data.close();
        },
      },
    },
    expect,
  });
};

export const broken = variant("counting what was not sent", { send: "atomic" }, "all sends", { violated: "assertion" });
export const repaired = variant("counting what was sent", { send: "atomic" }, "sends that were made", "holds");
export const split = variant("counting what was sent, in two steps", { send: "split" }, "sends that were made", "holds");
export const deferred = variant("counting what the scheduler drops", { ring: 2 }, "sends that were made", { violated: "assertion" });
export const full = variant("counting what a full ring drops", { ring: 1, preempts: false }, "sends that were made", { violated: "assertion" });
