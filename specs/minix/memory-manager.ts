/**
 * The memory server VM asks the reincarnation server RS with SENDREC while RS waits for VM to provide memory. The wait for
 * memory is no edge of the kernel's deadlock check, so nobody is refused and both wait for ever. A memory server must not
 * wait for those it serves: it sends its message asynchronously. Scenario MINIX-3 (37489f8a2).
 */
import { oneOf, protocol } from "ipc-check";
import * as minix from "ipc-check/kernels/minix";

const message = oneOf("status", "ok");

export const broken = protocol("a memory server that waits for its client", {
  scenario: "MINIX-3",
  kernel: minix.kernel({ cpus: 1, message }),
  threads: {
    vm: {
      cpu: 0,
      *run({ ipc, sys, threads }) {
        yield* ipc.sendrec(threads.rs, "status");
        while (true) {
          const request = yield* ipc.receive();
          if (request.call === "NOTIFY") yield* sys.vmctl(request.from);
        }
      },
    },
    rs: {
      cpu: 0,
      *run({ ipc, sys, threads }) {
        while (true) {
          yield* sys.memory(threads.vm);
          const request = yield* ipc.receive();
          if (request.call === "SENDREC") yield* ipc.sendnb(request.from, "ok");
        }
      },
    },
  },
  expect: { violated: "deadlock" },
});

export const repaired = protocol("a memory server that waits for nobody", {
  scenario: "MINIX-3",
  kernel: minix.kernel({ cpus: 1, message }),
  threads: {
    vm: {
      cpu: 0,
      *run({ ipc, sys, threads }) {
        yield* ipc.senda(threads.rs, "status");
        while (true) {
          const request = yield* ipc.receive();
          if (request.call === "NOTIFY") yield* sys.vmctl(request.from);
        }
      },
    },
    rs: {
      cpu: 0,
      *run({ ipc, sys, threads }) {
        while (true) {
          yield* sys.memory(threads.vm);
          const request = yield* ipc.receive();
          if (request.call === "SENDA") yield* ipc.senda(request.from, "ok");
        }
      },
    },
  },
  expect: "holds",
});
