import { azureIdentityToken } from "../platform/azure-identity-token.ts";
import { readAzureConfig } from "./azure-config.ts";
import { outsideAws } from "./outside-aws.ts";

const config = readAzureConfig(process.env);
const outside = outsideAws({
  config,
  roleArn: config.roleArn,
  token: azureIdentityToken(config.identity, config.audience),
});

let queues: Promise<ReturnType<typeof import("./azure-queues.ts").openQueues>> | undefined;

function openQueues() {
  queues ??= import("./azure-queues.ts").then((module) => module.openQueues(config.queueUrl, config.identity.clientId));
  return queues;
}

/** What every function on Azure stands on, made once a process. */
export const azureParts = {
  ...outside.parts,
  swapQueue: async () => (await openQueues()).swap,
  tickQueue: async () => (await openQueues()).tick,
};

/** The care of the table, for the failover and the admin function. */
export const azureTableCare = outside.tableCare;

/** The secrets, in the parameters that the functions on AWS have them from. */
export const azureSecrets = outside.secrets;

/** Examinations, and the way of them to the routes function. */
export const azureExaminations = outside.examinations;
export const azureExamineQueue = async () => (await openQueues()).examine;

/** What clouds are entered with: Azure as the identity of the function app, AWS by the role, others as from AWS. */
export const azureCloudParts = () => ({
  ...outside.cloudParts(),
  home: "azure" as const,
  cloudEndpoints: config.cloudEndpoints,
});

/** Hosts of the heartbeat endpoints, for the URIs that the admin API gives out. */
export const azureEndpoints = config.endpoints;
