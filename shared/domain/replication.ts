/**
 * How the table is replicated to other regions. `regions` are those that its description names. `unknown`: the database
 * was not willing or not able to say, which is no evidence of anything.
 */
export type Replication =
  | { readonly kind: "one-region" }
  | { readonly kind: "strong" | "eventual"; readonly regions: readonly string[] }
  | { readonly kind: "unknown"; readonly why: string };

/** Who a link is paused by while its table must not be elected over. */
export const replicationGuard = "the check of the table";

/** What is wrong with a table that is replicated with eventual consistency, for a person. */
export function eventualText(regions: readonly string[]): string {
  const where = regions.length === 0 ? "other regions" : regions.join(", ");
  return `the table is replicated to ${where} with eventual consistency: two regions could each make another host active, so nothing is decided`;
}

/** What to do about it. */
export const eventualNext =
  "make a global table with multi-Region strong consistency, or remove its replicas (docs/deploy/regions.md); decisions go on by themselves within a minute";
