/** What release/acquire memory is for, one idea a program; by the transition system and by the naive enumerator. */
import { describe, expect, test } from "vitest";
import { explore, parseLitmus } from "../../dist/litmus/index.js";
import { naiveOutcomes } from "../../dist/litmus/naive/index.js";
import { answer } from "../../dist/litmus/outcome.js";
import { source } from "./short.ts";

type Case = readonly [name: string, threads: readonly string[], condition: string, observation: "Never" | "Sometimes" | "Always"];
const cases: readonly Case[] = [
  ["message passing needs orders", ["W(x,1,rlx); W(y,1,rlx);", "int a = R(y,rlx); int b = R(x,rlx);"], "1:a=1 /\\ 1:b=0", "Sometimes"],
  ["a release without acquire is not enough", ["W(x,1,rlx); W(y,1,rel);", "int a = R(y,rlx); int b = R(x,rlx);"], "1:a=1 /\\ 1:b=0", "Sometimes"],
  ["release and acquire pass messages", ["W(x,1,rlx); W(y,1,rel);", "int a = R(y,acq); int b = R(x,rlx);"], "1:a=1 /\\ 1:b=0", "Never"],
  [
    "so do a release fence and an acquire fence",
    ["W(x,1,rlx); F(rel); W(y,1,rlx);", "int a = R(y,rlx); F(acq); int b = R(x,rlx);"],
    "1:a=1 /\\ 1:b=0",
    "Never",
  ],
  [
    "a release fence behind the store is too late",
    ["W(x,1,rlx); W(y,1,rlx); F(rel);", "int a = R(y,rlx); F(acq); int b = R(x,rlx);"],
    "1:a=1 /\\ 1:b=0",
    "Sometimes",
  ],
  [
    "a relaxed read-modify-write continues a release sequence",
    ["W(x,1,rlx); W(y,1,rel);", "ADD(y,1,rlx);", "int a = R(y,acq); int b = R(x,rlx);"],
    "2:a=2 /\\ 2:b=0",
    "Never",
  ],
  [
    "a relaxed write of another thread ends it",
    ["W(x,1,rlx); W(y,1,rel);", "int c = R(y,rlx); W(y,2,rlx);", "int a = R(y,acq); int b = R(x,rlx);"],
    "1:c=1 /\\ 2:a=2 /\\ 2:b=0",
    "Sometimes",
  ],
  [
    "so does a later relaxed write of the same thread, since C++20",
    ["W(x,1,rlx); W(y,1,rel); W(y,2,rlx);", "int a = R(y,acq); int b = R(x,rlx);"],
    "1:a=2 /\\ 1:b=0",
    "Sometimes",
  ],
  [
    "synchronisation is transitive",
    ["W(x,1,rlx); W(y,1,rel);", "int c = R(y,acq); W(z,1,rel);", "int a = R(z,acq); int b = R(x,rlx);"],
    "1:c=1 /\\ 2:a=1 /\\ 2:b=0",
    "Never",
  ],
  [
    "but not through a relaxed read",
    ["W(x,1,rlx); W(y,1,rel);", "int c = R(y,rlx); W(z,1,rel);", "int a = R(z,acq); int b = R(x,rlx);"],
    "1:c=1 /\\ 2:a=1 /\\ 2:b=0",
    "Sometimes",
  ],
  [
    "a failed compare-and-exchange that acquires",
    ["W(x,1,rlx); W(y,1,rel);", "int e = 5; int a = CAS(y,e,7,ar,acq); int b = R(x,rlx);"],
    "1:e=1 /\\ 1:b=0",
    "Never",
  ],
  [
    "a failed compare-and-exchange that is relaxed",
    ["W(x,1,rlx); W(y,1,rel);", "int e = 5; int a = CAS(y,e,7,ar,rlx); int b = R(x,rlx);"],
    "1:e=1 /\\ 1:b=0",
    "Sometimes",
  ],
  ["reads of one location go forward", ["W(x,1,rlx);", "int a = R(x,rlx); int b = R(x,rlx);"], "1:a=1 /\\ 1:b=0", "Never"],
  [
    "all threads agree on the order of writes to one location",
    ["W(x,1,rlx);", "W(x,2,rlx);", "int a = R(x,rlx); int b = R(x,rlx);", "int c = R(x,rlx); int d = R(x,rlx);"],
    "2:a=1 /\\ 2:b=2 /\\ 3:c=2 /\\ 3:d=1",
    "Never",
  ],
  ["no update is lost", ["int a = ADD(x,1,rlx);", "int b = ADD(x,1,rlx);"], "x=1", "Never"],
  ["an exchange takes a lock once", ["int a = XCHG(x,1,rlx);", "int b = XCHG(x,1,rlx);"], "0:a=0 /\\ 1:b=0", "Never"],
  ["no write comes between an update and what it read", ["int a = ADD(x,1,rlx);", "W(x,5,rlx); int b = R(x,rlx);"], "0:a=0 /\\ 1:b=5 /\\ x=1", "Never"],
  ["writes to two locations may end crosswise", ["W(x,1,rlx); W(y,2,rlx);", "W(y,1,rlx); W(x,2,rlx);"], "x=1 /\\ y=1", "Sometimes"],
  ["even with release and acquire", ["W(x,1,rel); W(y,2,rel);", "W(y,1,rel); W(x,2,rel);"], "x=1 /\\ y=1", "Sometimes"],
  ["store buffering with release and acquire", ["W(x,1,rel); int a = R(y,acq);", "W(y,1,rel); int b = R(x,acq);"], "0:a=0 /\\ 1:b=0", "Sometimes"],
  ["store buffering with seq_cst accesses", ["W(x,1,sc); int a = R(y,sc);", "W(y,1,sc); int b = R(x,sc);"], "0:a=0 /\\ 1:b=0", "Never"],
  ["store buffering with seq_cst fences", ["W(x,1,rlx); F(sc); int a = R(y,rlx);", "W(y,1,rlx); F(sc); int b = R(x,rlx);"], "0:a=0 /\\ 1:b=0", "Never"],
  ["store buffering with one fence", ["W(x,1,rlx); F(sc); int a = R(y,rlx);", "W(y,1,rlx); int b = R(x,rlx);"], "0:a=0 /\\ 1:b=0", "Sometimes"],
  ["acq_rel fences do not help", ["W(x,1,rlx); F(ar); int a = R(y,rlx);", "W(y,1,rlx); F(ar); int b = R(x,rlx);"], "0:a=0 /\\ 1:b=0", "Sometimes"],
  ["a seq_cst store is no fence for a relaxed load", ["W(x,1,sc); int a = R(y,rlx);", "W(y,1,sc); int b = R(x,rlx);"], "0:a=0 /\\ 1:b=0", "Sometimes"],
  ["a seq_cst fence meets a seq_cst access", ["W(x,1,rlx); F(sc); int a = R(y,rlx);", "W(y,1,sc); int b = R(x,sc);"], "0:a=0 /\\ 1:b=0", "Never"],
  [
    "independent readers disagree under release and acquire",
    ["W(x,1,rel);", "W(y,1,rel);", "int a = R(x,acq); int b = R(y,acq);", "int c = R(y,acq); int d = R(x,acq);"],
    "2:a=1 /\\ 2:b=0 /\\ 3:c=1 /\\ 3:d=0",
    "Sometimes",
  ],
  [
    "they agree under seq_cst",
    ["W(x,1,sc);", "W(y,1,sc);", "int a = R(x,sc); int b = R(y,sc);", "int c = R(y,sc); int d = R(x,sc);"],
    "2:a=1 /\\ 2:b=0 /\\ 3:c=1 /\\ 3:d=0",
    "Never",
  ],
  [
    "they agree if they fence",
    ["W(x,1,rlx);", "W(y,1,rlx);", "int a = R(x,rlx); F(sc); int b = R(y,rlx);", "int c = R(y,rlx); F(sc); int d = R(x,rlx);"],
    "2:a=1 /\\ 2:b=0 /\\ 3:c=1 /\\ 3:d=0",
    "Never",
  ],
  // Where this model is stronger than C11: see docs/decisions/0006.
  ["no load buffering", ["int a = R(x,rlx); W(y,1,rlx);", "int b = R(y,rlx); W(x,1,rlx);"], "0:a=1 /\\ 1:b=1", "Never"],
  [
    "the order of seq_cst operations extends reads-from",
    ["W(x,1,sc); W(y,1,rel);", "int a = ADD(y,1,sc); int b = R(y,rlx);", "W(y,3,sc); int c = R(x,sc);"],
    "1:a=1 /\\ 1:b=3 /\\ 2:c=0",
    "Never",
  ],
];

describe("release/acquire memory", () => {
  test.each(cases)("%s", (_, threads, condition, observation) => {
    const { program, question } = parseLitmus("test", source(threads, condition));
    expect(answer(explore(program, "ra"), question).observation).toBe(observation);
    expect(answer(naiveOutcomes(program, "ra"), question).observation).toBe(observation);
  });
});
