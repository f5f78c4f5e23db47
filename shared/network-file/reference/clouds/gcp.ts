import { GcpIdentitySection, GcpSection } from "../../clouds/gcp.ts";
import { defaults } from "../../defaults.ts";
import { section } from "../note.ts";
import { executorsNote } from "./executors.ts";

export const gcpSection = section("A cloud: Google Cloud", "links.NAME.locations.NAME.cloud", GcpSection, {
  provider: {
    description: "The cloud.",
    bound: "gcp",
    examples: ["gcp"],
    change: "Moves the location.",
  },
  project: {
    description: "Project of the network; with a Shared VPC, the host project.",
    bound: "a project id",
    examples: ["acme-network"],
    change: "Moves the location.",
  },
  network: {
    description: "The VPC network that gets the routes.",
    bound: "a name",
    examples: ["vpc-main"],
    change: "Moves the location.",
  },
  priority: {
    description: "Priority number of the routes: they get this one or the next, in turn. A lower number wins.",
    default: defaults.gcp.priority,
    bound: "0 to 65534",
    examples: [900],
    change: "In force with the next swap.",
  },
  identity: {
    description: "Workload identity federation from AWS; the identity of the platform it runs on when left out.",
    bound: "audience, and serviceAccount if one is to be impersonated",
    examples: [
      {
        audience:
          "//iam.googleapis.com/projects/123456789/locations/global/workloadIdentityPools/pointsman-aws/providers/pointsman",
      },
    ],
    change: "In force with the next run of the routes function.",
  },
  executors: executorsNote,
});

export const gcpIdentitySection = section(
  "An identity in Google Cloud",
  "links.NAME.locations.NAME.cloud.identity",
  GcpIdentitySection,
  {
    audience: {
      description: "The workload identity provider, as its full name.",
      bound: "//iam.googleapis.com/projects/…/providers/…",
      examples: [
        "//iam.googleapis.com/projects/123456789/locations/global/workloadIdentityPools/pointsman-aws/providers/pointsman",
      ],
      change: "In force with the next run of the routes function.",
    },
    serviceAccount: {
      description: "The service account to impersonate.",
      bound: "an address",
      examples: ["pointsman@acme-network.iam.gserviceaccount.com"],
      change: "In force with the next run of the routes function.",
    },
  },
);
