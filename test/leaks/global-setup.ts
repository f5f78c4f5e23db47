import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { Output } from "./leak-search.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** Where test files leave the secrets that they used. */
    readonly leakFolder: string;
  }
}

/**
 * Around the whole run: looks for the secrets of all test files in what the run itself printed, which holds the console of
 * the tests, their names, and their failures. A find makes the exit code 1, whatever the reporter.
 */
export default function watchTheRun(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), "pointsman-leaks-"));
  project.provide("leakFolder", folder);
  const output = new Output();
  const restorers = (["stdout", "stderr"] as const).map((name) => {
    const stream = process[name];
    const write = stream.write;
    stream.write = ((...args: Parameters<typeof write>) => {
      output.note(name, typeof args[0] === "string" ? args[0] : Buffer.from(args[0]).toString("utf8"));
      return write.apply(stream, args);
    }) as typeof write;
    return () => {
      stream.write = write;
    };
  });
  return () => {
    for (const restore of restorers) restore();
    const forms = readdirSync(folder).flatMap((name) => readFileSync(join(folder, name), "utf8").trim().split("\n"));
    rmSync(folder, { recursive: true, force: true });
    const leaks = output.leaks(forms);
    if (leaks.length === 0) return;
    process.exitCode = 1;
    process.stderr.write(`\nthe suite printed secrets that it used:\n${leaks.join("\n")}\n`);
  };
}
