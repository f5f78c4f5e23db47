import * as z from "zod/mini";
import { wholeNumber } from "../field-schemas.ts";
import { wrong, wrongSection } from "../wording.ts";
import { executors } from "./executors.ts";

const project = wrong("not the id of a project", "one such as acme-network");
const network = wrong("not the name of a network", "one such as vpc-main");
const audience = wrong(
  "not a workload identity provider",
  "one such as //iam.googleapis.com/projects/123456789/locations/global/workloadIdentityPools/pointsman-aws/providers/pointsman",
);
const account = wrong(
  "not the address of a service account",
  "one such as pointsman@acme-network.iam.gserviceaccount.com",
);

const identityShape = {
  audience: z
    .string(audience)
    .check(
      z.regex(
        /^\/\/iam\.googleapis\.com\/projects\/\d{1,20}\/locations\/global\/workloadIdentityPools\/[a-z0-9-]{4,32}\/providers\/[a-z0-9-]{4,32}$/,
        audience,
      ),
    ),
  serviceAccount: z.optional(
    z.string(account).check(z.regex(/^[a-z0-9-]{6,30}@[a-z0-9.-]{1,100}\.gserviceaccount\.com$/, account)),
  ),
};
export const GcpIdentitySection = z.strictObject(
  identityShape,
  wrongSection("an identity", Object.keys(identityShape)),
);

const shape = {
  provider: z.literal("gcp"),
  project: z.string(project).check(z.regex(/^[a-z][a-z0-9-]{4,28}[a-z0-9]$/, project)),
  network: z.string(network).check(z.regex(/^[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?$/, network)),
  priority: z.optional(wholeNumber("not a priority", 0, 65_534)),
  identity: z.optional(GcpIdentitySection),
  executors: z.optional(executors()),
};
export const GcpSection = z.strictObject(shape, wrongSection("a cloud", Object.keys(shape)));
