import { keptSecrets } from "../platform/kept-secrets.ts";
import type { SessionCredentials } from "../platform/kept-session.ts";
import type { Clock } from "../ports/clock.ts";
import type { CloudSecrets, WebIdentity } from "../ports/cloud-secrets.ts";
import { awsCalls } from "./aws-calls.ts";

/**
 * What clouds are entered with by the AWS role that this runs as: on AWS the role of the function, else that of
 * `credentials`. Neither SDK is loaded before a location needs it.
 */
export function awsCloudParts(
  region: string,
  clock: Clock,
  credentials?: () => Promise<SessionCredentials>,
): { readonly cloudSecrets: CloudSecrets; readonly awsToken: WebIdentity } {
  const settings = { ...awsCalls, region, ...(credentials && { credentials }) };
  let reader: Promise<(reference: string) => Promise<string>> | undefined;
  let identity: Promise<WebIdentity> | undefined;
  return {
    cloudSecrets: keptSecrets(async (reference) => {
      reader ??= import("../platform/secrets-manager.ts").then((found) => found.secretsManagerReader(settings));
      return (await reader)(reference);
    }, clock),
    awsToken: async (audience, signal) => {
      identity ??= import("../platform/web-identity.ts").then((found) => found.stsWebIdentity(settings, clock));
      return (await identity)(audience, signal);
    },
  };
}
