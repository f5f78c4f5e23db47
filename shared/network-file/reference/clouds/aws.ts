import { AssumeRoleSection, AwsSection, PrefixListSection } from "../../clouds/aws.ts";
import { TagTables } from "../../clouds/tables.ts";
import { bounds, section } from "../note.ts";
import { executorsNote } from "./executors.ts";

export const awsSection = section("A cloud: AWS", "links.NAME.locations.NAME.cloud", AwsSection, {
  provider: { description: "The cloud.", bound: "aws", examples: ["aws"], change: "Moves the location." },
  region: {
    description: "Region of the VPC.",
    bound: "an AWS region",
    examples: ["us-east-1"],
    change: "Moves the location.",
  },
  vpc: {
    description: "The VPC that holds the hosts and the route tables.",
    bound: "vpc-…",
    examples: ["vpc-0a1b2c3d"],
    change: "Moves the location.",
  },
  routeTables: {
    description: 'The route tables that get the routes: a list of ids, { tag: "key=value" }, or all tables of the VPC.',
    bound: `at most ${bounds.routeTables} ids; no route may have two owners`,
    examples: [["rtb-0a1b2c3d"], { tag: "pointsman:routes=backbone" }, "all"],
    change: "Moves the location.",
  },
  prefixList: {
    description:
      "Keep the networks in a managed prefix list of the location, and one route for the list in each table: a swap is then one call a table, however many networks.",
    bound: "maxEntries",
    examples: [{ maxEntries: 50 }],
    change:
      "Setting or removing it moves the location: the routes of the one way are removed once those of the other are verified.",
  },
  assumeRole: {
    description: "The role to take before routes are read or written, for a VPC of another account.",
    bound: "roleArn and externalId",
    examples: [{ roleArn: "arn:aws:iam::123456789012:role/pointsman-routes", externalId: "backbone-us-east" }],
    change: "Another role moves the location; another external id alone does not.",
  },
  executors: executorsNote,
});

export const tagSection = section("Route tables by tag", "links.NAME.locations.NAME.cloud.routeTables", TagTables, {
  tag: {
    description: "Every route table of the VPC that carries this tag.",
    bound: "key=value: 1 to 128 characters, =, up to 256 characters",
    examples: ["pointsman:routes=backbone"],
    change: "Moves the location.",
  },
});

export const prefixListSection = section(
  "A prefix list",
  "links.NAME.locations.NAME.cloud.prefixList",
  PrefixListSection,
  {
    maxEntries: {
      description:
        "Entries that the list has room for. Each counts against the quota of every table that has the list.",
      bound: `1 to ${bounds.prefixListEntries}`,
      examples: [50],
      change: "The list is made larger once its networks need the room, and never smaller.",
    },
  },
);

export const roleSection = section("A role", "links.NAME.locations.NAME.cloud.assumeRole", AssumeRoleSection, {
  roleArn: {
    description: "ARN of the role.",
    bound: "an ARN of a role",
    examples: ["arn:aws:iam::123456789012:role/pointsman-routes"],
    change: "Moves the location.",
  },
  externalId: {
    description: "External id that the role's trust policy asks for.",
    bound: "2 to 1224 characters",
    examples: ["backbone-us-east"],
    change: "In force with the next run of the routes function.",
  },
});
