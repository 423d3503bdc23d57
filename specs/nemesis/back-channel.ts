/**
 * A master puts all its packets into an IO channel before it gets any back. The slave gets one, works on it and puts it into the
 * back channel. With room for S packets forward and A back, S+A packets and the one in the slave's hands are too many by one: both
 * sides wait for room. A master whose puts have a deadline gets packets when there is no room. Awaiting free slots of the back
 * channel before Get, as IO.if suggests to the slave, only keeps the slave from holding one. Scenario NEM-3.
 */
import { array, check, int, protocol } from "ipc-check";
import * as nemesis from "ipc-check/kernels/nemesis";

/** One packet forward, one back. */
const slots = 2;
const { kernel, domain, channel } = nemesis.system({ cpus: 2, counts: 8 });
type How = "puts all" | "gets when full" | "slave awaits free slots";

const variant = (name: string, packets: number, how: How, expect: "holds" | { readonly violated: "deadlock" }) =>
  protocol(name, {
    scenario: "NEM-3",
    kernel,
    objects: {
      master: domain(),
      slave: domain(),
      filled: channel({ from: "master", to: "slave" }),
      emptied: channel({ from: "slave", to: "master" }),
      backFilled: channel({ from: "slave", to: "master" }),
      backEmptied: channel({ from: "master", to: "slave" }),
    },
    memory: { base: array(slots, int(0, 1)), len: array(slots, int(0, 1)), backBase: array(slots, int(0, 1)), backLen: array(slots, int(0, 1)) },
    threads: {
      client: {
        cpu: 0,
        *run({ master, base, len, backBase, backLen, filled, emptied, backFilled, backEmptied }) {
          const forward = { base, len, filled, emptied };
          const back = { base: backBase, len: backLen, filled: backFilled, emptied: backEmptied };
          let put = 0;
          let got = 0;
          while (got < packets) {
            if (put < packets) {
              const done = yield* nemesis.putPacket(master, forward, put * nemesis.packetSlots, 0, 1, how === "gets when full" ? "past" : "none");
              if (done) {
                put++;
                continue;
              }
            }
            const packet = yield* nemesis.getPacket(master, back, got * nemesis.packetSlots);
            check(packet.got && packet.len === 1, "the packet has come back");
            got++;
          }
        },
      },
      server: {
        cpu: 1,
        *run({ slave, base, len, backBase, backLen, filled, emptied, backFilled, backEmptied }) {
          const forward = { base, len, filled, emptied };
          const back = { base: backBase, len: backLen, filled: backFilled, emptied: backEmptied };
          for (let n = 0; n < packets; n++) {
            if (how === "slave awaits free slots") yield* nemesis.awaitFreeSlots(slave, back, n * nemesis.packetSlots, nemesis.packetSlots);
            const packet = yield* nemesis.getPacket(slave, forward, n * nemesis.packetSlots);
            yield* nemesis.putPacket(slave, back, n * nemesis.packetSlots, packet.base, packet.len);
          }
        },
      },
    },
    expect,
  });

export const broken = variant("four packets through room for three", 4, "puts all", { violated: "deadlock" });
export const few = variant("three packets through room for three", 3, "puts all", "holds");
export const repaired = variant("four packets, and a master that gets when it cannot put", 4, "gets when full", "holds");
export const awaiting = variant("four packets, and a slave that awaits free slots before it gets", 4, "slave awaits free slots", { violated: "deadlock" });
