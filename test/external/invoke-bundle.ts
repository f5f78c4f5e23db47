import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { unzip } from "../unzip.ts";

/** Unpacks a function's artefact as the platform would. */
export async function openBundle(zipPath: string): Promise<{ readonly folder: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "pointsman-bundle-"));
  for (const [name, bytes] of await unzip(zipPath)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), bytes);
  }
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

const runner = `
const [entry, events] = process.argv.slice(1);
const { handler } = await import(entry);
const results = [];
const context = { getRemainingTimeInMillis: () => 30000 };
for (const event of JSON.parse(events)) results.push((await handler(event, context)) ?? null);
process.stdout.write(JSON.stringify(results));
process.exit(0);
`;

/**
 * Runs a bundle's handler with events one after another, in a process of its own with nothing but the environment given:
 * what the platform does, short of its freezer. Gives the results and what was logged.
 */
export async function invokeBundle(
  folder: string,
  entry: string,
  events: readonly unknown[],
  environment: Readonly<Record<string, string>>,
): Promise<{ readonly results: readonly unknown[]; readonly log: string }> {
  const url = pathToFileURL(join(folder, entry)).href;
  const args = ["--no-warnings", "--input-type=module", "--eval", runner, url, JSON.stringify(events)];
  const env = { ...environment, PATH: process.env["PATH"] ?? "" };
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { cwd: folder, env });
  return { results: JSON.parse(stdout) as unknown[], log: stderr };
}
