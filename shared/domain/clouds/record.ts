import * as z from "zod/mini";
import { AwsCloud } from "./aws.ts";
import { AzureCloud } from "./azure.ts";
import { GcpCloud } from "./gcp.ts";
import { HetznerCloud } from "./hetzner.ts";
import { OciCloud } from "./oci.ts";

/** A cloud as it is stored, every setting checked. What only passes a network on does not need to look so closely. */
export const CloudRecord = z.discriminatedUnion("provider", [AwsCloud, AzureCloud, GcpCloud, OciCloud, HetznerCloud]);
