import { isClockRight } from "../../shared/domain/clock-check.ts";
import { elect } from "../../shared/domain/election/elect.ts";
import { factsOf, type LinkState } from "../../shared/domain/election/state.ts";
import { isTunnelMoveFutile } from "../../shared/domain/election/tunnels.ts";
import { limits } from "../../shared/domain/limits.ts";
import type { Link, Location } from "../../shared/domain/network.ts";
import { inParallel } from "../../shared/platform/parallel.ts";
import type { Observed } from "../../shared/ports/database.ts";
import type { LocationRef, Wake } from "../../shared/ports/queues.ts";
import type { LinkRecords } from "../../shared/ports/store.ts";
import { commitChange } from "./commit.ts";
import type { FailoverDeps } from "./deps.ts";
import { electNow } from "./elect-now.ts";
import { linkState } from "./link-state.ts";

/** What one pass over the locations found. `moments`: when single locations have to be looked at before the next pass. */
export type SweepResult = {
  readonly locations: number;
  readonly committed: number;
  readonly moments: readonly (LocationRef & { readonly dueMs: number })[];
};

/** A location's part of a sweep. */
type Looked = { readonly committed: boolean; readonly momentMs: number | undefined; readonly wake: Wake | undefined };

/**
 * One pass over all locations: elects, commits, wakes the routes function for decisions that are not confirmed, and
 * repairs what an interrupted change of configuration left behind. One link that cannot be read does not stop the others.
 */
export async function sweep(deps: FailoverDeps, by: string): Promise<SweepResult> {
  const applied = (await deps.store.readNetwork()).value;
  const { links, version } = applied.network;
  const parts = await inParallel(links, limits.parallelLocations, (link) =>
    sweepLink(deps, link, version, by).catch((error: unknown) => {
      deps.log.error("a link could not be swept", { linkId: link.id, error: String(error) });
      return { locations: 0, committed: 0, moments: [] };
    }),
  );
  return {
    locations: parts.reduce((sum, part) => sum + part.locations, 0),
    committed: parts.reduce((sum, part) => sum + part.committed, 0),
    moments: parts.flatMap((part) => part.moments),
  };
}

async function sweepLink(deps: FailoverDeps, link: Link, version: number, by: string): Promise<SweepResult> {
  const records = await deps.store.readLink(link.id, "strong");
  if (!isClockRight(records)) {
    deps.log.error("clock differs from the database's: nothing is decided", { linkId: link.id });
    return { locations: 0, committed: 0, moments: [] };
  }
  const state = linkState(link, version, records.value);
  const looked = await inParallel(link.locations, limits.parallelLocations, async (location) => {
    const result = await look(deps, state, location, records, by).catch((error: unknown): Looked => {
      deps.log.error("a location could not be swept", { locationId: location.id, error: String(error) });
      return { committed: false, momentMs: undefined, wake: undefined };
    });
    return { location, ...result };
  });
  await repairSwitches(deps, link, version, records.value);
  await wakeAll(
    deps,
    looked.flatMap((one) => one.wake ?? []),
  );
  return {
    locations: looked.length,
    committed: looked.filter((one) => one.committed).length,
    moments: looked.flatMap((one) =>
      one.momentMs === undefined ? [] : [{ linkId: link.id, locationId: one.location.id, dueMs: one.momentMs }],
    ),
  };
}

async function look(
  deps: FailoverDeps,
  state: LinkState,
  location: Location,
  records: Observed<LinkRecords>,
  by: string,
): Promise<Looked> {
  const nowMs = deps.clock.nowMs();
  const verdict = elect(state, location, nowMs);
  if (verdict.kind === "change") {
    const ref = { linkId: state.link.id, locationId: location.id };
    const outcome = await commitChange(deps, state, location, verdict, records, by);
    const final = outcome.kind === "stale" ? await electNow(deps, ref, by) : outcome;
    return { committed: final.kind === "committed", momentMs: undefined, wake: undefined };
  }
  await tidy(deps, state, location, records.value, nowMs);
  const isSoon = verdict.nextMs !== undefined && verdict.nextMs < nowMs + limits.tickMs;
  return {
    committed: false,
    momentMs: isSoon ? verdict.nextMs : undefined,
    wake: unconfirmed(deps, state, location, nowMs),
  };
}

/**
 * A decision whose swap was not confirmed is woken again a few times early on, in case a message was lost; after that
 * the minute's reconcile does it.
 */
function unconfirmed(deps: FailoverDeps, state: LinkState, location: Location, nowMs: number): Wake | undefined {
  const head = factsOf(state, location).head;
  if (head === undefined || head.swap.state === "confirmed") return undefined;
  const ageMs = nowMs - head.decidedMs;
  const ref = { linkId: state.link.id, locationId: location.id };
  if (ageMs > limits.unconfirmedMs) {
    deps.log.warn("decision not confirmed", { ...ref, epoch: head.epoch, ageMs });
  }
  const isEarly = ageMs >= limits.rewakeFromMs && ageMs < limits.rewakeUntilMs;
  return isEarly ? { ...ref, cause: "decision", round: 0 } : undefined;
}

async function tidy(
  deps: FailoverDeps,
  state: LinkState,
  location: Location,
  records: LinkRecords,
  nowMs: number,
): Promise<void> {
  const linkId = state.link.id;
  const { head, hosts, suspicion } = factsOf(state, location);
  const revision = records.locations.get(location.id)?.suspicion?.revision;
  if (suspicion !== undefined && revision !== undefined) {
    const isHeard = (hosts.get(suspicion.hostId)?.lastSeenMs ?? 0) >= suspicion.markedMs;
    if (isHeard || suspicion.epoch !== head?.epoch) await deps.store.removeSuspicion(linkId, location.id, revision);
  }
  if (head !== undefined && isTunnelMoveFutile(state, location, nowMs)) {
    await deps.store.tell({
      atMs: nowMs,
      kind: "tunnel-failover-futile",
      severity: "warning",
      linkId,
      locationId: location.id,
      by: "sweep",
      message: `${state.link.name}/${location.name}: the move of epoch ${head.epoch} did not bring the tunnels back; the host stays. Look at the far sides and the network between`,
      once: `futile#${location.id}#${head.epoch}`,
    });
  }
}

/** Containers learn of a new configuration from the link's switches: an interrupted apply may not have told them. */
async function repairSwitches(deps: FailoverDeps, link: Link, version: number, records: LinkRecords): Promise<void> {
  const switches = records.switches;
  if (switches !== undefined && switches.value.networkVersion >= version) return;
  const next = { paused: switches?.value.paused ?? null, networkVersion: version };
  await deps.store.writeSwitches(link.id, next, switches?.revision);
}

async function wakeAll(deps: FailoverDeps, wakes: readonly Wake[]): Promise<void> {
  if (wakes.length === 0) return;
  const queue = await deps.swapQueue();
  await queue.wake(wakes);
}
