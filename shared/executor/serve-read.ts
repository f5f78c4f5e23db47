import type * as z from "zod/mini";
import type { TableRef } from "../domain/routes.ts";
import type { Clock } from "../ports/clock.ts";
import type { RouteProvider, TargetHost } from "../ports/route-provider.ts";
import { executorLimits } from "./limits.ts";
import type { Answered } from "./messages.ts";
import { errorOut, routesOut } from "./wire.ts";

/** What changes nothing. All of it throws `RouteError` as the cloud's provider does, TIMED_OUT after `readMs`. */
export async function serveSurvey(clock: Clock, provider: RouteProvider): Promise<z.infer<typeof Answered.survey>> {
  const { tables, routes } = await inTime(clock, (signal) => provider.survey(signal));
  return { tables: [...tables], routes: routesOut(routes, tables) };
}

export async function serveRead(
  clock: Clock,
  provider: RouteProvider,
  tables: readonly TableRef[],
): Promise<z.infer<typeof Answered.read>> {
  const routes = await inTime(clock, (signal) => provider.read(tables, signal));
  return { routes: routesOut(routes, tables) };
}

export async function serveTargets(
  clock: Clock,
  provider: RouteProvider,
  hosts: readonly TargetHost[],
): Promise<z.infer<typeof Answered.targets>> {
  const outcomes = await inTime(clock, (signal) => provider.targets(hosts, signal));
  return {
    outcomes: outcomes.map((outcome) => {
      const { hostId } = outcome;
      return outcome.result === "found"
        ? { hostId, target: outcome.target }
        : { hostId, error: errorOut(outcome.error) };
    }),
  };
}

async function inTime<T>(clock: Clock, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const over = new AbortController();
  const ended = new AbortController();
  void clock.sleep(executorLimits.readMs, ended.signal).then(() => {
    if (!ended.signal.aborted) over.abort();
  });
  try {
    return await work(over.signal);
  } finally {
    ended.abort();
  }
}
