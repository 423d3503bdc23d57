/** What is asked of runs: predicates as expressions, formulas over their numbers, and fairness as sets of transitions. */
import type { Fairness, LivenessProperty } from "../language/liveness.ts";
import { always, eventually, type Formula } from "../ltl/formula.ts";
import { parseFormula } from "../ltl/parse.ts";
import { sourceOf } from "../loader/registry.ts";
import type { Atom, Expr, FairnessConstraint, Liveness, LivenessFormula, Process, Transition } from "../system/system.ts";
import { enumType } from "./domains.ts";
import { binary, load, lookup, number, or } from "./expr.ts";
import type { Program } from "./program.ts";
import type { Replica } from "./threads.ts";
import { boolean, scalar, type Value } from "./values.ts";
import { statePredicate } from "./waits.ts";

/** In place of what a protocol says. */
export interface RunOptions {
  /** Ask for progress even if the protocol does not. */
  readonly progress?: boolean;
  /** Fairness of all trusted threads. */
  readonly fairness?: Fairness;
}

/** Null if nothing is asked of runs. */
export function livenessOf(
  program: Program,
  replicas: readonly Replica[],
  processes: readonly Process[],
  transitions: readonly Transition[],
  options: RunOptions,
): Liveness | null {
  const { protocol } = program.instance;
  const wanted = Object.entries(protocol.liveness);
  const isAsked = protocol.progress !== null || options.progress === true;
  if (wanted.length === 0 && !isAsked) return null;
  const views = threadViews(program, replicas);
  const atoms: Atom[] = [];
  const atomOf = (name: string, fn: unknown): Formula => {
    const source = sourceOf(fn);
    const holds = statePredicate(program, fn, { what: `the predicate "${name}"`, of: "a predicate" }, { threads: views });
    const site = source === null ? null : source.module.site(source.node.start, source.node.end);
    const text = source === null ? "" : source.module.text.slice(source.node.body?.start ?? 0, source.node.body?.end ?? 0).replace(/\s+/g, " ");
    return { op: "atom", atom: atoms.push({ name, text, holds, site }) - 1 };
  };
  const formulas = wanted.map(([name, property]) => formulaOf(name, property, atomOf));
  const goals = Object.entries(protocol.progress?.goals ?? {}).map(([name, goal]): LivenessFormula => {
    const { atom, site } = { atom: atomOf(name, goal), site: sourceOf(goal) };
    return { name, text: `[]<>${name}`, formula: always(eventually(atom)), site: site === null ? null : site.module.site(site.node.start, site.node.end) };
  });
  const trusted = processes.filter(({ stoppable }) => !stoppable);
  return {
    atoms: goals.length === 0 ? atoms : goalsAtTheEnd(atoms, goals.length, trusted),
    formulas,
    fairness: constraints(program, processes, transitions, options.fairness),
    urgent: transitions.map(({ thread }) => protocol.scheduling !== "free" || thread === null || processes[thread]?.stoppable === false),
    progress: isAsked ? { goals } : null,
  };
}

function formulaOf(name: string, { formula, predicates }: LivenessProperty, atomOf: (name: string, fn: unknown) => Formula): LivenessFormula {
  const names = Object.keys(predicates);
  const atoms = names.map((each) => atomOf(each, predicates[each]));
  const [first] = Object.values(predicates).map(sourceOf);
  return {
    name,
    text: formula,
    formula: renumber(parseFormula(formula, names), atoms),
    site: first == null ? null : first.module.site(first.node.start, first.node.end),
  };
}

function renumber(formula: Formula, atoms: readonly Formula[]): Formula {
  if (formula.op === "atom") return atoms[formula.atom] ?? formula;
  if ("of" in formula) return { ...formula, of: renumber(formula.of, atoms) };
  return "left" in formula ? { ...formula, left: renumber(formula.left, atoms), right: renumber(formula.right, atoms) } : formula;
}

/** Once all trusted threads have ended, nobody is kept from a goal. The goals are the last atoms. */
function goalsAtTheEnd(atoms: readonly Atom[], goals: number, trusted: readonly Process[]): readonly Atom[] {
  if (trusted.length === 0) return atoms;
  const ended = trusted
    .map(({ pc, locations }): Expr => binary("==", load(pc, null), number(locations.length)))
    .reduce((left, right): Expr => ({ op: "and", left, right }));
  return atoms.map((atom, index) => (index < atoms.length - goals ? atom : { ...atom, holds: or(atom.holds, ended) }));
}

/** Where threads stand, as predicates see it. */
function threadViews(program: Program, replicas: readonly Replica[]): Value {
  const view = ({ group, pc }: Replica): Value => {
    const labels = group.locations.map(({ pending }) => pending.label);
    const names = [...new Set([...labels, "finished", "stopped"])];
    const positions = [...labels, "finished", ...(pc.max > labels.length ? ["stopped"] : [])].map((label) => number(names.indexOf(label)));
    const where = load(pc.id, null);
    return {
      kind: "record",
      guard: null,
      fields: new Map([
        ["at", scalar(lookup(positions, where), enumType(names))],
        ["finished", scalar(binary("==", where, number(labels.length)), boolean)],
      ]),
    };
  };
  const groups = Object.entries(program.instance.protocol.threads).flatMap(([name, { count }]): [string, Value][] => {
    const members = replicas.filter(({ instance }) => instance.group === name).map(view);
    const [only] = members;
    if (count !== undefined) return [[name, { kind: "list", items: members }]];
    return only === undefined ? [] : [[name, only]];
  });
  return { kind: "record", guard: null, fields: new Map(groups) };
}

/**
 * Of each trusted thread as declared; of steps where asked; and weak fairness of what no thread does (the kernel's own
 * rules, each store buffer). Where stopping is a step, an untrusted thread steps or stops: else it would keep its CPU.
 */
function constraints(
  { instance }: Program,
  processes: readonly Process[],
  transitions: readonly Transition[],
  override: Fairness | undefined,
): readonly FairnessConstraint[] {
  const { fairness, scheduling } = instance.protocol;
  const otherwise = override ?? fairness.default ?? "weak";
  const found: FairnessConstraint[] = [];
  const add = (name: string, strength: Fairness, enabling: readonly Transition[], taking: readonly Transition[] = enabling): void => {
    if (strength === "none" || enabling.length === 0) return;
    found.push({ name, strength, enabling: enabling.map(({ id }) => id), taking: taking.map(({ id }) => id) });
  };
  for (const { index, name, group, stoppable } of processes) {
    const own = transitions.filter(({ thread }) => thread === index);
    const steps = own.filter(({ kind }) => kind === "step");
    const declared = fairness.threads?.[group];
    if (!stoppable) add(name, override ?? declared ?? otherwise, steps);
    else if (scheduling !== "free" && otherwise !== "none") add(name, "weak", steps, own);
    else if (declared !== undefined) add(name, declared, steps);
    for (const step of fairness.steps ?? []) {
      if (step.thread !== group) continue;
      const label = (transition: Transition): string | undefined => processes[index]?.locations[transition.location ?? -1]?.label;
      const these = steps.filter((each) => (step.operation ?? label(each)) === label(each) && (step.rule ?? each.rule) === each.rule);
      add(`${name}: ${step.operation ?? step.rule ?? "steps"}`, step.fairness, these);
    }
  }
  if (otherwise === "none") return found;
  const background = transitions.filter(({ kind }) => kind === "background");
  const key = (transition: Transition): string => (transition.drains === undefined ? `rule ${transition.id}` : `CPU ${transition.drains}`);
  for (const each of new Set(background.map(key))) {
    const these = background.filter((transition) => key(transition) === each);
    add(these[0]?.drains === undefined ? (these[0]?.rule ?? "") : `store buffer of ${each}`, "weak", these);
  }
  return found;
}
