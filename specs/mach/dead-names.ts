/**
 * Two tasks ask to be told when a service dies. Each has its own request; a second one by the same task takes the place of
 * its first, whose right comes back. Who asks for the message to a port that is not its own is refused, alive or dead the
 * service, and then waits for nothing.
 */
import { check, int, protocol } from "ipc-check";
import * as mach from "ipc-check/kernels/mach";

const watched = (name: string, isOwn: boolean, options: Partial<mach.Options<number>> = {}) => {
  const { kernel, port, task } = mach.system({ message: int(0, 0), slots: 3, references: 3, ...options });
  return protocol(name, {
    kernel,
    objects: {
      service: port({ limit: 1 }),
      left: port({ limit: 1 }),
      right: port({ limit: 1 }),
      server: task({ receive: ["service"] }),
      one: task({ receive: ["left"], send: ["service"] }),
      two: task({ receive: ["right"], send: ["service", "left"] }),
    },
    threads: {
      serving: {
        *run({ server, service }) {
          yield* server.destroy(service.name);
        },
      },
      watching: {
        *run({ one, service, left }) {
          yield* one.requestDeadName(service.name, left.name);
          const note = yield* one.receive(left.name);
          check(note.error === "none" && note.id === "dead-name", "the death is reported");
        },
      },
      other: {
        *run({ two, service, left, right }) {
          const { error } = yield* two.requestDeadName(service.name, isOwn ? right.name : left.name);
          check(isOwn === (error === "none"), "a message is asked for to an own port");
          if (isOwn) yield* two.requestDeadName(service.name, right.name);
          const note = yield* two.receive(right.name);
          check(note.error === "none" && note.id === "dead-name", "the death is reported to the other task too");
        },
      },
    },
    expect: isOwn ? "holds" : { violated: "deadlock" },
  });
};

export const broken = watched("a report that goes to somebody else's port", false);
export const repaired = watched("a report for each task", true);
export const repairedOnXnu = watched("a report for each task, on XNU", true, { personality: "xnu" });
