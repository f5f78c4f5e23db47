import * as z from "zod/mini";
import { Executors } from "./executors.ts";
import { RouteTables } from "./route-tables.ts";

const Uuid = z.string().check(z.regex(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, "not a UUID in lower case"));
/** Names are compared without regard to case: they are stored in lower case. */
const ResourceName = z.string().check(z.regex(/^[a-z0-9_.()-]{1,90}$/, "not the name of a resource in lower case"));

export const AzureCloud = z.strictObject({
  provider: z.literal("azure"),
  subscription: Uuid,
  resourceGroup: ResourceName,
  virtualNetwork: ResourceName,
  /** Ids are whole resource ids in lower case: tables may be of other resource groups and subscriptions. */
  routeTables: RouteTables,
  /** The application that is entered by web identity; the identity of the platform when left out. */
  identity: z.optional(z.strictObject({ tenant: Uuid, client: Uuid })),
  executors: z.optional(Executors),
});
export type AzureCloud = z.infer<typeof AzureCloud>;
