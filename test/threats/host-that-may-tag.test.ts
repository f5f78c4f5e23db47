import { describe, expect, it } from "vitest";
import { host, record } from "../fixtures/network.ts";
import { allAt, backbone, createWorld, gaps, hereIn, type World } from "../routes/world.ts";

/** A host was taken over whose instance may tag interfaces and move private addresses. a1 is active, at eni-x1. */
async function worldWith(target: { readonly a1: string; readonly a2: string }): Promise<World> {
  const world = createWorld();
  const hosts = [host("a1", { target: target.a1 }), host("a2", { target: target.a2 })];
  world.cloud.addInterface({ id: "eni-x1", address: "10.1.0.11", hostId: "a1" });
  world.cloud.addInterface({ id: "eni-x2", address: "10.1.0.12", hostId: "a2" });
  await world.apply([backbone(hereIn({ hosts }))]);
  await world.store.writeHost("backbone", "here", record("a1", undefined, { localAddress: "10.1.0.11" }), undefined);
  await world.store.writeHost("backbone", "here", record("a2", undefined, { localAddress: "10.1.0.12" }), undefined);
  await world.decide("a1");
  await world.swap();
  expect(world.cloud.standing()).toEqual(allAt("eni-x1"));
  await world.clock.advance(120_000);
  return world;
}

describe("a host that may tag and move addresses", () => {
  it("takes the traffic of a location with target auto, by taking both the tag and the address of its active host", async () => {
    const world = await worldWith({ a1: "auto", a2: "auto" });
    world.cloud.addInterface({ id: "eni-x1", address: "10.1.0.99" });
    world.cloud.addInterface({ id: "eni-evil", address: "10.1.0.11", hostId: "a1" });

    await world.reconcile();

    expect(world.cloud.standing()).toEqual(allAt("eni-evil"));
    expect(await world.events("route-repaired")).not.toEqual([]);
  });

  it("gets nothing by the tag alone while the address is still the host's own: both answer to it, and nobody is chosen", async () => {
    const world = await worldWith({ a1: "auto", a2: "auto" });
    world.cloud.addInterface({ id: "eni-evil", address: "10.1.0.11", hostId: "a1" });

    await world.reconcile();

    expect(world.cloud.standing()).toEqual(allAt("eni-x1"));
    expect(gaps(world)).toEqual([]);
    expect((await world.events("swap-failed"))[0]).toContain("TARGET_AMBIGUOUS");
  });

  it("gets nothing by the address alone, without the tag", async () => {
    const world = await worldWith({ a1: "auto", a2: "auto" });
    world.cloud.addInterface({ id: "eni-x1", address: "10.1.0.99", hostId: "a1" });
    world.cloud.addInterface({ id: "eni-evil", address: "10.1.0.11" });

    await world.reconcile();

    expect(world.cloud.standing()).toEqual(allAt("eni-x1"));
    expect((await world.events("swap-failed"))[0]).toContain("TARGET_NOT_ALLOWED");
  });

  it("gets nothing where targets are named by interface", async () => {
    const world = await worldWith({ a1: "eni-x1", a2: "eni-x2" });
    world.cloud.addInterface({ id: "eni-x1", address: "10.1.0.99" });
    world.cloud.addInterface({ id: "eni-evil", address: "10.1.0.11", hostId: "a1" });

    await world.reconcile();

    expect(world.cloud.standing()).toEqual(allAt("eni-x1"));
  });

  it("gets nothing in another network, whatever tag and address it has there", async () => {
    const world = await worldWith({ a1: "auto", a2: "auto" });
    world.cloud.addInterface({ id: "eni-evil", vpc: "vpc-2", address: "10.1.0.11", hostId: "a1" });

    await world.reconcile();

    expect(world.cloud.standing()).toEqual(allAt("eni-x1"));
  });
});
