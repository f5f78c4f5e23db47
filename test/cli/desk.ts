import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Io } from "../../cli/io.ts";
import { main } from "../../cli/main.ts";
import type { World as CliWorld } from "../../cli/world.ts";
import { makeCertificate } from "../../serve/http/certificate.ts";
import { startHttpServer } from "../../serve/http/server.ts";
import { limits } from "../../shared/domain/limits.ts";
import type { World } from "../admin/world.ts";

export type Ran = { readonly code: number; readonly out: string; readonly err: string };

export type RunOptions = {
  readonly env?: Record<string, string>;
  /** A terminal, and what is answered to its questions; no terminal without it. */
  readonly answers?: readonly boolean[];
  readonly hasColour?: boolean;
  /** Happens while a question waits for its answer. */
  readonly onQuestion?: () => Promise<void>;
  /** Called instead of sleeping; time goes on by what was asked for. */
  readonly onSleep?: (times: number) => Promise<void> | void;
  /** Ctrl-C at this sleep. */
  readonly interruptAt?: number;
};

/** A person at a terminal, the admin API of a world served over HTTPS, and its data folder. */
export type Desk = {
  readonly folder: string;
  readonly url: string;
  /** Everything that was ever printed. */
  readonly printed: string[];
  /** Runs a command line against the data folder of the server. */
  run(args: readonly string[], options?: RunOptions): Promise<Ran>;
  /** Writes a file into the folder and returns its path. */
  file(name: string, text: string): Promise<string>;
  close(): Promise<void>;
};

/** Serves a world as a local server does, with a self-signed certificate that the data folder holds. */
export async function openDesk(world: World): Promise<Desk> {
  const folder = await mkdtemp(join(tmpdir(), "pointsman-cli-"));
  const certificate = await makeCertificate(Date.now());
  const server = await startHttpServer({
    host: "127.0.0.1",
    port: 0,
    certificate,
    log: world.deps.log,
    route: (path) =>
      path.startsWith("/admin/v1/") ? { handle: world.admin, maxBodyBytes: limits.adminBodyBytes } : undefined,
  });
  const url = `https://127.0.0.1:${server.port}`;
  const pemPath = join(folder, "certificate.pem");
  const running = { url, adminUrl: url, pid: process.pid, certificate: pemPath };
  await writeFile(pemPath, certificate.cert);
  await writeFile(join(folder, "admin-token"), `${world.token}\n`, { mode: 0o600 });
  await writeFile(join(folder, "running.json"), JSON.stringify(running));
  const printed: string[] = [];

  return {
    folder,
    url,
    printed,
    run: (args, options = {}) => runOnce([...args, "--data", folder], world, printed, options),
    async file(name, text) {
      const path = join(folder, name);
      await writeFile(path, text);
      return path;
    },
    async close() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Runs a command line with nothing around it but a world. */
export async function runOnce(
  args: readonly string[],
  world: Pick<World, "clock" | "deps">,
  printed: string[],
  options: RunOptions = {},
): Promise<Ran> {
  const out: string[] = [];
  const err: string[] = [];
  const interrupt = new AbortController();
  const answers = [...(options.answers ?? [])];
  const isTty = options.answers !== undefined;
  const io: Io = {
    out: (text) => void out.push(text),
    err: (text) => void err.push(text),
    redraw: (text) => void out.push(text),
    isTty,
    hasColour: options.hasColour ?? false,
    async confirm(question) {
      if (!isTty) return undefined;
      out.push(question);
      await options.onQuestion?.();
      return answers.shift() ?? false;
    },
    interrupted: () => interrupt.signal,
  };
  let sleeps = 0;
  const cli: CliWorld = {
    io,
    clock: {
      ...world.clock,
      async sleep(ms) {
        sleeps++;
        if (sleeps === options.interruptAt) interrupt.abort();
        await options.onSleep?.(sleeps);
        await world.clock.advance(ms);
        if (sleeps > 1_000) throw new Error("sleeps without end");
      },
    },
    random: world.deps.random,
    env: options.env ?? {},
    userName: "anna",
  };
  const code = await main(args, cli);
  printed.push(...out, ...err);
  return { code, out: out.join("\n"), err: err.join("\n") };
}
