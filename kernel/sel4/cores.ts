/**
 * Cores, as far as they can be told apart (issues 941 and 986 of seL4): a thread runs on the core of its scheduling context, so a
 * passive one that is given a context moves. It is then in the ready queue of a core that may be idle, and before the repair
 * nobody interrupts that core. It looks at its queue when it is interrupted for another thread. Everything else that makes a
 * thread ready on another core comes with an interrupt, which is taken as part of the same step.
 */
import { bool, type Halt, nobody, perThread, type RuleContext, type StateContext, type StateGroup, type ThreadId } from "../../model/language/index.ts";
import { contextOf } from "./contexts.ts";

const core = perThread("core", { unseen: bool() });

type Looking = Pick<StateContext, "of" | "threads" | "cpuOf" | "isFinished">;
type Acting = Pick<RuleContext, "of" | "threads" | "cpuOf" | "isFinished">;

export interface Cores {
  readonly groups: readonly StateGroup[];
  readonly halts: Readonly<Record<string, Halt>>;
  /** The core that a thread runs on, by its context; -1 without one. */
  coreOf(k: Looking, thread: ThreadId): number;
  /** A thread is ready on a core that is told. */
  told(k: Acting, thread: ThreadId): void;
  /** A thread has been given a context, perhaps of another core than `here`, where the kernel was entered. */
  moved(k: Acting, thread: ThreadId, here: number): void;
}

/** `missingInterrupt`: as before the repair. */
export function coresOf(isRunning: (k: Looking, thread: ThreadId) => boolean, missingInterrupt: boolean): Cores {
  const coreOf = (k: Looking, thread: ThreadId): number => {
    const owner = contextOf(k, thread);
    return owner === nobody ? -1 : k.cpuOf(owner);
  };
  const isIdle = (k: Looking, cpu: number): boolean => {
    for (const each of k.threads) if (coreOf(k, each) === cpu && isRunning(k, each) && !k.of(core, each).unseen && !k.isFinished(each)) return false;
    return true;
  };
  const told = (k: Acting, thread: ThreadId): void => {
    if (missingInterrupt) {
      const cpu = coreOf(k, thread);
      k.of(core, thread).unseen = false;
      for (const each of k.threads) if (cpu >= 0 && coreOf(k, each) === cpu) k.of(core, each).unseen = false;
    }
  };
  const moved = (k: Acting, thread: ThreadId, here: number): void => {
    if (missingInterrupt) {
      const cpu = coreOf(k, thread);
      k.of(core, thread).unseen = true;
      if (cpu < 0 || cpu === here || !isIdle(k, cpu)) k.of(core, thread).unseen = false;
    }
  };
  const unseen: Halt = {
    when: (k) => isRunning(k, k.self) && k.of(core, k.self).unseen,
    says: "Running, in the ready queue of an idle core that has not been told",
    kind: "scheduler",
    wakers: [
      {
        by: ["endpoint.send", "endpoint.receive", "notification.signal", "notification.wait", "reply.send", "tcb.resume", "context.bind", "endpoint.delete"],
        anywhere: true,
      },
    ],
  };
  return { groups: missingInterrupt ? [core] : [], halts: missingInterrupt ? { "not told": unseen } : {}, coreOf, told, moved };
}
