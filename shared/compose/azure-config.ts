import * as z from "zod/mini";
import type { IdentityEndpoint } from "../platform/azure-identity-token.ts";
import { address, type Environment, readSettings, type StateConfig, stateConfig, text } from "./config.ts";
import { cloudEndpointsOf, outsideSettings } from "./outside-aws.ts";

const AzureSettings = z.object({
  ...outsideSettings,
  /** The queue service of the storage account. With a query it is taken as it is, without an identity: for emulators. */
  POINTSMAN_QUEUE_URL: address,
  /** Both are set by the platform when the app has a managed identity. */
  IDENTITY_ENDPOINT: address,
  IDENTITY_HEADER: text,
  /** Names a user-assigned identity, here and to Azure's own libraries. */
  AZURE_CLIENT_ID: z.optional(text),
});

export type AzureConfig = StateConfig & {
  readonly roleArn: string;
  readonly audience: string;
  readonly queueUrl: string;
  readonly identity: IdentityEndpoint;
  readonly cloudEndpoints: Readonly<Record<string, string>>;
};

/** Reads the environment. Throws an Error that names every variable that is missing or wrong, never a value. */
export function readAzureConfig(environment: Environment): AzureConfig {
  const found = readSettings(AzureSettings, environment);
  return {
    ...stateConfig(found),
    roleArn: found.POINTSMAN_AWS_ROLE_ARN,
    audience: found.POINTSMAN_AWS_AUDIENCE,
    queueUrl: found.POINTSMAN_QUEUE_URL,
    cloudEndpoints: cloudEndpointsOf(found.POINTSMAN_CLOUD_ENDPOINTS),
    identity: {
      endpoint: new URL(found.IDENTITY_ENDPOINT),
      header: found.IDENTITY_HEADER,
      ...(found.AZURE_CLIENT_ID === undefined ? {} : { clientId: found.AZURE_CLIENT_ID }),
    },
  };
}
