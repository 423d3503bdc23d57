import { search } from "../../dist/checker/engine/index.js";
import { naive } from "../../dist/checker/naive/index.js";
import { compile } from "../../dist/model/compiler/index.js";
import { SpecError } from "../../dist/model/loader/diagnostic.js";
import { instantiate } from "../../dist/model/language/protocol.js";
import { walkNatively } from "./native.js";
const mostStates = 3e3;
function summary(result) {
  const findings = [...new Set(result.findings.map(({ kind, path }) => `${kind} after ${path.length}`))].sort().join(", ");
  const { states, transitions, depth } = result.stats;
  return { verdict: result.verdict, findings, states, transitions, depth };
}
const show = (summary2) => Object.entries(summary2).map(([name, value]) => `${name} ${value}`).join(", ");
const shortest = (result) => Math.min(...result.findings.map(({ path }) => path.length));
async function compare(protocol, random) {
  const instance = instantiate(protocol);
  const oracle = naive(instance, { maxStates: mostStates });
  if (oracle.verdict === "inconclusive") return { kind: "skipped" };
  let plain;
  let reduced;
  try {
    plain = compile(instance, { liveness: false });
    reduced = compile(instance);
  } catch (error) {
    if (error instanceof SpecError) return { kind: "rejected", codes: error.diagnostics.map(({ code, message }) => `${code} ${message}`) };
    throw error;
  }
  const options = { maxStates: 10 * mostStates };
  const exact = await search(plain, options);
  const expected = summary(oracle);
  const found = summary(exact);
  if (show(expected) !== show(found)) return { kind: "differs", what: `naive: ${show(expected)}
engine: ${show(found)}` };
  const fewer = await search(reduced, options);
  const { verdict, states } = summary(fewer);
  if (verdict !== expected.verdict || shortest(fewer) !== shortest(oracle) || states > expected.states) return { kind: "differs", what: `naive: ${show(expected)}
engine with liveness: ${show(summary(fewer))}` };
  let steps = 0;
  for (const system of [plain, reduced]) {
    const walk = walkNatively(instance, system, random, 25);
    if (walk.difference !== null) return { kind: "differs", what: `native run: ${walk.difference}` };
    steps += walk.steps;
  }
  return { kind: "agreed", verdict: expected.verdict, states: expected.states, steps };
}
export {
  compare
};
