/** Every counterexample found in the library is reproduced on the machine (a sixth of them unless all are asked for). */
import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { replayTrace } from "../../dist/counterexamples/replay.js";
import { loadSpec } from "../../dist/model/loader/load.js";
import { inTurn } from "../support/share.ts";
import { find } from "../counterexamples/found.ts";

describe.each(["exec", "fiasco", "genode", "k42", "l4", "lwkt", "mach", "minix", "nemesis", "qnx", "sel4"])("the protocols of %s", async (kernel) => {
  const files = readdirSync(`specs/${kernel}`).map((file) => `specs/${kernel}/${file}`);
  const specs = await Promise.all(files.map(async (file) => ({ file, loaded: await loadSpec(file) })));
  const protocols = specs.flatMap(({ file, loaded }) => loaded.protocols.map(({ exportName, protocol }) => ({ file, exportName, protocol })));

  const violated = protocols.filter(
    ({ protocol }) => protocol.expect !== "holds" && Object.values(protocol.threads).every(({ untrusted }) => untrusted !== "arbitrary"),
  );
  test.each(violated.filter((_, index) => inTurn(index, 0, 6)))(
    "$file ($exportName) has a counterexample that the machine reproduces",
    async ({ file, exportName }) => {
      const { instance, system, traces } = await find(file, exportName);
      expect(traces.length).toBeGreaterThan(0);
      for (const trace of traces) expect(await replayTrace(trace, instance, system)).toMatchObject({ verdict: "reproduced", step: trace.decisions.length });
    },
  );
});
