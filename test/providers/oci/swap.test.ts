import { describe, expect, it } from "vitest";
import { makeMesh } from "../../../bench/mesh.ts";
import { memoryDatabase } from "../../../dev/memory-database.ts";
import { adoptRoutes } from "../../../functions/routes/adopt.ts";
import { createSwapper } from "../../../functions/routes/swap.ts";
import type { OciCloud } from "../../../shared/domain/clouds/oci.ts";
import type { Decision } from "../../../shared/domain/records.ts";
import { openStore } from "../../../shared/store/store.ts";
import { cloudOf, ocid } from "./emulated-world.ts";
import { A, B, FLOATING, TABLE, virtualWorld } from "./virtual.ts";

const place = "10.201.0.0/16";

/** A location in OCI with hosts at the private IPs `a` and `b`, an office that it reaches, and the routes function. */
async function swapWorld(settings: Partial<OciCloud>, removeRoutes = false) {
  const cloud = { ...cloudOf(ocid("vcn", "home"), { by: "id", ids: [TABLE] }), ...settings };
  const world = virtualWorld(cloud);
  const { clock, drive } = world;
  const mesh = makeMesh({ locations: 2, hostsPerLocation: 2, timeoutMs: 30_000, hostCheck: false });
  const network = {
    ...mesh,
    links: mesh.links.map((link) => ({
      ...link,
      locations: link.locations.map((location, at) => {
        if (at === 1) return { ...location, networks: [place] };
        return {
          ...location,
          cloud,
          removeRoutes,
          hosts: location.hosts.map((host, n) => ({ ...host, target: n === 0 ? A : B })),
        };
      }),
    })),
  };
  const [link] = network.links;
  const [location] = link?.locations ?? [];
  const hosts = location?.hosts ?? [];
  if (link === undefined || location === undefined) throw new Error("no location");
  const store = openStore(memoryDatabase(clock));
  const told: string[] = [];
  await drive(store.commitNetwork({ network, atMs: clock.nowMs(), by: "test", why: "test", source: "" }));
  const swap = createSwapper({
    store,
    clock,
    random: { bytes: (count) => new Uint8Array(count).fill(7) },
    log: {
      warn: (line: unknown) => void told.push(String(line)),
      error: (line: unknown) => void told.push(String(line)),
    },
    openProvider: async () => world.provider,
    swapQueue: async () => ({ wake: async () => undefined }),
    tickQueue: async () => ({ send: async () => undefined }),
  });
  const wake = { linkId: link.id, locationId: location.id, round: 0 };
  const inForce = { network, locationId: location.id };
  const readHead = async () => (await drive(store.readHead(link.id, inForce.locationId))).value;
  return {
    ...world,
    readHead,
    reconcile: () => drive(swap({ ...wake, cause: "reconcile" })),
    adopt: () => drive(adoptRoutes(store, { link, location }, {}, "operator ann", clock.nowMs())),
    /** The location is taken out of the network, and one like it put in, if an id is given. */
    async replaceBy(id?: string) {
      const { version } = inForce.network;
      const gone = { linkId: link.id, linkName: link.name, locationId: location.id, locationName: location.name };
      const { generation } = location;
      await drive(store.retire({ ...gone, generation, cloud, removeRoutes, atMs: clock.nowMs() }));
      const locations = link.locations.flatMap((one) =>
        one.id !== location.id ? [one] : id === undefined ? [] : [{ ...one, id }],
      );
      inForce.network = { version: version + 1, links: [{ ...link, locations }] };
      inForce.locationId = id ?? location.id;
      const commit = { atMs: clock.nowMs(), by: "test", why: "test", source: "" };
      await drive(store.commitNetwork({ network: inForce.network, ...commit }));
    },
    async decide(active: 0 | 1) {
      const held = await readHead();
      const decision: Decision = {
        linkId: link.id,
        locationId: inForce.locationId,
        generation: location.generation,
        epoch: (held?.value.epoch ?? 0) + 1,
        activeHostId: hosts[active]?.id ?? "",
        previousHostId: hosts[1 - active]?.id ?? "",
        reason: "timed-out",
        decidedMs: clock.nowMs(),
        by: "test",
        networkVersion: inForce.network.version,
        evidence: "test",
        demotedMs: {},
        tunnelMoveMs: 0,
        swap: { state: "pending" },
      };
      await drive(store.commitDecision(decision, held, () => true));
      await drive(swap({ ...wake, locationId: inForce.locationId, cause: "decision" }));
      return (await readHead())?.value.swap.state;
    },
  };
}

describe("swaps in OCI, from the decision on", () => {
  it("makes the rules, moves them to another host, and repairs what Terraform wrote over them", async () => {
    const world = await swapWorld({});

    expect(await world.decide(0)).toBe("confirmed");
    expect(world.targetOf(TABLE, place)).toBe(A);
    expect(await world.decide(1)).toBe("confirmed");
    expect(world.targetOf(TABLE, place)).toBe(B);
    world.plant(TABLE, place, A);
    world.plant(TABLE, "0.0.0.0/0", ocid("natgateway", "1"));
    await world.clock.advance(60_000);
    await world.reconcile();

    expect(world.targetOf(TABLE, place)).toBe(B);
    expect(world.targetOf(TABLE, "0.0.0.0/0")).toBe(ocid("natgateway", "1"));
  });

  it("moves an address that is on no host, and leaves the rules at it as they are", async () => {
    const world = await swapWorld({ floatingIp: FLOATING });
    world.emulator.control.edit.movePrivateIp(FLOATING, null);

    expect(await world.decide(0)).toBe("confirmed");
    const before = world.calls();
    expect(await world.decide(1)).toBe("confirmed");

    expect(world.emulator.control.edit.vnicOf(FLOATING)).toBe(ocid("vnic", "b"));
    expect(world.targetOf(TABLE, place)).toBe(FLOATING);
    expect(world.calls() - before).toBe(1);
  });

  it("leaves an address alone that somebody put on a host, until it is adopted", async () => {
    const world = await swapWorld({ floatingIp: FLOATING });

    await world.decide(1);
    expect(world.emulator.control.edit.vnicOf(FLOATING)).toBe(ocid("vnic", "a"));
    const { adopted } = await world.adopt();
    await world.clock.advance(60_000);
    await world.reconcile();

    expect(adopted.map(({ tableId, destination }) => [tableId, destination])).toEqual([[FLOATING, "10.0.0.40/32"]]);
    expect(world.emulator.control.edit.vnicOf(FLOATING)).toBe(ocid("vnic", "b"));
  });

  it("takes an address off its host, and the rules at it away, when its location is removed and removal is on", async () => {
    const world = await swapWorld({ floatingIp: FLOATING }, true);
    world.emulator.control.edit.movePrivateIp(FLOATING, null);
    await world.decide(0);

    await world.replaceBy();
    await world.reconcile();

    expect(world.emulator.control.edit.vnicOf(FLOATING)).toBeNull();
    expect(world.targetOf(TABLE, place)).toBeUndefined();
  });

  it("leaves an address on its host that another location has taken over", async () => {
    const world = await swapWorld({ floatingIp: FLOATING }, true);
    world.emulator.control.edit.movePrivateIp(FLOATING, null);
    await world.decide(0);
    const sinceMs = world.clock.nowMs() + 1;
    await world.clock.advance(10);

    await world.replaceBy("again");
    await world.reconcile();

    expect(await world.decide(1)).toBe("confirmed");
    expect(world.emulator.control.edit.vnicOf(FLOATING)).toBe(ocid("vnic", "b"));
    expect(world.emulator.control.operations().get("PrivateIpVnicDetach")).toBeUndefined();
    expect(world.emulator.control.gaps(sinceMs)).toEqual([]);
  });
});
