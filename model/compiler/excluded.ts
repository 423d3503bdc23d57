/**
 * Operations that a thread's program has and never comes to, because the ranges of its locals rule them out: unreachable code as the
 * interval analysis sees it (Cousot and Cousot 1977). What is switched off by a constant, a parameter for one, is not compiled at all,
 * and is meant to be off.
 */
import type { Site } from "../language/operation.ts";
import type { ExcludedOperation } from "../system/system.ts";
import { type Node, successors } from "./graph.ts";
import type { Pending } from "./pending.ts";
import type { Group } from "./threads.ts";

/** Those of all groups. A place that some thread comes to, by whatever way, is not among them. */
export function excludedOperations(groups: ReadonlyMap<string, Group>): readonly ExcludedOperation[] {
  const keyOf = ({ file, start, end }: Site): string => `${file}:${start}:${end}`;
  const reached = new Set([...groups.values()].flatMap(({ locations }) => locations.flatMap(({ pending }) => chainOf(pending).map(keyOf))));
  const found = new Map<string, ExcludedOperation>();
  for (const [thread, group] of groups)
    for (const pending of firstExcluded(group)) {
      const site = chainOf(pending).find((each) => !reached.has(keyOf(each)));
      if (site !== undefined && !found.has(keyOf(site))) found.set(keyOf(site), { thread, label: pending.label, site });
    }
  return [...found.values()];
}

/** The calls that lead to an operation, outermost first, and its own place. */
const chainOf = ({ callers, site }: Pending): readonly Site[] => [...callers, site];

/** The operations that come next after a condition that is never true. */
function firstExcluded({ analysis, next }: Group): readonly Pending[] {
  const found: Pending[] = [];
  const seen = new Set<Node>();
  const visit = (node: Node): void => {
    if (seen.has(node) || analysis.has(node)) return;
    seen.add(node);
    if (node.end?.op === "perform") found.push(node.end.pending);
    else successors(node).forEach(visit);
  };
  for (const node of analysis.keys()) {
    const taken = next(node);
    for (const to of successors(node)) if (!taken.includes(to)) visit(to);
  }
  return found;
}
