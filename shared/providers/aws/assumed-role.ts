import type { AwsCloud } from "../../domain/clouds/aws.ts";
import { limits } from "../../domain/limits.ts";
import type { Clock } from "../../ports/clock.ts";
import { attempt } from "./call.ts";
import { routeError } from "./errors.ts";

/** Credentials of a session, as the SDK takes them. */
export type SessionCredentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
};

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
  let held: SessionCredentials | null = null;
  let renewal: Promise<SessionCredentials> | null = null;

  const leftMs = () => (held === null ? 0 : held.expiration.getTime() - clock.nowMs());
  const renew = async (): Promise<SessionCredentials> => {
    const { accessKeyId, secretAccessKey, sessionToken, expiration } = await attempt(clock, call, (signal) =>
      assume(role, signal),
    );
    if (!accessKeyId || !secretAccessKey || !sessionToken || !expiration) {
      throw routeError("UNKNOWN", call, "the answer holds no credentials");
    }
    held = { accessKeyId, secretAccessKey, sessionToken, expiration };
    return held;
  };

  return async () => {
    if (held !== null && leftMs() > limits.awsSessionRenewMs) return held;
    renewal ??= renew().finally(() => {
      renewal = null;
    });
    try {
      return await renewal;
    } catch (error) {
      if (held !== null && leftMs() > 0) return held;
      throw error;
    }
  };
}
