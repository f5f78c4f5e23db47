import * as z from "zod/mini";
import { networkFileLimits } from "../../domain/limits.ts";
import { wholeNumber } from "../field-schemas.ts";
import { wrong, wrongSection } from "../wording.ts";
import { executors } from "./executors.ts";
import { routeTables } from "./tables.ts";

const region = wrong("not an AWS region", "one such as us-east-1");
const vpc = wrong("not the id of a VPC", "one such as vpc-0a1b2c3d");
const role = wrong("not the ARN of a role", "one such as arn:aws:iam::123456789012:role/pointsman-routes");
const external = wrong(
  "not an external id",
  "2 to 1224 characters, letters, digits and + = , . @ : / - _, the same as in the role's trust policy",
);

const roleShape = {
  roleArn: z.string(role).check(z.regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]{1,512}$/, role)),
  externalId: z.string(external).check(z.regex(/^[\w+=,.@:/-]{2,1224}$/, external)),
};
export const AssumeRoleSection = z.strictObject(roleShape, wrongSection("a role", Object.keys(roleShape)));

const listShape = { maxEntries: wholeNumber("not a number of entries", 1, networkFileLimits.prefixListEntries) };
export const PrefixListSection = z.strictObject(listShape, wrongSection("a prefix list", Object.keys(listShape)));

const shape = {
  provider: z.literal("aws", wrong("unknown provider", "aws")),
  region: z.string(region).check(z.regex(/^[a-z]{2}(?:-[a-z]+){1,3}-\d$/, region)),
  vpc: z.string(vpc).check(z.regex(/^vpc-[0-9a-zA-Z-]{1,60}$/, vpc)),
  routeTables: routeTables(/^rtb-[0-9a-zA-Z-]{1,60}$/, "rtb-0a1b2c3d"),
  prefixList: z.optional(PrefixListSection),
  assumeRole: z.optional(AssumeRoleSection),
  executors: z.optional(executors()),
};
export const AwsSection = z.strictObject(shape, wrongSection("a cloud", Object.keys(shape)));
