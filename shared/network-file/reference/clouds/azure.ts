import { AzureIdentitySection, AzureSection } from "../../clouds/azure.ts";
import { section } from "../note.ts";
import { executorsNote } from "./executors.ts";

export const azureSection = section("A cloud: Azure", "links.NAME.locations.NAME.cloud", AzureSection, {
  provider: {
    description: "The cloud.",
    bound: "azure",
    examples: ["azure"],
    change: "Moves the location.",
  },
  subscription: {
    description: "Subscription of the virtual network, and of route tables that are named without one.",
    bound: "a UUID",
    examples: ["0b1f6471-1bf0-4dda-aec3-cb9272f09590"],
    change: "Moves the location.",
  },
  resourceGroup: {
    description: "Resource group of the virtual network, and of route tables that are named without one.",
    bound: "a name",
    examples: ["rg-network"],
    change: "Moves the location.",
  },
  virtualNetwork: {
    description: "The virtual network that holds the hosts.",
    bound: "a name",
    examples: ["vnet-west"],
    change: "Moves the location.",
  },
  routeTables: {
    description:
      'The route tables that get the routes: a list of names or whole resource ids, { tag: "key=value" } in the resource group, or all that are associated with subnets of the network.',
    bound: "at most 200; no route may have two owners",
    examples: [["rt-private"], { tag: "pointsman-routes=backbone" }, "all"],
    change: "Moves the location.",
  },
  identity: {
    description:
      "The application that the routes function becomes by web identity federation; the identity of the platform it runs on when left out.",
    bound: "tenant and client",
    examples: [{ tenant: "72f988bf-86f1-41af-91ab-2d7cd011db47", client: "6731de76-14a6-49ae-97bc-6eba6914391e" }],
    change: "In force with the next run of the routes function.",
  },
  executors: executorsNote,
});

export const azureIdentitySection = section(
  "An identity in Azure",
  "links.NAME.locations.NAME.cloud.identity",
  AzureIdentitySection,
  {
    tenant: {
      description: "Id of the Entra tenant.",
      bound: "a UUID",
      examples: ["72f988bf-86f1-41af-91ab-2d7cd011db47"],
      change: "In force with the next run of the routes function.",
    },
    client: {
      description: "Id of the application, with a federated credential for the routes function.",
      bound: "a UUID",
      examples: ["6731de76-14a6-49ae-97bc-6eba6914391e"],
      change: "In force with the next run of the routes function.",
    },
  },
);
