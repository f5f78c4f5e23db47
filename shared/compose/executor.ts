import * as z from "zod/mini";
import { executorId } from "../domain/clouds/executors.ts";
import { executorLimits } from "../executor/limits.ts";
import type { ExecutorParts } from "../executor/server.ts";
import { parseKey } from "../executor/sign.ts";
import { systemClock } from "../platform/clock.ts";
import { jsonLog } from "../platform/json-log.ts";
import { systemRandom } from "../platform/random.ts";
import { type Environment, readSettings } from "./config.ts";

const Settings = z.object({
  POINTSMAN_EXECUTOR_ID: z.string().check(z.regex(executorId, "not the id of an executor")),
  /** 64 hex digits; while a key is rotated, the new one and the old one with a comma. */
  POINTSMAN_EXECUTOR_KEY: z
    .string()
    .check(z.regex(/^\s*[0-9a-fA-F]{64}\s*(?:,\s*[0-9a-fA-F]{64}\s*)?$/, "not one or two keys of 64 hex digits")),
});

/** Longest body that an executor takes, bytes. */
export const executorBodyBytes = executorLimits.requestBytes;

/** Reads an executor's own settings. Throws an Error that names every variable that is missing or wrong, never a value. */
export function readExecutorConfig(environment: Environment): Pick<ExecutorParts, "id" | "keys"> {
  const found = readSettings(Settings, environment);
  const keys = found.POINTSMAN_EXECUTOR_KEY.split(",").flatMap((text) => parseKey(text) ?? []);
  return { id: found.POINTSMAN_EXECUTOR_ID, keys };
}

/** What an executor stands on, on every platform. The environment is read once. */
export const executorParts = {
  ...readExecutorConfig(process.env),
  clock: systemClock,
  random: systemRandom,
  log: jsonLog,
};
