/** What a command line asks of runs, in place of what a protocol says. */
import type { RunOptions } from "../model/compiler/runs.ts";
import type { Fairness } from "../model/language/liveness.ts";

export interface LongRunOptions {
  readonly liveness?: true;
  readonly fairness?: Fairness;
}

/** Only what is given. */
export function runsGiven({ liveness, fairness }: LongRunOptions): RunOptions {
  return { ...(liveness === true ? { progress: true } : {}), ...(fairness === undefined ? {} : { fairness }) };
}
