/**
 * How the tests run. Most files share the two processes, one after the other: modules of dist/ are then loaded and optimised by
 * V8 once, which saves a third of a second a file and more. A process of its own have files that fill memory, measure it, or
 * watch over processes and their own state.
 */
import { defineConfig } from "vitest/config";

const alone = [
  "specs/*",
  "conformance/conformance",
  "engine/disk",
  "engine/stores",
  "engine/workers",
  "explorer/page",
  // With the command line.
  "cli/*",
  "compiler/mixture",
  "counterexamples/run",
  "docs/documents",
  "explorer/command",
  "liveness/command",
  "package/package",
  "repair/fences",
  "repair/timeouts",
].map((name) => `tests/${name}.test.ts`);

export default defineConfig({
  test: {
    // dist/ is imported by Node itself: what is bundled from a specification then meets the same module instances.
    server: { deps: { external: [/\/dist\//] } },
    testTimeout: 120_000,
    maxWorkers: 2,
    // The compiler makes much that is soon garbage: with Node's 16 MB for what is new, collecting it takes a sixth of the time.
    execArgv: ["--max-semi-space-size=64"],
    projects: [
      { extends: true, test: { name: "alone", include: alone, sequence: { groupOrder: 0 } } },
      { extends: true, test: { name: "together", include: ["tests/**/*.test.ts"], exclude: alone, isolate: false, sequence: { groupOrder: 1 } } },
    ],
  },
});
