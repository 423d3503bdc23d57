/** What Exec's objects must reject: each line below an expectation is an editor error. */
import { int, protocol } from "ipc-check";
import * as exec from "ipc-check/kernels/exec";

const { kernel, port, message, request, device, interrupt } = exec.system({ value: int(0, 3) });
// @ts-expect-error Exec has one CPU
exec.system({ value: int(0, 1), cpus: 2 });
// @ts-expect-error a device has a unit
device({ quick: "always" });
// @ts-expect-error no such action
port({ action: "call" });

protocol("misused", {
  kernel,
  objects: { unit: port(), disk: device({ unit: "unit" }), io: request({ replyPort: "unit" }), note: message(), beam: interrupt({ raises: 1 }) },
  threads: {
    task: {
      *run({ exec, unit, disk, io, note, beam, threads }) {
        // @ts-expect-error a message is a number
        yield* unit.putMsg(note, "open");
        // @ts-expect-error requests have no timeout
        yield* disk.doIO(io, 1, { timeout: "zero" });
        // @ts-expect-error a device takes requests, not ports
        yield* disk.sendIO(unit, 1);
        // @ts-expect-error nor messages that are no requests
        yield* disk.sendIO(note, 1);
        // @ts-expect-error signals go to tasks
        yield* exec.signal(unit, 1);
        // @ts-expect-error no such thread
        yield* exec.signal(threads.driver, 1);
        // @ts-expect-error an interrupt is served, not waited for
        yield* beam.wait();
        void (yield* unit.getMsg()).type;
      },
    },
  },
});
