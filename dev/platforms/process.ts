import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { PlatformMessage, type PlatformSettings, type RunningPlatform } from "./types.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** What the process takes over of this one's environment: nothing that could lead its SDKs to a real account. */
const kept = ["PATH", "HOME", "TMPDIR"] as const;

/**
 * Runs `script` as a platform: sends it the settings and waits until it serves. It ends with this process, however that ends.
 * Throws an Error with the reason when it cannot start.
 */
export async function startPlatformProcess(
  script: URL,
  settings: PlatformSettings,
  tellLine: (line: string) => void,
): Promise<RunningPlatform> {
  const environment = Object.fromEntries(kept.map((name) => [name, process.env[name] ?? ""]));
  const child = fork(fileURLToPath(script), [], {
    cwd: root,
    execArgv: ["--import", "tsx"],
    env: { ...environment, NODE_ENV: "production", NODE_NO_WARNINGS: "1" },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  for (const stream of [child.stdout, child.stderr]) {
    if (stream !== null) createInterface({ input: stream }).on("line", tellLine);
  }
  child.send(settings);
  try {
    const { port } = await readiness(child);
    return { url: `https://127.0.0.1:${port}`, stop: () => end(child) };
  } catch (error) {
    await end(child);
    throw error;
  }
}

async function readiness(child: ChildProcess): Promise<{ readonly port: number }> {
  const gone = once(child, "exit").then(([code]): never => {
    throw new Error(`the platform's process ended with status ${String(code)} before it served`);
  });
  const [given] = await Promise.race([once(child, "message"), gone]);
  gone.catch(() => undefined);
  const message = PlatformMessage.parse(given);
  if (message.kind === "failed") throw new Error(message.reason);
  return message;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}
