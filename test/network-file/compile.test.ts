import { describe, expect, it } from "vitest";
import { emptyNetwork, type Link, type Location, Network } from "../../shared/domain/network.ts";
import { compileNetwork } from "../../shared/network-file/compile.ts";
import { parseNetworkFile } from "../../shared/network-file/parse.ts";
import { compiled, counter, sample, sampleWith } from "./files.ts";

function linkOf(network: Network | undefined, name = "backbone"): Link {
  const link = network?.links.find((one) => one.name === name);
  if (!link) throw new Error(`no link ${name}`);
  return link;
}

function locationOf(network: Network | undefined, name: string): Location {
  const location = linkOf(network).locations.find((one) => one.name === name);
  if (!location) throw new Error(`no location ${name}`);
  return location;
}

const hostOf = (network: Network | undefined, location: string, name: string) =>
  locationOf(network, location).hosts.find((host) => host.name === name);

describe("compiling a network file", () => {
  it("makes a configuration of the next version, with every default filled in", () => {
    const [network] = compiled(sample);

    expect(Network.parse(network)).toEqual(network);
    expect(network?.version).toBe(1);
    expect(linkOf(network)).toMatchObject({
      protocol: "ipsec",
      wgPort: 0,
      ipv6: false,
      action: "restart",
      hostCheck: true,
      online: true,
      tunnelTimeoutMs: 45_000,
      keyGeneration: 1,
      nextLocationOrdinal: 3,
      nextHostOrdinal: 5,
    });
    expect(locationOf(network, "eu-west")).toMatchObject({
      generation: 1,
      networks: ["10.1.0.0/16", "fd00:1::/64"],
      excludes: [],
      transits: [],
      failback: "auto",
      holdUpMs: 30_000,
      removeRoutes: false,
      cloud: { provider: "aws", region: "eu-west-1", vpc: "vpc-0b1", routeTables: { by: "network" } },
    });
    expect(hostOf(network, "eu-west", "b2")).toMatchObject({
      static: false,
      priority: 10,
      timeoutMs: 30_000,
      backoffMs: 60_000,
      target: "auto",
      secretGeneration: 1,
      previousSecretUntilMs: 0,
    });
  });

  it("gives a host without a cloud no target, and a static host its address", () => {
    const [network] = compiled(sample);
    const router = hostOf(network, "office", "router");

    expect(router).toMatchObject({ static: true, publicAddress: "203.0.113.9" });
    expect(router).not.toHaveProperty("target");
  });

  it("reads durations, tags, ports and roles", () => {
    const [network] = compiled(
      `version: 1
links:
  backbone:
    protocol: wg
    tunnelTimeout: 1500s
    locations:
      a:
        networks: [10.0.0.0/16]
        holdUp: 500ms
        cloud:
          provider: aws
          region: us-gov-west-1
          vpc: vpc-1
          routeTables: { tag: "owner=a=b" }
          assumeRole: { roleArn: "arn:aws-us-gov:iam::123456789012:role/x", externalId: secret-id }
        hosts: { h: { timeout: 2m, backoff: 0s, target: i-1 } }
`.replace("1500s", "90s"),
    );

    expect(linkOf(network)).toMatchObject({ wgPort: 51_820, tunnelTimeoutMs: 90_000 });
    expect(locationOf(network, "a")).toMatchObject({
      holdUpMs: 500,
      cloud: {
        routeTables: { by: "tag", key: "owner", value: "a=b" },
        assumeRole: { roleArn: "arn:aws-us-gov:iam::123456789012:role/x", externalId: "secret-id" },
      },
    });
    expect(hostOf(network, "a", "h")).toMatchObject({ timeoutMs: 120_000, backoffMs: 0, target: "i-1" });
  });

  it("makes exclusion mutual, whichever side it is written on", () => {
    const [network] = compiled(
      sampleWith(
        "        networks: [192.168.0.0/16]",
        "        excludes: [us-east]\n        networks: [192.168.0.0/16]",
      ),
    );
    const [office, east, west] = ["office", "us-east", "eu-west"].map((name) => locationOf(network, name));

    expect(office?.excludes).toEqual([east?.id]);
    expect(east?.excludes).toEqual([office?.id]);
    expect(west?.excludes).toEqual([]);
  });

  it("turns a list of peers into exclusion of everybody else", () => {
    const [network] = compiled(
      sampleWith("        networks: [192.168.0.0/16]", "        peers: [us-east]\n        networks: [192.168.0.0/16]"),
    );
    const [office, east, west] = ["office", "us-east", "eu-west"].map((name) => locationOf(network, name));

    expect(office?.excludes).toEqual([west?.id]);
    expect(west?.excludes).toEqual([office?.id]);
    expect(east?.excludes).toEqual([]);
  });

  it("keeps ids, ordinals, secrets and keys of what keeps its name", () => {
    const [first] = compiled(sample);
    if (!first) throw new Error("not compiled");
    const rotated: Network = {
      ...first,
      links: first.links.map((link) => ({
        ...link,
        keyGeneration: 4,
        locations: link.locations.map((location) => ({
          ...location,
          hosts: location.hosts.map((host) => ({ ...host, secretGeneration: 3, previousSecretUntilMs: 99 })),
        })),
      })),
    };
    const next = compileNetwork(
      parseNetworkFile(sampleWith("priority: 20, timeout: 30s", "priority: 5, timeout: 15s")),
      rotated,
      () => "none",
    );

    expect(next.version).toBe(2);
    expect(linkOf(next).keyGeneration).toBe(4);
    expect(hostOf(next, "us-east", "a1")).toEqual({
      ...hostOf(rotated, "us-east", "a1"),
      priority: 5,
      timeoutMs: 15_000,
    });
  });

  it("takes a rename as a removal and an addition, with a new id and ordinal", () => {
    const [before, after] = compiled(sample, sampleWith("a2:", "a3:"));

    expect(hostOf(after, "us-east", "a1")).toEqual(hostOf(before, "us-east", "a1"));
    expect(hostOf(after, "us-east", "a3")?.id).not.toBe(hostOf(before, "us-east", "a2")?.id);
    expect(hostOf(after, "us-east", "a3")?.ordinal).toBe(linkOf(before).nextHostOrdinal);
  });

  it("gives what comes back under an old name a new id and ordinal", () => {
    const [before, , after] = compiled(sample, sampleWith("office:", "hq:"), sample);

    expect(locationOf(after, "office").id).not.toBe(locationOf(before, "office").id);
    expect([before, after].map((network) => locationOf(network, "office").ordinal)).toEqual([1, 4]);
  });

  it.each([
    ["the VPC", "vpc: vpc-0a1", "vpc: vpc-0a9"],
    ["the region", "region: us-east-1", "region: us-east-2"],
    ["the tables", "[rtb-0a1, rtb-0a2]", "[rtb-0a1]"],
    ["the choice of tables", "[rtb-0a1, rtb-0a2]", "all"],
    [
      "the role",
      "vpc: vpc-0a1",
      'vpc: vpc-0a1, assumeRole: { roleArn: "arn:aws:iam::123456789012:role/r", externalId: abc }',
    ],
  ])("begins a new generation of a location when %s changes", (_, replaced, by) => {
    const [, after] = compiled(sample, sampleWith(replaced, by));

    expect(locationOf(after, "us-east").generation).toBe(2);
    expect(locationOf(after, "eu-west").generation).toBe(1);
  });

  it("begins a new generation when a cloud comes or goes, so that routes of before stay apart", () => {
    const without = sample.replace(/ {8}cloud: \{ provider: aws, region: eu-west-1.*\n/, "");
    const networks = compiled(sample, without, sample);

    expect(networks.map((network) => locationOf(network, "eu-west").generation)).toEqual([1, 2, 3]);
  });

  it.each([
    ["hosts", "a2: { priority: 10, target: eni-0a2 }", "a9: { priority: 10, target: eni-0a9 }"],
    ["networks", "[10.0.0.0/16]", "[10.5.0.0/16]"],
    ["the order of the tables", "[rtb-0a1, rtb-0a2]", "[rtb-0a2, rtb-0a1]"],
    ["nothing", "version: 1", "version: 1"],
  ])("keeps the generation of a location when %s change", (_, replaced, by) => {
    const [, after] = compiled(sample, sampleWith(replaced, by));

    expect(locationOf(after, "us-east").generation).toBe(1);
  });

  it("keeps the generation when only the external id of the role changes", () => {
    const role = (id: string) =>
      sampleWith(
        "vpc: vpc-0a1",
        `vpc: vpc-0a1, assumeRole: { roleArn: "arn:aws:iam::123456789012:role/r", externalId: ${id} }`,
      );
    const [, after] = compiled(role("one"), role("two"));

    expect(locationOf(after, "us-east").generation).toBe(1);
    expect(locationOf(after, "us-east").cloud).toMatchObject({ assumeRole: { externalId: "two" } });
  });

  it("makes an empty network of an empty file", () => {
    const file = parseNetworkFile("version: 1\nlinks: {}\n");

    expect(compileNetwork(file, emptyNetwork, counter())).toEqual({ version: 1, links: [] });
  });
});
