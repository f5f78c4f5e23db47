import { deployedFunctions } from "../serve/functions.ts";
import { lineLog } from "../serve/log.ts";
import { startServing } from "../serve/serve.ts";
import { type ServeOptions, settle } from "../serve/settings.ts";
import { type ExitCode, exitCodes } from "./exit.ts";
import { packageVersion } from "./version.ts";
import type { World } from "./world.ts";

/**
 * Serves until SIGTERM or SIGINT; resolves when what was under way has ended. Throws `ServeError` for options and for what
 * cannot be started. In a file of its own, which no other command loads.
 */
export async function runUntilStopped(options: ServeOptions, world: World): Promise<ExitCode> {
  const { clock, random } = world;
  const settings = settle(options, world.env);
  const stopped = stopSignal();
  const serving = await startServing(settings, {
    clock,
    random,
    log: lineLog((line) => void process.stdout.write(line), clock),
    functions: deployedFunctions,
    version: packageVersion,
  });
  await stopped;
  const isClean = await serving.stop();
  // What was cut off may keep the process alive for as long as its own time-outs.
  if (!isClean) process.exit(exitCodes.ok);
  return exitCodes.ok;
}

/** The first signal stops in good order; the next one ends the process as usual. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => {
      process.off("SIGTERM", stop);
      process.off("SIGINT", stop);
      resolve();
    };
    process.on("SIGTERM", stop);
    process.on("SIGINT", stop);
  });
}
