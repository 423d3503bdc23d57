/** Objects that rules reach by number, and initial values of their own: the naive checker and the engine agree. */
import { expect, test } from "vitest";
import { search } from "../../dist/checker/engine/index.js";
import { naive } from "../../dist/checker/naive/index.js";
import { compile } from "../../dist/model/compiler/index.js";
import { instantiate } from "../../dist/model/language/protocol.js";
import { loadSpec } from "../../dist/model/loader/load.js";

const { protocols } = await loadSpec("tests/compiler/protocols/shelves.ts");

test.each([
  ["tidy", "holds", 10],
  ["general", "holds", 5],
  ["lost", "violated", 1],
] as const)("%s is the same in both checkers", async (name, verdict, least) => {
  const protocol = protocols.find(({ exportName }) => exportName === name)?.protocol;
  if (protocol === undefined) throw new Error(`no protocol ${name}`);
  const instance = instantiate(protocol);
  const mine = await search(compile(instance, { liveness: false }));
  const plain = naive(instance);
  const counts = (each: { readonly states: number; readonly transitions: number; readonly depth: number }) => [each.states, each.transitions, each.depth];
  expect(counts(mine.stats)).toEqual(counts(plain.stats));
  expect(mine.findings.map(({ kind }) => kind)).toEqual(plain.findings.map(({ kind }) => kind));
  expect(mine.verdict).toBe(verdict);
  expect(mine.stats.states).toBeGreaterThanOrEqual(least);
});
