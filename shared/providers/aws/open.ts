import { EC2Client, type EC2ClientConfig } from "@aws-sdk/client-ec2";
import type { AwsCloud } from "../../domain/clouds/aws.ts";
import { limits } from "../../domain/limits.ts";
import type { SessionCredentials } from "../../platform/kept-session.ts";
import type { Clock } from "../../ports/clock.ts";
import type { RouteProvider } from "../../ports/route-provider.ts";
import { type AssumeRole, assumedRole } from "./assumed-role.ts";
import { awsListProvider } from "./prefix-lists/provider.ts";
import { awsProvider } from "./provider.ts";

/** Connections for every call that can be under way at once. */
const agent = { keepAlive: true, maxSockets: 4 * limits.routeCallsAtOnce };

/** Settings that clients of EC2 and STS share; everything else, such as `AWS_ENDPOINT_URL`, the SDK finds itself. */
function clientSettings(region: string) {
  return {
    region,
    // A changing call that is repeated blindly could land after a newer decision: nothing is repeated below the guard.
    maxAttempts: 1,
    retryMode: "standard",
    requestHandler: {
      connectionTimeout: limits.routeCallMs,
      requestTimeout: limits.routeCallMs,
      throwOnRequestTimeout: true,
      httpAgent: agent,
      httpsAgent: agent,
    },
  } satisfies EC2ClientConfig;
}

/** Credentials of the role that this process runs as, where the SDK does not find them itself. */
export type OwnCredentials = (() => Promise<SessionCredentials>) | undefined;

/**
 * Opens providers of AWS locations. One client for each region and role is made when first needed and kept, with its
 * connections, its credentials and its pace.
 */
export function openAws(clock: Clock, own?: OwnCredentials): (cloud: AwsCloud, locationId: string) => RouteProvider {
  const clientOf = awsClients(clock, own);
  return (cloud, locationId) => {
    const { prefixList } = cloud;
    return prefixList === undefined
      ? awsProvider(cloud, clientOf(cloud), clock)
      : awsListProvider({ ...cloud, prefixList }, locationId, clientOf(cloud), clock);
  };
}

/** The clients of locations: one for each region and role, made when first needed and kept. */
export function awsClients(clock: Clock, own?: OwnCredentials): (cloud: AwsCloud) => EC2Client {
  const clients = new Map<string, EC2Client>();
  return (cloud) => {
    const { region, assumeRole } = cloud;
    const key = JSON.stringify([region, assumeRole?.roleArn, assumeRole?.externalId]);
    let client = clients.get(key);
    if (client === undefined) {
      const credentials = assumeRole ? assumedRole(assumeRole, region, clock, stsSession(region, own)) : own;
      client = new EC2Client({ ...clientSettings(region), ...(credentials && { credentials }) });
      clients.set(key, client);
    }
    return client;
  };
}

/** The STS client is loaded by the first location that assumes a role. */
function stsSession(region: string, own: OwnCredentials): AssumeRole {
  return async ({ roleArn, externalId }, abortSignal) => {
    const { AssumeRoleCommand, STSClient } = await import("./sts.ts");
    const sts = new STSClient({ ...clientSettings(region), ...(own && { credentials: own }) });
    try {
      const command = new AssumeRoleCommand({
        RoleArn: roleArn,
        ExternalId: externalId,
        RoleSessionName: "pointsman",
        DurationSeconds: limits.awsSessionS,
      });
      const { Credentials: session } = await sts.send(command, { abortSignal });
      return {
        ...(session?.AccessKeyId !== undefined && { accessKeyId: session.AccessKeyId }),
        ...(session?.SecretAccessKey !== undefined && { secretAccessKey: session.SecretAccessKey }),
        ...(session?.SessionToken !== undefined && { sessionToken: session.SessionToken }),
        ...(session?.Expiration !== undefined && { expiration: session.Expiration }),
      };
    } finally {
      sts.destroy();
    }
  };
}
