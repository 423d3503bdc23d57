import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts"],
    // dist/ is imported by Node itself: what is bundled from a specification then meets the same module instances.
    server: { deps: { external: [/\/dist\//] } },
    testTimeout: 120_000,
    maxWorkers: 2,
    // The compiler makes much that is soon garbage: with Node's 16 MB for what is new, collecting it takes a sixth of the time.
    execArgv: ["--max-semi-space-size=64"],
  },
});
