import * as z from "zod/mini";
import type { ProviderName } from "../../domain/clouds/cloud.ts";
import { wrongSection } from "../wording.ts";
import { AwsSection } from "./aws.ts";
import { AzureSection } from "./azure.ts";
import { GcpSection } from "./gcp.ts";
import { HetznerSection } from "./hetzner.ts";
import { OciSection } from "./oci.ts";

const names = ["aws", "azure", "gcp", "oci", "hetzner"] satisfies readonly ProviderName[];

/** Where the routes of a location live. One member a provider. */
export const CloudSection = z.discriminatedUnion(
  "provider",
  [AwsSection, AzureSection, GcpSection, OciSection, HetznerSection],
  {
    error: (issue) => {
      if (issue.code !== "invalid_union") return wrongSection("a cloud", ["provider"]).error(issue);
      const hasProvider = typeof issue.input === "object" && issue.input !== null && "provider" in issue.input;
      return `${hasProvider ? "unknown provider" : "missing"}: write ${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
    },
  },
);
export type CloudSection = z.infer<typeof CloudSection>;
