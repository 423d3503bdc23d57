/**
 * A receiver serves two ports through a port set. On GNU Mach messages to members stand in one queue in the order of their
 * arrival, so that what was sent last is received last. On XNU each port keeps its queue and the set serves its members in
 * turn: "no more data" at the second port overtakes data at the first. Who needs the order sends both to one port.
 */
import { check, int, local, protocol } from "ipc-check";
import * as mach from "ipc-check/kernels/mach";

const variant = (name: string, personality: "gnu" | "xnu", onePort: boolean, expect: "holds" | { readonly violated: "assertion" }) => {
  const { kernel, port, set, task } = mach.system({ message: int(0, 2), slots: 3, personality });
  return protocol(name, {
    kernel,
    objects: {
      data: port({ limit: 2 }),
      control: port({ limit: 1 }),
      both: set(),
      receiver: task({ receive: ["data", "control", "both"] }),
      sender: task({ send: ["data", "control"] }),
    },
    threads: {
      receiving: {
        *run({ receiver, data, control, both }) {
          yield* receiver.moveMember(data.name, both.name);
          yield* receiver.moveMember(control.name, both.name);
          let received = local(int(0, 3), 0);
          for (let got = 0; got < 3; got++) {
            const next = yield* receiver.receive(both.name);
            if (next.message === 2) check(received === 2, "all data has come before the end of data");
            else received = received + 1;
          }
          // Out of the set, a member is a port like any other.
          const inSet = yield* receiver.receive(control.name, { timeout: "zero" });
          yield* receiver.moveMember(control.name, mach.none);
          const alone = yield* receiver.receive(control.name, { timeout: "zero" });
          check(personality === "xnu" || inSet.error === "receive-in-set", "GNU Mach does not receive from a member directly");
          check(alone.error === "receive-timed-out", "nothing is left");
        },
      },
      sending: {
        *run({ sender, data, control }) {
          yield* sender.send(data.name, 1);
          yield* sender.send(data.name, 1);
          yield* sender.send(onePort ? data.name : control.name, 2);
        },
      },
    },
    expect,
  });
};

export const gnu = variant("end of data at another port, on GNU Mach", "gnu", false, "holds");
export const xnu = variant("end of data at another port, on XNU", "xnu", false, { violated: "assertion" });
export const repaired = variant("end of data at the same port, on XNU", "xnu", true, "holds");
