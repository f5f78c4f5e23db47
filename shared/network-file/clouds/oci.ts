import * as z from "zod/mini";
import { wrong, wrongSection } from "../wording.ts";
import { executors } from "./executors.ts";
import { routeTables, secretText } from "./tables.ts";

const ocid = (what: string, kind: string) => {
  const wording = wrong(`not the OCID of a ${what}`, `one such as ocid1.${kind}.oc1.phx.aaaaexample`);
  const pattern = new RegExp(`^ocid1\\.${kind}\\.[a-z0-9]{1,20}\\.[a-z0-9-]{0,40}\\.[a-z0-9._-]{1,120}$`);
  return z.string(wording).check(z.regex(pattern, wording));
};
const region = wrong("not an OCI region", "one such as us-phoenix-1");
const compartment = wrong("not the OCID of a compartment", "one such as ocid1.compartment.oc1..aaaaexample");

const identityShape = { secret: secretText() };
export const OciIdentitySection = z.strictObject(
  identityShape,
  wrongSection("an identity", Object.keys(identityShape)),
);

const shape = {
  provider: z.literal("oci"),
  region: z.string(region).check(z.regex(/^[a-z]{2,3}(?:-[a-z]+){1,3}-\d$/, region)),
  compartment: z
    .string(compartment)
    .check(
      z.regex(/^ocid1\.(?:compartment|tenancy)\.[a-z0-9]{1,20}\.[a-z0-9-]{0,40}\.[a-z0-9._-]{1,120}$/, compartment),
    ),
  vcn: ocid("VCN", "vcn"),
  routeTables: routeTables(
    /^ocid1\.routetable\.[a-z0-9]{1,20}\.[a-z0-9-]{0,40}\.[a-z0-9._-]{1,120}$/,
    "ocid1.routetable.oc1.phx.aaaaexample",
  ),
  floatingIp: z.optional(ocid("private IP", "privateip")),
  identity: z.optional(OciIdentitySection),
  executors: z.optional(executors()),
};
export const OciSection = z.strictObject(shape, wrongSection("a cloud", Object.keys(shape)));
