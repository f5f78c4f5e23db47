import type { LedgerEntry } from "../../shared/domain/records.ts";
import type { World } from "./world.ts";

/** Routes of backbone/us-east in rtb-0a1 that were left over now; `change` makes other entries of them. */
export async function orphansIn(
  world: World,
  destinations: readonly string[],
  change: Partial<LedgerEntry> = {},
): Promise<void> {
  const { link, location } = await world.place("backbone/us-east/a1");
  if (location.cloud === undefined) throw new Error("no cloud");
  const table = "aws/us-east-1/rtb-0a1";
  await world.store.noteTable({ table, tableId: "rtb-0a1", cloud: location.cloud });
  for (const destination of destinations) {
    const entry: LedgerEntry = {
      table,
      destination,
      linkId: link.id,
      locationId: location.id,
      generation: 1,
      state: "orphan",
      seen: "eni-0a1",
      epoch: 1,
      atMs: world.clock.nowMs(),
      by: "routes",
      ...change,
    };
    await world.store.writeLedger(entry, undefined);
  }
}
