import { startPlatformProcess } from "./process.ts";
import type { PlatformSettings, RunningPlatform } from "./types.ts";

/**
 * Starts the functions as on Google Cloud, in a process of its own: the real functions-framework with functions/google.ts, over
 * the given table and AWS. `tellLine` gets what the functions log, a line at a time. Throws an Error with the reason when it cannot start.
 */
export function startGooglePlatform(
  settings: PlatformSettings,
  tellLine: (line: string) => void,
): Promise<RunningPlatform> {
  return startPlatformProcess(new URL("google-process.ts", import.meta.url), settings, tellLine);
}
