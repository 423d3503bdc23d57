/** Compares the naive checker, the engine on both kinds of systems, and the native generators on one protocol. */
import { search } from "../../dist/checker/engine/index.js";
import { naive } from "../../dist/checker/naive/index.js";
import { compile } from "../../dist/model/compiler/index.js";
import { SpecError } from "../../dist/model/loader/diagnostic.js";
import { instantiate, type Protocol } from "../../dist/model/language/protocol.js";
import { type Random, walkNatively } from "./native.js";

/** More states than this are not compared. */
const mostStates = 3000;

export type Comparison =
  | { readonly kind: "agreed"; readonly verdict: string; readonly states: number; readonly steps: number }
  | { readonly kind: "skipped" }
  | { readonly kind: "rejected"; readonly codes: readonly string[] }
  | { readonly kind: "differs"; readonly what: string };

interface Summary {
  readonly verdict: string;
  readonly findings: string;
  readonly states: number;
  readonly transitions: number;
  readonly depth: number;
}

function summary(result: {
  readonly verdict: string;
  readonly findings: readonly { readonly kind: string; readonly path: readonly unknown[] }[];
  readonly stats: { readonly states: number; readonly transitions: number; readonly depth: number };
}): Summary {
  const findings = [...new Set(result.findings.map(({ kind, path }) => `${kind} after ${path.length}`))].sort().join(", ");
  const { states, transitions, depth } = result.stats;
  return { verdict: result.verdict, findings, states, transitions, depth };
}
const show = (summary: Summary): string =>
  Object.entries(summary)
    .map(([name, value]) => `${name} ${value}`)
    .join(", ");
const shortest = (result: { readonly findings: readonly { readonly path: readonly unknown[] }[] }): number =>
  Math.min(...result.findings.map(({ path }) => path.length));

export async function compare(protocol: Protocol, random: Random): Promise<Comparison> {
  const instance = instantiate(protocol);
  const oracle = naive(instance, { maxStates: mostStates });
  // A bound of the memory model cuts behaviour off in the same way everywhere; a bound of the search does not.
  if (oracle.stats.states > mostStates) return { kind: "skipped" };
  let plain: ReturnType<typeof compile>;
  let reduced: ReturnType<typeof compile>;
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
  if (show(expected) !== show(found)) return { kind: "differs", what: `naive: ${show(expected)}\nengine: ${show(found)}` };
  const fewer = await search(reduced, options);
  const { verdict, states } = summary(fewer);
  if (verdict !== expected.verdict || shortest(fewer) !== shortest(oracle) || states > expected.states)
    return { kind: "differs", what: `naive: ${show(expected)}\nengine with liveness: ${show(summary(fewer))}` };
  let steps = 0;
  for (const system of [plain, reduced]) {
    const walk = walkNatively(instance, system, random, 25);
    if (walk.difference !== null) return { kind: "differs", what: `native run: ${walk.difference}` };
    steps += walk.steps;
  }
  return { kind: "agreed", verdict: expected.verdict, states: expected.states, steps };
}
