/**
 * A system in which single operations have other timeouts, without compiling it: what an operation does depends on its own
 * arguments and on the state, so that the rules and waits of one location can be taken from a system in which that operation has
 * been given these timeouts.
 */
import type { Code, Liveness, Location, System, Transition } from "../../model/system/system.ts";

/** An operation of a thread, in systems where it has other timeouts: it does what it does in any of them. */
export interface Other {
  readonly thread: number;
  readonly location: number;
  readonly systems: readonly System[];
}

/** Whether two systems can only differ in what operations do. */
export function sameShape(a: System, b: System): boolean {
  return shapeOf(a) === shapeOf(b);
}
/** Few systems are compared again and again. */
const shapes = new WeakMap<System, string>();
function shapeOf(system: System): string {
  const { variables, processes, operations, failures } = system;
  // Failures are numbered as they are met, and their places move with the text.
  const programOf = ({ blocks }: Code): readonly unknown[] =>
    blocks.map(({ statements, end }) => [statements, end.op === "fail" ? [failures[end.failure]?.kind, failures[end.failure]?.message] : end]);
  const shape =
    shapes.get(system) ??
    JSON.stringify([
      variables.map(({ name, length, initial }) => [name, length, initial]),
      // A call can be of a method that the specification itself has: what follows its operations is then another program.
      processes.map(({ entry, locations }) => [
        programOf(entry),
        locations.map(({ results, operation, continuation }) => [results, operations[operation]?.results, programOf(continuation)]),
      ]),
    ]);
  shapes.set(system, shape);
  return shape;
}

/** Takes these operations from the others. */
export function splice(base: System, others: readonly Other[]): System {
  const operations = [...base.operations];
  const failures = [...base.failures];
  const transitions: Transition[] = [...base.transitions];
  const processes = base.processes.map((process) => ({ ...process, locations: [...process.locations] }));
  const replacements: { readonly old: readonly number[]; readonly fresh: readonly number[] }[] = [];
  for (const { thread, location, systems } of others) {
    const before = base.processes[thread]?.locations[location];
    const fresh: number[] = [];
    let replaced: Location | null = null;
    for (const system of systems) {
      const given = system.processes[thread]?.locations[location];
      if (before === undefined || given === undefined) throw new RangeError("an operation has no counterpart");
      const operation = (index: number): number => {
        const info = system.operations[index];
        // Objects of one type have operations of one name: by position, unless other operations have come in between.
        const known = operations[index]?.name === info?.name ? index : operations.findIndex(({ name }) => name === info?.name);
        return known >= 0 || info === undefined ? known : operations.push(info) - 1;
      };
      const adapted = (code: Code): Code => ({
        ...code,
        blocks: code.blocks.map(({ statements, end }) => ({
          statements: statements.map((each) => (each.op === "complete" ? { ...each, operation: operation(each.operation) } : each)),
          end: end.op === "fail" ? { op: "fail", failure: failures.push(...system.failures.slice(end.failure, end.failure + 1)) - 1 } : end,
        })),
      });
      for (const id of given.transitions) {
        const transition = system.transitions[id];
        if (transition === undefined) continue;
        fresh.push(transitions.length);
        transitions.push({ ...transition, id: transitions.length, guard: adapted(transition.guard), body: adapted(transition.body) });
      }
      const { waits, args, access, transient = null, bound = null } = given;
      replaced ??= { ...before, operation: operation(given.operation), waits, args, access, transient, bound, transitions: fresh };
    }
    if (before === undefined || replaced === null) continue;
    for (const id of before.transitions) {
      const transition = transitions[id];
      if (transition !== undefined) transitions[id] = { ...transition, rule: "", location: -1, guard: never };
    }
    replacements.push({ old: before.transitions, fresh });
    processes[thread]?.locations.splice(location, 1, replaced);
  }
  return { ...base, operations, failures, transitions, processes, liveness: livenessOf(base, replacements) };
}

const never: Code = { temps: 1, blocks: [{ statements: [], end: { op: "deny" } }] };

/** Who has to be fair in all of an operation's steps has to be so in all of the new ones; in some of them: in those by the same rules. */
function livenessOf(base: System, replacements: readonly { readonly old: readonly number[]; readonly fresh: readonly number[] }[]): Liveness | null {
  const { liveness } = base;
  if (liveness == null) return null;
  const own = (ids: readonly number[]): readonly number[] => [
    ...ids.filter((id) => !replacements.some(({ old }) => old.includes(id))),
    ...replacements.flatMap(({ old, fresh }) => (old.some((id) => ids.includes(id)) ? fresh : [])),
  ];
  const urgent = [...liveness.urgent];
  for (const { old, fresh } of replacements) for (const id of fresh) urgent[id] = liveness.urgent[old[0] ?? -1] ?? true;
  return { ...liveness, urgent, fairness: liveness.fairness.map((each) => ({ ...each, enabling: own(each.enabling), taking: own(each.taking) })) };
}
