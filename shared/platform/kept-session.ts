import { limits } from "../domain/limits.ts";
import type { Clock } from "../ports/clock.ts";

/** Credentials of a session of an AWS role, as the SDK takes them. */
export type SessionCredentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
};

/**
 * A supplier of credentials over `renew`, which opens a session. A session is kept and renewed `limits.awsSessionRenewMs` before
 * its end, by one call at a time that everybody waits for; when the renewal fails, it serves until its end. Throws what
 * `renew` throws when there is no session.
 */
export function keptSession(renew: () => Promise<SessionCredentials>, clock: Clock): () => Promise<SessionCredentials> {
  let held: SessionCredentials | null = null;
  let renewal: Promise<SessionCredentials> | null = null;
  const leftMs = () => (held === null ? 0 : held.expiration.getTime() - clock.nowMs());
  const begin = async (): Promise<SessionCredentials> => {
    held = await renew();
    return held;
  };

  return async () => {
    if (held !== null && leftMs() > limits.awsSessionRenewMs) return held;
    renewal ??= begin().finally(() => {
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
