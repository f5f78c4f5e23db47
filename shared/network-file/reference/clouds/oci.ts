import { OciIdentitySection, OciSection } from "../../clouds/oci.ts";
import { section } from "../note.ts";
import { executorsNote } from "./executors.ts";

export const ociSection = section("A cloud: Oracle Cloud", "links.NAME.locations.NAME.cloud", OciSection, {
  provider: {
    description: "The cloud.",
    bound: "oci",
    examples: ["oci"],
    change: "Moves the location.",
  },
  region: {
    description: "Region of the VCN.",
    bound: "an OCI region",
    examples: ["us-phoenix-1"],
    change: "Moves the location.",
  },
  compartment: {
    description: "Compartment of the VCN and its route tables.",
    bound: "an OCID",
    examples: ["ocid1.compartment.oc1..aaaaexample"],
    change: "Moves the location.",
  },
  vcn: {
    description: "The VCN that holds the hosts and the route tables.",
    bound: "an OCID",
    examples: ["ocid1.vcn.oc1.phx.aaaaexample"],
    change: "Moves the location.",
  },
  routeTables: {
    description:
      'The route tables that get the rules: a list of OCIDs, { tag: "key=value" } for a freeform tag, or all of the VCN.',
    bound: "at most 200; no rule may have two owners",
    examples: [["ocid1.routetable.oc1.phx.aaaaexample"], { tag: "pointsman-routes=backbone" }, "all"],
    change: "Moves the location.",
  },
  floatingIp: {
    description:
      "A secondary private IP that moves to the active host. The rules of the tables point at it and stay as they are: a swap is one call.",
    bound: "an OCID",
    examples: ["ocid1.privateip.oc1.phx.aaaaexample"],
    change: "Moves the location.",
  },
  identity: {
    description: "A secret with an API key; the resource principal of the platform it runs on when left out.",
    bound: "secret",
    examples: [{ secret: "pointsman/oci" }],
    change: "In force with the next run of the routes function.",
  },
  executors: executorsNote,
});

export const ociIdentitySection = section(
  "An identity in Oracle Cloud",
  "links.NAME.locations.NAME.cloud.identity",
  OciIdentitySection,
  {
    secret: {
      description: "Name or ARN of a secret in AWS Secrets Manager that holds the API key.",
      bound: "up to 512 characters",
      examples: ["pointsman/oci"],
      change: "In force with the next run of the routes function.",
    },
  },
);
