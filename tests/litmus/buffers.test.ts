/** Orders and fences on memory with store buffers, one idea a program; by the transition system and by the naive enumerator. */
import { describe, expect, test } from "vitest";
import { explore, parseLitmus } from "../../dist/litmus/index.js";
import { naiveOutcomes } from "../../dist/litmus/naive/index.js";
import { answer } from "../../dist/litmus/outcome.js";
import { source } from "./short.ts";

const reader = "int a = R(y,rlx); int b = R(x,rlx);";
type Case = readonly [name: string, threads: readonly string[], condition: string, tso: "Never" | "Sometimes", pso: "Never" | "Sometimes"];
const cases: readonly Case[] = [
  ["stores leave in order under TSO only", ["W(x,1,rlx); W(y,1,rlx);", reader], "1:a=1 /\\ 1:b=0", "Never", "Sometimes"],
  ["a release store follows the stores before it", ["W(x,1,rlx); W(y,1,rel);", reader], "1:a=1 /\\ 1:b=0", "Never", "Never"],
  ["a release store does not hold back the stores behind it", ["W(x,1,rel); W(y,1,rlx);", reader], "1:a=1 /\\ 1:b=0", "Never", "Sometimes"],
  ["a release fence keeps stores apart", ["W(x,1,rlx); F(rel); W(y,1,rlx);", reader], "1:a=1 /\\ 1:b=0", "Never", "Never"],
  ["an acquire fence does not", ["W(x,1,rlx); F(acq); W(y,1,rlx);", reader], "1:a=1 /\\ 1:b=0", "Never", "Sometimes"],
  [
    "a release fence lets loads pass the stores before it",
    ["W(x,1,rlx); F(rel); W(y,1,rlx); int a = R(z,rlx);", "W(z,1,rlx); F(sc); int b = R(x,rlx);"],
    "0:a=0 /\\ 1:b=0",
    "Sometimes",
    "Sometimes",
  ],
  ["two barriers in a row are one", ["W(x,1,rlx); F(rel); F(ar); W(y,1,rel);", reader], "1:a=1 /\\ 1:b=0", "Never", "Never"],
  ["stores to one location keep their order", ["W(x,1,rlx); W(x,2,rlx);", "int a = R(x,rlx); int b = R(x,rlx);"], "1:a=2 /\\ 1:b=1", "Never", "Never"],
  [
    "a seq_cst fence waits for the buffer",
    ["W(x,1,rlx); F(sc); int a = R(y,rlx);", "W(y,1,rlx); F(sc); int b = R(x,rlx);"],
    "0:a=0 /\\ 1:b=0",
    "Never",
    "Never",
  ],
  ["so does a seq_cst store", ["W(x,1,sc); int a = R(y,rlx);", "W(y,1,sc); int b = R(x,rlx);"], "0:a=0 /\\ 1:b=0", "Never", "Never"],
  [
    "and a locked operation, whatever its order",
    ["W(x,1,rlx); int c = ADD(z,1,rlx); int a = R(y,rlx);", "W(y,1,rlx); int d = ADD(z,1,rlx); int b = R(x,rlx);"],
    "0:a=0 /\\ 1:b=0",
    "Never",
    "Never",
  ],
  [
    "and a compare-and-exchange that fails",
    ["W(x,1,rlx); int e = 5; int c = CAS(z,e,1,rlx,rlx); int a = R(y,rlx);", "W(y,1,rlx); F(sc); int b = R(x,rlx);"],
    "0:a=0 /\\ 1:b=0",
    "Never",
    "Never",
  ],
  [
    "an acq_rel fence does not wait",
    ["W(x,1,rlx); F(ar); int a = R(y,rlx);", "W(y,1,rlx); F(ar); int b = R(x,rlx);"],
    "0:a=0 /\\ 1:b=0",
    "Sometimes",
    "Sometimes",
  ],
  [
    "a thread sees its own stores at once",
    ["W(x,1,rlx); int a = R(x,rlx); int b = R(y,rlx);", "W(y,1,rlx); int c = R(y,rlx); int d = R(x,rlx);"],
    "0:a=1 /\\ 0:b=0 /\\ 1:c=1 /\\ 1:d=0",
    "Sometimes",
    "Sometimes",
  ],
  ["and never anything older", ["W(x,1,rlx); int a = R(x,rlx);", "W(y,1,rlx);"], "0:a=0", "Never", "Never"],
  [
    "independent readers agree",
    ["W(x,1,rlx);", "W(y,1,rlx);", "int a = R(x,rlx); int b = R(y,rlx);", "int c = R(y,rlx); int d = R(x,rlx);"],
    "2:a=1 /\\ 2:b=0 /\\ 3:c=1 /\\ 3:d=0",
    "Never",
    "Never",
  ],
];

describe("memory with store buffers", () => {
  test.each(cases)("%s", (_, threads, condition, tso, pso) => {
    const { program, question } = parseLitmus("test", source(threads, condition));
    const observed = (["tso", "pso"] as const).map((model) =>
      [explore(program, model), naiveOutcomes(program, model)].map((found) => answer(found, question).observation),
    );
    expect(observed).toEqual([
      [tso, tso],
      [pso, pso],
    ]);
  });
});
