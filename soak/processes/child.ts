import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { fileURLToPath } from "node:url";
import type { Clock } from "../../shared/ports/clock.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Output since the last start that is looked through. */
const OUTPUT_CHARS = 1_000_000;

/** A process that can be killed and started again. */
export type Child = {
  readonly name: string;
  readonly pid: number | undefined;
  /** Starts it with these arguments for node; its output goes on in its log. */
  start(args: readonly string[]): void;
  /** Ends it at once, with SIGKILL, and resolves when it is gone. */
  kill(): Promise<void>;
  /** Resolves when its output since its last start has the text, with all of that output. Throws when it ends or time is up. */
  printed(text: string, limitMs: number, signal: AbortSignal): Promise<string>;
  /** How often it ended without being killed. */
  readonly deaths: number;
};

/** Makes a child of this process that writes its output to a log file. Not started yet. */
export function createChild(name: string, logPath: string, clock: Clock): Child {
  const log = createWriteStream(logPath, { flags: "a", mode: 0o600 });
  let running: ChildProcess | undefined;
  let isKilled = false;
  let output = "";
  let deaths = 0;

  return {
    name,
    get pid() {
      return running?.pid;
    },
    get deaths() {
      return deaths;
    },
    start(args) {
      const child = spawn(process.execPath, ["--import", "tsx", ...args], {
        cwd: root,
        env: { ...process.env, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true", NO_COLOR: "1" },
        stdio: ["ignore", "pipe", "pipe"],
        // Ctrl-C is for the run: it ends its children itself.
        detached: true,
      });
      running = child;
      isKilled = false;
      output = "";
      for (const stream of [child.stdout, child.stderr]) {
        stream?.on("data", (chunk: Buffer) => {
          if (output.length < OUTPUT_CHARS) output += chunk.toString("utf8");
          log.write(chunk);
        });
      }
      child.once("exit", (code, signal) => {
        if (running === child) running = undefined;
        if (isKilled) return;
        deaths += 1;
        log.write(`\n${name} ended by itself: ${signal ?? code}\n`);
      });
    },
    async kill() {
      const child = running;
      if (child === undefined) return;
      isKilled = true;
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    },
    async printed(text, limitMs, signal) {
      const untilMs = clock.monotonicMs() + limitMs;
      while (!output.includes(text)) {
        signal.throwIfAborted();
        if (running === undefined) throw new Error(`${name} ended: ${lastLines(output)}`);
        if (clock.monotonicMs() > untilMs) throw new Error(`${name} did not start in ${limitMs / 1000} s`);
        await clock.sleep(50, signal);
      }
      return output;
    },
  };
}

function lastLines(text: string): string {
  return text.trim().split("\n").slice(-3).join(" / ");
}

/** A port of this machine that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
