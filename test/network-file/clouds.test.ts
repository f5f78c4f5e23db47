import { describe, expect, it } from "vitest";
import {
  cloudText,
  familiesOf,
  isSameNetwork,
  networkKey,
  placeKey,
  tableByTable,
} from "../../shared/domain/clouds/cloud.ts";
import { CloudRecord } from "../../shared/domain/clouds/record.ts";
import { emptyNetwork, type Location } from "../../shared/domain/network.ts";
import { describeCloud } from "../../shared/network-file/clouds/described.ts";
import { compileNetwork } from "../../shared/network-file/compile.ts";
import { diffNetworks } from "../../shared/network-file/diff.ts";
import { parseNetworkFile } from "../../shared/network-file/parse.ts";
import { counter, mistakesOf } from "./files.ts";

const subscription = "0B1F6471-1bf0-4dda-aec3-cb9272f09590";
const vcn = "ocid1.vcn.oc1.phx.aaaa";
const compartment = "ocid1.compartment.oc1..aaaa";
const audience =
  "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/pointsman-aws/providers/pointsman";

/** A cloud section of each provider with everything that it can hold. */
const whole = {
  azure: `{ provider: azure, subscription: ${subscription}, resourceGroup: RG-Network, virtualNetwork: vnet-West, routeTables: [rt-B, rt-A, rt-a], identity: { tenant: ${subscription}, client: ${subscription} } }`,
  gcp: `{ provider: gcp, project: acme-network, network: vpc-main, priority: 700, identity: { audience: "${audience}", serviceAccount: pointsman@acme-network.iam.gserviceaccount.com } }`,
  oci: `{ provider: oci, region: us-phoenix-1, compartment: ${compartment}, vcn: ${vcn}, routeTables: { tag: "pointsman-routes=yes" }, floatingIp: ocid1.privateip.oc1.phx.aaaa, identity: { secret: pointsman/oci } }`,
  hetzner: "{ provider: hetzner, network: 4711, token: pointsman/hetzner }",
  aws: "{ provider: aws, region: us-east-1, vpc: vpc-1, routeTables: all, prefixList: { maxEntries: 50 } }",
} as const;

const file = (cloud: string, host = "{}", peer = "10.1.0.0/16") => `version: 1
links:
  mesh:
    locations:
      here:
        networks: [10.0.0.0/16]
        cloud: ${cloud}
        hosts: { a: ${host} }
      there:
        networks: ["${peer}"]
        hosts: { b: {} }
`;

function networkOf(text: string, before = emptyNetwork) {
  return compileNetwork(parseNetworkFile(text), before, counter());
}

function hereIn(text: string): Location {
  const here = networkOf(text).links[0]?.locations.find(({ name }) => name === "here");
  if (here === undefined) throw new Error("no location here");
  return here;
}

const cloudIn = (text: string) => {
  const { cloud } = hereIn(text);
  if (cloud === undefined) throw new Error("no cloud");
  return cloud;
};

describe("the clouds of a network file", () => {
  it.each(Object.entries(whole))("are stored with every setting: %s", (_, section) => {
    const cloud = cloudIn(file(section));

    expect(CloudRecord.safeParse(cloud)).toMatchObject({ success: true });
    expect(networkKey(cloud).startsWith(`${cloud.provider}/`)).toBe(true);
    expect(cloudText(cloud)).toContain(cloud.provider);
  });

  it("name resources of Azure in lower case, and tables by whole ids, each once", () => {
    const cloud = cloudIn(file(whole.azure));
    const folder = `/subscriptions/${subscription.toLowerCase()}/resourcegroups/rg-network/providers/microsoft.network/routetables`;

    expect(cloud).toMatchObject({ resourceGroup: "rg-network", virtualNetwork: "vnet-west" });
    expect(cloud.routeTables).toEqual({ by: "id", ids: [`${folder}/rt-a`, `${folder}/rt-b`] });
    expect(tableByTable(cloud)?.map(({ routeTables }) => routeTables)).toEqual([
      { by: "id", ids: [`${folder}/rt-a`] },
      { by: "id", ids: [`${folder}/rt-b`] },
    ]);
  });

  it("have a priority in Google Cloud though the file gives none", () => {
    expect(cloudIn(file("{ provider: gcp, project: acme-network, network: vpc-main }"))).toEqual({
      provider: "gcp",
      project: "acme-network",
      network: "vpc-main",
      priority: 900,
      routeTables: { by: "network" },
    });
  });

  it.each([
    ["azure", "subscription: none", "links.mesh.locations.here.cloud.subscription"],
    ["azure", 'resourceGroup: "a/b"', "links.mesh.locations.here.cloud.resourceGroup"],
    ["gcp", "project: X", "links.mesh.locations.here.cloud.project"],
    ["gcp", "priority: 65535", "links.mesh.locations.here.cloud.priority"],
    ["oci", "vcn: ocid1.subnet.oc1.phx.aaaa", "links.mesh.locations.here.cloud.vcn"],
    ["oci", "floatingIp: 10.0.0.9", "links.mesh.locations.here.cloud.floatingIp"],
    ["hetzner", "network: net-1", "links.mesh.locations.here.cloud.network"],
    ["hetzner", 'token: "not a name"', "links.mesh.locations.here.cloud.token"],
    ["aws", "prefixList: { maxEntries: 1001 }", "links.mesh.locations.here.cloud.prefixList.maxEntries"],
    ["hetzner", "routeTables: all", "links.mesh.locations.here.cloud"],
  ] as const)("are refused where a setting is wrong: %s with %s", (provider, setting, field) => {
    const [name = ""] = setting.split(":");
    const without = whole[provider].replace(new RegExp(`, ${name}: (?:\\{[^}]*\\}|"[^"]*"|[^,}]*)`), "");
    const mistakes = mistakesOf(file(without.replace(/ \}$/, `, ${setting} }`)));

    expect(mistakes.map((line) => line.split(": ").slice(0, 2).join(": "))).toEqual([expect.stringContaining(field)]);
  });

  it.each([
    ["aws", "10.0.0.9", "an interface such as eni-0a1b2c3d"],
    ["azure", "eni-0a1", "the whole resource id of a network interface"],
    ["gcp", "server-1", "an instance such as zones/europe-west1-b/instances/link-1"],
    ["oci", "eni-0a1", "the OCID of a VNIC or of a private IP"],
    ["hetzner", "eni-0a1", "a server such as server-4711"],
  ] as const)("say what a host's target may be in %s", (provider, target, write) => {
    expect(mistakesOf(file(whole[provider], `{ target: ${target} }`))).toEqual([
      expect.stringContaining(`not a route target of ${provider}: write ${write}`),
    ]);
  });

  it.each([
    ["azure", `/subscriptions/${subscription}/resourceGroups/rg/providers/Microsoft.Network/networkInterfaces/nic-1`],
    ["gcp", "zones/europe-west1-b/instances/link-1"],
    ["gcp", "projects/acme-edge/zones/europe-west1-b/instances/link-1"],
    ["gcp", "10.0.0.9"],
    ["oci", "ocid1.vnic.oc1.phx.aaaa"],
    ["hetzner", "server-4711"],
    ["hetzner", "10.0.0.9"],
  ] as const)("take a target in the words of %s: %s", (provider, target) => {
    expect(hereIn(file(whole[provider], `{ target: ${target} }`)).hosts[0]?.target).toBe(target);
  });

  it.each(Object.entries(whole))("may name executors that swap their routes: %s", (_, section) => {
    const executor = "{ url: https://executor.example.com/pointsman, id: west-1, key: pointsman/executor }";
    const cloud = cloudIn(file(section.replace(/ \}$/, `, executors: [${executor}] }`)));

    expect(cloud.executors).toEqual([
      { url: "https://executor.example.com/pointsman", id: "west-1", key: "pointsman/executor" },
    ]);
    expect(CloudRecord.safeParse(cloud)).toMatchObject({ success: true });
    expect(placeKey(cloud)).toBe(placeKey(cloudIn(file(section))));
    expect(describeCloud(cloud)["cloud.executors"]).toBe(
      "west-1 at https://executor.example.com/pointsman with pointsman/executor",
    );
  });

  it.each([
    ["http://executor.example.com", "not an https address"],
    ["ftp://executor.example.com", "not an https address"],
    ["executor.example.com", "not an address"],
    ["https://user@executor.example.com", "an address with credentials"],
    ["https://user:word@executor.example.com", "an address with credentials"],
    ["https://executor.example.com/?a=1", "an address with a query or a fragment"],
    ["https://executor.example.com/#a", "an address with a query or a fragment"],
    ["https://localhost:8443", "an address of the machine itself or of its link"],
    ["https://a.localhost.", "an address of the machine itself or of its link"],
    ["https://127.0.0.1", "an address of the machine itself or of its link"],
    ["https://2130706433", "an address of the machine itself or of its link"],
    ["https://0x7f.1", "an address of the machine itself or of its link"],
    ["https://0.0.0.0", "an address of the machine itself or of its link"],
    ["https://169.254.169.254/latest", "an address of the machine itself or of its link"],
    ["https://[::1]", "an address of the machine itself or of its link"],
    ["https://[::ffff:169.254.169.254]", "an address of the machine itself or of its link"],
    ["https://[fe80::1]", "an address of the machine itself or of its link"],
    ["https://metadata.google.internal", "an address of the machine itself or of its link"],
  ])("take no executor at %s", (url, why) => {
    const executor = `{ url: "${url}", id: west, key: pointsman/executor }`;

    expect(mistakesOf(file(whole.hetzner.replace(/ \}$/, `, executors: [${executor}] }`)))).toEqual([
      expect.stringContaining(`cloud.executors[0].url: ${JSON.stringify(url)}: ${why}`),
    ]);
  });

  it("are another place when their network, their tables or their way of routing changes", () => {
    const place = (section: string) => placeKey(cloudIn(file(section)));

    expect(place(whole.aws)).not.toBe(place(whole.aws.replace(", prefixList: { maxEntries: 50 }", "")));
    expect(place(whole.aws)).toBe(place(whole.aws.replace("50", "60")));
    expect(place(whole.oci)).not.toBe(place(whole.oci.replace("privateip.oc1.phx.aaaa", "privateip.oc1.phx.bbbb")));
    expect(place(whole.gcp)).toBe(place(whole.gcp.replace("700", "800")));
    expect(isSameNetwork(cloudIn(file(whole.gcp)), cloudIn(file(whole.hetzner)))).toBe(false);
  });

  it("show every setting that changes, also from one cloud to another", () => {
    const before = networkOf(file(whole.aws));
    const after = networkOf(file(whole.hetzner), before);

    const fields = diffNetworks(before, after).changes.flatMap((change) => ("fields" in change ? change.fields : []));

    expect(fields).toContainEqual({ field: "cloud.provider", from: "aws", to: "hetzner" });
    expect(fields).toContainEqual({ field: "cloud.vpc", from: "vpc-1", to: null });
    expect(fields).toContainEqual({ field: "cloud.network", from: null, to: 4711 });
    expect(fields).toContainEqual({ field: "cloud.prefixList.maxEntries", from: 50, to: null });
  });

  it("refuse two owners of a route in the one table of a network", () => {
    const text = file(whole.hetzner).replace("hosts: { b: {} }", `cloud: ${whole.hetzner}\n        hosts: { b: {} }`);
    const third = "      office:\n        networks: [10.9.0.0/16]\n        hosts: { c: {} }\n";

    expect(mistakesOf(text + third)).toEqual([expect.stringContaining("links.mesh.locations.there.cloud: ")]);
  });

  it("warn once of networks that they cannot route", () => {
    const before = networkOf(file(whole.gcp));
    const after = networkOf(file(whole.gcp, "{}", "fd00:1::/64"), before);

    expect(familiesOf(cloudIn(file(whole.gcp)))).toEqual(new Set([4]));
    expect(diffNetworks(before, after).warnings).toEqual([
      {
        kind: "unrouted",
        path: "mesh/here",
        message: "mesh/here gets no route to fd00:1::/64: Pointsman routes IPv4 alone in gcp",
      },
    ]);
    expect(diffNetworks(after, networkOf(file(whole.gcp, "{ priority: 5 }", "fd00:1::/64"), after)).warnings).toEqual(
      [],
    );
  });
});
