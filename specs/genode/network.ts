/**
 * A network stack with two clients: the clients call the stack, the stack calls the driver below it, and interrupts and
 * received packets come upwards as signals only. Nobody waits for anybody above.
 */
import { check, oneOf, protocol } from "ipc-check";
import * as genode from "ipc-check/kernels/genode";

const { kernel, entrypoint, signal } = genode.system({ cpus: 1, message: oneOf("send", "sent"), counts: 1, core: "base-hw" });

export const network = protocol("a network stack with two clients", {
  kernel,
  objects: { stack: entrypoint(), driver: entrypoint(), irq: signal(), received: signal() },
  threads: {
    interrupt: {
      cpu: 0,
      *run({ irq }) {
        yield* irq.submit();
        yield* irq.submit();
      },
    },
    driver_: {
      cpu: 0,
      *run({ driver, irq, received }) {
        yield* irq.manage(driver);
        let request = yield* driver.wait();
        while (true) {
          if (request.kind === "signal") {
            yield* received.submit();
            request = yield* driver.wait();
          } else request = yield* driver.replyAndWait("sent");
        }
      },
    },
    stack_: {
      cpu: 0,
      *run({ stack, driver, received }) {
        yield* received.manage(stack);
        let request = yield* stack.wait();
        while (true) {
          if (request.kind === "rpc") yield* driver.call("send");
          request = yield* stack.replyAndWait("sent");
        }
      },
    },
    client: {
      cpu: 0,
      count: 2,
      *run({ stack }) {
        while (true) {
          const { error, reply } = yield* stack.call("send");
          check(error === "none" && reply === "sent", "what is sent is sent");
        }
      },
    },
  },
  expect: "holds",
});
