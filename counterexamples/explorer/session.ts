/**
 * One protocol under the explorer's hands: the states along a path, and what there is to say about each of them. Everything
 * is computed from the path alone, on the interpreter, so that a link is a reproduction.
 */
import { problemsOf } from "../../checker/properties/problems.ts";
import type { Instance } from "../../model/language/protocol.ts";
import { enabledMoves, fire, initialState, type Move } from "../../model/system/interpret.ts";
import type { State, System } from "../../model/system/system.ts";
import { recordStep, standings } from "../make.ts";
import { memoryValues, namedValues, shownVariables } from "../show.ts";
import type { TraceThread } from "../trace.ts";
import { waitCycle, waitGraphOf } from "../wait-graph.ts";
import { changeText, isNoted } from "../words.ts";
import { breather } from "./breather.ts";
import { longestPath, moveText, parsePath, pathText } from "./path.ts";
import type { Moment, NamedValue, Scene, ShownMove, ShownProblem, ViewedStep, Walked } from "./view.ts";

/** A path that does not fit the protocol, or is none. */
export class PathError extends Error {}

/** Of this many moves the effects are shown; of others only the names. */
const mostPreviews = 256;

export class Session {
  readonly instance: Instance;
  readonly system: System;
  readonly scene: Scene;
  readonly #initial: State | null;
  readonly #failure: ShownProblem | null;
  /** The states along the path that was asked for last. */
  #last: { readonly moves: readonly string[]; readonly states: readonly State[] } = { moves: [], states: [] };

  constructor(instance: Instance, system: System, { about, command }: Pick<Scene, "about" | "command">) {
    this.instance = instance;
    this.system = system;
    const start = initialState(system);
    this.#initial = start.kind === "state" ? start.state : null;
    this.#failure = start.kind === "failure" ? this.#failed(start.failure) : null;
    this.scene = {
      protocol: instance.protocol.name,
      about,
      command,
      threads: instance.threads.map(({ name, cpu, untrusted }): TraceThread => ({ name, cpu, untrusted: untrusted !== false })),
      initial: this.#initial === null ? [] : this.#values(this.#initial),
      properties: propertiesOf(system),
    };
  }

  /** The steps of a path. Throws {@link PathError}. */
  async walk(text: string): Promise<Walked> {
    const path = pathOf(text);
    const states = await this.#states(path);
    const steps: ViewedStep[] = [];
    const pause = breather();
    for (const [index, move] of path.entries()) {
      await pause();
      const { decision, step, outcome } = recordStep(this.instance, this.system, states[index] as State, move);
      steps.push({ ...step, kind: decision.kind, fails: outcome.kind === "failure" ? this.#failed(outcome.failure) : null });
    }
    return { path: pathText(path), steps };
  }

  /** The state after a path. Throws {@link PathError}. */
  async moment(text: string): Promise<Moment> {
    const path = pathOf(text);
    const states = await this.#states(path);
    const state = states[path.length];
    const before = state ?? states.at(-1);
    if (before === undefined) return { threads: [], edges: [], circle: [], problems: this.#failure === null ? [] : [this.#failure], moves: [] };
    const { threads, edges } = standings(this.instance, this.system, before);
    const circle =
      waitCycle(
        waitGraphOf(threads, edges),
        threads.map(({ thread }) => thread),
      ) ?? [];
    if (state === undefined) {
      // The last step failed: everybody stands where they stood before it.
      const failed = fire(this.system, before, path.at(-1) as Move);
      return { threads, edges, circle, problems: failed.kind === "failure" ? [this.#failed(failed.failure)] : [], moves: [] };
    }
    const problems = problemsOf(this.system, state).map(({ kind, property, message }): ShownProblem => ({ kind, property, message }));
    return { threads, edges, circle, problems, moves: this.#moves(state) };
  }

  /** The state at the end of a path; null if its last step is a violation. Throws {@link PathError}. */
  async stateAfter(text: string): Promise<State | null> {
    const path = pathOf(text);
    return (await this.#states(path))[path.length] ?? null;
  }

  /** The states along a path, the first one included; one fewer if its last step is a violation. */
  async statesOf(text: string): Promise<readonly State[]> {
    return this.#states(pathOf(text));
  }

  async #states(path: readonly Move[]): Promise<readonly State[]> {
    if (this.#initial === null) {
      if (path.length > 0) throw new PathError("the protocol is violated before its first step; no path leads anywhere");
      return [];
    }
    const moves = path.map(moveText);
    const { moves: known, states: old } = this.#last;
    let common = 0;
    while (common < moves.length && moves[common] === known[common] && old[common + 1] !== undefined) common++;
    const states = old.length === 0 ? [this.#initial] : old.slice(0, common + 1);
    const pause = breather();
    for (let index = common; index < path.length; index++) {
      await pause();
      const move = path[index] as Move;
      const state = states[index];
      if (state === undefined) throw new PathError(`step ${index} of the path is a violation, and the path goes on after it`);
      if (!enabledMoves(this.system, state).some(({ transition, pick }) => transition === move.transition && pick === move.pick))
        throw new PathError(
          `step ${index + 1} of the path (${moveText(move)}) is not possible there; the path belongs to another protocol, or to other parameters`,
        );
      const outcome = fire(this.system, state, move);
      if (outcome.kind === "pruned") throw new PathError(`step ${index + 1} of the path is ruled out by an assumption`);
      if (outcome.kind === "state") states.push(outcome.state);
    }
    // Whoever steps back along a path will come forward again: the longer one is kept.
    if (common < moves.length) this.#last = { moves, states };
    return states;
  }

  #moves(state: State): readonly ShownMove[] {
    return enabledMoves(this.system, state).flatMap((move, index): readonly ShownMove[] => {
      const { decision, step, outcome } = recordStep(this.instance, this.system, state, move);
      if (outcome.kind === "pruned") return [];
      const picks = this.system.transitions[move.transition]?.picks ?? 1;
      const gets = step.completed
        .filter(({ result }) => result !== "")
        .map(({ thread, result }) => (thread === step.thread ? `gets ${result}` : `${thread} goes on: ${result}`));
      const effects = [...step.changes.filter(isNoted).map(changeText), ...gets];
      return [
        {
          move: moveText(move),
          cpu: step.cpu,
          thread: step.thread,
          kind: decision.kind,
          operation: step.operation,
          rule: step.rule,
          effects: index < mostPreviews ? (effects.length === 0 && picks > 1 ? [`choice ${move.pick}`] : effects) : [],
          fails: outcome.kind === "failure" ? this.#failed(outcome.failure) : null,
        },
      ];
    });
  }

  #failed(failure: number): ShownProblem {
    const { kind, message } = this.system.failures[failure] ?? { kind: "assertion", message: "violation" };
    return { kind, property: message, message };
  }

  #values(state: State): readonly NamedValue[] {
    const { instance, system } = this;
    const variables = shownVariables(system).flatMap((variable) => {
      const role = variable.scope === "object" ? ("object" as const) : variable.role;
      return role === "pc" ? [] : namedValues(instance, system, variable, state).map(({ name, value }) => ({ name, role, value }));
    });
    return [...variables, ...memoryValues(system, state).map(({ name, value }) => ({ name, role: "memory" as const, value }))];
  }
}

function pathOf(text: string): readonly Move[] {
  const path = parsePath(text);
  if (text.split("-", longestPath + 1).length > longestPath)
    throw new PathError(`the path has more than ${longestPath} steps, which is more than the explorer takes`);
  if (path === null) throw new PathError("this is no path: numbers joined by -, such as 3-17.2-5");
  return path;
}

/** What the checker looks for in this protocol. */
function propertiesOf(system: System): Scene["properties"] {
  const inSteps = [...new Set(system.failures.map(({ kind }) => kind))].map((kind) => ({ kind, property: kind }));
  const always = ["deadlock", "unreplied-call", "lost-wakeup", "data-race"].map((kind) => ({ kind, property: kind }));
  const { liveness } = system;
  const ofRuns = [
    ...(liveness?.formulas ?? []).map(({ name }) => ({ kind: "liveness", property: name })),
    ...(liveness?.progress == null ? [] : ["starvation", "livelock"].map((kind) => ({ kind, property: kind }))),
  ];
  return [...always, ...inSteps, ...system.invariants.map(({ name }) => ({ kind: "invariant", property: name })), ...ofRuns];
}
