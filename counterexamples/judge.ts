/** Whether a violation really stands on the machine when a trace has been run to its end, and by what it is seen. */
import type { Executor } from "../kernel/common/executor.ts";
import { cellName } from "../kernel/common/user-memory.ts";
import type { CellHandle } from "../model/language/memory.ts";
import type { Step } from "../model/language/operation.ts";
import type { ThreadInstance } from "../model/language/protocol.ts";
import type { Trace } from "./trace.ts";
import { projectMachine } from "./projection.ts";
import type { System } from "../model/system/system.ts";

/** What was seen, or why it is not so. */
export type Judgement = { readonly stands: true; readonly evidence: string } | { readonly stands: false; readonly reason: string };

const seen = (evidence: string): Judgement => ({ stands: true, evidence });
const notSo = (reason: string): Judgement => ({ stands: false, reason });

/** A spinner must change nothing visible in so many steps of its own. */
const spinLimit = 1_000;

/** Judges a violation that is a property of the last state; may run spinning threads for a while. */
export function judge(trace: Trace, executor: Executor, system: System): Judgement {
  const numbers = trace.violation.threads.map((name) => trace.threads.findIndex((thread) => thread.name === name));
  switch (trace.violation.kind) {
    case "invariant":
      return judgeInvariant(trace, executor);
    case "data-race":
      return judgeRace(executor, numbers);
    case "deadlock":
    case "unreplied-call":
      return judgeBlocked(executor, system, numbers);
    case "lost-wakeup": {
      const blocked = judgeBlocked(executor, system, numbers);
      if (!blocked.stands) return blocked;
      const conditions = numbers
        .map((thread) => executor.status(thread))
        .flatMap((status) => ((status.kind === "blocked" || status.kind === "timed") && status.blocking?.until != null ? [status.blocking.until] : []));
      if (conditions.length > 0 && !conditions.includes(true)) return notSo("no thread sleeps although its condition holds");
      return seen(`${blocked.evidence}${conditions.includes(true) ? "; what it sleeps for holds" : ""}`);
    }
    case "liveness":
    case "starvation":
    case "livelock":
      return judgeRun(trace, executor);
    case "assertion":
    case "out-of-range":
    case "unhandled-error":
      return notSo("the run goes on without it");
  }
}

/** A run that repeats has been taken twice by now. One that stays must have nobody left who has to go on. */
function judgeRun({ steps, loop = steps.length, threads }: Trace, executor: Executor): Judgement {
  if (loop < steps.length)
    return seen(`${loop + 1 === steps.length ? "the step that repeats was" : "the steps that repeat were"} taken twice, and led back to the same state`);
  const going = threads.findIndex(({ untrusted }, thread) => !untrusted && ["ready", "timed"].includes(executor.status(thread).kind));
  return going >= 0 ? notSo(`${threads[going]?.name} can go on on the machine`) : seen("on the machine nobody is left who has to go on");
}

function judgeInvariant(trace: Trace, executor: Executor): Judgement {
  const { property } = trace.violation;
  const { protocol, parameters } = executor.instance;
  const invariant = protocol.invariants[property];
  if (invariant === undefined) return notSo(`the protocol has no invariant "${property}"`);
  const values = { ...executor.memory.values(), ...parameters };
  return invariant(values as never) ? notSo(`the invariant "${property}" holds on the machine`) : seen(`the invariant "${property}" is false on the machine`);
}

interface Access {
  readonly name: string;
  readonly cell: CellHandle;
  readonly isWrite: boolean;
  readonly isPlain: boolean;
}
/** The memory access that is next at an operation. A `waitUntil` reads its cell atomically. */
function accessOf(pending: Step | null): Access | null {
  if (pending?.kind === "waitUntil") return { name: "waitUntil", cell: pending.cell, isWrite: false, isPlain: false };
  if (pending?.kind !== "memory") return null;
  const { action, cell, order } = pending;
  return { name: action, cell, isWrite: action !== "read" && action !== "load", isPlain: order === "plain" };
}

function judgeRace(executor: Executor, threads: readonly number[]): Judgement {
  const [a, b] = threads.map((thread) => accessOf(executor.pending(thread)));
  if (a == null || b == null) return notSo("the two threads do not both stand at a memory access");
  if (a.cell !== b.cell) return notSo("the two accesses go to different cells");
  if (!a.isWrite && !b.isWrite) return notSo("neither access writes");
  if (!a.isPlain && !b.isPlain) return notSo("both accesses are atomic");
  return seen(`both accesses to ${cellName(a.cell, executor.instance.memory)} are next on the machine: ${a.name} and ${b.name}`);
}

function judgeBlocked(executor: Executor, system: System, threads: readonly number[]): Judgement {
  const evidence: string[] = [];
  for (const thread of threads) {
    const name = executor.instance.threads[thread]?.name ?? `${thread}`;
    const status = executor.status(thread);
    switch (status.kind) {
      case "blocked":
        evidence.push(`${name}: ${status.blocking?.queue ?? "in the kernel"}`);
        break;
      case "condition":
        evidence.push(`${name}: its condition is false`);
        break;
      case "ready": {
        const holder = heldBackBy(executor, threads, thread);
        if (holder !== null) {
          evidence.push(`${name}: ${holder} has the higher priority on its CPU and spins`);
          break;
        }
        const rounds = spin(executor, system, thread);
        if (rounds === null) return notSo(`${name} is not blocked on the machine, and does not spin`);
        evidence.push(`${name}: spins; after ${rounds} steps alone all is as before`);
        break;
      }
      case "timed":
        return notSo(`${name} is blocked with a timer on the machine, so it can go on`);
      case "stopped":
      case "finished":
        return notSo(`${name} has ${status.kind} on the machine`);
    }
  }
  return evidence.length === 0 ? notSo("it names no thread") : seen(evidence.join("; "));
}

/** The priority that a thread runs at: what the kernel says it has inherited, or its own. */
function runsAt(executor: Executor, { handle, priority }: ThreadInstance): number {
  const { inherited } = executor.instance.protocol.kernel;
  const raised = inherited === null ? -1 : Number(executor.project()[`${inherited.state.name}.${inherited.field}`]?.[handle.id] ?? -1);
  return raised < 0 ? priority : raised;
}

/** A thread of the same set that a scheduler by priority prefers on the same CPU and that can run. */
function heldBackBy(executor: Executor, threads: readonly number[], thread: number): string | null {
  const { protocol, threads: instances } = executor.instance;
  const own = instances[thread];
  if (protocol.scheduling !== "priority" || own === undefined) return null;
  const preferred = threads
    .map((each) => instances[each])
    .find(
      (other) =>
        other !== undefined &&
        other.cpu === own.cpu &&
        runsAt(executor, other) > runsAt(executor, own) &&
        ["ready", "condition"].includes(executor.status(other.handle.id).kind),
    );
  return preferred?.name ?? null;
}

/** Runs a thread alone for as long as a spinner may take to come round; the number of steps, or null if anything visible changes. */
function spin(executor: Executor, system: System, thread: number): number | null {
  const visible = (): string => JSON.stringify(projectMachine(executor, system));
  const start = visible();
  for (let steps = 1; steps <= spinLimit; steps++) {
    if (executor.status(thread).kind !== "ready" || executor.pending(thread)?.kind === "choose") return null;
    const report = executor.step(thread);
    if (report.violation !== null || report.pruned || report.completed.some((other) => other !== thread)) return null;
    if (visible() !== start) return null;
  }
  return spinLimit;
}
