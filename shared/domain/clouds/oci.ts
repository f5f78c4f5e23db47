import * as z from "zod/mini";
import { Executors } from "./executors.ts";
import { RouteTables, SecretReference } from "./route-tables.ts";

const ocid = (kind: string) =>
  z
    .string()
    .check(
      z.regex(new RegExp(`^ocid1\\.${kind}\\.[a-z0-9]+\\.[a-z0-9-]*\\.[a-z0-9._-]+$`), `not the OCID of a ${kind}`),
    );

export const OciCloud = z.strictObject({
  provider: z.literal("oci"),
  region: z.string().check(z.regex(/^[a-z]{2,3}(?:-[a-z]+)+-\d$/, "not an OCI region")),
  compartment: z.string().check(z.regex(/^ocid1\.(?:compartment|tenancy)\./, "not the OCID of a compartment")),
  vcn: ocid("vcn"),
  routeTables: RouteTables,
  /** Move this secondary private IP to the active host; the tables' rules point at it and stay as they are. */
  floatingIp: z.optional(ocid("privateip")),
  /** A secret that holds an API key; the resource principal of the platform when left out. */
  identity: z.optional(z.strictObject({ secret: SecretReference })),
  executors: z.optional(Executors),
});
export type OciCloud = z.infer<typeof OciCloud>;
