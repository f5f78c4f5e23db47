import { describe, expect, it } from "vitest";
import { makeMesh } from "../../../bench/mesh.ts";
import { startLocalGcp } from "../../../dev/runtime/clouds/gcp.ts";
import type { Network } from "../../../shared/domain/network.ts";
import { systemClock } from "../../../shared/platform/clock.ts";
import { createProviderRegistry } from "../../../shared/providers/registry.ts";
import { turnOf, untilDone } from "../../providers/contract/world.ts";
import { cloudOf, NETWORK } from "../../providers/gcp/emulated-world.ts";

/** A mesh whose first location is in Google Cloud, with targets of every form. */
function mesh(): Network {
  const made = makeMesh({ locations: 2, hostsPerLocation: 4, timeoutMs: 30_000, hostCheck: false });
  const targets = [
    "zones/us-east1-b/instances/link-1",
    "10.0.0.77",
    "projects/acme-service/zones/us-east1-c/instances/link-2",
    "auto",
  ];
  return {
    ...made,
    links: made.links.map((link) => ({
      ...link,
      locations: link.locations.map((location, at) =>
        at > 0
          ? location
          : {
              ...location,
              networks: ["10.0.0.0/16"],
              cloud: cloudOf(),
              hosts: location.hosts.map((host, number) => ({ ...host, target: targets[number] ?? "auto" })),
            },
      ),
    })),
  };
}

describe("Google Cloud of the local runtime", () => {
  it("has what a network names, where the provider finds it, and keeps it when it is named again", async () => {
    const network = mesh();
    const location = network.links[0]?.locations[0];
    if (location === undefined) throw new Error("no location");
    const local = await startLocalGcp({ clock: systemClock, port: 0 });
    local.seed(network);
    const open = createProviderRegistry({ clock: systemClock, cloudEndpoints: { gcp: local.url } });
    const provider = await open(cloudOf(), location.id);
    const machines = local.emulator.dump().projects.flatMap(({ instances }) => instances);
    const addressOf = (hostId: string) =>
      machines.find(({ metadata }) => metadata["pointsman-host"] === hostId)?.interfaces[0]?.address ?? "";

    const outcomes = await provider.targets(
      location.hosts.map(({ id: hostId, target = "auto" }) => ({ hostId, target, localAddress: addressOf(hostId) })),
      untilDone(),
    );
    const targets = location.hosts.map((host) => local.targetOf(location, host));
    const { tables } = await provider.survey(untilDone());
    const [table] = tables;
    if (table === undefined) throw new Error("no table");
    const changes = targets.map((target, at) => ({
      kind: "create" as const,
      table,
      destination: `10.24${at}.0.0/16`,
      target,
    }));
    await provider.write(changes, turnOf(), untilDone());
    local.seed(network);
    const standing = await local.standing(location);
    await local.stop();

    expect(outcomes.map((outcome) => outcome.result === "found" && outcome.target)).toEqual(targets);
    expect(standing).toEqual(changes.map(({ destination, target }) => ({ table: NETWORK, destination, target })));
    expect([local.changingCalls(), local.gaps(0)]).toEqual([4, []]);
  });
});
