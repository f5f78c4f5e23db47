import { isClockRight } from "../../shared/domain/clock-check.ts";
import type { Host, Link, Location, Network } from "../../shared/domain/network.ts";
import type { Decision, SwapReport } from "../../shared/domain/records.ts";
import type { LocationRef, Wake } from "../../shared/ports/queues.ts";
import type { LocationRecords, Revised } from "../../shared/ports/store.ts";
import type { Budget } from "./budget.ts";
import type { RoutesDeps } from "./deps.ts";
import type { Teller } from "./story.ts";

/** One run of the routes function. */
export type Run = {
  readonly deps: RoutesDeps;
  readonly wake: Wake;
  readonly ref: LocationRef;
  readonly budget: Budget;
  /** Names this run in leases. */
  readonly owner: string;
};

/** All that is known when the routes of a location are looked at. `askedMs`: monotonic clock before the reads, ms. */
export type Situation = Run & {
  readonly network: Network;
  readonly link: Link;
  readonly location: Location;
  readonly head: Revised<Decision>;
  /** Undefined: nobody is available. */
  readonly activeHost: Host | undefined;
  readonly records: LocationRecords;
  readonly noted: Revised<readonly string[]> | undefined;
  readonly report: Revised<SwapReport> | undefined;
  readonly teller: Teller;
  readonly askedMs: number;
};

/**
 * `nothing`: nothing is decided, or what is decided is about a host that is gone or a generation before this one: the
 * next election sees to that.
 * `gone`: the location is not in the newest network. `clock`: this function's clock is wrong; `databaseMs` is the
 * database's.
 */
export type Found =
  | { readonly kind: "present"; readonly situation: Situation }
  | { readonly kind: "gone"; readonly network: Network; readonly epoch: number; readonly askedMs: number }
  | { readonly kind: "clock"; readonly databaseMs: number }
  | { readonly kind: "nothing" };

/** Reads what a run stands on, all at once. Throws `DatabaseError`. */
export async function readSituation(run: Run): Promise<Found> {
  const { store } = run.deps;
  const { linkId, locationId } = run.ref;
  const [applied, records, noted, report] = await Promise.all([
    store.readNetwork(),
    store.readLocation(linkId, locationId, "strong"),
    store.readTargets(locationId),
    store.readSwapReport(locationId),
  ]);
  for (const read of [applied, records]) {
    if (!isClockRight(read)) return { kind: "clock", databaseMs: read.databaseMs ?? read.receivedMs };
  }
  const { network } = applied.value;
  const { head } = records.value;
  const askedMs = Math.min(applied.monotonicMs, records.monotonicMs);
  const link = network.links.find((one) => one.id === linkId);
  const location = link?.locations.find((one) => one.id === locationId);
  if (link === undefined || location === undefined) {
    return { kind: "gone", network, epoch: head?.value.epoch ?? 0, askedMs };
  }
  if (head === undefined || head.value.generation !== location.generation) return { kind: "nothing" };
  const activeHost = location.hosts.find((host) => host.id === head.value.activeHostId);
  if (head.value.activeHostId !== null && activeHost === undefined) return { kind: "nothing" };
  const teller = { linkId, locationId, name: `${link.name}/${location.name}`, epoch: head.value.epoch };
  const known = { network, link, location, head, activeHost, records: records.value, noted, report, teller, askedMs };
  return { kind: "present", situation: { ...run, ...known } };
}
