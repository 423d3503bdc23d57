/** What operations cost on named machines: measurement, causes, charts. The command line and bench/ import this. */
import { loadPaths, NotExecutable } from "../kernel/common/executor.ts";
import type { Instance } from "../model/language/protocol.ts";
import { measure, type Measurement, type MeasureOptions } from "./measure.ts";

export { type Cause, causes, type Cycles, meaning, noCycles, total } from "./causes.ts";
export { type Calling, callings } from "./calls/index.ts";
export { type CallCost, callCost } from "./compare.ts";
export { type Bar, type BarGroup, chart } from "./chart.ts";
export { type Costs, type HandOver, type Measurement, type OperationCost, type OperationKey, sameOperation, waiting } from "./measure.ts";
export type { RunEnd } from "./schedule.ts";
export type { Basis, Profile, Source } from "../hardware/profile.ts";
export { findProfile, profiles, references } from "../hardware/profiles/index.ts";

/** The protocol has no executable form; the message says why. */
export class NotMeasurable extends Error {}

/** Measures a protocol on one machine. Throws {@link NotMeasurable}. */
export async function measureCosts(instance: Instance, options: MeasureOptions): Promise<Measurement> {
  try {
    return measure(instance, await loadPaths(instance), options);
  } catch (error) {
    if (error instanceof NotExecutable) throw new NotMeasurable(error.message);
    throw error;
  }
}
