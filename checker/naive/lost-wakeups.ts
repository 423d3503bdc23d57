/**
 * Threads that sleep although what they sleep for has come true, in a system that runs on without them: a backward pass
 * over the explored graph finds the states from which no steps of trusted threads lead to the thread's waking.
 */
import type { Instance } from "../../model/language/protocol.ts";
import type { Move, State } from "./model.ts";
import type { Problem, Waiting } from "./properties.ts";

/** A state that was found, in the order of finding. */
export interface Node {
  readonly state: State;
  readonly parent: Node | null;
  readonly move: Move | null;
  /** How each thread waits; null: it does not. */
  readonly waits: (Waiting | null)[];
  /** What steps of trusted threads lead to. */
  readonly trustedSteps: Node[];
}

/** For each trusted thread the first state, by level, from which it cannot be woken. */
export function lostWakeups(instance: Instance, nodes: readonly Node[]): readonly { readonly problem: Problem; readonly node: Node }[] {
  const before = new Map<Node, Node[]>(nodes.map((node) => [node, []]));
  for (const node of nodes) for (const next of node.trustedSteps) before.get(next)?.push(node);
  const found: { problem: Problem; node: Node }[] = [];
  for (const [thread, { name, untrusted }] of instance.threads.entries()) {
    if (untrusted !== false) continue;
    const lost = (node: Node): boolean => (node.waits[thread]?.until ?? false) && !node.waits[thread]?.idle;
    for (const wait of new Set(nodes.filter(lost).map((node) => node.waits[thread]?.name))) {
      const wakes = new Set(nodes.filter((node) => node.waits[thread]?.name !== wait));
      for (const node of wakes) for (const earlier of before.get(node) ?? []) wakes.add(earlier);
      const first = nodes.find((node) => node.waits[thread]?.name === wait && lost(node) && !wakes.has(node));
      if (first !== undefined)
        found.push({
          node: first,
          problem: {
            kind: "lost-wakeup",
            property: "lost-wakeup",
            message: `${name} is ${first.waits[thread]?.says}, what it waits for is true, and nobody will wake it`,
            threads: [thread],
          },
        });
    }
  }
  return found;
}
