import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts"],
    // dist/ is imported by Node itself: what is bundled from a specification then meets the same module instances.
    server: { deps: { external: [/\/dist\//] } },
    testTimeout: 120_000,
    maxWorkers: 2,
  },
});
