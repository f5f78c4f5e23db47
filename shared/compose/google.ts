import { systemClock } from "../platform/clock.ts";
import { googleIdentityToken } from "../platform/google-identity-token.ts";
import { googleAccess, googleMetadata } from "../platform/google-metadata.ts";
import { googleExamineQueue as examineQueue, googleSwapQueue, googleTickQueue } from "../platform/google-tasks.ts";
import type { ProviderParts } from "../providers/registry.ts";
import { readGoogleConfig } from "./google-config.ts";
import { outsideAws } from "./outside-aws.ts";

const config = readGoogleConfig(process.env);
const metadata = googleMetadata(systemClock, config.metadataHost);
const outside = outsideAws({
  config,
  roleArn: config.roleArn,
  token: googleIdentityToken(metadata, config.audience),
});

const { queues, account, endpoint, ticksUrl, routesUrl } = config.tasks;
const deps = { clock: systemClock, access: googleAccess(metadata, systemClock), endpoint };
const swaps = { name: `${queues}pointsman-swaps`, url: routesUrl, account };
const ticks = { name: `${queues}pointsman-ticks`, url: ticksUrl, account };

/** What every function on Google Cloud stands on, made once an instance. */
export const googleParts = {
  ...outside.parts,
  swapQueue: async () => googleSwapQueue(swaps, deps),
  tickQueue: async () => googleTickQueue(ticks, deps),
};

/** The care of the table, for the failover and the admin function. */
export const googleTableCare = outside.tableCare;

/** The secrets, for the functions whose AWS roles may read them. */
export const googleSecrets = () => outside.secrets;

/** Examinations, for the admin API and the routes function. */
export const googleExaminations = outside.examinations;

/** The way of examinations to the routes function. */
export const googleExamineQueue = async () => examineQueue(swaps, deps);

/** What clouds are entered with: those of Google as the function's own service account, all others from the AWS role. */
export const googleCloudParts = (): ProviderParts => ({
  ...outside.cloudParts(),
  clock: systemClock,
  home: "gcp",
  cloudEndpoints: config.cloudEndpoints,
});

/** Hosts of the heartbeat endpoints, for the URIs that the admin API gives out. */
export const googleEndpoints = config.endpoints;
