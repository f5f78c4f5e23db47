import { type Bits, hasBit, intersectBits, isEmpty, membersOf, noBits, sameBits, unionBits } from "./bits.ts";
import { type Credit, endsLeave, type SignedTime } from "./crediting.ts";
import { limits } from "./limits.ts";
import type { Host } from "./network.ts";
import type { HostRecord } from "./records.ts";

/** What a heartbeat says, in the words of the domain: ids are ordinals of the link, unknown ones are dropped. */
export type HostReport = SignedTime & {
  readonly nonce: string;
  readonly version: string;
  readonly publicAddress: string;
  readonly localAddress: string;
  readonly address6: string;
  readonly wgPublicKey: string;
  /** Ordinals of the hosts that its host check reached. */
  readonly reached: Bits;
  /** Ordinals of the hosts that it checked at all. */
  readonly checked: Bits;
  /** How long its host checks took: the time-out of a check when one was not answered. ms */
  readonly checkMs: number;
  /** Ordinals of the locations that it has a connected tunnel with. */
  readonly up: Bits;
};

/** What a host is in its location. `peers`: ordinals of the locations that it holds tunnels with while it is active. */
export type Role = { readonly isActive: boolean; readonly epoch: number; readonly peers: Bits };

/**
 * The record after a credited heartbeat, and whether it holds news: something an election uses changed, so that it has
 * to be persisted at once. Latency is never news.
 */
export function applyReport(
  host: Host,
  prior: HostRecord | undefined,
  report: HostReport,
  credit: Extract<Credit, { kind: "credited" }>,
  role: Role,
  nowMs: number,
): { readonly record: HostRecord; readonly isNews: boolean } {
  const left = prior?.left != null && !endsLeave(prior.left, report, nowMs) ? prior.left : null;
  const isBack = prior === undefined || (prior.left !== null && left === null) || isGap(host, prior, credit.lastSeenMs);
  const reach = nextSamples(prior, report);
  const tunnels = nextTunnels(prior?.tunnels, report.up, role, nowMs);
  const record: HostRecord = {
    hostId: host.id,
    lastSeenMs: credit.lastSeenMs,
    agentTimeS: credit.agentTimeS,
    anchor: credit.anchor,
    nonce: report.nonce,
    upSinceMs: isBack ? credit.lastSeenMs : prior.upSinceMs,
    left,
    version: report.version,
    publicAddress: report.publicAddress,
    localAddress: report.localAddress,
    address6: report.address6,
    wgPublicKey: report.wgPublicKey,
    intervalMs: limits.agentSleepMs + Math.min(report.checkMs, limits.hostCheckMs),
    reach,
    lost: nextLost(prior, reach[0] ?? noBits, report.checked, nowMs),
    tunnels,
  };
  return { record, isNews: isBack || credit.isReanchored || prior === undefined || hasNews(prior, record, nowMs) };
}

/** How long a record without news may stay unwritten, so that silence is never over-counted by more than a sixth. ms */
export function persistEveryMs(host: Host): number {
  return Math.min(host.timeoutMs / 6, limits.persistMs);
}

function isGap(host: Host, prior: HostRecord, lastSeenMs: number): boolean {
  return lastSeenMs - prior.lastSeenMs > host.timeoutMs || prior.lastSeenMs > lastSeenMs + limits.clockSkewMs;
}

function hasNews(prior: HostRecord, next: HostRecord, nowMs: number): boolean {
  return (
    prior.lastSeenMs > nowMs + limits.clockSkewMs ||
    prior.left !== next.left ||
    prior.version !== next.version ||
    prior.publicAddress !== next.publicAddress ||
    prior.localAddress !== next.localAddress ||
    prior.address6 !== next.address6 ||
    prior.wgPublicKey !== next.wgPublicKey ||
    prior.reach.length !== next.reach.length ||
    prior.reach.some((sample, at) => !sameBits(sample, next.reach[at] ?? noBits)) ||
    prior.tunnels.epoch !== next.tunnels.epoch ||
    !sameBits(prior.tunnels.up, next.tunnels.up) ||
    !sameBits(prior.tunnels.ever, next.tunnels.ever)
  );
}

/**
 * Samples are kept newest first. Equal heartbeats change nothing once all samples are equal; until then each one
 * shifts in, which is news, so that hysteresis counts heartbeats and not writes. A copy of the newest heartbeat, that
 * came through another endpoint, is no sample of its own.
 */
function nextSamples(prior: HostRecord | undefined, report: HostReport): Bits[] {
  if (isEmpty(report.checked)) return [];
  const isCopy = prior?.agentTimeS === report.agentTimeS;
  const before = prior?.reach.slice(isCopy ? 1 : 0) ?? [];
  return [report.reached, ...before].slice(0, limits.reachSamples);
}

function nextLost(prior: HostRecord | undefined, reached: Bits, checked: Bits, nowMs: number): Record<string, number> {
  const lost: Record<string, number> = {};
  const before = prior?.reach[0] ?? noBits;
  if (!sameBits(before, reached)) {
    for (const ordinal of membersOf(before)) {
      if (!hasBit(reached, ordinal) && hasBit(checked, ordinal)) lost[ordinal] = nowMs;
    }
  }
  const known = prior?.lost;
  for (const ordinal in known) {
    const sinceMs = known[ordinal] ?? 0;
    if (!hasBit(reached, Number(ordinal)) && nowMs - sinceMs <= limits.reachedWithinMs) lost[ordinal] = sinceMs;
  }
  return lost;
}

function nextTunnels(
  prior: HostRecord["tunnels"] | undefined,
  up: Bits,
  role: Role,
  nowMs: number,
): HostRecord["tunnels"] {
  if (!role.isActive) return { up, ever: noBits, epoch: 0, down: {} };
  const isSameEpoch = prior?.epoch === role.epoch;
  const ever = intersectBits(unionBits(isSameEpoch ? prior.ever : noBits, up), role.peers);
  const down: Record<string, number> = {};
  if (sameBits(ever, up)) return { up, ever, epoch: role.epoch, down };
  for (const ordinal of membersOf(ever)) {
    if (!hasBit(up, ordinal)) down[ordinal] = (isSameEpoch ? prior.down[ordinal] : undefined) ?? nowMs;
  }
  return { up, ever, epoch: role.epoch, down };
}

/** The record of a host that says good-bye; undefined when the same good-bye is on record. */
export function applyLeave(prior: HostRecord, time: SignedTime, nonce: string, nowMs: number): HostRecord | undefined {
  if (prior.left !== null && prior.left.agentTimeS >= time.agentTimeS) return undefined;
  return { ...prior, nonce, left: { agentTimeS: time.agentTimeS, atMs: prior.left?.atMs ?? nowMs } };
}
