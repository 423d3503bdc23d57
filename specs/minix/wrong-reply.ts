/**
 * VFS has an asynchronous request at VM, and asks VM something else with SENDREC. VM finishes the first request then: its
 * asynchronous message comes from the process that VFS waits for, and is taken for the answer. With NOREPLY it cannot be.
 * Scenario MINIX-4 (2109df275).
 */
import { check, oneOf, protocol, type ThreadId } from "ipc-check";
import * as minix from "ipc-check/kernels/minix";

const message = oneOf("map", "mapped", "query", "answer");
type Ipc = minix.Ipc<"map" | "mapped" | "query" | "answer">;

function* manageMemory(ipc: Ipc, self: ThreadId, noReply: boolean) {
  let mapping = self;
  while (true) {
    const request = yield* ipc.receive();
    if (request.message === "map") mapping = request.from;
    else if (request.message === "query") {
      if (mapping !== self) yield* ipc.senda(mapping, "mapped", { noReply });
      mapping = self;
      yield* ipc.sendnb(request.from, "answer");
    }
  }
}
function* useFiles(ipc: Ipc, vm: ThreadId) {
  yield* ipc.senda(vm, "map");
  const answer = yield* ipc.sendrec(vm, "query");
  check(answer.error === "none" && answer.message === "answer", "the reply answers the query");
  const mapped = yield* ipc.receive({ idle: false });
  check(mapped.error === "none" && mapped.message === "mapped", "the mapping is reported");
}

export const broken = protocol("an asynchronous message that is taken for a reply", {
  scenario: "MINIX-4",
  kernel: minix.kernel({ cpus: 1, message }),
  threads: {
    vm: {
      cpu: 0,
      *run({ ipc, self }) {
        yield* manageMemory(ipc, self, false);
      },
    },
    vfs: {
      cpu: 0,
      *run({ ipc, threads }) {
        yield* useFiles(ipc, threads.vm);
      },
    },
  },
  expect: { violated: "assertion" },
});

export const repaired = protocol("an asynchronous message that is no reply", {
  scenario: "MINIX-4",
  kernel: minix.kernel({ cpus: 1, message }),
  threads: {
    vm: {
      cpu: 0,
      *run({ ipc, self }) {
        yield* manageMemory(ipc, self, true);
      },
    },
    vfs: {
      cpu: 0,
      *run({ ipc, threads }) {
        yield* useFiles(ipc, threads.vm);
      },
    },
  },
  expect: "holds",
});
