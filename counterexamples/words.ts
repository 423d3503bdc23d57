/** The parts of a trace in words, the same in every report and picture. */
import type { Change, ShownValue, Trace, TraceStep } from "./trace.ts";

/** A value: `3`, `nobody`, `[a, b]`. */
export function valueText(shown: ShownValue | readonly ShownValue[]): string {
  if (Array.isArray(shown)) return `[${shown.map((each: ShownValue) => valueText(each)).join(", ")}]`;
  return shown === null ? "nobody" : String(shown);
}

/** `head 0 → 1`. */
export function changeText({ name, before, after }: Change): string {
  return `${name} ${valueText(before)} → ${valueText(after)}`;
}

/** Changes that a reader wants at first: memory, objects, and of the kernel's state the queues. */
export function isNoted({ role, before }: Change): boolean {
  return role === "memory" || role === "ghost" || role === "object" || (role === "kernel" && Array.isArray(before));
}

/** What a step did: its operation, and the rule where the operation does not name it. */
export function stepText({ operation, rule }: Pick<TraceStep, "operation" | "rule">): string {
  return rule === "" || operation.includes(rule) ? operation : `${operation}: ${rule}`;
}

/** `deadlock`, or `invariant "ring in bounds"`. */
export function violationTitle({ violation }: Pick<Trace, "violation">): string {
  return violation.property === violation.kind ? violation.kind : `${violation.kind} "${violation.property}"`;
}

/** Who takes a step: a thread, memory (a store buffer drains), or the kernel by itself. */
export function actorText({ thread, cpu }: Pick<TraceStep, "thread" | "cpu">): string {
  return thread ?? (cpu === null ? "kernel" : "memory");
}

/** A word of a command, as a shell takes it. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/u.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
