/**
 * A consumer looks at a record (base, len) in memory that the producer can write, finds it within the buffer, and reads it again
 * to use it; the producer has written another in between. What is looked at and what is used must be one copy. Scenario NEM-5.
 */
import { check, int, protocol } from "ipc-check";
import * as nemesis from "ipc-check/kernels/nemesis";

const { kernel, domain, channel } = nemesis.system({ cpus: 2, counts: 1 });
const buffer = 4;

const variant = (name: string, copies: boolean, expect: "holds" | { readonly violated: "assertion" }) =>
  protocol(name, {
    scenario: "NEM-5",
    kernel,
    objects: { producer: domain(), consumer: domain(), filled: channel({ from: "producer", to: "consumer" }) },
    memory: { base: int(0, 3), len: int(0, 7) },
    threads: {
      guest: {
        cpu: 0,
        *run({ base, len, filled }) {
          yield* base.store(1);
          yield* len.store(2);
          yield* filled.send(1);
          yield* len.store(7);
        },
      },
      driver: {
        cpu: 1,
        *run({ consumer, filled, base, len }) {
          yield* nemesis.awaitCount(consumer, filled, 0);
          const copiedBase = yield* base.load();
          const copiedLen = yield* len.load();
          if (copiedBase + copiedLen > buffer) return;
          const used = copies ? copiedLen : yield* len.load();
          check(copiedBase + used <= buffer, "the record lies within the buffer");
        },
      },
    },
    expect,
  });

export const broken = variant("a record is read twice", false, { violated: "assertion" });
export const repaired = variant("a record is copied, then looked at", true, "holds");
