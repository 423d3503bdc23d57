/** Evidence: what stands in kernel memory where a violation was reproduced. */
import { expect, test } from "vitest";
import { evidence } from "../../dist/counterexamples/evidence.js";
import { Executor, loadPaths } from "../../dist/kernel/common/executor.js";
import * as l4 from "../../dist/kernel/l4/index.js";
import { int, protocol } from "../../dist/model/language/index.js";
import { instantiate } from "../../dist/model/language/protocol.js";

test("each control block says which queue leads to whom, from simulated memory", async () => {
  const instance = instantiate(
    protocol("p", {
      kernel: l4.kernel({ cpus: 1, message: int(0, 9) }),
      threads: {
        a: {
          cpu: 0,
          *run({ ipc, threads }) {
            yield* ipc.call(threads.b, 1);
          },
        },
        b: {
          cpu: 0,
          *run({ ipc, threads }) {
            yield* ipc.call(threads.a, 2);
          },
        },
      },
    }),
  );
  const executor = new Executor(instance, await loadPaths(instance));
  expect(evidence(executor)).toEqual([]);
  executor.step(0);
  executor.step(1);
  const plain = (): readonly string[] => evidence(executor).map((line) => line.replace(/ at 0x[0-9a-f]+/u, ""));
  expect(plain()).toEqual(["tcb a: partner b, from b, sendQueue [b]", "tcb b: partner a, from a, sendQueue [a]"]);
  const [tcb] = executor.records().filter(({ layout, record }) => layout === "tcb" && record.name === "b");
  executor.machine.poke((tcb?.record.address ?? 0) + 4, 0);
  expect(plain()[1]).toBe("tcb b: from a, sendQueue [a]");
});
