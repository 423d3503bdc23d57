/**
 * The label of a gate is a pointer to the server's object for it. Told by an interrupt that the gate is deleted, the server
 * frees the object. Before commit 6cc7ff2b a message that had been sent through the gate before could arrive afterwards, as
 * interrupts overtake all other senders, and its label pointed nowhere. Scenario FOC-11.
 */
import { check, flag, ghost, int, protocol } from "ipc-check";
import * as fiasco from "ipc-check/kernels/fiasco";

const deleting = (name: string, lateSenders: boolean, expect: "holds" | { readonly violated: "assertion" }) => {
  const { kernel, gate, irq } = fiasco.system({ cpus: 2, message: int(0, 1), lateSenders });
  const session = 1;
  const gone = 2;
  return protocol(name, {
    scenario: "FOC-11",
    kernel,
    objects: { service: gate(), deletion: irq() },
    memory: { freed: ghost(flag) },
    threads: {
      server: {
        cpu: 0,
        *run({ service, deletion, freed, ipc, self }) {
          yield* deletion.bind(self, gone);
          yield* service.notifyDeletion(deletion);
          yield* service.bind(self, session);
          while (true) {
            const request = yield* ipc.wait();
            if (request.error === "none") {
              if (request.label === gone) freed.value = true;
              else check(!freed.value, "the object that the label points to is there");
            }
          }
        },
      },
      owner: {
        cpu: 0,
        *run({ service }) {
          yield* service.delete();
        },
      },
      client: {
        cpu: 1,
        *run({ service }) {
          let open = true;
          while (open) open = (yield* service.send(0)).error === "none";
        },
      },
    },
    expect,
  });
};

export const broken = deleting("a sender that outlives its gate", true, { violated: "assertion" });
export const repaired = deleting("a gate that takes its senders along", false, "holds");
