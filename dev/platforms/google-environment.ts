import { doorNames, type PlatformSettings } from "./types.ts";

/** The project that functions of the local Google Cloud run in, and its queues. */
const project = "pointsman-local";
const location = "europe-west1";
export const queues = `projects/${project}/locations/${location}/queues`;

type Addresses = { readonly metadataUrl: string; readonly tasksUrl: string; readonly functionsUrl: string };

/** The environment of the functions, as deploy/gcp/functions.tf sets it, with the stand-ins' addresses. */
export function googleEnvironment(settings: PlatformSettings, addresses: Addresses): Record<string, string> {
  return {
    AWS_REGION: doorNames.region,
    AWS_ENDPOINT_URL: settings.awsUrl,
    AWS_ENDPOINT_URL_DYNAMODB: settings.dynamoUrl,
    POINTSMAN_TABLE: settings.tableName,
    POINTSMAN_MASTER_KEY_PARAMETER: doorNames.masterKey,
    POINTSMAN_ADMIN_TOKEN_HASH_PARAMETER: doorNames.adminTokenHash,
    POINTSMAN_ENDPOINTS: settings.endpoints.join(","),
    POINTSMAN_AWS_ROLE_ARN: doorNames.roleArn,
    POINTSMAN_AWS_AUDIENCE: doorNames.audience,
    POINTSMAN_CLOUD_ENDPOINTS: Object.entries(settings.cloudEndpoints)
      .map(([cloud, url]) => `${cloud}=${url}`)
      .join(","),
    POINTSMAN_TASKS_PROJECT: project,
    POINTSMAN_TASKS_LOCATION: location,
    POINTSMAN_TASKS_ACCOUNT: `pointsman-tasks@${project}.iam.gserviceaccount.com`,
    POINTSMAN_TASKS_ENDPOINT: addresses.tasksUrl,
    POINTSMAN_FAILOVER_URL: `${addresses.functionsUrl}/ticks`,
    POINTSMAN_ROUTES_URL: `${addresses.functionsUrl}/routes`,
    GCE_METADATA_HOST: new URL(addresses.metadataUrl).host,
  };
}
