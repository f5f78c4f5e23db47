import { AwsClient, GoogleAuth } from "google-auth-library";
import type { GcpCloud } from "../../domain/clouds/gcp.ts";

/** In whose name calls are made. */
export type Authority = {
  /** Headers that show it; a token is kept until shortly before its end. */
  headers(): Promise<Readonly<Record<string, string>>>;
  /** Gets a new token the next time. */
  forget(): void;
};

type TokenClient = {
  getRequestHeaders(): Promise<Headers>;
  setCredentials(credentials: Record<string, never>): void;
};

/** Where tokens come from; the two services of Google when left out. */
export type TokenUrls = { readonly exchange: string; readonly impersonation: string };

const GOOGLE: TokenUrls = {
  exchange: "https://sts.googleapis.com/v1/token",
  impersonation: "https://iamcredentials.googleapis.com",
};

const SCOPES = ["https://www.googleapis.com/auth/compute"];

/** Nobody: for an emulator, which asks for no token. */
export const anonymous: Authority = { headers: async () => ({}), forget: () => undefined };

/**
 * The identity of a location. With workload identity federation, the AWS credentials of the environment (in a Lambda,
 * those of its role) are exchanged for a token, by which a service account may be impersonated; no secret of Google's is
 * stored. Without, application default credentials. Errors are those of Google's library.
 */
export function authorityOf(
  identity: GcpCloud["identity"],
  urls: TokenUrls = GOOGLE,
  scopes: readonly string[] = SCOPES,
): Authority {
  let client: Promise<TokenClient> | null = null;
  const open = async (): Promise<TokenClient> =>
    identity === undefined ? new GoogleAuth({ scopes: [...scopes] }).getClient() : federated(identity, urls, scopes);
  return {
    async headers() {
      client ??= open();
      try {
        const headers = await (await client).getRequestHeaders();
        return Object.fromEntries(headers.entries());
      } catch (error) {
        client = null;
        throw error;
      }
    },
    forget() {
      client = null;
    },
  };
}

function federated(
  { audience, serviceAccount }: NonNullable<GcpCloud["identity"]>,
  urls: TokenUrls,
  scopes: readonly string[],
): TokenClient {
  return new AwsClient({
    type: "external_account",
    audience,
    subject_token_type: "urn:ietf:params:aws:token-type:aws4_request",
    token_url: urls.exchange,
    scopes: [...scopes],
    ...(serviceAccount !== undefined && {
      service_account_impersonation_url: `${urls.impersonation}/v1/projects/-/serviceAccounts/${serviceAccount}:generateAccessToken`,
    }),
    credential_source: {
      environment_id: "aws1",
      regional_cred_verification_url: "https://sts.{region}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15",
    },
  });
}
