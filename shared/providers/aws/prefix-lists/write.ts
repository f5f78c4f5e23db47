import type { RouteError } from "../../../domain/errors.ts";
import type { ChangeOutcome, RouteChange, Turn } from "../../../ports/route-provider.ts";
import type { Pace } from "../../common/pace.ts";
import type { WriteRun } from "../../common/write-run.ts";
import { type Call, routeError } from "../errors.ts";
import { awsRun, inLanes, routeWriter } from "../write.ts";
import type { ListSession } from "./change-list.ts";
import { findLists } from "./lists.ts";
import { FAMILIES, type Family, familyOfDestination, familyOfTable } from "./names.ts";
import { writeEntries } from "./write-entries.ts";

/** The ids of the lists as they were last seen: what routes are written for without another look. */
export type KnownLists = Map<Family, string>;

/** What came of a write so far. `failures`: why a list could not be had, or not all of its entries. */
type Progress = {
  readonly outcomes: Map<RouteChange, ChangeOutcome>;
  readonly failures: Map<Family, RouteError>;
};

/**
 * Writes changes of lists and of the routes for them. Routes are pointed at the active host at once; a route for a list
 * is created when the entries that are to be in the list have been put there, and entries are taken out last. Outcomes
 * are in the order of the changes.
 */
export async function writeLists(
  session: ListSession,
  pace: Pace,
  known: KnownLists,
  changes: readonly RouteChange[],
  turn: Turn,
  signal: AbortSignal,
): Promise<readonly ChangeOutcome[]> {
  const run = awsRun(session, pace, turn, signal);
  const progress: Progress = { outcomes: new Map(), failures: new Map() };
  const entries = changes.filter(({ table }) => familyOfTable(table) !== undefined);
  const routes = changes.filter(({ table }) => familyOfTable(table) === undefined);
  const of = (list: readonly RouteChange[], ...kinds: readonly RouteChange["kind"][]) =>
    list.filter(({ kind }) => kinds.includes(kind));
  const writeSome = routesWriter(session, run, known, progress);
  const puts = putEntries(session, run, known, of(entries, "create", "replace"), progress);
  await Promise.all([puts, writeSome(of(routes, "replace"))]);
  await writeSome(of(routes, "create"));
  await writeSome(of(routes, "remove"));
  await putEntries(session, run, known, of(entries, "remove"), progress);
  return changes.flatMap((change) => progress.outcomes.get(change) ?? []);
}

async function putEntries(
  session: ListSession,
  run: WriteRun<Call>,
  known: KnownLists,
  changes: readonly RouteChange[],
  { outcomes, failures }: Progress,
): Promise<void> {
  const write = async (family: Family): Promise<void> => {
    const own = changes.filter(({ table }) => familyOfTable(table) === family);
    if (own.length === 0) return;
    const written = await writeEntries(session, run, family, own);
    for (const outcome of written.outcomes) {
      outcomes.set(outcome.change, outcome);
      if (outcome.result === "failed") failures.set(family, outcome.error);
    }
    if (written.list !== undefined) known.set(family, written.list.id);
  };
  await Promise.all(FAMILIES.map(write));
}

function routesWriter(session: ListSession, run: WriteRun<Call>, known: KnownLists, progress: Progress) {
  const quota =
    `ask AWS for a higher quota 'Routes per route table', or remove routes: the list counts as ${session.maxEntries}, ` +
    "its prefixList.maxEntries, however many entries it has";
  const write = routeWriter(session, run, quota);
  const listOf = async (change: RouteChange): Promise<string> => {
    const family = familyOfDestination(change.destination);
    if (family === undefined) throw noList(session, change);
    // Entries that may be in the list soon are waited for: a route for it without them leads nowhere.
    const failure = progress.failures.get(family);
    if (change.kind === "create" && failure?.retry === "soon") throw failure;
    if (!known.has(family)) {
      const found = await findLists(session, session.locationId, run.signal);
      for (const [one, { id }] of found) known.set(one, id);
    }
    const id = known.get(family);
    if (id === undefined) throw failure ?? noList(session, change);
    return id;
  };
  return async (changes: readonly RouteChange[]): Promise<void> => {
    const written = await inLanes(changes, async (change) => {
      let id = "";
      const looked = await run.outcome(change, async () => {
        id = await listOf(change);
      });
      return looked.result === "failed" ? looked : write(change, { DestinationPrefixListId: id });
    });
    for (const [change, outcome] of written) progress.outcomes.set(change, outcome);
  };
}

function noList(session: ListSession, change: RouteChange) {
  const call: Call = {
    action: "ec2:CreateRoute",
    region: session.region,
    about: `${change.destination} in ${change.table.id}`,
    resource: `route-table/${change.table.id}`,
  };
  return routeError("ROUTE_MISSING", call, "the location has no such list");
}
