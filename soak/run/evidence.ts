import { EC2Client } from "@aws-sdk/client-ec2";
import type { CheckedRoute } from "../../dev/demo/check-routes.ts";
import type { Event } from "../../shared/domain/events.ts";
import { limits } from "../../shared/domain/limits.ts";
import type { Network } from "../../shared/domain/network.ts";
import { inParallel } from "../../shared/platform/parallel.ts";
import type { Clock } from "../../shared/ports/clock.ts";
import type { EventCursor, Store } from "../../shared/ports/store.ts";
import { soakBounds } from "../bounds.ts";
import { checkRoutes } from "../judge/check-routes.ts";
import type { JudgedLocation } from "../judge/history.ts";
import type { Pointsman } from "./pointsman.ts";

/** Decisions of one location that are read: more than any run makes. */
const DECISIONS = 10_000;

/** An elector tells of its decision right after it; what is left untold the next sweep tells. ms */
const TOLD_WITHIN_MS = 8_000;

/** All decisions, and all events since a time and up to these decisions, from the store. */
export async function readLog(
  { store }: Pick<Pointsman, "store">,
  network: Network,
  sinceMs: number,
  clock: Clock,
): Promise<{ readonly locations: readonly JudgedLocation[]; readonly events: readonly Event[] }> {
  const readMs = clock.nowMs();
  const locations = await readLocations(network, store);
  await clock.sleep(TOLD_WITHIN_MS);
  const events = (await readAllEvents(store, sinceMs)).filter(({ atMs }) => atMs < readMs);
  // What was decided while it was read belongs to no side.
  const settled = locations.map((location) => ({
    ...location,
    decisions: location.decisions.filter(({ decidedMs }) => decidedMs < readMs),
  }));
  return { locations: settled, events };
}

/** Every decision of every location, from the store, oldest first. */
async function readLocations(network: Network, store: Store): Promise<readonly JudgedLocation[]> {
  const places = network.links.flatMap((link) => link.locations.map((location) => ({ link, location })));
  return inParallel(places, limits.parallelLocations, async ({ link, location }) => ({
    id: location.id,
    name: `${link.name}/${location.name}`,
    hostNames: new Map(location.hosts.map((host) => [host.id, host.name])),
    decisions: [...(await store.readDecisions(link.id, location.id, DECISIONS))].reverse(),
  }));
}

/** Every event of the store since a time. */
async function readAllEvents(store: Store, sinceMs: number): Promise<readonly Event[]> {
  const events: Event[] = [];
  for (let after: EventCursor = { sinceMs, key: undefined }; ; ) {
    const page = await store.readEvents(after, limits.adminEvents);
    events.push(...page.events);
    if (page.events.length < limits.adminEvents) return events;
    after = page.cursor;
  }
}

/** The routes at the end, and how long after the last fault they were all right; undefined when they never were. */
export type RoutesAtEnd = { readonly routes: readonly CheckedRoute[]; readonly rightAfterMs: number | undefined };

/** Waits for quiet, and then until every route points at its location's active host, as long as that may take. */
export async function routesAfterQuiet(
  pointsman: Pointsman,
  network: Network,
  clock: Clock,
  signal: AbortSignal,
): Promise<RoutesAtEnd> {
  const beganMs = clock.monotonicMs();
  await clock.sleep(soakBounds.quietMs, signal);
  const endpoint = await pointsman.ec2Url(signal);
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const cloud = { client: (region: string) => new EC2Client({ region, endpoint, credentials }) };
  for (;;) {
    const routes = await checkRoutes(network, pointsman.store, cloud);
    const afterMs = clock.monotonicMs() - beganMs;
    if (routes.every(({ found, wanted }) => found === wanted)) return { routes, rightAfterMs: afterMs };
    if (afterMs > soakBounds.longestQuietMs || signal.aborted) return { routes, rightAfterMs: undefined };
    await clock.sleep(soakBounds.pollMs, signal);
  }
}
