import { awsSection, prefixListSection, roleSection, tagSection } from "./clouds/aws.ts";
import { azureIdentitySection, azureSection } from "./clouds/azure.ts";
import { executorSection } from "./clouds/executors.ts";
import { gcpIdentitySection, gcpSection } from "./clouds/gcp.ts";
import { hetznerSection } from "./clouds/hetzner.ts";
import { ociIdentitySection, ociSection } from "./clouds/oci.ts";
import { hostSection } from "./host.ts";
import { cipherSection, fileSection, linkSection } from "./link.ts";
import { locationSection } from "./location.ts";
import type { Section } from "./note.ts";

/** Every level of a network file, from the top. */
export const reference: readonly Section[] = [
  fileSection,
  linkSection,
  cipherSection,
  locationSection,
  awsSection,
  tagSection,
  prefixListSection,
  roleSection,
  azureSection,
  azureIdentitySection,
  gcpSection,
  gcpIdentitySection,
  ociSection,
  ociIdentitySection,
  hetznerSection,
  executorSection,
  hostSection,
];
