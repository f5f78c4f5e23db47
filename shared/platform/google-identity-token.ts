import type { GoogleMetadata } from "./google-metadata.ts";

/**
 * Identity tokens of the function's own service account, signed by Google for `audience`: what a role in AWS is entered with.
 * The metadata server keeps them, and gives one that is good for at least some minutes. Throws what `metadata` throws.
 *
 * AWS knows the issuer accounts.google.com by itself. In a trust policy its condition key `accounts.google.com:aud` holds the
 * token's `azp`, which for a service account is its numeric id, as `:sub` does; the audience stands in `accounts.google.com:oaud`.
 */
export function googleIdentityToken(
  metadata: GoogleMetadata,
  audience: string,
): (signal: AbortSignal) => Promise<string> {
  return (signal) => metadata("identity", { audience, format: "full" }, signal);
}
