import { describe, expect, it } from "vitest";
import { allAt, backbone, hereIn, settledWorld, type World } from "./world.ts";

/** As an operator who forgets orphans does it. */
async function forget(world: World): Promise<void> {
  for (const { table } of await world.store.knownTables()) {
    for (const { value, revision } of (await world.store.readLedger(table)).values()) {
      if (value.state === "orphan") await world.store.removeLedger(table, value.destination, revision);
    }
  }
}

describe("an orphan that was forgotten", () => {
  it("is never touched again, whatever is decided, and is foreign to a location that wants its place", async () => {
    const here = hereIn({ removeRoutes: false });
    const world = await settledWorld(here);
    await world.apply([backbone(hereIn({ removeRoutes: false }, ["rtb-2"]))]);
    await world.decide("a2");
    await world.swap();
    const orphans = (await world.ledger()).filter((entry) => entry.state === "orphan");
    expect(orphans.map((entry) => entry.table)).toEqual(["memory/rtb-1", "memory/rtb-1"]);

    await forget(world);
    await world.decide("a1");
    await world.swap();
    expect(await world.ledger()).toHaveLength(2);
    await world.apply([backbone(hereIn({ removeRoutes: true }))]);
    await world.decide("a2");
    await world.swap();

    expect(world.cloud.standing()).toMatchObject({ "rtb-1 10.2.0.0/16": "eni-a1", "rtb-2 10.2.0.0/16": "eni-a2" });
    expect(Object.keys(world.cloud.standing())).toEqual(Object.keys(allAt("eni-a1")));
    expect((await world.ledger()).filter((entry) => entry.state === "foreign")).toHaveLength(2);
  });
});
