import type { AwsCloud } from "../../domain/clouds/aws.ts";
import { keptSession, type SessionCredentials } from "../../platform/kept-session.ts";
import type { Clock } from "../../ports/clock.ts";
import { attempt } from "./call.ts";
import { routeError } from "./errors.ts";

type Role = NonNullable<AwsCloud["assumeRole"]>;

/** Asks STS for a session of a role. */
export type AssumeRole = (role: Role, signal: AbortSignal) => Promise<Partial<SessionCredentials>>;

/**
 * A supplier of credentials of a role. A session is kept and renewed `limits.awsSessionRenewMs` before its end; when
 * the renewal fails, it serves until its end. Throws `RouteError` when there is no session.
 */
export function assumedRole(
  role: Role,
  region: string,
  clock: Clock,
  assume: AssumeRole,
): () => Promise<SessionCredentials> {
  const call = { action: "sts:AssumeRole", region, about: role.roleArn, resource: role.roleArn };
  return keptSession(async () => {
    const { accessKeyId, secretAccessKey, sessionToken, expiration } = await attempt(clock, call, (signal) =>
      assume(role, signal),
    );
    if (!accessKeyId || !secretAccessKey || !sessionToken || !expiration) {
      throw routeError("UNKNOWN", call, "the answer holds no credentials");
    }
    return { accessKeyId, secretAccessKey, sessionToken, expiration };
  }, clock);
}
