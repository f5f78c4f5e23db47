import * as z from "zod/mini";
import { redacted } from "../domain/redact.ts";

/** The managed identity's local endpoint, as the platform gives it to every function app that has an identity. */
export type IdentityEndpoint = {
  readonly endpoint: URL;
  /** Proves that the caller runs in this app. */
  readonly header: string;
  /** Of a user-assigned identity; the app's own without. */
  readonly clientId?: string;
};

const Found = z.object({ access_token: z.string().check(z.minLength(1)) });
const apiVersion = "2019-08-01";

/**
 * Tokens of the function app's managed identity for `audience`, the App ID URI of an application in Entra, signed
 * by the tenant. Throws an Error that says what to do, without the token or the header.
 * Source: Microsoft, "How to use managed identities for App Service and Azure Functions" (REST endpoint reference).
 */
export function azureIdentityToken(
  { endpoint, header, clientId }: IdentityEndpoint,
  audience: string,
  send: typeof fetch = fetch,
): (signal: AbortSignal) => Promise<string> {
  const address = new URL(endpoint);
  address.searchParams.set("api-version", apiVersion);
  address.searchParams.set("resource", audience);
  if (clientId !== undefined) address.searchParams.set("client_id", clientId);
  return async (signal) => {
    const response = await send(address, { headers: { "x-identity-header": header }, signal });
    const text = await response.text();
    const found = z.safeParse(Found, parseJson(text));
    if (response.ok && found.success) return found.data.access_token;
    const reason = response.ok
      ? "the answer holds no token"
      : redacted(text.slice(0, 300).replaceAll(header, "[hidden]"));
    throw new Error(
      `azure: the managed identity got no token for ${audience} (HTTP ${response.status}: ${reason}): see that the app has an identity, and that POINTSMAN_AWS_AUDIENCE is the App ID URI of an application in the same tenant`,
    );
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
