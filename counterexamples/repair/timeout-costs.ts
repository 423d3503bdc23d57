/**
 * What timeouts cost: which operations of trusted threads can fail at all. Each gets a bit that is set while its last
 * result was a failure; a search of all states shows which bits ever are.
 */
import type { SearchResult } from "../../checker/result.ts";
import type { Instance } from "../../model/language/protocol.ts";
import type { Code, Expr, Invariant, Location, Process, Statement, System, Variable } from "../../model/system/system.ts";
import { successOf, timedOperation } from "./timeout-goal.ts";

/** An operation that can fail, where the author's text has it. */
export interface PossibleFailure {
  readonly thread: string;
  readonly label: string;
  readonly file: string;
  readonly line: number;
  /** Nothing looks at whether it has failed. */
  readonly unhandled: boolean;
}

interface Failing {
  readonly process: Process;
  readonly location: Location;
}

/** Those that some run sees fail, one for each place of the source. */
export async function failuresOf(instance: Instance, system: System, search: (instrumented: System) => Promise<SearchResult>): Promise<readonly Failing[]> {
  const candidates = system.processes.flatMap((process) =>
    process.stoppable
      ? []
      : process.locations.flatMap((location) => {
          const success = timedOperation(instance, system, location) ? successOf(instance, system, location) : null;
          return success === null ? [] : [{ process, location, success }];
        }),
  );
  if (candidates.length === 0) return [];
  const first = system.variables.length;
  const variables = candidates.map(
    (_, index): Variable => ({
      id: first + index,
      name: `failed.${index}`,
      role: "ghost",
      thread: null,
      scope: null,
      length: 1,
      type: { kind: "boolean" },
      min: 0,
      max: 1,
      initial: [0],
      queue: null,
      projected: false,
    }),
  );
  // Each invariant holds, and says nothing but whether its bit ever changes.
  const invariants = variables.map(
    ({ id, name }): Invariant => ({
      name,
      holds: { op: "binary", operator: "<=", left: { op: "load", variable: id, index: null }, right: { op: "const", value: 1 } },
      site: null,
    }),
  );
  const processes = system.processes.map((process) => ({
    ...process,
    locations: process.locations.map((location) => {
      const own = candidates.flatMap((each, index) => (each.process === process ? [{ ...each, variable: first + index }] : []));
      return own.length === 0 ? location : { ...location, continuation: marked(location.continuation, location, own) };
    }),
  }));
  const { census } = await search({ ...system, variables: [...system.variables, ...variables], invariants, processes });
  const never = new Set(census?.trivial.map(({ invariant }) => invariant));
  const seen = new Set<string>();
  return candidates.filter(({ location: { site } }, index) => {
    const key = `${site.file} ${site.start}`;
    if (never.has(index) || seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/** Whatever a thread performs clears its bits; what fails sets one. */
function marked(code: Code, location: Location, own: readonly { readonly location: Location; readonly success: Expr; readonly variable: number }[]): Code {
  const marks = own.map((each): Statement => {
    const failed: Expr = { op: "unary", operator: "!", operand: each.success };
    return { op: "assign", variable: each.variable, index: null, value: each.location === location ? failed : { op: "const", value: 0 } };
  });
  return { ...code, blocks: code.blocks.map(({ statements, end }, index) => ({ statements: index === 0 ? [...marks, ...statements] : statements, end })) };
}
