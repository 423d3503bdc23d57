/**
 * State counts that others have published, reproduced by protocols of our own with the same state vector. TLC's "generated"
 * states are the transitions and the initial state; the footers of the Murphi descriptions give states and rules fired.
 */
import { describe, expect, test } from "vitest";
import { search } from "../../dist/checker/engine/index.js";
import { compile } from "../../dist/model/compiler/index.js";
import { instantiate } from "../../dist/model/language/protocol.js";
import { loadSpec } from "../../dist/model/loader/load.js";

const thorough = process.env["IPC_CHECK_RUNS"] !== undefined;
const examples = "https://github.com/tlaplus/Examples, specifications";
const beem = "https://github.com/plug-obp/beem-benchmark (Pelánek, BEEM, 2007)";
const murphi = "examples of the Murphi distribution (Dill, Ip and others, Stanford, 1992), sym";

interface Published {
  readonly spec: string;
  readonly name?: string;
  readonly states: number;
  /** None where the source gives none. */
  readonly transitions?: number;
  readonly symmetry?: true;
  readonly source: string;
  /** Only with IPC_CHECK_RUNS: takes a second or more. */
  readonly large?: true;
}

const published: readonly Published[] = [
  { spec: "two-phase-commit", name: "three", states: 288, transitions: 1146 - 1, source: `${examples}/transaction_commit, TwoPhase with 3 managers` },
  { spec: "two-phase-commit", name: "five", states: 8832, source: "https://github.com/stateright/stateright, examples/2pc.rs with 5 managers" },
  { spec: "two-phase-commit", name: "six", states: 50_816, source: `${examples}/transaction_commit, the comment at the end of TwoPhase`, large: true },
  { spec: "mcs-lock", name: "two", states: 159, transitions: 318, source: `${murphi}/mcslock1.m` },
  { spec: "mcs-lock", name: "two", states: 81, transitions: 162, symmetry: true, source: `${murphi}/mcslock1.m` },
  { spec: "mcs-lock", name: "three", states: 7597, transitions: 22_791, source: `${murphi}/mcslock1.m` },
  { spec: "mcs-lock", name: "three", states: 1285, transitions: 3855, symmetry: true, source: `${murphi}/mcslock1.m` },
  { spec: "mcs-lock", name: "four", states: 554_221, transitions: 2_216_884, source: `${murphi}/mcslock1.m`, large: true },
  { spec: "mcs-lock", name: "four", states: 23_636, transitions: 94_544, symmetry: true, source: `${murphi}/mcslock1.m` },
  { spec: "filter-lock", name: "three", states: 882, transitions: 2646, source: `${murphi}/n_peterson.m` },
  { spec: "filter-lock", name: "four", states: 22_281, transitions: 89_124, source: `${murphi}/n_peterson.m` },
  { spec: "peterson", states: 42, transitions: 77 - 1, source: `${examples}/locks_auxiliary_vars, Peterson` },
  { spec: "stuttering-lock", states: 28, transitions: 41 - 1, source: `${examples}/locks_auxiliary_vars, LockHS` },
  { spec: "philosophers", states: 67, transitions: 336 - 1, source: `${examples}/DiningPhilosophers` },
  { spec: "allocator", states: 400, transitions: 1633 - 1, source: `${examples}/allocator, SimpleAllocator` },
  { spec: "bakery", name: "one", states: 1506, source: `${beem}, bakery.1` },
  { spec: "bakery", name: "two", states: 1146, source: `${beem}, bakery.2` },
  { spec: "bakery", name: "three", states: 32_919, source: `${beem}, bakery.3` },
  { spec: "bakery", name: "four", states: 157_003, source: `${beem}, bakery.4` },
  { spec: "msmie", name: "one", states: 2334, source: `${beem}, msmie.1` },
  { spec: "msmie", name: "three", states: 134_844, source: `${beem}, msmie.3` },
];

describe("counts published elsewhere", () => {
  for (const { spec, name = "default", states, transitions, symmetry = false, source, large } of published) {
    test.runIf(thorough || large !== true)(`${spec} ${name}${symmetry ? " with symmetry" : ""}: ${states} states (${source})`, async () => {
      const found = (await loadSpec(`tests/published/specs/${spec}.ts`)).protocols.find(({ exportName }) => exportName === name);
      if (found === undefined) throw new Error(`there is no ${name}`);
      const result = await search(compile(instantiate(found.protocol)), { symmetry });
      expect(result.verdict).toBe("holds");
      expect(result.stats.states).toBe(states);
      if (transitions !== undefined) expect(result.stats.transitions).toBe(transitions);
    });
  }
});
