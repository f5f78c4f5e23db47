import { describe, expect, it } from "vitest";
import type { RoutesDescription } from "../../shared/export/description.ts";
import { terraform } from "../../shared/export/terraform.ts";

const routes: RoutesDescription = {
  link: "backbone",
  location: "us-east.1",
  provider: "aws",
  place: "aws us-east-1 vpc-0a1, rtb-0a1 rtb-0a2",
  strategy: "routes",
  destinations: ["10.1.0.0/16", "fd00:1::/64"],
  tables: ["rtb-0a1", "rtb-0a2"],
  owned: [
    { table: "rtb-0a1", destination: "10.1.0.0/16" },
    { table: "rtb-0a2", destination: "10.1.0.0/16" },
  ],
};

/** The value of the one local, read as JSON after its few differences from HCL are taken out. */
function localOf(text: string): Record<string, unknown> {
  const [, name, body = ""] = /^locals \{\n {2}(\w+) = (\{[\s\S]*\n {2}\})\n\}$/m.exec(text) ?? [];
  if (name === undefined) throw new Error("no locals");
  const json = body
    .replace(/(\w+) += /g, '"$1": ')
    .replace(/\$\$\{/g, "${")
    .replace(/(["\]}])\n(?=\s*")/g, "$1,\n")
    .replace(/,(?=\s*[\]}])/g, "");
  return { name, ...(JSON.parse(json) as object) };
}

describe("the data for Terraform", () => {
  it("says which destinations in which tables are Pointsman's, as locals", () => {
    const { place: _place, ...data } = routes;
    expect(localOf(terraform(routes))).toEqual({ name: "pointsman_backbone_us_east_1", ...data });
  });

  it("is still HCL where nothing was put yet, and where an id looks like a template", () => {
    expect(localOf(terraform({ ...routes, tables: [], owned: [] }))).toMatchObject({ tables: [], owned: [] });
    const table = ["rtb-$", "{boom}"].join("");
    const text = terraform({ ...routes, tables: [table] });
    expect(text).toContain('"rtb-$${boom}"');
    expect(localOf(text)).toMatchObject({ tables: [table] });
  });

  it("holds nothing but comments and locals, the same for the same input", () => {
    const lines = terraform(routes).split("\n");
    const end = lines.indexOf("locals {");
    expect(lines.slice(0, end).every((line) => line.startsWith("#"))).toBe(true);
    expect(terraform(structuredClone(routes))).toBe(terraform(routes));
  });

  it.each([
    ["aws", "routes", "network_interface_id"],
    ["aws", "prefix-list", "managed prefix lists"],
    ["azure", "routes", "next_hop_in_ip_address"],
    ["gcp", "routes", "destroy = false"],
    ["oci", "routes", "route_rules"],
    ["oci", "floating-ip", "vnic_id"],
    ["hetzner", "routes", "gateway"],
  ] as const)("tells for %s with %s what Terraform has to leave alone", async (provider, strategy, word) => {
    const text = terraform({ ...routes, provider, strategy });
    expect(text).toContain(word);
    await expect(text).toMatchFileSnapshot(`golden/${provider}.${strategy}.tf`);
  });
});
