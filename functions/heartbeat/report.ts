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
  const { checked, reached, checkMs } = checksOf(body.hosts, ordinals.hosts);
  return {
    agentTimeS: auth.agentTimeS,
    nonce: auth.nonce,
    version: body.version,
    publicAddress: body.public_address,
    localAddress: body.local_address,
    address6: body.address6,
    wgPublicKey: protocol === "wg" ? body.wg_public_key : "",
    checked,
    reached,
    checkMs,
    up: connectedOf(body.status, ordinals.locations),
  };
}

/** Who was checked, who answered, and how long the slowest check took, also of a host that is not known. */
function checksOf(checks: HeartbeatBody["hosts"], ordinals: ReadonlyMap<string, number>) {
  const checked: number[] = [];
  const reached: number[] = [];
  let checkMs = 0;
  for (const id in checks) {
    const check = checks[id];
    if (check === undefined) continue;
    checkMs = Math.max(checkMs, check.state ? check.latency / 1_000 : limits.hostCheckMs);
    const ordinal = ordinals.get(id);
    if (ordinal === undefined) continue;
    checked.push(ordinal);
    if (check.state) reached.push(ordinal);
  }
  return { checked: bitsOf(checked), reached: bitsOf(reached), checkMs };
}

function connectedOf(status: HeartbeatBody["status"], ordinals: ReadonlyMap<string, number>): Bits {
  const connected: number[] = [];
  for (const id in status) {
    const ordinal = status[id] === "connected" ? ordinals.get(id) : undefined;
    if (ordinal !== undefined) connected.push(ordinal);
  }
  return bitsOf(connected);
}
