import * as z from "zod/mini";

/** Which route tables of the network hold the location's routes. A cloud whose networks have but one has `network` alone. */
export const RouteTables = z.discriminatedUnion("by", [
  z.strictObject({ by: z.literal("id"), ids: z.array(z.string().check(z.minLength(1))).check(z.minLength(1)) }),
  z.strictObject({ by: z.literal("tag"), key: z.string().check(z.minLength(1)), value: z.string() }),
  z.strictObject({ by: z.literal("network") }),
]);
export type RouteTables = z.infer<typeof RouteTables>;

/** The one table of a network that has no others. */
export const OneTable = z.strictObject({ by: z.literal("network") });

/** Name or ARN of a secret in AWS Secrets Manager. */
export const SecretReference = z.string().check(z.regex(/^[A-Za-z0-9/_+=.@:-]{1,512}$/, "not the name of a secret"));
