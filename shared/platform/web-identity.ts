import { GetWebIdentityTokenCommand, STSClient, type STSClientConfig } from "@aws-sdk/client-sts";
import { RouteError } from "../domain/errors.ts";
import { redacted } from "../domain/redact.ts";
import type { Clock } from "../ports/clock.ts";
import type { WebIdentity } from "../ports/cloud-secrets.ts";

/** How long a token is good for, s; and how long before its end it is asked for anew, ms. */
const tokenS = 900;
const renewMs = 60_000;

type Held = { readonly token: string; readonly endMs: number };

/**
 * Web identity tokens of the role that this process runs as, signed RS256, which every cloud verifies. One is kept for each
 * audience until shortly before its end. `config` must name a region: the global endpoint does not give any.
 * Source: AWS, "GetWebIdentityToken" (STS API reference); the account has to allow outbound web identity federation.
 */
export function stsWebIdentity(config: STSClientConfig, clock: Clock): WebIdentity {
  const sts = new STSClient(config);
  const held = new Map<string, Held>();
  return async (audience, signal) => {
    const known = held.get(audience);
    if (known !== undefined && known.endMs - renewMs > clock.nowMs()) return known.token;
    const command = new GetWebIdentityTokenCommand({
      Audience: [audience],
      SigningAlgorithm: "RS256",
      DurationSeconds: tokenS,
    });
    try {
      const { WebIdentityToken: token, Expiration: end } = await sts.send(command, { abortSignal: signal });
      if (token === undefined || token === "") throw new Error("the answer holds no token");
      held.set(audience, { token, endMs: end?.getTime() ?? clock.nowMs() + tokenS * 1_000 });
      return token;
    } catch (error) {
      throw refusal(audience, error);
    }
  };
}

function refusal(audience: string, error: unknown): RouteError {
  const name = error instanceof Error ? error.name : "";
  const text = redacted(error instanceof Error ? error.message : String(error));
  const message = `aws: sts:GetWebIdentityToken for ${audience}: ${text}`;
  if (name === "OutboundWebIdentityFederationDisabledException") {
    const next = "switch on outbound web identity federation for the AWS account (IAM, account settings)";
    return new RouteError("DENIED", message, { cause: error, retry: "later", next });
  }
  if (name === "AccessDenied" || name === "AccessDeniedException") {
    const next = "allow sts:GetWebIdentityToken to the role of the routes function";
    return new RouteError("DENIED", message, { cause: error, retry: "later", next });
  }
  const next = "see whether the function reaches the STS endpoint of its region; it is tried again";
  return new RouteError("UNREACHABLE", message, { cause: error, retry: "soon", next });
}
