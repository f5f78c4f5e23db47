import type { Credentials, STSClient } from "@aws-sdk/client-sts";
import { limits } from "../domain/limits.ts";
import { redacted } from "../domain/redact.ts";
import type { Clock } from "../ports/clock.ts";
import { within } from "./deadline.ts";
import { keptSession, type SessionCredentials } from "./kept-session.ts";

/** How long a token and the session for it may take together. ms */
const openMs = 6_000;
/** What CloudTrail shows as the name of the session. */
const sessionName = "pointsman";

type Options = {
  /** The role that has the table, and the region whose STS endpoint is asked. */
  readonly roleArn: string;
  readonly region: string;
  /** A signed token of the identity that this process runs as, such as a managed identity's. */
  readonly token: (signal: AbortSignal) => Promise<string>;
  readonly clock: Clock;
  /** Stands in for the SDK's own client. */
  readonly sts?: Pick<STSClient, "send">;
};

/**
 * Credentials of an AWS role for a process that runs outside AWS, for the `credentials` of an SDK client: its token is
 * exchanged by sts:AssumeRoleWithWebIdentity, so that no AWS key is stored. A session lasts an hour and is renewed five minutes
 * before its end, by one call at a time; if that fails, it serves until its end. STS takes the call unsigned.
 * Throws an Error that says which of the two steps failed and what to do, without the token.
 * Source of the error codes: AWS, "AssumeRoleWithWebIdentity" (STS API reference).
 */
export function webIdentityCredentials(options: Options): () => Promise<SessionCredentials> {
  const { clock, roleArn } = options;
  let opened: ReturnType<typeof openSts> | undefined;
  return keptSession(async () => {
    opened ??= openSts(options);
    const { client, Command } = await opened;
    return within(clock, openMs, async (signal) => {
      const token = await ownToken(options, signal);
      const command = new Command({
        RoleArn: roleArn,
        RoleSessionName: sessionName,
        WebIdentityToken: token,
        DurationSeconds: limits.awsSessionS,
      });
      const answer = await client.send(command, { abortSignal: signal }).catch((error: unknown) => {
        throw refusal(roleArn, error, token);
      });
      return sessionOf(roleArn, answer.Credentials);
    });
  }, clock);
}

async function openSts({ region, sts }: Options) {
  const { AssumeRoleWithWebIdentityCommand: Command, STSClient } = await import("./sts-web-identity.ts");
  return { client: sts ?? new STSClient({ region, maxAttempts: 3, retryMode: "standard" }), Command };
}

async function ownToken({ token, roleArn }: Options, signal: AbortSignal): Promise<string> {
  try {
    const given = await token(signal);
    if (given === "") throw new Error("it is empty");
    return given;
  } catch (cause) {
    const message = `aws: no identity token of this platform to enter ${roleArn} with: ${textOf(cause)}`;
    throw new Error(message, { cause });
  }
}

function sessionOf(roleArn: string, given: Credentials | undefined): SessionCredentials {
  if (!given?.AccessKeyId || !given.SecretAccessKey || !given.SessionToken || !given.Expiration) {
    throw new Error(`aws: sts:AssumeRoleWithWebIdentity for ${roleArn}: the answer holds no credentials`);
  }
  return {
    accessKeyId: given.AccessKeyId,
    secretAccessKey: given.SecretAccessKey,
    sessionToken: given.SessionToken,
    expiration: given.Expiration,
  };
}

/** What to do about a refusal, by the name of its code and, where one code has several reasons, by its words. */
const advice: readonly (readonly [code: RegExp, words: RegExp, next: string])[] = [
  [
    /InvalidIdentityToken/,
    /audience/i,
    "make POINTSMAN_AWS_AUDIENCE what the identity provider in IAM, or the trust policy of the role, lists as its audience",
  ],
  [
    /InvalidIdentityToken/,
    /OpenIDConnect provider/i,
    "make an OpenID Connect identity provider in IAM for the issuer of the token (none is needed for accounts.google.com)",
  ],
  [/InvalidIdentityToken/, /./, "see whether STS can reach the issuer of the token, and whether the account trusts it"],
  [
    /AccessDenied/,
    /./,
    "let the trust policy of the role admit the subject and the audience of this platform's identity",
  ],
  [/ExpiredToken/, /./, "set the clock of this platform right; it is tried again"],
  [/IDPRejectedClaim/, /./, "the issuer rejected the token: see whether the identity still exists"],
  [/Throttl|TooManyRequests|RequestLimitExceeded/, /./, "nothing: STS throttles, and it is tried again"],
  [/IDPCommunication/, /./, "nothing: STS could not reach the issuer of the token, and it is tried again"],
  [/RegionDisabled/, /./, "switch STS on for the region in the account settings of IAM, or name another AWS_REGION"],
  [/ValidationError/, /./, "see whether POINTSMAN_AWS_ROLE_ARN is the ARN of a role"],
];

function refusal(roleArn: string, error: unknown, token: string): Error {
  const name = error instanceof Error ? error.name : "";
  const text = textOf(error).replaceAll(token, "[hidden]");
  const next = advice.find(([code, words]) => code.test(name) && words.test(text))?.[2];
  const todo = next ?? "see whether this platform reaches the STS endpoint of AWS_REGION; it is tried again";
  return new Error(`aws: sts:AssumeRoleWithWebIdentity for ${roleArn}: ${name}: ${text}: ${todo}`, { cause: error });
}

const textOf = (error: unknown): string => redacted(error instanceof Error ? error.message : String(error));
