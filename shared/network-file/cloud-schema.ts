import * as z from "zod/mini";
import { limits } from "../domain/limits.ts";
import { wrong, wrongSection } from "./wording.ts";

const region = wrong("not an AWS region", "one such as us-east-1");
const vpc = wrong("not the id of a VPC", "one such as vpc-0a1b2c3d");
const table = wrong("not the id of a route table", "one such as rtb-0a1b2c3d");
const tag = wrong("not a tag", '"key=value", such as "pointsman:routes=backbone"');
const role = wrong("not the ARN of a role", "one such as arn:aws:iam::123456789012:role/pointsman-routes");
const external = wrong(
  "not an external id",
  "2 to 1224 characters, letters, digits and + = , . @ : / - _, the same as in the role's trust policy",
);
const many = limits.networkFile.routeTables;
const tables = wrong("not route tables", 'a list of ids, { tag: "key=value" }, or all');

export const TagTables = z.strictObject(
  { tag: z.string(tag).check(z.regex(/^[^=]{1,128}=.{0,256}$/, tag)) },
  wrongSection("a choice of route tables", ["tag"]),
);

export const RouteTablesSection = z.union(
  [
    z
      .array(z.string(table).check(z.regex(/^rtb-[0-9a-zA-Z-]{1,60}$/, table)))
      .check(
        z.minLength(1, wrong("an empty list", "at least one id, or all")),
        z.maxLength(many, `more than ${many} route tables, AWS's quota of a VPC: write fewer ids, or all`),
      ),
    TagTables,
    z.literal("all", tables),
  ],
  tables,
);
export type RouteTablesSection = z.infer<typeof RouteTablesSection>;

const roleShape = {
  roleArn: z.string(role).check(z.regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]{1,512}$/, role)),
  externalId: z.string(external).check(z.regex(/^[\w+=,.@:/-]{2,1224}$/, external)),
};

export const AssumeRoleSection = z.strictObject(roleShape, wrongSection("a role", Object.keys(roleShape)));

const awsShape = {
  provider: z.literal("aws", wrong("unknown provider", "aws")),
  region: z.string(region).check(z.regex(/^[a-z]{2}(?:-[a-z]+){1,3}-\d$/, region)),
  vpc: z.string(vpc).check(z.regex(/^vpc-[0-9a-zA-Z-]{1,60}$/, vpc)),
  routeTables: RouteTablesSection,
  assumeRole: z.optional(AssumeRoleSection),
};

export const AwsSection = z.strictObject(awsShape, wrongSection("a cloud", Object.keys(awsShape)));

/** Where the routes of a location live. One member a provider. */
export const CloudSection = z.discriminatedUnion("provider", [AwsSection], {
  error: (issue) => {
    if (issue.code !== "invalid_union") return wrongSection("a cloud", Object.keys(awsShape)).error(issue);
    const hasProvider = typeof issue.input === "object" && issue.input !== null && "provider" in issue.input;
    return `${hasProvider ? "unknown provider" : "missing"}: write aws`;
  },
});
export type CloudSection = z.infer<typeof CloudSection>;
