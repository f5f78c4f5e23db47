import type { Clock } from "../../../shared/ports/clock.ts";

type Answer = { readonly status: number; readonly body: Readonly<Record<string, unknown>> };

/** Google's Security Token Service, and the part of IAM that lends the tokens of a service account. */
export type Tokens = {
  /** Answers a request to either; undefined when it is for neither. */
  answer(method: string, path: string, authorization: string, body: string): Answer | undefined;
  /** Whether a token may call the Compute API. */
  isGood(authorization: string): boolean;
  /** Ends all tokens, as when the account's access is withdrawn. */
  revoke(): void;
  /** From now on every exchange is refused. */
  refuse(): void;
};

const LIFETIME_S = 3_600;
const EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";
const AWS_REQUEST = "urn:ietf:params:aws:token-type:aws4_request";

/** Tokens that were given out so far: none. */
export function tokens(clock: Clock): Tokens {
  const known = new Map<string, { readonly endsMs: number; readonly kind: "federated" | "account" }>();
  let count = 0;
  let isRefusing = false;

  const give = (kind: "federated" | "account"): string => {
    count++;
    const token = `${kind}-${count}`;
    known.set(token, { endsMs: clock.nowMs() + LIFETIME_S * 1_000, kind });
    return token;
  };
  const held = (authorization: string) => {
    const found = known.get(authorization.replace(/^Bearer /, ""));
    return found !== undefined && found.endsMs > clock.nowMs() ? found : undefined;
  };

  const exchange = (body: string): Answer => {
    const form = new URLSearchParams(body);
    const refuse = (why: string): Answer => ({
      status: 400,
      body: { error: "invalid_grant", error_description: why },
    });
    if (isRefusing) return refuse("The given credential is rejected by the attribute condition.");
    if (form.get("grant_type") !== EXCHANGE) return refuse("unsupported grant type");
    if (form.get("subject_token_type") !== AWS_REQUEST) return refuse("unsupported subject token type");
    if (!form.get("audience")?.startsWith("//iam.googleapis.com/projects/"))
      return refuse("Invalid value for audience");
    if (!isSignedRequest(form.get("subject_token") ?? "")) return refuse("The AWS request is not signed");
    return {
      status: 200,
      body: {
        access_token: give("federated"),
        issued_token_type: "urn:ietf:params:oauth:token-type:access_token",
        token_type: "Bearer",
        expires_in: LIFETIME_S,
      },
    };
  };
  const impersonate = (authorization: string): Answer => {
    if (held(authorization)?.kind !== "federated") return { status: 403, body: { error: { code: 403 } } };
    const expireTime = new Date(clock.nowMs() + LIFETIME_S * 1_000).toISOString();
    return { status: 200, body: { accessToken: give("account"), expireTime } };
  };

  return {
    answer(method, path, authorization, body) {
      if (method === "POST" && path === "/v1/token") return exchange(body);
      const isAccount = /^\/v1\/projects\/-\/serviceAccounts\/[^/]+:generateAccessToken$/.test(path);
      return method === "POST" && isAccount ? impersonate(authorization) : undefined;
    },
    isGood: (authorization) => held(authorization) !== undefined,
    revoke: () => known.clear(),
    refuse() {
      isRefusing = true;
    },
  };
}

/** The subject token is a request to AWS that is signed and not sent: whoever holds it may ask AWS who signed it. */
function isSignedRequest(token: string): boolean {
  try {
    const given: unknown = JSON.parse(decodeURIComponent(token));
    const request = given as { url?: string; method?: string; headers?: { key: string; value: string }[] };
    const signature = request.headers?.find(({ key }) => key.toLowerCase() === "authorization")?.value ?? "";
    return request.url?.includes("Action=GetCallerIdentity") === true && signature.startsWith("AWS4-HMAC-SHA256");
  } catch {
    return false;
  }
}
