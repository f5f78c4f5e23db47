import { describe, expect, it } from "vitest";
import { isSample, sampleNetwork, withTimeout } from "../../dev/demo/sample-network.ts";
import { createEc2Emulator } from "../../dev/emulators/ec2/emulator.ts";
import { missingFrom, worldOf } from "../../dev/runtime/aws-world.ts";
import { localAddress, pretendedHosts } from "../../dev/runtime/pretended-hosts.ts";
import { testClock } from "../../dev/test-clock.ts";
import { emptyNetwork, type Network } from "../../shared/domain/network.ts";
import { compileNetwork } from "../../shared/network-file/compile.ts";
import { parseNetworkFile } from "../../shared/network-file/parse.ts";

function compiled(source: string): Network {
  let ids = 0;
  return compileNetwork(parseNetworkFile(source), emptyNetwork, () => `id${++ids}`);
}

const tour = `
version: 1
links:
  tour:
    locations:
      by-tag:
        networks: [10.0.0.0/16]
        cloud:
          provider: aws
          region: us-east-1
          vpc: vpc-1
          routeTables: { tag: "routes=tour" }
          assumeRole: { roleArn: "arn:aws:iam::123456789012:role/routes", externalId: secret }
        hosts: { a: { target: i-0a }, b: { target: auto } }
      whole-vpc:
        networks: [10.1.0.0/16]
        cloud: { provider: aws, region: us-east-1, vpc: vpc-2, routeTables: all }
        hosts: { c: { target: eni-0c, publicAddress: 203.0.113.7 } }
`;

describe("the world that is made for a network", () => {
  it("has the tables and interfaces that the network names", () => {
    const seed = worldOf(compiled(sampleNetwork(10_000)));

    expect(seed.regions?.map(({ region }) => region)).toEqual(["us-east-1"]);
    expect(seed.regions?.flatMap((one) => one.routeTables?.map(({ id }) => id))).toEqual(["rtb-0a1", "rtb-0a2"]);
    expect(seed.regions?.[0]?.interfaces?.map(({ id, addresses }) => [id, addresses])).toEqual([
      ["eni-0a1", ["10.0.0.10"]],
      ["eni-0a2", ["10.0.0.11"]],
    ]);
  });

  it("makes tables that are found by tag or network, instances, tagged interfaces and roles", () => {
    const network = compiled(tour);
    const seed = worldOf(network);
    const [byTag, byNetwork] = seed.regions ?? [];
    const auto = network.links[0]?.locations[0]?.hosts[1];

    expect(seed.roles).toEqual([{ arn: "arn:aws:iam::123456789012:role/routes", externalId: "secret" }]);
    expect(byTag?.account).toBe("123456789012");
    expect(byTag?.routeTables?.[0]?.tags).toEqual({ routes: "tour" });
    expect(byTag?.instances).toEqual([{ id: "i-0a", vpc: "vpc-1" }]);
    expect(byTag?.interfaces?.[0]).toMatchObject({ id: "eni-0a", attachment: { instanceId: "i-0a" } });
    expect(byTag?.interfaces?.[1]).toMatchObject({ tags: { "pointsman:host": auto?.id } });
    expect(byNetwork?.routeTables?.[0]?.main).toBe(true);
  });

  it("leaves what stands as it is when it is made again", () => {
    const network = compiled(sampleNetwork(10_000));
    const emulator = createEc2Emulator({ clock: testClock() });
    const make = () => emulator.seed(missingFrom(emulator.dump(), worldOf(network)));

    make();
    emulator.control.region("us-east-1").putRoute("rtb-0a1", { destination: "10.9.0.0/16", target: "eni-0a1" });
    const before = emulator.dump();
    make();

    expect(emulator.dump()).toEqual(before);
  });
});

describe("pretended hosts", () => {
  it("have addresses of their own, pinned where the network pins them", () => {
    const hosts = pretendedHosts(compiled(tour), "linux");

    expect(hosts.map(({ publicAddress, localAddress }) => [publicAddress, localAddress])).toEqual([
      ["198.18.0.1", "10.0.0.10"],
      ["198.18.0.2", "10.0.0.11"],
      ["203.0.113.7", "10.1.0.10"],
    ]);
    expect(new Set(hosts.map(({ loopback }) => loopback)).size).toBe(3);
    expect(new Set(pretendedHosts(compiled(tour), "darwin").map(({ loopback }) => loopback))).toEqual(
      new Set(["127.0.0.1"]),
    );
  });

  it("stay inside small networks", () => {
    const [location] = compiled(sampleNetwork(10_000)).links[0]?.locations ?? [];
    if (location === undefined) throw new Error("no location");

    expect(localAddress({ ...location, networks: ["fd00::/64", "192.0.2.240/29"] }, 2)).toBe("192.0.2.244");
    expect(localAddress({ ...location, networks: ["192.0.2.240/32"] }, 0)).toBe("192.0.2.240");
  });
});

describe("the sample network", () => {
  it("is two hosts in each cloud and an office, whatever the time-out", () => {
    for (const timeoutMs of [5_000, 10_000, 30_000]) {
      const link = compiled(sampleNetwork(timeoutMs)).links[0];

      expect(link?.hostCheck).toBe(timeoutMs >= 10_000);
      expect(link?.locations.map(({ hosts }) => hosts.length)).toEqual([2, 2, 2, 1, 2, 2]);
      expect(link?.locations[0]?.hosts[0]?.timeoutMs).toBe(timeoutMs);
    }
    expect(compiled(sampleNetwork(10_000)).links[0]?.locations.flatMap(({ cloud }) => cloud?.provider ?? [])).toEqual([
      "gcp",
      "azure",
      "hetzner",
      "oci",
      "aws",
    ]);
    expect(isSample(sampleNetwork(5_000))).toBe(true);
    expect(isSample(tour)).toBe(false);
  });

  it("can be of some clouds alone", () => {
    const link = compiled(sampleNetwork(10_000, ["azure", "hetzner"])).links[0];

    expect(link?.locations.map(({ name }) => name)).toEqual(["eu-west", "falkenstein", "office"]);
  });

  it("takes another time-out in any file, for the hosts that heartbeat", () => {
    const changed = compiled(withTimeout(sampleNetwork(10_000), 20_000));

    const hosts = changed.links.flatMap((link) => link.locations).flatMap((location) => location.hosts);
    expect(hosts.filter((host) => !host.static).map((host) => host.timeoutMs)).toEqual(Array(10).fill(20_000));
    expect(withTimeout("links: [", 20_000)).toBe("links: [");
  });
});
