import { describe, expect, it } from "vitest";
import { startLocalAzure } from "../../../dev/runtime/clouds/azure.ts";
import { localAddress } from "../../../dev/runtime/pretended-hosts.ts";
import type { AzureCloud } from "../../../shared/domain/clouds/azure.ts";
import type { RouteTables } from "../../../shared/domain/clouds/route-tables.ts";
import { systemClock } from "../../../shared/platform/clock.ts";
import { createProviderRegistry } from "../../../shared/providers/registry.ts";
import { link, location, network } from "../../fixtures/network.ts";
import { turnOf, untilDone } from "../../providers/contract/world.ts";

const SUBSCRIPTION = "0b1f6471-1bf0-4dda-aec3-cb9272f09590";
const group = `/subscriptions/${SUBSCRIPTION}/resourcegroups/rg-1/providers/microsoft.network`;
const cloudWith = (routeTables: RouteTables): AzureCloud => ({
  provider: "azure",
  subscription: SUBSCRIPTION,
  resourceGroup: "rg-1",
  virtualNetwork: "vnet-1",
  routeTables,
});

describe("Azure on this machine", () => {
  it.each<[string, RouteTables]>([
    ["by id", { by: "id", ids: [`${group}/routetables/rt-a`, `${group}/routetables/rt-b`] }],
    ["by tag", { by: "tag", key: "ours", value: "yes" }],
    ["all of the network", { by: "network" }],
  ])("has what a network names, and tells where its routes lead, with tables %s", async (_, routeTables) => {
    const local = await startLocalAzure({ clock: systemClock, port: 0 });
    const cloud = cloudWith(routeTables);
    const named = { id: "h2", target: `${group}/networkinterfaces/nic-of-h2` };
    const west = location("west", ["h1"], { cloud });
    const east = location("east", ["h3"], { cloud: cloudWith({ by: "id", ids: [`${group}/routetables/rt-e`] }) });
    const [first] = west.hosts;
    if (first === undefined) throw new Error("no host");
    const hosts = [first, { ...first, name: "h2", ordinal: 1, ...named }];
    const mesh = network([link("mesh", [{ ...west, hosts }, east, location("office", ["h9"])])]);
    local.seed(mesh);
    local.seed(mesh);
    const [site] = mesh.links[0]?.locations ?? [];
    const [one, two] = site?.hosts ?? [];
    if (site === undefined || one === undefined || two === undefined) throw new Error("no location");
    const open = createProviderRegistry({ clock: systemClock, cloudEndpoints: { azure: local.url } });
    const provider = await open(cloud, site.id);
    try {
      const { tables } = await provider.survey(untilDone());
      const found = await provider.targets(
        [
          { hostId: one.id, target: "auto", localAddress: localAddress(site, 0) },
          { hostId: two.id, target: two.target ?? "", localAddress: "" },
        ],
        untilDone(),
      );
      expect(found).toMatchObject([
        { result: "found", target: local.targetOf(site, one) },
        { result: "found", target: local.targetOf(site, two) },
      ]);
      const target = local.targetOf(site, two);
      const changes = tables.map((table) => ({ kind: "create" as const, table, destination: "10.200.0.0/16", target }));
      const outcomes = await provider.write(changes, turnOf(), untilDone());
      expect(outcomes.map(({ result }) => result)).toEqual(changes.map(() => "written"));

      const standing = await local.standing(site);
      local.seed(mesh);
      expect(standing.length).toBeGreaterThan(0);
      expect(await local.standing(site)).toEqual(standing);
      for (const route of standing) expect(route).toMatchObject({ destination: "10.200.0.0/16", target });
      expect(local.changingCalls()).toBe(changes.length);
      expect(local.gaps(0)).toEqual([]);
    } finally {
      await local.stop();
    }
  });
});
