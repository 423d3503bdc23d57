/** Random formulas over p and q, and random demands on the runs of a random transition system. */
import { parseFormula } from "../../dist/model/ltl/parse.js";
import type { Expr, FairnessConstraint, Liveness, System } from "../../dist/model/system/system.js";

export type Random = (limit: number) => number;

/** A formula over p and q with at most `room` temporal operators, as text. */
export function formula(random: Random, room: number, next: boolean = true): string {
  const inside = (left: number): string => formula(random, left, next);
  if (room === 0) return ["p", "q", "!p", "!q", "(p && q)", "(p || !q)"][random(6)] ?? "p";
  const split = random(room);
  switch (random(9)) {
    case 0:
    case 1:
      return `[]${inside(room - 1)}`;
    case 2:
    case 3:
      return `<>${inside(room - 1)}`;
    case 4:
      return `(${inside(split)} ${["U", "W", "R"][random(3)]} ${inside(room - 1 - split)})`;
    case 5:
      return `(${inside(split)} ${["&&", "||", "->", "<->"][random(4)]} ${inside(split > 1 ? 1 : room - 1 - split)})`;
    case 6:
      return `!${inside(room)}`;
    case 7:
      return next ? `X ${inside(room - 1)}` : inside(room - 1);
    default:
      return inside(room - 1);
  }
}

/** What is asked of runs. */
export interface Demand {
  readonly p: Expr;
  readonly q: Expr;
  /** Texts of formulas over p and q. */
  readonly formulas: readonly string[];
  /** By thread. */
  readonly fairness: readonly ("none" | "weak" | "strong")[];
  /** Of single steps as well: the thread, and which of its locations. */
  readonly steps: readonly { readonly thread: number; readonly location: number; readonly strength: "weak" | "strong" }[];
  readonly progress: boolean;
}

/** The system with these demands; background rules are weakly fair where any thread is fair. */
export function demanding(system: System, { p, q, formulas, fairness, steps, progress }: Demand): System {
  const ids = (of: (transition: System["transitions"][number]) => boolean): readonly number[] => system.transitions.filter(of).map(({ id }) => id);
  const constraint = (name: string, strength: "weak" | "strong", these: readonly number[]): readonly FairnessConstraint[] =>
    these.length === 0 ? [] : [{ name, strength, enabling: these, taking: these }];
  const liveness: Liveness = {
    atoms: Object.entries({ p, q }).map(([name, holds]) => ({ name, text: name, holds, site: null })),
    formulas: formulas.map((text, i) => ({
      name: `f${i}`,
      text,
      formula: parseFormula(text, ["p", "q"]),
      site: null,
    })),
    fairness: [
      ...fairness.flatMap((strength, index) =>
        strength === "none"
          ? []
          : constraint(
              `t${index}`,
              strength,
              ids(({ thread, kind }) => thread === index && kind === "step"),
            ),
      ),
      ...steps.flatMap(({ thread, location, strength }) =>
        constraint(
          `t${thread} at ${location}`,
          strength,
          ids((each) => each.thread === thread && each.location === location && each.kind === "step"),
        ),
      ),
      ...(fairness.every((strength) => strength === "none")
        ? []
        : ids(({ kind }) => kind === "background").flatMap((id) => constraint(`rule ${id}`, "weak", [id]))),
    ],
    urgent: system.transitions.map(({ thread }) => thread === null || system.processes[thread]?.stoppable === false),
    progress: progress ? { goals: [] } : null,
  };
  return { ...system, invariants: [], liveness };
}
