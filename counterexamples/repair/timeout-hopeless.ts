/**
 * Changes that no assignment can have: an operation that waits for an answer gets none with them, whatever the other timeouts. All
 * others may be chosen anew at each use, which allows more than any assignment does.
 */
import type { Phase } from "../../model/language/timed.ts";
import { shownPath } from "../../model/loader/registry.ts";
import type { System } from "../../model/system/system.ts";
import type { TimeoutChange } from "./timeout-changes.ts";
import { requestsOf, untilAnswered } from "./timeout-goal.ts";
import { wayOf } from "./timeout-places.ts";
import { type Other, sameShape, splice } from "./timeout-splice.ts";
import type { TimedSystems } from "./timeout-systems.ts";

/** A system that is violated if the operation can be answered with this change; null: nothing is known. `service`: what has to be reached. */
export async function answerable(
  systems: TimedSystems,
  { place, phase, timeout }: TimeoutChange,
  finite: boolean,
  service: ReadonlySet<string>,
): Promise<System | null> {
  if (place.call.answers === null || !service.has(`${shownPath(place.file)} ${place.offset}`)) return null;
  const base = await systems.base("correct");
  const others: Other[] = [];
  for (const process of base.system.processes) {
    for (const location of process.locations) {
      const here = systems.placeOf(base, location);
      if (here === null) continue;
      const allowed = here.call.ways.filter(
        ({ timeouts }) =>
          (here !== place || timeouts[phase] === timeout) &&
          Object.entries(timeouts).every(([each, value]) => value !== "finite" || finite || here.given[each as Phase] === "finite"),
      );
      const ways: System[] = [];
      for (const way of allowed) {
        const system = way === wayOf(here, {}) ? base.plain : await systems.variant(here, way, "correct");
        const operation = system?.operations[system.processes[process.index]?.locations[location.index]?.operation ?? -1]?.name;
        if (system === null || !sameShape(base.plain, system) || operation !== base.plain.operations[location.operation]?.name) return null;
        ways.push(system);
      }
      others.push({ thread: process.index, location: location.index, systems: ways });
    }
  }
  const requests = requestsOf(base.instance, base.plain).filter(({ thread, locations }) =>
    locations.some((index) => {
      const location = base.plain.processes[thread]?.locations[index];
      return location !== undefined && systems.placeOf(base, location) === place;
    }),
  );
  return requests.length === 0 ? null : untilAnswered(base.instance, splice(base.plain, others), requests);
}
