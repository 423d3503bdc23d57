/** What keeps a thread of seL4 from running, wherever it stands. */
import { type Halt, nobody } from "../../model/language/index.ts";
import { contextOf } from "./contexts.ts";
import type { System } from "./threads.ts";

export function haltsOf<M>(system: System<M>): Readonly<Record<string, Halt>> {
  const { tcb, mcs } = system;
  const inactive: Halt = {
    when: (k) => k.of(tcb, k.self).state === "inactive",
    says: "Inactive",
    kind: "scheduler",
    wakers: [{ by: ["tcb.resume"] }],
  };
  if (!mcs) return { inactive };
  return {
    inactive,
    ...system.cores.halts,
    "no scheduling context": {
      when: (k) => system.isRunning(k, k.self) && contextOf(k, k.self) === nobody,
      says: "Running without a scheduling context",
      kind: "scheduler",
      wakers: [{ by: ["context.bind"] }],
    },
  };
}
