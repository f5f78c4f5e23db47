import type { Clock } from "../../../shared/ports/clock.ts";
import { ApiError, badCredentials } from "./errors.ts";
import { DEFAULT_ACCOUNT } from "./world.ts";

/** Who calls, and which region and service the signature was made for. */
export type Caller = { readonly account: string; readonly region: string; readonly service: string };

type Session = { readonly account: string; readonly token: string; readonly expiresMs: number };

/** Credentials of an assumed role. */
export type Credentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiresMs: number;
};

/** Knows which account a signed request belongs to. Signatures themselves are not checked: no secret is known here. */
export type Identities = {
  /** Throws `ApiError` when the request is not signed in the form of Signature Version 4, or its session is over. */
  callerOf(headers: Readonly<Record<string, string | undefined>>): Caller;
  /** Credentials for an account that work until `expiresMs` (milliseconds since 1970). */
  open(account: string, expiresMs: number): Credentials;
};

const CREDENTIAL = /^AWS4-HMAC-SHA256 .*Credential=([^/,\s]+)\/\d{8}\/([a-z0-9-]+)\/([a-z0-9]+)\/aws4_request\b/;

/** `accountOf` gives the account of a lasting access key, or undefined for a key that nobody seeded. */
export function identities(clock: Clock, accountOf: (accessKeyId: string) => string | undefined): Identities {
  const sessions = new Map<string, Session>();
  return {
    callerOf(headers) {
      const match = CREDENTIAL.exec(headers["authorization"] ?? "");
      const [, accessKeyId = "", region = "", service = ""] = match ?? [];
      if (match === null) throw badCredentials();
      const session = sessions.get(accessKeyId);
      if (session === undefined) {
        if (accessKeyId.startsWith("ASIA") && accountOf(accessKeyId) === undefined) throw badCredentials();
        return { account: accountOf(accessKeyId) ?? DEFAULT_ACCOUNT, region, service };
      }
      if (headers["x-amz-security-token"] !== session.token) throw badCredentials();
      if (clock.nowMs() >= session.expiresMs) throw new ApiError("RequestExpired", "Request has expired.");
      return { account: session.account, region, service };
    },
    open(account, expiresMs) {
      const number = String(sessions.size + 1).padStart(16, "0");
      const accessKeyId = `ASIA${number}`;
      sessions.set(accessKeyId, { account, token: `session-token-${number}`, expiresMs });
      return { accessKeyId, secretAccessKey: `secret-${number}`, sessionToken: `session-token-${number}`, expiresMs };
    },
  };
}
