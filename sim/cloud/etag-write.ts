import { answer } from "../../dev/memory-cloud-call.ts";
import { beginWriting, failed, throttledMs, type Writing } from "../../dev/memory-cloud-write.ts";
import type { RouteError } from "../../shared/domain/errors.ts";
import type { RouteChange, TableRef } from "../../shared/domain/routes.ts";
import type { Clock } from "../../shared/ports/clock.ts";
import type { ChangeOutcome, Guard } from "../../shared/ports/route-provider.ts";
import type { EtagLine, EtagTable } from "./etag-line.ts";
import { asAnswer } from "./ground.ts";

/** What writes tables on their etags. */
export type EtagWriter = {
  readonly clock: Clock;
  readonly etags: EtagLine;
  /** Changes of one table that go into one call. */
  readonly changesPerCall: number;
};

/** A table that changed since it was read is read so many times in all, after pauses that double, ms. */
const readsMost = 5;
const rereadMs = 200;

/**
 * Writes changes table by table, all tables at once: reads a table with its etag, merges the changes into it, asks the
 * guard, and sends the whole on that etag. A table that somebody else changed meanwhile is read and merged again, and
 * the guard is asked again.
 */
export async function writeTables(
  writer: EtagWriter,
  changes: readonly RouteChange[],
  guard: Guard,
  signal: AbortSignal,
): Promise<readonly ChangeOutcome[]> {
  const writing = beginWriting(guard, signal);
  const byTable = new Map<string, { readonly table: TableRef; readonly changes: RouteChange[] }>();
  for (const change of changes) {
    const group = byTable.get(change.table.id) ?? { table: change.table, changes: [] };
    byTable.set(change.table.id, group);
    group.changes.push(change);
  }
  const work = Array.from(byTable.values(), async (group): Promise<readonly ChangeOutcome[]> => {
    const outcomes: ChangeOutcome[] = [];
    for (let at = 0; at < group.changes.length; at += writer.changesPerCall) {
      const batch = group.changes.slice(at, at + writer.changesPerCall);
      outcomes.push(...(await writeBatch(writer, writing, group.table, batch, signal)));
    }
    return outcomes;
  });
  const outcomes = (await Promise.all(work)).flat();
  const byChange = new Map(outcomes.map((outcome) => [outcome.change, outcome]));
  return changes.flatMap((change) => byChange.get(change) ?? []);
}

async function writeBatch(
  { clock, etags }: EtagWriter,
  writing: Writing,
  table: TableRef,
  batch: readonly RouteChange[],
  signal: AbortSignal,
): Promise<readonly ChangeOutcome[]> {
  const outcomes: ChangeOutcome[] = [];
  let left = batch;
  let throttled: RouteError | undefined;
  const settle = (settled: readonly RouteChange[], outcome: (change: RouteChange) => ChangeOutcome): void => {
    outcomes.push(...settled.map(outcome));
    left = left.filter((change) => !settled.includes(change));
  };
  for (let reads = 1; left.length > 0; ) {
    const found = await etags.read(table, signal).catch(asAnswer);
    if (!("etag" in found)) {
      settle(left, (change) => (signal.aborted ? writing.notBegun(change, throttled) : failed(change, found)));
      break;
    }
    const misfits = misfitsIn(found, left);
    settle([...misfits.keys()], (change) => failed(change, misfits.get(change) ?? mismatched(table)));
    if (left.length === 0) break;
    if (!(await writing.mayBegin())) {
      settle(left, (change) => writing.notBegun(change, throttled));
      break;
    }
    const reply = await etags.change(table, found.etag, left);
    if (reply.kind === "written") {
      settle(left, (change) => ({ change, result: "written", landedMs: clock.nowMs() }));
    } else if (reply.kind === "mismatch") {
      if (reads >= readsMost) settle(left, (change) => failed(change, mismatched(table)));
      else await clock.sleep(rereadMs * 2 ** (reads - 1), signal);
      reads++;
    } else if (reply.error.code === "THROTTLED") {
      throttled = reply.error;
      await clock.sleep(throttledMs, signal);
    } else settle(reply.at === undefined ? left : [reply.at], (change) => failed(change, reply.error));
  }
  return outcomes;
}

const mismatched = (table: TableRef): RouteError =>
  answer("LOCKED", `${table.id} was changed again and again by somebody else`, "soon");

/** Changes that do not fit to a table as it was read, each with the reason. */
function misfitsIn({ routes }: EtagTable, changes: readonly RouteChange[]): ReadonlyMap<RouteChange, RouteError> {
  const standing = new Set(routes.map((route) => route.destination));
  const misfits = new Map<RouteChange, RouteError>();
  for (const change of changes) {
    const { destination, table, kind } = change;
    const stands = standing.has(destination);
    if (kind === "create" && stands) {
      misfits.set(change, answer("ROUTE_EXISTS", `${destination} exists in ${table.id}`, "soon"));
    }
    if (kind !== "create" && !stands) {
      misfits.set(change, answer("ROUTE_MISSING", `no ${destination} in ${table.id}`, "soon"));
    }
  }
  return misfits;
}
