import { type EmulatorServer, type HttpAnswer, type HttpRequest, serveEmulator } from "../common/http-server.ts";

type Options = {
  /** An identity token for an audience. */
  readonly identity: (audience: string) => string;
  /** Answers a request instead, such as with a fault; undefined to let it through. */
  readonly intercept?: (path: string) => HttpAnswer | undefined;
};

const base = "/computeMetadata/v1/instance/service-accounts/default/";
const flavor = { "metadata-flavor": "Google" };

/** Life of an access token. s */
const lifeS = 3_599;

/**
 * Serves the metadata server's tokens of an instance's service account on 127.0.0.1. Like the real one it answers 403 to whom the
 * header `Metadata-Flavor: Google` is missing, 404 to what it does not know, and 400 to an identity token without an audience.
 */
export function serveGoogleMetadata(options: Options, port = 0): Promise<EmulatorServer> {
  let tokens = 0;
  return serveEmulator(async (request) => {
    const { pathname, searchParams } = new URL(request.path, "http://metadata.google.internal");
    const instead = options.intercept?.(pathname);
    if (instead !== undefined) return instead;
    if (!isAsked(request)) return text(403, "Missing Metadata-Flavor:Google header.");
    if (request.method !== "GET" || !pathname.startsWith(base)) return text(404, "Not Found");
    switch (pathname.slice(base.length)) {
      case "token": {
        const token = { access_token: `access-token-${++tokens}`, expires_in: lifeS, token_type: "Bearer" };
        return { status: 200, headers: { ...flavor, "content-type": "application/json" }, body: JSON.stringify(token) };
      }
      case "identity": {
        const audience = searchParams.get("audience") ?? "";
        return audience === ""
          ? text(400, "non-empty audience parameter required")
          : text(200, options.identity(audience));
      }
      default:
        return text(404, "Not Found");
    }
  }, port);
}

const isAsked = (request: HttpRequest): boolean => request.headers["metadata-flavor"] === "Google";

function text(status: number, body: string): HttpAnswer {
  return { status, headers: { ...flavor, "content-type": "application/text" }, body };
}

/** Stands for a token that Google signs for a service account: the claims that AWS looks at, and no signature. */
export function unsignedIdentityToken(account: string, audience: string): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = { iss: "https://accounts.google.com", aud: audience, azp: account, sub: account };
  return `${part({ alg: "none", typ: "JWT" })}.${part(claims)}.`;
}
