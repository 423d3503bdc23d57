/**
 * What of symmetry is left where runs are judged (Emerson and Sistla, "Utilizing symmetry when model-checking under fairness
 * assumptions", 1997): predicates that every order of the replicas leaves as they are, and weak fairness that is asked of all of
 * them alike. docs/decisions/0041 has the argument.
 */
import type { FairnessConstraint, Liveness, Process, System } from "../system.ts";

/** Constraints on one replica that can be told apart. */
const mostConstraints = 8;

/** The constraints on some of these threads' steps. */
function constraintsOn({ transitions, liveness }: System, threads: readonly number[]): readonly number[] {
  const own = (id: number): boolean => threads.includes(transitions[id]?.thread ?? -1);
  return (liveness?.fairness ?? []).flatMap(({ enabling, taking }, index) => (enabling.some(own) || taking.some(own) ? [index] : []));
}

/** Why replicas cannot be put in any order because of what is asked of runs; null: nothing is against it. */
export function againstExchange(system: System, liveness: Liveness, replicas: readonly Process[]): string | null {
  if (liveness.progress !== null && replicas.some(({ stoppable }) => !stoppable)) return "progress is asked of each of them";
  const constraints = constraintsOn(
    system,
    replicas.map(({ index }) => index),
  );
  const strong = constraints.find((index) => liveness.fairness[index]?.strength === "strong");
  if (strong !== undefined) return "strong fairness is asked of each of them";
  if (constraints.length > mostConstraints * replicas.length) return `more than ${mostConstraints} kinds of fairness are asked of each of them`;
  const rows = replicas.map((replica) => keysOf(system, replica).map(({ key }) => key));
  return rows.every((row) => row.join() === rows[0]?.join()) ? null : "fairness is not asked of all of them alike";
}

/** The constraints on a replica's steps, in an order that is the same for all that are alike. */
export function constraintsOf(system: System, replica: Process): readonly number[] {
  return keysOf(system, replica).map(({ index }) => index);
}

function keysOf(system: System, replica: Process): readonly { readonly key: string; readonly index: number }[] {
  const { fairness } = system.liveness ?? { fairness: [] };
  // Steps by the place where they stand, which is the same in all replicas.
  const step = (id: number): string => {
    const transition = system.transitions[id];
    if (transition === undefined || transition.thread !== replica.index) return `other ${id}`;
    const place = replica.locations[transition.location ?? -1]?.transitions.indexOf(id) ?? -1;
    return place < 0 ? `${transition.kind} ${transition.location} ${transition.rule}` : `${transition.location} ${place}`;
  };
  const text = ({ strength, enabling, taking }: FairnessConstraint): string =>
    `${strength}: ${enabling.map(step).sort().join()} / ${taking.map(step).sort().join()}`;
  return constraintsOn(system, [replica.index])
    .flatMap((index) => {
      const constraint = fairness[index];
      return constraint === undefined ? [] : [{ key: text(constraint), index }];
    })
    .sort((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key)) || a.index - b.index);
}
