import { describe, expect, it } from "vitest";
import { allAt, backbone, createWorld, gaps, routeCalls, settledWorld } from "./world.ts";

describe("a swap", () => {
  it("creates every desired route, reads it back, owns it and confirms the decision", async () => {
    const world = createWorld();
    await world.apply([backbone()]);
    await world.decide("a1");

    await world.swap();

    expect(world.cloud.standing()).toEqual(allAt("eni-a1"));
    expect((await world.ledger()).map((entry) => entry.state)).toEqual(["owned", "owned", "owned", "owned"]);
    expect((await world.head())?.swap).toMatchObject({ state: "confirmed", routes: 4 });
    expect(await world.report()).toMatchObject({ written: 4, total: 4, errors: [], retryAtMs: null, attempts: 0 });
    expect(await world.events("decision")).toHaveLength(1);
    expect(await world.events("swap-confirmed")).toHaveLength(1);
    expect([...world.swaps, ...world.ticks]).toEqual([]);
  });

  it("replaces every route in place on a fail-over, without a moment without a route (promise 4)", async () => {
    const world = await settledWorld();
    await world.decide("a2");

    await world.swap();

    expect(world.cloud.standing()).toEqual(allAt("eni-a2"));
    expect(
      routeCalls(world)
        .slice(4)
        .map((call) => call.kind),
    ).toEqual(["replace", "replace", "replace", "replace"]);
    expect(gaps(world)).toEqual([]);
    expect((await world.head())?.swap).toMatchObject({ state: "confirmed", routes: 4 });
    expect(await world.events("stale-write-repaired")).toEqual([]);
  });

  it("writes nothing at all on a reconcile that finds everything in place", async () => {
    const world = await settledWorld();
    const { writes, reads } = world.database;
    const calls = world.cloud.calls.length;

    await world.reconcile();

    expect(world.database.writes).toBe(writes);
    expect(world.database.reads - reads).toBe(6);
    expect(world.cloud.calls.slice(calls).map((call) => call.kind)).toEqual(["tables", "targets", "read"]);
  });
});
