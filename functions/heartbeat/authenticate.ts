import type { HostPlace } from "../../shared/domain/network.ts";
import { hostSecret } from "../../shared/protocol/keys.ts";
import type { AuthHeaders } from "../../shared/protocol/request.ts";
import { isSigned } from "../../shared/protocol/signature.ts";
import type { CachedNetwork, NetworkCache } from "./network-cache.ts";

/** Who sent a request, and the secret it was signed with: the answer is sealed with the same. */
export type Sender = { readonly place: HostPlace; readonly secret: string; readonly cached: CachedNetwork };

export type Authenticate = (auth: AuthHeaders, method: "PUT" | "DELETE", nowMs: number) => Promise<Sender | undefined>;

/** Stands in for the host of an unknown id, so that it costs the same time as a known one. */
const nobody = "nobody";
const keepSecrets = 10_000;

/**
 * Checks a request's signature against the host's secret, and for a grace time after a rotation against the one
 * before. An unknown host and a wrong signature are not told apart: the same work, one read, no write.
 */
export function authenticator(networks: NetworkCache, masterKey: () => Promise<Uint8Array>): Authenticate {
  const secrets = new Map<string, string>();
  const secretOf = (key: Uint8Array, hostId: string, generation: number): string => {
    const name = `${hostId}/${generation}`;
    const known = secrets.get(name);
    if (known !== undefined) return known;
    const secret = hostSecret(key, hostId, generation);
    if (secrets.size >= keepSecrets) secrets.clear();
    if (hostId !== nobody) secrets.set(name, secret);
    return secret;
  };

  const verify = (
    cached: CachedNetwork,
    key: Uint8Array,
    auth: AuthHeaders,
    method: "PUT" | "DELETE",
    nowMs: number,
  ): Sender | undefined => {
    const place = cached.hosts.get(auth.hostId);
    const known = place === undefined || place.host.static ? undefined : place;
    const parts = { ...auth, method };
    const generation = known?.host.secretGeneration ?? 1;
    const secret = secretOf(key, known?.host.id ?? nobody, generation);
    if (isSigned(parts, secret, auth.signature) && known !== undefined) return { place: known, secret, cached };
    if (known === undefined || generation === 1 || nowMs >= known.host.previousSecretUntilMs) return undefined;
    const previous = secretOf(key, known.host.id, generation - 1);
    return isSigned(parts, previous, auth.signature) ? { place: known, secret: previous, cached } : undefined;
  };

  return async (auth, method, nowMs) => {
    const [cached, key] = await Promise.all([networks.get(), masterKey()]);
    const sender = verify(cached, key, auth, method, nowMs);
    if (sender !== undefined) return sender;
    const fresh = await networks.refresh();
    return fresh === cached ? undefined : verify(fresh, key, auth, method, nowMs);
  };
}
