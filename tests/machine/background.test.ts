/** What no thread does (devices, interrupts between CPUs, the end of a domain's time) happens in runs under the kernel's own scheduler, and the model follows. */
import { describe, expect, test } from "vitest";
import { freeRunner } from "../../dist/counterexamples/free.js";
import { loadPaths } from "../../dist/kernel/common/executor.js";
import { compile } from "../../dist/model/compiler/index.js";
import { instantiate } from "../../dist/model/language/protocol.js";
import { loadSpec } from "../../dist/model/loader/load.js";

describe("background rules fire in free runs of", () => {
  test.each(["exec/interrupted-list.ts", "lwkt/network-stack.ts", "nemesis/deferred-send.ts"])("%s", async (file) => {
    const { protocols } = await loadSpec(`specs/${file}`);
    const fired = new Set<string>();
    for (const { protocol } of protocols.slice(0, 3)) {
      const instance = instantiate(protocol);
      const system = compile(instance);
      const paths = await loadPaths(instance);
      for (let seed = 1; seed <= 4; seed++) {
        const runner = freeRunner(instance, system, paths, { seed, quantum: 200 });
        let agreement = runner.comparison.start();
        for (let step = 0; agreement.kind === "agreed" && step < 60; step++) {
          const advance = runner.advance();
          if (advance === null) break;
          ({ agreement } = advance);
          for (const { transition } of runner.comparison.lastMoves) {
            const taken = system.transitions[transition];
            if (taken?.kind === "background") fired.add(taken.rule);
          }
        }
        expect(agreement.kind === "differs" ? `seed ${seed}: ${agreement.difference}` : null).toBeNull();
      }
    }
    expect(fired.size).toBeGreaterThan(0);
  });
});
