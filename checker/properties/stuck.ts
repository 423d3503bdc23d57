/**
 * Why a thread that is left without service for ever is: who could serve it, as the kernel's waits say, and what they do. For
 * a state in which nothing moves any more, or the first of a cycle.
 */
import type { Site } from "../../model/language/operation.ts";
import type { State, System } from "../../model/system/system.ts";
import { blockedAnalysis } from "./blocked.ts";
import { standing } from "./problems.ts";

export interface Nobody {
  readonly kind: "deadlock" | "unreplied-call" | "lost-wakeup";
  readonly message: string;
  readonly site: Site | null;
  /** The thread, and those it waits for, directly or through others, that are blocked too. */
  readonly threads: readonly number[];
}

/** The thread, or the first trusted one that waits and is not at rest. */
export function nobodyServes(system: System, state: State, thread: number | null): Nobody {
  const { waiting } = blockedAnalysis(system, state);
  const trusted = (index: number): boolean => system.processes[index]?.stoppable === false;
  const first = waiting.find((each) => (thread === null ? trusted(each.thread) && !each.idle : each.thread === thread));
  const chain = new Set(first === undefined ? (thread === null ? [] : [thread]) : [first.thread]);
  const asked = new Set<number>();
  for (const each of chain) {
    for (const waker of waiting.find((other) => other.thread === each)?.wakers ?? []) {
      asked.add(waker);
      if (waiting.some((other) => other.thread === waker)) chain.add(waker);
    }
  }
  const kind = first?.until === true && !first.idle ? "lost-wakeup" : [...asked].some((waker) => !trusted(waker)) ? "unreplied-call" : "deadlock";
  const name = system.processes[first?.thread ?? thread ?? 0]?.name ?? "";
  const site = first === undefined ? null : (standing(system, state, first.thread)?.site ?? null);
  return { kind, message: `${name} is ${first?.says ?? "held up"}, and nobody will ever end that`, site, threads: [...chain].sort((a, b) => a - b) };
}
