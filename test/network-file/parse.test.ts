import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseNetworkFile } from "../../shared/network-file/parse.ts";
import { mistakesOf, sample, sampleWith } from "./files.ts";

const deployed = (name: string) => readFileSync(new URL(`../../deploy/${name}`, import.meta.url), "utf8");

describe("a network file that is right", () => {
  it("is read as it stands, without what it leaves out", () => {
    const { locations, ...rest } = parseNetworkFile(sample).links["backbone"] ?? { locations: {} };

    expect(rest).toEqual({ ciphers: { ike: "aes128-sha256-x25519", esp: "aes128gcm128-x25519", force: true } });
    expect(locations["us-east"]).toEqual({
      networks: ["10.0.0.0/16"],
      cloud: { provider: "aws", region: "us-east-1", vpc: "vpc-0a1", routeTables: ["rtb-0a1", "rtb-0a2"] },
      hosts: {
        a1: { priority: 20, timeout: "30s", backoff: "60s", target: "eni-0a1" },
        a2: { priority: 10, target: "eni-0a2" },
      },
    });
  });

  it.each(["network.example.yaml", "network.mesh.example.yaml"])("is what deploy/%s is", (name) => {
    expect(mistakesOf(deployed(name))).toEqual([]);
  });

  it("may have no links at all", () => {
    expect(parseNetworkFile("version: 1\nlinks: {}\n")).toEqual({ version: 1, links: {} });
  });

  it("may use anchors and aliases, line ends of Windows, a byte order mark and JSON", () => {
    const aliased = sampleWith("timeout: 30s, backoff", "timeout: &t 30s, backoff").replace(
      "b2: {}",
      "b2: { timeout: *t }",
    );

    expect(parseNetworkFile(aliased).links["backbone"]?.locations["eu-west"]?.hosts["b2"]).toEqual({ timeout: "30s" });
    expect(parseNetworkFile(sample.replaceAll("\n", "\r\n"))).toEqual(parseNetworkFile(sample));
    expect(parseNetworkFile(`\uFEFF${sample}`)).toEqual(parseNetworkFile(sample));
    expect(parseNetworkFile(JSON.stringify(parseNetworkFile(sample)))).toEqual(parseNetworkFile(sample));
  });

  it("may name things by numbers", () => {
    expect(Object.keys(parseNetworkFile(sampleWith("us-east:", "1.0:")).links["backbone"]?.locations ?? {})).toContain(
      "1.0",
    );
  });

  it("may give the same networks to locations that nobody reaches both of", () => {
    const islands = (
      name: string,
      peer: string,
    ) => `      ${name}1: { networks: [10.0.0.0/16], peers: [${name}2], hosts: { h: {} } }
      ${name}2: { networks: [10.1.0.0/16], peers: [${peer}], hosts: { h: {} } }\n`;

    expect(mistakesOf(`version: 1\nlinks:\n  l:\n    locations:\n${islands("a", "a1")}${islands("b", "b1")}`)).toEqual(
      [],
    );
  });

  it("may have two locations in one table, as long as they reach different networks", () => {
    const other = `  other:
    locations:
      one:
        networks: [10.0.0.0/16]
        cloud: { provider: aws, region: us-east-1, vpc: vpc-0a1, routeTables: [rtb-0a1] }
        hosts: { x: {} }
      two: { networks: [10.77.0.0/16], hosts: { y: {} } }
`;

    expect(mistakesOf(sample + other)).toEqual([]);
  });
});

describe("a network file with many mistakes", () => {
  it("is refused with those of writing, form and meaning together, in order of line", () => {
    const text = sample
      .replace("version: 1", "version: 3")
      .replace("          a2:", "          a1:")
      .replace("priority: 20 }, b2: {}", "priority: high }, b2: { timeout: 6s }")
      .replace("192.168.0.0/16", "10.1.2.0/24")
      .replace("publicAddress: 203.0.113.9", "timeout: 30s");

    expect(mistakesOf(text)).toEqual([
      "line 1: version: 3: not a version that can be read: write 1",
      'line 11: links.backbone.locations.us-east.hosts.a1: "a1": stands twice, first on line 10: rename or remove one',
      'line 15: links.backbone.locations.eu-west.hosts.b1.priority: "high": not a priority: write a whole number from 0 to 1000',
      expect.stringContaining(
        'line 15: links.backbone.locations.eu-west.hosts.b2.timeout: "6s": too short with host checks',
      ),
      expect.stringContaining(
        'line 17: links.backbone.locations.office.networks[0]: "10.1.2.0/24": overlaps 10.1.0.0/16 of eu-west',
      ),
      expect.stringContaining("line 18: links.backbone.locations.office.hosts.router.publicAddress: nothing: missing"),
      expect.stringContaining(
        'line 18: links.backbone.locations.office.hosts.router.timeout: "30s": a static host takes no part',
      ),
    ]);
  });

  it("is refused without what would only follow from another mistake", () => {
    const text = sampleWith("[192.168.0.0/16]", "[192.168.0.1/16]").replace("vpc: vpc-0a1", "vpc: main");

    expect(mistakesOf(text)).toEqual([
      'line 8: links.backbone.locations.us-east.cloud.vpc: "main": not the id of a VPC: write one such as vpc-0a1b2c3d',
      'line 17: links.backbone.locations.office.networks[0]: "192.168.0.1/16": not the canonical form of a network: write 192.168.0.0/16',
    ]);
  });

  it("does not judge peers by a list that it cannot read", () => {
    const text = sampleWith("[192.168.0.0/16]", "[10.0.0.0/24]\n        excludes: us-east, eu-west");

    expect(mistakesOf(text)).toEqual([expect.stringContaining("line 18: links.backbone.locations.office.excludes")]);
  });
});
