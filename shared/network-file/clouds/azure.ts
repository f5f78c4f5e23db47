import * as z from "zod/mini";
import { wrong, wrongSection } from "../wording.ts";
import { executors } from "./executors.ts";
import { routeTables } from "./tables.ts";

const uuid = (what: string) => {
  const wording = wrong(`not the id of a ${what}`, "a UUID such as 0b1f6471-1bf0-4dda-aec3-cb9272f09590");
  return z.string(wording).check(z.regex(/^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/, wording));
};
const named = (what: string, example: string) => {
  const wording = wrong(`not the name of a ${what}`, `one such as ${example}`);
  return z.string(wording).check(z.regex(/^[\w.()-]{0,89}[\w()-]$/, wording));
};

const identityShape = { tenant: uuid("tenant"), client: uuid("client") };
export const AzureIdentitySection = z.strictObject(
  identityShape,
  wrongSection("an identity", Object.keys(identityShape)),
);

const tableId =
  /^(?:[\w.-]{1,80}|\/subscriptions\/[0-9a-fA-F-]{36}\/resourceGroups\/[\w.()-]{1,90}\/providers\/Microsoft\.Network\/routeTables\/[\w.-]{1,80})$/i;

const shape = {
  provider: z.literal("azure"),
  subscription: uuid("subscription"),
  resourceGroup: named("resource group", "rg-network"),
  virtualNetwork: named("virtual network", "vnet-west"),
  routeTables: routeTables(tableId, "rt-private, or a whole resource id"),
  identity: z.optional(AzureIdentitySection),
  executors: z.optional(executors()),
};
export const AzureSection = z.strictObject(shape, wrongSection("a cloud", Object.keys(shape)));
