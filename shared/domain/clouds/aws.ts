import * as z from "zod/mini";
import { Executors } from "./executors.ts";
import { RouteTables } from "./route-tables.ts";

export const AwsCloud = z.strictObject({
  provider: z.literal("aws"),
  region: z.string().check(z.regex(/^[a-z]{2}(?:-[a-z]+)+-\d$/, "not an AWS region")),
  vpc: z.string().check(z.regex(/^vpc-[0-9a-zA-Z-]{1,60}$/, "a VPC id begins with vpc-")),
  routeTables: RouteTables,
  /** Keep the networks in managed prefix lists with so many entries each, and one route for each list in a table. */
  prefixList: z.optional(z.strictObject({ maxEntries: z.int().check(z.positive()) })),
  assumeRole: z.optional(
    z.strictObject({
      roleArn: z.string().check(z.regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/, "not the ARN of a role")),
      externalId: z.string().check(z.minLength(2), z.maxLength(1224)),
    }),
  ),
  executors: z.optional(Executors),
});
export type AwsCloud = z.infer<typeof AwsCloud>;
