import { limits } from "../../shared/domain/limits.ts";
import type { Network } from "../../shared/domain/network.ts";
import { inParallel } from "../../shared/platform/parallel.ts";
import type { AdminDeps } from "./deps.ts";
import { type Answer, check, readBody } from "./http.ts";
import { findLink } from "./places.ts";
import type { Call } from "./router.ts";
import { type ForgetAnswer, ForgetRequest, type OrphanRoute, type OrphansAnswer, OrphansQuery } from "./schemas.ts";
import { tellOperator } from "./situation.ts";
import { locationNames, readEntries, type TableEntry } from "./strays.ts";

/** Which orphans: of a link by its name, in a table by the cloud's id, left over by then. Nothing said: all. */
type Filter = {
  readonly link?: string | undefined;
  readonly table?: string | undefined;
  readonly untilMs?: number | undefined;
};

type Orphan = { readonly entry: TableEntry; readonly shown: OrphanRoute };

/** GET orphans?link&table: routes that were ours and were left in place, whose they were, and since when. */
export async function orphans({ deps, query }: Call): Promise<Answer> {
  const found = await findOrphans(deps, check(OrphansQuery, Object.fromEntries(query)));
  const shown = found.slice(0, limits.adminStrays).map((orphan) => orphan.shown);
  const body: OrphansAnswer = { nowMs: deps.clock.nowMs(), orphans: shown, more: found.length - shown.length };
  return { body };
}

/**
 * POST orphans/forget: takes orphans off the ledger, and nothing else: each on the condition that it is still what was
 * read. The routes stay as they are, and nobody's. What is over `limits.adminStrays` is left to the next call.
 */
export async function forgetOrphans({ deps, request, by }: Call): Promise<Answer> {
  const { why, ...filter } = await readBody(request, ForgetRequest);
  const found = await findOrphans(deps, filter);
  const part = found.slice(0, limits.adminStrays);
  // Told before it is done: of a call that is broken off in between, there is a record all the same.
  if (part.length > 0) await tellOperator(deps, { by, message: messageOf(part), why, ...linkOf(part) });
  const results = await inParallel(part, limits.parallelLedger, async ({ entry, shown }) => {
    const { table, destination } = entry.value;
    const claim = await deps.store.removeLedger(table, destination, entry.revision);
    return { shown, isForgotten: claim.kind === "won" };
  });
  const body: ForgetAnswer = {
    forgotten: results.filter((one) => one.isForgotten).map((one) => one.shown),
    changed: results.filter((one) => !one.isForgotten).map((one) => one.shown),
    left: found.length - part.length,
  };
  return { body };
}

async function findOrphans(deps: AdminDeps, { link, table, untilMs }: Filter): Promise<readonly Orphan[]> {
  const [applied, entries] = await Promise.all([deps.store.readNetwork(), readEntries(deps)]);
  const { network } = applied.value;
  const left = entries.filter((entry) => entry.value.state === "orphan");
  const names = await namesOf(deps, network, left);
  const ofLink = left.filter(({ value }) => link === undefined || names.nameOf(value.linkId) === link);
  if (link !== undefined && ofLink.length === 0) findLink(network, link);
  return ofLink
    .filter(({ tableId }) => table === undefined || tableId === table)
    .filter(({ value }) => untilMs === undefined || value.atMs <= untilMs)
    .map((entry) => {
      const { destination, locationId, atMs, seen } = entry.value;
      const shown = { table: entry.tableId, destination, location: names.nameOf(locationId), sinceMs: atMs, seen };
      return { entry, shown };
    });
}

type Names = { readonly nameOf: (id: string) => string };

/** What is gone from the configuration is named by the versions before, as far back as they are looked through. */
async function namesOf(deps: AdminDeps, network: Network, left: readonly TableEntry[]): Promise<Names> {
  const names = new Map<string, string>();
  const take = (some: Network): void => {
    const all = [...some.links.map((link) => [link.id, link.name] as const), ...locationNames(some)];
    for (const [id, name] of all) if (!names.has(id)) names.set(id, name);
  };
  take(network);
  if (left.some(({ value }) => !names.has(value.locationId))) {
    for (const past of await deps.store.readNetworkHistory(limits.adminVersions)) take(past.network);
  }
  return { nameOf: (id) => names.get(id) ?? id };
}

function messageOf(part: readonly Orphan[]): string {
  const named = part.slice(0, limits.eventDestinations).map(({ shown }) => `${shown.destination} in ${shown.table}`);
  const more = part.length > named.length ? `, and ${part.length - named.length} more` : "";
  return `forgetting of ${part.length} ${part.length === 1 ? "orphan" : "orphans"}: ${named.join(", ")}${more}`;
}

/** The link of the event, where all are of one. */
function linkOf(part: readonly Orphan[]): { readonly linkId?: string } {
  const [linkId, ...others] = new Set(part.map(({ entry }) => entry.value.linkId));
  return linkId === undefined || others.length > 0 ? {} : { linkId };
}
