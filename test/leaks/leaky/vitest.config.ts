import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** Runs cases that let secrets out, or not, under the watch that all tests run under. */
export default defineConfig({
  root,
  test: {
    include: ["test/leaks/leaky/*.case.ts"],
    globalSetup: ["test/leaks/global-setup.ts"],
    setupFiles: ["test/leaks/setup.ts"],
  },
});
