/** Whether a run that repeats violates a formula and is fair, by what the words mean: nothing of this is shared with the checkers. */
import type { Finding } from "../../dist/checker/result.js";
import type { Formula } from "../../dist/model/ltl/formula.js";
import { enabledMoves, evaluate, fire, initialState, type Move } from "../../dist/model/system/interpret.js";
import type { State, System } from "../../dist/model/system/system.js";

export interface Run {
  readonly states: readonly State[];
  /** The step that leaves each state; null: the run stays. */
  readonly moves: readonly (Move | null)[];
  /** Where the repeating part begins. */
  readonly loop: number;
}

/** The run of a finding, taken on the interpreter; throws if it is none. */
export function runOf(system: System, { path, loop = -1 }: Finding): Run {
  const start = initialState(system);
  if (start.kind !== "state") throw new Error("no initial state");
  const states: State[] = [start.state];
  for (const move of path) {
    const here = states.at(-1) as State;
    if (!enabledMoves(system, here).some(({ transition, pick }) => transition === move.transition && pick === move.pick))
      throw new Error("a step is not enabled");
    const outcome = fire(system, here, move);
    if (outcome.kind !== "state") throw new Error("a step leads nowhere");
    states.push(outcome.state);
  }
  if (loop < 0 || loop > path.length) throw new Error("the run does not say where it repeats");
  if (loop === path.length) {
    if (movesOn(system, states.at(-1) as State).some(({ transition }) => system.liveness?.urgent[transition]))
      throw new Error("the run stays where it must go on");
    return { states, moves: [...path, null], loop };
  }
  if (JSON.stringify(states.at(-1)) !== JSON.stringify(states[loop])) throw new Error("the run does not come back");
  return { states: states.slice(0, -1), moves: path, loop };
}

function movesOn(system: System, state: State): readonly Move[] {
  return enabledMoves(system, state).filter((move) => fire(system, state, move).kind === "state");
}

/** The truth of a formula on a run, by its definition: fixed points over the positions. */
export function isTrue(system: System, { states, loop }: Run, formula: Formula): boolean {
  const next = (i: number): number => (i + 1 < states.length ? i + 1 : loop);
  const values = (part: Formula): readonly boolean[] => {
    switch (part.op) {
      case "true":
      case "false":
        return states.map(() => part.op === "true");
      case "atom":
        return states.map((state) => evaluate(state, system.liveness?.atoms[part.atom]?.holds ?? { op: "const", value: 0 }) !== 0);
      case "not":
        return values(part.of).map((value) => !value);
      case "next": {
        const of = values(part.of);
        return states.map((_, i) => of[next(i)] === true);
      }
      case "and":
      case "or": {
        const [left, right] = [values(part.left), values(part.right)];
        return states.map((_, i) => (part.op === "and" ? left[i] === true && right[i] === true : left[i] === true || right[i] === true));
      }
      case "until":
      case "release": {
        const [left, right] = [values(part.left), values(part.right)];
        let found: boolean[] = states.map(() => part.op === "release");
        for (let round = 0; round <= states.length; round++)
          found = states.map((_, i) =>
            part.op === "until"
              ? right[i] === true || (left[i] === true && found[next(i)] === true)
              : right[i] === true && (left[i] === true || found[next(i)] === true),
          );
        return found;
      }
    }
  };
  return values(formula)[0] === true;
}

/** The constraint that a run does not meet; null: it is fair. */
export function unfairness(system: System, { states, moves, loop }: Run): string | null {
  for (const { name, strength, enabling, taking } of system.liveness?.fairness ?? []) {
    const again = states.slice(loop);
    const enabled = again.map((state) => movesOn(system, state).some(({ transition }) => enabling.includes(transition)));
    const taken = moves.slice(loop).some((move) => move !== null && taking.includes(move.transition));
    if (!taken && (strength === "weak" ? enabled.every(Boolean) : enabled.some(Boolean))) return `${strength} fairness of ${name}`;
  }
  return null;
}
