import { defineConfig } from "vitest/config";

/** Suites against servers that npm does not bring: `npm run external:install` first, then `npm run test:moto` and so on. */
export default defineConfig({
  test: {
    include: ["test/external/**/*.test.ts"],
    testTimeout: 120_000,
    hookTimeout: 300_000,
    fileParallelism: false,
  },
});
