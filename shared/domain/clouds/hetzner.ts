import * as z from "zod/mini";
import { Executors } from "./executors.ts";
import { OneTable, SecretReference } from "./route-tables.ts";

export const HetznerCloud = z.strictObject({
  provider: z.literal("hetzner"),
  /** Number of the network. */
  network: z.int().check(z.positive()),
  routeTables: OneTable,
  /** A secret that holds an API token of the project. */
  token: SecretReference,
  executors: z.optional(Executors),
});
export type HetznerCloud = z.infer<typeof HetznerCloud>;
