import { type Bits, bitsOf } from "../../shared/domain/bits.ts";
import type { HostReport } from "../../shared/domain/host-report.ts";
import { limits } from "../../shared/domain/limits.ts";
import type { Link } from "../../shared/domain/network.ts";
import type { AuthHeaders, HeartbeatBody } from "../../shared/protocol/request.ts";
import type { Ordinals } from "./network-cache.ts";

/**
 * A heartbeat in the words of the domain. Time is the signed header's; hosts and locations that are not known are
 * dropped, and so is the key of a protocol that the link does not speak.
 */
export function reportOf(
  auth: AuthHeaders,
  body: HeartbeatBody,
  ordinals: Ordinals,
  protocol: Link["protocol"],
): HostReport {
  const checks = Object.entries(body.hosts ?? {});
  const latencies = checks.map(([, check]) => (check.state ? check.latency / 1_000 : limits.hostCheckMs));
  return {
    agentTimeS: auth.agentTimeS,
    nonce: auth.nonce,
    version: body.version,
    publicAddress: body.public_address,
    localAddress: body.local_address,
    address6: body.address6,
    wgPublicKey: protocol === "wg" ? body.wg_public_key : "",
    checked: toBits(
      checks.map(([id]) => id),
      ordinals.hosts,
    ),
    reached: toBits(
      checks.filter(([, check]) => check.state).map(([id]) => id),
      ordinals.hosts,
    ),
    checkMs: Math.max(0, ...latencies),
    up: toBits(
      Object.entries(body.status ?? {})
        .filter(([, state]) => state === "connected")
        .map(([id]) => id),
      ordinals.locations,
    ),
  };
}

function toBits(ids: readonly string[], ordinals: ReadonlyMap<string, number>): Bits {
  const members: number[] = [];
  for (const id of ids) {
    const ordinal = ordinals.get(id);
    if (ordinal !== undefined) members.push(ordinal);
  }
  return bitsOf(members);
}
