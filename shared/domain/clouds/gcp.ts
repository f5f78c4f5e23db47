import * as z from "zod/mini";
import { Executors } from "./executors.ts";
import { OneTable } from "./route-tables.ts";

export const GcpCloud = z.strictObject({
  provider: z.literal("gcp"),
  /** The project of the network: with a Shared VPC, the host project. */
  project: z.string().check(z.regex(/^[a-z][a-z0-9-]{4,28}[a-z0-9]$/, "not a project id")),
  network: z.string().check(z.regex(/^[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?$/, "not the name of a network")),
  /** Routes get this priority number or the next one, in turn. */
  priority: z.int().check(z.nonnegative(), z.maximum(65_534)),
  routeTables: OneTable,
  /** Workload identity federation; the identity of the platform when left out. */
  identity: z.optional(z.strictObject({ audience: z.string(), serviceAccount: z.optional(z.string()) })),
  executors: z.optional(Executors),
});
export type GcpCloud = z.infer<typeof GcpCloud>;
