/**
 * A breadth-first search over the interpreter for the tests of traces: shortest paths to a blocked set, a race, a false
 * invariant or a failing step. Unlike the engine it does not look for wakeups that are lost while others run on.
 */
import { blockedAnalysis } from "../../dist/checker/properties/blocked.js";
import type { Finding } from "../../dist/checker/result.js";
import { enabledMoves, evaluate, fire, initialState, type Move } from "../../dist/model/system/interpret.js";
import type { State, System } from "../../dist/model/system/system.js";

interface Node {
  readonly state: State;
  readonly from: Node | null;
  readonly move: Move | null;
}

function pathTo(node: Node): readonly Move[] {
  return node.from === null || node.move === null ? [] : [...pathTo(node.from), node.move];
}

function stateFinding(system: System, node: Node): Finding | null {
  const base = { site: null, path: pathTo(node), failing: false };
  for (const { name, holds } of system.invariants) if (evaluate(node.state, holds) === 0) return { ...base, kind: "invariant", property: name, message: name, threads: [] };
  const { violation } = blockedAnalysis(system, node.state);
  return violation === null ? null : { ...base, kind: violation.kind, property: violation.kind, message: violation.kind, threads: violation.threads };
}

/** The first finding, or null if there is none within `most` states. */
export function firstFinding(system: System, most: number = 50_000): Finding | null {
  const start = initialState(system);
  if (start.kind !== "state") throw new Error("the protocol fails at once");
  const seen = new Set([JSON.stringify(start.state)]);
  const open: Node[] = [{ state: start.state, from: null, move: null }];
  for (let next = 0; next < open.length && next < most; next++) {
    const node = open[next];
    if (node === undefined) break;
    const finding = stateFinding(system, node);
    if (finding !== null) return finding;
    for (const move of enabledMoves(system, node.state)) {
      const outcome = fire(system, node.state, move);
      if (outcome.kind === "failure") {
        const failure = system.failures[outcome.failure];
        if (failure === undefined) throw new Error("no such failure");
        return { kind: failure.kind, property: failure.message, message: failure.message, site: failure.site, threads: outcome.thread === null ? [] : [outcome.thread], path: [...pathTo(node), move], failing: true };
      }
      if (outcome.kind !== "state") continue;
      const key = JSON.stringify(outcome.state);
      if (!seen.has(key)) {
        seen.add(key);
        open.push({ state: outcome.state, from: node, move });
      }
    }
  }
  return null;
}
