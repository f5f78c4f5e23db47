import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/external/**", "node_modules/**"],
    globalSetup: ["test/leaks/global-setup.ts"],
    setupFiles: ["test/leaks/setup.ts"],
    // By default one core is left free, which on two cores leaves one.
    maxWorkers: "100%",
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
