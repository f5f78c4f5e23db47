import { spawn } from "node:child_process";

export type Ran = { readonly status: number; readonly output: string };

/** Runs a program with nothing of this process's environment but the path. Rejects when it cannot be started. */
export function run(
  program: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env: Readonly<Record<string, string>>; readonly input?: string },
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const env = { PATH: process.env["PATH"] ?? "", ...options.env };
    const child = spawn(program, args, { cwd: options.cwd, env, stdio: ["pipe", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => {
        output += chunk.toString();
      });
    }
    child.on("error", reject);
    child.on("close", (status) => resolve({ status: status ?? 1, output }));
    child.stdin.on("error", () => undefined);
    child.stdin.end(options.input ?? "");
  });
}
