/**
 * Makes a counterexample that is not a shortest one shorter: that of a random walk. Leaves out steps that do not matter
 * (delta debugging: Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002), then moves steps of
 * one thread together as far as the violation stays, which makes for fewer context switches. Every candidate is run
 * on the interpreter: what comes out violates the same property.
 */
import { problemsOf } from "../checker/properties/problems.ts";
import type { Finding, PathStep } from "../checker/result.ts";
import { enabledMoves, fire, initialState, type Move } from "../model/system/interpret.ts";
import type { State, System } from "../model/system/system.ts";

/** Steps that all candidates together may take. */
const mostSteps = 300_000;

/** A step by what it is, whatever happens around it: thread and location change with what is left out before. */
type Path = readonly Move[];

/** The same violation by a path that is no longer, or the finding itself. */
export function minimise(system: System, finding: Finding): Finding {
  if (finding.loop !== undefined || finding.path.length === 0) return finding;
  const search = new Search(system, finding);
  let best = search.run(finding.path);
  if (best === null) return finding;
  for (let size = Math.ceil(best.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    let shortened = true;
    // With single steps as long as that helps: leaving one out may make another one needless.
    while (shortened) {
      shortened = false;
      for (let at = 0; at < best.length; ) {
        const candidate: Path | null = search.run([...best.slice(0, at), ...best.slice(at + size)]);
        if (candidate !== null && candidate.length < best.length) {
          best = candidate;
          shortened = true;
        } else at += size;
      }
      if (size > 1) break;
    }
  }
  return search.told(search.together(best));
}

class Search {
  readonly #system: System;
  readonly #finding: Finding;
  #left = mostSteps;

  constructor(system: System, finding: Finding) {
    this.#system = system;
    this.#finding = finding;
  }

  /** The part of a path up to where the violation stands; null if it does not come to it, or not all of its steps can be taken. */
  run(path: Path): readonly PathStep[] | null {
    const start = initialState(this.#system);
    if (start.kind !== "state") return null;
    let state: State = start.state;
    const taken: Move[] = [];
    if (!this.#finding.failing && this.#isViolated(state)) return taken;
    for (const step of path) {
      if (this.#left-- <= 0) return null;
      const move = this.#moveLike(state, step);
      if (move === null) return null;
      const outcome = fire(this.#system, state, move);
      if (outcome.kind === "pruned") return null;
      taken.push(move);
      if (outcome.kind === "failure") return this.#isFailure(outcome.failure) ? taken : null;
      state = outcome.state;
      if (!this.#finding.failing && this.#isViolated(state)) return taken;
    }
    return null;
  }

  /** Moves steps of one thread next to each other where that is possible. */
  together(path: readonly PathStep[]): readonly PathStep[] {
    let best = path;
    const thread = (step: Move): number | null => this.#system.transitions[step.transition]?.thread ?? null;
    const switches = (of: Path): number => of.filter((step, i) => i > 0 && thread(step) !== thread(of[i - 1] as Move)).length;
    for (let at = 1; at < best.length; at++) {
      const step = best[at] as Move;
      const before = best.slice(0, at).findLastIndex((each) => thread(each) === thread(step));
      if (before < 0 || before === at - 1) continue;
      const moved = [...best.slice(0, before + 1), step, ...best.slice(before + 1, at), ...best.slice(at + 1)];
      if (switches(moved) >= switches(best)) continue;
      const candidate = this.run(moved);
      if (candidate !== null && candidate.length <= best.length && switches(candidate) < switches(best)) best = candidate;
    }
    return best;
  }

  /** The finding as it is at the end of this path. */
  told(path: readonly PathStep[]): Finding {
    if (this.#finding.failing) return { ...this.#finding, path };
    const start = initialState(this.#system);
    let state: State | null = start.kind === "state" ? start.state : null;
    for (const move of path) {
      const outcome = state === null ? null : fire(this.#system, state, move);
      state = outcome?.kind === "state" ? outcome.state : null;
    }
    const { kind, property } = this.#finding;
    const problem = state === null ? undefined : problemsOf(this.#system, state).find((each) => each.kind === kind && each.property === property);
    return { ...this.#finding, ...problem, path };
  }

  /** The move of this state that does what `step` did: the same transition, or the same rule of the same thread where it stands now. */
  #moveLike(state: State, step: Move): Move | null {
    const moves = enabledMoves(this.#system, state);
    const same = moves.find(({ transition, pick }) => transition === step.transition && pick === step.pick);
    if (same !== undefined) return same;
    const { transitions } = this.#system;
    const was = transitions[step.transition];
    const alike = moves.filter(({ transition }) => {
      const now = transitions[transition];
      return now !== undefined && was !== undefined && now.thread === was.thread && now.rule === was.rule && now.kind === was.kind;
    });
    return alike.find(({ pick }) => pick === step.pick) ?? alike[0] ?? null;
  }

  #isViolated(state: State): boolean {
    const { kind, property } = this.#finding;
    return problemsOf(this.#system, state).some((problem) => problem.kind === kind && problem.property === property);
  }

  #isFailure(failure: number): boolean {
    const found = this.#system.failures[failure];
    return this.#finding.failing && found?.kind === this.#finding.kind && found.message === this.#finding.property;
  }
}
