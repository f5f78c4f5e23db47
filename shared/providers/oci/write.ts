import { RouteError } from "../../domain/errors.ts";
import { limits } from "../../domain/limits.ts";
import type { ChangeOutcome, RouteChange, Turn } from "../../ports/route-provider.ts";
import { pieces } from "../common/call.ts";
import { enteredPace, type Pace } from "../common/pace.ts";
import { inLane, type WriteRun, writeRun } from "../common/write-run.ts";
import { change as changing, find, isChangedMeanwhile, type OciSession, read } from "./call.ts";
import { type Call, routeError } from "./errors.ts";
import { moveAddress } from "./floating-ip.ts";
import { isAddress } from "./held-table.ts";
import { type Merged, mergeRules } from "./rules.ts";

/** The changes of one `write`, and what became of each so far. */
type Writing = {
  readonly session: OciSession;
  readonly run: WriteRun<Call>;
  readonly outcomes: Map<RouteChange, ChangeOutcome>;
};

/**
 * Writes the changes table by table, tables at the same time, as many of a table's changes in one call as the table
 * takes rules: each call replaces the whole list, on the etag of the list that the changes were merged into. Outcomes
 * are in the order of the changes.
 */
export async function writeRoutes(
  session: OciSession,
  pace: Pace,
  changes: readonly RouteChange[],
  turn: Turn,
  signal: AbortSignal,
): Promise<readonly ChangeOutcome[]> {
  const run = writeRun<Call>({
    cloud: "oci",
    pace: enteredPace(pace, session.clock, session.client.entered),
    guard: turn.guard,
    signal,
    nowMs: () => session.clock.nowMs(),
    routeError,
    textOf: ({ operation, about }) => `${operation} for ${about}`,
  });
  const writing: Writing = { session, run, outcomes: new Map() };
  const byTable = grouped(changes, (change) => change.table.id);
  await inLane(byTable, async ([id, ofTable]) => {
    if (isAddress({ id })) {
      for (const change of ofTable) {
        writing.outcomes.set(change, await run.outcome(change, () => moveAddress(session, run, change)));
      }
    } else for (const batch of pieces(ofTable, limits.ociRulesPerTable)) await writeBatch(writing, id, batch);
  });
  return changes.flatMap((change) => writing.outcomes.get(change) ?? []);
}

/**
 * Writes changes of one table: reads it, merges, asks the guard, and sends. Begins anew with those that are left when
 * the table was changed meanwhile, or when OCI refused the list for the sake of some of them.
 */
async function writeBatch(writing: Writing, tableId: string, batch: readonly RouteChange[]): Promise<void> {
  const { session, run } = writing;
  let left = batch;
  const settle = async (settled: readonly RouteChange[], error?: RouteError): Promise<void> => {
    const work = error === undefined ? () => Promise.resolve() : () => Promise.reject(error);
    for (const change of settled) writing.outcomes.set(change, await run.outcome(change, work));
    left = left.filter((change) => !settled.includes(change));
  };
  for (let rounds = 1; left.length > 0; rounds++) {
    const call = callOf(session, tableId, left);
    try {
      const { merged, etag } = await readAndMerge(writing, call, tableId, left);
      for (const { change, code, stands } of merged.misfits)
        await settle([change], misfit(session, change, code, stands));
      await settle(merged.inPlace);
      left = merged.carried;
      if (left.length === 0) return;
      await send(writing, callOf(session, tableId, left), tableId, etag, merged);
      await settle(left);
    } catch (error) {
      if (!(error instanceof RouteError)) throw error;
      if (rounds >= limits.ociReads) await settle(left, error);
      else if (isChangedMeanwhile(error)) {
        await session.clock.sleep(limits.ociRereadMs * 2 ** (rounds - 1), run.signal);
      } else {
        const blamed = await blamedFor(writing, error, left);
        for (const [refusal, changes] of blamed) await settle(changes, refusal);
      }
    }
  }
}

async function readAndMerge(
  { session, run }: Writing,
  call: Call,
  tableId: string,
  changes: readonly RouteChange[],
): Promise<{ readonly merged: Merged; readonly etag: string }> {
  // A run that is over says why, in its own words.
  if (run.signal.aborted) return run.call(call.operation, call, () => Promise.reject(new Error("the run is over")));
  const reading = { ...call, operation: "GetRouteTable", absent: "TABLE_MISSING" } as const;
  const { routeTable, etag } = await read(
    session,
    reading,
    (network) => network.getRouteTable({ rtId: tableId }),
    run.signal,
  );
  return { merged: mergeRules(routeTable.routeRules, changes), etag };
}

async function send(
  { session, run }: Writing,
  call: Call,
  tableId: string,
  etag: string,
  merged: Merged,
): Promise<void> {
  const details = { rtId: tableId, ifMatch: etag, updateRouteTableDetails: { routeRules: merged.rules } };
  await run.call("UpdateRouteTable", call, () =>
    changing(session, call, (network) => network.updateRouteTable(details)),
  );
}

/**
 * Which of the changes an error is about. OCI refuses a whole list for one rule: a target that is gone or does not
 * forward fails its own changes alone, and a table that is full fails what would be new in it. Everything else fails all.
 */
async function blamedFor(
  writing: Writing,
  error: RouteError,
  changes: readonly RouteChange[],
): Promise<ReadonlyMap<RouteError, readonly RouteChange[]>> {
  if (error.code === "QUOTA") {
    const created = changes.filter(({ kind }) => kind === "create");
    return new Map([[error, created.length > 0 ? created : changes]]);
  }
  if (!["TARGET_MISSING", "TARGET_NOT_ALLOWED", "DENIED", "INVALID"].includes(error.code)) {
    return new Map([[error, changes]]);
  }
  const byTarget = grouped(changes, (change) => (change.kind === "remove" ? "" : change.target));
  const named = [...byTarget].filter(([target]) => target !== "" && error.message.includes(target));
  if (named.length > 0) return new Map([[error, named.flatMap(([, ofTarget]) => ofTarget)]]);
  const blamed = new Map<RouteError, readonly RouteChange[]>();
  for (const [target, ofTarget] of byTarget) {
    const gone = target === "" ? undefined : await goneTarget(writing, target);
    if (gone !== undefined) blamed.set(gone, ofTarget);
  }
  return blamed.size > 0 ? blamed : new Map([[error, changes]]);
}

async function goneTarget({ session, run }: Writing, target: string): Promise<RouteError | undefined> {
  const call = { operation: "GetPrivateIp", region: session.region, about: target, absent: "TARGET_MISSING" } as const;
  try {
    const found = await find(session, call, (network) => network.getPrivateIp({ privateIpId: target }), run.signal);
    return found === undefined ? routeError("TARGET_MISSING", call, "it is not there, or not for us") : undefined;
  } catch (error) {
    if (error instanceof RouteError) return undefined;
    throw error;
  }
}

function grouped(
  changes: readonly RouteChange[],
  keyOf: (change: RouteChange) => string,
): ReadonlyMap<string, readonly RouteChange[]> {
  const groups = new Map<string, RouteChange[]>();
  for (const change of changes) {
    const key = keyOf(change);
    const group = groups.get(key) ?? [];
    groups.set(key, group);
    group.push(change);
  }
  return groups;
}

function callOf({ region }: OciSession, tableId: string, changes: readonly RouteChange[]): Call {
  const [first] = changes;
  const more = changes.length > 1 ? ` and ${changes.length - 1} more` : "";
  return {
    operation: "UpdateRouteTable",
    region,
    about: `${first?.destination}${more} in ${tableId}`,
    absent: "DENIED",
  };
}

function misfit(session: OciSession, change: RouteChange, code: "ROUTE_EXISTS" | "ROUTE_MISSING", stands: string) {
  const message = code === "ROUTE_EXISTS" ? `${stands} stands there` : "no rule stands there";
  return routeError(code, callOf(session, change.table.id, [change]), message);
}
