import type { RoutesDescription } from "./description.ts";

/** What to write into a user's own Terraform configuration, and why, for one provider. */
type Advice = { readonly why: readonly string[]; readonly example: readonly string[] };

/**
 * HCL `locals` that say which destinations in which tables are Pointsman's, and as comments how to keep Terraform from
 * putting them back. Source: https://developer.hashicorp.com/terraform/language/meta-arguments/lifecycle#ignore_changes
 */
export function terraform(routes: RoutesDescription): string {
  const { why, example } = adviceFor(routes);
  const name = localName("pointsman", routes.link, routes.location);
  const head = [
    `Routes that Pointsman keeps for ${routes.link}/${routes.location} in ${routes.place}. Printed by`,
    `pointsman export ${routes.link}/${routes.location} --format terraform`,
    "",
    ...why,
    "",
    ...example.map((line) => `  ${line}`.trimEnd()),
    "",
    "So that a route of yours never clashes with one of these, check it against the lists below, such as",
    "",
    "  lifecycle {",
    "    precondition {",
    `      condition     = !contains(local.${name}.destinations, var.destination)`,
    '      error_message = "This destination is kept by Pointsman."',
    "    }",
    "  }",
  ];
  return [
    ...head.map((line) => `# ${line}`.trimEnd()),
    "locals {",
    `  ${name} = {`,
    `    link         = ${quoted(routes.link)}`,
    `    location     = ${quoted(routes.location)}`,
    `    provider     = ${quoted(routes.provider)}`,
    `    strategy     = ${quoted(routes.strategy)}`,
    `    destinations = ${list(routes.destinations)}`,
    `    tables       = ${list(routes.tables)}`,
    ...owned(routes),
    "  }",
    "}",
    "",
  ].join("\n");
}

function owned(routes: RoutesDescription): readonly string[] {
  if (routes.owned.length === 0) return ["    owned        = []"];
  const lines = routes.owned.map(
    ({ table, destination }) => `      { table = ${quoted(table)}, destination = ${quoted(destination)} },`,
  );
  return ["    owned = [", ...lines, "    ]"];
}

function adviceFor({ provider, strategy }: RoutesDescription): Advice {
  switch (provider) {
    case "aws":
      return strategy === "prefix-list" ? awsPrefixList : aws;
    case "azure":
      return azure;
    case "gcp":
      return gcp;
    case "oci":
      return strategy === "floating-ip" ? ociFloatingIp : oci;
    case "hetzner":
      return hetzner;
    default:
      return provider satisfies never;
  }
}

const notInline = [
  "Do not declare these routes. Routes inside of the table's resource are a whole list to Terraform: it would remove the",
  "ones below. So either have no inline routes, or ignore them.",
];

/** https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/route_table */
const aws: Advice = {
  why: [
    ...notInline,
    "An aws_route that you declared before Pointsman adopted the route may stay, if its target is ignored.",
  ],
  example: [
    'resource "aws_route_table" "this" {',
    "  # …",
    "  lifecycle { ignore_changes = [route] }",
    "}",
    'resource "aws_route" "adopted" {',
    "  # …",
    "  lifecycle { ignore_changes = [network_interface_id] }",
    "}",
  ],
};

/** https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ec2_managed_prefix_list */
const awsPrefixList: Advice = {
  why: [
    "Do not declare these routes, nor the managed prefix lists and their entries: Pointsman keeps one route for each of its",
    "lists in a table, and the destinations in the lists. Routes inside of the table's resource have to be ignored:",
  ],
  example: ['resource "aws_route_table" "this" {', "  # …", "  lifecycle { ignore_changes = [route] }", "}"],
};

/** https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs/resources/route_table */
const azure: Advice = {
  why: [
    ...notInline,
    "An azurerm_route that you declared before Pointsman adopted the route may stay, if its next hop is ignored.",
  ],
  example: [
    'resource "azurerm_route_table" "this" {',
    "  # …",
    "  lifecycle { ignore_changes = [route] }",
    "}",
    'resource "azurerm_route" "adopted" {',
    "  # …",
    "  lifecycle { ignore_changes = [next_hop_type, next_hop_in_ip_address] }",
    "}",
  ],
};

/** https://registry.terraform.io/providers/hashicorp/google/latest/docs/resources/compute_route */
const gcp: Advice = {
  why: [
    "Do not declare these routes as google_compute_route: a route of Google Cloud cannot be changed, so Pointsman puts a new",
    "one of another name and removes the old one, and Terraform would create the old one again at its next run;",
    "ignore_changes does not help against that. Take one that you declared out of the state before Pointsman adopts it:",
  ],
  example: ["removed {", "  from = google_compute_route.adopted", "  lifecycle { destroy = false }", "}"],
};

/** https://registry.terraform.io/providers/oracle/oci/latest/docs/resources/core_route_table */
const oci: Advice = {
  why: [
    "The rules of a route table are one list in Oracle Cloud, and Terraform writes it whole and without an etag: it would",
    "overwrite the rules below, and Pointsman would put them back within a minute. So the rules have to be ignored, and",
    "rules of your own are then to be changed elsewhere:",
  ],
  example: ['resource "oci_core_route_table" "this" {', "  # …", "  lifecycle { ignore_changes = [route_rules] }", "}"],
};

/** https://registry.terraform.io/providers/oracle/oci/latest/docs/resources/core_private_ip */
const ociFloatingIp: Advice = {
  why: [
    "The rules of the tables point at one private IP and never change: they may be declared. What moves is that address, from",
    "the VNIC of one host to that of another:",
  ],
  example: ['resource "oci_core_private_ip" "floating" {', "  # …", "  lifecycle { ignore_changes = [vnic_id] }", "}"],
};

/** https://registry.terraform.io/providers/hetznercloud/hcloud/latest/docs/resources/network_route */
const hetzner: Advice = {
  why: [
    "Do not declare these routes. One that you declared before Pointsman adopted it may stay, if its gateway is ignored; during",
    "a swap it is gone for a moment, so do not apply then.",
  ],
  example: ['resource "hcloud_network_route" "adopted" {', "  # …", "  lifecycle { ignore_changes = [gateway] }", "}"],
};

function localName(...parts: readonly string[]): string {
  return parts.join("_").replace(/[^A-Za-z0-9_]/g, "_");
}

function list(all: readonly string[]): string {
  return `[${all.map(quoted).join(", ")}]`;
}

/** A string of HCL: `${` and `%{` begin templates there. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(/([$%])(?=\{)/g, "$1$1");
}
