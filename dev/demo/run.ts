import { CliError } from "../../cli/exit.ts";
import type { Io } from "../../cli/io.ts";
import { styleFor } from "../../cli/style.ts";
import { FolderError } from "../../serve/folder-lock.ts";
import type { Functions, Parts } from "../../serve/functions.ts";
import type { Clock, Random } from "../../shared/ports/clock.ts";
import { consoleLog } from "../runtime/console-log.ts";
import { DatabaseUnreachable, type Runtime, startRuntime } from "../runtime/runtime.ts";
import type { StoreMoment } from "../runtime/watched-store.ts";
import { demonstrate, type Show } from "./demonstrate.ts";
import { hostUris } from "./host-uris.ts";
import { watchHeads } from "./lost-platform.ts";
import { putInForce } from "./network-in-force.ts";
import { localOperator } from "./operator.ts";
import type { StartOptions } from "./options.ts";
import { freePort, type SecondPlatform, startSecondPlatform } from "./platforms.ts";
import type { Report } from "./report.ts";
import { type PathText, runsText } from "./show.ts";
import { openStage } from "./stage.ts";
import { Interrupted, type Wait } from "./wait.ts";

export type StartWorld = {
  readonly io: Pick<Io, "out" | "err" | "hasColour">;
  readonly clock: Clock;
  readonly random: Random;
  readonly functions: (parts: Parts) => Functions;
  /** Aborts when the user wants to end. */
  readonly interrupted: AbortSignal;
  readonly path: PathText;
};

/** Preferred ports, so that an address stays the same from run to run; others are taken when these are not free. */
const PORT = 8443;
const CLOUD_PORT = 8444;
/** Hosts whose URIs are shown where nothing but serving was asked for. */
const URIS_SHOWN = 20;
const MOMENTS_KEPT = 1_000;
/** How the emulated clouds behave, beside their own rates. */
const BEHAVIOUR = { latency: { minMs: 50, maxMs: 150 }, readLagMs: 500 };

/** `npm start`: runs until the demonstration ends (`--once`) or the user does. Returns the exit code. */
export async function run(options: StartOptions, world: StartWorld): Promise<number> {
  const { io } = world;
  const show: Show = {
    say: (text) => (options.json ? io.err(text) : io.out(text)),
    style: styleFor(io.hasColour && !options.json),
  };
  let isReported = false;
  const tell: Tell = (report) => {
    if (options.json && !isReported) io.out(JSON.stringify(report));
    isReported = true;
  };
  try {
    return await runWith(options, world, show, tell);
  } catch (error) {
    tell({ failovers: [], ok: false });
    if (error instanceof Interrupted) return options.once ? 130 : 0;
    io.err(failureText(error));
    return 1;
  }
}

/** Prints a report where one was asked for; only the first one. */
type Tell = (report: Report) => void;

async function runWith(options: StartOptions, world: StartWorld, show: Show, tell: Tell): Promise<number> {
  const moments: StoreMoment[] = [];
  const watch = (moment: StoreMoment): void => {
    moments.push(moment);
    if (moments.length > MOMENTS_KEPT) moments.shift();
  };
  const secondPort = options.platforms.length > 1 ? await freePort() : undefined;
  const runtime = await startRuntime({
    clock: world.clock,
    random: world.random,
    log: consoleLog((text) => world.io.err(show.style.dim(text))),
    dataPath: options.data,
    databaseUrl: options.databaseUrl,
    port: { number: options.port ?? PORT, isRequired: options.port !== undefined },
    cloudPort: CLOUD_PORT,
    ...(secondPort !== undefined && { otherEndpoints: [`127.0.0.1:${secondPort}`] }),
    functions: world.functions,
    watch,
  });
  const wait: Wait = {
    clock: world.clock,
    signal: world.interrupted,
    progress: (text) => world.io.err(show.style.dim(`  … ${text}`)),
  };
  runtime.clouds.behave(BEHAVIOUR);
  const log = (line: string): void => world.io.err(show.style.dim(`gcp: ${line}`));
  let second: SecondPlatform | undefined;
  try {
    if (secondPort !== undefined) second = await startSecondPlatform(runtime, secondPort, log);
    return await perform(options, world, { runtime, second }, { moments, watch }, wait, show, tell);
  } finally {
    show.say(show.style.dim("Stopping … (Ctrl-C again ends at once)"));
    await second?.stop();
    await runtime.stop();
  }
}

type Running = { readonly runtime: Runtime; readonly second: SecondPlatform | undefined };
type Watched = { readonly moments: readonly StoreMoment[]; readonly watch: (moment: StoreMoment) => void };

async function perform(
  options: StartOptions,
  world: StartWorld,
  { runtime, second }: Running,
  { moments, watch }: Watched,
  wait: Wait,
  show: Show,
  tell: Tell,
): Promise<number> {
  const operator = localOperator(runtime);
  const { network, from } = await putInForce(runtime, operator, options, wait);
  const uris = await hostUris(network, operator, options.demo ? Number.POSITIVE_INFINITY : URIS_SHOWN);
  show.say(runsText(runtime, network, from, [...uris.values()], show.style, world.path, second));
  if (!options.demo) return untilInterrupted(wait, show);

  const stage = await openStage({
    network,
    clock: world.clock,
    random: world.random,
    ca: runtime.data.certificate.cert,
    uriOf: (hostId) => uris.get(hostId)?.uri ?? "",
  });
  const unwatch = second && watchHeads({ store: runtime.store, clock: world.clock, network }, watch);
  try {
    const report = await demonstrate(runtime, stage, moments, wait, show, second);
    tell(report);
    if (options.once) return report.ok ? 0 : 1;
    return await untilInterrupted(wait, show);
  } finally {
    await unwatch?.();
    await stage.close();
  }
}

async function untilInterrupted(wait: Wait, show: Show): Promise<number> {
  show.say("\nServing. Ctrl-C stops.");
  await new Promise<void>((resolve) => {
    if (wait.signal.aborted) resolve();
    else wait.signal.addEventListener("abort", () => resolve(), { once: true });
  });
  return 0;
}

function failureText(error: unknown): string {
  if (error instanceof CliError) {
    const mistakes = (error.mistakes ?? []).map(({ field, value, reason }) => `\n  ${field}: ${value}: ${reason}`);
    return `npm start: ${error.message}${mistakes.join("")}\n  what to do: ${error.next}`;
  }
  if (error instanceof FolderError) return `npm start: ${error.message}`;
  if (error instanceof DatabaseUnreachable) return `npm start: ${error.message}: start it, or leave out --database`;
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "EADDRINUSE") return "npm start: the port is taken: choose another with --port, or leave it out";
  if (code === "ENOENT") return `npm start: ${(error as Error).message}: check the path`;
  return `npm start: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}
