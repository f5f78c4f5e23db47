import { describe, expect, it } from "vitest";
import { emptyNetwork } from "../../shared/domain/network.ts";
import { diffNetworks, isEmptyDiff, type NetworkDiff } from "../../shared/network-file/diff.ts";
import { renderDiff } from "../../shared/network-file/render.ts";
import { compiled, sample, sampleWith } from "./files.ts";

function diffOf(before: string, after: string): NetworkDiff {
  const [from, to] = compiled(before, after);
  return diffNetworks(from ?? emptyNetwork, to ?? emptyNetwork);
}

const sections = (diff: NetworkDiff) => renderDiff(diff).join("\n").split("\n\n");

describe("the difference of two configurations", () => {
  it("is empty for the same file, and says so", () => {
    const diff = diffOf(sample, sample);

    expect(isEmptyDiff(diff)).toBe(true);
    expect(diff).toEqual({
      changes: [],
      newUris: [],
      renames: [],
      moves: [],
      routesLost: [],
      routesLostCount: 0,
      warnings: [],
    });
    expect(renderDiff(diff)).toEqual(["No changes: the configuration in force is already the same."]);
  });

  it("lists everything of a first file, and the URIs of hosts that heartbeat", () => {
    const diff = diffNetworks(emptyNetwork, compiled(sample)[0] ?? emptyNetwork);

    expect(diff.newUris).toEqual([
      "backbone/eu-west/b1",
      "backbone/eu-west/b2",
      "backbone/us-east/a1",
      "backbone/us-east/a2",
    ]);
    expect(diff.routesLost).toEqual([]);
    expect(renderDiff(diff)).toContain("+ host backbone/office/router");
    expect(renderDiff(diff).at(-1)).toBe("13 added, 0 changed, 0 removed.");
  });

  it("names each changed field with its value before and after", () => {
    const after = sampleWith("priority: 20, timeout: 30s, backoff: 60s", "priority: 15, timeout: 90s, backoff: 2m")
      .replace("  backbone:\n", "  backbone:\n    tunnelTimeout: 60s\n")
      .replace("force: true", "force: false");

    expect(diffOf(sample, after).changes).toEqual([
      {
        subject: "link",
        action: "changed",
        path: "backbone",
        id: "id1",
        fields: [
          { field: "ciphers.force", from: true, to: false },
          { field: "tunnelTimeout", from: "45s", to: "60s" },
        ],
      },
      {
        subject: "host",
        action: "changed",
        path: "backbone/us-east/a1",
        id: "id8",
        fields: [
          { field: "priority", from: 20, to: 15 },
          { field: "timeout", from: "30s", to: "90s" },
          { field: "backoff", from: "60s", to: "2m" },
        ],
      },
    ]);
  });

  it("says that agents deploy their tunnels anew when their answer changes", () => {
    const diff = diffOf(sample, sampleWith("  backbone:\n", "  backbone:\n    hostCheck: false\n    online: false\n"));

    expect(diff.warnings.map(({ kind }) => kind)).toEqual(["tunnels-rebuilt", "link-offline", "checks-off"]);
  });

  it("lists networks one by one, and the routes of others that are lost", () => {
    const diff = diffOf(sample, sampleWith("[192.168.0.0/16]", "[192.168.1.0/24, 172.16.0.0/16]"));

    expect(sections(diff)).toEqual([
      "- network backbone/office 192.168.0.0/16\n+ network backbone/office 172.16.0.0/16\n+ network backbone/office 192.168.1.0/24",
      "Routes lost:\n  backbone/eu-west: 1 route (no longer reached): 192.168.0.0/16 in all\n  backbone/us-east: 2 routes (no longer reached): 192.168.0.0/16 in rtb-0a1, rtb-0a2",
      "2 added, 0 changed, 1 removed, 3 routes lost.",
    ]);
    expect(diff.routesLostCount).toBe(3);
  });

  it("lists tunnels between locations that stay", () => {
    const parted = sampleWith(
      "        networks: [192.168.0.0/16]",
      "        excludes: [us-east]\n        networks: [192.168.0.0/16]",
    );

    expect(diffOf(sample, parted).changes).toEqual([
      { subject: "tunnel", action: "removed", path: "backbone", between: ["office", "us-east"] },
    ]);
    expect(diffOf(sample, parted).routesLostCount).toBe(2);
    expect(renderDiff(diffOf(parted, sample))).toEqual([
      "+ tunnel backbone between office and us-east",
      "",
      "1 added, 0 changed, 0 removed.",
    ]);
  });

  it("shows a renamed host as removed and added, and says what that means", () => {
    const diff = diffOf(sample, sampleWith("a2:", "a3:"));

    expect(diff.renames).toEqual([{ subject: "host", from: "backbone/us-east/a2", to: "backbone/us-east/a3" }]);
    expect(sections(diff)).toEqual([
      "- host backbone/us-east/a2\n+ host backbone/us-east/a3",
      "New URIs, to be given to their hosts (pointsman host uri PATH):\n  backbone/us-east/a3",
      "Warnings:\n  backbone/us-east/a2 is removed and backbone/us-east/a3 is added, which looks like a rename: a new name is a new host, with new host URIs, and its hosts stay unheard until they are given them",
      "1 added, 0 changed, 1 removed.",
    ]);
  });

  it("suspects a rename of a location by its networks, and of a link by its locations", () => {
    expect(diffOf(sample, sampleWith("office:", "hq:")).renames).toEqual([
      { subject: "location", from: "backbone/office", to: "backbone/hq" },
    ]);
    expect(diffOf(sample, sampleWith("backbone:", "spine:")).renames).toEqual([
      { subject: "link", from: "backbone", to: "spine" },
    ]);
  });

  it("suspects no rename where the new thing is another", () => {
    const diff = diffOf(sample, sampleWith("office:", "lab:").replace("192.168.0.0/16", "192.168.9.0/24"));

    expect(diff.renames).toEqual([]);
  });

  it("counts every route of a location that goes, and of those that lose it", () => {
    const diff = diffOf(sample, sample.replace(/ {6}us-east:\n(?: {8}.*\n)+/, ""));

    expect(diff.routesLost).toEqual([
      { path: "backbone/eu-west", cause: "unreached", destinations: ["10.0.0.0/16"], tables: ["all"], routes: 1 },
      {
        path: "backbone/us-east",
        cause: "location-removed",
        destinations: ["10.1.0.0/16", "192.168.0.0/16", "fd00:1::/64"],
        tables: ["rtb-0a1", "rtb-0a2"],
        routes: 6,
      },
    ]);
  });

  it("shows a move, and counts only the routes in tables that are left", () => {
    const diff = diffOf(sample, sampleWith("[rtb-0a1, rtb-0a2]", "[rtb-0a2, rtb-0a3]"));

    expect(diff.moves).toEqual([{ path: "backbone/us-east", id: "id4", from: 1, to: 2 }]);
    expect(sections(diff)).toEqual([
      "~ location backbone/us-east: cloud.routeTables rtb-0a1, rtb-0a2 → rtb-0a2, rtb-0a3",
      "Routes lost:\n  backbone/us-east: 3 routes (these tables are left): 10.1.0.0/16, 192.168.0.0/16, fd00:1::/64 in rtb-0a1",
      "Warnings:\n  the routes of backbone/us-east go to other tables or another network: the old ones stay, and status lists them",
      "0 added, 1 changed, 0 removed, 1 location moved, 3 routes lost.",
    ]);
  });

  it.each([
    ["tables of a VPC to all of it", "[rtb-0a1, rtb-0a2]", "all", 0],
    ["tables of a VPC to a tag", "[rtb-0a1, rtb-0a2]", '{ tag: "a=b" }', 6],
    [
      "another role for the same tables",
      "vpc: vpc-0a1",
      'vpc: vpc-0a1, assumeRole: { roleArn: "arn:aws:iam::123456789012:role/r", externalId: abc }',
      0,
    ],
    ["all tables of a VPC to those of another", "vpc: vpc-0b1", "vpc: vpc-0b2", 2],
  ])("counts the routes lost by a move from %s", (_, replaced, by, routes) => {
    const diff = diffOf(sample, sampleWith(replaced, by));

    expect(diff.moves).toHaveLength(1);
    expect(diff.routesLostCount).toBe(routes);
  });

  it.each([
    ["", "and the old ones stay, which EC2 prefers to the list"],
    [", removeRoutes: true", "the old ones are removed once the new ones are verified"],
  ])("warns of a move to a prefix list whose old routes would hide it (%s)", (removal, warning) => {
    const to = `routeTables: all, prefixList: { maxEntries: 9 } }${removal.replace(", ", "\n        ")}`;
    const diff = diffOf(sample, sampleWith("routeTables: all }", to));

    expect(diff.moves).toHaveLength(1);
    expect(diff.warnings.map(({ message }) => message)).toEqual([expect.stringContaining(warning)]);
  });

  it("warns of networks that a prefix list has no room for, once", () => {
    const listed = (maxEntries: number) =>
      sampleWith("routeTables: all }", `routeTables: all, prefixList: { maxEntries: ${maxEntries} } }`);
    const messages = (diff: ReturnType<typeof diffOf>) => diff.warnings.map(({ message }) => message);

    expect(messages(diffOf(listed(2), listed(1)))).toEqual([
      "backbone/eu-west reaches 2 IPv4 networks, and its prefix list has room for 1: the others get no route there. Raise prefixList.maxEntries",
    ]);
    expect(messages(diffOf(listed(1), listed(1)))).toEqual([]);
  });

  it("warns when a location loses its cloud", () => {
    const diff = diffOf(sample, sample.replace(/ {8}cloud: \{ provider: aws, region: eu-west-1.*\n/, ""));

    expect(diff.routesLost).toEqual([
      {
        path: "backbone/eu-west",
        cause: "cloud-removed",
        destinations: ["10.0.0.0/16", "192.168.0.0/16"],
        tables: ["all"],
        routes: 2,
      },
    ]);
    expect(diff.warnings.map(({ message }) => message)).toEqual([
      "the routes of backbone/eu-west are no longer kept: those that exist stay as they are, and status lists them",
    ]);
  });

  it("warns when no host of a location stays, and when one is left alone", () => {
    const replaced = diffOf(sample, sampleWith("hosts: { b1: { priority: 20 }, b2: {} }", "hosts: { n1: {}, n2: {} }"));
    const alone = diffOf(sample, sampleWith("hosts: { b1: { priority: 20 }, b2: {} }", "hosts: { b1: {} }"));

    expect(replaced.warnings.map(({ message }) => message)).toEqual([
      "none of the hosts of backbone/eu-west stays: its traffic stops until a new one is given its URI",
    ]);
    expect(alone.warnings.map(({ message }) => message)).toEqual([
      "backbone/eu-west has one host: there is nobody to fail over to",
    ]);
  });

  it("warns when a location ends up without tunnels, or transits for nobody", () => {
    const lonely = diffOf(
      sample,
      sampleWith("        networks: [192.168.0.0/16]", "        peers: []\n        networks: [192.168.0.0/16]"),
    );
    const idle = diffOf(
      sample,
      sampleWith("        networks: [10.0.0.0/16]", "        transits: [office]\n        networks: [10.0.0.0/16]"),
    );

    expect(lonely.warnings).toEqual([
      { kind: "no-peer", path: "backbone/office", message: "backbone/office has no tunnel with any location" },
    ]);
    expect(idle.warnings.map(({ kind }) => kind)).toEqual(["idle-transit"]);
  });

  it("asks for a URI when a static host begins to heartbeat", () => {
    const diff = diffOf(sample, sampleWith("static: true, publicAddress", "publicAddress"));

    expect(diff.newUris).toEqual(["backbone/office/router"]);
    expect(diff.changes).toHaveLength(1);
  });

  it("is plain data: what JSON makes of it is the same", () => {
    const diff = diffOf(sample, sampleWith("office:", "hq:"));

    expect(JSON.parse(JSON.stringify(diff))).toEqual(diff);
  });
});
