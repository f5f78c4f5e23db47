import { describe, expect, it } from "vitest";
import { makeMesh } from "../../../bench/mesh.ts";
import { startLocalHetzner } from "../../../dev/runtime/clouds/hetzner.ts";
import type { Network } from "../../../shared/domain/network.ts";
import { systemClock } from "../../../shared/platform/clock.ts";
import { createProviderRegistry } from "../../../shared/providers/registry.ts";
import { turnOf, untilDone } from "../../providers/contract/world.ts";
import { cloudOf, HOME, secretsOf } from "../../providers/hetzner/emulated-world.ts";

/** A mesh whose first location is in Hetzner Cloud, with targets of every form. */
function mesh(): Network {
  const made = makeMesh({ locations: 2, hostsPerLocation: 3, timeoutMs: 30_000, hostCheck: false });
  const targets = ["server-4242", "10.0.0.77", "auto"];
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
              cloud: cloudOf(HOME),
              hosts: location.hosts.map((host, number) => ({ ...host, target: targets[number] ?? "auto" })),
            },
      ),
    })),
  };
}

describe("Hetzner Cloud of the local runtime", () => {
  it("has what a network names, where the provider finds it, and keeps it when it is named again", async () => {
    const network = mesh();
    const location = network.links[0]?.locations[0];
    if (location === undefined) throw new Error("no location");
    const local = await startLocalHetzner({ clock: systemClock, port: 0 });
    local.seed(network);
    const open = createProviderRegistry({
      clock: systemClock,
      cloudSecrets: secretsOf(() => local.token),
      cloudEndpoints: { hetzner: local.url },
    });
    const provider = await open(cloudOf(HOME), location.id);

    const outcomes = await provider.targets(
      location.hosts.map((host) => ({
        hostId: host.id,
        target: host.target ?? "auto",
        localAddress: local.targetOf(location, host),
      })),
      untilDone(),
    );
    const targets = location.hosts.map((host) => local.targetOf(location, host));
    const { tables } = await provider.survey(untilDone());
    const [table] = tables;
    if (table === undefined) throw new Error("no table");
    const destination = "10.240.0.0/16";
    await provider.write([{ kind: "create", table, destination, target: targets[0] ?? "" }], turnOf(), untilDone());
    local.seed(network);
    const standing = await local.standing(location);
    await local.stop();

    expect(outcomes.map((outcome) => outcome.result === "found" && outcome.target)).toEqual(targets);
    expect(standing).toEqual([{ table: String(HOME), destination, target: targets[0] }]);
    expect([local.changingCalls(), local.gaps(0)]).toEqual([1, []]);
  });
});
