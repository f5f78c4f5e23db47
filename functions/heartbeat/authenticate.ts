import type { HostPlace } from "../../shared/domain/network.ts";
import { hostSecret } from "../../shared/protocol/keys.ts";
import type { AuthHeaders } from "../../shared/protocol/request.ts";
import { isSigned } from "../../shared/protocol/signature.ts";
import type { CachedNetwork, NetworkCache } from "./network-cache.ts";

/** Who sent a request, and the secret it was signed with: the answer is sealed with the same. */
export type Sender = {
  readonly place: HostPlace;
  readonly secret: string;
  readonly cached: CachedNetwork;
  readonly masterKey: Uint8Array;
};

type Method = "PUT" | "DELETE";

export type Authenticator = {
  /** Who sent a request, by the configuration at hand or a newer one; undefined for nobody that is known. */
  sender(auth: AuthHeaders, method: Method, nowMs: number): Promise<Sender | undefined>;
  /** Who sent a request by a certain configuration. */
  by(cached: CachedNetwork, auth: AuthHeaders, method: Method, nowMs: number): Promise<Sender | undefined>;
};

/** Stands in for the host of an unknown id, so that it costs the same time as a known one. */
const nobody = "nobody";
const keepSecrets = 10_000;

/**
 * Checks a request's signature against the host's secret, and for a grace time after a rotation against the one
 * before. An unknown host and a wrong signature are not told apart: the same work, one read, no write.
 */
export function authenticator(networks: NetworkCache, readKey: () => Promise<Uint8Array>): Authenticator {
  /** By host, then by generation. */
  const secrets = new Map<string, Map<number, string>>();
  const secretOf = (key: Uint8Array, hostId: string, generation: number): string => {
    const ofHost = secrets.get(hostId) ?? new Map<number, string>();
    const known = ofHost.get(generation);
    if (known !== undefined) return known;
    const secret = hostSecret(key, hostId, generation);
    if (secrets.size >= keepSecrets) secrets.clear();
    secrets.set(hostId, ofHost.set(generation, secret));
    return secret;
  };
  let heldKey: Uint8Array | undefined;

  const verify = (
    cached: CachedNetwork,
    masterKey: Uint8Array,
    auth: AuthHeaders,
    method: Method,
    nowMs: number,
  ): Sender | undefined => {
    const place = cached.hosts.get(auth.hostId);
    const known = place === undefined || place.host.static ? undefined : place;
    const { hostId, timestamp, nonce } = auth;
    const parts = { hostId, timestamp, nonce, method };
    const generation = known?.host.secretGeneration ?? 1;
    const secret = secretOf(masterKey, known?.host.id ?? nobody, generation);
    if (isSigned(parts, secret, auth.signature) && known !== undefined) {
      return { place: known, secret, cached, masterKey };
    }
    if (known === undefined || generation === 1 || nowMs >= known.host.previousSecretUntilMs) return undefined;
    const previous = secretOf(masterKey, known.host.id, generation - 1);
    return isSigned(parts, previous, auth.signature)
      ? { place: known, secret: previous, cached, masterKey }
      : undefined;
  };

  return {
    async sender(auth, method, nowMs) {
      // No snapshot of the link is read for a good-bye, that would tell of a newer configuration.
      const known = method === "DELETE" ? networks.refresh() : networks.get();
      // A container's first heartbeat reads both at once.
      const [cached, key] = heldKey === undefined ? await Promise.all([known, readKey()]) : [await known, heldKey];
      heldKey = key;
      const sender = verify(cached, key, auth, method, nowMs);
      if (sender !== undefined) return sender;
      const fresh = await networks.refresh();
      return fresh === cached ? undefined : verify(fresh, key, auth, method, nowMs);
    },
    by: async (cached, auth, method, nowMs) => verify(cached, await readKey(), auth, method, nowMs),
  };
}
