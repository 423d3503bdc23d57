/**
 * What can be changed: timeouts of the operations that a specification's text has. A flag is one phase of one operation; a set of
 * changes gives some flags another timeout.
 */
import type { Timeout } from "../../model/language/domain.ts";
import type { Phase, TimedWay } from "../../model/language/timed.ts";
import { type TimedPlace, wayOf } from "./timeout-places.ts";
import type { Ways } from "./timeout-systems.ts";

/** A phase of one operation is given another timeout. */
export interface TimeoutChange {
  readonly place: TimedPlace;
  readonly phase: Phase;
  readonly timeout: Timeout;
}
/** All other timeouts of one phase of one operation. */
export type Flag = readonly TimeoutChange[];

export const isOfFlag = (a: TimeoutChange, b: TimeoutChange): boolean => a.place === b.place && a.phase === b.phase;

/** What each flag of a place can be besides what it is. `finite`: timeouts that may fire at any moment as well. */
export function flagsOf(place: TimedPlace, finite: boolean): readonly Flag[] {
  const flags = new Map<Phase, Map<Timeout, TimeoutChange>>();
  for (const { timeouts } of place.call.ways)
    for (const [phase, timeout] of Object.entries(timeouts) as readonly (readonly [Phase, Timeout])[]) {
      if (timeout === place.given[phase] || (timeout === "finite" && !finite)) continue;
      const values = flags.get(phase) ?? new Map<Timeout, TimeoutChange>();
      if (!values.has(timeout)) values.set(timeout, { place, phase, timeout });
      flags.set(phase, values);
    }
  return [...flags.values()].map((values) => [...values.values()]);
}

/** The ways of writing that a set of changes comes to; the changes of one place for which there is none. */
export function waysOf(set: readonly TimeoutChange[]): Ways | TimedPlace {
  const ways = new Map<TimedPlace, TimedWay>();
  for (const place of new Set(set.map((change) => change.place))) {
    const own = set.filter((change) => change.place === place);
    const way = wayOf(place, Object.fromEntries(own.map(({ phase, timeout }) => [phase, timeout])));
    if (way === null) return place;
    ways.set(place, way);
  }
  return ways;
}

/** Every choice for some flags, to leave one as it is among them. */
export function choicesFor(flags: readonly Flag[]): readonly (readonly TimeoutChange[])[] {
  return flags.reduce<readonly (readonly TimeoutChange[])[]>((sofar, flag) => sofar.flatMap((set) => [set, ...flag.map((change) => [...set, change])]), [[]]);
}
