import { spawn } from "node:child_process";
import { cp, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const parts = ["serverless.yml", "package.json", "tsconfig.json", "deploy", "functions", "shared"];

/** A copy of what the `serverless` command works on, in a folder of its own, so that no two runs meet in one. */
export async function copyService(): Promise<{ readonly folder: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "pointsman-service-"));
  for (const part of parts) await cp(join(root, part), join(folder, part), { recursive: true });
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/**
 * Runs the `serverless` command in a folder, without the credentials and addresses of whoever runs the tests.
 * Resolves with what it printed; throws that when it fails.
 */
export async function runServerless(
  folder: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  const bin = join(root, "node_modules", "serverless", "bin", "serverless.js");
  const inherited = Object.entries(process.env).filter(([name]) => !/^AWS_|^SLS_|^SERVERLESS_/.test(name));
  const env = { ...Object.fromEntries(inherited), ...environment };
  const child = spawn(process.execPath, [bin, ...args], { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  if (code !== 0) throw new Error(`serverless ${args.join(" ")} ended with ${code}:\n${output}`);
  return output;
}
