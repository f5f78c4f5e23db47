import { describe, expect, it } from "vitest";
import { makeMesh } from "../../../bench/mesh.ts";
import { startLocalOci } from "../../../dev/runtime/clouds/oci.ts";
import { localAddress } from "../../../dev/runtime/pretended-hosts.ts";
import type { OciCloud } from "../../../shared/domain/clouds/oci.ts";
import type { Network } from "../../../shared/domain/network.ts";
import { systemClock } from "../../../shared/platform/clock.ts";
import { createProviderRegistry } from "../../../shared/providers/registry.ts";
import { turnOf, untilDone } from "../../providers/contract/world.ts";
import { heldSecrets } from "../../providers/oci/api-key.ts";
import { ocid } from "../../providers/oci/emulated-world.ts";

const cloud: OciCloud = {
  provider: "oci",
  region: "us-phoenix-1",
  compartment: "ocid1.compartment.oc1..home",
  vcn: ocid("vcn", "home"),
  routeTables: { by: "network" },
  identity: { secret: "oci" },
};

function networkWith(settings: Partial<OciCloud>): Network {
  const mesh = makeMesh({ locations: 2, hostsPerLocation: 2, timeoutMs: 30_000, hostCheck: false });
  return {
    ...mesh,
    links: mesh.links.map((link) => ({
      ...link,
      locations: link.locations.map((location, at) => {
        if (at > 0) return location;
        const hosts = location.hosts.map((host) => ({ ...host, target: "auto" }));
        return { ...location, cloud: { ...cloud, ...settings }, hosts };
      }),
    })),
  };
}

describe("Oracle Cloud on this machine", () => {
  it.each([
    ["rules at the active host", {}],
    ["an address that floats", { floatingIp: ocid("privateip", "floating") }],
  ])("has what a network names, and tells where its routes lead, with %s", async (_, settings) => {
    const local = await startLocalOci({ clock: systemClock, port: 0 });
    const network = networkWith(settings);
    local.seed(network);
    local.seed(network);
    const location = network.links[0]?.locations[0];
    const host = location?.hosts[1];
    if (location?.cloud === undefined || host === undefined) throw new Error("no location");
    const open = createProviderRegistry({
      clock: systemClock,
      cloudSecrets: heldSecrets(local.secret),
      cloudEndpoints: { oci: local.url },
    });
    const provider = await open(location.cloud, location.id);

    const { tables } = await provider.survey(untilDone());
    const asked = { hostId: host.id, target: "auto", localAddress: localAddress(location, 1) };
    const [found] = await provider.targets([asked], untilDone());
    const changes = tables.map((table) => ({
      kind: "create" as const,
      table,
      destination: table.holds?.kind === "one" ? table.holds.destination : "10.201.0.0/16",
      target: table.holds?.kind === "fixed" ? table.holds.target : local.targetOf(location, host),
    }));
    const outcomes = await provider.write(changes, turnOf(), untilDone());
    const standing = await local.standing(location);
    await local.stop();

    expect(found).toMatchObject({ result: "found", target: local.targetOf(location, host) });
    expect(outcomes.map(({ result }) => result)).toEqual(changes.map(() => "written"));
    expect(standing).toEqual([
      { table: expect.any(String), destination: "10.201.0.0/16", target: local.targetOf(location, host) },
    ]);
    expect(local.changingCalls()).toBe(changes.length);
  });
});
