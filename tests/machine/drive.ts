/** Runs protocols on the machine in tests: by thread name, with what every thread saw. */
import { Executor, loadPaths, type StepReport, type ThreadStatus } from "../../dist/kernel/common/executor.js";
import { instantiate, type Protocol } from "../../dist/model/language/protocol.js";

export interface Driver {
  readonly executor: Executor;
  /** Steps these threads, one after the other, and returns the rules. */
  run(...threads: readonly string[]): readonly string[];
  step(thread: string, pick?: number): StepReport;
  status(thread: string): ThreadStatus["kind"];
  queue(thread: string): string | null;
}

export async function drive(protocol: Protocol, parameters: Record<string, number> = {}): Promise<Driver> {
  const instance = instantiate(protocol, parameters);
  const executor = new Executor(instance, await loadPaths(instance));
  const number = (name: string): number => {
    const found = instance.threads.find((thread) => thread.name === name);
    if (found === undefined) throw new Error(`no thread ${name}`);
    return found.handle.id;
  };
  const step = (thread: string, pick = 0): StepReport => {
    const report = executor.step(number(thread), pick);
    if (report.violation === null) {
      const faults = executor.audit();
      if (faults.length > 0) throw new Error(`after ${report.rule}: ${faults.join("; ")}`);
    }
    return report;
  };
  return {
    executor,
    step,
    run: (...threads) => threads.map((thread) => step(thread).rule),
    status: (thread) => executor.status(number(thread)).kind,
    queue: (thread) => {
      const status = executor.status(number(thread));
      return status.kind === "blocked" || status.kind === "timed" ? (status.blocking?.queue ?? null) : null;
    },
  };
}

/** What a thread got, without touching guarded fields. */
export function outcome(result: { readonly error: string; readonly phase: string }): string {
  return result.error === "none" ? "none" : `${result.error} (${result.phase})`;
}
