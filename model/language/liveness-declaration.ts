/** Whether `liveness`, `fairness` and `progress` of a declaration are what they have to be: for those who did not ask the type checker. */
import { automatonOf, mostAtoms } from "../ltl/automaton.ts";
import { normalForm } from "../ltl/formula.ts";
import { FormulaError, isReserved, parseFormula } from "../ltl/parse.ts";
import { fairnessNames, livenessBuilders } from "./liveness.ts";
import { nearestName, unknownKey } from "./names.ts";

/** Where in the declaration, and what is wrong. */
interface Wrong {
  readonly where: string;
  readonly message: string;
}
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === "object" && value !== null;

/** The first mistake; null if there is none. */
export function checkLiveness(declaration: Readonly<Record<string, unknown>>, threads: readonly string[]): Wrong | null {
  const { liveness, fairness, progress } = declaration;
  if (liveness !== undefined) {
    if (typeof liveness !== "function") return { where: "liveness", message: "must be a function of the builders: ({ leadsTo }) => ({ … })" };
    const properties: unknown = liveness(livenessBuilders);
    if (!isObject(properties)) return { where: "liveness", message: "must return an object with one entry for each property" };
    for (const [name, property] of Object.entries(properties)) {
      const message = propertyProblem(property);
      if (message !== null) return { where: `liveness.${name}`, message };
    }
  }
  return (fairness === undefined ? null : checkFairness(fairness, threads)) ?? (progress === undefined ? null : checkProgress(progress));
}

function propertyProblem(property: unknown): string | null {
  if (!isObject(property) || property["kind"] !== "liveness") return "must be made by eventually, leadsTo, alwaysEventually or ltl";
  const { formula, predicates } = property;
  if (typeof formula !== "string") return "a formula is a text";
  if (!isObject(predicates)) return "the second argument is an object with the predicates by name";
  const names = Object.keys(predicates);
  for (const [name, predicate] of Object.entries(predicates)) {
    if (isReserved(name)) return `a predicate cannot be called "${name}": that is no name, or an operator of formulas`;
    if (typeof predicate !== "function") return `the predicate "${name}" must be a function of the state`;
  }
  if (names.length > mostAtoms) return `a formula may have at most ${mostAtoms} predicates`;
  try {
    automatonOf(normalForm(parseFormula(formula, names), true));
    return null;
  } catch (error) {
    if (error instanceof FormulaError) return `${error.message}${perhaps(error.unknown, names)}\n  ${formula}\n  ${" ".repeat(error.at)}^`;
    if (error instanceof RangeError) return error.message;
    throw error;
  }
}

/** What a name that there is not may have been meant for. */
function perhaps(unknown: string | null, names: readonly string[]): string {
  if (unknown === null || names.length === 0) return "";
  const near = nearestName(unknown, names);
  return near === null ? `; there are ${names.join(", ")}` : `; did you mean "${near}"?`;
}

function checkFairness(fairness: unknown, threads: readonly string[]): Wrong | null {
  const strengths: readonly string[] = fairnessNames;
  const unfair = (where: string, value: unknown): Wrong => ({ where, message: `must be one of ${strengths.join(", ")}, not ${JSON.stringify(value)}` });
  if (typeof fairness === "string") return strengths.includes(fairness) ? null : unfair("fairness", fairness);
  if (!isObject(fairness)) return { where: "fairness", message: 'must be "none", "weak" or "strong", or an object with default, threads and steps' };
  const unknown = unknownKey(fairness, ["default", "threads", "steps"]);
  if (unknown !== null) return { where: `fairness.${unknown.key}`, message: unknown.message };
  const { default: otherwise = "weak", threads: each = {}, steps = [] } = fairness;
  if (!strengths.includes(otherwise as string)) return unfair("fairness.default", otherwise);
  if (!isObject(each)) return { where: "fairness.threads", message: "must be an object with the threads by name" };
  const stranger = unknownKey(each, threads);
  if (stranger !== null) return { where: `fairness.threads.${stranger.key}`, message: stranger.message };
  for (const [thread, strength] of Object.entries(each)) if (!strengths.includes(strength as string)) return unfair(`fairness.threads.${thread}`, strength);
  if (!Array.isArray(steps)) return { where: "fairness.steps", message: "must be a list" };
  for (const step of steps as readonly unknown[]) {
    if (!isObject(step)) return { where: "fairness.steps", message: "each of them is an object with thread, operation or rule, and fairness" };
    const wrong = unknownKey(step, ["thread", "operation", "rule", "fairness"]);
    if (wrong !== null) return { where: "fairness.steps", message: wrong.message };
    const { thread, fairness: strength } = step;
    if (!threads.includes(String(thread)))
      return { where: "fairness.steps", message: `there is no thread "${String(thread)}"; there are ${threads.join(", ")}` };
    if (strength !== "weak" && strength !== "strong") return { where: "fairness.steps", message: 'fairness of a step is "weak" or "strong"' };
  }
  return null;
}

function checkProgress(progress: unknown): Wrong | null {
  if (typeof progress === "boolean") return null;
  if (!isObject(progress)) return { where: "progress", message: "must be true, false, or an object with goals" };
  const unknown = unknownKey(progress, ["goals"]);
  if (unknown !== null) return { where: `progress.${unknown.key}`, message: unknown.message };
  const { goals = {} } = progress;
  if (!isObject(goals)) return { where: "progress.goals", message: "must be an object with predicates by name" };
  const bad = Object.entries(goals).find(([, goal]) => typeof goal !== "function");
  return bad === undefined ? null : { where: `progress.goals.${bad[0]}`, message: "must be a function of the state" };
}
