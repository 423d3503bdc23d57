/**
 * A call is refused because the target is disabled. The target yields before the caller's thread is on the retry list: the
 * notification must wait until it is. It does if the caller's dispatcher enters the handling of the refusal disabled, since
 * then soft interrupts stay pending; if it is enabled there, the notification finds an empty list, and the thread that is
 * put on it afterwards is never tried again. Scenario K42-2.
 */
import { check, int, protocol } from "ipc-check";
import * as k42 from "ipc-check/kernels/k42";

const variant = (name: string, faultEntry: "disabled" | "enabled", expect: "holds" | { readonly violated: "lost-wakeup" }) => {
  const { kernel, dispatcher } = k42.system({ message: int(0, 1), buffer: 1, faultEntry });
  return protocol(name, {
    scenario: "K42-2",
    kernel,
    objects: { server: dispatcher(), client: dispatcher() },
    threads: {
      worker: {
        *run({ server }) {
          while (true) {
            const request = yield* server.accept();
            yield* server.reply(request.caller, 1);
          }
        },
      },
      scheduler_: {
        *run({ server }) {
          yield* server.disable();
          yield* server.enable();
        },
      },
      user: {
        *run({ client, server }) {
          const answer = yield* client.call(server, 0);
          check(answer.error !== "disabled", "no thread of the client disables it");
        },
      },
    },
    expect,
  });
};

export const broken = variant("refusals handled enabled", "enabled", { violated: "lost-wakeup" });
export const repaired = variant("refusals handled disabled", "disabled", "holds");
