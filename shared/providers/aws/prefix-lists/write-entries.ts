import { RouteError } from "../../../domain/errors.ts";
import { limits } from "../../../domain/limits.ts";
import type { ChangeOutcome, RouteChange } from "../../../ports/route-provider.ts";
import { pieces } from "../../common/call.ts";
import type { WriteRun } from "../../common/write-run.ts";
import { type Call, routeError } from "../errors.ts";
import { changeEntries, growList, type ListSession, makeList, whenQuiet } from "./change-list.ts";
import { findLists, type OwnList, readEntries } from "./lists.ts";
import type { Family } from "./names.ts";

/** What became of the changes of a list's entries. `list`: as it stands after them, undefined when there is none. */
export type WrittenEntries = { readonly outcomes: readonly ChangeOutcome[]; readonly list: OwnList | undefined };

/**
 * Changes entries of the location's list of one family, which is made first when there is none and entries are to be
 * put in. An entry that is to be created and stands there already is in place: nothing in the list is anyone else's.
 */
export async function writeEntries(
  session: ListSession,
  run: WriteRun<Call>,
  family: Family,
  changes: readonly RouteChange[],
): Promise<WrittenEntries> {
  const outcomes = new Map<RouteChange, ChangeOutcome>();
  const settle = async (some: readonly RouteChange[], work: () => Promise<void>): Promise<void> => {
    for (const change of some) outcomes.set(change, await run.outcome(change, work));
  };
  const isOpen = (change: RouteChange): boolean => !outcomes.has(change);
  const none = async (): Promise<void> => undefined;
  let list: OwnList | undefined;
  try {
    const adds = changes.filter(({ kind }) => kind === "create").length;
    list = await findList(session, run, family, adds > 0);
    for (let reads = 1; changes.some(isOpen); ) {
      const standing = list === undefined ? new Set<string>() : await readEntries(session, list, run.signal);
      for (const change of changes.filter(isOpen)) {
        const verdict = judge(change, standing);
        if (verdict === "in-place") await settle([change], none);
        if (verdict === "missing") await settle([change], () => Promise.reject(missing(session, change)));
      }
      const batch = nextBatch(changes.filter(isOpen));
      if (list === undefined || batch.length === 0) break;
      try {
        if (needsRoom(list, standing, changes.filter(isOpen), session)) list = await growList(session, run, list);
        list = await changeEntries(session, run, list, batchOf(batch));
        await settle(batch, none);
      } catch (error) {
        if (!isChangedMeanwhile(error)) {
          await settle(batch, () => Promise.reject(error));
          // What one batch is too much for, the next is too; after an answer that was lost nobody knows the version.
          throw error;
        }
        if (reads >= limits.awsListReads) throw error;
        await session.clock.sleep(limits.awsListRereadMs * 2 ** (reads - 1), run.signal);
        reads++;
        list = await findList(session, run, family, adds > 0);
      }
    }
  } catch (error) {
    await settle(changes.filter(isOpen), () => Promise.reject(error));
  }
  return { outcomes: changes.flatMap((change) => outcomes.get(change) ?? []), list };
}

/** The list when nobody else is changing it. Throws `RouteError`. */
async function findList(
  session: ListSession,
  run: WriteRun<Call>,
  family: Family,
  isNeeded: boolean,
): Promise<OwnList | undefined> {
  const found = (await findLists(session, session.locationId, run.signal)).get(family);
  if (found !== undefined) return whenQuiet(session, run, found);
  return isNeeded ? makeList(session, run, family) : undefined;
}

function judge({ kind, destination }: RouteChange, standing: ReadonlySet<string>): "carry" | "in-place" | "missing" {
  const stands = standing.has(destination);
  if (kind === "create") return stands ? "in-place" : "carry";
  if (kind === "replace") return stands ? "in-place" : "missing";
  return stands ? "carry" : "missing";
}

/** Entries are put in before others are taken out. */
function nextBatch(open: readonly RouteChange[]): readonly RouteChange[] {
  const adds = open.filter(({ kind }) => kind === "create");
  const [batch = []] = pieces(adds.length > 0 ? adds : open, limits.awsListEntries);
  return batch;
}

function batchOf(changes: readonly RouteChange[]) {
  const kind = changes[0]?.kind === "remove" ? "take" : "add";
  return { kind, cidrs: changes.map(({ destination }) => destination) } as const;
}

/** A list is made larger once its entries need the room, never smaller. */
function needsRoom(
  list: OwnList,
  standing: ReadonlySet<string>,
  open: readonly RouteChange[],
  { maxEntries }: ListSession,
): boolean {
  const adds = open.filter(({ kind }) => kind === "create").length;
  return standing.size + adds > list.maxEntries && list.maxEntries < maxEntries;
}

function isChangedMeanwhile(error: unknown): boolean {
  return error instanceof RouteError && (error.code === "LOCKED" || error.code === "ROUTE_EXISTS");
}

function missing(session: ListSession, { destination, table }: RouteChange): RouteError {
  const call: Call = {
    action: "ec2:ModifyManagedPrefixList",
    region: session.region,
    about: `${destination} in ${table.id}`,
    resource: `prefix-list/${table.id}`,
  };
  return routeError("ROUTE_MISSING", call, "the entry is not in the list");
}
