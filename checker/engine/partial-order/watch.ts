/**
 * Whether steps read and write no more than their footprints say: the first states of a system, expanded by the interpreter
 * with everything that its guards, bodies and continuations touch recorded. A wrong footprint is an error in this program.
 */
import { allows, evaluate, fire, initialState, locationOf, type Outcome } from "../../../model/system/interpret.ts";
import type { Expr, State, System, Transition } from "../../../model/system/system.ts";
import { addAll, type Bits, emptyBits, hasBit } from "./bits.ts";
import type { Footprints } from "./footprints.ts";

interface Touched {
  readonly reads: Set<string>;
  readonly writes: Set<string>;
}
const touched = (): Touched => ({ reads: new Set(), writes: new Set() });

/** The state's rows, noting each element that is read or written. Locations are read to find out where threads stand, which no step depends on by itself. */
function recording({ variables }: System, state: readonly (readonly number[])[], { reads, writes }: Touched): number[][] {
  return state.map((row, variable) => {
    const located = variables[variable]?.role === "pc";
    const note = (set: Set<string>, key: string | symbol): void => void (typeof key === "string" && /^\d+$/u.test(key) && set.add(`${variable} ${key}`));
    return new Proxy(row as number[], {
      get: (target, key) => {
        if (!located) note(reads, key);
        return Reflect.get(target, key) as unknown;
      },
      set: (target, key, value) => {
        note(writes, key);
        return Reflect.set(target, key, value);
      },
    });
  });
}

/** What is wrong, in words; none if `most` states show nothing wrong. */
export function watchFootprints(system: System, footprints: Footprints, most: number): readonly string[] {
  const wrong = new Set<string>();
  const name = (element: string): string => {
    const [variable = "", index = ""] = element.split(" ");
    return `${system.variables[Number(variable)]?.name}[${index}]`;
  };
  const within = (what: string, found: ReadonlySet<string>, allowed: Bits, before: State, after: State): void => {
    for (const element of found) {
      const [variable = 0, index = 0] = element.split(" ").map(Number);
      // Who ran last is the scheduler's own.
      if (variable === system.current) continue;
      const constant = system.variables[variable]?.role !== "pc" && footprints.isConstant(variable, index);
      if (constant ? before[variable]?.[index] !== after[variable]?.[index] : !hasBit(allowed, footprints.element(variable, index)))
        wrong.add(`${what} ${name(element)}`);
    }
  };
  const pure = (what: string, expression: Expr, temps: readonly number[], state: State): void => {
    const seen = touched();
    evaluate(recording(system, state, seen), expression, temps);
    const allowed = emptyBits(footprints.size);
    footprints.reads(
      expression,
      temps.map((value) => [value, value]),
      allowed,
    );
    within(`${what} reads`, seen.reads, allowed, state, state);
  };

  const start = initialState(system);
  if (start.kind !== "state") return [];
  const states = new Map<string, State>([[JSON.stringify(start.state), start.state]]);
  for (const state of states.values()) {
    if (states.size > most) break;
    for (const { holds, name: invariant } of system.invariants) pure(`invariant ${invariant}`, holds, [], state);
    for (const { holds, name: atom } of system.liveness?.atoms ?? []) pure(`predicate ${atom}`, holds, [], state);
    for (const process of system.processes) {
      for (const { when, idle, until, wakers, says } of process.locations[locationOf(state, process)]?.waits ?? []) {
        for (const each of [when, idle, until]) if (each !== null) pure(`${process.name} ${says}`, each, [], state);
        for (const waker of wakers)
          for (const { index } of system.processes) if (index !== process.index) pure(`${process.name} ${says}`, waker.when, [index], state);
      }
    }
    for (const transition of system.transitions) {
      const process = transition.thread === null ? null : system.processes[transition.thread];
      if (process === undefined || (process !== null && locationOf(state, process) !== transition.location)) continue;
      for (const outcome of expand(transition, state)) if (outcome.kind === "state") states.set(JSON.stringify(outcome.state), outcome.state);
    }
  }
  return [...wrong];

  /** Every pick of a transition, with what it touches compared. */
  function expand(transition: Transition, state: State): readonly Outcome[] {
    const action = transition.thread === null ? footprints.background : footprints.actions[transition.thread]?.[transition.location ?? -1];
    if (action === undefined || action === null || transition.kind === "stop") return [];
    const what = `${transition.thread === null ? "background" : system.processes[transition.thread]?.name} at ${transition.location}, ${transition.rule}`;
    const outcomes: Outcome[] = [];
    for (let pick = 0; pick < transition.picks; pick++) {
      const asked = touched();
      const isAllowed = allows(system, recording(system, state, asked), transition, pick);
      if (!footprints.isPossible(transition, pick)) {
        if (isAllowed) wrong.add(`${what}: pick ${pick} is possible`);
        continue;
      }
      within(`${what}: the guard reads`, asked.reads, action.guards, state, state);
      if (!isAllowed) continue;
      const seen = touched();
      let plain: number[][] = [];
      const outcome = fire(system, state, { transition: transition.id, pick }, (rowsOfNew) => {
        plain = rowsOfNew;
        return recording(system, rowsOfNew, seen);
      });
      const [reads, writes] = [emptyBits(footprints.size), emptyBits(footprints.size)];
      const include = (footprint: { readonly reads: Bits; readonly writes: Bits } | undefined): void => {
        if (footprint === undefined) return;
        addAll(reads, footprint.reads);
        addAll(writes, footprint.writes);
      };
      include(action.own);
      for (const served of action.served) {
        const stands = system.processes[served.thread];
        if (stands !== undefined && locationOf(state, stands) === served.location) include(footprints.continuations[served.thread]?.[served.location]);
      }
      if (outcome.kind === "state") {
        for (const thread of outcome.completed) {
          const other = system.processes[thread];
          if (thread === transition.thread || other === undefined || locationOf(plain, other) === other.locations.length) continue;
          const at = locationOf(state, other);
          if (!action.served.some((served) => served.thread === thread && served.location === at)) wrong.add(`${what}: completes ${other.name} at ${at}`);
        }
        const acting = system.processes[transition.thread ?? -1];
        const moves = acting === undefined || outcome.completed.includes(acting.index) || locationOf(plain, acting) === acting.locations.length;
        if (action.moves && !moves) wrong.add(`${what}: does not end the operation`);
      }
      within(`${what}: reads`, seen.reads, reads, state, plain);
      within(`${what}: writes`, seen.writes, writes, state, plain);
      outcomes.push(outcome.kind === "state" ? { ...outcome, state: plain } : outcome);
    }
    return outcomes;
  }
}
